"""The bench runs and gives every figure. How fast anything is, no test asserts: machines differ."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.large_state.work import SHAPES as LARGE_SHAPES
from tests.bench.large_state.work import People, Recorder, first_work, more_work, read_records
from tests.bench.shapes import SHAPES
from tests.bench.sources import QUICK_ROWS
from tests.bench.sources import measure as measure_sources
from tests.bench.stages import FOR, STAGES, WORKER

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PARTS = {
    *("command", "machine", "transport", "fold", "two_workers", "intake", "end_to_end"),
    *("freshness", "rebuild", "goals"),
}
GOALS = 7
KINDS_OF_SOURCES = 5
FILES = 3

LEARNERS, COMPETENCIES, FIRST_ITEMS, LEG_RECORDS = 30, 4, 10, 1_000
LEG_FIGURES = {"worker", "PostgreSQL for the worker", "projector", "PostgreSQL for the projector"}
TABLES = {
    "changed_key",
    "district_position",
    "evidence_alignment",
    "folded_epoch",
    "learner_state",
    "mastery_state",
    "occasion",
    "seal",
    "sealed_evidence",
    "sealed_occasion",
}


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Run the quick bench once and return what it wrote."""
    output = tmp_path_factory.mktemp("bench") / "bench.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--quick", "--output", str(output)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return json.loads(Path(output).read_text("utf-8"))


def test_every_part_has_its_figures(figures: dict) -> None:
    """Each part is there, and each rate, ratio and CPU time in it is a number above zero."""
    assert set(figures) == PARTS
    for part in ("transport", "fold", "intake"):
        for name, value in figures[part].items():
            assert value > 0, f"{part}: {name}"
    assert len(figures["goals"]) == GOALS
    assert all(isinstance(goal["met"], bool) for goal in figures["goals"])


def test_one_worker_stands_against_two(figures: dict) -> None:
    """Both fold at a rate, each with the CPU of workers and of PostgreSQL, and a ratio is given."""
    found = figures["two_workers"]
    for count, name in enumerate(("one", "two"), start=1):
        assert found[name]["workers"] == count
        micros = found[name]["cpu_micros_by_stage"]
        assert micros[WORKER] > 0
        assert micros[FOR + WORKER] > 0
    assert found["ratio"] == pytest.approx(found["two"]["per_second"] / found["one"]["per_second"])


def test_freshness_is_that_of_records_at_half_of_the_rate(figures: dict) -> None:
    """Samples of nearly all batches are seen, in the order of the percentiles, at half the rate."""
    found = figures["freshness"]
    reached = figures["end_to_end"]["quiz"]["folded_per_second"]
    assert found["asked_per_second"] == pytest.approx(reached / 2)
    assert found["samples"] > 0
    assert 0 < found["p50"] <= found["p95"] <= found["p99"] <= found["longest"]


def test_all_that_was_sent_is_folded_again_equal(figures: dict) -> None:
    """The rebuild takes every record of the parts before from the ledger, and gives the same."""
    found, sent = figures["rebuild"], figures["end_to_end"]
    assert found["records"] > sum(each["records"] for each in sent.values())
    assert found["is_equal"] is True
    assert found["per_second"] == pytest.approx(found["records"] / found["seconds"])


@pytest.mark.parametrize("shape", SHAPES)
def test_stages_add_up_to_the_cores_used(figures: dict, shape: str) -> None:
    """The CPU of all stages, times the rate, is how many cores were at work."""
    found = figures["end_to_end"][shape]
    assert set(found["cpu_micros_by_stage"]) == set(STAGES)
    total = sum(found["cpu_micros_by_stage"].values())
    assert total == pytest.approx(found["cpu_micros"])
    assert total * found["folded_per_second"] / 1e6 == pytest.approx(found["cores_used"])


def test_figures_say_where_they_come_from(figures: dict) -> None:
    """Machine, versions and the exact command are written beside the figures."""
    assert figures["command"].startswith("python -m tests.bench --quick")
    assert {"cores", "cpu", "python", "kafka", "postgresql", "asyncpg"} <= set(figures["machine"])


def test_what_school_systems_send_is_measured_kind_by_kind(tmp_path: Path) -> None:
    """Each kind is taken in whole, with a rate; files have the memory of the importer beside it."""
    rates = measure_sources(tmp_path, QUICK_ROWS)
    assert len(rates) == KINDS_OF_SOURCES
    assert all(one.count >= QUICK_ROWS and one.per_second > 0 for one in rates)
    assert sum(one.mebibytes > 0 for one in rates) == FILES


def test_a_state_of_any_size_is_folded_measured_and_rebuilt_equal(tmp_path: Path) -> None:
    """Every record is folded in its leg, each leg has its figures, the rebuild gives the same."""
    output = tmp_path / "large-state.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench.large_state", "--output", str(output)),
            *("--learners", str(LEARNERS), "--competencies", str(COMPETENCIES)),
            *("--first-items", str(FIRST_ITEMS), "--leg-records", str(LEG_RECORDS)),
            *("--leg-pairs", "1"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    figures = json.loads(output.read_text("utf-8"))
    first = LEARNERS * COMPETENCIES * FIRST_ITEMS
    assert figures["first_work"]["records"] == first
    assert [leg["shape"] for leg in figures["legs"]] == list(LARGE_SHAPES)
    for leg in figures["legs"]:
        assert leg["records"] == LEG_RECORDS
        assert leg["cpu_micros"].keys() >= LEG_FIGURES
        assert leg["cpu_micros"]["worker"] > 0
        assert leg["table_bytes_a_record"].keys() == TABLES
        assert leg["wal_bytes_a_record"] > 0
        assert leg["worker_resident_mebibytes"] > 0
        assert leg["statement_micros"]["fold: registry, new rows"] > 0
    assert figures["rebuilt"]["records"] == first + LEG_RECORDS * len(LARGE_SHAPES)
    assert figures["rebuilt"]["equal"] is True
    assert figures["rebuild_factor"] > 0
    assert any("464.4 M" in line for line in figures["year"])


@pytest.mark.parametrize("shape", LARGE_SHAPES)
def test_the_work_of_a_large_state_is_the_same_each_time(tmp_path: Path, shape: str) -> None:
    """Two writings give the same bytes, and every record that was written is read."""
    people = People(learners=60, competencies=3)
    paths = [tmp_path / name for name in ("one", "two")]
    for path in paths:
        recorder = Recorder()
        assert recorder.write(path, first_work(people, items=2), 10_000) == 2 * people.states
        assert recorder.write(path, more_work(shape, people, leg=1), 500) == 500
    one, two = (list(read_records(path)) for path in paths)
    assert len(one) == 500
    assert one == two
