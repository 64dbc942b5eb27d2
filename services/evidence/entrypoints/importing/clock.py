"""The time of a row from a column: ISO 8601, seconds since 1970, or stated formats. Pure.

Dates alone are common in exports: they get the time of day that the mapping states, in its zone.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from services.evidence.entrypoints.importing.cells import RowError, shown, whole
from services.evidence.entrypoints.importing.columns import Columns
from services.evidence.entrypoints.importing.mapping_parts import ClockPart
from services.evidence.entrypoints.importing.sequence import TimeReader

_NANOSECONDS: Final = 1_000_000_000
_SCALES: Final = {"unix_seconds": 1, "unix_milliseconds": 1_000}
_ISO: Final = "iso"
_ISO_DATE_LENGTHS: Final = (len("20260901"), len("2026-09-01"))
_HOUR_DIRECTIVES: Final = ("%H", "%I", "%c", "%X")

Parse = Callable[[str], "datetime | tuple[int, int]"]
"""Gives a time, or seconds and nanoseconds; raises ValueError, OverflowError or RowError."""


def clock_time(part: ClockPart, zone: tzinfo, columns: Columns) -> TimeReader:
    """Return what gives a row its time."""
    place = columns.column(part.column)
    otherwise = place if part.otherwise is None else columns.column(part.otherwise)
    formats = [part.format] if isinstance(part.format, str) else list(part.format)
    parsers = [_parser(one, part, zone) for one in formats]

    def read(cells: Sequence[str]) -> tuple[int, int]:
        text = cells[place].strip()
        if text or otherwise == place:
            return _first(parsers, text, part.column)
        # What stands in for a column has the form of a date of export, or that of the column.
        return _first([iso, *parsers], cells[otherwise].strip(), part.column)

    iso = _parser(_ISO, part, zone)
    return read


def _first(parsers: Sequence[Parse], text: str, name: str) -> tuple[int, int]:
    """Return what the first parser that can read it makes of a text."""
    for parse in parsers:
        try:
            found = parse(text)
            return found if isinstance(found, tuple) else _since_1970(found)
        except (ValueError, OverflowError, RowError):
            continue
    raise RowError(f"{name}: {shown(text)} is no time of the form stated")


def _parser(form: str, part: ClockPart, zone: tzinfo) -> Parse:
    if form in _SCALES:
        return _unix(part.column, _SCALES[form])
    if form == _ISO:
        return lambda text: _iso(text, part.clock, zone)
    has_clock = any(one in form for one in _HOUR_DIRECTIVES)

    def parse(text: str) -> datetime:
        moment = datetime.strptime(text, form)  # noqa: DTZ007  (the zone comes next)
        return _in_zone(moment if has_clock else datetime.combine(moment, part.clock), zone)

    return parse


def _unix(name: str, scale: int) -> Parse:
    def parse(text: str) -> tuple[int, int]:
        seconds, rest = divmod(whole(name, text), scale)
        return seconds, rest * (_NANOSECONDS // scale)

    return parse


def _iso(text: str, clock: time, zone: tzinfo) -> datetime:
    if len(text) in _ISO_DATE_LENGTHS:
        return datetime.combine(date.fromisoformat(text), clock, zone)
    return _in_zone(datetime.fromisoformat(text), zone)


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


def _since_1970(moment: datetime) -> tuple[int, int]:
    seconds = int(moment.astimezone(UTC).replace(microsecond=0).timestamp())
    return seconds, moment.microsecond * 1_000
