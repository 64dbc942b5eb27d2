"""The command that mends a week from files."""

import pytest
from click.testing import CliRunner

from services.scheduler.adapters.problem_file import read_problem_file, write_problem
from services.scheduler.adapters.week_file import read_week_file, write_week_file
from services.scheduler.domain.check import check
from services.scheduler.domain.model import SessionKind
from services.scheduler.entrypoints.repair import repair_command
from tests.support.schools import a_learner, a_need, a_problem, a_room, an_adult, an_offer
from tests.support.weeks import planned


@pytest.fixture
def files(tmp_path):
    """Return the files of a problem with a group and a commons, and of its week."""
    names = ("kim", "lea")
    problem = a_problem(
        adults=(an_adult("ada"), an_adult("bob", ())),
        rooms=(a_room("r1"), a_room("r2")),
        offers=(
            an_offer("group", "ada", SessionKind.SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        learners=tuple(map(a_learner, names)),
        needs=tuple(map(a_need, names)),
    )
    file, week_file = tmp_path / "problem.json", tmp_path / "week.json"
    file.write_text(write_problem(problem), "utf-8")
    write_week_file(week_file, planned(problem))
    return file, week_file


def mended(files, *options):
    """Return the result of the command."""
    return CliRunner().invoke(repair_command, [*map(str, files), *options])


def test_the_mended_week_is_lawful_for_the_changed_problem(files, tmp_path):
    """Both are written; the figures say who moves, and from where to where."""
    out, changed = tmp_path / "mended.json", tmp_path / "changed.json"
    result = mended(
        files, "--absent", "ada:mon-1", "--out", str(out), "--problem-out", str(changed)
    )
    assert result.exit_code == 0, result.output
    assert check(read_problem_file(changed), read_week_file(out)) == []
    assert "mon-1: learner kim from" in result.output
    assert "ada to" in result.output


def test_every_kind_of_change_is_read(files):
    """Together in one call; a service that nobody gives is told."""
    result = mended(
        files,
        *("--closed", "r1:mon-1"),
        *("--withdrawn", "kim:2026-11-24"),
        *("--service", "lea:speech:30"),
    )
    assert result.exit_code == 0, result.output
    assert "Services that are short        │ 1" in result.output


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (("--absent", "ada"), 2, "ADULT:SLOT"),
        (("--closed", "r1:"), 2, "ROOM:SLOT"),
        (("--withdrawn", "kim:tuesday"), 2, "as in 2026-11-24"),
        (("--service", "kim:speech"), 2, "LEARNER:SERVICE:MINUTES"),
        (("--service", "kim:speech:some"), 2, "LEARNER:SERVICE:MINUTES"),
        (("--absent", "zoe:mon-1"), 1, "no adult zoe"),
    ],
)
def test_what_cannot_be_read_or_is_not_there_is_told(files, options, code, text):
    """The message says what to give."""
    result = mended(files, *options)
    assert (result.exit_code, text in result.output) == (code, True)
