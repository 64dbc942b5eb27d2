"""Every command that a page for people names is there: asked for help, each as a process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.pages import REPOSITORY, commands

HELP_SECONDS = 30.0


@pytest.mark.parametrize("command", commands().values(), ids=commands())
def test_every_command_that_a_page_names_can_be_asked_for_help(command: tuple[str, ...]) -> None:
    """`python -m … --help` ends with 0, so the command exists under this name."""
    ended = subprocess.run(
        [sys.executable, "-m", *command, "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=HELP_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Usage: " in ended.stdout
