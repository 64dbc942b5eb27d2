"""Rows of a table to records, by a mapping. Pure: it neither reads files nor sends anything.

A row that cannot be read in full still becomes a record, with the field at fault left so that the
service refuses it: it then waits in quarantine with its line like every other refused record, and
never stops the file. A row that a mapping skips means nothing and becomes no record.
"""

import hashlib
import re
from collections import abc
from collections.abc import Callable, Sequence
from dataclasses import field
from types import MappingProxyType
from typing import Final

from trellis.evidence.v1 import evidence_pb2

from services.evidence.adapters.wire.references import competency_reference_to, reference_to
from services.evidence.domain.model import hot_value
from services.evidence.domain.references import (
    CompetencyReference,
    Reference,
    ReferenceKind,
    competency_reference,
    reference,
)
from services.evidence.entrypoints.importing.cells import RowError, shown, whole
from services.evidence.entrypoints.importing.clock import clock_time
from services.evidence.entrypoints.importing.columns import Columns, Reader
from services.evidence.entrypoints.importing.mapping import Mapping, MappingError
from services.evidence.entrypoints.importing.mapping_parts import (
    EXPORT_DATE,
    LEARNER,
    CompetencyReferencesPart,
    LearnerReferencePart,
    SkipPart,
)
from services.evidence.entrypoints.importing.scores import score_reader
from services.evidence.entrypoints.importing.sequence import TimeReader, sequence_time

HASHED_ID_DIGITS: Final = 32
"""128 bits, hexadecimal."""

_SEPARATOR: Final = "\x1f"
_VERSION_DIGITS: Final = len("202609011530")

SkipReader = Callable[[Sequence[str]], str]
"""Gives why a row means nothing, or an empty text."""


@hot_value
class Row:
    """One row, read: who, what of, and the record, in which names are still to be put.

    learner: the source's id of a learner whom the import may register. competencies: the file's
    values, of those that it may register. fault: what could not be read, or None. skipped: why the
    row means nothing, or empty. digest: of what a snapshot says of an observation, else empty.
    cells: by column, of a row with a fault.
    """

    line: int
    learner: str = ""
    school: str = ""
    competencies: tuple[str, ...] = ()
    record: evidence_pb2.Record
    fault: str | None = None
    skipped: str = ""
    digest: bytes = b""
    cells: abc.Mapping[str, str] = field(default_factory=dict)


