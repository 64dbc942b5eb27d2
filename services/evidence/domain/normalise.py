"""From a record to evidence, or to a refusal that says what to do: one pure function.

Whatever a record holds, the answer is evidence or a refusal, never an exception. A refusal names
the first fault that is found. It must not know where learners and competencies are kept: what is
known of them comes with the call.
"""

from datetime import UTC, datetime

from services.evidence.domain.identity import SEPARATOR, content_hash, derive_evidence_id
from services.evidence.domain.known import Known
from services.evidence.domain.model import (
    Evidence,
    Kind,
    Purpose,
    Record,
    Refusal,
    RefusalReason,
    ScoreScale,
)
from services.evidence.domain.refusals import RefusedError, iso_time, malformed, shown
from services.evidence.domain.resolve import resolve_alignments, resolve_learner
from services.evidence.domain.scoring import (
    LEVEL_MAXIMUM_MILLI,
    LEVEL_MINIMUM_MILLI,
    score_of_level,
    score_of_points,
)
from services.evidence.domain.texts import IDENTIFIER, UNKEEPABLE

MAX_RECORD_BYTES = 65_536
"""A record is about 200 bytes; nothing that describes one observation needs more than this."""

MAX_EVENT_ID_LENGTH = 128
MAX_ENTITY_ID_LENGTH = 256
MAX_TEXT_LENGTH = 256
MAX_ARTEFACT_LENGTH = 1_024
MAX_DOK = 4
MAX_ITEMS = 10_000
"""Items on one competency in one assessment: more is a unit mix-up."""

MAX_EXTRA_CREDIT = 10
"""Points earned may be up to so many times those possible (300 of 100, and 5 of 1, are real);
beyond that somebody has mixed up percents and shares."""

MAX_VERSION = 2**62
"""Leaves room for the retraction's version, which is one above; nanoseconds since 1970 fit."""

RESERVED_PREFIX = "retract:"
"""Event ids that begin so are derived by the service when it retracts an import."""

_NANOSECONDS_A_SECOND = 1_000_000_000
_EPOCH_ORDINAL = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_PURPOSES = frozenset(int(purpose) for purpose in Purpose)
_KINDS = frozenset(int(kind) for kind in Kind)

_USE_OWN_ID = "Send an id of the sending itself, at most 128 printable characters."
_PLAIN_TEXT = "Send plain text without control characters, within the documented length."


def normalise(record: Record, known: Known) -> Evidence | Refusal:
    """Return the evidence that a record is, or why it is refused."""
    try:
        _check_size(record)
        _check_texts(record)
        _check_source(record, known)
        _check_numbers(record)
        return _evidence(record, known)
    except RefusedError as refused:
        return refused.refusal


def check_event_id(event_id: str) -> Refusal | None:
    """Return what is wrong with an event id, or None."""
    try:
        _check_event_id(event_id)
    except RefusedError as refused:
        return refused.refusal
    return None


def check_import_id(import_id: str) -> str | None:
    """Return what is wrong with an import id, or None; an empty one stands for no import."""
    if len(import_id) > MAX_EVENT_ID_LENGTH or UNKEEPABLE.search(import_id):
        return f"must have at most {MAX_EVENT_ID_LENGTH} printable characters."
    return None


