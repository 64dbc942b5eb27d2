"""Who and what a district knows: the look-ups that intake makes for each batch.

Implemented beside the roster and the frameworks, on the connection of the running transaction, so
that what is found is what stands when the batch commits.
"""

from collections.abc import Collection, Mapping
from typing import Protocol


class Directory(Protocol):
    """Look-ups by id, bounded by the size of a batch; unknown ids are simply absent."""

    async def learners(self, district: str, learner_ids: Collection[str]) -> Mapping[str, str]:
        """Return the IANA time zone of the school of each known learner, by learner id."""
        ...

    async def competencies(self, district: str, competency_ids: Collection[str]) -> Collection[str]:
        """Return those of the ids that are competencies of the district (a set)."""
        ...
