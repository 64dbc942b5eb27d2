"""A week as CSV and JSON: every seat, ids alone, nothing that a spreadsheet would run."""

import csv
import io
import json
from dataclasses import replace

import pytest

from services.scheduler.domain.model import Acceptance
from services.scheduler.domain.revision import Content, Draft, Revision, SignOff, WeekView
from services.scheduler.domain.runs import report_of
from services.scheduler.entrypoints.outputs.files import COLUMNS, safe_cell, week_csv, week_json
from services.scheduler.handlers.weeks import Shown
from tests.support.schedules import NOW, SCHOOL, a_solved_week
from tests.support.schools import MONDAY


def shown(*, published=True, week=None):
    """Return a week that is shown."""
    problem, solved = a_solved_week()
    week = week or solved
    sign_off = SignOff(adult_id="pat", time=NOW, week_hash=week.week_hash)
    draft = Draft(run_id="run-1", week_hash=week.week_hash, report=report_of(week))
    revision = Revision(
        number=2,
        run_id="run-1",
        week_hash=week.week_hash,
        report=report_of(week),
        sign_off=sign_off,
        publish_time=NOW,
    )
    view = WeekView(school_id=SCHOOL, monday=MONDAY, shown=revision if published else draft)
    return Shown(view=view, content=Content(problem=problem, week=week))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_that_looks_like_a_formula_is_text(text):
    """What a spreadsheet would run gets a quote before it."""
    assert safe_cell(text) == f"'{text}"


def test_an_ordinary_cell_stays_as_it_is():
    """A minus inside a text does no harm."""
    assert safe_cell("mon-1") == "mon-1"


def test_the_csv_has_a_row_for_each_seat():
    """The heading names the columns; each seat says when, who, where and why."""
    rows = list(csv.DictReader(io.StringIO(week_csv(shown()))))
    assert tuple(rows[0]) == tuple(COLUMNS)
    assert [(row["date"], row["start"], row["learner"], row["adult"]) for row in rows] == [
        ("2026-11-23", "09:00", "lea", "ada")
    ]


@pytest.mark.parametrize(
    ("acceptance", "cells", "told"),
    [
        (None, ("false", ""), None),
        (Acceptance(), ("true", ""), {"adult_id": ""}),
        (Acceptance(adult_id="ada"), ("true", "ada"), {"adult_id": "ada"}),
    ],
)
def test_files_say_that_a_seat_was_accepted_and_by_whom(acceptance, cells, told):
    """Beside rule and reason, which are the planner's still."""
    _, week = a_solved_week()
    (seat,) = week.seats
    accepted = shown(week=replace(week, seats=(replace(seat, acceptance=acceptance),)))
    (row,) = csv.DictReader(io.StringIO(week_csv(accepted)))
    assert (row["accepted"], row["accepted_by"]) == cells
    assert (row["rule"], row["reason"]) == (seat.rule.value, seat.staff_sentence)
    assert json.loads(week_json("d1", accepted))["seats"][0]["acceptance"] == told


def test_an_exempt_learner_has_a_row_with_as_many_cells_as_any():
    """What a session would say is empty; the code of the exemption stands in its column."""
    _, week = a_solved_week()
    exempt = {"session_id": None, "exemption": "off-campus"}
    seats = tuple(replace(one, **exempt) for one in week.seats)
    _, row = csv.reader(io.StringIO(week_csv(shown(week=replace(week, seats=seats)))))
    cells = dict(zip(COLUMNS, row, strict=True))
    assert (cells["learner"], cells["exemption"]) == ("lea", "off-campus")
    assert {cells[name] for name in ("session", "title", "kind", "adult", "room")} == {""}


def test_a_title_that_looks_like_a_formula_is_quoted_in_the_csv():
    """Titles are typed by people, so they are not trusted in a cell."""
    _, week = a_solved_week()
    typed = replace(
        week, sessions=tuple(replace(one, title="=HYPERLINK(1)") for one in week.sessions)
    )
    rows = list(csv.DictReader(io.StringIO(week_csv(shown(week=typed)))))
    assert rows[0]["title"] == "'=HYPERLINK(1)"


def test_the_json_says_whether_it_may_be_acted_upon():
    """`published` is true for a revision and false for a draft."""
    published = json.loads(week_json("maple", shown()))
    draft = json.loads(week_json("maple", shown(published=False)))
    assert (published["published"], published["revision"]) == (True, 2)
    assert (draft["published"], draft["revision"], draft["state"]) == (False, 0, "draft")


def test_the_json_holds_the_whole_week():
    """Sessions, seats and unmet needs are all there, with the hashes that prove them."""
    one = shown()
    document = json.loads(week_json("maple", one))
    week = one.content.week
    assert document["week_hash"] == week.week_hash
    assert document["snapshot_hash"] == week.snapshot_hash
    assert len(document["sessions"]) == len(week.sessions)
    assert len(document["seats"]) == len(week.seats)
    assert len(document["unmet_needs"]) == len(week.unmet) == 1
    assert document["sessions"][0]["start"] == "09:00"
    assert document["sessions"][0]["seat_count"] == 1
