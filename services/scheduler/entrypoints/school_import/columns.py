"""Columns of a CSV file and the cells of a row: what a cell says, or what is wrong with it.

A fault names the column, the shape of what stands there, why it cannot be read and what to write.
It never repeats the cell: that may name a learner.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from services.scheduler.adapters.wire.names import parse_date

SHAPE_CHARACTERS: Final = 24
_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(:00)?")
_WHOLE: Final = re.compile(r"-?\d{1,9}")
_YES: Final = frozenset({"yes", "true", "1", "x", "y"})
_NO: Final = frozenset({"", "no", "false", "0", "n"})


class Who(StrEnum):
    """Whom a cell names."""

    LEARNER = "learner"
    ADULT = "adult"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: what it means, an example, and how the contract calls it (`field`).

    `who`: whom its cells name, by id or, where the roster is read, by a number of the SIS.
    """

    name: str
    meaning: str
    example: str = ""
    needed: bool = False
    field: str = ""
    who: Who | None = None

    @property
    def contract_field(self) -> str:
        """The field of the message that it fills."""
        return self.field or self.name


class CellError(Exception):
    """A cell that cannot be read: the column, why, and what to write instead."""

    def __init__(self, column: str, why: str, hint: str) -> None:
        super().__init__(f"{column} {why} {hint}")
        self.column = column
        self.why = why
        self.hint = hint


def shape_of(text: str) -> str:
    """Return what a cell looks like without what it says: letters are a, digits 9."""
    if not text:
        return "empty"
    shape = _DIGIT.sub("9", _LETTER.sub("a", text))
    return shape if len(shape) <= SHAPE_CHARACTERS else f"{shape[:SHAPE_CHARACTERS]}…"


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of a row by column, trimmed. Every reader raises CellError."""

    by_column: Mapping[str, str] = field(default_factory=dict)

    def text(self, column: str) -> str:
        """Return the text, empty where there is none."""
        return self.by_column.get(column, "")

    def needed(self, column: str) -> str:
        """Return the text of a cell that may not be empty."""
        text = self.text(column)
        if not text:
            raise CellError(column, "is empty.", "Fill it in.")
        return text

    def number(self, column: str) -> int:
        """Return the whole number; 0 where the cell is empty."""
        text = self.text(column)
        if not text:
            return 0
        if not _WHOLE.fullmatch(text):
            raise CellError(column, "is no whole number.", "Write digits alone, as in 30.")
        return int(text)

    def flag(self, column: str) -> bool:
        """Return yes or no; no where the cell is empty."""
        word = self.text(column).lower()
        if word not in _YES | _NO:
            raise CellError(column, "is neither yes nor no.", "Write yes or no.")
        return word in _YES

    def day(self, column: str) -> str:
        """Return the date as the contract has it; empty where the cell is."""
        text = self.text(column)
        if text and parse_date(text) is None:
            raise CellError(
                column,
                "is no date.",
                "Write year, month and day, as in 2026-11-23; format the column as text, or the"
                " spreadsheet changes it.",
            )
        return text

    def clock(self, column: str) -> str:
        """Return the clock of the day as the contract has it; empty where the cell is."""
        text = self.text(column)
        if not text:
            return ""
        found = _CLOCK.fullmatch(text)
        if found is None:
            raise CellError(column, "is no clock of the day.", "Write 09:05, or 14:30.")
        return f"{int(found[1]):02}:{found[2]}"

    def many(self, column: str) -> list[str]:
        """Return the values of a cell that holds several, with semicolons between them."""
        return [one.strip() for one in self.text(column).split(";") if one.strip()]

    def word(self, column: str, known: Mapping[str, int]) -> int:
        """Return what a word of a fixed list stands for."""
        text = self.needed(column).lower().replace(" ", "_").replace("-", "_")
        if text not in known:
            raise CellError(column, "is no word that is known.", f"Write {_either(tuple(known))}.")
        return known[text]

    def words(self, column: str, known: Mapping[str, int]) -> list[int]:
        """Return what each word of a cell that holds several stands for."""
        each = (Cells(by_column={column: one}) for one in self.many(column))
        return [one.word(column, known) for one in each]

    def pairs(self, column: str, hint: str) -> list[tuple[str, str]]:
        """Return the two sides of each value of a cell, as in rows=28; circle=18."""
        found = []
        for one in self.many(column):
            left, equals, right = (part.strip() for part in one.partition("="))
            if not (left and equals and right):
                raise CellError(column, "holds a value without its two sides.", hint)
            found.append((left, right))
        return found


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
