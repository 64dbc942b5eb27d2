"""Whom and what a record means: by name, by reference, by the alignment of its item."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.known import Known, KnownLearner
from services.evidence.domain.model import Evidence, Record, Refusal, RefusalReason
from services.evidence.domain.normalise import normalise
from services.evidence.domain.references import (
    MAX_REFERENCE_LENGTH,
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
    reference,
)
from services.evidence.domain.source_object import ItemAlignment
from services.evidence.domain.waiting import for_competency, for_item, for_learner
from services.evidence.handlers.intake import micros_of
from tests.support.evidence import NOW, a_record, what_is_known

ADA = reference(ReferenceKind.SOURCED_ID, "4711", "sis")
WORKED = micros_of(NOW) - 3_600_000_000


def code(value: str, framework: str = "") -> CompetencyReference:
    """Return a reference by a code that people write."""
    return CompetencyReference(
        kind=CompetencyReferenceKind.HUMAN_CODE, value=value, framework=framework
    )


def by_reference(one: Reference | None = ADA, **changes: Any) -> Record:
    """Return a valid record that names its learner by reference."""
    return a_record(learner="", learner_reference=one, **changes)


def known_as(*spans: tuple[str, int, int], **changes: Any) -> Known:
    """Return what is known where ADA's reference has had these holders: id, from, until."""
    aliases = [
        Alias(
            subject_kind=SubjectKind.LEARNER,
            reference=ADA,
            subject_id=learner_id,
            from_micros=begin,
            until_micros=end,
        )
        for learner_id, begin, end in spans
    ]
    return what_is_known(aliases={ADA: aliases}, **changes)


def accepted(record: Record, known: Known) -> Evidence:
    """Return the evidence that a record is."""
    found = normalise(record, known)
    assert isinstance(found, Evidence), found
    return found


def refused(record: Record, known: Known) -> Refusal:
    """Return why a record is refused."""
    found = normalise(record, known)
    assert isinstance(found, Refusal), found
    return found


def test_a_reference_that_nobody_has_waits_for_whoever_has_it() -> None:
    """And no message repeats it, as it may be an e-mail."""
    mail = reference(ReferenceKind.EMAIL, "ADA@henry.test")
    found = refused(by_reference(mail), what_is_known())
    assert (found.reason, found.field) == (RefusalReason.UNKNOWN_LEARNER, "learner_reference")
    assert found.awaits == for_learner(reference(ReferenceKind.EMAIL, " ada@henry.test "))
    assert "ada" not in (found.message + found.hint).lower()


@pytest.mark.parametrize(
    ("spans", "holder"),
    [
        ([("ada", WORKED - 1, WORKED + 1)], "ada"),
        ([("ada", WORKED, WORKED + 1)], "ada"),
        ([("ada", WORKED - 1, WORKED)], None),
        ([("ada", WORKED + 1, WORKED + 2)], None),
        ([("ada", WORKED - 9, WORKED), ("ben", WORKED, WORKED + 9)], "ben"),
    ],
)
def test_a_reference_means_whoever_had_it_at_the_time_of_the_work(
    spans: list[tuple[str, int, int]], holder: str | None
) -> None:
    """From the first moment on, and not at the last any more."""
    found = normalise(by_reference(), known_as(*spans))
    assert (found.learner_id if isinstance(found, Evidence) else None) == holder


def test_a_learner_who_was_merged_counts_for_the_other() -> None:
    """By name and by reference, in the time zone of the other's school."""
    tokyo = KnownLearner(learner_id="ben", zone=ZoneInfo("Asia/Tokyo"))
    known = known_as(("ada", 0, 2**62), learners={"ada": tokyo})
    for record in (by_reference(), a_record()):
        found = accepted(record, known)
        assert (found.learner_id, found.local_day) == ("ben", WORKED // 86_400_000_000)


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (a_record(learner_reference=ADA), "learner_reference"),
        (by_reference(reference(ReferenceKind.EMAIL, " ")), "learner_reference"),
        (by_reference(reference(ReferenceKind.EMAIL, "a\x00b")), "learner_reference.value"),
        (
            by_reference(reference(ReferenceKind.EMAIL, "x" * (MAX_REFERENCE_LENGTH + 1))),
            "learner_reference.value",
        ),
        (
            by_reference(reference(ReferenceKind.LMS_UUID, "1", "no system")),
            "learner_reference.system",
        ),
    ],
)
def test_a_reference_that_can_never_be_right_waits_for_nothing(record: Record, field: str) -> None:
    """Both name and reference, none, unprintable, too long, of no system."""
    found = refused(record, known_as(("ada", 0, 2**62)))
    assert (found.reason, found.field, found.awaits) == (RefusalReason.MALFORMED, field, "")


