"""What follows from the documents of a student information system, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from collections.abc import Collection as Many
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from services.evidence.adapters.exact_json import encode_json
from services.evidence.adapters.postgres import objects
from services.evidence.adapters.postgres.quarantine import PostgresQuarantine
from services.evidence.domain.aliases import Alias, SubjectKind, holder_at
from services.evidence.domain.derive.contents import entity_id
from services.evidence.domain.document import DocumentOutcome, Format
from services.evidence.domain.errors import SourceNotAllowedError
from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.quarantine import QuarantineState
from services.evidence.domain.references import ReferenceKind
from services.evidence.domain.roster import Adult, LearnerState
from services.evidence.domain.sources import SourceReading
from services.evidence.handlers import resolving
from services.evidence.handlers.quarantine import redrive_due
from services.evidence.handlers.retractions import RetractImport, retract_import
from services.evidence.handlers.sources import put_source, quarantine_documents
from services.evidence.ports.documents import UnreadDocument
from tests.support.rosters import SCHEMA
from tests.support.servers import DatabaseFactory
from tests.support.sis import (
    COMPETENCIES,
    Sis,
    a_class,
    a_record,
    a_sis,
    called,
    course,
    enrollment,
    gone,
    line_item,
    micros,
    org,
    ref,
    result,
    session,
    user,
)

CHANGED, UNCHANGED = DocumentOutcome.CHANGED, DocumentOutcome.UNCHANGED
WAITING, REFUSED = DocumentOutcome.WAITING, DocumentOutcome.REFUSED
FIRST, SECOND, THIRD = COMPETENCIES[:3]
EARLY, LATE = "2026-08-30T08:00:00.000Z", "2026-08-31T08:00:00.000Z"


@pytest.fixture
async def sis(postgres_database: DatabaseFactory) -> AsyncIterator[Sis]:
    """Give a district that has competencies and nobody yet."""
    async with a_sis(postgres_database("evidence", SCHEMA)) as found:
        yield found


async def test_each_collection_becomes_what_the_week_works_with(sis: Sis) -> None:
    """Orgs, sessions, users, classes and enrolments become the roster, results evidence."""
    await sis.send(
        org(),
        org("d1", type="district"),
        session(),
        course(),
        a_class(),
        user("u1"),
        user("t1", ("teacher", "s1")),
        user("b1", ("student", "s1"), ("aide", "s1")),
        user("p1", ("guardian", "s1")),
        user("o1", ("districtAdministrator", "d1")),
        enrollment("e1", "u1", beginDate="2026-08-03", endDate="2026-12-19"),
        line_item("l1", FIRST),
        result("r1", "u1"),
    )
    roster = await sis.roster()
    assert list(roster["schools"]) == ["s1"]
    assert roster["terms"]["t1"].last_date == date(2026, 12, 18)
    assert roster["sections"]["c1"].course_code == "M6"
    assert {one.first_alias.source_id for one in roster["learners"].values()} == {"u1", "b1"}
    assert set(roster["adults"]) == {"t1", "b1"}
    learner = await sis.learner("u1")
    enrolment = roster["enrolments"]["e1"]
    assert (enrolment.person_id, enrolment.last_date) == (learner, date(2026, 12, 18))
    assert await sis.sums() == [(learner, FIRST, 1_000, 24_000)]
    assert not await sis.quarantined()


async def test_the_same_documents_again_change_nothing(sis: Sis) -> None:
    """Neither object, roster, ledger nor quarantine."""
    documents = [org(), user("u1"), line_item("l1", FIRST), result("r1", "u1"), result("r2", "u9")]
    await sis.send(*documents)
    before = (await sis.roster(), len(await sis.events()), await sis.quarantined())
    outcomes = await sis.send(*documents)
    await sis.work()
    assert set(outcomes) == {UNCHANGED}
    assert (await sis.roster(), len(await sis.events())) == before[:2]
    assert len(await sis.quarantined()) == len(before[2]) == 1


async def test_a_result_with_objectives_is_evidence_of_each(sis: Sis) -> None:
    """An objective that is gone is retracted, one that is new recorded, one that stays not sent."""
    await sis.send(org(), user("u1"), line_item("l1", THIRD))
    await sis.send(result("r1", "u1", objectives={FIRST: 4, SECOND: 2}))
    learner = await sis.learner("u1")
    assert await sis.sums() == [(learner, FIRST, 1_000, 30_000), (learner, SECOND, 1_000, 15_000)]
    await sis.send(result("r1", "u1", objectives={SECOND: 2, THIRD: 1}))
    assert await sis.sums() == [(learner, SECOND, 1_000, 15_000), (learner, THIRD, 1_000, 7_500)]
    assert len(await sis.events()) == 4


async def test_another_limit_of_a_line_item_reads_its_results_anew(sis: Sis) -> None:
    """8 of 10 becomes 8 of 20; a line item about something else makes evidence of that."""
    await sis.send(org(), user("u1"), line_item("l1", FIRST), result("r1", "u1"))
    learner = await sis.learner("u1")
    await sis.send(line_item("l1", FIRST, resultValueMax=20))
    await sis.work()
    assert await sis.sums() == [(learner, FIRST, 1_000, 12_000)]
    await sis.send(line_item("l1", SECOND, resultValueMax=20))
    await sis.work()
    assert await sis.sums() == [(learner, SECOND, 1_000, 12_000)]


async def test_what_a_source_has_sent_is_read_anew_when_it_is_to_be_read_otherwise(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if it had been said before the import: in steps, once, and of this source alone."""
    monkeypatch.setattr(resolving, "STEP", 2)
    await sis.send(org(), user("u1"), line_item("l1", FIRST))
    await sis.send(*(result(f"r{one}", "u1", objectives={SECOND: 2}) for one in range(5)))
    await sis.work()
    assert {score for *_, score in await sis.sums()} == {15_000}
    reading = SourceReading(source="sis", time_zone="UTC", objective_maximum_milli=8_000)
    for _ in range(2):
        await put_source(
            sis.district, reading, time_zones={"UTC"}, surroundings=sis.built.surroundings
        )
        before = len(await sis.events())
        await sis.work()
    assert [score for *_, score in await sis.sums()] == [7_500] * 5
    assert len(await sis.events()) == before


