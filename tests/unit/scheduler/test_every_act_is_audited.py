"""Every method that changes something leaves an entry in the audit, by whom and about what.

Each test goes through some of the methods with a real change of each. A new method that changes
something stands in one of them, or the last test fails.
"""

import contextlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from trellis.scheduler.v1 import (
    calendar_pb2,
    cycle_pb2,
    people_pb2,
    request_pb2,
    school_pb2,
    week_pb2,
)
from trellis.scheduler.v1 import calendar_service_pb2 as calendar
from trellis.scheduler.v1 import cycle_service_pb2 as cycle
from trellis.scheduler.v1 import day_service_pb2 as day
from trellis.scheduler.v1 import feed_service_pb2 as feeds
from trellis.scheduler.v1 import people_service_pb2 as people
from trellis.scheduler.v1 import request_service_pb2 as asking
from trellis.scheduler.v1 import scheduler_service_pb2 as scheduler
from trellis.scheduler.v1 import school_service_pb2 as school

from services.common.rpc.credentials import Credential
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.adapters.wire import school as school_wire
from services.scheduler.domain.access import Role
from services.scheduler.domain.cycle.steps import Step
from services.scheduler.domain.errors import MoveRefusedError
from services.scheduler.domain.model import Decision, SessionKind
from services.scheduler.entrypoints.actions import ACTIONS
from services.scheduler.entrypoints.grpc.day import DayParts, DayServicer
from services.scheduler.handlers.asking.silence import SilentLearners
from tests.support import asking_api, days
from tests.support.asking import a_group
from tests.support.asking_api import AskingApi, chosen, competency, learner, offer, read
from tests.support.cycle_api import CycleApi
from tests.support.cycles import at
from tests.support.feeds import feed_servicer
from tests.support.people import TrustedPersons
from tests.support.scheduler_api import CREDENTIALS, Methods
from tests.support.scheduler_world import DISTRICT, run_request, set_up
from tests.support.school_data import PARENT, SCHOOL, SchoolApi, a_locked_session, an_essential
from tests.support.schools import (
    MONDAY,
    Shape,
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_school,
    an_absence,
    an_offer,
)

PRINCIPAL = CREDENTIALS["principal"]
PAGE = Path(__file__).parents[3] / "docs/cycle/audit.md"
READING = ("Get", "List", "Check", "Explain", "Locate")
"""How the names of methods begin that change nothing."""
CHANGING = frozenset(name for name in ACTIONS if not name.startswith(READING))
SETTINGS = frozenset(
    {
        *("UpdatePolicy", "UpdateCalendar"),
        *("BatchUpsertRooms", "DeleteRoom", "BatchUpsertOffers", "DeleteOffer"),
        *("BatchUpsertAbsences", "DeleteAbsence", "BatchUpsertPins", "DeletePin"),
        *("BatchUpsertBellSchedules", "DeleteBellSchedule"),
        *("BatchUpsertCalendarDays", "DeleteCalendarDay"),
        *("BatchUpsertKeepRules", "DeleteKeepRule"),
        *("BatchUpsertRequiredServices", "DeleteRequiredService"),
        *("BatchUpsertEssentials", "DeleteEssential"),
        *("BatchUpsertLockedSessions", "DeleteLockedSession"),
        *("BatchUpsertStaffMembers", "DeleteStaffMember"),
        *("BatchUpsertLearnerSettings", "DeleteLearnerSetting"),
    }
)
PLANNING = frozenset(
    {
        *("CreatePlanRun", "CancelPlanRun", "SignOffWeek", "PublishWeek"),
        *("UpdateSchoolCycle", "AcceptSeats", "UnacceptSeats"),
        *("MoveSeat", "DeclineSession", "AddSession"),
    }
)
ASKING = frozenset(
    {
        *("ExtendChoiceWindow", "SubmitRanking", "BatchConfirmRankings", "AnswerRanking"),
        *("CreateRequest", "CancelRequest", "CreateNomination", "WithdrawNomination"),
        *("ReportNeed", "AnswerReportedNeed"),
        *("CreateBooking", "AnswerBooking", "CancelBooking"),
        *("ProposeSession", "SponsorProposal", "DeclineProposal"),
    }
)
ON_THE_DAY = frozenset(
    {
        *("TakeAttendance", "CloseDay", "RecordQuickChecks", "ReportWanderer", "ReportAbsence"),
        *("ResolveUnstaffed", "AdmitLearner", "ReleaseLearner"),
        *("MovePublishedSeat", "ChangePublishedService"),
    }
)
FEEDS = frozenset({"CreateFeed", "RevokeFeed"})
OF_NO_WEEK = (
    SETTINGS - {"BatchUpsertPins", "DeletePin", "BatchUpsertAbsences", "DeleteAbsence"}
) | {
    *("UpdateSchoolCycle", "CreateNomination", "WithdrawNomination"),
    *("ReportNeed", "AnswerReportedNeed"),
    *("ProposeSession", "SponsorProposal", "DeclineProposal", *FEEDS),
}
"""What stands for longer than a week, or a calendar day or agreed session, which may."""


