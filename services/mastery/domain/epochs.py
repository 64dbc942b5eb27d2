"""Epochs: from a time on, how hard a district's items are and what its evidence weighs.

An epoch is published once and never changes. Which one a piece of evidence is read with hangs on
the time of the work alone: the epoch that takes effect latest at or before it, of equal times the
highest version; before the first one, no difficulty but Depth of Knowledge, and the weights of
`contribution.py`. So a contribution stays a function of its own revision.

An epoch takes effect ahead of now, when no work that it reads can have been folded. One that takes
effect earlier (`retroactive`) is no part of the state that is there: it becomes part of the one
that a rebuild folds anew, with the swap. A state says which epochs it was folded with
(`state_hash.py`), and so no sum ever holds two readings of the same time.

The difficulty of a piece: that of its item; of an item without one, the mean reference of its
competencies, plus the offset of its Depth of Knowledge. The reference of a competency without one
is the epoch's own.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from services.mastery.domain.contribution import Integers, divide_half_up, dok_difficulty
from services.mastery.domain.registry import UNKNOWN, EvidenceColumns
from services.mastery.domain.source_weights import DEFAULT_WEIGHTS, SourceWeights, weights_of

NO_DIFFICULTIES: Final = 0
"""Instead of a version: nothing has a difficulty of its own."""

EPOCHS_MAXIMUM: Final = 500
"""Epochs of one district, for ever: at one a month, 40 years. The fold reads all of a district."""

LEAD_US: Final = 3_600_000_000
"""An epoch takes effect at least an hour after it is published: longer than clocks differ and a
chunk takes to fold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Epoch:
    """What the fold and readers need of an epoch.

    `difficulties_of` is the version whose difficulties and references it reads: its own, or an
    earlier one's where only weights change. `reference_d64` is the difficulty, in 1/64 logits, of
    a typical task of any competency without a reference. `difficulties_digest` is SHA-256 over all
    that it says of difficulty (`digest_of`).
    """

    version: int
    effective_us: int
    difficulties_of: int = NO_DIFFICULTIES
    reference_d64: int = 0
    weights: SourceWeights = DEFAULT_WEIGHTS
    difficulties_digest: bytes

    @property
    def digest(self) -> bytes:
        """Return SHA-256 over all that it says, 32 bytes."""
        said = self.difficulties_digest + _numbers(*self.weights.table())
        return hashlib.sha256(b"trellis.mastery.epoch.1" + said).digest()


@dataclass(frozen=True, kw_only=True, slots=True)
class PublishedEpoch:
    """An epoch as it is kept, and where it came from.

    `item_count`, `response_count` and `covered_count` are of the calibration that gave its
    difficulties, 0 where there was none. `is_folded` says whether the state that is read was folded
    with it: one that is not waits for a rebuild. `actor` is a role, no person.
    """

    epoch: Epoch
    retroactive: bool
    item_count: int
    response_count: int
    covered_count: int
    note: str
    actor: str
    create_us: int
    is_folded: bool = True


class ItemKey(NamedTuple):
    """The difficulty of an item: district, version of the difficulties, item key."""

    district: str
    version: int
    item_key: int


