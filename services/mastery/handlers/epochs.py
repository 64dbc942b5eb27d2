"""Learns how hard a district's items are, and publishes epochs of difficulties and weights."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from services.mastery.domain.calibration import Calibrated, Calibration
from services.mastery.domain.epochs import (
    EPOCHS_MAXIMUM,
    LEAD_US,
    NO_DIFFICULTIES,
    NO_DIFFICULTIES_DIGEST,
    Epoch,
    PublishedEpoch,
    digest_of,
    epoch_at,
)
from services.mastery.domain.errors import (
    EpochTooEarlyError,
    InvalidRequestError,
    TooManyEpochsError,
)
from services.mastery.domain.moments import moment_of
from services.mastery.domain.source_weights import DEFAULT_WEIGHTS, SourceWeights
from services.mastery.handlers.checks import check_note
from services.mastery.ports.epochs import EpochPublisher, EpochReader, Epochs, Span

RESPONSES_A_TURN: Final = 1_000
"""Responses learned from before others get their turn on the event loop."""

CHANGES_SHOWN: Final = 10

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewEpoch:
    """What somebody wants to publish.

    Without `calibrated` the difficulties stay those of the epoch that is in force when this one
    takes effect, without `weights` the weights do. `allow_retroactive`: it may reach work that has
    been folded, and then waits for a rebuild.
    """

    district: str
    effective_us: int
    calibrated: Calibrated | None = None
    weights: SourceWeights | None = None
    note: str = ""
    actor: str = ""
    allow_retroactive: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """How the difficulty of an item or a competency changes, in 1/64 logits."""

    key: str
    before_d64: int
    after_d64: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """A calibration beside the epoch that it would take the place of; the largest changes first.

    `before` is None where nothing was calibrated before.
    """

    before: Epoch | None
    new_item_count: int
    items: Sequence[Change]
    references: Sequence[Change]


async def calibrate(
    district: str, span: Span, *, effective_us: int, responses_minimum: int, epochs: Epochs
) -> tuple[Calibrated, Comparison]:
    """Return the difficulties that a district's evidence gives, and what they would change.

    Two passes over one snapshot, one for the mean score. Raises InvalidRequestError where there is
    no evidence, TooManyItemsError.
    """
    async with epochs.reading(district) as store:
        scores = await store.scores(district, span)
        if not scores.count:
            raise InvalidRequestError(
                field="district",
                message=f"{district!r} has no scored evidence in that time: nothing to learn from.",
            )
        learning = Calibration(mean_score=scores.score_sum / scores.count)
        count = 0
        async for response in store.responses(district, span):
            learning.add(response)
            count += 1
            if count % RESPONSES_A_TURN == 0:
                await asyncio.sleep(0)
        calibrated = learning.finish(responses_minimum=responses_minimum)
        return calibrated, await _compare(store, district, calibrated, effective_us)


async def publish_epoch(new: NewEpoch, *, now_us: int, epochs: Epochs) -> PublishedEpoch:
    """Keep one more epoch and return it.

    Raises InvalidRequestError, TooManyEpochsError, EpochTooEarlyError.
    """
    check_note(new.note)
    async with epochs.publishing(new.district) as store:
        made = _made(new, await store.known(new.district), now_us)
        # Before millions of difficulties are written, only to be taken back.
        retroactive = _is_too_early(new, now_us)
        if new.calibrated is not None:
            await store.put_difficulties(
                new.district,
                made.epoch.version,
                items=sorted(new.calibrated.items.items()),
                references=sorted(new.calibrated.references.items()),
            )
        # Last, since nothing is folded from here on: what is left is one row.
        await store.hold_folds()
        retroactive = retroactive or await _reaches_folded_work(store, new)
        published = replace(made, retroactive=retroactive, is_folded=not retroactive)
        await store.add(new.district, published)
    return published


def _made(new: NewEpoch, known: Sequence[PublishedEpoch], now_us: int) -> PublishedEpoch:
    """Return the next epoch of a district that has these."""
    if len(known) >= EPOCHS_MAXIMUM:
        raise TooManyEpochsError(
            f"{new.district} has {len(known)} epochs, and no more are kept: each is needed to fold"
            " its time again"
        )
    standing = epoch_at([one.epoch for one in known], at_us=new.effective_us)
    version = known[0].epoch.version + 1 if known else 1
    calibrated = new.calibrated
    return PublishedEpoch(
        epoch=_epoch(new, standing, version),
        retroactive=False,
        item_count=len(calibrated.items) if calibrated else 0,
        response_count=calibrated.response_count if calibrated else 0,
        covered_count=calibrated.covered_count if calibrated else 0,
        note=new.note,
        actor=new.actor,
        create_us=now_us,
    )


def _epoch(new: NewEpoch, standing: Epoch | None, version: int) -> Epoch:
    weights = new.weights or (standing.weights if standing else DEFAULT_WEIGHTS)
    if new.calibrated is None:
        return Epoch(
            version=version,
            effective_us=new.effective_us,
            difficulties_of=standing.difficulties_of if standing else NO_DIFFICULTIES,
            reference_d64=standing.reference_d64 if standing else 0,
            weights=weights,
            difficulties_digest=(
                standing.difficulties_digest if standing else NO_DIFFICULTIES_DIGEST
            ),
        )
    return Epoch(
        version=version,
        effective_us=new.effective_us,
        difficulties_of=version,
        reference_d64=new.calibrated.reference_d64,
        weights=weights,
        difficulties_digest=digest_of(
            sorted(new.calibrated.items.items()),
            sorted(new.calibrated.references.items()),
            new.calibrated.reference_d64,
        ),
    )


def _is_too_early(new: NewEpoch, now_us: int) -> bool:
    """Return whether work may be folded before it takes effect; raises where not allowed."""
    if new.effective_us >= now_us + LEAD_US:
        return False
    return _allowed(new, f"is before {_text(now_us + LEAD_US)}, an hour from now")


async def _reaches_folded_work(store: EpochPublisher, new: NewEpoch) -> bool:
    """Return whether it reaches work that was folded; raises where that is not allowed."""
    if not await store.has_work_from(new.district, new.effective_us):
        return False
    return _allowed(new, "is not after all work that was folded: some of it is dated ahead")


def _allowed(new: NewEpoch, why: str) -> bool:
    """Return True where it may be retroactive; else raise EpochTooEarlyError."""
    if new.allow_retroactive:
        return True
    raise EpochTooEarlyError(
        f"the effective time {_text(new.effective_us)} {why}: choose a later one, or --retroactive,"
        " which takes effect with the next rebuild"
    )


async def _compare(
    store: EpochReader, district: str, calibrated: Calibrated, effective_us: int
) -> Comparison:
    known = [one.epoch for one in await store.known(district)]
    before = epoch_at(known, at_us=effective_us)
    if before is None or not before.difficulties_of:
        return Comparison(
            before=None, new_item_count=len(calibrated.items), items=(), references=()
        )
    items = await store.items(district, before.difficulties_of, list(calibrated.items))
    references = await store.references(district, before.difficulties_of)
    return Comparison(
        before=before,
        new_item_count=len(calibrated.items) - len(items),
        items=_largest(items, calibrated.items),
        references=_largest(references, calibrated.references),
    )


def _largest(before: Mapping[K, int], after: Mapping[K, int]) -> list[Change]:
    """Return the largest changes of what both have; of equal ones, by key."""
    both = sorted(
        (str(key), d64, after[key]) for key, d64 in before.items() if after.get(key, d64) != d64
    )
    largest = heapq.nlargest(CHANGES_SHOWN, both, key=lambda one: abs(one[2] - one[1]))
    return [Change(key=key, before_d64=old, after_d64=new) for key, old, new in largest]


def _text(time_us: int) -> str:
    return f"{moment_of(time_us):%Y-%m-%d %H:%M} UTC"
