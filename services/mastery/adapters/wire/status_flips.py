"""Flips of published statuses as messages, whose they are asked for, and their pages."""

from __future__ import annotations

import re
from typing import Final, cast

from trellis.mastery.v1 import mastery_pb2

from services.common.ids import ResourceName
from services.mastery.adapters.wire.mastery import (
    MASTERY,
    decision_to,
    estimate_to,
    learner_from,
    time_to,
    uuid_text,
)
from services.mastery.adapters.wire.page_tokens import page_token_to, place_from
from services.mastery.domain.errors import InvalidRequestError
from services.mastery.ports.published_statuses import AuditedFlip, FlipPlace

DISTRICT: Final = ResourceName("districts/{district}")

_LISTED: Final = "flip"
_PLACE: Final = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")


def flip_to(district: str, audited: AuditedFlip) -> mastery_pb2.StatusFlip:
    """Return a flip as a message."""
    flip = audited.flip
    return mastery_pb2.StatusFlip(
        mastery=MASTERY.format(district, audited.learner, audited.competency),
        flip_number=flip.number,
        flip_time=time_to(flip.flip_us),
        before=decision_to(flip.before),
        after=decision_to(flip.after),
        # The numbers are the contract's; a test holds them to it.
        cause=cast("mastery_pb2.FlipCause", int(flip.cause)),
        explanation=flip.explanation,
        decision=decision_to(flip.decision),
        current_level_milli=flip.current_level_milli,
        estimate=estimate_to(flip.micro),
        evidence_count=flip.evidence_count,
        evidence=[uuid_text(piece) for piece in flip.evidence],
        version=flip.version,
        policy_version=flip.policy_version,
    )


def whose_from(district: str, parent: str, *, field: str) -> str | None:
    """Return the learner whose flips are asked for, None for all; raises InvalidRequestError."""
    return (
        None if parent == DISTRICT.format(district) else learner_from(district, parent, field=field)
    )


def page_token_of(place: FlipPlace | None) -> str:
    """Return the token of the page of flips below a place; empty for none."""
    return "" if place is None else page_token_to(_LISTED, f"{place.flip_us}-{place.flip_id}")


def page_token_from(token: str) -> FlipPlace | None:
    """Return the place of a page token, None of an empty one; raises InvalidRequestError."""
    if not token:
        return None
    found = _PLACE.fullmatch(place_from(token, _LISTED, lambda text: bool(_PLACE.fullmatch(text))))
    if found is None:
        raise InvalidRequestError(field="page_token", message="is none that this service gave.")
    return FlipPlace(flip_us=int(found[1]), flip_id=int(found[2]))
