"""What people ask for over the RPCs: a school of English, math and art, and who is who in it.

The store is any store; the other services are one problem. English owns the first slot.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from trellis.scheduler.v1 import request_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.common.rpc.credentials import Credential, acting_as
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.adapters.recent_schools import RecentLists, RecentSchools
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.check import check
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.policy import SchoolPolicy, SlotTemplate
from services.scheduler.domain.school import SchoolOffer, SchoolRoom
from services.scheduler.entrypoints.grpc.asking.servicer import RequestServicer
from services.scheduler.handlers.asking.desk import Desk
from services.scheduler.handlers.asking.taking_back import TakeBack, take_back
from services.scheduler.handlers.asking.windows import OpenWindow, open_window
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.day.changes import Changing
from tests.support.asking import asking
from tests.support.clock import FixedClock
from tests.support.days import RepairInProcess
from tests.support.scheduler_api import BookOf
from tests.support.schools import MONDAY, a_need, an_offer

DISTRICT, SCHOOL = "maple", "north"
PARENT = f"districts/{DISTRICT}/schools/{SCHOOL}"
WEEK = f"{PARENT}/weeks/{MONDAY}"
# Tuesday to Thursday noon before the Monday.
MONDAY_BEFORE = MONDAY - timedelta(weeks=1)
OPEN = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)
CLOSE = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
LATEST = CLOSE + timedelta(hours=1)
SCOPES = ("schedule.read", "schedule.write", "schedule.publish")
TUESDAY = OPEN + timedelta(hours=1)
SUNDAY = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def learner(learner_id):
    """Return the resource name of a learner."""
    return f"districts/{DISTRICT}/learners/{learner_id}"


def adult(adult_id):
    """Return the resource name of an adult."""
    return f"districts/{DISTRICT}/adults/{adult_id}"


def offer(offer_id):
    """Return the resource name of an offer."""
    return f"{PARENT}/offers/{offer_id}" if offer_id else ""


def competency(competency_id):
    """Return the resource name of a competency."""
    return f"districts/{DISTRICT}/competencies/{competency_id}" if competency_id else ""


def ranking(learner_id):
    """Return the resource name of a ranking."""
    return f"{WEEK}/rankings/{learner_id}"


def read(sent):
    """Return a ranking as somebody has read it."""
    return request_pb2.ReadRanking(name=sent.name, number=sent.number)


def chosen(offer_id="", competency_id="", *slots):
    """Return one choice."""
    return request_pb2.RankedChoice(
        offer=offer(offer_id), competency=competency(competency_id), slot_ids=slots
    )


def _staff(adult_id, *roles, own=()):
    return Actor(
        name=adult(adult_id),
        roles=frozenset(roles),
        adult_id=adult_id,
        own_learner_ids=frozenset(own),
    )


ACTORS = {
    "eve": _staff("eve", Role.TEACHER, own=("lea",)),
    "max": _staff("max", Role.TEACHER, own=("lea", "leo")),
    "art": _staff("art", Role.COACH),
    "sam": _staff("sam", Role.SPECIALIST),
    "kim": _staff("kim", Role.COUNSELOR),
    "pat": _staff("pat", Role.PRINCIPAL),
    "office": _staff("office", Role.OFFICE),
    "lea": Actor(
        name=learner("lea"),
        roles=frozenset({Role.LEARNER}),
        learner_id="lea",
        own_learner_ids=frozenset({"lea"}),
    ),
    "family": Actor(
        name=f"districts/{DISTRICT}/families/of-lea",
        roles=frozenset({Role.FAMILY}),
        own_learner_ids=frozenset({"lea"}),
    ),
    "nobody": Actor(name=adult("nobody"), roles=frozenset()),
}


def a_school(**changes):
    """Return the school as other services know it, with its offers."""
    fields = {"needs": (a_need("lea", "fractions", newest_day=MONDAY_BEFORE),)}
    return asking(**(fields | changes))


async def put(store, problem, *, policy=None):
    """Keep the settings of a problem's school."""
    async with store.change(DISTRICT, SCHOOL) as view:
        now = OPEN
        await view.policies.keep(
            policy
            or SchoolPolicy(
                school_id=SCHOOL,
                version=1,
                school_display_name="North",
                time_zone="America/New_York",
                slots=tuple(
                    SlotTemplate(
                        slot_id=one.slot_id,
                        iso_weekday=one.date.isoweekday(),
                        start=one.start,
                        end=one.end,
                        subject=one.subject,
                    )
                    for one in problem.slots
                ),
                numbers=Policy(),
            ),
            now,
        )
        await view.rooms.keep(
            [
                SchoolRoom(
                    school_id=SCHOOL,
                    id=one.room_id,
                    version=1,
                    display_name=one.room_id,
                    capacity=one.capacity,
                    shared=one.shared,
                )
                for one in problem.rooms
            ],
            now,
        )
        await view.offers.keep(
            [
                SchoolOffer(
                    school_id=SCHOOL,
                    id=one.offer_id,
                    version=1,
                    adult_id=one.adult_id,
                    kind=one.kind,
                    room_id=one.room_id or "",
                    subject=one.subject,
                    title=one.title,
                    cap=one.cap,
                    slot_ids=one.slot_ids,
                )
                for one in problem.offers
            ],
            now,
        )


