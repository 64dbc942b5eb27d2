"""The kinds of files that a school is imported from: columns, messages, RPCs; the one registry.

To add a kind: its columns, a function that makes the message of a row, and a `FileKind` in `KINDS`,
after the kinds that it rests on. Its BatchUpsert RPC takes `allow_partial` and `validate_only` and
answers `refused` (see entrypoints/grpc/rows.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import grpc.aio
from google.protobuf.message import Message
from trellis.scheduler.v1 import (
    scheduler_service_pb2,
    scheduler_service_pb2_grpc,
    school_pb2,
    school_service_pb2,
    school_service_pb2_grpc,
    week_pb2,
)

from services.common.ids import ResourceName, is_id
from services.scheduler.adapters.wire.names import (
    ABSENCE,
    ADULT,
    COMPETENCY,
    ESSENTIAL,
    KEEP_RULE,
    LEARNER,
    LOCKED_SESSION,
    OFFER,
    PIN,
    REQUIRED_SERVICE,
    ROOM,
)
from services.scheduler.adapters.wire.settings import KINDS as SESSION_KINDS
from services.scheduler.entrypoints.school_import.columns import CellError, Cells, Column

_SCHOOL = scheduler_service_pb2_grpc.SchedulerServiceStub
_DATA = school_service_pb2_grpc.SchoolServiceStub


@dataclass(frozen=True, kw_only=True)
class School:
    """The school that is imported into; makes names of the ids in cells."""

    district: str
    school_id: str

    def of_district(self, pattern: ResourceName, cells: Cells, column: str) -> str:
        """Return the name of somebody or something of the district; empty where the cell is."""
        return self._name(cells.text(column), pattern, column, self.district)

    def of_school(self, pattern: ResourceName, cells: Cells, column: str) -> str:
        """Return the name of something of the school; empty where the cell is."""
        return self._name(cells.text(column), pattern, column, self.district, self.school_id)

    def each_of_district(self, pattern: ResourceName, cells: Cells, column: str) -> list[str]:
        """Return the names of those in a cell that holds several."""
        return [self._name(one, pattern, column, self.district) for one in cells.many(column)]

    def each_of_school(self, pattern: ResourceName, cells: Cells, column: str) -> list[str]:
        """Return the names of things of the school in a cell that holds several."""
        owner = (self.district, self.school_id)
        return [self._name(one, pattern, column, *owner) for one in cells.many(column)]

    def _name(self, text: str, pattern: ResourceName, column: str, *owner: str) -> str:
        """Return a name from an id, or the name that the cell already holds."""
        if not text or pattern.matches(text):
            return text
        if not is_id(text):
            raise CellError(
                column,
                "is no id.",
                "Use 1 to 64 letters, digits, dots, underscores and hyphens, without spaces.",
            )
        return pattern.format(*owner, text)


@dataclass(frozen=True, kw_only=True)
class FileKind:
    """A kind of file. `name` is the file's name without its end; `key` the column of the id.

    `rows`: the field of the request, of the response and of a list's page with the messages.
    `rests_on`: by the reason of a refusal, the kind of file that may bring what is missing.
    """

    name: str
    columns: tuple[Column, ...]
    message_of: Callable[[School, Cells], Message]
    stub: Callable[[grpc.aio.Channel], Any]
    upsert: str
    listing: str
    requests: Any
    rows: str
    key: str = "id"
    rests_on: Mapping[str, str] = field(default_factory=dict)

    def request(self, **fields: Any) -> Any:  # noqa: ANN401  (a message of this kind's)
        """Return a request of the RPC that keeps rows."""
        return getattr(self.requests, f"{self.upsert}Request")(**fields)

    def page_request(self, **fields: Any) -> Any:  # noqa: ANN401  (a message of this kind's)
        """Return a request of the RPC that lists what is kept."""
        return getattr(self.requests, f"{self.listing}Request")(**fields)

    def column_of(self, contract_field: str) -> str:
        """Return the column that fills a field, as in "rooms[3].layouts[0].capacity"."""
        _, _, below = contract_field.partition("].")
        first = below.split(".")[0].split("[")[0]
        for one in self.columns:
            if first in (one.contract_field, *one.contract_field.split(" ")):
                return one.name
        return self.key if first in ("name", "") else first


_SESSION_WORDS: Final = {
    kind.value: int(number)
    for number, kind in sorted(SESSION_KINDS.items(), key=lambda one: int(one[0]))
}
_MODES: Final = {
    "taught": int(school_pb2.WORK_MODE_UNSPECIFIED),
    "peer": int(school_pb2.WORK_MODE_PEER),
    "screen": int(school_pb2.WORK_MODE_SCREEN),
}
_KEEP: Final = {
    "apart": int(school_pb2.KeepRule.KIND_APART),
    "together": int(school_pb2.KeepRule.KIND_TOGETHER),
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
        adult=school.of_district(ADULT, cells, "adult"),
        room=school.of_school(ROOM, cells, "room"),
        kind=cells.word("kind", _SESSION_WORDS),  # type: ignore[arg-type]
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
        co_adults=school.each_of_district(ADULT, cells, "co_adults"),
    )


def _essential(school: School, cells: Cells) -> Message:
    return school_pb2.Essential(
        name=school.of_school(ESSENTIAL, cells, "competency"), due_date=cells.day("due_date")
    )


def _required_service(school: School, cells: Cells) -> Message:
    return school_pb2.RequiredService(
        name=school.of_school(REQUIRED_SERVICE, cells, "id"),
        learner=school.of_district(LEARNER, cells, "learner"),
        service=cells.text("service"),
        minutes=cells.number("minutes"),
        adult=school.of_district(ADULT, cells, "adult"),
        begin_date=cells.day("begin_date"),
        end_date=cells.day("end_date"),
    )


def _keep_rule(school: School, cells: Cells) -> Message:
    return school_pb2.KeepRule(
        name=school.of_school(KEEP_RULE, cells, "id"),
        kind=cells.word("kind", _KEEP),  # type: ignore[arg-type]
        learner=school.of_district(LEARNER, cells, "learner"),
        other_learner=school.of_district(LEARNER, cells, "other_learner"),
        expire_date=cells.day("expire_date"),
        reason=cells.text("reason"),
        set_by=school.of_district(ADULT, cells, "set_by"),
    )


def _absence(school: School, cells: Cells) -> Message:
    return week_pb2.Absence(
        name=school.of_school(ABSENCE, cells, "id"),
        adult=school.of_district(ADULT, cells, "adult"),
        date=cells.day("date"),
        slot_ids=cells.many("slots"),
    )


def _pin(school: School, cells: Cells) -> Message:
    pin = week_pb2.Pin(
        name=school.of_school(PIN, cells, "id"),
        learner=school.of_district(LEARNER, cells, "learner"),
        date=cells.day("date"),
        slot_id=cells.text("slot"),
        reason=cells.text("reason"),
        service=cells.flag("service"),
    )
    offer, exemption = school.of_school(OFFER, cells, "offer"), cells.text("exemption")
    if offer and exemption:
        raise CellError("exemption", "stands beside an offer.", "Give one of the two.")
    if offer:
        pin.offer = offer
    elif exemption:
        pin.exemption = exemption
    return pin


def _locked_session(school: School, cells: Cells) -> Message:
    return school_pb2.LockedSession(
        name=school.of_school(LOCKED_SESSION, cells, "id"),
        date=cells.day("date"),
        slot_id=cells.text("slot"),
        offer=school.of_school(OFFER, cells, "offer"),
        competency=school.of_district(COMPETENCY, cells, "competency"),
        tier_id=cells.text("tier"),
    )


def _column(
    name: str, meaning: str, example: str = "", *, needed: bool = False, field: str = ""
) -> Column:
    return Column(name=name, meaning=meaning, example=example, needed=needed, field=field)


def _id(example: str) -> Column:
    return _column("id", "your own id for it; it names nobody", example, needed=True, field="name")


_DATE = _column("date", "year-month-day", "2026-11-23", needed=True)
_SLOT = _column("slot", "a slot of the policy", "mon-1", needed=True, field="slot_id")
_SLOTS = "slots of the policy; several with semicolons"

ROOMS: Final = FileKind(
    name="rooms",
    columns=(
        _id("r101"),
        _column("name", "what people call it", "Room 101", needed=True, field="display_name"),
        _column("capacity", "the most learners in it", "28", needed=True),
        _column("shared", "yes where several sessions may be held at once", "no"),
        _column("layouts", "ways to set it up and what it then holds", "rows=28; circle=18"),
        _column("closed_slots", f"closed in every week: {_SLOTS}", "", field="closed_slot_ids"),
        _column(
            "closed_dates",
            "closed on a date, or in slots of it; several with semicolons",
            "2026-12-07; 2026-12-14 mon-1",
            field="closures",
        ),
    ),
    message_of=_room,
    stub=_SCHOOL,
    upsert="BatchUpsertRooms",
    listing="ListRooms",
    requests=scheduler_service_pb2,
    rows="rooms",
)

OFFERS: Final = FileKind(
    name="offers",
    columns=(
        _id("o-library"),
        _column("adult", "the id of who leads it", "a1", needed=True),
        _column("kind", ", ".join(_SESSION_WORDS), "commons", needed=True),
        _column("room", "empty: it needs none", "r101"),
        _column("other_rooms", "where else, in the order of preference", ""),
        _column("subject", "of its targets, for kinds that have one", ""),
        _column("competencies", "these alone; empty: all of the subject", ""),
        _column("title", "what learners read: neutral", "Open library"),
        _column("cap", "the most learners; empty: the policy's", "25"),
        _column("slots", f"empty: every slot; else {_SLOTS}", "mon-1", field="slot_ids"),
        _column("layout", "a layout of the room", "circle"),
        _column("mode", "taught, peer or screen; empty: taught", ""),
        _column("dok", "depth of knowledge, 1 to 4", ""),
        _column("rich", "yes where it is grade-level or rich work", "no"),
        _column("minimum", "the fewest learners; empty: the policy's", ""),
        _column("tiers", "tiers of the policy; empty: every one", "", field="tier_ids"),
        _column("legal", "code of the law that limits the group", ""),
        _column("service", "the service that it delivers, for the kind service", ""),
        _column("grades", "whom it is for; empty: everybody", "", field="scope"),
        _column("tags", "whom it is for: studio, lunch wave, bus; empty: everybody", ""),
        _column("co_adults", "who leads with the adult", ""),
    ),
    message_of=_offer,
    stub=_SCHOOL,
    upsert="BatchUpsertOffers",
    listing="ListOffers",
    requests=scheduler_service_pb2,
    rows="offers",
    rests_on={"UNKNOWN_ROOM": "rooms"},
)

ESSENTIALS: Final = FileKind(
    name="essentials",
    columns=(
        _column("competency", "its id in the framework", "c1", needed=True, field="name"),
        _column("due_date", "until when learners are to show it", "2027-03-26"),
    ),
    message_of=_essential,
    stub=_DATA,
    upsert="BatchUpsertEssentials",
    listing="ListEssentials",
    requests=school_service_pb2,
    rows="essentials",
    key="competency",
)

REQUIRED_SERVICES: Final = FileKind(
    name="required_services",
    columns=(
        _id("s1"),
        _column("learner", "the learner's id", "l1", needed=True),
        _column("service", "as offers name it", "speech", needed=True),
        _column("minutes", "a week", "40", needed=True),
        _column("adult", "who delivers it; empty: whoever offers it", ""),
        _column("begin_date", "the first day with it; empty: since ever", "2026-08-24"),
        _column("end_date", "the last day with it; empty: until it is removed", ""),
    ),
    message_of=_required_service,
    stub=_DATA,
    upsert="BatchUpsertRequiredServices",
    listing="ListRequiredServices",
    requests=school_service_pb2,
    rows="required_services",
)

KEEP_RULES: Final = FileKind(
    name="keep_rules",
    columns=(
        _id("k1"),
        _column("kind", "apart or together", "apart", needed=True),
        _column("learner", "the id of one of the two", "l1", needed=True),
        _column("other_learner", "the id of the other", "l2", needed=True),
        _column("expire_date", "the first day without the rule; empty: it stands", "2027-01-11"),
        _column("reason", "read by who set the rule and by nobody else", ""),
        _column("set_by", "the id of the adult who stands for it; needed by a system", "a1"),
    ),
    message_of=_keep_rule,
    stub=_DATA,
    upsert="BatchUpsertKeepRules",
    listing="ListKeepRules",
    requests=school_service_pb2,
    rows="keep_rules",
)

ABSENCES: Final = FileKind(
    name="absences",
    columns=(
        _id("away-1"),
        _column("adult", "the id of who is away", "a1", needed=True),
        _DATE,
        _column("slots", f"empty: the whole day; else {_SLOTS}", "", field="slot_ids"),
    ),
    message_of=_absence,
    stub=_SCHOOL,
    upsert="BatchUpsertAbsences",
    listing="ListAbsences",
    requests=scheduler_service_pb2,
    rows="absences",
)

PINS: Final = FileKind(
    name="pins",
    columns=(
        _id("p1"),
        _column("learner", "the learner's id", "l1", needed=True),
        _DATE,
        _SLOT,
        _column("offer", "the offer in which they sit", "o-library", field="offer target"),
        _column("exemption", "or why they have no seat then, as off-campus", ""),
        _column("reason", "who decided it and why; it should name nobody", ""),
        _column("service", "yes where a plan or law requires it", "no"),
    ),
    message_of=_pin,
    stub=_SCHOOL,
    upsert="BatchUpsertPins",
    listing="ListPins",
    requests=scheduler_service_pb2,
    rows="pins",
    rests_on={"UNKNOWN_OFFER": "offers"},
)

LOCKED_SESSIONS: Final = FileKind(
    name="locked_sessions",
    columns=(
        _id("agreed-1"),
        _DATE,
        _SLOT,
        _column("offer", "what is held, however few come", "o-library", needed=True),
        _column("competency", "its target; empty: the planner chooses", ""),
        _column("tier", "empty: the planner chooses", "", field="tier_id"),
    ),
    message_of=_locked_session,
    stub=_DATA,
    upsert="BatchUpsertLockedSessions",
    listing="ListLockedSessions",
    requests=school_service_pb2,
    rows="locked_sessions",
    rests_on={"UNKNOWN_OFFER": "offers"},
)

KINDS: Final = (
    ROOMS,
    OFFERS,
    ESSENTIALS,
    REQUIRED_SERVICES,
    KEEP_RULES,
    ABSENCES,
    PINS,
    LOCKED_SESSIONS,
)
"""In the order in which they are sent: what others rest on first."""
