"""A published week to live in: a school with a group, a service and commons, and who acts in it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.check import check
from services.scheduler.domain.model import RequiredService, SessionKind
from services.scheduler.domain.people import Members
from services.scheduler.domain.policy import SchoolPolicy, SlotTemplate
from services.scheduler.domain.repair import repair
from services.scheduler.domain.resources import RequestKey
from services.scheduler.domain.revision import Content, SignOff, next_revision
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.day.changes import Changing
from tests.support.clock import FixedClock
from tests.support.schedules import DISTRICT, LEASE, SCHOOL, a_run
from tests.support.schools import (
    MONDAY,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned

GROUP, COMMONS, SERVICE, ENRICHMENT = (
    SessionKind.SMALL_GROUP,
    SessionKind.COMMONS,
    SessionKind.SERVICE,
    SessionKind.ENRICHMENT,
)
AT_HALF_PAST_SEVEN = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
"""In New York, where the school is."""
IN_THE_LESSON = datetime(2026, 11, 23, 14, 10, tzinfo=UTC)
GROUPED = ("kim", "lea", "max")


def a_school_day(**changes):
    """Return a school whose Monday has one slot from 9:00 to 9:40.

    Ada helps kim, lea and max with fractions in r1, dan gives speech to sam in r3, bob has the
    commons for new and ned in r2. Cyd, who knows math, and eve, who does not, lead nothing.
    """
    fields = {
        "adults": (
            an_adult("ada"),
            an_adult("bob", ()),
            an_adult("cyd"),
            an_adult("dan", ()),
            an_adult("eve", ()),
        ),
        "rooms": (a_room("r1"), a_room("r2"), a_room("r3")),
        "offers": (
            an_offer("group", "ada", GROUP),
            an_offer("open", "bob", COMMONS, room_id="r2"),
            an_offer("speech", "dan", SERVICE, room_id="r3", service="speech"),
        ),
        "learners": tuple(map(a_learner, (*GROUPED, "ned", "new", "sam"))),
        "needs": tuple(map(a_need, GROUPED)),
        "services": (RequiredService(learner_id="sam", service="speech", minutes=40),),
    }
    return a_problem(**(fields | changes))


def content_of(problem, week=None):
    """Return a problem with its week, as they are published."""
    problem = normalised(problem)
    return Content(problem=problem, week=week or planned(problem))


def session_of_offer(content, offer_id, slot_id="mon-1"):
    """Return the session of an offer in a slot."""
    found = [
        one for one in content.week.sessions if (one.offer_id, one.slot_id) == (offer_id, slot_id)
    ]
    assert len(found) == 1
    return found[0]


def policy_for(problem):
    """Return the policy of a problem's school, with its slots."""
    return SchoolPolicy(
        school_id=SCHOOL,
        school_display_name="North Middle School",
        time_zone="America/New_York",
        slots=tuple(
            SlotTemplate(
                slot_id=slot.slot_id,
                iso_weekday=slot.date.isoweekday(),
                start=slot.start,
                end=slot.end,
            )
            for slot in problem.slots
        ),
        version=1,
    )


async def publish(stores, content, *, run_id="run-1", at=AT_HALF_PAST_SEVEN - timedelta(days=3)):
    """Take a week through the queue and publish it as the next revision."""
    week, monday = content.week, content.week.monday
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        if await view.policies.of(SCHOOL) is None:
            await view.policies.keep(policy_for(content.problem), at)
        await view.runs.add(a_run(run_id, monday=monday))
    lease = await stores.queue.take(owner="a", now=at, until=at + LEASE)
    await stores.queue.keep_snapshot(lease, content.problem, snapshot_hash(content.problem))
    assert await stores.queue.succeed(lease, week, report_of(week), at)
    signed = SignOff(adult_id="pat", time=at, week_hash=week.week_hash)
    async with stores.store.change(DISTRICT, SCHOOL) as view:
        await view.weeks.sign_off(SCHOOL, monday, signed)
        head = await view.weeks.head(SCHOOL, monday, lock=True)
        await view.weeks.publish(SCHOOL, monday, next_revision(head, head.draft, signed, at))


def an_actor(role, adult_id="pat", **changes):
    """Return an adult of the school with one role."""
    fields = {
        "name": f"districts/{DISTRICT}/adults/{adult_id}",
        "roles": frozenset({role}),
        "adult_id": adult_id,
    }
    return Actor(**(fields | changes))


OFFICE = an_actor(Role.OFFICE, "olu")
PRINCIPAL = an_actor(Role.PRINCIPAL)


def an_act(actor=OFFICE, request_id="", digest=b"1", method="Method"):
    """Return somebody's act in the school."""
    request = None
    if request_id:
        key = digest.ljust(32, b".")
        request = RequestKey(request_id=request_id, method=method, digest=key)
    return Act(district=DISTRICT, school_id=SCHOOL, actor=actor, request=request)


class RepairInProcess:
    """A `Repairer` for tests: at once, in this process."""

    async def repair(self, problem, week, changes, *, seed):
        """Return the mended week."""
        found = repair(problem, week, changes, seed=seed)
        return Content(problem=found.problem, week=found.week)


class Roll:
    """The roster of a problem, to which a test adds."""

    def __init__(self, problem):
        self.learners = problem.learners
        self.adults = problem.adults

    async def members(self, district, school_id):
        """Return who is in the school."""
        return Members(learners=self.learners, adults=self.adults)

    async def competencies(self, district):
        """Return nothing: who changes a week asks for no competency."""
        return ()


@dataclass
class Lived:
    """A published week in a store, with a clock that a test moves."""

    stores: object
    content: Content
    clock: FixedClock
    changing: Changing
    roll: Roll

    @property
    def store(self):
        """The store."""
        return self.stores.store

    def session(self, offer_id, slot_id="mon-1"):
        """Return the id of the session of an offer."""
        return session_of_offer(self.content, offer_id, slot_id).session_id

    async def newest(self):
        """Return the newest revision and what is in it, as it is read from the store."""
        from services.scheduler.handlers.day.acting import published

        async with self.store.snapshot(DISTRICT) as view:
            return await published(view, SCHOOL, self.content.week.monday)


async def lived_week(stores, problem=None, *, content=None, now=IN_THE_LESSON):
    """Publish a week and return it, with the clock in its first lesson."""
    content = content or content_of(problem or a_school_day())
    await publish(stores, content)
    clock, roll = FixedClock(now), Roll(content.problem)
    changing = Changing(
        store=stores.store,
        clock=clock,
        check=check,
        repairer=RepairInProcess(),
        directory=roll,
    )
    return Lived(stores=stores, content=content, clock=clock, changing=changing, roll=roll)


__all__ = [
    "AT_HALF_PAST_SEVEN",
    "GROUPED",
    "IN_THE_LESSON",
    "MONDAY",
    "OFFICE",
    "PRINCIPAL",
    "Lived",
    "a_pin",
    "a_school_day",
    "a_slot",
    "an_act",
    "an_actor",
    "content_of",
    "lived_week",
    "policy_for",
    "publish",
    "replace",
    "session_of_offer",
]
