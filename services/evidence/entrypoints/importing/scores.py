"""The score of a row: points, percents, fractions, levels, 0 or 1, and words that stand for one.

An empty cell is an observation without a score. What is missing or excused is no zero: which cells
mean that, a mapping says with `skip`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from trellis.evidence.v1 import evidence_pb2

from services.evidence.entrypoints.importing.cells import RowError, milli, shown
from services.evidence.entrypoints.importing.columns import Columns
from services.evidence.entrypoints.importing.mapping_parts import (
    PointsPart,
    ScorePart,
    ScoreWordsPart,
)

ScoreOfText = Callable[[Sequence[str], str], evidence_pb2.Score]
"""Gives the score of a row and the text of its column, which is not empty; raises RowError."""

ScoreReader = Callable[[Sequence[str]], evidence_pb2.Score | None]
"""Gives the score of a row, None where there is none; raises RowError."""

_CORRECT: Final = {"1": 1_000, "0": 0, "true": 1_000, "false": 0, "1.0": 1_000, "0.0": 0}
_FRACTION: Final = re.compile(r"([^/\s]+)\s*/\s*([^/\s]+)")
_PERCENT_MILLI: Final = 100_000
_MAX_LEVEL_MILLI: Final = 2**31 - 1


def score_reader(part: ScorePart | None, columns: Columns) -> ScoreReader:
    """Return what gives a row its score."""
    if part is None:
        return lambda _cells: None
    read = _column_reader(part, columns)
    return read if part.words is None else _words_reader(part.words, columns, read)


def _column_reader(part: ScorePart, columns: Columns) -> ScoreReader:
    """Return what reads the column of the five that a mapping states; nothing where none."""
    if part.points is not None:
        return _of_column(part.points.earned, columns, _points(part.points, columns))
    kinds = (
        (part.correct, _correct),
        (part.level, _level),
        (part.percent, _percent),
        (part.fraction, _fraction),
    )
    for name, read in kinds:
        if name is not None:
            return _of_column(name, columns, read(name))
    return lambda _cells: None


def _of_column(name: str, columns: Columns, read: ScoreOfText) -> ScoreReader:
    place = columns.column(name)

    def read_row(cells: Sequence[str]) -> evidence_pb2.Score | None:
        text = cells[place].strip()
        return read(cells, text) if text else None

    return read_row


def _words_reader(part: ScoreWordsPart, columns: Columns, other: ScoreReader) -> ScoreReader:
    """Return what looks a word up first, and reads what is none in the other way."""
    place = columns.column(part.column)
    scores = _scores_of_words(part)

    def read(cells: Sequence[str]) -> evidence_pb2.Score | None:
        text = cells[place].strip()
        found = scores.get(text.casefold())
        if found is not None or not text:
            return found
        score = other(cells)
        if score is None:
            known = ", ".join([*part.levels, *part.points])
            raise RowError(f"{part.column}: {shown(text)} is none of {known}")
        return score

    return read


def _scores_of_words(part: ScoreWordsPart) -> Mapping[str, evidence_pb2.Score]:
    levels = {
        word.strip().casefold(): evidence_pb2.Score(level_milli=milli("levels", str(level)))
        for word, level in part.levels.items()
    }
    points = {
        word.strip().casefold(): points_score(
            milli("points", str(earned)), milli("possible", str(part.possible))
        )
        for word, earned in part.points.items()
    }
    return levels | points


def _correct(name: str) -> ScoreOfText:
    scores = {text: points_score(earned, 1_000) for text, earned in _CORRECT.items()}

    def read(_cells: Sequence[str], text: str) -> evidence_pb2.Score:
        found = scores.get(text.lower())
        if found is None:
            raise RowError(f"{name}: {shown(text)} is neither 0 nor 1")
        return found

    return read


def _level(name: str) -> ScoreOfText:
    def read(_cells: Sequence[str], text: str) -> evidence_pb2.Score:
        level = milli(name, text)
        if abs(level) > _MAX_LEVEL_MILLI:
            raise RowError(f"{name}: {shown(text)} is no level")
        return evidence_pb2.Score(level_milli=level)

    return read


def _percent(name: str) -> ScoreOfText:
    def read(_cells: Sequence[str], text: str) -> evidence_pb2.Score:
        return points_score(milli(name, text.removesuffix("%").strip()), _PERCENT_MILLI)

    return read


def _fraction(name: str) -> ScoreOfText:
    def read(_cells: Sequence[str], text: str) -> evidence_pb2.Score:
        found = _FRACTION.fullmatch(text)
        if found is None:
            raise RowError(f"{name}: {shown(text)} is no fraction like 3/4")
        return points_score(milli(name, found[1]), milli(name, found[2]))

    return read


def _points(part: PointsPart, columns: Columns) -> ScoreOfText:
    if not isinstance(part.possible, str):
        most = milli("possible", str(part.possible))
        return lambda _cells, text: points_score(milli(part.earned, text), most)
    place, name = columns.column(part.possible), part.possible

    def read(cells: Sequence[str], text: str) -> evidence_pb2.Score:
        return points_score(milli(part.earned, text), milli(name, cells[place].strip()))

    return read


def points_score(earned_milli: int, possible_milli: int) -> evidence_pb2.Score:
    """Return the message of a score in points."""
    return evidence_pb2.Score(
        points=evidence_pb2.Points(earned_milli=earned_milli, possible_milli=possible_milli)
    )