class ReferenceKey(NamedTuple):
    """The reference of a competency: district, version of the difficulties, competency."""

    district: str
    version: int
    competency: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Difficulties:
    """Difficulties in 1/64 logits of the keys that have one."""

    items: Mapping[ItemKey, int] = field(default_factory=dict)
    references: Mapping[ReferenceKey, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """The keys whose difficulties a chunk needs, each once, sorted."""

    items: Sequence[ItemKey]
    references: Sequence[ReferenceKey]


@dataclass(frozen=True, kw_only=True, slots=True)
class Weighing:
    """How the n facts of a chunk are read: difficulty in 1/64 logits, weight in thousandths."""

    d64: Integers
    weight_milli: Integers


def epoch_at(epochs: Iterable[Epoch], *, at_us: int) -> Epoch | None:
    """Return the epoch that work of this time is read with, None before the first."""
    return max((one for one in epochs if one.effective_us <= at_us), key=_order, default=None)


def in_force_order(epochs: Iterable[Epoch]) -> list[Epoch]:
    """Return the epochs that any work can be read with, by the time from which they are.

    Of several that take effect at the same time, only the highest version is.
    """
    by_time = {one.effective_us: one for one in sorted(epochs, key=_order)}
    return list(by_time.values())


def _order(epoch: Epoch) -> tuple[int, int]:
    return epoch.effective_us, epoch.version


class ChunkEpochs:
    """The epochs of a chunk's districts, and which of them each fact is read with."""

    def __init__(self, columns: EvidenceColumns, epochs: Mapping[str, Sequence[Epoch]]) -> None:
        self._columns = columns
        self._districts = np.array([district for district, _ in columns.learners])
        self._epochs: list[tuple[str, Epoch]] = []
        self._of_record = np.full(len(columns), UNKNOWN, dtype=np.int64)
        for district in sorted(epochs):
            self._place(district, in_force_order(epochs[district]))
        self._item_keys = self._keys_of_items()
        # Each pair of epoch and competency once: a chunk has few, and many alignments.
        self._reference_record, pairs = self._pairs()
        self._pairs_found, self._pair_of = np.unique(pairs, return_inverse=True)
        self._reference_keys = [self._reference_key(pair) for pair in self._pairs_found.tolist()]

    @property
    def is_empty(self) -> bool:
        """Whether no fact of the chunk is read with an epoch."""
        return bool((self._of_record == UNKNOWN).all())

    def wanted(self) -> Wanted:
        """Return the keys of the difficulties that the chunk needs, at most one for each piece."""
        return Wanted(
            items=sorted({key for key in self._item_keys if key is not None}),
            references=sorted(self._reference_keys),
        )

    def weigh(self, difficulties: Difficulties) -> Weighing:
        """Return how each fact is read; one before every epoch as `contribution.py` has it."""
        columns = self._columns
        known = difficulties.items
        found = [None if key is None else known.get(key) for key in self._item_keys]
        own = np.array([one is not None for one in found], dtype=np.bool_)
        item = np.array([one or 0 for one in found], dtype=np.int64)
        weight = weights_of(DEFAULT_WEIGHTS, columns.kind, columns.purpose)
        for place in np.unique(self._of_record[self._of_record != UNKNOWN]).tolist():
            table = weights_of(self._epochs[place][1].weights, columns.kind, columns.purpose)
            weight = np.where(self._of_record == place, table, weight)
        without = self._mean_references(difficulties.references) + dok_difficulty(columns.dok)
        return Weighing(d64=np.where(own, item, without), weight_milli=weight)

    def _place(self, district: str, epochs: Sequence[Epoch]) -> None:
        """Note which of the facts of a district are read with which of its epochs."""
        theirs = np.flatnonzero((self._districts == district)[self._columns.learner])
        starts = np.array([one.effective_us for one in epochs], dtype=np.int64)
        place = np.searchsorted(starts, self._columns.occur_time_us[theirs], side="right") - 1
        begin = len(self._epochs)
        self._epochs += [(district, epoch) for epoch in epochs]
        counted = self._columns.counts[theirs] & (place >= 0)
        self._of_record[theirs] = np.where(counted, begin + place, UNKNOWN)

    def _keys_of_items(self) -> list[ItemKey | None]:
        """Return the key of each fact's item; None without item or difficulties."""
        sources = [(district, epoch.difficulties_of) for district, epoch in self._epochs]
        return [
            None
            if place == UNKNOWN or item is None or not sources[place][1]
            else ItemKey(*sources[place], item)
            for place, item in zip(self._of_record.tolist(), self._columns.item_key, strict=True)
        ]

    def _pairs(self) -> tuple[Integers, Integers]:
        """Return, of the alignments that are read with difficulties, fact and pair as a number."""
        columns = self._columns
        has = np.array([bool(epoch.difficulties_of) for _, epoch in self._epochs] + [False])
        place = self._of_record[columns.alignment_record]
        # UNKNOWN is the last place, which has none.
        read = has[place] & (columns.alignment_competency != UNKNOWN)
        pairs = place * len(columns.competencies) + columns.alignment_competency
        return columns.alignment_record[read], pairs[read]

    def _reference_key(self, pair: int) -> ReferenceKey:
        place, competency = divmod(pair, len(self._columns.competencies))
        district, epoch = self._epochs[place]
        return ReferenceKey(district, epoch.difficulties_of, self._columns.competencies[competency])

    def _mean_references(self, references: Mapping[ReferenceKey, int]) -> Integers:
        """Return the mean reference of each fact's competencies; 0 where none has difficulties."""
        places = self._pairs_found // max(len(self._columns.competencies), 1)
        of_pair = np.array(
            [
                references.get(key, self._epochs[place][1].reference_d64)
                for key, place in zip(self._reference_keys, places.tolist(), strict=True)
            ],
            dtype=np.int64,
        )
        sums = np.zeros(len(self._columns), dtype=np.int64)
        counts = np.zeros(len(self._columns), dtype=np.int64)
        np.add.at(sums, self._reference_record, of_pair[self._pair_of])
        np.add.at(counts, self._reference_record, 1)
        return divide_half_up(sums, np.maximum(counts, 1))


def digest_of(
    items: Iterable[tuple[int, int]], references: Iterable[tuple[str, int]], reference_d64: int
) -> bytes:
    """Return SHA-256 over difficulties; items and references in order of their keys."""
    digest = hashlib.sha256(b"trellis.mastery.difficulties.1" + _numbers(reference_d64))
    digest.update(_section(_numbers(key, d64) for key, d64 in items))
    digest.update(
        _section(hashlib.sha256(key.encode()).digest() + _numbers(d64) for key, d64 in references)
    )
    return digest.digest()


def _section(rows: Iterable[bytes]) -> bytes:
    """Return a digest over rows and their number."""
    section, count = hashlib.sha256(), 0
    for row in rows:
        section.update(row)
        count += 1
    return _numbers(count) + section.digest()


def _numbers(*values: int) -> bytes:
    return b"".join(value.to_bytes(8, "big", signed=True) for value in values)


NO_DIFFICULTIES_DIGEST: Final = digest_of((), (), 0)
"""Of an epoch that says nothing of difficulty."""
