"""What every implementation of policies does: versions in time, readings, marks in steps."""

from __future__ import annotations

from itertools import pairwise

import pytest

from services.mastery.domain.errors import (
    InvalidRequestError,
    PolicyChangedError,
    PolicyDocumentError,
    PolicyNotFoundError,
    PolicyTooEarlyError,
)
from services.mastery.domain.model import Decision
from services.mastery.domain.policy_document import FIELDS
from services.mastery.handlers.policies import (
    NewPolicy,
    PolicyCache,
    get_policy,
    list_policies,
    put_policy,
)
from services.mastery.handlers.projection import project_changes
from services.mastery.handlers.readings import (
    get_masteries,
    hash_state,
    list_masteries,
    stream_needs,
)
from services.mastery.handlers.republishing import mark_for_policies
from tests.support.mastery_events import DISTRICT, START_SECONDS, a_quiz, recorded

STRICT = {"minimum_evidence": 100}
"""With it, nothing in these tests is enough to decide."""
NOW_US = (START_SECONDS + 1_000_000) * 1_000_000
DAY_US = 86_400_000_000


async def put(scene, document=STRICT, *, at_us=None, now_us=NOW_US, **more):
    """Put a version, from now on unless told otherwise."""
    new = NewPolicy(
        **{
            "district": DISTRICT,
            "document": document,
            "effective_us": at_us,
            "note": "",
            "actor": "office",
            **more,
        }
    )
    return await put_policy(new, now_us=now_us, policies=scene.policies)


async def standing(scene, *, at_us=NOW_US, district=DISTRICT, version=None):
    """Return a version, or the one in force."""
    return await get_policy(district, at_us=at_us, version=version, policies=scene.policies)


async def read(scene, *, at_us=NOW_US, district=DISTRICT, policies=None):
    """Return the mastery of l1 and c1 as of a time."""
    found = await get_masteries(
        district,
        [("l1", "c1")],
        as_of_us=at_us,
        facts=scene.facts,
        policies=policies or PolicyCache(),
    )
    return found.masteries[0].mastery


async def test_without_a_version_the_default_policy_is_in_force(scene):
    """It is version 0, at any time, and no version that was put."""
    found = await standing(scene)
    assert found.version == 0
    assert set(found.document) == set(FIELDS)
    assert await standing(scene, version=0) == found
    page = await list_policies(DISTRICT, before=None, page_size=0, policies=scene.policies)
    assert (list(page.versions), page.next_before) == ([], None)


async def test_versions_are_numbered_and_kept_whole(scene):
    """With every field, the note, who put it and when; each can be had by its number."""
    first = await put(scene, note="the board decided")
    second = await put(scene, {"slope": 1.4}, now_us=NOW_US + 5)
    assert (first.version, second.version) == (1, 2)
    assert set(first.document) == set(FIELDS)
    assert (first.note, first.actor, first.effective_us) == ("the board decided", "office", NOW_US)
    assert await standing(scene, version=1) == first
    assert await standing(scene, at_us=NOW_US + 5) == second
    assert await standing(scene, at_us=NOW_US + 4) == first
    with pytest.raises(PolicyNotFoundError):
        await standing(scene, version=3)


async def test_a_version_may_wait_and_gives_way_to_one_before_it(scene):
    """In force is the highest version that has taken effect by then."""
    await put(scene, at_us=NOW_US)
    await put(scene, {"slope": 2}, at_us=NOW_US + 10 * DAY_US)
    assert (await standing(scene, at_us=NOW_US + 10 * DAY_US - 1)).version == 1
    assert (await standing(scene, at_us=NOW_US + 10 * DAY_US)).version == 2
    await put(scene, {"slope": 3}, at_us=NOW_US + 5 * DAY_US)
    found = [(await standing(scene, at_us=NOW_US + days * DAY_US)).version for days in (4, 5, 11)]
    assert found == [1, 3, 3]


