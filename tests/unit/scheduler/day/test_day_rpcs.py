"""The RPCs of DayService: names and messages at the border, and who may call what."""

from dataclasses import dataclass

import pytest
from trellis.scheduler.v1 import day_pb2
from trellis.scheduler.v1 import day_service_pb2 as messages

from services.common.rpc.credentials import Credential, ScopeMissingError, acting_as
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.memory.store import MemoryStore
from services.scheduler.domain.access import Role
from services.scheduler.domain.errors import (
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    RevisionChangedError,
)
from services.scheduler.entrypoints.grpc.day import DayParts, DayServicer
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.handlers.asking.silence import SilentLearners
from tests.support.days import AT_HALF_PAST_SEVEN, IN_THE_LESSON, MONDAY, an_actor, lived_week
from tests.support.schedules import DISTRICT, SCHOOL
from tests.support.schools import a_learner

PARENT = f"districts/{DISTRICT}/schools/{SCHOOL}"
WEEK = f"{PARENT}/weeks/2026-11-23"
PEOPLE = {
    "office": an_actor(Role.OFFICE, "office"),
    "principal": an_actor(Role.PRINCIPAL, "principal"),
    "ada": an_actor(Role.TEACHER, "ada"),
    "cyd": an_actor(Role.TEACHER, "cyd"),
    "coach": an_actor(Role.COACH, "coach"),
    "specialist": an_actor(Role.SPECIALIST, "specialist"),
    "counselor": an_actor(Role.COUNSELOR, "counselor"),
    "kim": an_actor(Role.LEARNER, "", name="districts/maple/learners/kim", learner_id="kim"),
    "family": an_actor(Role.FAMILY, "", name="families/kim", own_learner_ids=frozenset({"kim"})),
}


@dataclass(frozen=True)
class Stores:
    """A store in memory, as a published week asks for it."""

    store: MemoryStore

    @property
    def queue(self):
        """The queue over the same runs."""
        return self.store.queue


class Methods:
    """DayService as called by somebody."""

    def __init__(self, servicer, person, scopes):
        name = PEOPLE[person].name if person in PEOPLE else None
        self._servicer = servicer
        self._credential = Credential(
            name=person, district=DISTRICT, scopes=frozenset(scopes), person=name
        )

    def __getattr__(self, name):
        """Return one method."""
        method = getattr(self._servicer, name)

        async def call(request):
            with acting_as(self._credential):
                return await method(request, None)

        return call


class Day:
    """The service over a published week."""

    def __init__(self, lived):
        self.lived = lived
        self.servicer = DayServicer(
            DayParts(
                changing=lived.changing,
                clock=lived.clock,
                actors=MemoryActors({one.name: one for one in PEOPLE.values()}),
                unanswered=SilentLearners(),
            )
        )

    def as_(self, person, scopes=("schedule.read", "schedule.write", "schedule.publish")):
        """Return the methods as somebody calls them."""
        return Methods(self.servicer, person, scopes)

    def session(self, offer_id):
        """Return the name of a session."""
        return f"{WEEK}/sessions/{self.lived.session(offer_id)}"


def learner(name):
    """Return a learner's name."""
    return f"districts/{DISTRICT}/learners/{name}"


@pytest.fixture
async def day():
    """Give the service in the first lesson."""
    return Day(await lived_week(Stores(MemoryStore())))


@pytest.fixture
async def early():
    """Give the service at half past seven."""
    return Day(await lived_week(Stores(MemoryStore()), now=AT_HALF_PAST_SEVEN))


def taking(day, offer_id="group", **fields):
    """Return the request to take a session's attendance."""
    return messages.TakeAttendanceRequest(session=day.session(offer_id), **fields)


def absent(name):
    """Return the exception of somebody absent."""
    return day_pb2.AttendanceMark(learner=learner(name), presence=day_pb2.PRESENCE_ABSENT)


async def test_attendance_and_quick_checks_in_one_call(day):
    """The lead names one who is absent and notes one level; the answer has all of the session."""
    answer = await day.as_("ada").TakeAttendance(
        taking(
            day,
            exceptions=[absent("lea")],
            quick_checks=[messages.QuickCheckNote(learner=learner("kim"), level=3)],
        )
    )
    marks = {one.learner: one.presence for one in answer.attendance.marks}
    assert marks == {
        learner("kim"): day_pb2.PRESENCE_PRESENT,
        learner("lea"): day_pb2.PRESENCE_ABSENT,
        learner("max"): day_pb2.PRESENCE_PRESENT,
    }
    (check,) = answer.quick_checks
    assert (check.name, check.level) == (f"{day.session('group')}/quickChecks/kim", 3)
    assert check.adult == f"districts/{DISTRICT}/adults/ada"
    listed = await day.as_("ada").ListQuickChecks(
        messages.ListQuickChecksRequest(session=day.session("group"))
    )
    assert list(listed.quick_checks) == [check]


