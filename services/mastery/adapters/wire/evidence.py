"""Evidence facts of the topic and of the ledger, as the columns that the fold reads.

What can never be applied is told apart here, record by record, with a reason; it must not keep the
rest of a chunk from being folded. Whether a learner or a competency is known elsewhere is not
asked: there is no order between topics, so evidence may come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final, Generic, TypeVar

import numpy as np
from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp
from trellis.evidence.v1 import evidence_pb2

from services.common.kafka.chunk import Chunk, Parked
from services.mastery.domain.freshness import Watermark, later
from services.mastery.domain.model import SCORE_MAXIMUM
from services.mastery.domain.registry import UNKNOWN, EvidenceColumns, Integers, LearnerKey

LEARNER_NAME: Final = re.compile(
    r"districts/([A-Za-z0-9._-]{1,64})/learners/([A-Za-z0-9._-]{1,64})", re.ASCII
)
COMPETENCY_NAME: Final = re.compile(
    r"districts/([A-Za-z0-9._-]{1,64})/competencies/([A-Za-z0-9._-]{1,64})", re.ASCII
)
ID_BYTES: Final = 16
ALIGNMENTS_MAXIMUM: Final = 8
WEIGHT_TOTAL_MILLI: Final = 1_000
DOK_MAXIMUM: Final = 4
NUMBER_LIMIT: Final = 32_768
"""Enum values from here on do not fit the registry's columns; new ones below it are kept."""
ASSESSMENT_BYTES_MAXIMUM: Final = 512
"""The name is part of a key, and an index entry of PostgreSQL is at most 2,704 bytes."""
EXTERNAL_PREFIX: Final = "external:"
"""Begins the occasion of an external test; an assessment's name begins with its source."""
SECONDS_LIMIT: Final = 253_402_300_800
"""10000-01-01: no timestamp of the contract reaches it."""
DAY_LIMIT: Final = SECONDS_LIMIT // 86_400
NANOS_LIMIT: Final = 1_000_000_000
ITEMS_REMEMBERED: Final = 65_536
"""Keys of items kept from chunk to chunk: a class answers the same quiz for minutes."""

_Event = evidence_pb2.EvidenceEvent
_Key = TypeVar("_Key", str, LearnerKey)