class AskingApi:
    """The servicer, called as a person: `await api.as_("lea").SubmitRanking(request)`."""

    def __init__(self, problem=None, store=None, actors=None):
        self.problem = problem or a_school()
        self.store = store or MemoryStore()
        self.clock = FixedClock(TUESDAY)
        self.upstream = BookOf(self.problem)
        self.people = actors or ACTORS
        book = RecentSchools(self.upstream, self.upstream, self.store, self.clock, kept_seconds=0)
        lists = RecentLists(book, self.store, self.clock, kept_seconds=0)
        self.desk = Desk(store=self.store, book=book, lists=lists, clock=self.clock)
        self.changing = Changing(
            store=self.store,
            clock=self.clock,
            check=check,
            repairer=RepairInProcess(),
            directory=self.upstream,
        )
        actors = MemoryActors({one.name: one for one in self.people.values()})
        self.servicer = RequestServicer(desk=self.desk, actors=actors, changing=self.changing)
        self.sendings = 0

    async def set_up(self, **window):
        """Keep the school's settings, and open the time for choosing."""
        await put(self.store, self.problem)
        fields = {"open_time": OPEN, "close_time": CLOSE, "latest_close_time": LATEST}
        await open_window(
            OpenWindow(district=DISTRICT, school_id=SCHOOL, monday=MONDAY, **(fields | window)),
            store=self.store,
        )
        return self

    async def open_again(self, monday, **window):
        """Open the time for choosing of another week, as long before it."""
        shift = monday - MONDAY
        command = OpenWindow(
            district=DISTRICT,
            school_id=SCHOOL,
            monday=monday,
            open_time=OPEN + shift,
            close_time=CLOSE + shift,
        )
        await open_window(replace(command, **window), store=self.store)

    def at(self, moment):
        """Set the clock."""
        self.clock.advance(moment - self.clock.now())

    def by(self, who):
        """Return who acts, for a handler."""
        return Act(district=DISTRICT, school_id=SCHOOL, actor=self.people[who])

    async def take_back(self, who, request_id, **changes):
        """Take a request of the week back, below the RPC."""
        wanted = TakeBack(monday=MONDAY, request_id=request_id, **changes)
        return await take_back(self.desk, self.by(who), wanted, changing=self.changing)

    def as_(self, who, scopes=SCOPES):
        """Return the methods as called by a person."""
        return _Methods(self, self.people[who].name, scopes)

    def new_request_id(self):
        """Return a request id that was not used yet."""
        self.sendings += 1
        return f"sending-{self.sendings}"

    async def rank(self, who, *choices, of="lea", **changes):
        """Send choices."""
        fields = {
            "name": ranking(of),
            "choices": choices,
            "request_id": self.new_request_id(),
        }
        request = messages.SubmitRankingRequest(**(fields | changes))
        return (await self.as_(who).SubmitRanking(request)).ranking

    async def ask(self, who, of="lea", offer_id=None, slot_id="mon-1", target="", **changes):
        """Ask for a learner in a person's own group; return the whole answer."""
        request = messages.CreateRequestRequest(
            parent=WEEK,
            learner=learner(of),
            slot_id=slot_id,
            offer=offer(offer_id or f"o-{who}"),
            competency=competency(target),
            **({"request_id": self.new_request_id()} | changes),
        )
        return await self.as_(who).CreateRequest(request)

    async def cancel(self, who, name, *, scopes=SCOPES, **changes):
        """Take a request back; return the whole answer."""
        fields = {"name": name, "request_id": self.new_request_id()}
        request = messages.CancelRequestRequest(**fields | changes)
        return await self.as_(who, scopes).CancelRequest(request)

    async def requests(self, who="pat", **changes):
        """Return the requests of the week by name, as somebody reads them."""
        asked = messages.ListRequestsRequest(parent=WEEK, **changes)
        found = await self.as_(who).ListRequests(asked)
        return {one.name: one for one in found.requests}


class _Methods:
    def __init__(self, api, person, scopes):
        self._api = api
        self._credential = Credential(
            name="test", district=DISTRICT, scopes=frozenset(scopes), person=person
        )

    def __getattr__(self, name):
        method = getattr(self._api.servicer, name)

        async def call(request):
            with acting_as(self._credential):
                return await method(request, None)

        return call


def an_enrichment(offer_id, **changes):
    """Return an offer of enrichment by art, in no room."""
    fields = {"title": offer_id.title(), "room_id": None}
    return an_offer(offer_id, "art", kind=SessionKind.ENRICHMENT, **(fields | changes))
