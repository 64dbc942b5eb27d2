"""A record as a JSON object: the fields of the contract's `Record`, under names fit to be typed.

    {"event_id": "quiz-3/1042/1", "source": "lms", "occur_time": "2026-09-01T10:05:00-04:00",
     "learner_reference": {"kind": "email", "value": "ana@example.org"},
     "alignments": [{"code": "6.RP.A.1", "framework": "ccss-math"}],
     "score": {"points": {"earned": 7.5, "possible": 10}}, "purpose": "formative"}

What a record may hold is decided by `normalise`, as for every other way in; here only its form is
read, numbers exactly. An unknown field is refused, as it is most often a known one mistyped, which
would otherwise be lost without a word. It must not decode bytes.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from services.evidence.domain.json_fields import MAX_LONG, Fields
from services.evidence.domain.model import Kind, Purpose, Record, RefusalReason
from services.evidence.domain.references import (
    CompetencyReference,
    CompetencyReferenceKind,
    Reference,
    ReferenceKind,
    competency_reference,
    reference,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json

RECORD_FIELDS: Final = (
    "event_id",
    "source",
    "entity_id",
    "version",
    "learner",
    "learner_reference",
    "occur_time",
    "alignments",
    "score",
    "purpose",
    "kind",
    "dok",
    "timed",
    "item",
    "assessment",
    "assessment_items_on_competency",
    "artefact",
)
LEARNER_REFERENCE_FIELDS: Final = ("kind", "value", "system")
ALIGNMENT_FIELDS: Final = ("competency", "case_uuid", "uri", "code", "framework", "weight_milli")
SCORE_FIELDS: Final = ("points", "level")
POINTS_FIELDS: Final = ("earned", "possible")

MAX_ALIGNMENTS_READ: Final = 100
"""`normalise` takes eight; a list longer than this is not even read."""

_MAX_INT: Final = 2**31 - 1
_WAYS: Final = ("competency", "case_uuid", "uri", "code")
_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Named = tuple[str, int]
Referenced = tuple[CompetencyReference, int]


def read_json_record(document: Json, *, source: str = "", size_bytes: int = 0) -> Record:
    """Return the record that a decoded object is; raises RefusedError and nothing else.

    source: whose record it is where it does not say. size_bytes: of the object as it was sent.
    """
    fields = Fields(document, "", RECORD_FIELDS)
    named, referenced = _alignments(fields)
    points, level_milli = _score(fields)
    return Record(
        size_bytes=size_bytes,
        event_id=fields.text("event_id"),
        source=fields.text("source") or source,
        entity_id=fields.text("entity_id"),
        version=fields.whole("version", MAX_LONG),
        learner=fields.text("learner"),
        occur_time=read_time(fields.text("occur_time"), "occur_time"),
        alignments=named,
        points=points,
        level_milli=level_milli,
        purpose=fields.choice("purpose", Purpose) or Purpose.UNSPECIFIED,
        kind=fields.choice("kind", Kind) or Kind.UNSPECIFIED,
        dok=fields.whole("dok", _MAX_INT),
        timed=fields.flag("timed"),
        item=fields.text("item"),
        assessment=fields.text("assessment"),
        assessment_items_on_competency=fields.whole("assessment_items_on_competency", _MAX_INT),
        artefact=fields.text("artefact"),
        learner_reference=_learner_reference(fields, source),
        referenced_alignments=referenced,
    )


def told_of(document: Json, name: str) -> str:
    """Return a text of a document that could not be read, for its place in quarantine, or ""."""
    value = document.get(name) if isinstance(document, Mapping) else None
    return value if isinstance(value, str) else ""


def read_time(text: str, path: str) -> tuple[int, int] | None:
    """Return (seconds, nanoseconds) since 1970 of a time of RFC 3339; None where it is empty."""
    if not text:
        return None
    found = _TIME.fullmatch(text)
    if found is None:
        raise _no_time(path)
    *parts, fraction, sign, hours, minutes = found.groups()
    try:
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        zone = timezone(-offset if sign == "-" else offset)
        year, month, day, hour, minute, second = map(int, parts)
        moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise _no_time(path) from None
    return (moment - _EPOCH) // timedelta(seconds=1), int((fraction or "0").ljust(9, "0"))


def _no_time(path: str) -> RefusedError:
    return RefusedError(
        RefusalReason.MALFORMED,
        path,
        "The time is none of RFC 3339.",
        'Send a time with its zone, as in "2026-09-01T10:05:00-04:00" or "2026-09-01T14:05:00Z".',
    )


def _learner_reference(fields: Fields, source: str) -> Reference | None:
    """Return how the sender calls the learner; ids of one system are the record's own source's."""
    if not fields.has("learner_reference"):
        return None
    inner = fields.inner("learner_reference", LEARNER_REFERENCE_FIELDS)
    kind = inner.choice("kind", ReferenceKind)
    if kind is None:
        raise RefusedError(
            RefusalReason.MALFORMED,
            "learner_reference.kind",
            "The reference does not say what kind of id it is.",
            f"Send {', '.join(one.name.lower() for one in ReferenceKind)} as its kind.",
        )
    system = inner.text("system") or fields.text("source") or source
    return reference(kind, inner.text("value"), system)


def _alignments(fields: Fields) -> tuple[tuple[Named, ...], tuple[Referenced, ...]]:
    """Return alignments by name and by reference; `normalise` says that they do not mix."""
    elements = fields.elements("alignments")
    if len(elements) > MAX_ALIGNMENTS_READ:
        raise RefusedError(
            RefusalReason.ALIGNMENT_INVALID,
            "alignments",
            f"The record has {len(elements)} alignments.",
            "Send 1 to 8 competencies.",
        )
    named: list[Named] = []
    referenced: list[Referenced] = []
    for index, element in enumerate(elements):
        one = Fields(element, f"alignments[{index}]", ALIGNMENT_FIELDS)
        weight = one.whole("weight_milli", _MAX_INT)
        if _way(one) == "competency":
            named.append((one.text("competency"), weight))
        else:
            referenced.append((_competency(one), weight))
    return tuple(named), tuple(referenced)


def _way(one: Fields) -> str:
    """Return which of the ways to name a competency an alignment takes."""
    ways = [way for way in _WAYS if one.has(way)]
    if len(ways) == 1 and (ways[0] == "code" or not one.has("framework")):
        return ways[0]
    raise RefusedError(
        RefusalReason.ALIGNMENT_INVALID,
        one.path("competency"),
        "The alignment does not name its competency in exactly one way.",
        "Send one of competency (its name in Trellis), case_uuid, uri, or code with framework.",
    )


def _competency(one: Fields) -> CompetencyReference:
    way = _way(one)
    text = one.text(way)
    if way == "code":
        return CompetencyReference(
            kind=CompetencyReferenceKind.HUMAN_CODE,
            value=text.strip(),
            framework=one.text("framework"),
        )
    found = competency_reference(text)
    if found.kind is CompetencyReferenceKind.CASE_UUID:
        return found
    if way == "uri":
        return CompetencyReference(kind=CompetencyReferenceKind.CASE_URI, value=text.strip())
    raise RefusedError(
        RefusalReason.MALFORMED,
        one.path(way),
        "This is no UUID.",
        "Send the CASE identifier, bare or as urn:uuid:…; a code goes into the field code.",
    )


def _score(fields: Fields) -> tuple[tuple[int, int] | None, int | None]:
    """Return (earned, possible) or a level, in thousandths; nothing where nothing was scored."""
    if not fields.has("score"):
        return None, None
    score = fields.inner("score", SCORE_FIELDS)
    if score.has("points") == score.has("level"):
        raise RefusedError(
            RefusalReason.MALFORMED,
            "score",
            "The score has not exactly one of points and level.",
            'Send {"points": {"earned": 3, "possible": 4}} or {"level": 3.5}, or no score at all.',
        )
    if score.has("level"):
        return None, _level(score)
    points = score.inner("points", POINTS_FIELDS)
    return (points.milli("earned"), points.milli("possible")), None


def _level(score: Fields) -> int:
    """Return a rubric level in thousandths, within what the contract can carry."""
    level_milli = score.milli("level")
    if abs(level_milli) > _MAX_INT:
        raise RefusedError(
            RefusalReason.SCORE_OUT_OF_RANGE,
            "score.level",
            "The level is not within 1 to 4.",
            "Send the level itself: 3.5 is three and a half.",
        )
    return level_milli