@dataclass
class Watch:
    """What the methods of servicers have left in the audit, by their names."""

    store: MemoryStore
    left: dict = field(default_factory=dict)

    def over(self, methods):
        """Return the methods, watched."""
        return _Watched(self, methods)

    async def entries(self):
        """Return the whole audit in the order of writing, whatever the clock said."""
        async with self.store.snapshot(DISTRICT) as view:
            page = await view.audit.page(SCHOOL, limit=10_000)
        return [entry for _, entry in sorted(page, key=lambda placed: placed[0])]


@dataclass
class _Watched:
    watch: Watch
    methods: object

    def __getattr__(self, name):
        async def call(request):
            before = len(await self.watch.entries())
            answer = await getattr(self.methods, name)(request)
            self.watch.left.setdefault(name, []).extend((await self.watch.entries())[before:])
            return answer

        return call


def must_have_told(watch, methods, actors):
    """Assert that each of the methods left entries, by one of the actors, of its own action."""
    for name in sorted(methods):
        told = watch.left.get(name)
        assert told, f"{name} leaves nothing in the audit"
        assert {one.actor for one in told} <= actors, name
        assert {one.action for one in told} & {one.value for one in ACTIONS[name]}, name
        if name not in OF_NO_WEEK:
            assert {one.monday for one in told} == {MONDAY}, name


def deleted(module, kind, name):
    """Return the request to remove what has a name."""
    return getattr(module, f"Delete{kind}Request")(name=name)


@pytest.mark.parametrize("who", ["principal", "system"])
async def test_settings(who):
    """What a school has set is told, whether a person or a system sets it."""
    problem = a_problem(
        learners=(a_learner(), a_learner("mia")),
        offers=(an_offer(), an_offer("speech", kind=SessionKind.SERVICE, room_id=None)),
        competencies=(a_competency(),),
        absences=(an_absence("cy"),),
        pins=(a_pin(),),
    )
    api = SchoolApi(problem)
    watch = Watch(api.store)
    they = watch.over(api.as_(who))
    await set_up(they, problem)
    await _set_the_rest(they)
    await they.DeletePin(deleted(scheduler, "Pin", f"{PARENT}/pins/p1"))
    await they.DeleteAbsence(deleted(scheduler, "Absence", f"{PARENT}/absences/away-0"))
    for module, kind, collection in (
        (scheduler, "Room", "rooms"),
        (scheduler, "Offer", "offers"),
        (calendar, "BellSchedule", "bellSchedules"),
    ):
        await getattr(they, f"Delete{kind}")(deleted(module, kind, f"{PARENT}/{collection}/spare"))
    must_have_told(watch, SETTINGS, {f"districts/{DISTRICT}/adults/principal", "systems/system"})
    actors = {one.actor for told in watch.left.values() for one in told}
    assert len(actors) == 1


