"""What each number of a problem may be: for refusing a snapshot, and for the schema of the file.

Whatever is not named here is 0 or more. The greatest number is far above every school's, and small
enough for the sums of a week to stay exact in any reader of JSON.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.scheduler.domain.model import Choice, GroupHistory, Need, Offer
from services.scheduler.domain.numbers import Policy, Tier, TierFit, Weights

NUMBER_LIMIT = 1_000_000_000
VERSION_LIMIT = 2**63 - 1
LEVEL_LIMIT_MILLI = 4000
WHOLE_MILLI = 1000
WHOLE_MICRO = 1_000_000
DOK_LIMIT = 4


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """The least and the most that a number may be."""

    least: int = 0
    most: int = NUMBER_LIMIT

    def hold(self, number: int) -> bool:
        """Whether the number is within them."""
        return self.least <= number <= self.most


ANY = Bounds()
_ONE = Bounds(least=1)
_LEVEL = Bounds(most=LEVEL_LIMIT_MILLI)
_SHARE = Bounds(most=WHOLE_MILLI)
_CHANCE = Bounds(most=WHOLE_MICRO)
_VERSION = Bounds(most=VERSION_LIMIT)

_SPECIAL: Mapping[type, Mapping[str, Bounds]] = {
    TierFit: {"share_milli": _SHARE},
    Tier: {
        "cap": _ONE,
        "from_level_milli": _LEVEL,
        "below_level_milli": Bounds(least=1, most=LEVEL_LIMIT_MILLI + 1),
    },
    Weights: {
        "fresh_days": _ONE,
        "stale_milli": _SHARE,
        # Waiting adds to a weight; a lower limit would take from needs of the first week.
        "waiting_limit_milli": Bounds(least=WHOLE_MILLI),
        "nominated_gap_milli": _LEVEL,
        "check_milli": _SHARE,
        "repeat_milli": _SHARE,
        "other_tier_milli": _SHARE,
        "peer_milli": _SHARE,
        "screen_milli": _SHARE,
    },
    Policy: {
        "floor_level_milli": _LEVEL,
        "floor_at_least_eight_tenths_micro": _CHANCE,
        "own_choice_share_milli": _SHARE,
        "prerequisite_share_milli": _SHARE,
        "far_behind_level_milli": _LEVEL,
        "far_behind_share_milli": _SHARE,
        "cycle_weeks": _ONE,
        "exit_level_milli": _LEVEL,
        "return_level_milli": _LEVEL,
        "cycles_without_gain": _ONE,
        "dok_one_run": _ONE,
        "reteach_share_milli": _SHARE,
        "reteach_weight_milli": _SHARE,
        "version": _VERSION,
    },
    Offer: {"dok": Bounds(most=DOK_LIMIT)},
    Need: {
        "level_milli": _LEVEL,
        "at_least_eight_tenths_micro": _CHANCE,
        "version": _VERSION,
        "sessions": _ONE,
        # A seat of weight 0 is one without a need.
        "weight_milli": _ONE,
    },
    Choice: {"rank": _ONE},
    GroupHistory: {"entry_level_milli": _LEVEL},
}


def bounds_of(kind: type, name: str) -> Bounds:
    """Return what a field of a class of the problem may be, or the elements of its list."""
    return _SPECIAL.get(kind, {}).get(name, ANY)
