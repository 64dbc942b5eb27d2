"""What every implementation of published statuses does: keep, tell, audit, list and prune."""

from __future__ import annotations

from dataclasses import replace

import pytest
from trellis.evidence.v1 import evidence_pb2

from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.flip_words import FlipCause
from services.mastery.domain.model import MICROSECONDS_A_DAY, Decision
from services.mastery.handlers.policies import NewPolicy, PolicyCache, put_policy
from services.mastery.handlers.projection import project_changes
from services.mastery.handlers.readings import get_masteries, hash_state, list_masteries
from services.mastery.handlers.republishing import mark_for_policies
from services.mastery.handlers.status_flips import list_flips, prune_flips
from services.mastery.ports.published_statuses import FlipPlace, FlipSelection
from services.mastery.ports.publishing import KeptStatus, MarkedKey
from tests.support.mastery_events import DAY_SECONDS, DISTRICT, START_SECONDS, recorded, retracted

NOW_US = (START_SECONDS + 3 * DAY_SECONDS + 3_600) * 1_000_000
ALL = FlipSelection(learner=None, start_us=0, end_us=NOW_US * 2)
KEY = MarkedKey(district=DISTRICT, learner="l1", competency="c1")


class Published:
    """Keeps what was published, or fails."""

    def __init__(self):
        self.changed, self.fail = [], False

    async def publish(self, masteries):
        """Keep masteries."""
        if self.fail:
            raise ConnectionError("the broker is away")
        self.changed += masteries


class WithoutSettling:
    """The marks of a projector that dies before it settles them."""

    def __init__(self, marks):
        self.take, self.facts, self.keep = marks.take, marks.facts, marks.keep

    async def settle(self, marks, told=()):
        """Die."""
        raise SystemError("killed")


def rubric(entity, level, *, day, learner="l1", competency="c1", **changes):
    """Return a piece of rubric work, some days after the start."""
    return recorded(
        entity,
        learner=learner,
        competencies=(competency,),
        score=round((level - 1) * 10_000),
        scale=evidence_pb2.SCORE_SCALE_RUBRIC,
        kind=evidence_pb2.KIND_PERFORMANCE_TASK,
        seconds=round(day * DAY_SECONDS),
        **changes,
    )


def fours(learner="l1", count=4):
    """Return rubric work at level 4 until now; four pieces just make a learner proficient."""
    days = [3 * place / (count - 1) for place in range(count)]
    return [
        rubric(f"{learner}-{place}", 4, day=day, learner=learner) for place, day in enumerate(days)
    ]


async def turn(scene, published=None, *, marks=None, days=0):
    """Take one turn some days after now; return it with what it published."""
    published = published or Published()
    done = await project_changes(
        after=None,
        as_of_us=NOW_US + days * MICROSECONDS_A_DAY,
        marks=marks or scene.marks,
        publisher=published,
        policies=PolicyCache(),
    )
    return done, published.changed


async def flips(scene, *, district=DISTRICT, learner=None, **more):
    """Return all flips of a district or learner, the newest first."""
    page = await list_flips(
        district,
        replace(ALL, learner=learner),
        before=None,
        page_size=0,
        flips=scene.flips,
        **more,
    )
    return page.flips


async def status_of(scene, key=("l1", "c1")):
    """Return what is published of a key."""
    async with scene.facts.snapshot(DISTRICT) as store:
        return (await store.published(DISTRICT, [key])).get(key)


async def test_a_status_is_published_kept_and_audited(scene):
    """The turn that finds a learner proficient tells of it, and the audit has the numbers."""
    await scene.fold(*fours())
    done, changed = await turn(scene)
    assert (done.published, done.flips) == (1, 1)
    assert (changed[0].flipped, changed[0].published.status) == (True, Decision.PROFICIENT)
    kept = await status_of(scene)
    assert kept == replace(changed[0].published, told_flip=1)
    (audited,) = await flips(scene)
    flip, mastery = audited.flip, changed[0].mastery
    assert (audited.learner, audited.competency) == ("l1", "c1")
    assert (flip.number, flip.before, flip.after) == (1, Decision.INSUFFICIENT, mastery.decision)
    assert (flip.cause, flip.flip_us) == (FlipCause.DECIDED, NOW_US)
    assert (flip.micro, flip.evidence) == (mastery.micro, mastery.summary.evidence)
    assert (flip.decision, flip.evidence_count) == (mastery.decision, 4)
    assert (flip.version, flip.policy_version) == (mastery.version, 0)
    assert flip.current_level_milli == 4_000
    assert flip.explanation == kept.explanation


async def test_weaker_new_work_is_published_without_a_flip(scene):
    """The decision turns, the status stays, and nobody is told that it flipped."""
    await scene.fold(*fours())
    await turn(scene)
    await scene.fold(rubric("e5", 3, day=3.01))
    done, changed = await turn(scene)
    assert (done.published, done.flips) == (1, 0)
    assert changed[0].mastery.decision == Decision.APPROACHING
    assert (changed[0].flipped, changed[0].published.status) == (False, Decision.PROFICIENT)
    assert len(await flips(scene)) == 1


