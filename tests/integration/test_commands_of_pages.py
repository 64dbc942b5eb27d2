"""Every command that a page for people names is there, with the options that the page gives it.

Each is asked for help, as a process of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.support.pages import REPOSITORY, commands, options

HELP_SECONDS = 30.0


GIVEN = options()


@pytest.mark.parametrize("name", commands())
def test_every_command_that_a_page_names_is_there_with_its_options(name: str) -> None:
    """`python -m … --help` ends with 0 and names what the page gives the command."""
    ended = subprocess.run(
        [sys.executable, "-m", *commands()[name], "--help"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=HELP_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Usage: " in ended.stdout
    missing = GIVEN[name] - set(re.findall(r"--[a-z][a-z-]*", ended.stdout))
    assert not missing
