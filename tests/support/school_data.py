"""A school's own data for tests: settings of every kind, the servicer, and a server on a port."""

from contextlib import asynccontextmanager
from datetime import date, time

from trellis.scheduler.v1 import (
    calendar_pb2,
    calendar_service_pb2,
    calendar_service_pb2_grpc,
    people_service_pb2_grpc,
    scheduler_service_pb2_grpc,
    school_service_pb2_grpc,
)

from services.common.rpc.credentials import Credential, Credentials
from services.common.rpc.server import RpcServer
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.model import Layout, Mode, Scope, SessionKind
from services.scheduler.domain.numbers import Policy, Tier, TierFit, Weights
from services.scheduler.domain.policy import SlotTemplate
from services.scheduler.domain.school import (
    KeepKind,
    KeepRule,
    RoomClosure,
    SchoolEssential,
    SchoolLockedSession,
    SchoolRequiredService,
)
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.grpc.calendar import CalendarServicer
from services.scheduler.entrypoints.grpc.people import PeopleServicer
from services.scheduler.entrypoints.grpc.school import SchoolServicer
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.handlers.readiness import SchoolCheck
from tests.support.scheduler_api import Api, Methods
from tests.support.schedules import SCHOOL, a_policy, a_school_offer, a_school_room
from tests.support.schools import MONDAY

DISTRICT = "maple"
PARENT = f"districts/{DISTRICT}/schools/{SCHOOL}"
BOTH = frozenset({"schedule.read", "schedule.write"})
CANARY = "canary: what only its writer reads"

SET_HERE = (
    "policy",
    "slots",
    "absences",
    "rooms",
    "offers",
    "competencies",
    "pins",
    "locked",
    "services",
    "keep_apart",
    "keep_together",
)
"""The fields of a problem that a school's settings fill."""

ROLES = {
    "counselor": Role.COUNSELOR,
    "other_counselor": Role.COUNSELOR,
    "principal": Role.PRINCIPAL,
    "specialist": Role.SPECIALIST,
    "teacher": Role.TEACHER,
    "coach": Role.COACH,
    "office": Role.OFFICE,
    "learner": Role.LEARNER,
    "family": Role.FAMILY,
}


def adult(name: str, district: str = DISTRICT) -> str:
    """Return the resource name of an adult."""
    return f"districts/{district}/adults/{name}"


def learner(name: str, district: str = DISTRICT) -> str:
    """Return the resource name of a learner."""
    return f"districts/{district}/learners/{name}"


def actors() -> MemoryActors:
    """Return one person of each role; the teacher has the learner lea."""
    return MemoryActors(
        {
            adult(name): Actor(
                name=adult(name),
                roles=frozenset({role}),
                adult_id=name,
                own_learner_ids=frozenset({"lea"}) if name == "teacher" else frozenset(),
            )
            for name, role in ROLES.items()
        }
    )


CREDENTIALS = {
    **{
        name: Credential(name=name, district=DISTRICT, scopes=BOTH, person=adult(name))
        for name in (*ROLES, "nobody")
    },
    "system": Credential(name="system", district=DISTRICT, scopes=BOTH),
    "stranger": Credential(
        name="stranger", district="cedar", scopes=BOTH, person=adult("stranger", "cedar")
    ),
}


def everyday_bells(bells_id="everyday", period_id="1") -> calendar_pb2.BellSchedule:
    """Return bells of one period, a slot of each day, as mon-1."""
    period = calendar_pb2.Period(
        period_id=period_id, start_clock="09:00", end_clock="09:40", flexible=True
    )
    return calendar_pb2.BellSchedule(
        name=f"{PARENT}/bellSchedules/{bells_id}", display_name="Every day", periods=[period]
    )


async def set_calendar(stub, parent=PARENT, *, period_id="1") -> None:
    """Set the school's year, with one slot each day."""
    bells = everyday_bells(period_id=period_id)
    bells.name = f"{parent}/bellSchedules/everyday"
    await stub.BatchUpsertBellSchedules(
        calendar_service_pb2.BatchUpsertBellSchedulesRequest(parent=parent, bell_schedules=[bells])
    )
    calendar = calendar_pb2.Calendar(
        name=f"{parent}/calendar",
        first_day="2026-08-05",
        last_day="2027-05-28",
        cycle_days=["A", "B"],
        bells=[calendar_pb2.BellRule(bell_schedule=bells.name)],
    )
    await stub.UpdateCalendar(calendar_service_pb2.UpdateCalendarRequest(calendar=calendar))


