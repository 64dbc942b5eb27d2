"""The pages for people, and what stands in code marks on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
PAGES = (
    README,
    REPOSITORY / "CONTRIBUTING.md",
    REPOSITORY / "CHANGELOG.md",
    *sorted((REPOSITORY / "docs").rglob("*.md")),
)

_BLOCK = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
_HEADING_OR_BLOCK = re.compile(
    r"^#+ (?P<heading>[^\n]+)$|^```(?P<language>\w*)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL
)
_MARK = re.compile(r"`([^`\n]+)`")
_PYTHON = re.compile(
    r"python -m ([a-z_.]+)((?: [a-z][a-z-]*)*)(?= *$| -| [A-Z0-9]| \S*[.:/…])([^\n`]*)",
    re.MULTILINE,
)
_OPTION = re.compile(r"(?<=\s)--[a-z][a-z-]*")


def marks_of(page: Path) -> list[str]:
    """Return what stands in code marks within the lines of a page."""
    return _MARK.findall(_BLOCK.sub("", page.read_text("utf-8")))


def code_of(page: Path) -> Iterator[str]:
    """Yield what stands in code marks, and the blocks of code."""
    yield from _BLOCK.findall(page.read_text("utf-8"))
    yield from marks_of(page)


def blocks_of(page: Path, language: str) -> Iterator[tuple[str, str]]:
    """Yield the blocks of code in a language, each with the heading above it, in order."""
    heading = ""
    for match in _HEADING_OR_BLOCK.finditer(page.read_text("utf-8")):
        heading = match["heading"] or heading
        if match["language"] == language:
            yield heading, match["code"]


def commands() -> dict[str, tuple[str, ...]]:
    """Return the `python -m` commands of all pages by their text, without what they are given."""
    found = {}
    for page in PAGES:
        for code in code_of(page):
            for module, words, _ in _PYTHON.findall(code):
                found[f"{module}{words}"] = (module, *words.split())
    return dict(sorted(found.items()))


def options() -> dict[str, set[str]]:
    """Return the options that the pages give to each of these commands, by its text."""
    found: dict[str, set[str]] = {name: set() for name in commands()}
    for page in PAGES:
        for code in code_of(page):
            for module, words, given in _PYTHON.findall(code):
                found[f"{module}{words}"] |= set(_OPTION.findall(given))
    return found
