"""Stored documents: the same value is the same text, and reads back as it was."""

import json
import zlib

import pytest

from services.scheduler.adapters.documents import (
    from_json,
    pack,
    report_from_json,
    report_to_json,
    to_json,
    unpack_problem,
    unpack_week,
)
from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.adapters.loaded import LoadedWeeks, StoredContent
from services.scheduler.domain.errors import DamagedWeekError
from services.scheduler.domain.model import Problem, Slot
from services.scheduler.domain.runs import report_of
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.solve import solve
from tests.support.schedules import a_solved_week
from tests.support.schools import Shape, a_school


def test_a_snapshot_and_a_week_read_back_as_they_were():
    """Every kind of value survives: dates, clocks, kinds, nothing, tuples in tuples."""
    problem = normalised(a_school(5, Shape(learners=30, adults=9, slots=2)))
    week = solve(problem, HighsExact(), seed=1, budget=50)
    assert unpack_problem(pack(problem)) == problem
    assert unpack_week(pack(week)) == week
    assert report_from_json(report_to_json(report_of(week))) == report_of(week)


def test_the_same_value_is_the_same_bytes():
    """Two equal snapshots, made apart, are stored byte for byte alike."""
    shape = Shape(learners=30, adults=9, slots=2)
    first, second = (pack(normalised(a_school(5, shape))) for _ in range(2))
    assert first == second


def test_a_field_with_a_default_may_be_missing_and_another_may_not():
    """What an older release stored still reads; half a document does not."""
    slot = json.loads(to_json(a_solved_week()[0].slots[0]))
    del slot["label"]
    assert from_json(Slot, json.dumps(slot)).label == ""
    del slot["start"]
    with pytest.raises(ValueError, match="lacks"):
        from_json(Slot, json.dumps(slot))


def test_what_has_no_one_form_is_refused():
    """A float could be written in two ways."""
    with pytest.raises(TypeError):
        to_json((1.5,))


async def test_a_damaged_week_is_an_error_and_not_another_week():
    """What is read is held against the hash it was asked by."""
    problem, week = a_solved_week()
    _, other = a_solved_week(seed=2)
    text = to_json(week).replace('"lea"', '"max"')
    for stored in (pack(other), zlib.compress(text.encode())):

        async def read(stored=stored):
            return StoredContent(problem=pack(problem), week=stored)

        with pytest.raises(DamagedWeekError):
            await LoadedWeeks().content(("maple", "run-1", week.week_hash), read)


async def test_a_week_that_was_read_is_not_read_again():
    """A stored week never changes, so the second reader gets it from memory; old ones go."""
    problem, week = a_solved_week()
    reads = []

    async def read():
        reads.append(1)
        return StoredContent(problem=pack(problem), week=pack(week))

    loaded = LoadedWeeks(kept=1)
    for run in ("run-1", "run-1", "run-2", "run-1"):
        content = await loaded.content(("maple", run, week.week_hash), read)
        assert isinstance(content.problem, Problem)
    assert len(reads) == 3
