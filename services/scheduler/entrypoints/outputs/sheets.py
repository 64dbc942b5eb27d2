"""What sheets of paper are made of: lists for doors and halls, slips, the locator, staff's cards.

Plain data, which becomes JSON for the templates of the same names. What hangs in a hall or goes
home has no field that could carry a label (H11); codes and reasons have theirs in staff's alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DoorSession:
    """What is on behind a door in one slot, with who comes. `note`: where they go instead."""

    slot: str
    when: str
    title: str
    adult: str
    learners: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Door:
    """The list of one room for one day."""

    room: str
    day: str
    sessions: tuple[DoorSession, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A slot at the head of a list."""

    slot: str
    when: str


@dataclass(frozen=True, kw_only=True)
class HallCell:
    """Where somebody is in one slot."""

    room: str
    title: str
    adult: str


@dataclass(frozen=True, kw_only=True)
class HallLine:
    """Somebody's line of a day; None where they owe no place."""

    name: str
    cells: tuple[HallCell | None, ...]


@dataclass(frozen=True, kw_only=True)
class HallSheet:
    """Who is where on one day, A to Z."""

    day: str
    columns: tuple[Column, ...]
    lines: tuple[HallLine, ...]


@dataclass(frozen=True, kw_only=True)
class SlipPlace:
    """One line of a slip: where to be, and why in the learner's own sentence."""

    slot: str
    when: str
    title: str
    room: str
    adult: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What one learner holds in their hand. `change`: until when they can ask for a change."""

    name: str
    places: tuple[SlipPlace, ...]
    change: str = ""


@dataclass(frozen=True, kw_only=True)
class FamilyPlace:
    """One line of a family's note, in the family's language.

    `skill` and `progress` are empty where the place is about no skill.
    """

    when: str
    title: str
    room: str
    adult: str
    skill: str
    why: str
    progress: str


@dataclass(frozen=True, kw_only=True)
class FamilyNote:
    """A family's note of a week. `went`: sentences on the week before, under `went_title`."""

    name: str
    places: tuple[FamilyPlace, ...]
    went_title: str = ""
    went: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CardLine:
    """A learner of a group as its teacher reads it: new or not, why, the newest evidence."""

    name: str
    is_new: bool
    rule: str
    why: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class CardGroup:
    """Learners of a session without a target who share a reason."""

    why: str
    learners: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CardSession:
    """One of a teacher's sessions. `lines` where it has a target.

    Where it has none, `learners` is who comes and `groups` why, each reason once. `note`: what is
    to be known first.
    """

    slot: str
    when: str
    title: str
    target: str
    code: str
    kind: str
    room: str
    cap: int
    count: int
    lines: tuple[CardLine, ...]
    learners: tuple[str, ...]
    groups: tuple[CardGroup, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Card:
    """A teacher's week. `lost`: whom they asked for and did not get, and why."""

    adult: str
    sessions: tuple[CardSession, ...]
    lost: tuple[str, ...]
    notices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SubstituteSession:
    """A session that somebody else leads: what to do, and who comes.

    `led_by`: who was found for it; `open`: what can be done where nobody was yet.
    """

    slot: str
    when: str
    title: str
    skill: str
    room: str
    what_to_do: str
    learners: tuple[str, ...]
    led_by: str = ""
    open: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SubstituteDay:
    """An adult's day for who stands in for them."""

    adult: str
    day: str
    sessions: tuple[SubstituteSession, ...]