async def test_what_was_in_force_before_the_policy_of_now_cannot_change(scene):
    """The same time corrects it, an earlier one is refused, and nothing of it is kept."""
    await put(scene, at_us=NOW_US - DAY_US)
    with pytest.raises(PolicyTooEarlyError):
        await put(scene, {"slope": 2}, at_us=NOW_US - DAY_US - 1)
    assert (await put(scene, {"slope": 2}, at_us=NOW_US - DAY_US)).version == 2
    assert (await standing(scene, at_us=NOW_US - DAY_US - 1)).version == 0


async def test_two_administrators_do_not_overwrite_each_other(scene):
    """Who names the newest version that they know is refused where it no longer is."""
    await put(scene, expected_version=0)
    with pytest.raises(PolicyChangedError, match="newest version is 1, not 0"):
        await put(scene, {"slope": 2}, expected_version=0)
    assert (await put(scene, {"slope": 2}, expected_version=1)).version == 2


async def test_the_same_call_again_is_answered_with_the_version_that_it_made(scene):
    """An answer that was lost makes no second version; other words or another person do."""
    first = await put(scene, expected_version=0)
    again = await put(scene, expected_version=0, now_us=NOW_US + 9)
    assert again == first == await put(scene, now_us=NOW_US + 9)
    assert (await put(scene, note="why")).version == 2
    waiting = await put(scene, at_us=NOW_US + DAY_US)
    assert await put(scene, at_us=NOW_US + DAY_US) == waiting
    # From now on is not what the waiting version says.
    assert (await put(scene)).version == 4


async def test_what_is_only_checked_is_not_kept(scene):
    """All that would be refused is, and the number is the one that it would have."""
    checked = await put(scene, validate_only=True)
    assert checked.version == 1
    assert (await standing(scene)).version == 0
    for wrong, document in (
        (PolicyDocumentError, {"slop": 1}),
        (PolicyDocumentError, None),
    ):
        with pytest.raises(wrong):
            await put(scene, document, validate_only=True)
    for note in ("x" * 501, "two\nlines", "nul\0"):
        with pytest.raises(InvalidRequestError, match="note"):
            await put(scene, note=note, validate_only=True)


async def test_pages_hold_every_version_once_the_newest_first(scene):
    """Page by page to the last; a page has a bound."""
    for slope in (1, 2, 3, 1, 2):
        await put(scene, {"slope": slope})
    seen, before = [], None
    for _ in range(3):
        page = await list_policies(DISTRICT, before=before, page_size=2, policies=scene.policies)
        seen += [one.version for one in page.versions]
        before = page.next_before
    assert (seen, before) == ([5, 4, 3, 2, 1], None)
    with pytest.raises(InvalidRequestError):
        await list_policies(DISTRICT, before=None, page_size=51, policies=scene.policies)


async def test_readings_take_the_policy_of_their_time_and_say_so(scene):
    """Before it took effect and after, in every way of asking; with one cache for all."""
    await scene.fold(*a_quiz("l1", "q1", right=range(4)))
    await put(scene, at_us=NOW_US)
    cache = PolicyCache()
    before = await read(scene, at_us=NOW_US - 1, policies=cache)
    after = await read(scene, at_us=NOW_US, policies=cache)
    assert (before.policy_version, after.policy_version) == (0, 1)
    assert before.decision > Decision.INSUFFICIENT == after.decision
    page = await list_masteries(
        DISTRICT, "l1", after="", page_size=9, as_of_us=NOW_US, facts=scene.facts, policies=cache
    )
    assert [one.mastery.policy_version for one in page.masteries] == [1]
    decisions = []
    for at_us in (NOW_US - 1, NOW_US):
        async for part in stream_needs(
            DISTRICT, ["l1"], as_of_us=at_us, facts=scene.facts, policies=cache
        ):
            decisions += [need.decision for one in part.learners for need in one.needs]
    assert decisions == [before.decision, after.decision]