async def test_a_deleted_result_is_retracted_and_comes_back(sis: Sis) -> None:
    """Whether it says that it is to be deleted or is deleted by its key; sent again, it counts."""
    await sis.send(org(), user("u1"), line_item("l1", FIRST), result("r1", "u1"))
    expected = await sis.sums()
    for deletion in (result("r1", "u1", status="tobedeleted"), gone("results", "r1")):
        assert await sis.send(deletion) == [CHANGED]
        assert await sis.sums() == []
        assert await sis.send(deletion) == [UNCHANGED]
        assert await sis.send(result("r1", "u1")) == [CHANGED]
        assert await sis.sums() == expected


async def test_what_a_retracted_import_brought_stays_away_whatever_is_read_anew(sis: Sis) -> None:
    """The same import again brings nothing back; another import that brings the result does."""
    await sis.send(org(), user("u1"), line_item("l1", FIRST))
    brought = result("r1", "u1"), result("r2", "u1")
    await sis.send(*brought, import_id="march")
    # What else brings a result, and changes nothing of it, says that it stands.
    await sis.send(brought[1], import_id="april")
    command = RetractImport(district=sis.district, sources={"sis"}, import_id="march")
    await retract_import(command, intake=sis.built.surroundings.intake)
    await sis.work()
    one = (await sis.learner("u1"), FIRST, 1_000)
    assert await sis.sums() == [(*one, 24_000)]
    await sis.send(line_item("l1", FIRST, resultValueMax=20))
    await sis.send(*brought[:1], import_id="march")
    await sis.work()
    assert await sis.sums() == [(*one, 12_000)]
    assert await sis.send(brought[0], import_id="may") == [CHANGED]
    assert await sis.sums() == [(*one, 12_000), (*one, 12_000)]
    assert await sis.send(brought[0], import_id="may") == [UNCHANGED]
    await sis.state_hash()


async def test_what_waits_of_a_retracted_import_of_results_does_not_come_later(sis: Sis) -> None:
    """The learner was not here yet; the roster that brings them brings no evidence of it."""
    await sis.send(org(), line_item("l1", FIRST))
    await sis.send(result("r1", "u1"), import_id="march")
    command = RetractImport(district=sis.district, sources={"sis"}, import_id="march")
    await retract_import(command, intake=sis.built.surroundings.intake)
    await sis.send(user("u1"))
    await sis.work()
    assert await sis.sums() == []
    assert not await sis.quarantined()


