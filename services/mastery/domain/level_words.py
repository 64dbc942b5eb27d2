"""A level in the words of a district: how it is written, and what it is called.

It must not touch what is decided, which reads the thousandths. What is written is cut off and never
rounded up, so that no level reads as more than it is: on a scale from 0 to 100 without decimals,
3.999 is 99.
"""

from collections.abc import Sequence

from services.mastery.domain.model import LEVEL_MAXIMUM_MILLI, LEVEL_MINIMUM_MILLI, Policy
from services.mastery.domain.scales import LEVELS_AS_THEY_ARE, LevelWords, NumberScale, Scale, Step


def level_words(level_milli: int | None, policy: Policy) -> LevelWords | None:
    """Return a level, 1000 to 4000, in a district's words; None where there is no level."""
    if level_milli is None:
        return None
    names = policy.level_names
    return LevelWords(
        text=written(level_milli, policy.display_scale),
        name=_step_of(level_milli, names).name if names else "",
    )


def district_sentence(credit_milli: int | None, current_milli: int | None, policy: Policy) -> str:
    """Return both levels in a district's own words; empty where it has none of its own."""
    if not policy.level_names and policy.display_scale == LEVELS_AS_THEY_ARE:
        return ""
    told = [
        f"{of}{_together(words, policy)}"
        for of, words in (
            ("", level_words(current_milli, policy)),
            ("credit ", level_words(credit_milli, policy)),
        )
        if words is not None
    ]
    if credit_milli == current_milli:
        told = told[:1]
    return f"In the district's words: {'; '.join(told)}." if told else ""


def written(level_milli: int, scale: Scale) -> str:
    """Return a level as a scale writes it, cut off behind its last decimal."""
    if isinstance(scale, NumberScale):
        return _number(level_milli, scale)
    return _step_of(level_milli, scale.steps).name


def _number(level_milli: int, scale: NumberScale) -> str:
    """Return the number, worked out by whole numbers alone; "2.5" and not "2.500"."""
    unit = 10**scale.decimals
    way = (level_milli - LEVEL_MINIMUM_MILLI) * (scale.highest - scale.lowest) * unit
    units = scale.lowest * unit + way // (LEVEL_MAXIMUM_MILLI - LEVEL_MINIMUM_MILLI)
    whole, part = divmod(units, unit)
    decimals = f"{part:0{scale.decimals}d}".rstrip("0") if part else ""
    return f"{whole}.{decimals}" if decimals else str(whole)


def _step_of(level_milli: int, steps: Sequence[Step]) -> Step:
    """Return the highest step that the level has reached; the first begins at the lowest level."""
    return max(
        (step for step in steps if step.from_level_milli <= level_milli),
        key=lambda step: step.from_level_milli,
    )


def _together(words: LevelWords, policy: Policy) -> str:
    """Return text and name; what is written as it is stands in the sentence already."""
    if policy.display_scale == LEVELS_AS_THEY_ARE:
        return words.name
    return f"{words.text}, {words.name}" if words.name else words.text
