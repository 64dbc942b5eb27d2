"""Reads a file of responses by its mapping; a row that cannot be read is counted and told.

Whatever a row holds, reading goes on with the next. What ends it is a file that breaks off
(compressed, and cut) or has no row that can be used.
"""

import csv
import gzip
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol, TextIO
from zoneinfo import ZoneInfo

import numpy as np

from services.mastery.domain.model import MICROSECONDS_A_DAY
from services.mastery.domain.moments import EPOCH_ORDINAL, micros_of
from services.mastery.evaluation.log import Integers, ResponseLog
from services.mastery.evaluation.mapping import MadeUpTimePart, Mapping, TimePart

EXAMPLES_KEPT: Final = 20
"""Bad rows that are kept with line and reason; all are counted."""

_COLUMN: Final = re.compile(r"\{([^{}]+)\}")


class LogError(Exception):
    """The file cannot be used at all; the message says why and what to do."""


class LogBrokenOffError(Exception):
    """The file ends before its content does; the message says where."""


class BadRowError(Exception):
    """A row is no response; the message says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BadRow:
    """The line of the file (from 1, the last of a row) and the reason."""

    line: int
    reason: str


@dataclass(kw_only=True)
class Account:
    """What became of the rows of a file."""

    rows: int = 0
    used: int = 0
    without_competency: int = 0
    bad: int = 0
    bad_by_reason: Counter[str] = field(default_factory=Counter)
    examples: list[BadRow] = field(default_factory=list)

    def add_bad(self, line: int, reason: str) -> None:
        """Count a bad row; keep the first ones."""
        self.bad += 1
        self.bad_by_reason[reason.split(":", maxsplit=1)[0]] += 1
        if len(self.examples) < EXAMPLES_KEPT:
            self.examples.append(BadRow(line=line, reason=reason))


class _Reader(Protocol):
    """What `csv.reader` returns."""

    @property
    def line_num(self) -> int: ...

    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class _Response:
    learner: str
    item: str
    competencies: tuple[str, ...]
    correct: int
    time_us: int
    day: int
    order: int
    line: int


def read_log(path: Path, mapping: Mapping) -> tuple[ResponseLog, Account]:
    """Return the responses of a CSV or TSV file (.gz too), and what became of its rows.

    Raises LogError, LogBrokenOffError.
    """
    account = Account()
    try:
        with _opened(path, mapping.encoding) as stream:
            responses = list(_responses(stream, mapping, account))
    except (EOFError, gzip.BadGzipFile) as error:
        raise LogBrokenOffError(
            f"{path} breaks off after {account.rows} rows ({error}): get the whole file, or "
            f"uncompress what there is of it and give that"
        ) from error
    except UnicodeDecodeError as error:
        raise LogError(
            f"{path} is not {mapping.encoding} after {account.rows} rows ({error.reason}): state "
            f"its encoding in the mapping"
        ) from error
    if not responses:
        raise LogError(f"{path} has no row that can be used{_first_reason(account)}")
    return _columns(responses, mapping), account


def digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as they are, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _opened(path: Path, encoding: str) -> TextIO:
    try:
        if path.suffix == ".gz":
            return gzip.open(path, "rt", encoding=encoding, newline="")
        return path.open(encoding=encoding, newline="")
    except OSError as error:
        raise LogError(f"{path} cannot be opened: {error.strerror}") from error


def _responses(stream: TextIO, mapping: Mapping, account: Account) -> Iterator[_Response]:
    reader = csv.reader(
        stream,
        delimiter=mapping.delimiter,
        quoting=csv.QUOTE_MINIMAL if mapping.quoted else csv.QUOTE_NONE,
    )
    head = next(reader, [])
    parse = _row_parser(head, mapping)
    for cells in _rows(reader, account):
        if not cells:
            continue
        account.rows += 1
        try:
            response = parse(cells, reader.line_num)
        except BadRowError as error:
            account.add_bad(reader.line_num, str(error))
            continue
        if response is None:
            account.without_competency += 1
            continue
        account.used += 1
        yield response


def _rows(reader: _Reader, account: Account) -> Iterator[list[str]]:
    """Return the rows; one that CSV itself cannot read is counted, and the next one is tried."""
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            account.rows += 1
            account.add_bad(reader.line_num, f"not readable as CSV: {error}")


def _row_parser(
    head: Sequence[str], mapping: Mapping
) -> Callable[[list[str], int], _Response | None]:
    """Return what makes a response of a row's cells; None where it has no competency.

    Raises LogError where a column of the mapping is not in the head.
    """
    place = {name.removeprefix("\ufeff").strip(): index for index, name in enumerate(head)}
    missing = [name for name in _columns_of(mapping) if name not in place]
    if missing:
        raise LogError(
            f"the file has no column {', '.join(missing)}; its first line has: "
            f"{', '.join(place) or 'nothing'}. Is it the right mapping, and the right delimiter?"
        )

    def parse(cells: list[str], line: int) -> _Response | None:
        if len(cells) != len(head):
            raise BadRowError(f"cells missing or too many: {len(cells)} of {len(head)}")
        row = {name: cells[index].strip() for name, index in place.items()}
        correct = _correct(row, mapping)
        competencies = _competencies(row, mapping)
        if not competencies:
            return None
        time_us, day = _time(row, mapping.time) if mapping.time else (0, 0)
        return _Response(
            learner=_filled(mapping.learner, row),
            item=_filled(mapping.item, row),
            competencies=competencies,
            correct=correct,
            time_us=time_us,
            day=day,
            order=_order(row, mapping.order),
            line=line,
        )

    return parse


def _columns_of(mapping: Mapping) -> list[str]:
    names = [*_COLUMN.findall(mapping.learner), *_COLUMN.findall(mapping.item)]
    names += [mapping.competencies.column, mapping.correct.column]
    names += [mapping.order] if mapping.order else []
    names += [mapping.time.column] if mapping.time else []
    return names


def _filled(template: str, row: dict[str, str]) -> str:
    for name in _COLUMN.findall(template):
        if not row[name]:
            raise BadRowError(f"no {name}")
    return _COLUMN.sub(lambda match: row[match[1]], template)


def _correct(row: dict[str, str], mapping: Mapping) -> int:
    cell = row[mapping.correct.column]
    if cell in mapping.correct.right:
        return 1
    if cell in mapping.correct.wrong:
        return 0
    raise BadRowError(f"{mapping.correct.column} is neither right nor wrong: {cell[:20]!r}")


def _competencies(row: dict[str, str], mapping: Mapping) -> tuple[str, ...]:
    """Return the competencies, each once, in order."""
    part = mapping.competencies
    named = (name.strip() for name in row[part.column].split(part.separator))
    competencies = tuple(dict.fromkeys(name for name in named if name))
    if not competencies and part.missing == "bad":
        raise BadRowError(f"no {part.column}")
    return competencies


def _time(row: dict[str, str], part: TimePart) -> tuple[int, int]:
    """Return microseconds since 1970 UTC, and days since 1970 on the calendar of the zone."""
    cell = row[part.column]
    try:
        local = datetime.strptime(cell, part.format).replace(tzinfo=ZoneInfo(part.time_zone))
    except ValueError:
        raise BadRowError(
            f"{part.column} is no time of the mapping's format: {cell[:40]!r}"
        ) from None
    return micros_of(local), local.toordinal() - EPOCH_ORDINAL


def _order(row: dict[str, str], column: str | None) -> int:
    if column is None:
        return 0
    try:
        return int(row[column])
    except ValueError:
        raise BadRowError(f"{column} is no whole number: {row[column][:20]!r}") from None


def _columns(responses: list[_Response], mapping: Mapping) -> ResponseLog:
    """Return responses as columns, in order of learner, time and place."""
    responses = sorted(responses, key=lambda one: (one.learner, one.time_us, one.order, one.line))
    learners, learner = _indexed(one.learner for one in responses)
    items, item = _indexed(one.item for one in responses)
    competencies, competency = _indexed(name for one in responses for name in one.competencies)
    counts = [len(one.competencies) for one in responses]
    log = ResponseLog(
        learners=learners,
        items=items,
        competencies=competencies,
        learner=learner,
        item=item,
        correct=np.array([one.correct for one in responses]),
        time_us=np.array([one.time_us for one in responses]),
        day=np.array([one.day for one in responses]),
        aligned_response=np.repeat(np.arange(len(responses)), counts),
        aligned_competency=competency,
        occasion_by=mapping.occasion,
    )
    return _with_made_up_times(log, mapping.made_up_time) if mapping.made_up_time else log


def _indexed(names: Iterable[str]) -> tuple[list[str], Integers]:
    """Return the distinct names, sorted, and each name as an index into them."""
    listed = list(names)
    distinct = sorted(set(listed))
    place = {name: index for index, name in enumerate(distinct)}
    return distinct, np.array([place[name] for name in listed])


def _with_made_up_times(log: ResponseLog, part: MadeUpTimePart) -> ResponseLog:
    """Return the log with a learner's responses evenly apart from the same start on."""
    start_day = part.start.toordinal() - EPOCH_ORDINAL
    time_us = start_day * MICROSECONDS_A_DAY + log.rank * (part.step_seconds * 1_000_000)
    return replace(log, time_us=time_us, day=time_us // MICROSECONDS_A_DAY)


def _first_reason(account: Account) -> str:
    if not account.examples:
        return ""
    first = account.examples[0]
    return f"; line {first.line}: {first.reason}"