class UnusableEventError(ValueError):
    """An event that can never be applied; `reason` is UPPER_SNAKE, the message says what is wrong.

    NO_KEY            the record has no key, and is no watermark
    NO_VALUE          the record has no value
    UNDECODABLE       the value is not an EvidenceEvent
    KEY_NOT_LEARNER   the key is not the name of the event's learner
    MALFORMED         a field is missing or out of its bounds
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Decoded:
    """What can be folded of chunks, and the records that can never be applied.

    `watermarks` has, by partition, what all watermarks in its chunk say together; only partitions
    that have one. `first_records` says for each chunk where its facts begin in the columns.
    """

    columns: EvidenceColumns
    parked: Sequence[Parked]
    watermarks: Mapping[int, Watermark]
    first_records: Sequence[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecodedEvents:
    """What can be folded of some events, and why others cannot."""

    columns: EvidenceColumns
    refused: Sequence[UnusableEventError]


def decode_chunks(chunks: Sequence[Chunk]) -> Decoded:
    """Return the facts of chunks of different partitions as the columns of one.

    Records that can never be applied are parked.
    """
    rows = _Rows()
    parked: list[Parked] = []
    watermarks: dict[int, Watermark] = {}
    first_records = []
    for chunk in chunks:
        first_records.append(len(rows))
        watermark = _decode_into(rows, parked, chunk)
        if watermark is not None:
            watermarks[chunk.partition] = watermark
    return Decoded(
        columns=rows.columns(), parked=parked, watermarks=watermarks, first_records=first_records
    )


def _decode_into(rows: _Rows, parked: list[Parked], chunk: Chunk) -> Watermark | None:
    """Add what a chunk holds; return what its watermarks say together."""
    watermark: Watermark | None = None
    for index, (key, value, offset) in enumerate(
        zip(chunk.keys, chunk.values, chunk.offsets, strict=True)
    ):
        try:
            if key is None:
                watermark = later(watermark, _watermark(value))
            else:
                rows.add_record(key, value, offset)
        except UnusableEventError as error:
            parked.append(chunk.park(index, error.reason, error.detail))
    return watermark


def decode_events(events: Iterable[evidence_pb2.EvidenceEvent]) -> DecodedEvents:
    """Return events of the ledger as columns, with offset 0: they have no place in the topic."""
    rows = _Rows()
    refused: list[UnusableEventError] = []
    for event in events:
        try:
            rows.add_event(event.learner, event, 0)
        except UnusableEventError as error:
            refused.append(error)
    return DecodedEvents(columns=rows.columns(), refused=refused)


def _event(value: bytes | None) -> evidence_pb2.EvidenceEvent:
    """Return the event of a value; raise UnusableEventError."""
    if value is None:
        raise UnusableEventError("NO_VALUE", "The record has no value.")
    try:
        return _Event.FromString(value)
    except DecodeError as error:
        raise UnusableEventError("UNDECODABLE", f"Not an EvidenceEvent: {error}.") from error


def _watermark(value: bytes | None) -> Watermark:
    """Return the watermark of a record without a key; raise UnusableEventError."""
    event = _event(value)
    if event.WhichOneof("fact") != "watermark":
        raise UnusableEventError("NO_KEY", "The record has no key, and is no watermark.")
    said = event.watermark
    if said.ledger_position < 1 or said.partition_count < 1:
        raise _malformed("a watermark has a position and a count of partitions")
    time = said.publish_time
    return Watermark(
        position=said.ledger_position,
        partition_count=said.partition_count,
        publish_time_us=time.seconds * 1_000_000 + time.nanos // 1_000,
    )


class _Numbers(Generic[_Key]):
    """Numbers for keys in order of their first appearance; ranked once all are known."""

    def __init__(self) -> None:
        self._numbers: dict[_Key, int] = {}

    def number(self, key: _Key) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def ranked(self) -> tuple[list[_Key], Integers]:
        """Return the keys sorted, and the place there of each number."""
        keys = sorted(self._numbers)
        places = np.empty(len(keys), dtype=np.int64)
        for place, key in enumerate(keys):
            places[self._numbers[key]] = place
        return keys, places


class _Rows:
    """Collects facts row by row and turns them into columns.

    What repeats from record to record (keys, competencies, assessments, items) is checked and
    numbered once a chunk and then found in a dictionary.
    """

    def __init__(self) -> None:
        self._learners: _Numbers[LearnerKey] = _Numbers()
        self._competencies: _Numbers[str] = _Numbers()
        self._occasions: _Numbers[str] = _Numbers()
        self._learner_of_name: dict[str, tuple[str, int]] = {}
        self._name_of_key: dict[bytes, str] = {}
        self._competency_of_name: dict[str, tuple[str, int]] = {}
        self._occasion_of_name: dict[tuple[bool, str], int] = {}
        self._occasion_of_day: dict[tuple[bool, int], int] = {}
        # Rows one after the other in one flat list: a tuple for each would keep the garbage
        # collector busy, which cost a third of the decoding.
        self._numbers: list[int] = []
        self._ids: list[bytes] = []
        self._hashes: list[bytes] = []
        self._item_keys: list[int | None] = []
        self._alignments: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    def add_record(self, key: bytes, value: bytes | None, offset: int) -> None:
        """Add the fact of a record of the topic; raise UnusableEventError."""
        event = _event(value)
        name = self._name_of_key.get(key)
        if name is None:
            name = self._name_of_key[key] = key.decode("utf-8", "replace")
        self.add_event(name, event, offset)

    def add_event(self, key: str, event: evidence_pb2.EvidenceEvent, offset: int) -> None:
        """Add the fact of an event that stands under a key; raise UnusableEventError."""
        if event.learner != key:
            raise UnusableEventError("KEY_NOT_LEARNER", "The key is not the event's learner.")
        district, learner = self._learner(key)
        evidence_id, content_hash = event.evidence_id, event.content_hash
        if len(evidence_id) != ID_BYTES or len(content_hash) != ID_BYTES:
            raise _malformed("evidence_id and content_hash are 16 bytes each")
        version, position = event.version, event.ledger_position
        if version < 0 or position < 0:
            raise _malformed("version and ledger_position are not negative")
        place = (learner, version, offset, position)
        fact = event.WhichOneof("fact")
        if fact == "recorded":
            self._recorded(district, place, event)
        elif fact == "retracted":
            self._uncounted(place)
        else:
            raise _malformed("there is no fact that is known here")
        self._ids.append(evidence_id)
        self._hashes.append(content_hash)

    def _learner(self, name: str) -> tuple[str, int]:
        """Return the district of a learner and the learner's number."""
        found = self._learner_of_name.get(name)
        if found is None:
            match = LEARNER_NAME.fullmatch(name)
            if match is None:
                raise _malformed("learner is not districts/{district}/learners/{learner}")
            district, learner = match.groups()
            found = (district, self._learners.number((district, learner)))
            self._learner_of_name[name] = found
        return found

    def _uncounted(self, place: tuple[int, int, int, int]) -> None:
        """Add a fact that counts nothing: withdrawn, or never scored."""
        self._alignments += (len(self._ids), 0, UNKNOWN, 0)
        self._numbers += (*place, 0, 0, 0, UNKNOWN, 0, 0, 0, 0, 0, UNKNOWN, 1)
        self._item_keys.append(None)

    def _recorded(
        self, district: str, place: tuple[int, int, int, int], event: evidence_pb2.EvidenceEvent
    ) -> None:
        """Add an observation; raise UnusableEventError and leave nothing behind."""
        recorded = event.recorded
        if not recorded.HasField("score"):
            self._uncounted(place)
            return
        is_external = recorded.purpose == evidence_pb2.PURPOSE_EXTERNAL_SUMMATIVE
        occasion = self._occasion(recorded.assessment, recorded.local_day, is_external)
        numbers = _numbers_of(event.occur_time, recorded, occasion)
        self._alignments += self._aligned(district, recorded.alignments)
        self._numbers += place
        self._numbers += numbers
        item = recorded.item
        self._item_keys.append(item_key(recorded.source, item) if item else None)

    def _occasion(self, assessment: str, local_day: int, is_external: bool) -> int:
        """Return the number of the occasion: the assessment, else the day.

        External tests have occasions of their own: of one assessment or day, what was a test is
        pooled apart from what was not.
        """
        prefix = EXTERNAL_PREFIX if is_external else ""
        if not assessment:
            day = (is_external, local_day)
            number = self._occasion_of_day.get(day)
            if number is None:
                number = self._occasions.number(f"{prefix}day:{local_day}")
                self._occasion_of_day[day] = number
            return number
        name = (is_external, assessment)
        number = self._occasion_of_name.get(name)
        if number is None:
            if "\0" in assessment or len(assessment.encode()) > ASSESSMENT_BYTES_MAXIMUM:
                raise _malformed(
                    f"assessment has at most {ASSESSMENT_BYTES_MAXIMUM} bytes and no NUL"
                )
            number = self._occasions.number(prefix + assessment)
            self._occasion_of_name[name] = number
        return number

    def _aligned(
        self, district: str, alignments: Sequence[evidence_pb2.Alignment]
    ) -> Sequence[int]:
        """Return four numbers for each alignment: fact, ordinal, competency, weight."""
        record = len(self._ids)
        if len(alignments) != 1:
            return self._several_aligned(district, alignments)
        one = alignments[0]
        if one.weight_milli != WEIGHT_TOTAL_MILLI:
            raise _malformed("the weights of the alignments do not sum to 1000")
        return (record, 0, self._competency(district, one.competency), WEIGHT_TOTAL_MILLI)

    def _several_aligned(
        self, district: str, alignments: Sequence[evidence_pb2.Alignment]
    ) -> Sequence[int]:
        """Do it for two to eight different competencies whose weights sum to 1000."""
        if not 1 < len(alignments) <= ALIGNMENTS_MAXIMUM:
            raise _malformed("there are one to eight alignments")
        weights = [one.weight_milli for one in alignments]
        if min(weights) < 1 or sum(weights) != WEIGHT_TOTAL_MILLI:
            raise _malformed("the weights of the alignments do not sum to 1000")
        competencies = [self._competency(district, one.competency) for one in alignments]
        if len(set(competencies)) != len(competencies):
            raise _malformed("two alignments name one competency")
        record = len(self._ids)
        pairs = zip(competencies, weights, strict=True)
        return [
            number
            for ordinal, (competency, weight) in enumerate(pairs)
            for number in (record, ordinal, competency, weight)
        ]

    def _competency(self, district: str, name: str) -> int:
        found = self._competency_of_name.get(name)
        if found is None:
            match = COMPETENCY_NAME.fullmatch(name)
            if match is None:
                raise _malformed("competency is not districts/{district}/competencies/{competency}")
            found = (match[1], self._competencies.number(match[2]))
            self._competency_of_name[name] = found
        if found[0] != district:
            raise _malformed("a competency of another district")
        return found[1]

    def columns(self) -> EvidenceColumns:
        """Return all that was added."""
        learners, learner_places = self._learners.ranked()
        competencies, competency_places = self._competencies.ranked()
        occasions, occasion_places = self._occasions.ranked()
        table = np.array(self._numbers, dtype=np.int64).reshape(-1, len(_COLUMNS)).T
        column = dict(zip(_COLUMNS, np.ascontiguousarray(table), strict=True))
        alignments = np.array(self._alignments, dtype=np.int64).reshape(-1, 4).T
        counts = column["counts"].astype(np.bool_)
        return EvidenceColumns(
            learners=learners,
            competencies=competencies,
            occasions=occasions,
            learner=learner_places[column["learner"]],
            evidence_id=self._ids,
            version=column["version"].tolist(),
            content_hash=self._hashes,
            offset=column["offset"],
            ledger_position=column["ledger_position"],
            counts=counts,
            occur_time_us=column["occur_time_us"],
            local_day=column["local_day"],
            occasion=_placed(occasion_places, column["occasion"]),
            score=column["score"],
            scale=column["scale"],
            kind=column["kind"],
            purpose=column["purpose"],
            dok=column["dok"],
            timed=column["timed"],
            item_key=self._item_keys,
            items_on_competency=column["items_on_competency"],
            alignment_record=alignments[0],
            alignment_ordinal=alignments[1],
            alignment_competency=_placed(competency_places, alignments[2]),
            alignment_weight_milli=alignments[3],
        )


