"""Sets seals on districts, carries them out in steps, and keeps reads within the horizon."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.errors import BeforeRetentionError
from services.mastery.domain.freshness import reach_of
from services.mastery.domain.moments import moment_of
from services.mastery.domain.retention import Seal
from services.mastery.ports.retention import Retention, RetentionReader, StandingSeal

PIECES_A_STEP: Final = 2_000
"""Pruned in one transaction: no chunk is folded meanwhile."""

STEPS_BETWEEN_WORDS: Final = 20

Say = Callable[[str], None]
"""Tells a person how far it has come."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """How long to wait, in seconds."""

    complete_seconds: float = 60.0
    """For the fold to have come past the seal's position."""
    poll_seconds: float = 0.5
    pause_seconds: float = 0.2
    """Between two steps: chunks that have waited for one are folded."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealing:
    """What came of a seal: how many pieces were pruned, and whether that is all."""

    seal: Seal
    pruned: int
    complete: bool
    position: int
    """Up to where all was folded when it was looked last."""


async def check_horizon(store: RetentionReader, district: str, *, as_of_us: int) -> None:
    """Raise BeforeRetentionError where evidence of a time is no longer kept piece by piece."""
    horizon_us = await store.horizon(district)
    if horizon_us is not None and as_of_us < horizon_us:
        raise BeforeRetentionError(horizon=f"{moment_of(horizon_us):%Y-%m-%dT%H:%M:%S.%fZ}")


async def seal_district(
    district: str,
    horizon_us: int,
    *,
    retention: Retention,
    actor: str,
    at_us: int,
    say: Say,
    waits: Waits = Waits(),
) -> Sealing:
    """Set a seal and carry it out; first finish what an earlier call has left.

    Raises SealRefusedError. Where the fold does not come past the seal's position in time, the seal
    stands and nothing is pruned yet: call `finish`.
    """
    await finish(district, retention=retention, say=say, waits=waits)
    seal = await retention.seal(district, horizon_us, actor=actor, at_us=at_us)
    say(f"sealed before {moment_of(horizon_us):%Y-%m-%d} at position {seal.ledger_position}")
    return await _carry_out(district, seal, retention=retention, say=say, waits=waits)


async def finish(
    district: str,
    *,
    retention: Retention,
    say: Say,
    waits: Waits = Waits(),
) -> Sealing | None:
    """Carry out the seals that are not pruned yet; return the last of them, None where none is."""
    last = None
    for standing in await _unfinished(district, retention):
        last = await _carry_out(district, standing.seal, retention=retention, say=say, waits=waits)
    return last


async def _unfinished(district: str, retention: Retention) -> list[StandingSeal]:
    return [one for one in await retention.seals(district) if not one.pruned]


async def _carry_out(
    district: str, seal: Seal, *, retention: Retention, say: Say, waits: Waits
) -> Sealing:
    """Wait until all that the seal knows is folded, then prune step by step."""
    position = await _position_past(seal, retention, waits)
    if position < seal.ledger_position:
        return Sealing(seal=seal, pruned=0, complete=False, position=position)
    pruned = steps = 0
    complete = False
    while not complete:
        step = await retention.prune(district, seal, limit=PIECES_A_STEP)
        pruned, steps, complete = pruned + step.pruned, steps + 1, step.complete
        if steps % STEPS_BETWEEN_WORDS == 0:
            say(f"{pruned} pieces pruned")
        if not complete:
            await asyncio.sleep(waits.pause_seconds)
    return Sealing(seal=seal, pruned=pruned, complete=True, position=position)


async def _position_past(seal: Seal, retention: Retention, waits: Waits) -> int:
    """Return up to where all is folded, as soon as that is past the seal, else after the wait."""
    waited_seconds = 0.0
    while True:
        position = reach_of(await retention.watermarks()).position(None)
        if position >= seal.ledger_position or waited_seconds >= waits.complete_seconds:
            return position
        await asyncio.sleep(waits.poll_seconds)
        waited_seconds += waits.poll_seconds