async def _set_the_rest(they):
    """Set one of each kind, and remove again what nothing else rests on."""
    room = week_pb2.Room(name=f"{PARENT}/rooms/spare", display_name="Spare", capacity=9)
    await they.BatchUpsertRooms(scheduler.BatchUpsertRoomsRequest(parent=PARENT, rooms=[room]))
    spare = week_pb2.Offer(
        name=f"{PARENT}/offers/spare",
        adult=f"districts/{DISTRICT}/adults/ada",
        kind=week_pb2.SESSION_KIND_COMMONS,
        title="Spare",
    )
    await they.BatchUpsertOffers(scheduler.BatchUpsertOffersRequest(parent=PARENT, offers=[spare]))
    for kind, field_, module, messages in _settings():
        method = f"BatchUpsert{kind}"
        request = getattr(module, f"{method}Request")(parent=PARENT, **{field_: messages})
        await getattr(they, method)(request)
    await they.UpdateCalendar(
        calendar.UpdateCalendarRequest(
            calendar=calendar_pb2.Calendar(
                name=f"{PARENT}/calendar",
                first_day="2026-08-05",
                last_day="2027-05-28",
                bells=[calendar_pb2.BellRule(bell_schedule=f"{PARENT}/bellSchedules/regular")],
            )
        )
    )
    day_name = f"{PARENT}/calendarDays/2026-11-26"
    holiday = calendar_pb2.CalendarDay(
        name=day_name, no_school=calendar_pb2.NO_SCHOOL_HOLIDAY, title="Fair"
    )
    await they.BatchUpsertCalendarDays(
        calendar.BatchUpsertCalendarDaysRequest(parent=PARENT, calendar_days=[holiday])
    )
    await they.DeleteCalendarDay(deleted(calendar, "CalendarDay", day_name))
    for kind, _, module, messages in _settings():
        if kind != "BellSchedules":
            one = kind.removesuffix("s") if kind != "Essentials" else "Essential"
            await getattr(they, f"Delete{one}")(deleted(module, one, messages[0].name))


def _settings():
    """Return of each kind the name, the field, the contract and the messages."""
    period = calendar_pb2.Period(
        period_id="1", start_clock="09:00", end_clock="09:40", flexible=True
    )
    adult = f"districts/{DISTRICT}/adults/principal"
    rule = school_pb2.KeepRule(
        name=f"{PARENT}/keepRules/k1",
        kind=school_pb2.KeepRule.KIND_APART,
        learner=learner("mia"),
        other_learner=learner("lea"),
        reason="they asked for it",
        set_by=adult,
    )
    service = school_pb2.RequiredService(
        name=f"{PARENT}/requiredServices/s1",
        learner=learner("lea"),
        service="speech",
        minutes=40,
    )
    return (
        ("KeepRules", "keep_rules", school, [rule]),
        ("RequiredServices", "required_services", school, [service]),
        (
            "Essentials",
            "essentials",
            school,
            [school_wire.essential_to(DISTRICT, an_essential())],
        ),
        (
            "LockedSessions",
            "locked_sessions",
            school,
            [school_wire.locked_session_to(DISTRICT, a_locked_session())],
        ),
        (
            "StaffMembers",
            "staff_members",
            people,
            [
                people_pb2.StaffMember(
                    name=f"{PARENT}/staffMembers/ada", roles=[people_pb2.STAFF_ROLE_COACH]
                )
            ],
        ),
        (
            "LearnerSettings",
            "learner_settings",
            people,
            [people_pb2.LearnerSetting(name=f"{PARENT}/learnerSettings/lea", named_adult=adult)],
        ),
        (
            "BellSchedules",
            "bell_schedules",
            calendar,
            [
                calendar_pb2.BellSchedule(
                    name=f"{PARENT}/bellSchedules/{one}", display_name=one, periods=[period]
                )
                for one in ("regular", "spare")
            ],
        ),
    )


