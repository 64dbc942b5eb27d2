"""Files of what a school offers: rooms, offers, and what it holds essential."""

from typing import Final

from google.protobuf.message import Message
from trellis.scheduler.v1 import scheduler_service_pb2, school_pb2, school_service_pb2, week_pb2

from services.scheduler.adapters.wire.names import COMPETENCY, ESSENTIAL, OFFER, ROOM
from services.scheduler.entrypoints.school_import.columns import CellError, Cells, Who
from services.scheduler.entrypoints.school_import.form import (
    DATA_STUB,
    SCHOOL_STUB,
    SESSION_WORDS,
    SLOTS,
    FileKind,
    School,
    column,
    id_column,
)

_MODES: Final = {
    "taught": int(school_pb2.WORK_MODE_UNSPECIFIED),
    "peer": int(school_pb2.WORK_MODE_PEER),
    "screen": int(school_pb2.WORK_MODE_SCREEN),
}


def _room(school: School, cells: Cells) -> Message:
    return week_pb2.Room(
        name=school.of_school(ROOM, cells, "id"),
        display_name=cells.needed("name"),
        capacity=cells.number("capacity"),
        shared=cells.flag("shared"),
        layouts=[_layout(one) for one in cells.many("layouts")],
        closed_slot_ids=cells.many("closed_slots"),
        closures=[_closure(one) for one in cells.many("closed_dates")],
    )


def _layout(text: str) -> school_pb2.Layout:
    name, equals, capacity = (part.strip() for part in text.rpartition("="))
    if not equals or not name or not capacity.isdecimal() or len(capacity) > len("99999"):
        raise CellError(
            "layouts", "holds a layout that cannot be read.", "Write rows=24; circle=18."
        )
    return school_pb2.Layout(layout=name, capacity=int(capacity))


def _closure(text: str) -> school_pb2.RoomClosure:
    day, *slot_ids = text.split()
    read = Cells(by_column={"closed_dates": day})
    return school_pb2.RoomClosure(date=read.day("closed_dates"), slot_ids=slot_ids)


def _offer(school: School, cells: Cells) -> Message:
    grades, tags = cells.many("grades"), cells.many("tags")
    scope = school_pb2.OfferScope(grades=grades, tags=tags) if grades or tags else None
    return week_pb2.Offer(
        name=school.of_school(OFFER, cells, "id"),
        adult=school.adult(cells, "adult"),
        room=school.of_school(ROOM, cells, "room"),
        kind=cells.word("kind", SESSION_WORDS),  # type: ignore[arg-type]
        subject=cells.text("subject"),
        competencies=school.each_of_district(COMPETENCY, cells, "competencies"),
        title=cells.text("title"),
        cap=cells.number("cap"),
        slot_ids=cells.many("slots"),
        other_rooms=school.each_of_school(ROOM, cells, "other_rooms"),
        layout=cells.text("layout"),
        mode=cells.word("mode", _MODES) if cells.text("mode") else 0,  # type: ignore[arg-type]
        dok=cells.number("dok"),
        rich=cells.flag("rich"),
        minimum=cells.number("minimum"),
        tier_ids=cells.many("tiers"),
        legal=cells.text("legal"),
        service=cells.text("service"),
        scope=scope,
        co_adults=school.adults(cells, "co_adults"),
    )


def _essential(school: School, cells: Cells) -> Message:
    return school_pb2.Essential(
        name=school.of_school(ESSENTIAL, cells, "competency"), due_date=cells.day("due_date")
    )


ROOMS: Final = FileKind(
    name="rooms",
    columns=(
        id_column("r101"),
        column("name", "what people call it", "Room 101", needed=True, field="display_name"),
        column("capacity", "the most learners in it", "28", needed=True),
        column("shared", "yes where several sessions may be held at once", "no"),
        column("layouts", "ways to set it up and what it then holds", "rows=28; circle=18"),
        column("closed_slots", f"closed in every week: {SLOTS}", "", field="closed_slot_ids"),
        column(
            "closed_dates",
            "closed on a date, or in slots of it; several with semicolons",
            "2026-12-07; 2026-12-14 mon-1",
            field="closures",
        ),
    ),
    message_of=_room,
    stub=SCHOOL_STUB,
    upsert="BatchUpsertRooms",
    listing="ListRooms",
    requests=scheduler_service_pb2,
    rows="rooms",
)

OFFERS: Final = FileKind(
    name="offers",
    columns=(
        id_column("o-library"),
        column("adult", "the id of who leads it", "a1", needed=True, who=Who.ADULT),
        column("kind", ", ".join(SESSION_WORDS), "commons", needed=True),
        column("room", "empty: it needs none", "r101"),
        column("other_rooms", "where else, in the order of preference", ""),
        column("subject", "of its targets, for kinds that have one", ""),
        column("competencies", "these alone; empty: all of the subject", ""),
        column("title", "what learners read: neutral", "Open library"),
        column("cap", "the most learners; empty: the policy's", "25"),
        column("slots", f"empty: every slot; else {SLOTS}", "mon-1", field="slot_ids"),
        column("layout", "a layout of the room", "circle"),
        column("mode", "taught, peer or screen; empty: taught", ""),
        column("dok", "depth of knowledge, 1 to 4", ""),
        column("rich", "yes where it is grade-level or rich work", "no"),
        column("minimum", "the fewest learners; empty: the policy's", ""),
        column("tiers", "tiers of the policy; empty: every one", "", field="tier_ids"),
        column("legal", "code of the law that limits the group", ""),
        column("service", "the service that it delivers, for the kind service", ""),
        column("grades", "whom it is for; empty: everybody", "", field="scope"),
        column("tags", "whom it is for: studio, lunch wave, bus; empty: everybody", ""),
        column("co_adults", "who leads with the adult", "", who=Who.ADULT),
    ),
    message_of=_offer,
    stub=SCHOOL_STUB,
    upsert="BatchUpsertOffers",
    listing="ListOffers",
    requests=scheduler_service_pb2,
    rows="offers",
    rests_on={"UNKNOWN_ROOM": "rooms"},
)

ESSENTIALS: Final = FileKind(
    name="essentials",
    columns=(
        column("competency", "its id in the framework", "c1", needed=True, field="name"),
        column("due_date", "until when learners are to show it", "2027-03-26"),
    ),
    message_of=_essential,
    stub=DATA_STUB,
    upsert="BatchUpsertEssentials",
    listing="ListEssentials",
    requests=school_service_pb2,
    rows="essentials",
    key="competency",
)
