"""The benchmark's tables: the quick parts run, figures are judged independently, goals are read."""

import json
import os
import signal
import time

import pytest
from click.testing import CliRunner
from rich.console import Console

from tests.bench.schedule.__main__ import PARTS, main
from tests.bench.schedule.alone import Job, run_alone
from tests.bench.schedule.baselines import deferred_acceptance
from tests.bench.schedule.ceiling import by_program, by_relaxation
from tests.bench.schedule.generator import PRODUCT, PROTOTYPE, Shape, synthetic_school
from tests.bench.schedule.mip import best_week
from tests.bench.schedule.ours import plan
from tests.bench.schedule.plain_week import judge
from tests.bench.schedule.schools import LEARNERS, district_shapes
from tests.bench.schedule.tables import compare, district, gaps, planted, repairs, tiny
from tests.bench.schedule.tables.part import Options, worst_gap
from tests.bench.schedule.tiny import TINY_SHAPES

pytestmark = pytest.mark.slow

SHAPE = Shape(60, 2, 2, 3, PROTOTYPE)
QUICK = Options(quick=True)


def shown(part, figures):
    """Return a part's table as text."""
    console = Console(width=250)
    with console.capture() as captured:
        console.print(part.table(figures))
    return captured.get()


@pytest.mark.parametrize("setting", [PROTOTYPE, PRODUCT])
def test_a_run_is_judged_by_the_check_and_looked_at_on_the_way(setting):
    """Its last look is the value that the check counts; no rule is broken; no look is worse."""
    run = plan(synthetic_school(Shape(94, 3, 5, 1, setting)), steps=60)
    values = [look.value_milli for look in run.looks]
    assert values == sorted(values)
    assert values[-1] == run.judgement.value_milli
    assert run.judgement.broken == {}
    assert run.at_steps(0) == values[0]
    assert run.at_steps(61) is None
    assert run.at_seconds(1e9) is None


def test_bounds_are_above_the_best_week():
    """Both bounds are at or above what HiGHS proves to be the best, pins counted everywhere."""
    problem = synthetic_school(TINY_SHAPES[0])
    proof = best_week(problem, 60.0)
    run = plan(problem, steps=20)
    assert proof.proved
    assert run.judgement.value_milli <= proof.value_milli
    assert by_relaxation(run).milli >= proof.value_milli
    assert by_program(problem, 60.0).milli >= proof.value_milli


def test_the_relaxation_comes_as_low_as_the_linear_program():
    """Each adult's week is whole in it and pairs may meet, so it may end on either side."""
    problem = synthetic_school(SHAPE)
    relaxed, program = by_relaxation(plan(problem, steps=20)), by_program(problem, 60.0)
    assert abs(relaxed.milli - program.milli) < program.milli // 200


def test_customs_are_judged_by_the_same_check():
    """A week by custom has its value from the check, and what it breaks is counted."""
    problem = synthetic_school(SHAPE)
    seating = deferred_acceptance(problem, 1)
    whole = judge(problem, seating)
    assert whole.value_milli == whole.measures.value_milli
    someone = next(iter(seating.seats))
    fewer = {key: held for key, held in seating.seats.items() if key != someone}
    assert "H1" in judge(problem, type(seating)(seating.sessions, fewer)).broken


def test_gaps_of_a_school_are_measured():
    """A line has a first week, gaps that shrink with the steps, a bound and memory."""
    found = gaps.measure(SHAPE, 0.5)
    assert 0 < found["first_week_seconds"] < found["searched_seconds"]
    assert found["gaps"]["0 steps"] >= found["gaps"]["end"] >= 0
    assert found["broken"] == {}
    assert found["peak_mebibytes"] > 50
    text = shown(gaps.PART, [{"name": "a school", **found}])
    assert "a school" in text
    assert found["bound_by"] in text


def test_goals_are_read_from_the_worst_figures():
    """One seed that misses, or a case without figures, is a goal that is not met."""
    good, bad = ({"name": "a", "gaps": {"30 s": gap}} for gap in (0.01, 0.03))
    assert worst_gap([good], "30 s", "gap", 0.02)[0].met
    assert not worst_gap([good, bad], "30 s", "gap", 0.02)[0].met
    assert not worst_gap([good, {"name": "b", "failure": "ended"}], "30 s", "gap", 0.02)[0].met
    assert not worst_gap([good], "300 s", "gap", 0.02)[0].met
    assert worst_gap([], "30 s", "gap", 0.02) == []