async def test_what_is_withdrawn_takes_the_status_with_it(scene):
    """The latch holds no status that rests on what was taken back, over any number of turns."""
    await scene.fold(*fours())
    await turn(scene)
    await scene.fold(rubric("e5", 3, day=3.01))
    await turn(scene)
    await scene.fold(retracted("l1-0"))
    _, changed = await turn(scene)
    assert (changed[0].flipped, changed[0].published.status) == (True, Decision.APPROACHING)
    assert (await flips(scene))[0].flip.cause == FlipCause.TAKEN_BACK


async def test_a_broker_that_is_away_loses_no_flip_and_makes_none_twice(scene):
    """What was kept before it could be told is told by the next turn, as the same flip."""
    await scene.fold(*fours())
    away = Published()
    away.fail = True
    with pytest.raises(ConnectionError):
        await turn(scene, away)
    assert len(await flips(scene)) == 1
    done, changed = await turn(scene)
    assert (done.published, done.flips) == (1, 0)
    assert changed[0].flipped
    assert changed[0].published.flip_number == 1
    assert len(await flips(scene)) == 1


async def test_a_death_between_publishing_and_settling_tells_it_again_as_the_same_flip(scene):
    """Readers tell the repeat by its number; the audit has one row; then it is news no more."""
    await scene.fold(*fours())
    published = Published()
    with pytest.raises(SystemError):
        await turn(scene, published, marks=WithoutSettling(scene.marks))
    await turn(scene, published)
    told = [(one.flipped, one.published.flip_number) for one in published.changed]
    assert told == [(True, 1), (True, 1)]
    assert len(await flips(scene)) == 1
    await scene.fold(rubric("e5", 4, day=3.01))
    _, changed = await turn(scene)
    assert (changed[0].flipped, changed[0].published.flip_number) == (False, 1)


async def test_a_flip_that_nobody_was_told_of_is_not_lost_where_it_turns_back(scene):
    """Dead before it was told, and the next look finds it gone again: both are in the audit."""
    await scene.fold(*fours())
    away = Published()
    away.fail = True
    with pytest.raises(ConnectionError):
        await turn(scene, away)
    await scene.fold(retracted("l1-0"))
    _, changed = await turn(scene)
    assert (changed[0].flipped, changed[0].published.flip_number) == (True, 2)
    found = [(one.flip.number, one.flip.after) for one in await flips(scene)]
    assert found == [(2, Decision.APPROACHING), (1, Decision.PROFICIENT)]


async def test_who_has_read_an_older_status_keeps_nothing(scene):
    """Two projectors for a moment: the slower one's look is not kept, and the mark stays."""
    await scene.fold(*fours())
    slow = []

    class Slow(WithoutSettling):
        async def settle(self, marks, told=()):
            """Settle nothing."""

    marks = Slow(scene.marks)
    keep = marks.keep

    async def keep_late(looks):
        slow.extend(looks)
        return frozenset()

    marks.keep = keep_late
    done, _ = await turn(scene, marks=marks)
    assert done.published == 0
    await turn(scene)
    await scene.fold(rubric("e5", 4, day=3.01))
    assert await keep(slow) == set()
    assert len(await flips(scene)) == 1
    assert (await status_of(scene)).told_flip == 1
    assert len(await scene.marks.take(after=None, limit=9)) == 1


async def test_another_projectors_flip_is_not_written_over(scene):
    """A look that knows an older number is refused, whatever it says."""
    await scene.fold(*fours())
    await turn(scene)
    kept = await status_of(scene)
    stale = KeptStatus(
        key=KEY,
        known_flip=0,
        status=replace(kept, status=Decision.NOT_YET, flip_number=1),
        flip=None,
    )
    assert await scene.marks.keep([stale]) == set()
    assert await scene.marks.keep([replace(stale, known_flip=None)]) == set()
    assert await status_of(scene) == kept


async def test_a_new_policy_is_followed_and_says_so(scene):
    """Stricter gates bring the status down at once; a change of something else does not."""
    await scene.fold(*fours())
    await turn(scene)
    await scene.fold(rubric("e5", 3, day=3.01))
    await turn(scene)
    for number, document in enumerate(({"reteach_evidence": 9}, {"minimum_days": 6})):
        new = NewPolicy(
            district=DISTRICT, document=document, effective_us=None, note="", actor="test"
        )
        await put_policy(new, now_us=NOW_US + number, policies=scene.policies)
        await mark_for_policies(at_us=NOW_US + number, publications=scene.publications, limit=99)
        await turn(scene, days=1)
    found = [(one.flip.cause, one.flip.policy_version) for one in await flips(scene)]
    assert found == [(FlipCause.TOO_LITTLE, 2), (FlipCause.DECIDED, 0)]