def _evidence(record: Record, known: Known) -> Evidence:
    """Build the evidence from a record whose texts and numbers are right."""
    occur_time_micros = _occur_time(record.occur_time, known)
    learner = resolve_learner(record, occur_time_micros, known)
    learner_id = learner.learner_id
    alignments = resolve_alignments(record, known)
    score, scale = _score(record)
    entity_id = record.entity_id or record.event_id
    items = record.assessment_items_on_competency or 1
    assessment = f"{record.source}/{record.assessment}" if record.assessment else ""
    local_time = datetime.fromtimestamp(occur_time_micros // 1_000_000, learner.zone)
    local_day = local_time.toordinal() - _EPOCH_ORDINAL
    content = SEPARATOR.join(
        (
            f"recorded.1{SEPARATOR}{learner_id}{SEPARATOR}{occur_time_micros}{SEPARATOR}{score}",
            ",".join([f"{competency}:{weight}" for competency, weight in alignments]),
            f"{scale.value},{record.purpose},{record.kind},{record.dok},{record.timed}",
            record.item,
            assessment,
            f"{items},{local_day}",
            record.artefact,
            record.source,
        )
    )
    return Evidence(
        event_id=record.event_id,
        evidence_id=derive_evidence_id(known.district_namespace, record.source, entity_id),
        version=record.version,
        content_hash=content_hash(content),
        learner_id=learner_id,
        occur_time_micros=occur_time_micros,
        source=record.source,
        entity_id=entity_id,
        alignments=alignments,
        score=score,
        score_scale=scale,
        purpose=record.purpose,
        kind=record.kind,
        dok=record.dok,
        timed=record.timed,
        item=record.item,
        assessment=assessment,
        assessment_items_on_competency=items,
        artefact=record.artefact,
        local_day=local_day,
    )


def _check_size(record: Record) -> None:
    if record.size_bytes > MAX_RECORD_BYTES:
        raise RefusedError(
            RefusalReason.RECORD_TOO_LARGE,
            "",
            f"The record has {shown(record.size_bytes)} bytes, more than {MAX_RECORD_BYTES}.",
            "Send a reference to the artefact, not the artefact.",
        )


def _check_event_id(event_id: str) -> None:
    if not event_id:
        raise RefusedError(
            RefusalReason.MISSING_EVENT_ID, "event_id", "The event id is empty.", _USE_OWN_ID
        )
    if len(event_id) > MAX_EVENT_ID_LENGTH or UNKEEPABLE.search(event_id):
        raise malformed("event_id", event_id, "is no event id", _USE_OWN_ID)
    if event_id.startswith(RESERVED_PREFIX):
        raise malformed("event_id", event_id, "begins with a reserved prefix", _USE_OWN_ID)


def _check_texts(record: Record) -> None:
    """Check every free text; what is plain and short passes without a look at each."""
    _check_event_id(record.event_id)
    texts = (record.entity_id, record.item, record.assessment, record.artefact)
    together = "".join(texts)
    if len(together) <= MAX_TEXT_LENGTH and together.isprintable():
        return
    fields = (
        ("entity_id", record.entity_id, MAX_ENTITY_ID_LENGTH),
        ("item", record.item, MAX_TEXT_LENGTH),
        ("assessment", record.assessment, MAX_TEXT_LENGTH),
        ("artefact", record.artefact, MAX_ARTEFACT_LENGTH),
    )
    for field, text, max_length in fields:
        if len(text) > max_length:
            fault = f"has {len(text)} characters; at most {max_length} are allowed"
            raise malformed(field, text, fault, _PLAIN_TEXT)
        if UNKEEPABLE.search(text):
            raise malformed(field, text, "holds a control character", _PLAIN_TEXT)


def _check_source(record: Record, known: Known) -> None:
    if record.source in known.sources and IDENTIFIER.fullmatch(record.source):
        return
    if not IDENTIFIER.fullmatch(record.source):
        hint = "Name the sending system with 1 to 64 of A-Z a-z 0-9 . _ -"
        raise malformed("source", record.source, "is no source", hint)
    raise RefusedError(
        RefusalReason.SOURCE_NOT_ALLOWED,
        "source",
        f"The credential does not speak for source {shown(record.source)}.",
        "Send with a credential that is bound to the source.",
    )


def _check_numbers(record: Record) -> None:
    """Check every number that stands for itself; each has a range, and 0 means unknown."""
    ranges = (
        ("version", record.version, MAX_VERSION),
        ("dok", record.dok, MAX_DOK),
        ("assessment_items_on_competency", record.assessment_items_on_competency, MAX_ITEMS),
    )
    for field, value, maximum in ranges:
        if not 0 <= value <= maximum:
            hint = f"Send 0 (unknown) or at most {maximum}."
            raise malformed(field, value, f"is not within 0 to {maximum}", hint)
    if record.purpose not in _PURPOSES:
        raise malformed("purpose", record.purpose, "is no purpose", "Send a Purpose.")
    if record.kind not in _KINDS:
        raise malformed("kind", record.kind, "is no kind", "Send a Kind.")


def _occur_time(occur_time: tuple[int, int] | None, known: Known) -> int:
    """Return the time of the work in microseconds, within what the intake takes."""
    if occur_time is None:
        hint = "Send when the learner did the work."
        raise RefusedError(
            RefusalReason.TIME_OUT_OF_RANGE, "occur_time", "The time is missing.", hint
        )
    seconds, nanoseconds = occur_time
    if not 0 <= nanoseconds < _NANOSECONDS_A_SECOND:
        hint = "Send nanos within 0 to 999999999."
        raise malformed("occur_time.nanos", nanoseconds, "is no part of a second", hint)
    micros = seconds * 1_000_000 + nanoseconds // 1_000
    if not known.earliest_micros <= micros <= known.latest_micros:
        earliest, latest = iso_time(known.earliest_micros), iso_time(known.latest_micros)
        raise RefusedError(
            RefusalReason.TIME_OUT_OF_RANGE,
            "occur_time",
            f"The time {shown(seconds)} s since 1970 is not within {earliest} to {latest}.",
            "Check the sender's clock and time zone; send history as an import.",
        )
    return micros


def _score(record: Record) -> tuple[int | None, ScoreScale]:
    """Return the score in 0 to 30,000 and its scale; none where nothing was scored."""
    if record.points is not None:
        earned, possible = record.points
        if possible < 1 or not 0 <= earned <= possible * MAX_EXTRA_CREDIT:
            raise RefusedError(
                RefusalReason.SCORE_OUT_OF_RANGE,
                "score.points",
                f"{shown(earned)} of {shown(possible)} thousandths of a point is no share.",
                "Send points possible above 0, and points earned of at least 0 and at most"
                f" {MAX_EXTRA_CREDIT} times those possible.",
            )
        return score_of_points(min(earned, possible), possible), ScoreScale.POINTS
    if record.level_milli is not None:
        if not LEVEL_MINIMUM_MILLI <= record.level_milli <= LEVEL_MAXIMUM_MILLI:
            raise RefusedError(
                RefusalReason.SCORE_OUT_OF_RANGE,
                "score.level_milli",
                f"Level {shown(record.level_milli)} is not within 1000 to 4000.",
                "Send the level in thousandths: 3500 is three and a half.",
            )
        return score_of_level(record.level_milli), ScoreScale.RUBRIC
    return None, ScoreScale.UNSPECIFIED
