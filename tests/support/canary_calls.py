"""What learners and families can ask over RPC, in a school where each private thing has a word.

Beside the published week of `canaries.py` the school holds what people have asked for: of every
learner a ranking, a booking, a proposal, a reported need, a nomination with a reason, an adult's
request and a calendar's address.
"""

from dataclasses import dataclass, replace

from google.protobuf.descriptor import FieldDescriptor
from trellis.scheduler.v1 import feed_service_pb2 as feeds
from trellis.scheduler.v1 import learner_week_service_pb2 as learner_weeks
from trellis.scheduler.v1 import request_pb2
from trellis.scheduler.v1 import request_service_pb2 as messages

from services.common.rpc.credentials import Credential
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.recent_schools import RecentLists, RecentSchools
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.check import check
from services.scheduler.domain.model import Request, RequestLevel, SessionKind
from services.scheduler.domain.policy import SchoolPolicy, SlotTemplate
from services.scheduler.domain.school import KeepRule, SchoolRequiredService
from services.scheduler.domain.school.keep_rules import KeepKind
from services.scheduler.entrypoints.grpc.asking.servicer import RequestServicer
from services.scheduler.entrypoints.grpc.learner_weeks import LearnerWeekServicer
from services.scheduler.handlers.asking.desk import Desk
from services.scheduler.handlers.asking.windows import OpenWindow, open_window
from services.scheduler.handlers.day.changes import Changing
from tests.support.asking_api import (
    CLOSE,
    OPEN,
    PARENT,
    TUESDAY,
    WEEK,
    competency,
    learner,
    offer,
    put,
)
from tests.support.canaries import BANNED, CanaryApi, a_canary_school
from tests.support.clock import FixedClock
from tests.support.days import RepairInProcess
from tests.support.feeds import feed_servicer
from tests.support.scheduler_api import Methods
from tests.support.scheduler_world import DISTRICT
from tests.support.schools import MONDAY, an_offer

LEARNERS = tuple(f"canaryid{number}" for number in range(1, 6))
SERVICE_OFFER = "o3"
SCOPES = frozenset({"schedule.read", "schedule.write"})


def a_school_that_asks():
    """Return the canary school with two adults who ask for one learner, and an art room."""
    problem = a_canary_school()
    asked = {"learner_id": "canaryid1", "slot_id": "mon-2", "create_time": TUESDAY}
    return replace(
        problem,
        offers=(
            *problem.offers,
            an_offer("o4", "cy", SessionKind.ENRICHMENT, title="Printmaking", slot_ids=("mon-1",)),
        ),
        requests=(
            Request(
                request_id="canarywinner",
                offer_id="o2",
                competency_id="fractions",
                adult_id="ben",
                level=RequestLevel.ADMINISTRATOR,
                **asked,
            ),
            Request(
                request_id="canaryloser",
                offer_id="o1",
                adult_id="ada",
                level=RequestLevel.TEACHER,
                **asked,
            ),
        ),
    )


def _actors():
    found = {
        "principal": Actor(
            name=f"districts/{DISTRICT}/adults/ben",
            roles=frozenset({Role.PRINCIPAL, Role.OFFICE}),
            adult_id="ben",
        )
    }
    for one in LEARNERS:
        own = frozenset({one})
        found[one] = Actor(
            name=learner(one),
            roles=frozenset({Role.LEARNER}),
            learner_id=one,
            own_learner_ids=own,
        )
        found[f"family {one}"] = Actor(
            name=f"districts/{DISTRICT}/families/f{one[-1]}",
            roles=frozenset({Role.FAMILY}),
            own_learner_ids=own,
        )
    return found


ACTORS = _actors()


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is there of one learner, by name."""

    learner_id: str
    booking: str
    feed: str

    @property
    def learner(self):
        """The learner's name."""
        return learner(self.learner_id)

    @property
    def ranking(self):
        """The name of their ranking."""
        return f"{WEEK}/rankings/{self.learner_id}"


