"""The bench runs and gives every figure. How fast anything is, no test asserts: machines differ."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.shapes import SHAPES
from tests.bench.stages import STAGES

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PARTS = {"command", "machine", "transport", "fold", "intake", "end_to_end", "goals"}
GOALS = 5


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