_COLUMNS: Final = (
    "learner",
    "version",
    "offset",
    "ledger_position",
    "counts",
    "occur_time_us",
    "local_day",
    "occasion",
    "score",
    "scale",
    "kind",
    "purpose",
    "dok",
    "timed",
    "items_on_competency",
)
"""What the numbers of a row are, in order."""


def _placed(places: Integers, numbers: Integers) -> Integers:
    """Return the place of each number; UNKNOWN stays."""
    if not len(places):
        return numbers
    return np.where(numbers == UNKNOWN, UNKNOWN, places[numbers])


@lru_cache(maxsize=ITEMS_REMEMBERED)
def item_key(source: str, item: str) -> int:
    """Return 64 bits that stand for an item of a source, as a signed number."""
    digest = blake2b(f"{source}\x1f{item}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _numbers_of(
    occur_time: Timestamp, recorded: evidence_pb2.EvidenceRecorded, occasion: int
) -> tuple[int, ...]:
    """Return the numbers of an observation in the order of `_COLUMNS`, within their bounds."""
    seconds, nanos = occur_time.seconds, occur_time.nanos
    local_day, score, dok = recorded.local_day, recorded.score, recorded.dok
    scale, kind, purpose = recorded.score_scale, recorded.kind, recorded.purpose
    items = recorded.assessment_items_on_competency
    if not (0 < seconds < SECONDS_LIMIT and 0 <= nanos < NANOS_LIMIT):
        raise _malformed("occur_time is missing or out of range")
    if not 0 <= local_day < DAY_LIMIT:
        raise _malformed("local_day is out of range")
    if not 0 <= score <= SCORE_MAXIMUM:
        raise _malformed(f"score is not within 0 to {SCORE_MAXIMUM}")
    if not 0 <= dok <= DOK_MAXIMUM or items < 0:
        raise _malformed("dok is not within 0 to 4, or a count of items is negative")
    # For numbers of 0 and above, any that is too large shows in their union of bits.
    if scale < 0 or kind < 0 or purpose < 0 or (scale | kind | purpose) >= NUMBER_LIMIT:
        raise _malformed("score_scale, kind or purpose is out of range")
    timed = int(recorded.timed) if recorded.HasField("timed") else UNKNOWN
    time_us = seconds * 1_000_000 + nanos // 1_000
    return (1, time_us, local_day, occasion, score, scale, kind, purpose, dok, timed, items or 1)


def _malformed(detail: str) -> UnusableEventError:
    return UnusableEventError("MALFORMED", f"Malformed event: {detail}.")
