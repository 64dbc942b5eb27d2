"""The command `solve`: a search that ends early gives the week of the budget that it states."""

import json
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner
from rich.console import Console

from services.scheduler.entrypoints.solve import interrupted_once, solve_command

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "problem.json"


def solved(out, *options):
    """Return the week of the example and what was printed."""
    result = CliRunner().invoke(solve_command, [str(EXAMPLE), "--out", str(out), *options])
    assert result.exit_code == 0, result.output
    return json.loads(out.read_text("utf-8")), result.output


def test_no_time_gives_the_first_week(tmp_path):
    """As a budget of 0 does, and the week states that one."""
    first, _ = solved(tmp_path / "first.json", "--budget", "0")
    ended, printed = solved(tmp_path / "ended.json", "--seconds", "0")
    assert ended == first
    assert "0, 0 steps" in printed


def test_time_that_suffices_changes_nothing(tmp_path):
    """The budget counts."""
    options = ("--budget", "60")
    whole, _ = solved(tmp_path / "whole.json", *options)
    assert solved(tmp_path / "timed.json", *options, "--seconds", "900")[0] == whole


def test_the_first_ctrl_c_is_a_wish_and_the_second_an_end():
    """Afterwards Ctrl-C is what it was before."""
    before = signal.getsignal(signal.SIGINT)
    console = Console(quiet=True)
    with interrupted_once(console) as interrupted:
        assert not interrupted
        signal.raise_signal(signal.SIGINT)
        assert interrupted
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before
