"""Who and what a district knows: the look-ups that intake makes for each batch.

Implemented beside the roster and the frameworks, on the connection of the running transaction, so
that what is found is what stands when the batch commits.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from services.evidence.domain.aliases import Alias
from services.evidence.domain.known import ItemKey
from services.evidence.domain.references import CompetencyReference, Reference
from services.evidence.domain.source_object import ItemAlignment


class Directory(Protocol):
    """Look-ups by id, bounded by the size of a batch; unknown ids are simply absent."""

    async def learners(
        self, district: str, learner_ids: Collection[str]
    ) -> Mapping[str, tuple[str, str]]:
        """Return, by learner id, for which learner it counts, and the zone of that one's school.

        The two ids differ where learners were merged. The zone is an IANA name.
        """
        ...

    async def aliases(
        self, district: str, references: Collection[Reference]
    ) -> Mapping[Reference, Sequence[Alias]]:
        """Return every span in which each reference means, or has meant, a learner."""
        ...

    async def competencies(
        self, district: str, competency_ids: Collection[str]
    ) -> Mapping[str, str]:
        """Return, by competency id, for which competency its evidence counts: mostly itself."""
        ...

    async def meanings(
        self, district: str, references: Collection[CompetencyReference]
    ) -> Mapping[CompetencyReference, Collection[str]]:
        """Return the ids of the competencies that each reference may mean, as evidence counts."""
        ...

    async def items(
        self, district: str, items: Collection[ItemKey]
    ) -> Mapping[ItemKey, ItemAlignment]:
        """Return the alignments of items."""
        ...