def test_every_goal_is_there():
    """Every goal is decided by some figures of a whole run."""
    line = {"first_week_seconds": 1.0, "broken": {}, "seats_gap_milli": 0}
    line |= {"gaps": {"30 s": 0.02, "300 s": 0.02}}
    schools = [{"name": f"prototype 1,200 x 5 x {c}, 1"} | line for c in (5, 10)]
    found = gaps.goals(schools)
    assert [goal.met for goal in found] == [True, True, True, True, True, False, True]
    assert gaps.goals([{"name": "product 1,200 x 5 x 5, 1"} | line]) == []
    assert len(planted.goals([{"name": "planted 1,200, 1"} | line])) == 1
    assert len(tiny.goals([{"name": "x", "gaps": {"end": 0.0}}])) == 1
    whole = {"steps": 0, "schools": 60, "learners": LEARNERS, "seconds": 61.0, "failed": {}}
    assert [goal.met for goal in district.goals([whole | {"broken": 0}])] == [False]
    outcome = {"unplaced": 0, "broken": 0}
    mended = {"name": "a slot, repaired, 1,200 x 5", "outcomes": [outcome]}
    alone = mended | {"outcomes": [outcome | {"unplaced": 1}]}
    assert [goal.met for goal in repairs.goals([mended, mended, alone])] == [True, True, False]


def test_a_job_is_alone():
    """What is killed, raises or does not end is told; what returns has its time and memory."""
    jobs = [Job(name=str(one), function=one, limit_seconds=20) for one in (_fine, _raising, _dead)]
    fine, raising, dead = (run_alone(job) for job in jobs)
    assert fine["answer"] == os.environ.get("HOME")
    assert fine["seconds"] >= 0
    assert fine["peak_mebibytes"] > 0
    assert "ZeroDivisionError" in raising["failure"]
    assert "-9" in dead["failure"]
    assert "no end" in run_alone(Job(name="x", function=_endless, limit_seconds=1.0))["failure"]


def test_the_environment_of_a_job_is_its_own():
    """A job sees what it is given, and nothing stays behind."""
    before = dict(os.environ)
    job = Job(name="x", function=_fine, environment={"HOME": "/elsewhere"})
    assert run_alone(job)["answer"] == "/elsewhere"
    assert dict(os.environ) == before


def test_the_district_has_sixty_schools_and_fifty_thousand_learners():
    """Most schools are small, and each is one of its own."""
    shapes = district_shapes(1)
    sizes = sorted(shape.learners for shape in shapes)
    assert (len(shapes), sum(sizes)) == (60, LEARNERS)
    assert sizes[30] < 700
    assert sizes[-1] > 2500
    assert len({(shape.learners, shape.seed, shape.grades) for shape in shapes}) == 60


def test_a_district_is_planned_from_files_to_files():
    """Every school of the quick district has a lawful week."""
    found = district.measure(district.QUICK_SCHOOLS, 0)
    assert found["failed"] == {}
    assert found["broken"] == 0
    assert found["learners"] == sum(shape.learners for shape in district.QUICK_SCHOOLS)
    assert "quick" in shown(district.PART, [{"name": "quick", **found}])


@pytest.mark.parametrize("way", compare.QUICK_WAYS)
def test_each_way_plans_the_same_file(way, tmp_path, monkeypatch):
    """Each has its figures and a line, whether or not it finds a week."""
    monkeypatch.setattr(compare, "FILES", tmp_path)
    found = compare.measure(compare.QUICK_SHAPES[0], way, 0.5)
    assert found["way"] == way
    assert way in shown(compare.PART, [{"name": way, "seconds": 1.0, **found}])


def test_every_part_has_jobs_of_its_own():
    """Names differ within a part; the quick ones are few; sizes can be chosen."""
    for part in PARTS:
        names = [job.name for job in part.jobs(Options())]
        assert len(names) == len(set(names))
        assert len(part.jobs(QUICK)) <= len(names)
    assert len(gaps.jobs(Options())) == 60
    assert len(gaps.jobs(Options(learners=(300,), seeds=(1, 2)))) == 24
    assert len(tiny.jobs(Options())) == 20


def test_the_command_writes_what_it_shows(tmp_path):
    """Figures, goals, machine and command are in the file."""
    output = tmp_path / "figures.json"
    arguments = ["--only", "start", "--quick", "--output", str(output)]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 0, run.output
    assert "Before the first week" in run.output
    content = json.loads(output.read_text("utf-8"))
    assert content.keys() == {"command", "machine", "parts", "goals"}
    assert content["parts"]["start"][0]["warm_up_seconds"] > 0
    assert CliRunner().invoke(main, ["--only", "nothing"]).exit_code == 2


def _fine():
    return {"answer": os.environ.get("HOME")}


def _raising():
    raise ZeroDivisionError


def _dead():
    os.kill(os.getpid(), signal.SIGKILL)


def _endless():
    time.sleep(60)