class SchoolApi:
    """The servicers over one store in memory: `await api.as_("counselor").ListKeepRules(…)`."""

    def __init__(self, problem):
        self.api = Api(problem)
        vars(self.api.actors).update(vars(actors()))
        self.store = self.api.store
        self.servicer = SchoolServicer(
            store=self.store,
            clock=self.api.clock,
            actors=actors(),
            check=SchoolCheck(directory=self.api.book, needs=self.api.book),
        )
        parts = {"store": self.store, "clock": self.api.clock, "actors": actors()}
        self.people = PeopleServicer(**parts)
        self.calendar = CalendarServicer(**parts)

    def as_(self, name: str):
        """Return the methods of the services, as called by somebody."""
        servicers = (self.servicer, self.api.servicer, self.people, self.calendar)
        return Methods(servicers, CREDENTIALS[name])

    @asynccontextmanager
    async def served(self):
        """Serve them over a real gRPC server; tokens are the names of CREDENTIALS."""
        server = RpcServer(
            "127.0.0.1:0",
            credentials=Credentials.of(dict(CREDENTIALS)),
            error_table=ERRORS,
            scopes=SCOPES,
        )
        server.add(
            scheduler_service_pb2_grpc.add_SchedulerServiceServicer_to_server, self.api.servicer
        )
        server.add(school_service_pb2_grpc.add_SchoolServiceServicer_to_server, self.servicer)
        server.add(people_service_pb2_grpc.add_PeopleServiceServicer_to_server, self.people)
        server.add(calendar_service_pb2_grpc.add_CalendarServiceServicer_to_server, self.calendar)
        port = await server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            await server.stop(grace_seconds=0)


def a_keep_rule(rule_id="k1", **changes) -> KeepRule:
    """Return a rule that keeps lea and mia apart."""
    fields = {
        "school_id": SCHOOL,
        "id": rule_id,
        "kind": KeepKind.APART,
        "learner_id": "lea",
        "other_id": "mia",
        "reason": CANARY,
        "set_by": adult("counselor"),
    }
    return KeepRule(**(fields | changes))


def a_required_service(service_id="s1", **changes) -> SchoolRequiredService:
    """Return 40 minutes of speech a week for lea."""
    fields = {
        "school_id": SCHOOL,
        "id": service_id,
        "learner_id": "lea",
        "service": "speech",
        "minutes": 40,
    }
    return SchoolRequiredService(**(fields | changes))


def an_essential(competency_id="fractions", **changes) -> SchoolEssential:
    """Return a competency that is essential, due in March."""
    fields = {"school_id": SCHOOL, "id": competency_id, "due_date": date(2027, 3, 26)}
    return SchoolEssential(**(fields | changes))


def a_locked_session(session_id="agreed-1", **changes) -> SchoolLockedSession:
    """Return the agreed session of offer o1 in the first slot."""
    fields = {
        "school_id": SCHOOL,
        "id": session_id,
        "date": MONDAY,
        "slot_id": "mon-1",
        "offer_id": "o1",
    }
    return SchoolLockedSession(**(fields | changes))


def a_whole_room(room_id="r1", **changes):
    """Return a room of which everything is said."""
    return a_school_room(
        room_id,
        **{
            "shared": True,
            "layouts": (Layout(layout="circle", capacity=12), Layout(layout="rows", capacity=24)),
            "closed_slot_ids": ("mon-1",),
            "closures": (
                RoomClosure(date=date(2026, 12, 7)),
                RoomClosure(date=date(2026, 12, 14), slot_ids=("mon-1",)),
            ),
        }
        | changes,
    )


def a_whole_offer(offer_id="o1", **changes):
    """Return an offer of which everything is said."""
    return a_school_offer(
        offer_id,
        **{
            "kind": SessionKind.SERVICE,
            "other_room_ids": ("r2",),
            "layout": "circle",
            "mode": Mode.PEER,
            "dok": 3,
            "rich": True,
            "minimum": 2,
            "cap": 6,
            "slot_ids": ("mon-1",),
            "tier_ids": ("2",),
            "legal": "hb1416",
            "service": "speech",
            "scope": Scope(grades=("5", "6"), tags=("studio-b",)),
            "co_adult_ids": ("bo",),
        }
        | changes,
    )


def a_whole_slot(**changes) -> SlotTemplate:
    """Return a policy's slot of which everything is said."""
    fields = {
        "slot_id": "mon-1",
        "iso_weekday": 1,
        "start": time(9),
        "end": time(9, 40),
        "label": "Open block",
        "own_choice": True,
        "subject": "math",
        "scope": Scope(grades=("5", "6"), tags=("studio-b",)),
    }
    return SlotTemplate(**(fields | changes))


def a_whole_policy():
    """Return a policy of which nothing is the default."""
    numbers = {
        name: held + 1
        for name, held in vars(Policy()).items()
        if isinstance(held, int) and name != "version"
    }
    weights = {
        name: held + 1 if isinstance(held, int) else (400, 0, 7)
        for name, held in vars(Weights()).items()
    }
    tiers = (
        Tier(tier_id="3", cap=3, below_level_milli=1500),
        Tier(
            tier_id="2",
            cap=6,
            minimum=2,
            from_level_milli=1500,
            fits=(TierFit(tier_id="3", share_milli=250),),
        ),
    )
    return a_policy(
        version=1,
        slots=(a_whole_slot(),),
        numbers=Policy(**numbers, tiers=tiers, weights=Weights(**weights), banned_words=("x",)),
    )
