"""What is known of a district when a batch of records is looked at: all that resolving needs.

Gathered in a few look-ups for the whole batch; nothing in here looks anything up.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from services.evidence.domain.aliases import Alias
from services.evidence.domain.references import CompetencyReference, Reference
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.domain.texts import IDENTIFIER


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownLearner:
    """For whom a learner's evidence counts, and the time zone of that learner's school.

    learner_id: the learner's own, or that of the one with whom they were merged.
    """

    learner_id: str
    zone: tzinfo


ItemKey = tuple[str, str]
"""Source and the item's key in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a batch is checked against.

    sources: those that the sender may speak for. learners: by learner id. competencies: by id, the
    id for which evidence counts (its own, or its successor's). aliases: what each reference to a
    learner has meant, and when. references: the ids that each reference to a competency may mean.
    items: the alignments of items. The two times bound when the work can have been done.
    district_namespace: 16 bytes under which the district's evidence ids lie.
    """

    district: str
    district_namespace: bytes
    sources: Container[str]
    learners: Mapping[str, KnownLearner]
    competencies: Mapping[str, str]
    earliest_micros: int
    latest_micros: int
    aliases: Mapping[Reference, Sequence[Alias]] = field(default_factory=dict)
    references: Mapping[CompetencyReference, Collection[str]] = field(default_factory=dict)
    items: Mapping[ItemKey, ItemAlignment] = field(default_factory=dict)


def learner_prefix(district: str) -> str:
    """Return what the resource name of each learner of a district begins with."""
    return f"districts/{district}/learners/"


def competency_prefix(district: str) -> str:
    """Return what the resource name of each competency of a district begins with."""
    return f"districts/{district}/competencies/"


def ids_after(prefix: str, names: Sequence[str]) -> set[str]:
    """Return the well-formed ids of those resource names that begin with the prefix."""
    start = len(prefix)
    ids = {name[start:] for name in names if name.startswith(prefix)}
    return {one for one in ids if IDENTIFIER.fullmatch(one)}
