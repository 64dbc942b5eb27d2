"""The audit of a school: who did what to whom, when, and why they said they did.

An entry is written in the transaction of what it tells of, never changed and never removed. It
holds ids and the words that a person gave as a reason; no name of a person that the roster has.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.scheduler.domain.access import Action, Actor, Role
from services.scheduler.domain.errors import InvalidRequestError

MAX_AUDIT_REASON_LENGTH = 500
MAX_NAME_LENGTH = 512
"""Longer than any resource name: five ids of 64 characters, and what stands between them."""


CLOCK = "clock"
"""The clock of the weekly cycle as an actor: it publishes what persons have signed."""


def system_name(name: str) -> str:
    """Return what a system is as an actor, by the name of its credential."""
    return f"systems/{name}"


@dataclass(frozen=True, kw_only=True)
class AuditEntry:
    """One act. `actor` and `subject` are resource names; `action` a value of `access.Action`.

    `detail`: one sentence on what changed, ids standing behind the word for what they are.
    `private_to`: the actor who alone may read the reason; empty: whoever may read the audit.
    `monday`: of the week that the act is about; None: it is about no week, or about several.
    """

    school_id: str
    time: datetime
    actor: str
    action: str
    subject: str
    detail: str
    reason: str = ""
    private_to: str = ""
    monday: date | None = None


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which entries are asked for: those that all of these hold for; what is empty asks nothing.

    `from_time` is in the span, `until_time` is the first instant after it; both are aware.
    """

    monday: date | None = None
    actions: frozenset[str] = frozenset()
    actor: str = ""
    subject: str = ""
    from_time: datetime | None = None
    until_time: datetime | None = None

    def matches(self, entry: AuditEntry) -> bool:
        """Whether an entry is asked for."""
        return (
            self.monday in (None, entry.monday)
            and (not self.actions or entry.action in self.actions)
            and self.actor in ("", entry.actor)
            and self.subject in ("", entry.subject)
            and (self.from_time is None or self.from_time <= entry.time)
            and (self.until_time is None or entry.time < self.until_time)
        )


EVERY_ENTRY = AuditFilter()
"""Asks for all entries of a school."""


@dataclass(frozen=True, kw_only=True, order=True)
class AuditPlace:
    """Where an entry stands among those of its school: by time, then in order of writing."""

    time: datetime
    number: int


@dataclass(frozen=True, kw_only=True)
class ReadEntry:
    """An entry as somebody reads it. `reason_withheld`: there is a reason, and not for them."""

    number: int
    entry: AuditEntry
    reason_withheld: bool = False


def read_by(actor: Actor, number: int, entry: AuditEntry) -> ReadEntry:
    """Return an entry as an actor reads it: without a reason that is for another alone.

    A system reads no reason at all: its credential is nobody's, and people's words may tell of
    health or home.
    """
    is_for_them = entry.private_to in ("", actor.name) and Role.SYSTEM not in actor.roles
    if is_for_them or not entry.reason:
        return ReadEntry(number=number, entry=entry)
    return ReadEntry(number=number, entry=replace(entry, reason=""), reason_withheld=True)


def checked_filter(wanted: AuditFilter) -> AuditFilter:
    """Return a filter that something may match; raises InvalidRequestError for one at fault."""
    _refuse_unknown(wanted.actions)
    for field, name in (("actor", wanted.actor), ("subject", wanted.subject)):
        if len(name) > MAX_NAME_LENGTH or not name.isprintable():
            raise InvalidRequestError(
                field=field, message="is no name", hint="send one as entries have it"
            )
    begin, end = wanted.from_time, wanted.until_time
    if begin is not None and end is not None and begin >= end:
        raise InvalidRequestError(
            field="until_time",
            message="is not after from_time",
            hint="entries of from_time are in the span, those of until_time are not",
        )
    return wanted


def _refuse_unknown(actions: Collection[str]) -> None:
    known = {one.value for one in Action}
    unknown = sorted(one for one in actions if one not in known)
    if unknown:
        raise InvalidRequestError(
            field="actions",
            message=f"holds {unknown[0]!r}, which is no action",
            hint=f"send some of {', '.join(sorted(known))}",
        )
