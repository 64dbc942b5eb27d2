"""A record as the JSON object that `json_record` reads: to be shown, mended, sent elsewhere.

Whatever a record holds can be written, also what no reader would take: a record in quarantine may
be wrong in any of its fields, and is shown all the same. It must not encode bytes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import Final

from services.evidence.domain.model import Kind, Purpose, Record
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
)
from services.evidence.domain.source_object import Json

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SECOND: Final = int((datetime(1, 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())
_LAST_SECOND: Final = int((datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - _EPOCH).total_seconds())

_WAYS: Final[Mapping[CompetencyReferenceKind, str]] = {
    CompetencyReferenceKind.CASE_UUID: "case_uuid",
    CompetencyReferenceKind.CASE_URI: "uri",
    CompetencyReferenceKind.HUMAN_CODE: "code",
}


def write_json_record(record: Record) -> Mapping[str, Json]:
    """Return the object; what is absent is left out, fractions are Decimal."""
    written: dict[str, Json] = {
        "event_id": record.event_id,
        "source": record.source,
        "entity_id": record.entity_id,
        "version": record.version,
        "learner": record.learner,
        "learner_reference": _learner_reference(record.learner_reference),
        "occur_time": _time(record.occur_time),
        "alignments": _alignments(record),
        "score": _score(record),
        "purpose": _word(record.purpose, Purpose),
        "kind": _word(record.kind, Kind),
        "dok": record.dok,
        "timed": record.timed,
        "item": record.item,
        "assessment": record.assessment,
        "assessment_items_on_competency": record.assessment_items_on_competency,
        "artefact": record.artefact,
    }
    return {name: value for name, value in written.items() if value or value is False}


def write_reference(one: Reference) -> Mapping[str, Json]:
    """Return the object of a reference to a learner."""
    written: dict[str, Json] = {"kind": _word(one.kind, ReferenceKind), "value": one.value}
    return written | ({"system": one.system} if one.system else {})


def _learner_reference(one: Reference | None) -> Json:
    return None if one is None else write_reference(one)


def _alignments(record: Record) -> Json:
    named = [_weighed({"competency": name}, weight) for name, weight in record.alignments]
    return named + [_weighed(_way(one), weight) for one, weight in record.referenced_alignments]


def _way(one: CompetencyReference) -> Mapping[str, Json]:
    # An id of Trellis' own has no other form here than the code, which says that it is none.
    written: dict[str, Json] = {_WAYS.get(one.kind, "code"): one.value}
    return written | ({"framework": one.framework} if one.framework else {})


def _weighed(written: Mapping[str, Json], weight_milli: int) -> Mapping[str, Json]:
    return {**written, "weight_milli": weight_milli} if weight_milli else written


def _score(record: Record) -> Json:
    if record.points is not None:
        earned, possible = record.points
        return {"points": {"earned": _number(earned), "possible": _number(possible)}}
    return None if record.level_milli is None else {"level": _number(record.level_milli)}


def _number(milli: int) -> int | Decimal:
    """Return thousandths as a number, exactly."""
    whole, rest = divmod(milli, 1_000)
    return Decimal(milli).scaleb(-3) if rest else whole


def _word(number: int, words: type[IntEnum]) -> str | int:
    """Return the word for a number; a number that has none as it is, nothing for zero."""
    return words(number).name.lower() if number and number in list(words) else number


def _time(time: tuple[int, int] | None) -> str:
    """Return a time as RFC 3339 in UTC; what no calendar has, as a count of seconds."""
    if time is None:
        return ""
    seconds, nanos = time
    if not _FIRST_SECOND <= seconds <= _LAST_SECOND or not 0 <= nanos < 10**9:
        return f"{seconds} s and {nanos} ns since 1970"
    text = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{text}{fraction}Z"
