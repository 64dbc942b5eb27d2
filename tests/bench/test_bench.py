"""The bench runs and gives every figure. How fast anything is, no test asserts: machines differ."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.shapes import SHAPES
from tests.bench.sources import QUICK_ROWS
from tests.bench.sources import measure as measure_sources
from tests.bench.stages import STAGES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PARTS = {"command", "machine", "transport", "fold", "intake", "end_to_end", "goals"}
GOALS = 5
KINDS_OF_SOURCES = 5
FILES = 3


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