class CanaryCalls:
    """The RPCs of a school in which much is private."""

    def __init__(self):
        self.api = CanaryApi(a_school_that_asks())
        self.clock = FixedClock(TUESDAY)
        book = RecentSchools(
            self.api.book, self.api.book, self.api.store, self.clock, kept_seconds=0
        )
        lists = RecentLists(book, self.api.store, self.clock, kept_seconds=0)
        desk = Desk(store=self.api.store, book=book, lists=lists, clock=self.clock)
        actors = MemoryActors({one.name: one for one in ACTORS.values()})
        self.api.clock = self.clock
        changing = Changing(
            store=self.api.store,
            clock=self.clock,
            check=check,
            repairer=RepairInProcess(),
            directory=self.api.book,
        )
        self.servicers = (
            RequestServicer(desk=desk, actors=actors, changing=changing),
            feed_servicer(self.api, actors),
            LearnerWeekServicer(store=self.api.store, names=self.api.book, actors=actors),
        )
        self.asked = {}

    def as_(self, who):
        """Return the methods as called by somebody."""
        person = ACTORS[who].name
        return Methods(
            self.servicers,
            Credential(name=who, district=DISTRICT, scopes=SCOPES, person=person),
        )

    async def set_up(self):
        """Publish the week, and ask for something of and for every learner."""
        problem = self.api.problem
        policy = SchoolPolicy(
            school_id=problem.school_id,
            version=1,
            school_display_name="North",
            time_zone="America/New_York",
            slots=tuple(
                SlotTemplate(
                    slot_id=one.slot_id,
                    iso_weekday=one.date.isoweekday(),
                    start=one.start,
                    end=one.end,
                )
                for one in problem.slots
            ),
            numbers=problem.policy,
        )
        await put(self.api.store, problem, policy=policy)
        await self._keep_private_settings(problem)
        window = OpenWindow(
            district=DISTRICT,
            school_id=problem.school_id,
            monday=MONDAY,
            open_time=OPEN,
            close_time=CLOSE,
        )
        await open_window(window, store=self.api.store)
        assert await self.api.plan(problem) == 1
        for one in LEARNERS:
            self.asked[one] = await self._ask_for(one)
        return self

    async def _keep_private_settings(self, problem):
        async with self.api.store.change(DISTRICT, problem.school_id) as view:
            await view.keep_rules.keep(
                [
                    KeepRule(
                        school_id=problem.school_id,
                        id="canarypair",
                        version=1,
                        kind=KeepKind.APART,
                        learner_id="canaryid1",
                        other_id="canaryid4",
                        reason="canarypair happened in October",
                        set_by=ACTORS["principal"].name,
                    )
                ],
                OPEN,
            )
            await view.required_services.keep(
                [
                    SchoolRequiredService(
                        school_id=problem.school_id,
                        id="canaryservice",
                        version=1,
                        learner_id="canaryid4",
                        service="canaryservice",
                        minutes=40,
                    )
                ],
                OPEN,
            )

    async def _ask_for(self, one):
        staff, own = self.as_("principal"), self.as_(one)
        about = {"parent": PARENT, "learner": learner(one)}
        await staff.CreateNomination(
            messages.CreateNominationRequest(
                **about, competency=competency("fractions"), reason=f"canaryreason {one}"
            )
        )
        await staff.CreateRequest(
            messages.CreateRequestRequest(
                parent=WEEK,
                learner=learner(one),
                slot_id="mon-2",
                offer=offer(SERVICE_OFFER if one == "canaryid4" else "o2"),
                competency=competency("" if one == "canaryid4" else "fractions"),
            )
        )
        await own.ReportNeed(
            messages.ReportNeedRequest(**about, competency=competency("fractions"), words=one)
        )
        await own.ProposeSession(
            messages.ProposeSessionRequest(**about, title="Stop motion", what=f"Films by {one}")
        )
        booked = await own.CreateBooking(
            messages.CreateBookingRequest(
                parent=WEEK,
                kind=request_pb2.Booking.KIND_COACHING,
                learner=learner(one),
                competency=competency("fractions"),
            )
        )
        made = await staff.CreateFeed(feeds.CreateFeedRequest(parent=PARENT, subject=learner(one)))
        return Asked(learner_id=one, booking=booked.booking.name, feed=made.feed.name)