SMALL = a_school(3, Shape(learners=12, adults=5, slots=2, competencies=4, needs_each=2.0))


async def test_planning_reviewing_and_publishing():
    """From the clock that is started to the published week, with a run that is cancelled."""
    api = CycleApi(SMALL)
    await api.start()
    watch = Watch(api.store)
    weeks = watch.over(api.as_("principal"))
    review = watch.over(api.in_cycle())
    await review.UpdateSchoolCycle(
        cycle.UpdateSchoolCycleRequest(
            cycle=cycle_pb2.SchoolCycle(name=f"{api.parent}/cycle", running=True)
        )
    )
    run = (await weeks.CreatePlanRun(run_request(SMALL))).plan_run
    await weeks.CancelPlanRun(scheduler.CancelPlanRunRequest(name=run.name))
    for step in (Step.OPEN_RANKING, Step.CLOSE_RANKING, Step.DRAFT):
        await api.tick_until(at(step))
    shown = await api.as_("reader").GetWeek(scheduler.GetWeekRequest(name=api.week))
    seats, sessions = await _listed(api)
    seen = {"week_hash": shown.week.week_hash}
    await review.AcceptSeats(cycle.AcceptSeatsRequest(parent=api.week, seats=[seats[0]], **seen))
    await review.UnacceptSeats(cycle.UnacceptSeatsRequest(parent=api.week, seats=[seats[0]]))
    await _moved(api, review, sessions, seen)
    declined = sessions[-1]
    await review.DeclineSession(
        cycle.DeclineSessionRequest(name=declined.name, reason="I am at a training", **seen)
    )
    await review.AddSession(
        cycle.AddSessionRequest(
            parent=api.week,
            slot_id=declined.slot_id,
            offer=declined.offer,
            reason="the training is off",
        )
    )
    await api.tick_until(at(Step.FINAL_RUN))
    final = await api.as_("reader").GetWeek(scheduler.GetWeekRequest(name=api.week))
    asked = {"name": api.week, "week_hash": final.week.week_hash}
    await weeks.SignOffWeek(scheduler.SignOffWeekRequest(**asked))
    await weeks.PublishWeek(scheduler.PublishWeekRequest(**asked))
    must_have_told(watch, PLANNING, {f"districts/{DISTRICT}/adults/principal"})


async def _listed(api):
    """Return the names of the seats in sessions, and the sessions of the draft."""
    asked = {"parent": api.week, "page_size": 1000}
    seats = (await api.as_("reader").ListSeats(scheduler.ListSeatsRequest(**asked))).seats
    listed = await api.as_("reader").ListSessions(scheduler.ListSessionsRequest(**asked))
    return [one.name for one in seats if one.session], list(listed.sessions)


async def _moved(api, review, sessions, seen):
    """Move the first seat that some other session of its slot takes."""
    asked = scheduler.ListSeatsRequest(parent=api.week, page_size=1000)
    for seat in (await api.as_("reader").ListSeats(asked)).seats:
        for session in sessions:
            if session.slot_id != seat.slot_id or session.name == seat.session:
                continue
            with contextlib.suppress(MoveRefusedError):
                await review.MoveSeat(
                    cycle.MoveSeatRequest(
                        name=seat.name, session=session.name, reason="asked for", **seen
                    )
                )
                return
    raise AssertionError("no seat of the draft can be moved")


