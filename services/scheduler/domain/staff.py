"""What a school sets for an adult: roles, what they may lead, when they plan, how much they carry.

An adult of the school's roster without an entry is a teacher who may lead everything that the
roster qualifies them for. An entry also gives an adult of another school of the district a role.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from services.scheduler.domain.access import Role
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.resources import (
    Setting,
    check_batch,
    check_id,
    check_number,
    refuse,
)
from services.scheduler.domain.school.standing import Standing, check_slot_ids

E = TypeVar("E", Role, SessionKind)

MAX_LOAD = 500
MAX_PREPARATIONS = 100


@dataclass(frozen=True, kw_only=True)
class StaffMember(Setting):
    """An adult of a school; the id is the roster's id of the adult."""

    roles: tuple[Role, ...]
    """At least one; an entry replaces the role that the adult would have without it."""
    kinds: tuple[SessionKind, ...] = ()
    """The kinds of sessions that they may lead; empty: every kind."""
    planning_slot_ids: tuple[str, ...] = ()
    """The slots that are their planning time: they lead nothing then."""
    load: int = 0
    """The most sessions that they lead in a week; 0: no limit."""
    preparations: int = 0
    """The most different things that they prepare for a week; 0: the policy's limit alone."""


def checked_staff(wanted: Sequence[StaffMember], standing: Standing) -> tuple[StaffMember, ...]:
    """Return the entries as they are to be kept; raises InvalidSettingError."""
    check_batch("staff_members", wanted)
    return tuple(
        _checked_member(f"staff_members[{place}]", one, standing)
        for place, one in enumerate(wanted)
    )


def roles_in_words(member: StaffMember) -> str:
    """Return the roles of an entry for the audit."""
    return "roles " + ", ".join(role.value for role in member.roles)


def _checked_member(place: str, one: StaffMember, standing: Standing) -> StaffMember:
    check_id(f"{place}.name", one.id)
    if not one.roles:
        refuse(f"{place}.roles", "FIELD_MISSING", "is empty.", "Send at least one role.")
    if not all(role.is_staff for role in one.roles):
        refuse(f"{place}.roles", "ROLE_NOT_STAFF", "holds no role of staff.", "Send staff roles.")
    return replace(
        one,
        roles=_distinct(f"{place}.roles", one.roles),
        kinds=_distinct(f"{place}.kinds", one.kinds),
        planning_slot_ids=check_slot_ids(
            f"{place}.planning_slot_ids", one.planning_slot_ids, standing
        ),
        load=check_number(f"{place}.load", one.load, least=0, most=MAX_LOAD),
        preparations=check_number(
            f"{place}.preparations", one.preparations, least=0, most=MAX_PREPARATIONS
        ),
    )


def _distinct(field: str, values: tuple[E, ...]) -> tuple[E, ...]:
    if len(set(values)) < len(values):
        refuse(field, "DUPLICATE", "holds a value twice.", "Send each value once.")
    return tuple(sorted(values, key=lambda one: one.value))
