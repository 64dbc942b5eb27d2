"""The classes of a school as the roster has them: who teaches whom, and on which days.

A class has no title here: titles may hold names of persons.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Span:
    """Days from one to another, both included; None: without an end on that side."""

    first: date | None = None
    last: date | None = None

    def meets(self, other: "Span") -> bool:
        """Whether the two share a day."""
        return _is_before(self.first, other.last) and _is_before(other.first, self.last)

    def within(self, other: "Span") -> "Span":
        """Return the days of both; only where they meet."""
        first = max((one for one in (self.first, other.first) if one), default=None)
        last = min((one for one in (self.last, other.last) if one), default=None)
        return Span(first=first, last=last)


@dataclass(frozen=True, kw_only=True)
class SectionMember:
    """That somebody teaches or attends a section on some days."""

    person_id: str
    is_adult: bool
    span: Span = Span()


@dataclass(frozen=True, kw_only=True)
class RosterSection:
    """A class of the roster. `terms`: when it meets; empty: always."""

    section_id: str
    subject: str = ""
    terms: tuple[Span, ...] = ()
    members: tuple[SectionMember, ...] = ()

    def has_adult(self, adult_id: str) -> bool:
        """Whether somebody teaches it on any day at all; much cheaper than asking for a day."""
        return any(one.is_adult and one.person_id == adult_id for one in self.members)

    def adult_ids(self, days: Span) -> frozenset[str]:
        """Return who teaches it on one of the days."""
        return frozenset(one.person_id for one in self._there(days) if one.is_adult)

    def learner_ids(self, days: Span) -> frozenset[str]:
        """Return who attends it on one of the days."""
        return frozenset(one.person_id for one in self._there(days) if not one.is_adult)

    def _there(self, days: Span) -> Iterator[SectionMember]:
        met = [term.within(days) for term in self.terms or (Span(),) if term.meets(days)]
        return (one for one in self.members if any(one.span.meets(each) for each in met))


def _is_before(first: date | None, last: date | None) -> bool:
    """Whether a span that begins on `first` has begun by `last`."""
    return first is None or last is None or first <= last
