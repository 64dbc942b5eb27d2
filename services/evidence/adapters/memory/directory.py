"""Who and what a district knows, looked up in memory."""

from collections.abc import Collection, Mapping

from services.evidence.adapters.memory.entities import MemoryEntities
from services.evidence.domain.framework import COMPETENCIES
from services.evidence.domain.roster import LEARNERS, SCHOOLS


class MemoryDirectory:
    """Look-ups by id; the port `Directory`."""

    def __init__(self, entities: MemoryEntities) -> None:
        self._entities = entities

    async def learners(self, district: str, learner_ids: Collection[str]) -> Mapping[str, str]:
        """Return the IANA time zone of the school of each known learner, by learner id."""
        async with self._entities.snapshot(district) as state:
            known, schools = state.kinds[LEARNERS], state.kinds[SCHOOLS]
            return {
                one: schools[known[one].school_id].time_zone for one in learner_ids if one in known
            }

    async def competencies(self, district: str, competency_ids: Collection[str]) -> Collection[str]:
        """Return those of the ids that are competencies of the district."""
        async with self._entities.snapshot(district) as state:
            return set(competency_ids) & state.kinds[COMPETENCIES].keys()
