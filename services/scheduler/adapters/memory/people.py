"""What schools have set for learners, in memory."""

from collections.abc import Sequence

from services.scheduler.adapters.memory.settings import MemorySettings
from services.scheduler.domain.learner_settings import LearnerSetting


class MemoryLearnerBook(MemorySettings[LearnerSetting]):
    """The settings of learners in one district."""

    async def named_by(self, school_id: str, adult_id: str) -> Sequence[str]:
        """Return the ids of the learners whose named adult somebody is, by id."""
        return [one.id for one in await self.all(school_id) if one.named_adult_id == adult_id]

    async def of_family(self, school_id: str, family_id: str) -> Sequence[str]:
        """Return the ids of the learners that a family acts for, by id."""
        return [one.id for one in await self.all(school_id) if family_id in one.family_ids]
