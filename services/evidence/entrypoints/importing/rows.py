"""Rows of a file to records, by a mapping. Pure: it neither reads files nor sends anything.

A row that cannot be read in full still becomes a record, with the field at fault left so that the
service refuses it: it then waits in quarantine with its line like every other refused record, and
never stops the file.
"""

from collections import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Final

from trellis.evidence.v1 import evidence_pb2

from services.evidence.entrypoints.importing.cells import RowError, whole
from services.evidence.entrypoints.importing.mapping import (
    ClockPart,
    Columns,
    Mapping,
    MappingError,
    PointsPart,
    Reader,
    ScorePart,
)
from services.evidence.entrypoints.importing.sequence import TimeReader, sequence_time

MAX_MILLI: Final = 10**15

_CORRECT: Final = {"1": 1_000, "0": 0, "true": 1_000, "false": 0, "1.0": 1_000, "0.0": 0}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row, read: who, what of, and the record, in which names are still to be put.

    learner: the source's id of the learner. competencies: the file's values. fault: what could not
    be read, or None.
    """

    line: int
    learner: str
    school: str
    competencies: tuple[str, ...]
    record: evidence_pb2.Record
    fault: str | None


class RowReader:
    """Reads the rows of one file by one mapping."""

    def __init__(
        self,
        mapping: Mapping,
        head: Sequence[str],
        *,
        last_numbers: abc.Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Take the mapping and the names of the columns; raises MappingError.

        last_numbers: of each learner's last row, for a sequence that is counted back.
        """
        columns = Columns(head)
        self._count = columns.count
        self._source = mapping.source
        self._event_id = columns.reader(mapping.event_id)
        self._entity_id = columns.reader(mapping.entity_id)
        self._learner = columns.reader(mapping.learner.source_id)
        self._school = _school(mapping, columns)
        self._competencies = columns.column(mapping.competencies.column)
        self._separator = mapping.competencies.separator
        self._item = columns.reader(mapping.item)
        self._assessment = columns.reader(mapping.assessment)
        self._artefact = columns.reader(mapping.artefact)
        self._version = _version(mapping.version, columns)
        self._time = _time(mapping, columns, self._learner, last_numbers)
        self._score = _score(mapping.score, columns)
        self._constants = _constants(mapping)
        if columns.unknown:
            named = ", ".join(sorted(set(columns.unknown)))
            raise MappingError(f"the file has no column {named}; it has {', '.join(head)}")

    def read(self, line: int, cells: Sequence[str]) -> Row:
        """Return the row; whatever the cells hold, never an exception."""
        record = evidence_pb2.Record(source=self._source)
        try:
            _check_utf8(cells)
        except RowError as error:
            return _unreadable(line, record, str(error))
        if len(cells) != self._count:
            fault = f"the row has {len(cells)} cells, the head {self._count}"
            return _unreadable(line, record, fault)
        record.MergeFrom(self._constants)
        record.event_id = self._event_id(cells)
        record.entity_id = self._entity_id(cells)
        record.item = self._item(cells)
        record.assessment = self._assessment(cells)
        record.artefact = self._artefact(cells)
        faults: list[str] = []
        self._put_numbers(record, cells, faults)
        school = ""
        try:
            school = self._school(cells)
        except RowError as error:
            faults.append(str(error))
        return Row(
            line=line,
            learner=self._learner(cells),
            school=school,
            competencies=self._values(cells[self._competencies]),
            record=record,
            fault="; ".join(faults) or None,
        )

    def _put_numbers(
        self, record: evidence_pb2.Record, cells: Sequence[str], faults: list[str]
    ) -> None:
        """Put version, time and score in; what cannot be read is left as no service takes it."""
        try:
            record.version = self._version(cells)
        except RowError as error:
            record.version = -1
            faults.append(str(error))
        try:
            seconds, nanos = self._time(cells)
            record.occur_time.seconds = seconds
            record.occur_time.nanos = nanos
        except RowError as error:
            record.ClearField("occur_time")
            faults.append(str(error))
        try:
            score = self._score(cells)
            if score is not None:
                record.score.CopyFrom(score)
        except RowError as error:
            record.score.SetInParent()
            faults.append(str(error))

    def _values(self, cell: str) -> tuple[str, ...]:
        if self._separator is None:
            return (cell.strip(),) if cell.strip() else ()
        return tuple(part.strip() for part in cell.split(self._separator) if part.strip())


def _unreadable(line: int, record: evidence_pb2.Record, fault: str) -> Row:
    return Row(line=line, learner="", school="", competencies=(), record=record, fault=fault)


def _check_utf8(cells: Sequence[str]) -> None:
    """Bytes that are no UTF-8 came in as lone surrogates, which no message can carry."""
    for place, cell in enumerate(cells):
        if not cell.isascii():
            try:
                cell.encode()
            except UnicodeEncodeError:
                raise RowError(f"cell {place + 1} is not UTF-8") from None


