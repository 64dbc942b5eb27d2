"""What policies and offers are made of: tiers, weights, scopes and ways of working."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from trellis.scheduler.v1 import calendar_pb2, school_pb2, week_pb2

from services.scheduler.domain.model import Mode, Scope
from services.scheduler.domain.numbers import Tier, TierFit, Weights
from services.scheduler.domain.resources import refuse

RANKS = ("choice_ranks_milli", "choice_of_help_ranks_milli")
"""The weights that are lists, by rank; an empty one is absent."""

_NO_UPPER_LEVEL = Tier(tier_id="", cap=1).below_level_milli

_MODES = {
    school_pb2.WORK_MODE_UNSPECIFIED: Mode.TAUGHT,
    school_pb2.WORK_MODE_TAUGHT: Mode.TAUGHT,
    school_pb2.WORK_MODE_PEER: Mode.PEER,
    school_pb2.WORK_MODE_SCREEN: Mode.SCREEN,
}

_PAPERS = {
    week_pb2.PAPER_UNSPECIFIED: "",
    week_pb2.PAPER_US_LETTER: "us-letter",
    week_pb2.PAPER_A4: "a4",
}


def paper_from(field: str, value: int) -> str:
    """Return what a school prints on, empty where it does not say; refuses what is not known."""
    for number, paper in _PAPERS.items():
        if number == value:
            return paper
    refuse(field, "FIELD_MALFORMED", "is no paper.", "Send US letter or A4.")


def paper_to(paper: str) -> week_pb2.Paper:
    """Return the message of what a school prints on."""
    return next(number for number, one in _PAPERS.items() if one == paper)


def tiers_from(messages: Iterable[school_pb2.PolicyTier]) -> tuple[Tier, ...]:
    """Return the tiers of messages, in their order."""
    return tuple(
        Tier(
            tier_id=one.tier_id,
            cap=one.cap,
            minimum=one.minimum,
            from_level_milli=one.from_level_milli,
            below_level_milli=(
                one.below_level_milli if one.HasField("below_level_milli") else _NO_UPPER_LEVEL
            ),
            fits=tuple(
                TierFit(tier_id=fit.tier_id, share_milli=fit.share_milli) for fit in one.fits
            ),
        )
        for one in messages
    )


def tiers_to(tiers: Sequence[Tier]) -> list[school_pb2.PolicyTier]:
    """Return the messages of tiers."""
    return [
        school_pb2.PolicyTier(
            tier_id=one.tier_id,
            cap=one.cap,
            minimum=one.minimum,
            from_level_milli=one.from_level_milli,
            below_level_milli=one.below_level_milli,
            fits=[
                school_pb2.TierFit(tier_id=fit.tier_id, share_milli=fit.share_milli)
                for fit in one.fits
            ],
        )
        for one in tiers
    ]


def weights_from(message: school_pb2.PolicyWeights) -> Weights:
    """Return the weights of a message; what is absent has its default."""
    said: dict[str, Any] = {
        one.name: getattr(message, one.name)
        for one in fields(Weights)
        if one.name not in RANKS and message.HasField(one.name)
    }
    said |= {name: tuple(held) for name in RANKS if (held := getattr(message, name))}
    return Weights(**said)


def weights_to(weights: Weights) -> school_pb2.PolicyWeights:
    """Return the message of weights, every one of them said."""
    return school_pb2.PolicyWeights(
        **{one.name: getattr(weights, one.name) for one in fields(Weights)}
    )


def slot_scope_from(message: calendar_pb2.PeriodScope) -> Scope:
    """Return whom a slot is for."""
    return Scope(grades=tuple(message.grades), tags=tuple(message.tags))


def slot_scope_to(scope: Scope | None) -> calendar_pb2.PeriodScope | None:
    """Return the message of whom a slot is for; None: it is for everybody."""
    return calendar_pb2.PeriodScope(grades=scope.grades, tags=scope.tags) if scope else None


def scope_from(message: school_pb2.OfferScope) -> Scope:
    """Return the scope of a message."""
    return Scope(grades=tuple(message.grades), tags=tuple(message.tags))


def scope_to(scope: Scope) -> school_pb2.OfferScope:
    """Return the message of a scope."""
    return school_pb2.OfferScope(grades=scope.grades, tags=scope.tags)


def mode_from(field: str, value: int) -> Mode:
    """Return a way of working; refuses one that this release does not know."""
    for number, mode in _MODES.items():
        if number == value:
            return mode
    refuse(field, "FIELD_MALFORMED", "is no way of working.", "Send taught, peer or screen.")


def mode_to(mode: Mode) -> school_pb2.WorkMode:
    """Return the message of a way of working; taught, the default, is not said."""
    if mode is Mode.TAUGHT:
        return school_pb2.WORK_MODE_UNSPECIFIED
    return school_pb2.WORK_MODE_PEER if mode is Mode.PEER else school_pb2.WORK_MODE_SCREEN