def test_competencies_are_found_by_what_they_are_called() -> None:
    """With the shares that were sent; what is not known is waited for, whatever its framework."""
    known = what_is_known(
        references={code("A.1"): {"6.rp.1"}, code("A.2", "math"): {"6.rp.2"}, code("B"): {"x", "y"}}
    )
    two = ((code("A.2", "math"), 700), (code("A.1"), 300))
    found = accepted(a_record(alignments=(), referenced_alignments=two), known)
    assert found.alignments == (("6.rp.1", 300), ("6.rp.2", 700))
    unknown = a_record(alignments=(), referenced_alignments=((code("a. 2", "art"), 0),))
    waits = refused(unknown, known)
    assert waits.reason is RefusalReason.UNKNOWN_COMPETENCY
    assert waits.awaits == for_competency(code("A.2"))
    both = refused(a_record(alignments=(), referenced_alignments=((code("B"), 0),)), known)
    assert (both.reason, both.awaits) == (RefusalReason.AMBIGUOUS_REFERENCE, "")


def test_two_competencies_that_one_replaces_sum_their_shares() -> None:
    """By name as by reference; a competency that is named twice is a mistake all the same."""
    known = what_is_known(
        competencies={"6.rp.1": "new", "6.rp.2": "new", "6.ns.1": "6.ns.1"},
        references={code("A"): {"new"}, code("B"): {"new"}, code("C"): {"6.ns.1"}},
    )
    prefix = "districts/henry/competencies/"
    named = tuple(
        (prefix + one, weight)
        for one, weight in (("6.rp.1", 400), ("6.rp.2", 100), ("6.ns.1", 500))
    )
    called = ((code("A"), 400), (code("B"), 100), (code("C"), 500))
    expected = (("6.ns.1", 500), ("new", 500))
    assert accepted(a_record(alignments=named), known).alignments == expected
    by_code = a_record(alignments=(), referenced_alignments=called)
    assert accepted(by_code, known).alignments == expected
    twice = a_record(alignments=((prefix + "6.rp.1", 500), (prefix + "6.rp.1", 500)))
    assert refused(twice, known).reason is RefusalReason.ALIGNMENT_INVALID


def test_an_item_says_what_a_record_without_alignments_is_about() -> None:
    """That of its source; until then it waits, and more than eight competencies are too many."""
    record = a_record(alignments=(), item="q-1")
    waits = refused(record, what_is_known())
    assert (waits.reason, waits.awaits) == (RefusalReason.UNALIGNED_ITEM, for_item("lms", "q-1"))

    def aligned(count: int) -> Known:
        codes = [code(f"C.{number}") for number in range(count)]
        item = ItemAlignment(item="q-1", references=tuple((one, 0) for one in codes))
        return what_is_known(
            items={("lms", "q-1"): item}, references={one: {one.value} for one in codes}
        )

    found = accepted(record, aligned(8))
    assert [weight for _, weight in found.alignments] == [125] * 8
    assert refused(record, aligned(9)).reason is RefusalReason.ALIGNMENT_INVALID
    assert refused(a_record(alignments=(), item=""), aligned(8)).field == "alignments"


def test_alignments_by_name_and_by_reference_are_one_too_many() -> None:
    """Nobody can tell which of the two is meant."""
    record = a_record(referenced_alignments=((code("A"), 0),))
    assert refused(record, what_is_known()).field == "referenced_alignments"


@pytest.mark.parametrize(
    ("points", "score"),
    [((4_000, 4_000), 30_000), ((12_000, 4_000), 30_000), ((40_000, 4_000), 30_000)],
)
def test_extra_credit_counts_as_full_and_no_more(points: tuple[int, int], score: int) -> None:
    """Up to ten times what can be had."""
    assert accepted(a_record(points=points), what_is_known()).score == score


def test_more_than_ten_times_the_points_is_a_mix_up() -> None:
    """Of percents and shares, most likely."""
    found = refused(a_record(points=(40_001, 4_000)), what_is_known())
    assert found.reason is RefusalReason.SCORE_OUT_OF_RANGE
