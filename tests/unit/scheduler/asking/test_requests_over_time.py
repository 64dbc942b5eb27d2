"""Whatever adults create and cancel, in whatever order: what stands is what H6 says of it."""

import asyncio
from collections import defaultdict
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.scheduler.domain.asking.requests import settled
from services.scheduler.domain.week import RequestState
from services.scheduler.handlers.asking.requests import CreateRequest, create_request
from services.scheduler.handlers.asking.settling import Settling, settle_week
from services.scheduler.handlers.asking.weeks import week_of
from tests.support.asking import a_group, english_slot
from tests.support.asking_api import DISTRICT, SCHOOL, AskingApi, a_school
from tests.support.schools import MONDAY, a_learner, a_need, an_adult

ASKERS = ("eve", "max", "art", "pat")
LEARNERS = ("lea", "leo", "liv")
SLOTS = (
    english_slot(),
    english_slot("mon-2", "09:30", "10:10", subject="math"),
    english_slot("mon-3", "10:20", "11:00", subject=""),
)
SCHOOL_OF = {
    "slots": SLOTS,
    "learners": tuple(a_learner(one) for one in LEARNERS),
    "offers": (a_group("eve", cap=2), a_group("max", cap=1), a_group("art", cap=2)),
    "adults": (an_adult("eve", ("English",)), an_adult("max"), an_adult("art", ("art",))),
    "needs": (a_need("lea", "fractions"), a_need("leo", "fractions", level_milli=1200)),
}
creates = st.tuples(
    st.just("create"),
    st.sampled_from(ASKERS),
    st.sampled_from(LEARNERS),
    st.sampled_from([one.slot_id for one in SLOTS]),
    st.sampled_from(["o-eve", "o-max", "o-art"]),
)
cancels = st.tuples(st.just("cancel"), st.integers(0, 30))
steps = st.lists(st.one_of(creates, creates, cancels), max_size=14)


class Story:
    """A school in which requests come and go."""

    def __init__(self, api):
        self.api = api
        self.names = []

    async def take(self, step):
        """Do one step."""
        desk = self.api.desk
        if step[0] == "create":
            _, who, learner_id, slot_id, offer_id = step
            asked = CreateRequest(
                monday=MONDAY, learner_id=learner_id, slot_id=slot_id, offer_id=offer_id
            )
            made = await create_request(desk, self.api.by(who), asked)
            self.names.append(made.told.request.id)
        elif self.names:
            name = self.names[step[1] % len(self.names)]
            await self.api.take_back("pat", name)

    async def standing(self):
        """Return the kept outcome of each request, the requests, and the week they are in."""
        async with self.api.store.snapshot(DISTRICT) as view:
            requests = await view.asking.requests.matching(SCHOOL, {}, limit=100)
            newest = await view.asking.outcomes.newest(SCHOOL, [one.id for one in requests])
            known = await self.api.desk.book.known(DISTRICT, SCHOOL)
            week = await week_of(view, SCHOOL, MONDAY, self.api.desk.reading(known))
        return {name: one.outcome for name, one in newest.items()}, requests, week


def tell(taken, check):
    """Run a story and look at it after every step."""

    async def run():
        story = Story(await AskingApi(a_school(**SCHOOL_OF)).set_up())
        for step in taken:
            await story.take(step)
            await check(story)
        return story

    return asyncio.run(run())


often = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@often
@given(taken=steps)
def test_what_is_kept_is_what_settling_from_scratch_gives(taken):
    """After every create and every cancel, for all requests of the week; again changes nothing."""

    async def check(story):
        kept, requests, week = await story.standing()
        assert sorted(kept.values(), key=lambda one: one.request_id) == sorted(
            settled(week, requests), key=lambda one: one.request_id
        )

    story = tell(taken, check)
    desk = story.api.desk
    settling = Settling(
        store=desk.store, book=desk.book, clock=desk.clock, queue=desk.store.request_weeks()
    )
    assert asyncio.run(settle_week(settling, DISTRICT, SCHOOL, MONDAY)) == ()


@often
@given(taken=steps)
def test_a_learner_is_never_promised_to_two_at_one_time_nor_a_seat_to_two_learners(taken):
    """Of all who are told "seated": no clash of clocks, and no session beyond its cap."""

    async def check(story):
        kept, requests, week = await story.standing()
        slots = {one.slot_id: one for one in week.slots}
        caps = {one.offer_id: one.cap for one in week.offers}
        seated = [r for r in requests if kept[r.id].state is RequestState.SEATED]
        inside = defaultdict(set)
        for n, one in enumerate(seated):
            inside[one.slot_id, one.offer_id].add(one.learner_id)
            for other in seated[n + 1 :]:
                if one.learner_id == other.learner_id:
                    assert not slots[one.slot_id].meets(slots[other.slot_id])
        for (_, offer_id), learners in inside.items():
            assert len(learners) <= caps[offer_id]

    tell(taken, check)


@often
@given(taken=steps)
def test_when_all_is_taken_back_nobody_is_seated(taken):
    """Every outcome is cancelled, and stays so."""

    async def check(_story):
        return

    story = tell(taken, check)

    async def cancel_all():
        for name in story.names:
            await story.api.take_back("pat", name)
        return (await story.standing())[0]

    kept = asyncio.run(cancel_all())
    assert {one.state for one in kept.values()} <= {RequestState.CANCELLED}


@often
@given(taken=steps)
def test_the_order_in_which_requests_were_written_is_total_and_never_changes(taken):
    """Each has a time of its own, in the order of their creation, whatever else happened since."""

    async def check(story):
        _, requests, _ = await story.standing()
        times = {one.id: one.create_time for one in requests}
        written = [times[name] for name in story.names]
        assert all(one < other for one, other in pairwise(written))

    tell(taken, check)
