"""The versions of districts' policies, where they are kept and read."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from services.mastery.domain.policies import PolicyVersion
from services.mastery.domain.policy_document import Document


class PolicyReader(Protocol):
    """Reads the policy of one district, in the snapshot of whatever else is read beside it."""

    async def policy_version(self, district: str, *, at_us: int) -> int:
        """Return the version in force at a time, 0 for the default policy."""

    async def policy_document(self, district: str, version: int) -> Document:
        """Return the document of a version that there is."""


class PolicyStore(Protocol):
    """The versions of one district; belongs to one transaction, which whoever opens it commits."""

    async def in_force(self, district: str, *, at_us: int) -> PolicyVersion | None:
        """Return the version in force at a time, None for the default policy."""

    async def get(self, district: str, version: int) -> PolicyVersion | None:
        """Return a version, None where there is no such one."""

    async def newest(
        self, district: str, *, before: int | None, limit: int
    ) -> Sequence[PolicyVersion]:
        """Return versions below `before` (None: all), the newest first, at most `limit`."""

    async def add(self, district: str, version: PolicyVersion) -> None:
        """Keep one more version, whose number is one above the newest."""


class Policies(Protocol):
    """Opens policy stores."""

    def reading(self, district: str) -> AbstractAsyncContextManager[PolicyStore]:
        """Open a store to read from."""

    def changing(self, district: str) -> AbstractAsyncContextManager[PolicyStore]:
        """Open a store to add to; nobody else adds to this district until it is committed."""
