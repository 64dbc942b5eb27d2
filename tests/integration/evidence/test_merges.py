"""Two records of one person are merged, and the merge is undone: what the ledger and mastery say.

The oracle is mastery's own fold: the state after all of it is that of the same facts in any order,
and its sums are those of a district in which it had been so from the beginning.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from services.evidence.domain.aliases import FOREVER_MICROS, Alias, SubjectKind
from services.evidence.domain.merging import MergeRefusedError
from services.evidence.domain.model import Outcome
from services.evidence.handlers.identity import undo_merge
from services.evidence.handlers.retractions import RetractEvidence, retract_evidence
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import (
    COMPETENCIES,
    Sis,
    a_record,
    a_sis,
    called,
    line_item,
    micros,
    org,
    result,
    user,
)

FIRST, SECOND, THIRD = COMPETENCIES[:3]
FULL = 22_500


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district with the learners a, b and c, and evidence of each."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await begin(found)
        yield found


async def begin(sis: Sis, *, merged: bool = False) -> None:
    """Send learners and their evidence; merged: a and b are one before any evidence comes."""
    await sis.send(org(), user("a"), user("b"), user("c"), line_item("l1", FIRST))
    if merged:
        await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.record(
        a_record("1", called("a"), FIRST, version=1),
        a_record("2", await sis.learner("a"), SECOND, version=1),
        a_record("3", called("b"), FIRST, version=1),
        a_record("4", called("c"), THIRD, version=1),
    )


async def shares(sis: Sis) -> dict[str, list[str]]:
    """Return of each learner the competencies of what counts, and check the state on the way."""
    await sis.work()
    await sis.state_hash()
    names = {await sis.learner(one): one for one in ("a", "b", "c")}
    found: dict[str, list[str]] = {}
    for learner, competency, _, _ in await sis.sums():
        found.setdefault(names[learner], []).append(competency)
    return found


async def undo(sis: Sis, merge_id: str) -> None:
    """Undo a merge."""
    sis.clock.advance(timedelta(seconds=1))
    await undo_merge(sis.district, merge_id, "dent", surroundings=sis.built.surroundings)


async def test_evidence_moves_to_the_one_who_stays_and_back(sis: Sis) -> None:
    """A merge moves all of it, by whatever name it came; undone, each has what was theirs."""
    before = await sis.sums()
    merge = await sis.merge(await sis.learner("a"), await sis.learner("b"))
    assert await shares(sis) == {"b": [FIRST, FIRST, SECOND], "c": [THIRD]}
    await undo(sis, merge.merge_id)
    assert await shares(sis) == {"a": [FIRST, SECOND], "b": [FIRST], "c": [THIRD]}
    assert await sis.sums() == before


async def test_a_merge_makes_two_facts_of_one_version(sis: Sis) -> None:
    """A retraction and a record, both of the version that stood; looking again adds none."""
    first = len(await sis.events())
    await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.work()
    events = (await sis.events())[first:]
    assert [one.WhichOneof("fact") for one in events] == ["retracted", "recorded"] * 2
    assert {one.version for one in events} == {1}
    async with sis.built.surroundings.store.change(sis.district) as change:
        await change.resolutions.request_all()
    await sis.work()
    assert len(await sis.events()) == first + 4


async def test_what_comes_after_a_merge_counts_for_the_one_who_stays(sis: Sis) -> None:
    """By either alias, by either name, and from documents."""
    await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.record(
        a_record("5", called("a"), THIRD, version=1),
        a_record("6", await sis.learner("a"), THIRD, version=1),
        a_record("7", called("b"), THIRD, version=1),
    )
    await sis.send(result("r1", "a"))
    assert await shares(sis) == {"b": [FIRST] * 3 + [SECOND] + [THIRD] * 3, "c": [THIRD]}


async def test_a_chain_is_undone_in_its_middle(sis: Sis) -> None:
    """A into b into c: c has all; without the second merge b has a's and its own."""
    a, b, c = [await sis.learner(one) for one in ("a", "b", "c")]
    await sis.merge(a, b)
    second = await sis.merge(b, c)
    assert await shares(sis) == {"c": [FIRST, FIRST, SECOND, THIRD]}
    with pytest.raises(MergeRefusedError):
        await sis.merge(c, a)
    await undo(sis, second.merge_id)
    assert await shares(sis) == {"b": [FIRST, FIRST, SECOND], "c": [THIRD]}
    await sis.merge(b, c)
    assert await shares(sis) == {"c": [FIRST, FIRST, SECOND, THIRD]}


