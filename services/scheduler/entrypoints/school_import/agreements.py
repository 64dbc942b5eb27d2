"""Files of what is agreed for people: services, keep rules, absences, pins, agreed sessions."""

from typing import Final

from google.protobuf.message import Message
from trellis.scheduler.v1 import scheduler_service_pb2, school_pb2, school_service_pb2, week_pb2

from services.scheduler.adapters.wire.names import (
    ABSENCE,
    COMPETENCY,
    KEEP_RULE,
    LOCKED_SESSION,
    OFFER,
    PIN,
    REQUIRED_SERVICE,
)
from services.scheduler.entrypoints.school_import.columns import CellError, Cells, Who
from services.scheduler.entrypoints.school_import.form import (
    DATA_STUB,
    DATE,
    SCHOOL_STUB,
    SLOT,
    SLOTS,
    FileKind,
    School,
    column,
    id_column,
)

_KEEP: Final = {
    "apart": int(school_pb2.KeepRule.KIND_APART),
    "together": int(school_pb2.KeepRule.KIND_TOGETHER),
}


def _required_service(school: School, cells: Cells) -> Message:
    return school_pb2.RequiredService(
        name=school.of_school(REQUIRED_SERVICE, cells, "id"),
        learner=school.learner(cells, "learner"),
        service=cells.text("service"),
        minutes=cells.number("minutes"),
        adult=school.adult(cells, "adult"),
        begin_date=cells.day("begin_date"),
        end_date=cells.day("end_date"),
    )


def _keep_rule(school: School, cells: Cells) -> Message:
    return school_pb2.KeepRule(
        name=school.of_school(KEEP_RULE, cells, "id"),
        kind=cells.word("kind", _KEEP),  # type: ignore[arg-type]
        learner=school.learner(cells, "learner"),
        other_learner=school.learner(cells, "other_learner"),
        expire_date=cells.day("expire_date"),
        reason=cells.text("reason"),
        set_by=school.adult(cells, "set_by"),
    )


def _absence(school: School, cells: Cells) -> Message:
    return week_pb2.Absence(
        name=school.of_school(ABSENCE, cells, "id"),
        adult=school.adult(cells, "adult"),
        date=cells.day("date"),
        slot_ids=cells.many("slots"),
    )


def _pin(school: School, cells: Cells) -> Message:
    pin = week_pb2.Pin(
        name=school.of_school(PIN, cells, "id"),
        learner=school.learner(cells, "learner"),
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


REQUIRED_SERVICES: Final = FileKind(
    name="required_services",
    columns=(
        id_column("s1"),
        column("learner", "the learner's id", "l1", needed=True, who=Who.LEARNER),
        column("service", "as offers name it", "speech", needed=True),
        column("minutes", "a week", "40", needed=True),
        column("adult", "who delivers it; empty: whoever offers it", "", who=Who.ADULT),
        column("begin_date", "the first day with it; empty: since ever", "2026-08-24"),
        column("end_date", "the last day with it; empty: until it is removed", ""),
    ),
    message_of=_required_service,
    stub=DATA_STUB,
    upsert="BatchUpsertRequiredServices",
    listing="ListRequiredServices",
    requests=school_service_pb2,
    rows="required_services",
)

KEEP_RULES: Final = FileKind(
    name="keep_rules",
    columns=(
        id_column("k1"),
        column("kind", "apart or together", "apart", needed=True),
        column("learner", "the id of one of the two", "l1", needed=True, who=Who.LEARNER),
        column("other_learner", "the id of the other", "l2", needed=True, who=Who.LEARNER),
        column("expire_date", "the first day without the rule; empty: it stands", "2027-01-11"),
        column("reason", "read by who set the rule and by nobody else", ""),
        column(
            "set_by",
            "the id of the adult who stands for it; needed by a system",
            "a1",
            who=Who.ADULT,
        ),
    ),
    message_of=_keep_rule,
    stub=DATA_STUB,
    upsert="BatchUpsertKeepRules",
    listing="ListKeepRules",
    requests=school_service_pb2,
    rows="keep_rules",
)

ABSENCES: Final = FileKind(
    name="absences",
    columns=(
        id_column("away-1"),
        column("adult", "the id of who is away", "a1", needed=True, who=Who.ADULT),
        DATE,
        column("slots", f"empty: the whole day; else {SLOTS}", "", field="slot_ids"),
    ),
    message_of=_absence,
    stub=SCHOOL_STUB,
    upsert="BatchUpsertAbsences",
    listing="ListAbsences",
    requests=scheduler_service_pb2,
    rows="absences",
)

PINS: Final = FileKind(
    name="pins",
    columns=(
        id_column("p1"),
        column("learner", "the learner's id", "l1", needed=True, who=Who.LEARNER),
        DATE,
        SLOT,
        column("offer", "the offer in which they sit", "o-library", field="offer target"),
        column("exemption", "or why they have no seat then, as off-campus", ""),
        column("reason", "who decided it and why; it should name nobody", ""),
        column("service", "yes where a plan or law requires it", "no"),
    ),
    message_of=_pin,
    stub=SCHOOL_STUB,
    upsert="BatchUpsertPins",
    listing="ListPins",
    requests=scheduler_service_pb2,
    rows="pins",
    rests_on={"UNKNOWN_OFFER": "offers"},
)

LOCKED_SESSIONS: Final = FileKind(
    name="locked_sessions",
    columns=(
        id_column("agreed-1"),
        DATE,
        SLOT,
        column("offer", "what is held, however few come", "o-library", needed=True),
        column("competency", "its target; empty: the planner chooses", ""),
        column("tier", "empty: the planner chooses", "", field="tier_id"),
    ),
    message_of=_locked_session,
    stub=DATA_STUB,
    upsert="BatchUpsertLockedSessions",
    listing="ListLockedSessions",
    requests=school_service_pb2,
    rows="locked_sessions",
    rests_on={"UNKNOWN_OFFER": "offers"},
)
