"""Times for a log that has an order and none: a stated rule that counts school days. Pure.

Counted from a first day on, a learner with many rows works for months after one with few. Counted
back from a last day, all of them have worked lately; for that the number of each learner's last
row must be known, so that such a file is read twice.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from services.evidence.entrypoints.importing.cells import RowError, whole
from services.evidence.entrypoints.importing.columns import Columns, Reader
from services.evidence.entrypoints.importing.mapping_parts import SequencePart

WEEKDAYS: Final = 5
DAYS_A_WEEK: Final = 7
MAX_SEQUENCE: Final = 10_000_000

TimeReader = Callable[[Sequence[str]], tuple[int, int]]
"""Gives the seconds since 1970 and the nanoseconds of a row; raises RowError."""


def sequence_time(
    part: SequencePart,
    zone: tzinfo,
    columns: Columns,
    *,
    learner: Reader,
    last_numbers: Mapping[str, int],
) -> TimeReader:
    """Return what gives a row its time.

    last_numbers: of each learner, by the source's id; only a rule with a last day asks for them.
    """
    if part.end_date is not None:
        return _counted_back(part, zone, columns, learner=learner, last_numbers=last_numbers)
    assert part.start_date is not None
    return _counted_on(part, part.start_date, zone, columns)


def find_last_numbers(
    part: SequencePart, columns: Columns, learner: Reader, rows: Iterable[Sequence[str]]
) -> dict[str, int]:
    """Return the number of each learner's last row; a row that has none counts for nothing."""
    place = columns.column(part.column)
    last: dict[str, int] = {}
    for cells in rows:
        if len(cells) != columns.count:
            continue
        try:
            number = _number(part, cells[place])
        except RowError:
            continue
        who = learner(cells)
        if number > last.get(who, 0):
            last[who] = number
    return last


def _number(part: SequencePart, cell: str) -> int:
    number = whole(part.column, cell)
    if not 1 <= number <= MAX_SEQUENCE:
        raise RowError(f"{part.column}: {number} is not within 1 to {MAX_SEQUENCE}")
    return number


def _counted_on(part: SequencePart, first: date, zone: tzinfo, columns: Columns) -> TimeReader:
    place = columns.column(part.column)
    start_of_day = _start_of_day(part, zone, first)

    def read(cells: Sequence[str]) -> tuple[int, int]:
        number = _number(part, cells[place])
        day, step = divmod(number - 1, part.per_day)
        try:
            return start_of_day(day) + step * part.step_seconds, 0
        except OverflowError:
            raise RowError(f"{part.column}: {number} lies after the year 9999") from None

    return read


def _counted_back(
    part: SequencePart,
    zone: tzinfo,
    columns: Columns,
    *,
    learner: Reader,
    last_numbers: Mapping[str, int],
) -> TimeReader:
    assert part.end_date is not None
    place = columns.column(part.column)
    start_of_day = _start_of_day(part, zone, part.end_date)

    def read(cells: Sequence[str]) -> tuple[int, int]:
        number = _number(part, cells[place])
        last = last_numbers.get(learner(cells), 0)
        if number > last:
            # Only where the file has changed since the last numbers were read from it.
            raise RowError(f"{part.column}: {number} lies after the learner's last row, {last}")
        days_back, rows_back = divmod(last - number, part.per_day)
        step = part.per_day - 1 - rows_back
        try:
            return start_of_day(-days_back) + step * part.step_seconds, 0
        except OverflowError:
            raise RowError(f"{part.column}: {number} lies before the year 1") from None

    return read


def _start_of_day(part: SequencePart, zone: tzinfo, origin: date) -> Callable[[int], int]:
    """Return what gives the first moment of work, that many days from the origin on."""

    @lru_cache(maxsize=4_096)
    def start(days: int) -> int:
        day = _day_from(origin, days, part)
        return int(datetime.combine(day, part.first_clock, zone).timestamp())

    return start


def _day_from(origin: date, days: int, part: SequencePart) -> date:
    """Return the day that many days after the origin, of which weekends are none if so stated."""
    if not part.weekdays_only:
        return origin + timedelta(days=days)
    at = origin
    if at.weekday() >= WEEKDAYS:
        # A start on a weekend is the Monday after it, an end the Friday before.
        begin_of_week = _monday(at)
        friday = begin_of_week + timedelta(days=WEEKDAYS - 1)
        at = friday if part.end_date is not None else begin_of_week + timedelta(days=DAYS_A_WEEK)
    weeks, weekday = divmod(at.weekday() + days, WEEKDAYS)
    return _monday(at) + timedelta(days=weeks * DAYS_A_WEEK + weekday)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
