"""Settings of schools in memory: one class for every kind."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar

from services.scheduler.domain.resources import Setting
from services.scheduler.domain.school import KeepRule

S = TypeVar("S", bound=Setting)


class MemorySettings(Generic[S]):
    """The settings of one kind in one district."""

    def __init__(self, kept: dict[tuple[str, str], S]) -> None:
        self._kept = kept

    async def standing(self, school_id: str, ids: Collection[str]) -> Mapping[str, S]:
        """Return those of the ids that the school has, by id."""
        return {one: self._kept[school_id, one] for one in ids if (school_id, one) in self._kept}

    async def page(self, school_id: str, *, after: str, limit: int) -> Sequence[S]:
        """Return up to `limit` settings with an id above `after`, by id."""
        return [one for one in self.own(school_id) if one.id > after][:limit]

    async def all(self, school_id: str) -> Sequence[S]:
        """Return every setting of the school, by id."""
        return self.own(school_id)

    def own(self, school_id: str) -> Sequence[S]:
        """Return every setting of the school as it was kept, by id."""
        own = [one for (school, _), one in self._kept.items() if school == school_id]
        return sorted(own, key=lambda one: one.id)

    async def keep(self, changed: Sequence[S], change_time: datetime) -> None:
        """Keep the settings as they are given."""
        self._kept.update({(one.school_id, one.id): one for one in changed})

    async def remove(self, school_id: str, setting_id: str) -> bool:
        """Remove one; return whether it was there."""
        return self._kept.pop((school_id, setting_id), None) is not None


class MemoryKeepRules(MemorySettings[KeepRule]):
    """The keep rules of one district."""

    async def all(self, school_id: str) -> Sequence[KeepRule]:
        """Return every rule of the school as a plan run reads it: without who set it and why."""
        return [replace(one, reason="", set_by="") for one in self.own(school_id)]