async def test_an_undone_merge_gives_back_what_came_meanwhile(sis: Sis) -> None:
    """What was recorded while they were one goes to whom its own reference means."""
    merge = await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.work()
    await sis.record(
        a_record("5", called("a"), THIRD, version=1), a_record("6", called("b"), THIRD, version=1)
    )
    await undo(sis, merge.merge_id)
    assert await shares(sis) == {"a": [FIRST, SECOND, THIRD], "b": [FIRST, THIRD], "c": [THIRD]}


async def test_a_merge_that_is_undone_before_anything_has_moved_leaves_all(sis: Sis) -> None:
    """The resolver finds nothing to say."""
    first = len(await sis.events())
    merge = await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await undo(sis, merge.merge_id)
    await sis.work()
    assert len(await sis.events()) == first


async def test_a_late_correction_finds_what_has_moved(sis: Sis) -> None:
    """A newer version wins, an older one is kept as stale, the same content again is no news."""
    merge = await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.work()
    answers = await sis.record(
        a_record("1-2", called("a"), FIRST, entity="entity-1", version=2, earned=4),
        a_record("2-0", called("a"), SECOND, entity="entity-2", version=1),
    )
    assert [one.outcome for one in answers] == [Outcome.ACCEPTED, Outcome.SUPERSEDED]
    b = await sis.learner("b")
    assert (b, FIRST, 1_000, 30_000) in await sis.sums()
    await undo(sis, merge.merge_id)
    assert await shares(sis) == {"a": [FIRST, SECOND], "b": [FIRST], "c": [THIRD]}
    a = await sis.learner("a")
    assert (a, FIRST, 1_000, 30_000) in await sis.sums()


async def test_other_content_of_the_version_that_has_moved_is_decided_by_content_alone(
    sis: Sis, postgres_database: DatabaseFactory
) -> None:
    """How often what stands was looked up decides nothing between sendings: as if merged before."""
    again = [
        a_record(f"1-{one}", called("a"), FIRST, entity="entity-1", version=1, earned=one)
        for one in (0, 1, 2, 4)
    ]
    await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.work()
    for one in again:
        await sis.record(one)
    await shares(sis)
    async with a_sis(postgres_database("evidence", SCHEMA)) as other:
        await begin(other, merged=True)
        for one in again:
            await other.record(one)
        assert await other.sums() == await sis.sums()


async def test_a_retraction_of_the_version_that_has_moved_is_decided_by_content_alone(
    sis: Sis,
) -> None:
    """Of ten, some win and some lose, as they do where nothing has moved."""
    a = await sis.learner("a")
    await sis.record(*(a_record(f"x{one}", a, THIRD, version=5) for one in range(10)))
    ids = {one.event_id: key[1] for key, one in (await sis.counting()).items()}
    await sis.merge(a, await sis.learner("b"))
    await sis.work()
    retracted = [
        await retract_evidence(
            RetractEvidence(
                district=sis.district,
                sources={"lms"},
                evidence_id=ids[f"x{one}"],
                event_id=f"gone-{one}",
                version=5,
            ),
            intake=sis.built.surroundings.intake,
        )
        for one in range(10)
    ]
    assert {one.retracted for one in retracted} == {True, False}
    await sis.state_hash()


async def test_what_was_retracted_after_a_move_stays_so_when_the_merge_is_undone(sis: Sis) -> None:
    """A retraction is no evidence: it does not move, and it does not come back."""
    merge = await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.work()
    evidence_id = next(
        key[1]
        for key, one in (await sis.counting()).items()
        if one.recorded.alignments[0].competency.endswith(SECOND)
    )
    command = RetractEvidence(
        district=sis.district, sources={"lms"}, evidence_id=evidence_id, event_id="gone"
    )
    await retract_evidence(command, intake=sis.built.surroundings.intake)
    await undo(sis, merge.merge_id)
    assert await shares(sis) == {"a": [FIRST], "b": [FIRST], "c": [THIRD]}
    await sis.record(a_record("2-9", called("a"), SECOND, entity="entity-2", version=9))
    assert await shares(sis) == {"a": [FIRST, SECOND], "b": [FIRST], "c": [THIRD]}