async def test_lists_come_page_by_page(day):
    """Everything once, whatever the size of a page; another list's token is refused."""
    for offer_id in ("group", "open", "speech"):
        await day.as_("office").TakeAttendance(taking(day, offer_id))
    found, token = [], ""
    for _ in range(9):
        page = await day.as_("office").ListAttendance(
            messages.ListAttendanceRequest(
                parent=PARENT, date="2026-11-23", page_size=1, page_token=token
            )
        )
        found += [one.session for one in page.attendance]
        token = page.next_page_token
        if not token:
            break
    assert found == sorted(day.session(one) for one in ("group", "open", "speech"))
    with pytest.raises(InvalidRequestError, match="page_token"):
        await day.as_("office").ListAttendance(
            messages.ListAttendanceRequest(parent=PARENT, date="2026-11-23", page_token="!")
        )


async def test_a_day_from_the_first_bell_to_its_close(day):
    """What is missing, who was not there, what was given and is owed, and the day is closed."""
    office = day.as_("office")
    await office.TakeAttendance(taking(day, "speech", exceptions=[absent("sam")]))
    missing = await office.ListMissingAttendance(
        messages.ListMissingAttendanceRequest(parent=PARENT, date="2026-11-23")
    )
    assert {one.session for one in missing.sessions} == {day.session("group"), day.session("open")}
    shows = await office.ListNoShows(
        messages.ListNoShowsRequest(parent=PARENT, date="2026-11-23", slot_id="mon-1")
    )
    assert [(one.learner, one.presence) for one in shows.no_shows] == [
        (learner("sam"), day_pb2.PRESENCE_ABSENT)
    ]
    given = await office.ListServiceDelivery(messages.ListServiceDeliveryRequest(parent=WEEK))
    assert [(one.service, one.shortfall_minutes) for one in given.deliveries] == [("speech", 40)]
    owed = await office.ListMakeUps(messages.ListMakeUpsRequest(parent=PARENT, monday="2026-11-30"))
    assert [(one.learner, one.minutes) for one in owed.make_ups] == [(learner("sam"), 40)]
    closed = await office.CloseDay(messages.CloseDayRequest(parent=PARENT, date="2026-11-23"))
    assert closed.missing == 2


async def test_a_wanderer_is_sent_back_and_listed(day):
    """Any adult reports; the answer says where the learner belongs, as the locator does."""
    reported = await day.as_("cyd").ReportWanderer(
        messages.ReportWandererRequest(parent=PARENT, learner=learner("kim"), found_at="Gym door")
    )
    located = await day.as_("cyd").LocateLearner(
        messages.LocateLearnerRequest(parent=PARENT, learner=learner("kim"))
    )
    assert reported.place == located.place
    assert (located.place.session, located.place.now) == (day.session("group"), True)
    assert located.place.start_clock == "09:00"
    listed = await day.as_("office").ListWanderers(
        messages.ListWanderersRequest(parent=PARENT, date="2026-11-23")
    )
    assert [(one.found_at, one.session) for one in listed.wanderers] == [
        ("Gym door", day.session("group"))
    ]


async def test_the_morning_in_two_calls(early):
    """Reported at 7:30 with the options in the answer; resolved by name; told whom it moves."""
    office = early.as_("office")
    reported = await office.ReportAbsence(
        messages.ReportAbsenceRequest(
            parent=PARENT, adult=f"districts/{DISTRICT}/adults/ada", date="2026-11-23"
        )
    )
    (session,) = reported.sessions
    assert session.substitutes == [f"districts/{DISTRICT}/adults/cyd"]
    assert [(one.session, one.seats) for one in session.releases] == [(early.session("open"), 3)]
    listed = await early.as_("ada").ListUnstaffed(
        messages.ListUnstaffedRequest(parent=PARENT, date="2026-11-23")
    )
    assert list(listed.sessions) == [session]
    request = messages.ResolveUnstaffedRequest(
        week=WEEK,
        revision=reported.revision,
        resolutions=[
            messages.Resolution(
                session=session.session,
                spread=messages.Spread(sessions=[session.releases[0].session]),
            )
        ],
        reason="ada called in ill",
    )
    answer = await office.ResolveUnstaffed(request)
    assert answer.change.revision == 2
    assert [(one.learner, one.after) for one in answer.change.moves] == [
        (learner(name), early.session("open")) for name in ("kim", "lea", "max")
    ]
    with pytest.raises(RevisionChangedError):
        await office.ResolveUnstaffed(request)


