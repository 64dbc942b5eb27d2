"""One digest for one set of evidence, and another wherever a number differs."""

from dataclasses import fields, replace

import pytest

from services.mastery.domain.state_hash import (
    CompetencyRow,
    EpochRow,
    LearnerRow,
    OccasionRow,
    RowOrderError,
    StateHash,
)
from tests.support.mastery_facts import a_piece

LEARNER = LearnerRow(
    learner="a", r_sum=-5, i_sum=7, evidence_count=2, window=(a_piece(), a_piece(r=-3))
)
COMPETENCY = CompetencyRow(
    learner="a",
    competency="x",
    r_sum=-5,
    i_sum=7,
    evidence_count=2,
    deep_count=1,
    untimed_count=2,
)
OCCASION = OccasionRow(
    learner="a",
    competency="x",
    key="day/20500",
    local_day=20_500,
    newest_time_us=10**15,
    score_sum=30_000,
    score_count=2,
    test_sums=tuple(range(1, 9)),
)
EPOCH = EpochRow(effective_time_us=10**15, digest=b"\x01" * 32)
ROWS = (LEARNER, COMPETENCY, OCCASION, EPOCH)


def hash_of(*rows):
    """Return the digest of rows added in this order."""
    state = StateHash()
    for row in rows:
        state.add(row)
    return state.hexdigest()


def test_the_digest_of_a_state_is_pinned():
    """The encoding never changes unseen: other machines compare what they stored."""
    window = tuple(
        a_piece(evidence_id=k.to_bytes(16, "big"), occur_time_us=10**15 - k) for k in range(2)
    )
    assert hash_of(replace(LEARNER, window=window), COMPETENCY, OCCASION, EPOCH) == (
        "1e39594a730805c0f922b888a4735f2471f2b3f5a02fb093c24fd41dfbdeee65"
    )


def test_kinds_of_rows_may_come_interleaved():
    """Rows of one table do not wait for those of another."""
    assert hash_of(*ROWS) == hash_of(*reversed(ROWS))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_every_field_of_a_row_counts(row):
    """Changing any one field of any row gives another digest."""
    others = [each for each in ROWS if each is not row]
    for field in fields(row):
        value = getattr(row, field.name)
        other = {int: 99, str: "b", bytes: b"\x02" * 32, tuple: ()}
        changed = replace(row, **{field.name: other[type(value)]})
        assert hash_of(changed, *others) != hash_of(*ROWS), field.name


@pytest.mark.parametrize("place", range(8))
def test_every_sum_of_an_external_test_counts(place):
    """Each of the sums that a test has beyond its scores moves the digest."""
    sums = list(OCCASION.test_sums)
    sums[place] += 1
    assert hash_of(replace(OCCASION, test_sums=tuple(sums))) != hash_of(OCCASION)


@pytest.mark.parametrize(
    "change", [{"occur_time_us": 1}, {"evidence_id": bytes(16)}, {"r": 1}, {"i": 1}]
)
def test_the_place_and_contribution_of_a_piece_count(change):
    """What of a window moves an estimate moves the digest."""
    first, second = LEARNER.window
    changed = replace(LEARNER, window=(first, second._replace(**change)))
    assert hash_of(changed) != hash_of(LEARNER)


@pytest.mark.parametrize(
    "empty",
    [
        replace(LEARNER, learner="b", evidence_count=0),
        replace(COMPETENCY, learner="b", evidence_count=0),
        replace(OCCASION, learner="b", score_count=0),
    ],
    ids=lambda row: type(row).__name__,
)
def test_rows_without_live_evidence_leave_no_trace(empty):
    """Evidence that was withdrawn gives the digest of evidence that never came."""
    assert hash_of(*ROWS, empty) == hash_of(*ROWS)


def test_an_empty_state_has_a_digest():
    """No rows are a state as well, and not that of any row."""
    assert hash_of() == hash_of()
    assert hash_of() != hash_of(LEARNER)
    assert len(hash_of()) == 64


@pytest.mark.parametrize("row", ROWS, ids=lambda row: type(row).__name__)
def test_a_row_twice_or_out_of_order_is_an_error(row):
    """Rows that do not rise by their key are refused, for the digest would depend on the order."""
    with pytest.raises(RowOrderError):
        hash_of(row, row)


def test_keys_rise_by_bytes():
    """Names are compared by their bytes: Z before a, and before names that it begins."""
    hash_of(*(replace(LEARNER, learner=name) for name in ("Z", "a", "a.b", "ab")))
    with pytest.raises(RowOrderError):
        hash_of(replace(LEARNER, learner="a"), replace(LEARNER, learner="Z"))


def test_names_cannot_run_into_each_other():
    """Learner 'ab' with competency 'c' is not learner 'a' with competency 'bc'."""
    first = replace(COMPETENCY, learner="ab", competency="c")
    second = replace(COMPETENCY, learner="a", competency="bc")
    assert hash_of(first) != hash_of(second)


def test_a_number_beyond_64_bits_is_an_error():
    """A sum that does not fit is never cut off."""
    with pytest.raises(OverflowError):
        hash_of(replace(LEARNER, r_sum=2**63))
