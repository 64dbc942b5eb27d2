"""Rooms of a school: how many learners each holds, how it may be set up, when it is closed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.scheduler.domain.model import Layout, Room, Slot
from services.scheduler.domain.resources import (
    Setting,
    check_batch,
    check_id,
    check_number,
    check_text,
    refuse,
)
from services.scheduler.domain.school.standing import Standing, banned_words, check_slot_ids
from services.scheduler.domain.titles import refusal

MAX_CAPACITY = 5000
MAX_ROOM_NAME_LENGTH = 60
MAX_LAYOUTS = 20
MAX_LAYOUT_LENGTH = 40
MAX_CLOSURES = 400
"""More than the days of a school year."""

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, kw_only=True)
class RoomClosure:
    """A date on which a room is closed; without slots: the whole day."""

    date: date
    slot_ids: tuple[str, ...] = ()

    def closes(self, slot: Slot) -> bool:
        """Whether nothing can be held in the room in a slot."""
        return slot.date == self.date and (not self.slot_ids or slot.slot_id in self.slot_ids)


@dataclass(frozen=True, kw_only=True)
class SchoolRoom(Setting):
    """A room of the school. `closed_slot_ids`: closed in every week; `closures`: on a date."""

    display_name: str
    capacity: int
    shared: bool = False
    layouts: tuple[Layout, ...] = ()
    closed_slot_ids: tuple[str, ...] = ()
    closures: tuple[RoomClosure, ...] = ()

    def planned(self, slots: Iterable[Slot] = ()) -> Room:
        """Return what a plan run reads of it, for the slots of its week."""
        dated = (slot.slot_id for slot in slots if any(one.closes(slot) for one in self.closures))
        return Room(
            room_id=self.id,
            capacity=self.capacity,
            shared=self.shared,
            display_name=self.display_name,
            layouts=self.layouts,
            closed_slot_ids=tuple(sorted({*self.closed_slot_ids, *dated})),
        )


def checked_rooms(wanted: Sequence[SchoolRoom], standing: Standing) -> tuple[SchoolRoom, ...]:
    """Return the rooms as they are to be kept; raises InvalidSettingError."""
    check_batch("rooms", wanted)
    return tuple(
        _checked_room(f"rooms[{place}]", one, standing) for place, one in enumerate(wanted)
    )


def _checked_room(place: str, room: SchoolRoom, standing: Standing) -> SchoolRoom:
    check_id(f"{place}.name", room.id)
    name = check_text(
        f"{place}.display_name", room.display_name, most=MAX_ROOM_NAME_LENGTH, required=True
    )
    # Rooms have numbers, "504" and "L2" among them; only their words could label anybody.
    labelled = refusal(_DIGITS.sub("", name), banned_words(standing))
    if labelled:
        refuse(f"{place}.display_name", "LABEL_BANNED", f"{labelled}.", "Choose a neutral name.")
    check_number(f"{place}.capacity", room.capacity, least=1, most=MAX_CAPACITY)
    return replace(
        room,
        display_name=name,
        layouts=_checked_layouts(f"{place}.layouts", room.layouts),
        closed_slot_ids=check_slot_ids(f"{place}.closed_slot_ids", room.closed_slot_ids, standing),
        closures=_checked_closures(f"{place}.closures", room.closures, standing),
    )


def _checked_layouts(field: str, layouts: tuple[Layout, ...]) -> tuple[Layout, ...]:
    _check_count(field, len(layouts), MAX_LAYOUTS)
    checked = tuple(
        Layout(
            layout=check_text(
                f"{field}[{place}].layout", one.layout, most=MAX_LAYOUT_LENGTH, required=True
            ),
            capacity=check_number(
                f"{field}[{place}].capacity", one.capacity, least=1, most=MAX_CAPACITY
            ),
        )
        for place, one in enumerate(layouts)
    )
    if len({one.layout for one in checked}) < len(checked):
        refuse(field, "DUPLICATE", "holds a layout twice.", "Send each layout once.")
    return tuple(sorted(checked, key=lambda one: one.layout))


def _checked_closures(
    field: str, closures: tuple[RoomClosure, ...], standing: Standing
) -> tuple[RoomClosure, ...]:
    _check_count(field, len(closures), MAX_CLOSURES)
    if len({one.date for one in closures}) < len(closures):
        refuse(field, "DUPLICATE", "holds a date twice.", "Send each date once, with its slots.")
    checked = (
        replace(one, slot_ids=check_slot_ids(f"{field}[{place}].slot_ids", one.slot_ids, standing))
        for place, one in enumerate(closures)
    )
    return tuple(sorted(checked, key=lambda one: one.date))


def _check_count(field: str, count: int, most: int) -> None:
    if count > most:
        refuse(field, "TOO_MANY_VALUES", f"holds {count} values.", f"Send at most {most}.")
