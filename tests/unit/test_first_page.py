"""What the pages for people name is there: files, commands of make, commands of Python, tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
PAGES = (README, REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").rglob("*.md")))
HELP_SECONDS = 30.0

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
MAKE = re.compile(r"(?:^|[\s;&])make ([a-z][a-z-]*)")
PYTHON = re.compile(
    r"python -m ([a-z_.]+)((?: [a-z][a-z-]*)*)(?= *$| -| [A-Z]| \S*[./…])", re.MULTILINE
)


def code_of(page: Path) -> Iterator[str]:
    """Yield what stands in code marks."""
    for block, mark in CODE.findall(page.read_text("utf-8")):
        yield block or mark


def commands() -> dict[str, tuple[str, ...]]:
    """Return the `python -m` commands of all pages by their text, without what they are given."""
    found = {}
    for page in PAGES:
        for code in code_of(page):
            for module, words in PYTHON.findall(code):
                found[f"{module}{words}"] = (module, *words.split())
    return dict(sorted(found.items()))


def anchor(heading: str) -> str:
    """Return the fragment by which a heading is linked."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.strip().replace(" ", "-")


def leads_somewhere(page: Path, link: str) -> bool:
    """Whether a relative link of a page names something in the repository, and its heading."""
    path, _, fragment = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(REPOSITORY):
        return False
    return not fragment or fragment in map(anchor, HEADING.findall(target.read_text("utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """A relative link names a file or folder that is there, and a heading that it has."""
    links = [link for link in LINK.findall(page.read_text("utf-8")) if not ELSEWHERE.match(link)]
    lost = [link for link in links if not leads_somewhere(page, link)]
    assert not lost


def test_every_target_of_make_that_a_page_names_is_in_the_makefile() -> None:
    """`make` does what the pages say that it can."""
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text("utf-8")))
    named = {name for page in PAGES for code in code_of(page) for name in MAKE.findall(code)}
    assert {"demo", "check", "up"} <= named
    assert named <= targets


def test_the_pages_name_the_commands_of_every_process() -> None:
    """The search below finds commands, also those with two words."""
    found = commands()
    assert ("services.mastery", "dead-letters", "list") in found.values()
    assert ("services.evidence", "import") in found.values()
    assert {
        "services.evidence api",
        "services.mastery worker",
        "services.scheduler planner",
    } <= set(found)


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


def test_every_guarantee_of_the_first_page_is_shown_by_tests_that_are_there() -> None:
    """Each line of the table links to a file or folder that holds test functions."""
    table = README.read_text("utf-8").partition("## What is guaranteed")[2].partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(lines) > 5
    for line in lines:
        links = LINK.findall(line)
        assert links, line
        for link in links:
            assert link.startswith("tests/"), link
            assert count_tests(REPOSITORY / link), link


def count_tests(path: Path) -> int:
    """Return how many test functions a file, or a folder's files, hold."""
    files = [path] if path.is_file() else sorted(path.rglob("test_*.py"))
    return sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
    )
