"""What makes broad competencies reached, from a document and back.

    {"roll_ups": {"number": {"all": ["counting", "adding"]},
                  "measuring": {"points": 3,
                                "parts": {"length": 2, "time": 1, "money": 1},
                                "required": ["length"]}}}

By the id of the broad competency, so that none has two rules. The order says nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.mastery.domain.policy_fields.reading import (
    Reading,
    UnreadableFieldError,
    shown,
)
from services.mastery.domain.roll_up_rules import (
    AllParts,
    CircularRollUpsError,
    EnoughPoints,
    Part,
    RollUp,
    RollUpError,
    RollUpRule,
    check_roll_up,
    in_order,
    part_names,
)

ROLL_UPS_MAXIMUM: Final = 200
"""Broad competencies of one district: some ten in each grade and subject."""
PARTS_MAXIMUM: Final = 100
"""Parts of one: more is a framework, not a competency."""
PARTS_TOTAL_MAXIMUM: Final = 1_000
"""Parts of all: what one answer reads of a learner in one snapshot."""
POINTS_MAXIMUM: Final = 1_000

_POINTS: Final = ("points", "parts", "required")


def read_roll_ups(reading: Reading, field: str, value: Any) -> tuple[RollUp, ...]:  # noqa: ANN401
    """Return the roll-ups in order of id."""
    found = reading.by_competency(field, value, ROLL_UPS_MAXIMUM)
    before = len(reading.problems)
    roll_ups: list[RollUp] = []
    for competency in sorted(found):
        try:
            roll_ups.append(_read_one(reading, f"{field}.{competency}", competency, found))
        except UnreadableFieldError:
            continue
    if len(reading.problems) > before:
        raise UnreadableFieldError(field)
    _check_together(reading, field, roll_ups)
    return tuple(roll_ups)


def write_roll_ups(roll_ups: Sequence[RollUp]) -> dict[str, Any]:
    """Return roll-ups as a document has them."""
    return {one.competency: _write_rule(one.rule) for one in roll_ups}


def _read_one(reading: Reading, field: str, competency: str, found: Mapping[str, Any]) -> RollUp:
    said = reading.mapping(field, found[competency], ("all", *_POINTS))
    if ("all" in said) == any(name in said for name in _POINTS):
        raise reading.refuse(
            field,
            "has to have one rule.",
            'Send {"all": [parts]}, or {"points": how many, "parts": {part: its points},'
            ' "required": [parts]}.',
        )
    one = RollUp(
        competency=competency,
        rule=_read_all(reading, field, said)
        if "all" in said
        else _read_points(reading, field, said),
    )
    try:
        check_roll_up(one)
    except RollUpError as error:
        raise reading.refuse(f"{field}.{error.field}", error.why, error.hint) from None
    return one


def _read_all(reading: Reading, field: str, said: Mapping[str, Any]) -> AllParts:
    return AllParts(
        parts=tuple(sorted(reading.competencies(f"{field}.all", said["all"], PARTS_MAXIMUM)))
    )


def _read_points(reading: Reading, field: str, said: Mapping[str, Any]) -> EnoughPoints:
    for name in ("points", "parts"):
        if name not in said:
            raise reading.refuse(
                f"{field}.{name}",
                "is missing.",
                "Points are asked for (points) of parts that have points (parts).",
            )
    asked = reading.whole(f"{field}.points", said["points"], (1, PARTS_MAXIMUM * POINTS_MAXIMUM))
    parts = reading.by_competency(f"{field}.parts", said["parts"], PARTS_MAXIMUM)
    required = reading.competencies(f"{field}.required", said.get("required", ()), PARTS_MAXIMUM)
    for place, one in enumerate(required):
        if one not in parts:
            raise reading.refuse(
                f"{field}.required[{place}]", f"is {shown(one)}, no part.", "Name it in parts too."
            )
        if one in required[:place]:
            raise reading.refuse(
                f"{field}.required[{place}]", f"is {shown(one)} again.", "Name it once."
            )
    return EnoughPoints(
        points_asked=asked,
        parts=tuple(
            Part(
                competency=one,
                points=reading.whole(f"{field}.parts.{one}", parts[one], (0, POINTS_MAXIMUM)),
                required=one in required,
            )
            for one in sorted(parts)
        ),
    )


def _write_rule(rule: RollUpRule) -> dict[str, Any]:
    if isinstance(rule, AllParts):
        return {"all": list(rule.parts)}
    return {
        "points": rule.points_asked,
        "parts": {part.competency: part.points for part in rule.parts},
        "required": [part.competency for part in rule.parts if part.required],
    }


def _check_together(reading: Reading, field: str, roll_ups: Sequence[RollUp]) -> None:
    total = sum(len(part_names(one.rule)) for one in roll_ups)
    if total > PARTS_TOTAL_MAXIMUM:
        raise reading.refuse(
            field, f"has {total} parts together.", f"Send at most {PARTS_TOTAL_MAXIMUM}."
        )
    try:
        in_order({one.competency: one.rule for one in roll_ups})
    except CircularRollUpsError as error:
        raise reading.refuse(
            field,
            f"go in a circle: {' → '.join(error.path)}, each a part of the one before.",
            "Take one of them out.",
        ) from None
