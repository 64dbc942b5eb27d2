"""The versions of a district's mastery policy, and which of them is in force when.

Versions are numbered from 1 and never change. Each says from when it takes effect, in the time that
mastery is read as of. In force at a time is the highest version that has taken effect by then, and
before the first one the default policy, which stands as version 0.

So a version that still waits gives way to a newer one that takes effect before it, and what was in
force before the newest change stays as it was told: `check_effective` sees to that.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from services.mastery.domain.errors import PolicyTooEarlyError
from services.mastery.domain.model import DEFAULT_POLICY, Policy
from services.mastery.domain.moments import moment_of

DEFAULT_VERSION: Final = 0
"""Of the default policy, which is in force where a district has chosen nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyVersion:
    """One version as it is stored; `document` has every field, as `write_document` gives it.

    Times are microseconds since 1970 UTC. `actor` is the name of the credential that put it.
    """

    version: int
    effective_us: int
    document: Mapping[str, Any]
    note: str
    actor: str
    create_us: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyInForce:
    """A policy that can be read with, and the version that it is."""

    version: int
    policy: Policy


DEFAULT_IN_FORCE: Final = PolicyInForce(version=DEFAULT_VERSION, policy=DEFAULT_POLICY)


def in_force(versions: Iterable[PolicyVersion], *, at_us: int) -> PolicyVersion | None:
    """Return the version in force at a time, None for the default policy."""
    effective = [one for one in versions if one.effective_us <= at_us]
    return max(effective, key=lambda one: one.version, default=None)


def check_effective(effective_us: int, standing: PolicyVersion | None) -> None:
    """Check when a new version takes effect against the one in force now; None: the default.

    Raises PolicyTooEarlyError. The same time is a correction, a later one a change, and what was in
    force before stays told either way.
    """
    if standing is not None and effective_us < standing.effective_us:
        raise PolicyTooEarlyError(version=standing.version, since=_time_text(standing.effective_us))


def _time_text(time_us: int) -> str:
    return moment_of(time_us).isoformat().replace("+00:00", "Z")