async def test_statuses_are_no_part_of_the_state_and_go_with_each_answer(scene):
    """The state hash is that of the facts; who asks for a mastery is told what is published."""
    await scene.fold(*fours())
    before = await hash_state(DISTRICT, states=scene.states)
    asked = {"as_of_us": NOW_US, "facts": scene.facts, "policies": PolicyCache()}
    (unpublished,) = (await get_masteries(DISTRICT, [("l1", "c1")], **asked)).masteries
    assert unpublished.published is None
    await turn(scene)
    assert await hash_state(DISTRICT, states=scene.states) == before
    (found,) = (await get_masteries(DISTRICT, [("l1", "c1")], **asked)).masteries
    assert found.published == await status_of(scene)
    page = await list_masteries(DISTRICT, "l1", after="", page_size=0, **asked)
    assert [one.published for one in page.masteries] == [found.published]
    async with scene.facts.snapshot("forsyth") as store:
        assert not await store.published("forsyth", [("l1", "c1")])


async def many_flips(scene):
    """Make flips of three learners on four days, and one in another district."""
    for day, learner in enumerate(("l1", "l2", "l3")):
        await scene.fold(*fours(learner, count=7))
        await turn(scene, days=day)
    back = [(one, place) for one in ("l1", "l2") for place in range(3)]
    await scene.fold(*(retracted(f"{one}-{place}", learner=one) for one, place in back))
    await scene.fold(*(replace_district(one) for one in fours()))
    await turn(scene, days=3)


def replace_district(event):
    """Return the same event in another district."""
    event.learner = event.learner.replace(DISTRICT, "forsyth")
    for one in event.recorded.alignments:
        one.competency = one.competency.replace(DISTRICT, "forsyth")
    return event


async def test_pages_hold_every_flip_once_the_newest_first(scene):
    """Of a district or of a learner, by time, two flips of one moment among them."""
    await many_flips(scene)
    found, place = [], None
    for _ in range(9):
        page = await list_flips(DISTRICT, ALL, before=place, page_size=2, flips=scene.flips)
        found += page.flips
        place = page.next_before
        if place is None:
            break
    assert [(one.learner, one.flip.number) for one in found] == [
        ("l2", 2),
        ("l1", 2),
        ("l3", 1),
        ("l2", 1),
        ("l1", 1),
    ]
    assert [one.flip.number for one in await flips(scene, learner="l1")] == [2, 1]
    assert [one.learner for one in await flips(scene, district="forsyth")] == ["l1"]
    assert not await flips(scene, learner="nobody")


async def test_flips_are_told_from_a_time_on_until_before_another(scene):
    """The beginning belongs to it, the end does not."""
    await many_flips(scene)
    day = MICROSECONDS_A_DAY
    selection = FlipSelection(learner=None, start_us=NOW_US + day, end_us=NOW_US + 3 * day)
    page = await list_flips(DISTRICT, selection, before=None, page_size=0, flips=scene.flips)
    assert [one.learner for one in page.flips] == ["l3", "l2"]


@pytest.mark.parametrize("page_size", [-1, 501])
async def test_a_page_has_a_bound(scene, page_size):
    """As with every list."""
    with pytest.raises(InvalidRequestError, match="page_size"):
        await list_flips(DISTRICT, ALL, before=None, page_size=page_size, flips=scene.flips)


async def test_a_span_of_time_does_not_end_before_it_begins(scene):
    """A slip is told, not answered with nothing."""
    with pytest.raises(InvalidRequestError, match="end_time"):
        await list_flips(
            DISTRICT, replace(ALL, start_us=2, end_us=1), before=None, page_size=0,
            flips=scene.flips,
        )  # fmt: skip


async def test_old_flips_are_pruned_in_steps_and_what_is_published_stays(scene):
    """The oldest first, in every district; a status keeps its sentence and its number."""
    await many_flips(scene)
    kept = await status_of(scene)
    before_us = NOW_US + 3 * MICROSECONDS_A_DAY
    steps = [await scene.audit.prune(before_us=before_us, limit=2) for _ in range(3)]
    assert steps == [2, 1, 0]
    assert [one.learner for one in await flips(scene)] == ["l2", "l1"]
    assert len(await flips(scene, district="forsyth")) == 1
    retention = {"now_us": NOW_US + 40 * MICROSECONDS_A_DAY, "retention_days": 30}
    assert await prune_flips(**retention, audit=scene.audit) == 3
    assert await status_of(scene) == kept
    await scene.fold(rubric("more", 4, day=5))
    _, changed = await turn(scene, days=5)
    assert changed[0].published.flip_number == kept.flip_number + changed[0].flipped


async def test_a_place_is_below_what_came_at_the_same_moment(scene):
    """Two of one moment are told apart by their ids, so no page leaves one out."""
    await many_flips(scene)
    (newest, *_) = await flips(scene)
    place = FlipPlace(flip_us=newest.flip.flip_us, flip_id=newest.flip_id)
    page = await list_flips(DISTRICT, ALL, before=place, page_size=1, flips=scene.flips)
    assert page.flips[0].flip.flip_us == newest.flip.flip_us
    assert page.flips[0].learner == "l1"