async def test_an_alias_for_another_time_moves_the_evidence_of_then(sis: Sis) -> None:
    """Since yesterday the number is c's: what was done since moves, what was done before stays."""
    a, c = await sis.learner("a"), await sis.learner("c")
    since = micros(sis.clock.now()) - 86_400_000_000
    early = (since // 1_000_000 - 86_400, 0)
    await sis.record(a_record("5", called("a"), THIRD, version=1, occur_time=early))
    before = Alias(
        subject_kind=SubjectKind.LEARNER, reference=called("a"), subject_id=a, until_micros=since
    )
    await sis.give(before)
    await sis.give(replace(before, subject_id=c, from_micros=since, until_micros=FOREVER_MICROS))
    await sis.work()
    await sis.state_hash()
    assert await sis.sums() == sorted(
        [
            (a, SECOND, 1_000, FULL),
            (a, THIRD, 1_000, FULL),
            (c, FIRST, 1_000, FULL),
            (c, THIRD, 1_000, FULL),
            (await sis.learner("b"), FIRST, 1_000, FULL),
        ]
    )


async def test_an_alias_that_is_given_on_much_later_moves_the_evidence_since(sis: Sis) -> None:
    """Long after it has ended for one, it is said to be another's since then."""
    a, c = await sis.learner("a"), await sis.learner("c")
    since = micros(sis.clock.now()) - 86_400_000_000
    alias = Alias(
        subject_kind=SubjectKind.LEARNER, reference=called("a"), subject_id=a, until_micros=since
    )
    await sis.give(alias)
    await sis.work()
    assert (a, FIRST, 1_000, FULL) in await sis.sums()
    await sis.give(replace(alias, subject_id=c, from_micros=since, until_micros=FOREVER_MICROS))
    await sis.work()
    assert (c, FIRST, 1_000, FULL) in await sis.sums()
    assert (a, FIRST, 1_000, FULL) not in await sis.sums()


async def test_who_comes_during_a_merge_is_after_it_who_their_number_says(sis: Sis) -> None:
    """Another system brings a's number while a is b's; undone, the new id is a's too."""
    await sis.send(user("a", userMasterIdentifier="7"))
    merge = await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await sis.send(user("p1", userMasterIdentifier="7"), source="lms")
    await sis.record(a_record("5", called("p1", system="lms"), THIRD, version=1))
    assert await shares(sis) == {"b": [FIRST, FIRST, SECOND, THIRD], "c": [THIRD]}
    await undo(sis, merge.merge_id)
    assert await shares(sis) == {"a": [FIRST, SECOND, THIRD], "b": [FIRST], "c": [THIRD]}
    await sis.send(user("p1", userMasterIdentifier="7", grades=["07"]), source="lms")
    assert not await sis.quarantined()


async def test_a_merge_says_when_its_evidence_has_moved(sis: Sis) -> None:
    """`moving` holds from the merge until the resolver has been by."""
    merge = await sis.merge(await sis.learner("a"), await sis.learner("b"))

    async def moving() -> bool:
        async with sis.built.surroundings.store.change(sis.district) as change:
            found = await change.merges.find(merge.merge_id)
        assert found is not None
        return found.moving

    assert await moving()
    await sis.work()
    assert not await moving()


async def test_the_sums_are_those_of_a_district_where_it_was_so_from_the_beginning(
    sis: Sis, postgres_database: DatabaseFactory
) -> None:
    """Merged first or merged last, with a correction between: the same for each learner."""
    late = [
        a_record("1-2", called("a"), FIRST, entity="entity-1", version=2, earned=4),
        a_record("5", called("b"), SECOND, version=1, earned=1),
    ]
    await sis.record(*late)
    await sis.merge(await sis.learner("a"), await sis.learner("b"))
    await shares(sis)
    async with a_sis(postgres_database("evidence", SCHEMA)) as other:
        await begin(other, merged=True)
        await other.record(*late)
        assert await other.sums() == await sis.sums()


async def test_a_learner_who_changes_school_keeps_every_fact(sis: Sis) -> None:
    """Another school in the same time zone: nothing is said anew, whoever asks."""
    first = len(await sis.events())
    await sis.send(org("s2"), user("a", ("student", "s2")))
    async with sis.built.surroundings.store.change(sis.district) as change:
        await change.resolutions.request_all()
    await sis.work()
    assert len(await sis.events()) == first
