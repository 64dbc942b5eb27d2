"""One digest of the whole state, equal wherever the same evidence came in, in whatever order.

SHA-256 over the rows in key order, each encoded with a fixed width. It must not cover versions
(they count how often a row was touched, which the order of arrival decides), nor rows without
live evidence (a withdrawn piece must leave no trace), nor anything that is read at a time.

The kinds of rows are hashed apart and may be added interleaved; within a kind, keys must
rise strictly by the bytes of their UTF-8 (PostgreSQL: COLLATE "C").
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from services.mastery.domain.model import Piece
from services.mastery.domain.retention import Seal

_NUMBER_BYTES = 8


class RowOrderError(ValueError):
    """A row does not come after the one before it, or comes twice."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LearnerRow:
    """A learner's sums and window, newest first. Key: learner."""

    learner: str
    r_sum: int
    i_sum: int
    evidence_count: int
    window: tuple[Piece, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CompetencyRow:
    """The sums of a learner and competency. Key: learner, competency."""

    learner: str
    competency: str
    r_sum: int
    i_sum: int
    evidence_count: int
    deep_count: int
    untimed_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OccasionRow:
    """The sums of an occasion. Key: learner, competency, occasion key.

    `test_sums` are those of an external test, in the order of `registry.TEST_SUMS`; else empty.
    """

    learner: str
    competency: str
    key: str
    local_day: int
    newest_time_us: int
    score_sum: int
    score_count: int
    test_sums: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochRow:
    """An epoch of item difficulties in force. Key: effective time.

    `digest` is SHA-256 over its difficulties, 32 bytes.
    """

    effective_time_us: int
    digest: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SealRow:
    """A seal of the district. Key: horizon."""

    seal: Seal


@dataclass(frozen=True, kw_only=True, slots=True)
class BaseRow:
    """The sums of sealed pieces that went, by occasion. Key: learner, competency, occasion key.

    `sums` are in the order of BASE_SUMS, 0 for the shares of what is no external test.
    """

    learner: str
    competency: str
    key: str
    sums: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedRow:
    """The sealed pieces of a learner that went and whose ids end in the byte `bucket`.

    `pieces` are (evidence id, version, content hash). Key: learner, bucket.
    """

    learner: str
    bucket: int
    pieces: Sequence[tuple[bytes, int, bytes]]


BASE_SUMS = (
    *("local_day", "newest_time_us", "score_sum", "score_count", "share_sum", "r_sum", "i_sum"),
    *("deep_count", "untimed_count", "learner_count", "learner_share_sum", "learner_r_sum"),
    "learner_i_sum",
)
"""What of a base row is hashed, in this order."""

Row = LearnerRow | CompetencyRow | OccasionRow | EpochRow | SealRow | BaseRow | SealedRow


class _Digest(Protocol):
    """What hashlib's digests do."""

    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Section:
    """The rows of one kind: their digest, their number and the key of the last."""

    def __init__(self) -> None:
        self.rows: _Digest = hashlib.sha256()
        self.count = 0
        self.last_key: tuple[bytes, ...] | None = None

    def add(self, key: tuple[bytes, ...], row: bytes) -> None:
        if self.last_key is not None and key <= self.last_key:
            raise RowOrderError(f"{key!r} comes after {self.last_key!r}")
        self.last_key = key
        self.count += 1
        self.rows.update(row)


class StateHash:
    """Takes rows and gives their digest. Holds no more than the last key of each kind."""

    def __init__(self) -> None:
        self._learners = _Section()
        self._competencies = _Section()
        self._occasions = _Section()
        self._epochs = _Section()
        self._seals = _Section()
        self._base = _Section()
        self._sealed = _Section()

    def add(self, row: Row) -> None:
        """Take the next row of its kind. Raises RowOrderError, OverflowError beyond 64 bits."""
        match row:
            case LearnerRow():
                self._add_learner(row)
            case CompetencyRow():
                self._add_competency(row)
            case OccasionRow():
                self._add_occasion(row)
            case EpochRow():
                key = (_time(row.effective_time_us),)
                self._epochs.add(key, key[0] + row.digest)
            case SealRow():
                numbers = _numbers(row.seal.horizon_us, row.seal.ledger_position)
                self._seals.add((_time(row.seal.horizon_us),), numbers)
            case BaseRow():
                names = (row.learner, row.competency, row.key)
                self._base.add(
                    tuple(name.encode() for name in names),
                    b"".join(map(_name, names)) + _numbers(len(row.sums), *row.sums),
                )
            case SealedRow():
                self._sealed.add(
                    (row.learner.encode(), bytes([row.bucket])),
                    _name(row.learner) + _numbers(row.bucket, len(row.pieces)) + _pieces(row),
                )

    def hexdigest(self) -> str:
        """Return the digest of all rows so far, 64 hexadecimal digits."""
        whole = hashlib.sha256(b"trellis.mastery.state.1")
        sections = [self._learners, self._competencies, self._occasions, self._epochs]
        # A state without seals has no base rows, and keeps the digest that it had before there were
        # any.
        if self._seals.count:
            sections += [self._seals, self._base, self._sealed]
        for section in sections:
            whole.update(_number(section.count) + section.rows.digest())
        return whole.hexdigest()

    def _add_learner(self, row: LearnerRow) -> None:
        if row.evidence_count == 0:
            return
        window = b"".join(_piece(piece) for piece in row.window)
        numbers = _numbers(row.r_sum, row.i_sum, row.evidence_count, len(row.window))
        self._learners.add(
            (row.learner.encode(),),
            _name(row.learner) + numbers + hashlib.sha256(window).digest(),
        )

    def _add_competency(self, row: CompetencyRow) -> None:
        if row.evidence_count == 0:
            return
        counts = (row.evidence_count, row.deep_count, row.untimed_count)
        self._competencies.add(
            (row.learner.encode(), row.competency.encode()),
            _name(row.learner) + _name(row.competency) + _numbers(row.r_sum, row.i_sum, *counts),
        )

    def _add_occasion(self, row: OccasionRow) -> None:
        if row.score_count == 0:
            return
        sums = (row.score_sum, row.score_count, len(row.test_sums), *row.test_sums)
        numbers = (row.local_day, row.newest_time_us, *sums)
        self._occasions.add(
            (row.learner.encode(), row.competency.encode(), row.key.encode()),
            _name(row.learner) + _name(row.competency) + _name(row.key) + _numbers(*numbers),
        )


def _name(text: str) -> bytes:
    """Return 32 bytes that stand for a name of any length."""
    return hashlib.sha256(text.encode()).digest()


def _number(value: int) -> bytes:
    return value.to_bytes(_NUMBER_BYTES, "big", signed=True)


def _numbers(*values: int) -> bytes:
    return b"".join(map(_number, values))


def _time(time_us: int) -> bytes:
    """Return a time such that its bytes are ordered as the times are, also before 1970."""
    return (time_us + (1 << 63)).to_bytes(_NUMBER_BYTES, "big")


def _pieces(row: SealedRow) -> bytes:
    """Return a digest of pieces that went, in order of id."""
    digest = hashlib.sha256()
    for evidence_id, version, content_hash in sorted(row.pieces):
        digest.update(evidence_id + _number(version) + content_hash)
    return digest.digest()


def _piece(piece: Piece) -> bytes:
    """Return what of a learner's window moves an estimate: its place and its contribution."""
    return _numbers(piece.occur_time_us, piece.r, piece.i) + piece.evidence_id
