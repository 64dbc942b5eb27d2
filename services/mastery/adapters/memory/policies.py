"""The versions of districts' policies in memory: the twin of `adapters.postgres.policies`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from services.mastery.adapters.memory.state import MemoryState
from services.mastery.domain.policies import PolicyVersion, in_force


class MemoryPolicies:
    """Opens stores of one district's versions; nothing else runs while one is open."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    @asynccontextmanager
    async def reading(self, district: str) -> AsyncIterator[MemoryPolicyStore]:
        """Open a store to read from."""
        yield MemoryPolicyStore(self._state)

    @asynccontextmanager
    async def changing(self, district: str) -> AsyncIterator[MemoryPolicyStore]:
        """Open a store to add to."""
        yield MemoryPolicyStore(self._state)


class MemoryPolicyStore:
    """The versions in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def in_force(self, district: str, *, at_us: int) -> PolicyVersion | None:
        """Return the version in force at a time, None for the default policy."""
        return in_force(self._state.policies.get(district, ()), at_us=at_us)

    async def get(self, district: str, version: int) -> PolicyVersion | None:
        """Return a version, None where there is no such one."""
        versions = self._state.policies.get(district, [])
        return next((one for one in versions if one.version == version), None)

    async def newest(
        self, district: str, *, before: int | None, limit: int
    ) -> Sequence[PolicyVersion]:
        """Return versions below `before` (None: all), the newest first, at most `limit`."""
        versions = self._state.policies.get(district, [])
        return [one for one in versions[::-1] if before is None or one.version < before][:limit]

    async def add(self, district: str, version: PolicyVersion) -> None:
        """Keep one more version, whose number is one above the newest."""
        versions = self._state.policies.setdefault(district, [])
        assert version.version == len(versions) + 1
        versions.append(version)
