"""A district is planned school by school: what goes wrong stays with its school and is told."""

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from services.scheduler.__main__ import main
from services.scheduler.adapters import district
from services.scheduler.adapters.district import schools_in
from tests.support.districts import BUDGET, SEED, planned_district, write_school

EXAMPLE = Path(__file__).parents[3] / "docs/examples/problem.json"


def states(outcomes):
    """Return what became of each school, in words."""
    return {name: one.state.value for name, one in outcomes.items()}


def weeks_in(folder):
    """Return the weeks of a folder as text, by the name of their file."""
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


def test_each_school_gets_its_week_and_failures_stay_with_theirs(tmp_path):
    """Unreadable, faulty, killed and endless schools are told; all others are planned."""
    out = tmp_path / "weeks"
    for name in ("north", "south", "east", "killed", "faulty", "endless"):
        write_school(tmp_path, name)
    (tmp_path / "odd.json").write_text('{"school_id": 4}', "utf-8")
    outcomes = planned_district(tmp_path, out, limit_seconds=10.0)
    good, bad = ("east", "north", "south"), ("endless", "faulty", "killed", "odd")
    assert states(outcomes) == dict.fromkeys(good, "planned") | dict.fromkeys(bad, "failed")
    assert sorted(weeks_in(out)) == [f"{name}.week.json" for name in good]
    told = {name: outcomes[name].failure for name in bad}
    assert "signal 9" in told["killed"].what
    assert "ZeroDivisionError" in told["faulty"].what
    assert told["faulty"].where.startswith("districts.py:")
    assert "longer than 10 s" in told["endless"].what
    assert "school_id" in told["odd"].what
    assert all(failure.mend for failure in told.values())


def test_a_run_goes_on_where_it_was_stopped(tmp_path):
    """A week of the same problem, seed and budget is kept; any other is planned anew."""
    out = tmp_path / "weeks"
    for name in ("north", "south"):
        write_school(tmp_path, name)
    assert set(states(planned_district(tmp_path, out)).values()) == {"planned"}
    before = weeks_in(out)
    assert set(states(planned_district(tmp_path, out)).values()) == {"kept"}
    assert weeks_in(out) == before
    for changes in ({"seed": SEED + 1}, {"budget": BUDGET + 1}, {"anew": True}):
        assert set(states(planned_district(tmp_path, out, **changes)).values()) == {"planned"}


def test_a_changed_problem_and_a_broken_week_are_planned_anew(tmp_path):
    """What is there must answer the file as it is now, and be readable."""
    out = tmp_path / "weeks"
    for name in ("north", "south", "west"):
        write_school(tmp_path, name)
    planned_district(tmp_path, out)
    _change(tmp_path / "north.json")
    (out / "south.week.json").write_text('{"snapshot_hash": "', "utf-8")
    found = states(planned_district(tmp_path, out))
    assert found == {"north": "planned", "south": "planned", "west": "kept"}


def test_processes_make_way_for_new_ones(tmp_path, monkeypatch):
    """However few schools a process may plan, all are planned, and alike."""
    for number in range(5):
        write_school(tmp_path, f"school-{number}")
    planned_district(tmp_path, tmp_path / "one")
    monkeypatch.setattr(district, "SCHOOLS_OF_A_PROCESS", 1)
    planned_district(tmp_path, tmp_path / "other")
    assert weeks_in(tmp_path / "one") == weeks_in(tmp_path / "other")
    assert len(weeks_in(tmp_path / "one")) == 5


def test_who_watches_hears_of_every_beginning_and_end(tmp_path):
    """Each school once, and the largest file is begun first."""
    for name in ("a", "b"):
        write_school(tmp_path, name)
    shutil.copy(EXAMPLE, tmp_path / "large.json")
    heard = []
    planned_district(
        tmp_path, tmp_path / "weeks", watch=lambda school, outcome: heard.append((school, outcome))
    )
    begun = [school.name for school, outcome in heard if outcome is None]
    ended = [school.name for school, outcome in heard if outcome is not None]
    assert begun[0] == "large"
    assert sorted(begun) == sorted(ended) == ["a", "b", "large"]


def test_weeks_are_no_problems(tmp_path):
    """Weeks may go where the problems are."""
    write_school(tmp_path, "north")
    planned_district(tmp_path, tmp_path)
    assert [school.name for school in schools_in(tmp_path, tmp_path)] == ["north"]


def test_the_command_says_what_failed_and_what_to_do(tmp_path):
    """Exit code 1 and a table where a school has no week; 0 where all have; 2 without schools."""
    out = tmp_path / "weeks"
    arguments = ["solve-district", str(tmp_path), "--out", str(out), "--budget", "20"]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 2
    assert "no problem files" in run.output
    shutil.copy(EXAMPLE, tmp_path / "north.json")
    (tmp_path / "odd.json").write_text("{", "utf-8")
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 1, run.output
    assert "1 planned" in run.output
    assert "1 failed" in run.output
    assert "docs/problem.md" in " ".join(run.output.split())
    assert json.loads((out / "north.week.json").read_text("utf-8"))["budget"] == 20
    (tmp_path / "odd.json").unlink()
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 0
    assert "1 kept" in run.output


def test_the_help_teaches():
    """It says what goes in, what comes out, and how to go on after a stop."""
    run = CliRunner().invoke(main, ["solve-district", "--help"])
    words = " ".join(run.output.split())
    assert run.exit_code == 0
    for said in ("docs/problem.md", "north.week.json", "started again", "--out weeks"):
        assert said in words


def _change(path):
    content = json.loads(path.read_text("utf-8"))
    content["as_of_day"] = "2026-11-18"
    path.write_text(json.dumps(content), "utf-8")
