"""What differs between two published revisions of a week, for programs that keep the one before.

A seat is a learner's place in a slot, a session the meeting of its id; each is added, changed or
removed. What stayed is left out, so nothing at all comes where a program is up to date.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from services.scheduler.domain.week import Seat, Session, Week

T = TypeVar("T")


class Change(Enum):
    """What became of a row since the revision that a program has."""

    NONE = ""
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, kw_only=True)
class Changed(Generic[T]):
    """A row as it stands, or as it stood where it was removed."""

    change: Change
    row: T


def changed_seats(before: Week, after: Week) -> list[Changed[Seat]]:
    """Return the seats that differ, by learner and slot."""
    return _changed(before.seats, after.seats, lambda one: (one.learner_id, one.slot_id))


def changed_sessions(before: Week, after: Week) -> list[Changed[Session]]:
    """Return the sessions that differ, by id."""
    return _changed(before.sessions, after.sessions, lambda one: (one.session_id,))


def _changed(
    before: Iterable[T], after: Iterable[T], key: Callable[[T], tuple[str, ...]]
) -> list[Changed[T]]:
    old: Mapping[tuple[str, ...], T] = {key(one): one for one in before}
    new: Mapping[tuple[str, ...], T] = {key(one): one for one in after}
    found = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            found.append(Changed(change=Change.REMOVED, row=old[name]))
        elif name not in old:
            found.append(Changed(change=Change.ADDED, row=new[name]))
        elif old[name] != new[name]:
            found.append(Changed(change=Change.CHANGED, row=new[name]))
    return found