class RowReader:
    """Reads the rows of one table by one mapping."""

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
        self._head = head
        self._source = mapping.source
        self._whom = _whom(mapping, columns)
        self._ids = _ids(mapping, columns)
        self._competencies = _competencies(mapping, columns)
        self._referenced = _referenced(mapping.competency_references, columns)
        self._item = columns.reader(mapping.item)
        self._assessment = columns.reader(mapping.assessment)
        self._artefact = columns.reader(mapping.artefact)
        self._version = _version(mapping, columns)
        self._time = _time(mapping, columns, last_numbers)
        self._score = _checked(lambda: score_reader(mapping.score, columns))
        self._telling = columns.telling if mapping.snapshot is not None else ()
        self._skips = [_skip(part, columns) for part in mapping.skip]
        self._constants = _constants(mapping)
        columns.check()

    def read(self, line: int, cells: Sequence[str], fault: str = "") -> Row:
        """Return the row; whatever the cells hold, never an exception.

        fault: what is wrong with the row as a whole, if anything is.
        """
        record = evidence_pb2.Record(source=self._source)
        fault = fault or _fault(cells, len(self._head))
        if fault:
            return Row(line=line, record=record, fault=fault, cells=self._by_column(cells))
        for skip in self._skips:
            because = skip(cells)
            if because:
                return Row(line=line, record=record, skipped=because)
        return self._read(line, cells, record)

    def _read(self, line: int, cells: Sequence[str], record: evidence_pb2.Record) -> Row:
        record.MergeFrom(self._constants)
        record.event_id, record.entity_id = self._ids(cells)
        record.item = self._item(cells)
        record.assessment = self._assessment(cells)
        record.artefact = self._artefact(cells)
        faults: list[str] = []
        self._put_numbers(record, cells, faults)
        learner, school = self._put_whom(record, cells, faults)
        self._put_references(record, cells, faults)
        return Row(
            line=line,
            learner=learner,
            school=school,
            competencies=self._competencies(cells),
            record=record,
            fault="; ".join(faults) or None,
            digest=self._digest(cells) if self._telling else b"",
            cells=self._by_column(cells) if faults else {},
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

    def _put_whom(
        self, record: evidence_pb2.Record, cells: Sequence[str], faults: list[str]
    ) -> tuple[str, str]:
        """Put a reference to the learner in, or return id and school of one to be registered."""
        try:
            whom = self._whom(cells)
        except RowError as error:
            faults.append(str(error))
            return "", ""
        if isinstance(whom, Reference):
            record.learner_reference.CopyFrom(reference_to(whom))
            return "", ""
        return whom

    def _put_references(
        self, record: evidence_pb2.Record, cells: Sequence[str], faults: list[str]
    ) -> None:
        try:
            for one in self._referenced(cells):
                record.referenced_alignments.add(competency=competency_reference_to(one))
        except RowError as error:
            # One reference that means nothing: without any, the item could speak for it.
            del record.referenced_alignments[:]
            record.referenced_alignments.add()
            faults.append(str(error))

    def _digest(self, cells: Sequence[str]) -> bytes:
        told = _SEPARATOR.join([cells[place].strip() for place in self._telling])
        return hashlib.sha256(told.encode()).digest()[:16]

    def _by_column(self, cells: Sequence[str]) -> abc.Mapping[str, str]:
        return dict(zip(self._head, cells, strict=False))


def learner_reader(mapping: Mapping, columns: Columns) -> Reader:
    """Return what tells the learners of a file apart."""
    if mapping.learner is None:
        _whom(mapping, columns)
    return columns.reader(mapping.learner_template)


def _fault(cells: Sequence[str], count: int) -> str:
    """Return what is wrong with a row as a whole: undecodable bytes, too many cells, too few."""
    for place, cell in enumerate(cells):
        # Bytes that are not of the encoding came in as lone surrogates, which no message can carry.
        if not cell.isascii():
            try:
                cell.encode()
            except UnicodeEncodeError:
                return (
                    f"cell {place + 1} is not UTF-8; if a spreadsheet saved the file, try"
                    " --encoding windows-1252"
                )
    if len(cells) != count:
        return f"the row has {len(cells)} cells, the head {count}"
    return ""


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


def _ids(mapping: Mapping, columns: Columns) -> Callable[[Sequence[str]], tuple[str, str]]:
    """Return what gives a row its event id and its entity id."""
    template = mapping.event_id
    if mapping.snapshot is not None:
        # What stands in a later export is another sending of the same observation.
        template = f"{mapping.entity_id}@{{{EXPORT_DATE}}}"
    event_id, entity_id = columns.reader(template), columns.reader(mapping.entity_id)
    if not mapping.hash_ids:
        return lambda cells: (event_id(cells), entity_id(cells))
    source = mapping.source
    return lambda cells: (_hashed(source, event_id(cells)), _hashed(source, entity_id(cells)))


def _hashed(source: str, text: str) -> str:
    """Return an id that is the same for the same text and shows nothing of it; none of none."""
    if not text:
        return ""
    told = f"{source}{_SEPARATOR}{text}".encode()
    return hashlib.sha256(told).hexdigest()[:HASHED_ID_DIGITS]


def _whom(
    mapping: Mapping, columns: Columns
) -> Callable[[Sequence[str]], Reference | tuple[str, str]]:
    """Return what gives a row's learner: a reference, or an id and a school to register."""
    if mapping.learner is None:
        first = _first_reference(mapping.learner_references, mapping.source, columns)
        columns.make(LEARNER, lambda cells: _told_apart(first, cells))
        return first
    source_id = columns.reader(mapping.learner.source_id)
    school = _school(mapping, columns)
    return lambda cells: (source_id(cells), school(cells))


def _first_reference(
    parts: Sequence[LearnerReferencePart], source: str, columns: Columns
) -> Callable[[Sequence[str]], Reference]:
    ways = [
        (
            ReferenceKind[part.kind.upper()],
            columns.reader(part.value),
            part.system or source,
            frozenset(one.strip().casefold() for one in part.no_value),
        )
        for part in parts
    ]

    def read(cells: Sequence[str]) -> Reference:
        for kind, value, system, no_value in ways:
            text = value(cells).strip()
            if text and text.casefold() not in no_value:
                return reference(kind, text, system)
        raise RowError("the row has no id of its learner")

    return read


def _told_apart(whom: Callable[[Sequence[str]], Reference], cells: Sequence[str]) -> str:
    """Return what tells a learner apart; nothing where the row has no id of its learner."""
    try:
        found = whom(cells)
    except RowError:
        return ""
    return f"{found.kind.name.lower()}:{found.value}"


def _school(mapping: Mapping, columns: Columns) -> Callable[[Sequence[str]], str]:
    assert mapping.learner is not None
    if mapping.learner.school is not None:
        return columns.reader(mapping.learner.school)
    read = columns.reader(mapping.learner.school_by_modulo)
    ids = [school.id for school in mapping.schools]
    return lambda cells: ids[whole("school_by_modulo", read(cells)) % len(ids)]


def _competencies(mapping: Mapping, columns: Columns) -> Callable[[Sequence[str]], tuple[str, ...]]:
    """Return what gives the values of competencies that the import may register."""
    if mapping.competencies is None:
        return lambda _cells: ()
    place, separator = columns.column(mapping.competencies.column), mapping.competencies.separator
    return lambda cells: _split(cells[place], separator)


def _split(text: str, separator: str | None) -> tuple[str, ...]:
    parts = [text] if separator is None else text.split(separator)
    return tuple(part.strip() for part in parts if part.strip())


def _referenced(
    part: CompetencyReferencesPart | None, columns: Columns
) -> Callable[[Sequence[str]], Sequence[CompetencyReference]]:
    """Return what gives the references to competencies that the district has."""
    if part is None:
        return lambda _cells: ()
    value = columns.reader(part.value)
    pattern = None if part.pattern is None else re.compile(part.pattern)

    def code(text: str) -> str:
        found = None if pattern is None else pattern.search(text)
        if pattern is not None and (found is None or not found[1]):
            raise RowError(f"competency: {shown(text)} does not fit {part.pattern!r}")
        return text if found is None else found[1]

    def read(cells: Sequence[str]) -> Sequence[CompetencyReference]:
        codes = [code(text) for text in _split(value(cells), part.separator)]
        found = [competency_reference(one, part.framework or "") for one in codes]
        return list(dict.fromkeys(found))

    return read


def _version(mapping: Mapping, columns: Columns) -> Callable[[Sequence[str]], int]:
    if mapping.snapshot is not None:
        # The later of two exports knows better: 2026-09-01 is version 202609010000.
        exported = columns.reader(f"{{{EXPORT_DATE}}}")
        return lambda cells: _version_of_date(exported(cells))
    version = mapping.version
    if isinstance(version, int):
        return lambda _cells: version
    read = columns.reader(version)
    return lambda cells: whole("version", read(cells))


def _version_of_date(text: str) -> int:
    digits = re.sub(r"\D", "", text)[:_VERSION_DIGITS]
    return whole(EXPORT_DATE, digits.ljust(_VERSION_DIGITS, "0"))


def _time(mapping: Mapping, columns: Columns, last_numbers: abc.Mapping[str, int]) -> TimeReader:
    if mapping.sequence is not None:
        learner = learner_reader(mapping, columns)
        return sequence_time(
            mapping.sequence, mapping.zone, columns, learner=learner, last_numbers=last_numbers
        )
    assert mapping.time is not None
    return clock_time(mapping.time, mapping.zone, columns)


def _skip(part: SkipPart, columns: Columns) -> SkipReader:
    place = columns.column(part.column)
    if part.pattern is not None:
        pattern = re.compile(part.pattern, re.IGNORECASE)
        return lambda cells: part.because if pattern.search(cells[place].strip()) else ""
    listed_values = frozenset(one.strip().casefold() for one in part.values or part.other_than)
    skipped_if_listed = bool(part.values)

    def read(cells: Sequence[str]) -> str:
        is_listed = cells[place].strip().casefold() in listed_values
        return part.because if is_listed is skipped_if_listed else ""

    return read


def _checked(
    make: Callable[[], Callable[[Sequence[str]], evidence_pb2.Score | None]],
) -> Callable[[Sequence[str]], evidence_pb2.Score | None]:
    """Return what is made; a number of the mapping that cannot be read is the mapping's fault."""
    try:
        return make()
    except RowError as error:
        raise MappingError(f"score: {error}") from error