async def test_a_result_that_is_derived_later_is_of_the_import_that_brought_it(sis: Sis) -> None:
    """So that the retraction of the import finds it."""
    await sis.send(org(), user("u1"))
    await sis.send(result("r1", "u1"), import_id="march")
    await sis.send(line_item("l1", FIRST))
    await sis.work()
    assert len(await sis.sums()) == 1
    command = RetractImport(district=sis.district, sources={"sis"}, import_id="march")
    done = await retract_import(command, intake=sis.built.surroundings.intake)
    assert done.retracted_count == 1
    await sis.work()
    assert await sis.sums() == []


async def test_another_systems_import_of_that_name_stays(sis: Sis) -> None:
    """A name of an import is its source's own."""
    await sis.send(org(), user("u1"), line_item("l1", FIRST))
    await sis.send(result("r1", "u1"), import_id="march")
    expected = await sis.sums()
    await sis.record(a_record("1", called("u1"), SECOND), import_id="march")
    command = RetractImport(district=sis.district, sources={"lms"}, import_id="march")
    with pytest.raises(SourceNotAllowedError):
        await retract_import(command, intake=sis.built.surroundings.intake)
    async with sis.built.surroundings.intake.ledger.transaction(sis.district) as transaction:
        await transaction.withdraw("march", {"lms"})
    await sis.send(line_item("l1", FIRST, title="Another"))
    await sis.work()
    assert set(expected) <= set(await sis.sums())


