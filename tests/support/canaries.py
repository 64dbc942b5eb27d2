"""A school in which each private thing has a word of its own, to see where it comes out.

The week holds every kind of seat that could tell something: help in a tier, a service, a pin with
a reason, an exemption, a pair kept apart, and a skill whose label the school has banned.
"""

from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.model import (
    Decision,
    KeepApart,
    Offer,
    RequiredService,
    SessionKind,
)
from services.scheduler.domain.numbers import Policy, Tier
from services.scheduler.domain.people import Names, Person
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.snapshot import normalised, snapshot_hash
from services.scheduler.domain.solve import solve
from services.scheduler.entrypoints.outputs.audience import Private
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import DISTRICT, set_up
from tests.support.schedules import LEASE, NOW, a_run
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)

CANARIES = {
    Private.LEARNER_NAME: ("Canaryname",),
    Private.LEARNER_ID: ("canaryid",),
    Private.OWN_REASON: ("You are working on",),
    Private.STAFF_REASON: ("canaryreason",),
    Private.LABEL: ("CNRY.7", "Level 1.8", "canaryexempt"),
    Private.TIER: ("canarytier",),
    Private.SERVICE: ("canaryservice",),
    Private.PAIR: ("canarypair",),
}
"""What each private thing would be found by."""

BANNED = "blue group"
"""A word that this school does not want on walls; a framework's label has it."""


def a_canary_school():
    """Return the problem."""
    learners = [a_learner(f"canaryid{number}") for number in range(1, 6)]
    return normalised(
        a_problem(
            slots=(a_slot(), a_slot("mon-2", "09:45", "10:25")),
            adults=(an_adult(), an_adult("ben"), an_adult("cy", subjects=())),
            rooms=(a_room(), a_room("r2"), a_room("r3")),
            offers=(
                an_offer(),
                an_offer("o2", "ben", SessionKind.SMALL_GROUP, room_id="r2"),
                Offer(
                    offer_id="o3",
                    adult_id="cy",
                    kind=SessionKind.SERVICE,
                    room_id="r3",
                    service="canaryservice",
                    slot_ids=("mon-2",),
                ),
            ),
            learners=tuple(learners),
            competencies=(
                a_competency(code="CNRY.7"),
                a_competency("blue", label="Blue group fractions", code="CNRY.8"),
            ),
            needs=(
                *(a_need(one.learner_id) for one in learners[:3]),
                a_need(learners[4].learner_id, decision=Decision.PROFICIENT, level_milli=3200),
                *(a_need(one.learner_id, "blue") for one in learners[:3]),
            ),
            services=(
                RequiredService(learner_id="canaryid4", service="canaryservice", minutes=40),
            ),
            pins=(
                a_pin(learner_id="canaryid5", reason="canaryreason"),
                a_pin("p2", "canaryid5", "mon-2", exemption="canaryexempt"),
            ),
            keep_apart=(
                KeepApart(rule_id="canarypair", learner_id="canaryid1", other_id="canaryid4"),
            ),
            policy=Policy(
                tiers=(Tier(tier_id="canarytier", cap=5),),
                banned_words=(BANNED,),
                need_seats_per_week=2,
            ),
        )
    )


class CanaryApi(Api):
    """An API whose learners all carry the name that is looked for."""

    def __init__(self, problem=None):
        super().__init__(problem or a_canary_school())
        self.book.names = self._names

    async def _names(self, district, school_id):
        return Names(
            learners={
                one.learner_id: Person(
                    given_name=f"G{place}", family_name="Canaryname", source_id=f"s{place:05d}"
                )
                for place, one in enumerate(self.problem.learners)
            },
            adults={one.adult_id: f"Ms. Duval {one.adult_id}" for one in self.problem.adults},
            roster_version=self.book.version,
        )

    async def plan(self, problem, run_id="run-1", seed=1):
        """Plan a problem as it is, and publish it; return the revision's number."""
        week_hash = await self.draft_only(problem, run_id, seed)
        await self.sign(week_hash)
        return (await self.publish(week_hash)).revision

    async def draft_only(self, problem, run_id, seed=3):
        """Plan a problem as it is; return the draft's hash."""
        principal = self.as_("principal")
        if not self.store._districts[DISTRICT].policies:
            await set_up(principal, a_problem(slots=problem.slots, rooms=problem.rooms))
        async with self.store.change(DISTRICT, problem.school_id) as view:
            await view.runs.add(a_run(run_id))
        lease = await self.store.queue.take(owner="a", now=NOW, until=NOW + LEASE)
        assert lease is not None
        week = solve(problem, HighsExact(), seed=seed, budget=50)
        await self.store.queue.keep_snapshot(lease, problem, snapshot_hash(problem))
        assert await self.store.queue.succeed(lease, week, report_of(week), NOW)
        return week.week_hash
