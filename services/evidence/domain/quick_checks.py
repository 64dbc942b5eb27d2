"""Quick checks of the scheduler as evidence: a note from 1 to 4 in a session is an observation.

One quick check is one observation under its name, whatever becomes of it: a correction is its next
version, a withdrawal retracts it. It must not know how the facts come.
"""

from dataclasses import dataclass
from typing import Final

from services.evidence.domain.model import Kind, Purpose, Record

SOURCE: Final = "trellis-scheduler"
"""The source of what is observed in sessions; no credential of another system has it."""

WHOLE_MILLI: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class QuickCheckNoted:
    """A quick check as it stands. level_milli: 1000 to 4000. show_time: (seconds, nanoseconds).

    name: its resource name without the district. event_id: of this version, the same each time.
    """

    district: str
    name: str
    event_id: str
    version: int
    learner: str
    competency: str
    level_milli: int
    show_time: tuple[int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class QuickCheckGone:
    """A quick check that was withdrawn; fields as above."""

    district: str
    name: str
    event_id: str
    version: int


QuickCheckFact = QuickCheckNoted | QuickCheckGone


def record_of(fact: QuickCheckNoted) -> Record:
    """Return the record that a quick check is; its size is not known, and small."""
    return Record(
        size_bytes=0,
        event_id=fact.event_id,
        source=SOURCE,
        entity_id=fact.name,
        version=fact.version,
        learner=fact.learner,
        occur_time=fact.show_time,
        alignments=((fact.competency, WHOLE_MILLI),),
        points=None,
        level_milli=fact.level_milli,
        purpose=Purpose.FORMATIVE,
        kind=Kind.OBSERVATION,
        dok=0,
        timed=False,
        item="",
        assessment="",
        assessment_items_on_competency=0,
        artefact="",
    )