async def test_learners_come_and_go_and_move(early):
    """Three changes, three revisions, each over the one before."""
    early.lived.roll.learners = (*early.lived.roll.learners, a_learner("zoe"))
    office = early.as_("office")
    admitted = await office.AdmitLearner(
        messages.AdmitLearnerRequest(
            week=WEEK, revision=1, learner=learner("zoe"), date="2026-11-23", reason="enrolled"
        )
    )
    released = await office.ReleaseLearner(
        messages.ReleaseLearnerRequest(
            week=WEEK, revision=2, learner=learner("kim"), date="2026-11-23", reason="moved away"
        )
    )
    moved = await office.MovePublishedSeat(
        messages.MovePublishedSeatRequest(
            week=WEEK,
            revision=3,
            learner=learner("ned"),
            slot_id="mon-1",
            session=early.session("group"),
            reason="asked for by ada",
        )
    )
    served = await office.ChangePublishedService(
        messages.ChangePublishedServiceRequest(
            week=WEEK,
            revision=4,
            learner=learner("new"),
            service="speech",
            minutes=40,
            reason="agreed this morning",
        )
    )
    changes = [one.change for one in (admitted, released, moved, served)]
    assert [one.revision for one in changes] == [2, 3, 4, 5]
    assert [[move.learner for move in one.moves] for one in changes[:3]] == [
        [learner("zoe")],
        [learner("kim")],
        [learner("ned")],
    ]


@pytest.mark.parametrize(
    ("method", "request_", "who"),
    [
        ("TakeAttendance", taking, {"ada", "office", "principal", "coach"}),
        (
            "ListAttendance",
            lambda _: messages.ListAttendanceRequest(parent=PARENT, date="2026-11-23"),
            {"ada", "cyd", "office", "principal", "coach", "specialist", "counselor", "system"},
        ),
        (
            "ListDrifting",
            lambda _: messages.ListDriftingRequest(parent=PARENT, monday="2026-11-23"),
            {"ada", "cyd", "principal", "coach", "counselor"},
        ),
        (
            "LocateLearner",
            lambda _: messages.LocateLearnerRequest(parent=PARENT, learner=learner("kim")),
            {"ada", "cyd", "office", "principal", "coach", "specialist", "counselor"},
        ),
        (
            "ListNoShows",
            lambda _: messages.ListNoShowsRequest(parent=PARENT, date="2026-11-23"),
            {"office", "principal", "coach", "specialist", "counselor", "system"},
        ),
        (
            "CloseDay",
            lambda _: messages.CloseDayRequest(parent=PARENT, date="2026-11-23"),
            {"office", "principal", "coach"},
        ),
        (
            "ReportAbsence",
            lambda _: messages.ReportAbsenceRequest(
                parent=PARENT, adult=f"districts/{DISTRICT}/adults/ada", date="2026-11-24"
            ),
            {"ada", "office", "principal", "system"},
        ),
        (
            "MovePublishedSeat",
            lambda day: messages.MovePublishedSeatRequest(
                week=WEEK,
                revision=1,
                learner=learner("ned"),
                slot_id="mon-1",
                session=day.session("group"),
                reason="asked",
            ),
            {"office", "principal"},
        ),
    ],
)
async def test_who_may_call_what(method, request_, who):
    """Each role of the table is asked; who may not gets one refusal, and nothing is done."""
    allowed = set()
    for person in (*PEOPLE, "system"):
        day = Day(await lived_week(Stores(MemoryStore()), now=IN_THE_LESSON))
        call = getattr(day.as_(person), method)
        try:
            await call(request_(day))
        except NotAllowedError:
            continue
        allowed.add(person)
    assert allowed == who


async def test_a_scope_is_asked_before_a_role(day):
    """A credential that may read writes nothing, whoever holds it."""
    with pytest.raises(ScopeMissingError):
        await day.as_("office", ["schedule.read"]).TakeAttendance(taking(day))
    methods = {name for name in dir(DayServicer) if name[0].isupper()}
    assert methods <= SCOPES.keys()


async def test_names_are_those_of_the_district_and_the_week(day):
    """Another district's session is none; a session of another week cannot be resolved in this."""
    with pytest.raises(NotFoundError):
        await day.as_("office").TakeAttendance(
            messages.TakeAttendanceRequest(
                session="districts/cedar/schools/north/weeks/2026-11-23/sessions/s1"
            )
        )
    other = f"{PARENT}/weeks/2026-11-30/sessions/s1"
    with pytest.raises(InvalidRequestError, match="another week"):
        await day.as_("office").MovePublishedSeat(
            messages.MovePublishedSeatRequest(
                week=WEEK, revision=1, learner=learner("ned"), slot_id="mon-1", session=other
            )
        )
    for request in (
        messages.ListAttendanceRequest(parent=PARENT, date="Monday"),
        messages.ListAttendanceRequest(parent=PARENT, date=f"{MONDAY:%d.%m.%Y}"),
    ):
        with pytest.raises(InvalidRequestError, match="date"):
            await day.as_("office").ListAttendance(request)