async def test_more_results_than_are_marked_at_once_are_read_anew_all_the_same(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line item that very many results hang on has its whole source read anew, in steps."""
    monkeypatch.setattr(objects, "MARKED_AT_ONCE", 3)
    await sis.send(org(), user("u1"), line_item("l1", FIRST))
    await sis.send(*(result(f"r{one}", "u1") for one in range(7)))
    await sis.send(line_item("l1", FIRST, resultValueMax=20))
    await sis.work()
    assert [score for *_, score in await sis.sums()] == [12_000] * 7
    await sis.state_hash()


async def test_a_result_whose_line_item_is_gone_counts_no_more(sis: Sis) -> None:
    """As if the line item had never come; it comes back, and the result with it."""
    await sis.send(org(), user("u1"), line_item("l1", FIRST), result("r1", "u1"))
    expected = await sis.sums()
    await sis.send(gone("lineItems", "l1"))
    await sis.work()
    assert await sis.sums() == []
    await sis.send(line_item("l1", FIRST))
    await sis.work()
    assert await sis.sums() == expected
    assert not await sis.quarantined()


async def test_what_cannot_be_read_any_more_counts_no_more(sis: Sis) -> None:
    """A result that comes again with a score on no scale takes its evidence back, and says why."""
    await sis.send(org(), user("u1"), line_item("l1"), result("r1", "u1", objectives={FIRST: 3}))
    await sis.send(result("r1", "u1", objectives={FIRST: 900}))
    assert await sis.sums() == []
    (one,) = await sis.quarantined()
    assert one.refused.refusal.reason is RefusalReason.SCORE_OUT_OF_RANGE


async def test_an_older_version_of_an_object_changes_nothing(sis: Sis) -> None:
    """By dateLastModified, in one batch or another, for what stands within the object too."""
    new = user("u1", ("student", "s1"), dateLastModified=LATE)
    old = user("u1", ("student", "s1"), ("aide", "s1"), givenName="Ford", dateLastModified=EARLY)
    await sis.send(org())
    await sis.send(new, old)
    expected = await sis.roster()
    assert expected["adults"] == {}
    await sis.send(old)
    assert await sis.roster() == expected


async def test_what_was_said_again_later_is_newer_than_what_was_said_between(sis: Sis) -> None:
    """The same content with a later time moves the time on."""
    await sis.send(org("s1", name="A", dateLastModified="2026-08-01T00:00:00.000Z"))
    assert await sis.send(org("s1", name="A", dateLastModified=LATE)) == [UNCHANGED]
    assert await sis.send(org("s1", name="B", dateLastModified=EARLY)) == [UNCHANGED]
    assert (await sis.roster())["schools"]["s1"].display_name == "A"


async def test_what_comes_without_a_time_is_newer_than_what_came_before(sis: Sis) -> None:
    """A deletion too: what is older than the object was does not win against either."""
    await sis.send(org(), user("u1"), line_item("l1", FIRST))
    old = result("r1", "u1", score=2, dateLastModified=EARLY)
    await sis.send(result("r1", "u1", score=3, dateLastModified=LATE))
    await sis.send(result("r1", "u1", score=7))
    assert await sis.send(old) == [UNCHANGED]
    assert [score for *_, score in await sis.sums()] == [21_000]
    await sis.send(gone("results", "r1"))
    assert await sis.send(old) == [UNCHANGED]
    assert not await sis.sums()
    assert await sis.send(result("r1", "u1", dateLastModified=LATE)) == [CHANGED]


async def test_two_versions_in_one_batch_are_as_two_batches(sis: Sis) -> None:
    """The children that the first has and the second has not are gone."""
    await sis.send(org(), user("u1", ("student", "s1"), ("aide", "s1")), user("u1"))
    assert (await sis.roster())["adults"] == {}


async def test_an_object_of_another_source_is_left_alone(sis: Sis) -> None:
    """Neither the object, nor anything within it, is the other's to say."""
    await sis.send(org(), user("u1"))
    assert await sis.send(user("u1", ("teacher", "s1")), source="lms") == [REFUSED]
    row = ("roles", {"sourcedId": "x9", "userSourcedId": "u1", "roleType": "primary"})
    row[1].update(role="teacher", orgSourcedId="s1", status="", dateLastModified="")
    outcomes = await sis.send(row, source="lms", form=Format.ONEROSTER_CSV_1_2)
    assert outcomes == [REFUSED]
    assert (await sis.roster())["adults"] == {}
    reasons = {one.refused.refusal.reason for one in await sis.quarantined()}
    assert reasons == {RefusalReason.SOURCE_NOT_ALLOWED}


async def test_a_deletion_that_is_refused_stays_one(sis: Sis) -> None:
    """Read again, it is refused for what it was, and not as an object without its fields."""
    await sis.send(org(), user("u1"), line_item("l1", FIRST), result("r1", "u1"))
    await sis.send(gone("results", "r1"), source="lms")
    (before,) = await sis.quarantined()
    await sis.redrive(before)
    (after,) = await sis.quarantined()
    assert after.refused.refusal.reason is RefusalReason.SOURCE_NOT_ALLOWED
    assert after.refused.refusal == before.refused.refusal


async def test_what_comes_to_wait_again_much_later_is_taken_up(sis: Sis) -> None:
    """An object says again what it said before, in a later place, of which the number is longer."""
    await sis.send(org(), line_item("l1", FIRST))
    for score in (3, 8):
        await sis.send(result("r1", "u1", score=score))
    async with sis.built.surroundings.store.change(sis.district) as change:
        await change.ledger.allocate(10_000)
    await sis.send(result("r1", "u1", score=3))
    await sis.send(user("u1"))
    await sis.work()
    assert len(await sis.sums()) == 1
    assert not await sis.quarantined()


async def test_who_waits_for_a_school_is_followed_through_all_the_way(sis: Sis) -> None:
    """The school comes last: learner, section and enrolment follow, each setting free the next."""
    outcomes = await sis.send(enrollment("e1", "u1"), result("r1", "u1"), a_class(), user("u1"))
    assert set(outcomes) == {WAITING}
    await sis.send(line_item("l1", FIRST), course(), session())
    await sis.work()
    await sis.send(org())
    await sis.work()
    roster = await sis.roster()
    learner = await sis.learner("u1")
    assert roster["enrolments"]["e1"].person_id == learner
    assert await sis.sums() == [(learner, FIRST, 1_000, 24_000)]
    assert not await sis.quarantined()


async def test_who_moves_on_while_waiting_waits_for_the_school_of_now(sis: Sis) -> None:
    """What the user says is the same each time: the school is said by the role alone."""
    for school in ("s1", "s2", "s3"):
        await sis.send(user("u1", ("student", school)))
    await sis.send(org("s3"))
    await sis.work()
    assert [one.school_id for one in (await sis.roster())["learners"].values()] == ["s3"]
    assert not await sis.quarantined()


async def test_all_that_waits_for_one_thing_is_taken_up_together(
    sis: Sis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A school comes after its hundred learners: each by itself would outlast a transaction."""
    await sis.send(*(user(f"u{one}") for one in range(100)))
    await sis.send(org())
    followed: list[int] = []
    supersede = PostgresQuarantine.supersede

    async def counting(
        self: PostgresQuarantine, subjects: Many[str], standing: Many[bytes], now_micros: int
    ) -> None:
        followed.append(len(subjects))
        await supersede(self, subjects, standing, now_micros)

    monkeypatch.setattr(PostgresQuarantine, "supersede", counting)
    assert await redrive_due(sis.district, redriving=sis.built.redriving) == 100
    assert followed == [100]
    assert len((await sis.roster())["learners"]) == 100
    assert not await sis.quarantined()


async def test_documents_are_read_again_in_their_order(sis: Sis) -> None:
    """The newest of two versions stands; what cannot be read stays, the rest does not wait."""
    documents = [org("s1", name="Before"), org("s1", name="After"), user("u1"), user("u2")]
    unread = [
        UnreadDocument(
            collection=collection,
            content=b"{" if content["sourcedId"] == "u2" else encode_json(content),
            file="users.json",
            line=line,
            refusal=Refusal(reason=RefusalReason.MALFORMED, field="", message="What.", hint="Do."),
        )
        for line, (collection, content) in enumerate(documents, 1)
    ]
    await quarantine_documents(
        sis.district,
        "sis",
        unread,
        format_number=int(Format.ONEROSTER_JSON_1_2),
        import_id=None,
        surroundings=sis.built.surroundings,
    )
    settled = await sis.redrive(*reversed(await sis.quarantined()))
    redriven, refused = QuarantineState.REDRIVEN, QuarantineState.REFUSED
    assert [one.state for one in settled] == [redriven, redriven, redriven, refused]
    assert (await sis.roster())["schools"]["s1"].display_name == "After"
    assert len((await sis.roster())["learners"]) == 1


async def test_what_waits_does_not_grow_by_being_looked_at(sis: Sis) -> None:
    """However often the resolver comes by, an object that waits stands in quarantine once."""
    await sis.send(user("u1"))
    for _ in range(3):
        sis.clock.advance(timedelta(minutes=5))
        async with sis.built.surroundings.intake.ledger.transaction(sis.district) as transaction:
            await transaction.quarantine.look_again(micros(sis.clock.now()))
        await sis.work()
    assert len(await sis.quarantined(*QuarantineState)) == 1


async def test_a_score_scale_that_comes_last_is_read_all_the_same(sis: Sis) -> None:
    """A result in words waits for nothing, and has its points when the scale is here."""
    scale = {
        "sourcedId": "n1",
        "title": "Letters",
        "type": "letter",
        "class": ref("c1"),
        "scoreScaleValue": [
            {"itemValueLHS": "A", "itemValueRHS": "4"},
            {"itemValueLHS": "B", "itemValueRHS": "3"},
        ],
    }
    said = result("r1", "u1", textScore="B")
    del said[1]["score"]
    await sis.send(org(), user("u1"), line_item("l1", FIRST, scoreScale=ref("n1")), said)
    await sis.send(("scoreScales", scale))
    await sis.work()
    learner = await sis.learner("u1")
    assert await sis.sums() == [(learner, FIRST, 1_000, 22_500)]


async def test_a_learner_without_the_role_is_withdrawn_and_comes_back(sis: Sis) -> None:
    """Whether the role is gone or the user; the evidence stays, and the id."""
    await sis.send(org(), org("s2"), user("u1"), line_item("l1", FIRST), result("r1", "u1"))
    learner = await sis.learner("u1")
    for leaving in (
        user("u1", roles=[]),
        user("u1", ("guardian", "s1")),
        user("u1", status="tobedeleted"),
        user("u1", enabledUser="false"),
    ):
        await sis.send(leaving)
        assert (await sis.roster())["learners"][learner].state is LearnerState.WITHDRAWN, leaving
        assert len(await sis.sums()) == 1
        await sis.send(user("u1", ("student", "s2")))
        back = (await sis.roster())["learners"][learner]
        assert (back.state, back.school_id) == (LearnerState.ENROLLED, "s2")


async def test_an_adult_without_a_role_works_here_no_more(sis: Sis) -> None:
    """And is active again when a role says so."""
    await sis.send(org(), org("d1", type="district"), user("t1", ("teacher", "s1")))
    for leaving in (user("t1", ("guardian", "s1")), user("t1", ("principal", "d1"))):
        await sis.send(leaving)
        assert not (await sis.roster())["adults"]["t1"].active
        await sis.send(user("t1", ("teacher", "s1")))
        assert (await sis.roster())["adults"]["t1"].active


async def test_who_learns_in_one_place_and_works_in_another_is_both(sis: Sis) -> None:
    """The school of each is its own: a district's office keeps nobody from being a learner."""
    await sis.send(org(), org("d1", type="district"), org("s2"))
    await sis.send(user("b1", ("student", "s1"), ("aide", "d1")))
    await sis.send(user("b2", ("student", "s1"), ("aide", "s2")))
    await sis.send(user("b3", ("student", "s1"), ("aide", "s3")))
    roster = await sis.roster()
    assert len(roster["learners"]) == 3
    assert {key: one.school_id for key, one in roster["adults"].items()} == {"b2": "s2"}
    await sis.send(org("s3"))
    await sis.work()
    assert (await sis.roster())["adults"]["b3"].school_id == "s3"


async def test_two_records_of_one_number_are_one_person(sis: Sis) -> None:
    """In one batch as in two; whose ids belong to two learners waits until they are merged."""
    await sis.send(
        org(), user("u1", userMasterIdentifier="7"), user("u2", userMasterIdentifier="7")
    )
    await sis.send(user("u3", userMasterIdentifier="7"))
    learner = await sis.learner("u1")
    assert {await sis.learner(one) for one in ("u1", "u2", "u3")} == {learner}
    await sis.send(user("u4"))
    await sis.send(user("u4", userMasterIdentifier="7"))
    (conflict,) = await sis.quarantined()
    assert conflict.refused.refusal.reason is RefusalReason.IDENTITY_CONFLICT
    await sis.merge(await sis.learner("u4"), learner)
    (settled,) = await sis.redrive(conflict)
    assert settled.state is QuarantineState.REDRIVEN
    assert not await sis.quarantined()


@pytest.mark.parametrize("size", [1, 2])
@pytest.mark.parametrize("order", [("u1", "u2"), ("u2", "u1")])
async def test_of_two_records_of_one_person_the_first_says_who_they_are(
    sis: Sis, order: tuple[str, str], size: int
) -> None:
    """Whether the two come in one batch or in two, and when both say something else."""
    first = order[0] if size == 1 else "u1"
    await sis.send(org("s1"), org("s2"))
    for grade in ("06", "07"):
        users = {
            one: user(one, ("student", school), grades=[grade], userMasterIdentifier="7")
            for one, school in (("u1", "s1"), ("u2", "s2"))
        }
        documents = [users[one] for one in order]
        for begin in range(0, len(documents), size):
            await sis.send(*documents[begin : begin + size])
    (learner,) = (await sis.roster())["learners"].values()
    assert (learner.first_alias.source_id, learner.grade) == (first, "7")
    assert learner.school_id == {"u1": "s1", "u2": "s2"}[first]


async def test_a_learner_with_the_id_of_an_adult_of_another_system_changes_nothing_of_them(
    sis: Sis,
) -> None:
    """Numbers of learners and of staff overlap; who was brought by hand stays as they were."""
    await sis.send(org())
    by_hand = Adult(id="77", display_name="T. McMillan", school_id="s1", subjects=(), active=True)
    async with sis.built.surroundings.store.change(sis.district) as change:
        await change.roster.adults.keep([replace(by_hand, version=1)], sis.clock.now())
    await sis.send(user("77"))
    assert (await sis.roster())["adults"] == {"77": replace(by_hand, version=1)}


async def test_an_email_means_whoever_has_it_at_the_time_of_the_work(sis: Sis) -> None:
    """It is given to somebody else in March; what was done before stays with whom it was."""
    await sis.send(org(), user("u1", email="zb@henry.test"))
    sis.clock.advance(timedelta(days=200))
    await sis.send(user("u1"), user("u2", email="ZB@henry.test"))
    second = await sis.learner("u2")
    async with sis.built.surroundings.store.change(sis.district) as change:
        spans = await change.aliases.of(SubjectKind.LEARNER, second)
    mail = next(one for one in spans if one.reference.kind is ReferenceKind.EMAIL)
    assert mail.from_micros > 0
    assert await sis.learner("zb@henry.test", ReferenceKind.EMAIL) == second


async def test_an_email_that_is_promised_to_somebody_is_had_by_another_until_then(
    sis: Sis,
) -> None:
    """By hand it is b's from next month; the roster says today that it is a's, and later c's."""
    await sis.send(org(), user("a"), user("b"), user("c"))
    mail = called("zb@henry.test", ReferenceKind.EMAIL, "")
    then = micros(sis.clock.now() + timedelta(days=30))
    await sis.give(
        Alias(
            subject_kind=SubjectKind.LEARNER,
            reference=mail,
            subject_id=await sis.learner("b"),
            from_micros=then,
        )
    )
    for one in ("a", "c", "a"):
        await sis.send(user("a"), user("c"))
        await sis.send(user(one, email="zb@henry.test"))
        async with sis.built.surroundings.store.change(sis.district) as change:
            spans = (await change.aliases.find(SubjectKind.LEARNER, {mail}))[mail]
        assert holder_at(spans, micros(sis.clock.now())) == await sis.learner(one)
        assert holder_at(spans, then) == await sis.learner("b")
        assert all(span.until_micros <= later.from_micros for span, later in pairwise(spans))


async def test_a_new_school_year_has_new_terms_and_the_old_ones_end(sis: Sis) -> None:
    """Sections and enrolments of the old year are inactive; the learner is who they were."""
    await sis.send(org(), session(), course(), a_class(), user("u1"), enrollment("e1", "u1"))
    learner = await sis.learner("u1")
    sis.clock.advance(timedelta(days=330))
    await sis.send(
        session("t1", status="tobedeleted"),
        a_class("c1", status="tobedeleted"),
        enrollment("e1", "u1", status="tobedeleted"),
        session("t2", startDate="2027-08-02", endDate="2027-12-18", schoolYear="2028"),
        a_class("c2", terms=[ref("t2")]),
        user("u1", grades=["07"]),
        enrollment("e2", "u1", "c2"),
    )
    roster = await sis.roster()
    assert [one.active for one in roster["terms"].values()] == [False, True]
    assert [one.active for one in roster["sections"].values()] == [False, True]
    assert [one.active for one in roster["enrolments"].values()] == [False, True]
    assert (await sis.learner("u1"), roster["learners"][learner].grade) == (learner, "7")


async def test_large_and_strange_objects_are_kept_like_others(sis: Sis) -> None:
    """500 results of 8 objectives, a user of 60 roles, ids of 255 characters with "/" and "@"."""
    long = "a/b@c " * 42 + "xyz"
    assert len(long) == 255
    await sis.send(org(), user(long), line_item(long))
    roles = [("student" if place % 2 else "aide", "s1") for place in range(60)]
    many = user("u1", *roles)
    for place, role in enumerate(many[1]["roles"]):
        role["beginDate"] = f"2026-0{1 + place % 6}-{1 + place // 6:02}"
    await sis.send(many)
    objectives = dict.fromkeys(COMPETENCIES[:8], 3)
    outcomes = await sis.send(
        *(
            result(f"{number}/{long}"[:255], long, long, objectives=objectives)
            for number in range(500)
        )
    )
    assert not [one.refused.refusal for one in (await sis.quarantined())[-2:]]
    assert outcomes == [CHANGED] * 500
    assert sis.answers[-1].evidence_count == 4_000
    learner = await sis.learner(long)
    assert {one[0] for one in await sis.sums()} == {learner}
    assert entity_id("u1") in (await sis.roster())["adults"]
    await sis.send(*(gone("results", f"{number}/{long}"[:255]) for number in range(500)))
    assert await sis.sums() == []


async def test_an_object_id_with_slashes_is_found_again_when_it_waits(sis: Sis) -> None:
    """The quarantine names it by collection and id; only the first slash parts the two."""
    await sis.send(org(), result("a/b/c", "u/1", "l/1"))
    await sis.send(user("u/1"), line_item("l/1", FIRST))
    await sis.work()
    assert await sis.sums() == [(await sis.learner("u/1"), FIRST, 1_000, 24_000)]
    assert not await sis.quarantined()


async def test_a_part_called_by_a_dash_is_retracted_like_others(sis: Sis) -> None:
    """Whatever an objective is called, its evidence goes when it goes."""
    await sis.send(org(), user("u1"), line_item("l1"))
    await sis.send(result("r1", "u1", objectives={"M.1": 3, "-": 2}))
    assert len(await sis.sums()) == 1
    async with sis.api.transaction(sis.district) as connection:
        parts = await connection.fetchval(
            "SELECT parts FROM source_object WHERE collection = 'results'"
        )
    assert sorted(parts) == ["-", "M.1"]
