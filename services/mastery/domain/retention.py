"""Retention: which facts come too late to change work that a seal has closed.

A seal says of a district: work from before `horizon_us` is closed to facts whose ledger position is
above `ledger_position`. What stood of such work when the facts up to there were folded counts for
ever. So a fact is judged by its own position, its own time and what stands, and by nothing that
differs between live work, a repeat and a rebuild. Nothing here may read a clock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

import numpy as np

from services.mastery.domain.errors import SealRefusedError
from services.mastery.domain.moments import moment_of
from services.mastery.domain.registry import EvidenceColumns, Flags, Integers, RegistryRow

BEFORE_RETENTION = "BEFORE_RETENTION"
"""Why a fact was not folded: it would change work that is closed."""

OPEN = -(2**62)
"""The horizon of a fact to which nothing is closed: before all work."""

SEALS_MAXIMUM = 200
"""Seals of a district: every chunk reads them. One a month for 16 years."""

Rank = tuple[int, bytes]
"""Version and content hash: of two facts on a piece of evidence, the higher stands."""


class Seal(NamedTuple):
    """One seal of a district; `seq` counts from 1, horizons and positions never fall."""

    seq: int
    horizon_us: int
    ledger_position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedPiece:
    """What stands of a piece that is no longer in the registry."""

    district: str
    learner: str
    evidence_id: bytes
    version: int
    content_hash: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A fact that was refused: its index in the columns, and what to tell people."""

    record: int
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What of a chunk is not folded: `left_out` (n,) are refusals and repeats of what is sealed."""

    left_out: Flags
    refusals: Sequence[Refusal]


class Standing(NamedTuple):
    """A fact, or what stands of a piece; `occur_time_us` is None where it does not count."""

    rank: Rank
    occur_time_us: int | None
    is_sealed: bool = False


class _Answer(Enum):
    """What becomes of a fact."""

    STANDS = auto()
    STALE = auto()
    REFUSED = auto()


_Key = tuple[int, bytes]
"""Index of the learner in the chunk, and evidence id."""


def horizon_at(seals: Iterable[Seal], position: int) -> int:
    """Return up to which time work is closed to a fact at a ledger position; OPEN: none is."""
    return max((one.horizon_us for one in seals if one.ledger_position < position), default=OPEN)


def newest_horizon(seals: Iterable[Seal]) -> int | None:
    """Return the latest horizon; None without a seal."""
    return max((one.horizon_us for one in seals), default=None)


def check_seal(seals: Sequence[Seal], horizon_us: int) -> None:
    """Raise SealRefusedError where no seal with such a horizon can follow those that stand."""
    if len(seals) >= SEALS_MAXIMUM:
        raise SealRefusedError(
            f"the district has {len(seals)} seals, and each chunk reads them all: lift some, and"
            " rebuild"
        )
    newest_us = newest_horizon(seals)
    if newest_us is not None and horizon_us <= newest_us:
        raise SealRefusedError(
            f"work from before {moment_of(newest_us):%Y-%m-%dT%H:%M:%SZ} is closed already: take a"
            " later horizon, or leave it as it is"
        )


def judge(
    columns: EvidenceColumns,
    registered: Sequence[RegistryRow],
    sealed: Sequence[SealedPiece],
    seals: Mapping[str, Sequence[Seal]],
) -> Verdict:
    """Return which facts are not folded.

    `registered` holds the registry's rows of every (learner, evidence) of the chunk, `sealed` those
    pieces of the chunk that have gone from it. Facts on one piece are judged in the order of their
    positions, wherever they stand in the chunk.
    """
    horizons = horizons_of(columns, seals).tolist()
    standing = _standing(columns, registered, sealed)
    left_out = np.zeros(len(columns), dtype=np.bool_)
    refusals: list[Refusal] = []
    keys = list(zip(columns.learner.tolist(), columns.evidence_id, strict=True))
    for record in np.argsort(columns.ledger_position, kind="stable").tolist():
        key: _Key = keys[record]
        fact, stands = _fact(columns, record), standing.get(key)
        answer = _answer(fact, stands, horizons[record])
        if answer is _Answer.STANDS:
            standing[key] = fact
        elif answer is _Answer.REFUSED:
            left_out[record] = True
            detail = refusal_detail(int(columns.ledger_position[record]), horizons[record])
            refusals.append(Refusal(record=record, detail=detail))
        else:
            # A repeat, or stale: the fold knows, but for what is no longer in the registry.
            left_out[record] = stands is not None and stands.is_sealed
    return Verdict(left_out=left_out, refusals=sorted(refusals, key=lambda one: one.record))


def refused_of_piece(facts: Iterable[tuple[Standing, int]]) -> Iterator[bool]:
    """Say of each fact on one piece, in the order of positions, whether it is refused.

    With each comes up to which time work is closed to it. The piece is in no seal yet.
    """
    stands: Standing | None = None
    for fact, horizon_us in facts:
        answer = _answer(fact, stands, horizon_us)
        stands = fact if answer is _Answer.STANDS else stands
        yield answer is _Answer.REFUSED


def _answer(fact: Standing, stands: Standing | None, horizon_us: int) -> _Answer:
    if stands is not None and fact.rank <= stands.rank:
        return _Answer.STALE
    if _closed_time(fact, stands, horizon_us) is not None or (stands and stands.is_sealed):
        return _Answer.REFUSED
    return _Answer.STANDS


def horizons_of(columns: EvidenceColumns, seals: Mapping[str, Sequence[Seal]]) -> Integers:
    """Return up to which time work is closed to each fact (n,); OPEN: nothing is."""
    horizons: Integers = np.full(len(columns), OPEN, dtype=np.int64)
    districts = [district for district, _ in columns.learners]
    for district, some in seals.items():
        own = np.array([one == district for one in districts], dtype=np.bool_)[columns.learner]
        for seal in some:
            closed = own & (columns.ledger_position > seal.ledger_position)
            horizons[closed] = np.maximum(horizons[closed], seal.horizon_us)
    return horizons


def _standing(
    columns: EvidenceColumns, registered: Sequence[RegistryRow], sealed: Sequence[SealedPiece]
) -> dict[_Key, Standing]:
    learners = {key: index for index, key in enumerate(columns.learners)}
    found: dict[_Key, Standing] = {
        (learners[one.district, one.learner], one.evidence_id): Standing(
            rank=(one.version, one.content_hash), occur_time_us=None, is_sealed=True
        )
        for one in sealed
    }
    for row in registered:
        found[learners[row.district, row.learner], row.evidence_id] = Standing(
            rank=(row.version, row.content_hash),
            occur_time_us=row.occur_time_us if row.live else None,
        )
    return found


def _fact(columns: EvidenceColumns, record: int) -> Standing:
    return Standing(
        rank=(columns.version[record], columns.content_hash[record]),
        occur_time_us=int(columns.occur_time_us[record]) if columns.counts[record] else None,
    )


def _closed_time(fact: Standing, stands: Standing | None, horizon_us: int) -> int | None:
    """Return the time of closed work that a fact would add or change; None where there is none."""
    times = [one.occur_time_us for one in (fact, stands) if one is not None]
    return min((time for time in times if time is not None and time < horizon_us), default=None)


def refusal_detail(position: int, horizon_us: int) -> str:
    """Return what a person needs; it names no learner, as no message does."""
    since = "" if horizon_us == OPEN else f" from before {moment_of(horizon_us):%Y-%m-%dT%H:%M:%SZ}"
    return (
        f"Ledger position {position} would change work{since} that a seal has closed: what stood"
        " counts on. If it must be changed, lift the seal and rebuild (docs/operations.md,"
        " Retention); else remove this letter."
    )