async def test_asking():
    """Choices, requests, needs, bookings and proposals, each once with its answer."""
    again = replace(a_group("max", kind=SessionKind.REASSESSMENT), offer_id="again", cap=1)
    problem = asking_api.a_school(
        needs=(
            a_need("lea", "fractions"),
            a_need("leo", "fractions", level_milli=3500, decision=Decision.PROFICIENT),
        ),
        offers=(a_group("eve"), a_group("max"), asking_api.an_enrichment("robots"), again),
        learners=(a_learner("lea"), a_learner("leo")),
    )
    api = await AskingApi(problem).set_up()
    watch = Watch(api.store)

    def by(who):
        return watch.over(api.as_(who))

    await _rank(api, by)
    of_lea = {"learner": learner("lea")}
    of_week = {"parent": asking_api.WEEK, **of_lea}
    asked = await by("max").CreateRequest(
        asking.CreateRequestRequest(slot_id="mon-1", offer=offer("o-max"), **of_week)
    )
    await by("max").CancelRequest(asking.CancelRequestRequest(name=asked.request.name))
    essays = {"parent": PARENT, "competency": competency("essays"), **of_lea}
    need = await by("max").CreateNomination(
        asking.CreateNominationRequest(reason="lost the thread", **essays)
    )
    await by("max").WithdrawNomination(asking.WithdrawNominationRequest(name=need.nomination.name))
    felt = await by("lea").ReportNeed(asking.ReportNeedRequest(words="I get stuck", **essays))
    await by("max").AnswerReportedNeed(
        asking.AnswerReportedNeedRequest(name=felt.reported_need.name, confirm=True)
    )
    await _book(by, of_week)
    for method in ("SponsorProposal", "DeclineProposal"):
        await _propose(by, method)
    must_have_told(watch, ASKING, {one.name for one in api.people.values()})


async def _rank(api, by):
    """Rank, confirm, rank anew, answer, and give more time."""
    for number, what in enumerate(("BatchConfirmRankings", "AnswerRanking")):
        sent = await by("lea").SubmitRanking(
            asking.SubmitRankingRequest(
                name=asking_api.ranking("lea"),
                choices=[chosen("robots")],
                request_id=f"sending {number}",
            )
        )
        if what == "AnswerRanking":
            answer = {"ranking": read(sent.ranking), "sentence": "Let us talk on Friday."}
        else:
            answer = {"rankings": [read(sent.ranking)]}
        request = getattr(asking, f"{what}Request")
        parent = {} if what == "AnswerRanking" else {"parent": asking_api.WEEK}
        await getattr(by("eve"), what)(request(**parent, **answer))
    longer = asking.ExtendChoiceWindowRequest(
        name=f"{asking_api.WEEK}/choiceWindow", reason="The network was down."
    )
    longer.close_time.FromDatetime(asking_api.CLOSE + timedelta(minutes=30))
    await by("office").ExtendChoiceWindow(longer)


async def _book(by, of_week):
    """Book for oneself and have it agreed; take it back."""
    booked = await by("lea").CreateBooking(
        asking.CreateBookingRequest(
            kind=request_pb2.Booking.KIND_REASSESSMENT,
            competency=competency("fractions"),
            **of_week,
        )
    )
    await by("max").AnswerBooking(asking.AnswerBookingRequest(name=booked.booking.name, agree=True))
    await by("lea").CancelBooking(asking.CancelBookingRequest(name=booked.booking.name))


async def _propose(by, method):
    """Propose a session, and have it sponsored or declined."""
    made = await by("lea").ProposeSession(
        asking.ProposeSessionRequest(
            parent=PARENT, learner=learner("lea"), title="Kites that fly", what="We fly kites"
        )
    )
    name = made.proposal.name
    if method == "DeclineProposal":
        request = asking.DeclineProposalRequest(name=name, sentence="There is no wind.")
    else:
        request = asking.SponsorProposalRequest(
            name=name, adult=asking_api.adult("max"), slot_ids=["mon-1"]
        )
    await getattr(by("max"), method)(request)


