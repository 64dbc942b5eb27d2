"""Names of levels and the scale that levels are written on, from a document and back.

    {"level_names": [{"name": "beginning", "from_level_milli": 1000},
                     {"name": "proficient", "from_level_milli": 3000}],
     "display_scale": {"lowest": 0, "highest": 100, "decimals": 0}}

A scale may also be letters: `{"steps": [...]}`, each as a name of levels is. Neither changes what a
level is or what is decided by it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.mastery.domain.model import LEVEL_MAXIMUM_MILLI, LEVEL_MINIMUM_MILLI
from services.mastery.domain.policy_fields.reading import Reading, shown
from services.mastery.domain.scales import NumberScale, Scale, Step, StepScale

STEPS_MINIMUM: Final = 2
"""One name for every level would say nothing."""
STEPS_MAXIMUM: Final = 13
"""Letters from A+ to F are thirteen."""
NAME_CHARACTERS: Final = 40
"""Room for "approaching the standard with support", and a column still holds it."""
NUMBER_MAXIMUM: Final = 1_000
DECIMALS_MAXIMUM: Final = 3
"""A level has no more of its own."""

LEVELS: Final = (LEVEL_MINIMUM_MILLI, LEVEL_MAXIMUM_MILLI)
"""The lowest and the highest level, in thousandths."""
_STEP: Final = ("name", "from_level_milli")
_NUMBERS: Final = ("lowest", "highest", "decimals")


def read_level_names(reading: Reading, field: str, value: Any) -> tuple[Step, ...]:  # noqa: ANN401
    """Return the names of levels, the lowest first; an empty list where they have none."""
    if isinstance(value, list | tuple) and not value:
        return ()
    return _read_steps(reading, field, value)


def write_steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return steps as a document has them."""
    return [{"name": one.name, "from_level_milli": one.from_level_milli} for one in steps]


def read_scale(reading: Reading, field: str, value: Any) -> Scale:  # noqa: ANN401
    """Return the scale that levels are written on."""
    found = reading.mapping(field, value, (*_NUMBERS, "steps"))
    if "steps" in found:
        if len(found) > 1:
            raise reading.refuse(
                field, "has steps and numbers.", "Send lowest and highest, or steps, and not both."
            )
        return StepScale(steps=_read_steps(reading, f"{field}.steps", found["steps"]))
    return _read_numbers(reading, field, found)


def write_scale(scale: Scale) -> dict[str, Any]:
    """Return a scale as a document has it."""
    if isinstance(scale, StepScale):
        return {"steps": write_steps(scale.steps)}
    return {"lowest": scale.lowest, "highest": scale.highest, "decimals": scale.decimals}


def _read_numbers(reading: Reading, field: str, found: Mapping[str, Any]) -> NumberScale:
    for name in ("lowest", "highest"):
        if name not in found:
            raise reading.refuse(
                f"{field}.{name}",
                "is missing.",
                "A scale has both: lowest for level 1, highest for level 4. Or send steps.",
            )
    lowest, highest = (
        reading.whole(f"{field}.{name}", found[name], (0, NUMBER_MAXIMUM))
        for name in ("lowest", "highest")
    )
    if lowest >= highest:
        raise reading.refuse(
            f"{field}.highest",
            f"is {highest}, not above the lowest, {lowest}.",
            "A better level is a higher number.",
        )
    decimals = reading.whole(f"{field}.decimals", found.get("decimals", 0), (0, DECIMALS_MAXIMUM))
    return NumberScale(lowest=lowest, highest=highest, decimals=decimals)


def _read_steps(reading: Reading, field: str, value: Any) -> tuple[Step, ...]:  # noqa: ANN401
    found = reading.listed(field, value, STEPS_MAXIMUM, "steps")
    if len(found) < STEPS_MINIMUM:
        raise reading.refuse(
            field, f"has {len(found)}.", f"Send {STEPS_MINIMUM} to {STEPS_MAXIMUM} steps."
        )
    steps = tuple(_read_step(reading, f"{field}[{place}]", one) for place, one in enumerate(found))
    _check_names(reading, field, steps)
    _check_rising(reading, field, steps)
    return steps


def _read_step(reading: Reading, field: str, value: Any) -> Step:  # noqa: ANN401
    found = reading.mapping(field, value, _STEP)
    for name in _STEP:
        if name not in found:
            raise reading.refuse(
                f"{field}.{name}", "is missing.", "A step has a name and from_level_milli."
            )
    return Step(
        name=_read_name(reading, f"{field}.name", found["name"]),
        from_level_milli=reading.whole(
            f"{field}.from_level_milli", found["from_level_milli"], LEVELS
        ),
    )


def _read_name(reading: Reading, field: str, value: Any) -> str:  # noqa: ANN401
    hint = f"Send 1 to {NAME_CHARACTERS} printable characters, without a space before or after."
    if not isinstance(value, str):
        raise reading.refuse(field, f"is {shown(value)}, no text.", "Put it in quotes.")
    if not 1 <= len(value) <= NAME_CHARACTERS or not value.isprintable() or value != value.strip():
        raise reading.refuse(field, f"is {shown(value)}.", hint)
    return value


def _check_names(reading: Reading, field: str, steps: Sequence[Step]) -> None:
    seen: set[str] = set()
    for place, step in enumerate(steps):
        # "Proficient" and "proficient" are one name to whoever reads them.
        if step.name.casefold() in seen:
            raise reading.refuse(
                f"{field}[{place}].name", f"is {shown(step.name)} again.", "Name each step once."
            )
        seen.add(step.name.casefold())


def _check_rising(reading: Reading, field: str, steps: Sequence[Step]) -> None:
    if steps[0].from_level_milli != LEVEL_MINIMUM_MILLI:
        raise reading.refuse(
            f"{field}[0].from_level_milli",
            f"is {steps[0].from_level_milli}: a level below it would have no name.",
            f"Let the first step begin at {LEVEL_MINIMUM_MILLI}.",
        )
    for place, step in enumerate(steps[1:], start=1):
        if step.from_level_milli <= steps[place - 1].from_level_milli:
            raise reading.refuse(
                f"{field}[{place}].from_level_milli",
                f"is {step.from_level_milli}, not above that of the step before.",
                "Put the steps in order, the lowest first.",
            )
