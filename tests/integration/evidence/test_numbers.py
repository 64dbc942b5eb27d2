"""A number that a system has corrected, and gives to somebody else: whose it is, and since when."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from services.evidence.domain.aliases import ALWAYS_MICROS, FOREVER_MICROS, Alias, SubjectKind
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.quarantine import QuarantineState
from services.evidence.domain.references import Reference, ReferenceKind
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import COMPETENCIES, Sent, Sis, a_record, a_sis, called, micros, org, user

FIRST, SECOND = COMPETENCIES[:2]
KINDS = ReferenceKind


def number(value: str) -> Reference:
    """Return a number of the district."""
    return called(value, KINDS.SIS_NUMBER, "")


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district with a school and the learner u1, whose number is 1."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        await found.send(org(), user("u1", identifier="1"))
        yield found


async def send(sis: Sis, *documents: Sent, source: str = "sis") -> None:
    """Send documents a second after what came before, and do what follows."""
    sis.clock.advance(timedelta(seconds=1))
    await sis.send(*documents, source=source)
    await sis.work()


async def spans(sis: Sis, one: Reference) -> list[tuple[str, int, int]]:
    """Return who has had a reference, from when until when."""
    async with sis.built.surroundings.store.change(sis.district) as change:
        found = await change.aliases.find(SubjectKind.LEARNER, {one})
    return [(span.subject_id, span.from_micros, span.until_micros) for span in found[one]]


async def is_given_on(sis: Sis, since: int) -> bool:
    """Whether number 1 was u1's until a moment, and is u2's, who is somebody else, since then."""
    first, second = await sis.learner("u1"), await sis.learner("u2")
    assert not await sis.quarantined()
    return first != second and await spans(sis, number("1")) == [
        (first, ALWAYS_MICROS, since),
        (second, since, FOREVER_MICROS),
    ]


async def test_a_corrected_number_is_free_for_somebody_new(sis: Sis) -> None:
    """Who had it by mistake keeps what was done before; work since then is the new holder's."""
    await send(sis, user("u1", identifier="9"))
    assert (await spans(sis, number("1")))[0][2] == FOREVER_MICROS
    await send(sis, user("u2", identifier="1"))
    now = micros(sis.clock.now())
    assert await is_given_on(sis, now)
    await sis.record(
        a_record("1", number("1"), FIRST),
        a_record("2", number("1"), SECOND, occur_time=(now // 1_000_000 + 1, 0)),
    )
    await sis.work()
    found = {learner: competency for learner, competency, _, _ in await sis.sums()}
    assert found == {await sis.learner("u1"): FIRST, await sis.learner("u2"): SECOND}


@pytest.mark.parametrize("order", [("u1", "u2"), ("u2", "u1")])
async def test_a_correction_and_a_new_user_come_in_one_batch(
    sis: Sis, order: tuple[str, str]
) -> None:
    """In whichever order they stand there."""
    numbers = {"u1": "9", "u2": "1"}
    await send(sis, *(user(one, identifier=numbers[one]) for one in order))
    assert await is_given_on(sis, micros(sis.clock.now()))


@pytest.mark.parametrize("other", ["", "2"])
async def test_who_comes_before_the_correction_waits_for_it(sis: Sis, other: str) -> None:
    """New, or a learner with another number: refused, and taken up by itself."""
    if other:
        await send(sis, user("u2", identifier=other))
    await send(sis, user("u2", identifier="1"))
    (conflict,) = await sis.quarantined()
    refusal = conflict.refused.refusal
    assert refusal.reason is RefusalReason.IDENTITY_CONFLICT
    assert conflict.state is QuarantineState.WAITING
    assert refusal.hint.startswith("Where they are two, correct the number")
    await send(sis, user("u1", identifier="1", grades=["07"]))
    assert len(await sis.quarantined()) == 1
    await send(sis, user("u1", identifier="9"))
    assert await is_given_on(sis, micros(sis.clock.now()))


async def test_two_new_users_of_one_number_are_not_one_learner(sis: Sis) -> None:
    """In one batch as in two: the second waits until one of the two is corrected."""
    await send(sis, user("u3", identifier="3"), user("u4", identifier="3"))
    (conflict,) = await sis.quarantined()
    assert conflict.refused.event_id == "u4"
    await send(sis, user("u3", identifier="4"))
    assert not await sis.quarantined()
    assert await sis.learner("3", KINDS.SIS_NUMBER) == await sis.learner("u4")
    assert await sis.learner("4", KINDS.SIS_NUMBER) == await sis.learner("u3")
    assert await sis.learner("u4") != await sis.learner("u3")


@pytest.mark.parametrize("together", [True, False])
async def test_two_learners_whose_numbers_were_mixed_up_change_them(
    sis: Sis, together: bool
) -> None:
    """Both corrections in one batch, or one after the other: the first waits for the second."""
    await send(sis, user("u2", identifier="2"))
    first, second = await sis.learner("u1"), await sis.learner("u2")
    corrected = [user("u1", identifier="2"), user("u2", identifier="1")]
    for batch in [corrected] if together else [corrected[:1], corrected[1:]]:
        await send(sis, *batch)
    assert not await sis.quarantined()
    assert (await sis.learner("u1"), await sis.learner("u2")) == (first, second)
    assert [(await spans(sis, number(one)))[-1][0] for one in "12"] == [second, first]


async def test_a_number_that_another_system_says_of_its_holder_is_kept(sis: Sis) -> None:
    """Until that system has corrected it too."""
    await send(sis, user("p1", identifier="1"), source="lms")
    await send(sis, user("u1", identifier="9"))
    await send(sis, user("u2", identifier="1"))
    (conflict,) = await sis.quarantined()
    assert conflict.refused.refusal.reason is RefusalReason.IDENTITY_CONFLICT
    assert len(await spans(sis, number("1"))) == 1
    await send(sis, user("p1", identifier="9"), source="lms")
    assert await is_given_on(sis, micros(sis.clock.now()))


async def test_a_number_that_a_person_has_given_ends_only_by_a_person(sis: Sis) -> None:
    """A span that ends is then theirs who has it since."""
    first = await sis.learner("u1")
    given = Alias(subject_kind=SubjectKind.LEARNER, reference=number("1"), subject_id=first)
    await sis.give(given)
    await send(sis, user("u1", identifier="9"))
    await send(sis, user("u2", identifier="1"))
    (conflict,) = await sis.quarantined()
    assert conflict.refused.refusal.reason is RefusalReason.IDENTITY_CONFLICT
    assert await spans(sis, number("1")) == [(first, ALWAYS_MICROS, FOREVER_MICROS)]
    since = micros(sis.clock.now())
    await sis.give(
        Alias(
            subject_kind=SubjectKind.LEARNER,
            reference=number("1"),
            subject_id=first,
            until_micros=since,
        )
    )
    await sis.work()
    assert await is_given_on(sis, since)


async def test_a_learner_whose_only_record_is_gone_comes_back_under_a_new_id(sis: Sis) -> None:
    """A system that gives all its records new ids says nothing of whose numbers are."""
    await send(sis, user("u1", identifier="1", status="tobedeleted"))
    await send(sis, user("u2", identifier="1"))
    assert await sis.learner("u2") == await sis.learner("u1")
    assert not await sis.quarantined()


async def test_an_id_of_another_platform_is_given_on_too(sis: Sis) -> None:
    """It was written into the wrong record, and is now in the right one."""
    said = {"userIds": [{"type": "LMS", "identifier": "4711"}]}
    one = called("4711", KINDS.LMS_UUID, "lms")
    await send(sis, user("u1", identifier="1", **said), user("u2", identifier="2"))
    await send(sis, user("u2", identifier="2", **said))
    assert [holder for holder, _, _ in await spans(sis, one)] == [await sis.learner("u1")]
    await send(sis, user("u1", identifier="1"), user("u2", identifier="2", grades=["07"], **said))
    assert (await spans(sis, one))[-1][0] == await sis.learner("u2")