async def test_the_day():
    """Attendance, an absence and its resolution, and every change of a published week."""
    lived = await days.lived_week(_Stores(MemoryStore()))
    watch = Watch(lived.store)
    office = days.an_actor(Role.OFFICE, "office")
    servicer = DayServicer(
        DayParts(
            changing=lived.changing,
            clock=lived.clock,
            actors=MemoryActors({office.name: office}),
            unanswered=SilentLearners(),
        )
    )
    credential = Credential(
        name="office", district=DISTRICT, scopes=frozenset({"*"}), person=office.name
    )
    they = watch.over(Methods((servicer,), credential))
    week = f"{PARENT}/weeks/{MONDAY}"
    on = {"parent": PARENT, "date": MONDAY.isoformat()}
    group = f"{week}/sessions/{lived.session('group')}"
    await they.TakeAttendance(day.TakeAttendanceRequest(session=group))
    note = day.QuickCheckNote(learner=learner("kim"), level=3)
    await they.RecordQuickChecks(day.RecordQuickChecksRequest(session=group, quick_checks=[note]))
    await they.ReportWanderer(
        day.ReportWandererRequest(parent=PARENT, learner=learner("kim"), found_at="Gym door")
    )
    await they.CloseDay(day.CloseDayRequest(**on))
    lived.clock.advance(days.AT_HALF_PAST_SEVEN - lived.clock.now())
    lived.roll.learners = (*lived.roll.learners, a_learner("zoe"))
    await _change(they, week, on, lived, group)
    must_have_told(watch, ON_THE_DAY, {office.name})
    for name in ("AdmitLearner", "ReleaseLearner", "MovePublishedSeat", "ChangePublishedService"):
        (told,) = watch.left[name]
        assert told.subject.startswith(f"districts/{DISTRICT}/learners/"), name
        assert told.reason == "agreed this morning"


async def _change(they, week, on, lived, group):
    """Change the published week in each way, one revision after the other."""

    def seen(revision):
        return {"week": week, "revision": revision, "reason": "agreed this morning"}

    monday = {"date": on["date"]}
    await they.AdmitLearner(day.AdmitLearnerRequest(learner=learner("zoe"), **monday, **seen(1)))
    await they.ReleaseLearner(
        day.ReleaseLearnerRequest(learner=learner("kim"), **monday, **seen(2))
    )
    await they.MovePublishedSeat(
        day.MovePublishedSeatRequest(
            learner=learner("ned"), slot_id="mon-1", session=group, **seen(3)
        )
    )
    await they.ChangePublishedService(
        day.ChangePublishedServiceRequest(
            learner=learner("new"), service="speech", minutes=40, **seen(4)
        )
    )
    await they.ReportAbsence(
        day.ReportAbsenceRequest(adult=f"districts/{DISTRICT}/adults/ada", **on)
    )
    substitute = day.Resolution(session=group, substitute=f"districts/{DISTRICT}/adults/cyd")
    await they.ResolveUnstaffed(day.ResolveUnstaffedRequest(resolutions=[substitute], **seen(5)))


@dataclass(frozen=True)
class _Stores:
    """A store in memory, as a published week asks for it."""

    store: MemoryStore

    @property
    def queue(self):
        """The queue over the same runs."""
        return self.store.queue


async def test_feeds():
    """Who made an address, and who cut it off."""
    api = SchoolApi(a_problem())
    await set_up(api.as_("principal"), a_problem())
    watch = Watch(api.store)
    servicer = feed_servicer(api.api, actors=TrustedPersons())
    they = watch.over(Methods((servicer,), PRINCIPAL))
    made = await they.CreateFeed(
        feeds.CreateFeedRequest(parent=PARENT, subject=f"districts/{DISTRICT}/adults/principal")
    )
    await they.RevokeFeed(feeds.RevokeFeedRequest(name=made.feed.name))
    must_have_told(watch, FEEDS, {PRINCIPAL.person})


def test_no_method_that_changes_something_is_left_out():
    """Each of them is gone through above."""
    assert SETTINGS | PLANNING | ASKING | ON_THE_DAY | FEEDS == CHANGING


def test_the_page_of_the_audit_says_what_each_kind_is():
    """Whoever reads an entry finds its kind there."""
    kinds = {one.value for name in CHANGING for one in ACTIONS[name]}
    assert sorted(one for one in kinds if f"`{one}`" not in PAGE.read_text("utf-8")) == []