def _constants(mapping: Mapping) -> evidence_pb2.Record:
    constants = evidence_pb2.Record(
        dok=mapping.dok,
        timed=mapping.timed,
        assessment_items_on_competency=mapping.assessment_items_on_competency,
    )
    if mapping.purpose is not None:
        constants.MergeFrom(evidence_pb2.Record(purpose=f"PURPOSE_{mapping.purpose.upper()}"))
    if mapping.kind is not None:
        constants.MergeFrom(evidence_pb2.Record(kind=f"KIND_{mapping.kind.upper()}"))
    return constants


def _school(mapping: Mapping, columns: Columns) -> Callable[[Sequence[str]], str]:
    if mapping.learner.school is not None:
        return columns.reader(mapping.learner.school)
    read = columns.reader(mapping.learner.school_by_modulo)
    ids = [school.id for school in mapping.schools]
    return lambda cells: ids[whole("school_by_modulo", read(cells)) % len(ids)]


def _version(version: int | str, columns: Columns) -> Callable[[Sequence[str]], int]:
    if isinstance(version, int):
        return lambda _cells: version
    read = columns.reader(version)
    return lambda cells: whole("version", read(cells))


def _time(
    mapping: Mapping, columns: Columns, learner: Reader, last_numbers: abc.Mapping[str, int]
) -> TimeReader:
    if mapping.sequence is not None:
        return sequence_time(
            mapping.sequence, mapping.zone, columns, learner=learner, last_numbers=last_numbers
        )
    assert mapping.time is not None
    return _clock_time(mapping.time, mapping.zone, columns)


def _clock_time(part: ClockPart, zone: tzinfo, columns: Columns) -> TimeReader:
    place = columns.column(part.column)
    scale = {"unix_seconds": 1, "unix_milliseconds": 1_000}.get(part.format)

    def read(cells: Sequence[str]) -> tuple[int, int]:
        text = cells[place].strip()
        if scale is not None:
            seconds, rest = divmod(whole(part.column, text), scale)
            return seconds, rest * (1_000_000_000 // scale)
        try:
            moment = (
                datetime.fromisoformat(text)
                if part.format == "iso"
                else datetime.strptime(text, part.format)  # noqa: DTZ007  (the zone comes next)
            )
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
            seconds = int(aware.astimezone(UTC).replace(microsecond=0).timestamp())
        except (ValueError, OverflowError):
            raise RowError(f"{part.column}: {text[:40]!r} is no time of the form stated") from None
        return seconds, moment.microsecond * 1_000

    return read


def _score(
    part: ScorePart | None, columns: Columns
) -> Callable[[Sequence[str]], evidence_pb2.Score | None]:
    if part is None:
        return lambda _cells: None
    if part.correct is not None:
        return _correct_score(part.correct, columns.column(part.correct))
    if part.level is not None:
        return _level_score(part.level, columns.column(part.level))
    assert part.points is not None
    return _points_score(part.points, columns)


def _correct_score(name: str, place: int) -> Callable[[Sequence[str]], evidence_pb2.Score | None]:
    scores = {
        text: evidence_pb2.Score(
            points=evidence_pb2.Points(earned_milli=earned, possible_milli=1_000)
        )
        for text, earned in _CORRECT.items()
    }

    def read(cells: Sequence[str]) -> evidence_pb2.Score | None:
        text = cells[place].strip().lower()
        if not text:
            return None
        if text not in scores:
            raise RowError(f"{name}: {text[:40]!r} is neither 0 nor 1")
        return scores[text]

    return read


def _level_score(name: str, place: int) -> Callable[[Sequence[str]], evidence_pb2.Score | None]:
    def read(cells: Sequence[str]) -> evidence_pb2.Score | None:
        text = cells[place].strip()
        return None if not text else evidence_pb2.Score(level_milli=_level(name, text))

    return read


def _level(name: str, text: str) -> int:
    milli = _milli(name, text)
    if abs(milli) > 2**31 - 1:
        raise RowError(f"{name}: {text[:40]!r} is no level")
    return milli


def _points_score(
    part: PointsPart, columns: Columns
) -> Callable[[Sequence[str]], evidence_pb2.Score | None]:
    earned = columns.column(part.earned)
    stated = None if isinstance(part.possible, str) else _milli("possible", str(part.possible))
    possible = columns.column(part.possible) if isinstance(part.possible, str) else 0

    def read(cells: Sequence[str]) -> evidence_pb2.Score | None:
        text = cells[earned].strip()
        if not text:
            return None
        most = _milli("possible", cells[possible].strip()) if stated is None else stated
        points = evidence_pb2.Points(earned_milli=_milli(part.earned, text), possible_milli=most)
        return evidence_pb2.Score(points=points)

    return read


def _milli(name: str, text: str) -> int:
    """Return a decimal number in thousandths, exactly."""
    try:
        milli = Decimal(text) * 1_000
    except InvalidOperation:
        raise RowError(f"{name}: {text[:40]!r} is no number") from None
    if not milli.is_finite() or abs(milli) > MAX_MILLI or milli != milli.to_integral_value():
        raise RowError(f"{name}: {text[:40]!r} is no number of at most three decimals")
    return int(milli)
