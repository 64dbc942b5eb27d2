"""Lists when and why published statuses changed, and keeps that audit from growing for ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.mastery.domain.errors import InvalidRequestError
from services.mastery.domain.model import MICROSECONDS_A_DAY
from services.mastery.handlers.checks import page_limit
from services.mastery.ports.published_statuses import (
    AuditedFlip,
    FlipAudit,
    FlipPlace,
    FlipSelection,
    StatusFlips,
)

FLIPS_MAXIMUM: Final = 500
"""Flips in one answer."""

PAGE_DEFAULT: Final = 100

FLIPS_A_STEP: Final = 1_000
"""Flips pruned in one transaction: a step does not keep what is published waiting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlipPage:
    """Flips, the newest first; `next_before` is None on the last page."""

    flips: Sequence[AuditedFlip]
    next_before: FlipPlace | None


async def list_flips(
    district: str,
    selection: FlipSelection,
    *,
    before: FlipPlace | None,
    page_size: int,
    flips: StatusFlips,
) -> FlipPage:
    """Return a page of a district's flips, the newest first; raises InvalidRequestError."""
    limit = page_limit(page_size, default=PAGE_DEFAULT, maximum=FLIPS_MAXIMUM)
    if selection.end_us < selection.start_us:
        raise InvalidRequestError(field="end_time", message="is before start_time.")
    found = await flips.newest(district, selection, before=before, limit=limit + 1)
    shown = found[:limit]
    return FlipPage(flips=shown, next_before=_place(shown[-1]) if len(found) > limit else None)


async def prune_flips(*, now_us: int, retention_days: int, audit: FlipAudit) -> int:
    """Delete flips that are older than is asked for, one step of them; return how many.

    A full step means that there may be more.
    """
    before_us = now_us - retention_days * MICROSECONDS_A_DAY
    return await audit.prune(before_us=before_us, limit=FLIPS_A_STEP)


def _place(audited: AuditedFlip) -> FlipPlace:
    return FlipPlace(flip_us=audited.flip.flip_us, flip_id=audited.flip_id)