CASES = {
    "GetChoiceWindow": lambda of: [messages.GetChoiceWindowRequest(name=f"{WEEK}/choiceWindow")],
    "GetShortList": lambda of: [messages.GetShortListRequest(parent=WEEK, learner=of.learner)],
    "SubmitRanking": lambda of: [
        messages.SubmitRankingRequest(
            name=of.ranking,
            choices=[request_pb2.RankedChoice(offer=offer("o4"))],
            request_id=f"rank-{of.learner_id}",
        ),
        # Refused: nobody may choose a service.
        messages.SubmitRankingRequest(
            name=of.ranking, choices=[request_pb2.RankedChoice(offer=offer(SERVICE_OFFER))]
        ),
    ],
    "GetRanking": lambda of: [messages.GetRankingRequest(name=of.ranking)],
    "ListRequests": lambda of: [messages.ListRequestsRequest(parent=WEEK, learner=of.learner)],
    "ListNominations": lambda of: [
        messages.ListNominationsRequest(parent=PARENT, learner=of.learner),
        messages.ListNominationsRequest(parent=PARENT),
    ],
    "ReportNeed": lambda of: [
        messages.ReportNeedRequest(
            parent=PARENT, learner=of.learner, competency=competency("blue"), words="More of it"
        )
    ],
    "ListReportedNeeds": lambda of: [
        messages.ListReportedNeedsRequest(parent=PARENT, learner=of.learner),
        messages.ListReportedNeedsRequest(parent=PARENT),
    ],
    "CreateBooking": lambda of: [
        messages.CreateBookingRequest(
            parent=WEEK,
            kind=request_pb2.Booking.KIND_COACHING,
            learner=of.learner,
            competency=competency("blue"),
        ),
        # Refused where it is not open to be shown again, or the session is not for the learner.
        messages.CreateBookingRequest(
            parent=WEEK,
            kind=request_pb2.Booking.KIND_REASSESSMENT,
            learner=of.learner,
            competency=competency("fractions"),
        ),
        messages.CreateBookingRequest(
            parent=WEEK,
            kind=request_pb2.Booking.KIND_COACHING,
            learner=of.learner,
            competency=competency("fractions"),
            offer=offer(SERVICE_OFFER),
            slot_id="mon-2",
        ),
    ],
    "CancelBooking": lambda of: [messages.CancelBookingRequest(name=of.booking)],
    "ListBookings": lambda of: [
        messages.ListBookingsRequest(parent=WEEK, learner=of.learner),
        messages.ListBookingsRequest(parent=WEEK),
    ],
    "ProposeSession": lambda of: [
        messages.ProposeSessionRequest(
            parent=PARENT, learner=of.learner, title="Chess club", what="Games by the window"
        )
    ],
    "ListProposals": lambda of: [
        messages.ListProposalsRequest(parent=PARENT, learner=of.learner),
        messages.ListProposalsRequest(parent=PARENT),
    ],
    "GetLearnerWeek": lambda of: [
        learner_weeks.GetLearnerWeekRequest(name=f"{WEEK}/learners/{of.learner_id}")
    ],
    "CreateFeed": lambda of: [feeds.CreateFeedRequest(parent=PARENT, subject=of.learner)],
    "ListFeeds": lambda of: [feeds.ListFeedsRequest(parent=PARENT, subject=of.learner)],
    "RevokeFeed": lambda of: [feeds.RevokeFeedRequest(name=of.feed)],
}
"""What is sent of each method, of a learner; the first names whose it is."""


def words_in(message):
    """Yield every text of a message and the name of every enum's value that is said in it."""
    for field, value in message.ListFields():
        many = value if field.is_repeated else [value]
        for one in many:
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                yield from words_in(one)
            elif field.type == FieldDescriptor.TYPE_ENUM:
                yield field.enum_type.values_by_number[one].name
            elif field.type == FieldDescriptor.TYPE_STRING:
                yield one


__all__ = ["BANNED", "CASES", "LEARNERS", "SERVICE_OFFER", "CanaryCalls", "words_in"]
