"""What the pages for people name is there: files, links, targets of make, tests.

That their commands of Python are there takes a process for each: tests/integration asks them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from tests.support.pages import PAGES, README, REPOSITORY, code_of, commands, marks_of

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
ELSEWHERE = re.compile(r"[a-z]+:")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
MAKE = re.compile(r"(?:^|[\s;&])make ([a-z][a-z-]*)")
FILE = re.compile(r"\S+\.(binpb|css|html|json|lock|md|proto|py|sql|toml|ya?ml)")
PLACEHOLDER = re.compile(r"<[a-z]+>")
# Addresses, resource names and what a run leaves behind: not of the repository.
NO_PATH = re.compile(r"[/.]|.*[{\s]|.*://")
FOLDERS = ("deploy", "docs", "gen", "proto", "requirements", "services", "tests")


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


def is_path(mark: str) -> bool:
    """Whether a text in code marks names a file or a folder of the repository."""
    return not NO_PATH.match(mark) and ("/" in mark or bool(FILE.fullmatch(mark)))


@cache
def tails() -> frozenset[str]:
    """Return every file and folder, from each of its folders on: `a/b/c`, `b/c` and `c`."""
    found: set[str] = set()
    for path in paths():
        parts = path.relative_to(REPOSITORY).parts
        found.update("/".join(parts[begin:]) for begin in range(len(parts)))
    return frozenset(found)


def paths() -> Iterable[Path]:
    """Yield what the repository holds, without what is installed or left behind."""
    yield from REPOSITORY.glob("*.*")
    for folder in FOLDERS:
        yield REPOSITORY / folder
        yield from (REPOSITORY / folder).rglob("*")


def is_there(mark: str) -> bool:
    """Whether a path is there, perhaps named from one of its folders on; <service> is any name."""
    pattern, replaced = PLACEHOLDER.subn("*", mark.rstrip("/"))
    if not replaced:
        return pattern in tails()
    return any(fnmatch(tail, pattern) for tail in tails())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_path_in_code_marks_is_there(page: Path) -> None:
    """Who follows a page finds the file or folder that it names."""
    assert not [mark for mark in marks_of(page) if is_path(mark) and not is_there(mark)]


def test_paths_are_told_from_other_things_in_code_marks() -> None:
    """What the test above looks at, and what it would not find."""
    assert is_path("search/pins.py")
    assert is_path("explain/")
    assert not any(map(is_path, ("/metrics", "districts/{d}", ".trellis/demo.json", "ledger.read")))
    assert is_there("services/<service>/migrations/")
    assert is_there("common/kafka/relay.py")
    assert not is_there("kafka/handlers/fold.py")
    assert not is_there("elay.py")


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