async def test_a_policy_touches_no_other_district_and_no_state(scene):
    """The other district reads as before, and both hash as before."""
    await scene.fold(
        *a_quiz("l1", "q1", right=range(4)), *a_quiz("l1", "q1", right=range(4), district="forsyth")
    )
    hashes = [await hash_state(one, states=scene.states) for one in (DISTRICT, "forsyth")]
    other = await read(scene, district="forsyth")
    own = await read(scene)
    await put(scene)
    await mark_for_policies(at_us=NOW_US, publications=scene.publications, limit=100)
    assert await read(scene, district="forsyth") == other
    assert (await read(scene)).version == own.version
    assert [await hash_state(one, states=scene.states) for one in (DISTRICT, "forsyth")] == hashes
    assert (await standing(scene, district="forsyth")).version == 0


class Published:
    """Keeps what was published."""

    def __init__(self):
        self.masteries = []

    async def publish(self, masteries):
        """Keep masteries."""
        self.masteries += masteries


async def publish(scene, *, at_us=NOW_US, limit=1_000):
    """Publish all that is marked; return (learner, competency, policy version), sorted."""
    published, after, turns = Published(), None, 0
    while turns == 0 or after is not None:
        turn = await project_changes(
            after=after,
            as_of_us=at_us,
            marks=scene.marks,
            publisher=published,
            policies=PolicyCache(),
            limit=limit,
        )
        after, turns = turn.after, turns + 1
    return sorted(
        (one.key.learner, one.key.competency, one.mastery.policy_version)
        for one in published.masteries
    )


async def a_published_district(scene, learners=5):
    """Fold a piece for some learners in two competencies, and publish all of it."""
    await scene.fold(
        *(
            recorded(f"e{learner}{competency}", learner=f"l{learner}", competencies=(competency,))
            for learner in range(learners)
            for competency in ("c1", "c2")
        ),
        recorded("other", district="forsyth"),
    )
    await publish(scene)


async def steps(scene, *, at_us=NOW_US, limit=3):
    """Mark step by step until nothing is due; return how many each step has marked."""
    marked = []
    while await scene.publications.due(at_us=at_us, limit=1):
        step = await mark_for_policies(at_us=at_us, publications=scene.publications, limit=limit)
        marked.append(step.marked)
        assert len(marked) < 100
    return marked


async def test_a_new_version_marks_every_mastery_of_its_district_in_steps(scene):
    """Each once, and of no other district; then nothing is due any more."""
    await a_published_district(scene)
    await put(scene)
    assert await steps(scene) == [3, 3, 3, 1]
    found = await publish(scene)
    assert found == [(f"l{k}", one, 1) for k in range(5) for one in ("c1", "c2")]
    assert await publish(scene) == []
    assert await scene.publications.latest_effective_us() == NOW_US


async def test_a_version_that_waits_is_published_when_its_time_comes(scene):
    """Not a moment before, and without anybody's doing."""
    await a_published_district(scene, learners=1)
    await put(scene, at_us=NOW_US + DAY_US)
    assert await steps(scene, at_us=NOW_US + DAY_US - 1) == []
    assert sum(await steps(scene, at_us=NOW_US + DAY_US)) == 2
    assert [found[2] for found in await publish(scene, at_us=NOW_US + DAY_US)] == [1, 1]


async def test_marking_goes_on_where_it_was(scene):
    """What has been marked is kept with how far that is; publishing between steps does no harm."""
    await a_published_district(scene)
    await put(scene)
    found = []
    for _ in range(4):
        await mark_for_policies(at_us=NOW_US, publications=scene.publications, limit=3)
        # As after a crash: all that is known is what was committed.
        found += await publish(scene)
    assert len(found) == len(set(found)) == 10
    assert not await scene.publications.due(at_us=NOW_US, limit=1)


async def test_a_newer_version_begins_anew_and_an_older_one_marks_nothing(scene):
    """Who is behind in time cannot take a district back."""
    await a_published_district(scene)
    await put(scene)
    (old,) = await scene.publications.due(at_us=NOW_US, limit=9)
    await scene.publications.mark(old, limit=3)
    await put(scene, {"slope": 2}, now_us=NOW_US + 1)
    assert sum(await steps(scene, at_us=NOW_US + 1)) == 10
    step = await scene.publications.mark(old, limit=3)
    assert (step.marked, step.complete) == (0, True)
    assert not await scene.publications.due(at_us=NOW_US + 1, limit=9)
    assert {version for *_, version in await publish(scene, at_us=NOW_US + 1)} == {2}


