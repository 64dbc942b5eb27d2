"""Why a published status changed, in one sentence that a teacher and a family understand.

It names no learner. Its numbers are those of the mastery that was read.
"""

from enum import IntEnum
from typing import Final

from services.mastery.domain.estimate import at_least_micro, is_open
from services.mastery.domain.explain import STATUS_WORDS, counted, percent, works
from services.mastery.domain.keeping import keeping
from services.mastery.domain.model import WINDOW_SIZE, Decision, Gate, Mastery, Policy
from services.mastery.domain.occasion_levels import level_text


class FlipCause(IntEnum):
    """Why a published status changed; numbers as in the contract."""

    UNSPECIFIED = 0
    DECIDED = 1
    """The decision says so, and nothing was kept."""
    FELL = 2
    """Newer work, or waiting, took it below what keeps it."""
    TAKEN_BACK = 3
    """Work that it rested on was withdrawn or corrected, or older work became known."""
    READ_ANEW = 4
    """The same work is read by other rules: another policy, or another release's defaults."""
    UNCONFIRMED = 5
    """So much newer work did not reach it again that what it rested on has left the window."""
    TOO_LITTLE = 6
    """There is not evidence enough any more, or a policy asks for more."""


_DEFAULT_POLICY_WORDS: Final = "the default policy"


def flip_sentence(
    cause: FlipCause, before: Decision, after: Decision, mastery: Mastery, policy: Policy
) -> str:
    """Return the sentence of a flip; UNSPECIFIED gives that of a first look."""
    if cause == FlipCause.UNSPECIFIED:
        return f"{STATUS_WORDS[after].capitalize()} from the first look on."
    why = _why(cause, before, mastery, policy)
    return f"From {STATUS_WORDS[before]} to {STATUS_WORDS[after]}: {why}."


def _why(cause: FlipCause, before: Decision, mastery: Mastery, policy: Policy) -> str:
    if cause == FlipCause.TOO_LITTLE:
        items = counted(mastery.summary.item_count, "item")
        return f"{works(mastery.summary)} on {items} count today"
    if cause == FlipCause.FELL:
        return _fell(before, mastery, policy)
    decided = _decided(mastery, policy)
    if cause == FlipCause.TAKEN_BACK:
        return (
            "what is known today of the work that it rested on shows less than it did, since "
            f"something was withdrawn or corrected or became known late; now {decided}"
        )
    if cause == FlipCause.READ_ANEW:
        version = mastery.policy_version
        by = f"version {version} of the policy" if version else _DEFAULT_POLICY_WORDS
        return f"the work is read by other rules, those of {by}; now {decided}"
    if cause == FlipCause.UNCONFIRMED:
        return f"the newest {WINDOW_SIZE} pieces have not reached it again; now {decided}"
    return decided


def _decided(mastery: Mastery, policy: Policy) -> str:
    """Return the numbers that the decision is by, with those that were asked for."""
    if mastery.decision == Decision.INSUFFICIENT:
        return "there is too little evidence to say"
    level = f"level {level_text(mastery.current_level_milli or 0)}"
    if mastery.decision == Decision.EXEMPLARY:
        return f"{level} and {_chance(policy.exemplary_gate, mastery)}"
    proficient = f"{level} and {_chance(policy.proficient_gate, mastery)}"
    if mastery.decision == Decision.PROFICIENT:
        return proficient
    asked = level_text(policy.proficient_level_milli)
    return f"{proficient}, where level {asked} and {_asked(policy.proficient_gate)} are asked for"


def _fell(before: Decision, mastery: Mastery, policy: Policy) -> str:
    """Return which lower threshold was passed; where none was, all work was against the clock."""
    level_milli = mastery.current_level_milli or 0
    for one in keeping(before, policy):
        if not is_open(one.gate, mastery.micro):
            return f"{_chance(one.gate, mastery)}, and {_asked(one.gate)} would have kept it"
        if level_milli < one.level_milli:
            kept = level_text(one.level_milli)
            return f"level {level_text(level_milli)}, and level {kept} would have kept it"
    return "all the work that counts was against the clock"


def _chance(gate: Gate, mastery: Mastery) -> str:
    tenths = gate.share // 100
    chance = percent(at_least_micro(mastery.micro, gate.share))
    return f"{chance} chance of {tenths} in 10 or better"


def _asked(gate: Gate) -> str:
    return percent(gate.at_least_micro)