async def test_a_district_without_masteries_is_through_at_once(scene):
    """There is nothing to mark, and it is not due again."""
    await put(scene)
    assert await steps(scene) == [0]


async def test_what_changes_while_a_policy_is_published_is_published_too(scene):
    """A mark of a fold between two steps stays a mark, and names the new policy."""
    await a_published_district(scene)
    await put(scene)
    await mark_for_policies(at_us=NOW_US, publications=scene.publications, limit=3)
    await scene.fold(recorded("new", learner="a-new-one", competencies=("c1",)))
    assert ("a-new-one", "c1", 1) in await publish(scene)


async def test_a_policy_and_what_changes_meanwhile_do_not_starve_each_other(scene):
    """While a district is marked anew, a change is published within a few rounds, and it ends."""
    await a_published_district(scene, learners=30)
    await put(scene)
    published, after, rounds = Published(), None, 0
    changed = {"l1": 3, "l29": 9}
    seen = {}
    while rounds < 60 and (len(seen) < 2 or await scene.publications.due(at_us=NOW_US, limit=1)):
        rounds += 1
        for learner, at_round in changed.items():
            if at_round == rounds:
                await scene.fold(recorded(f"{learner}-more", learner=learner))
        turn = await project_changes(
            after=after,
            as_of_us=NOW_US,
            marks=scene.marks,
            publisher=published,
            policies=PolicyCache(),
            limit=5,
        )
        after = turn.after
        await mark_for_policies(at_us=NOW_US, publications=scene.publications, limit=4)
        for one in published.masteries:
            if one.mastery.summary.evidence_count == 2:
                seen.setdefault(one.key.learner, rounds)
    assert seen.keys() == changed.keys()
    assert all(seen[learner] - changed[learner] <= 4 for learner in changed)
    assert not await scene.publications.due(at_us=NOW_US, limit=1)


async def test_readers_of_the_topic_keep_the_newer_reading(scene):
    """By (version, policy_version), each publishing of a key is above the one before."""
    kept = []
    await scene.fold(recorded())
    for place, document in enumerate((None, STRICT, {"slope": 2}, None, STRICT)):
        if document is None:
            await scene.fold(recorded(f"e{place}", version=2))
        else:
            await put(scene, document, now_us=NOW_US + place)
            await steps(scene, at_us=NOW_US + place)
        published = Published()
        await project_changes(
            after=None,
            as_of_us=NOW_US + place,
            marks=scene.marks,
            publisher=published,
            policies=PolicyCache(),
        )
        kept += [(one.mastery.version, one.mastery.policy_version) for one in published.masteries]
    assert len(kept) == 5
    assert all(before < after for before, after in pairwise(kept))


async def test_a_district_whose_policy_cannot_be_read_holds_nobody_up(scene, monkeypatch):
    """Its marks stay until it can be; other districts are published, and a sentence says why."""
    await a_published_district(scene, learners=1)
    await put(scene)
    await put(scene, district="forsyth")
    await steps(scene)
    known = PolicyCache.in_force

    async def of_a_newer_release(self, reader, district, *, at_us):
        if district == DISTRICT:
            reader = NewerRelease()
        return await known(self, reader, district, at_us=at_us)

    monkeypatch.setattr(PolicyCache, "in_force", of_a_newer_release)
    published = Published()
    turn = await project_changes(
        after=None,
        as_of_us=NOW_US,
        marks=scene.marks,
        publisher=published,
        policies=PolicyCache(),
    )
    assert [one.key.district for one in published.masteries] == ["forsyth"]
    assert [DISTRICT in reason for reason in turn.unreadable] == [True]
    monkeypatch.undo()
    assert len(await publish(scene)) == 2


class NewerRelease:
    """A snapshot with a version that names what this release does not have."""

    async def policy_version(self, district, *, at_us):
        """Return a version."""
        return 1

    async def policy_document(self, district, version):
        """Return a document with a field of tomorrow."""
        return {"halo": 1}
