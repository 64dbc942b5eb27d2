"""What the items of a sitting say.

An item counts by its raw score of the points that can be had; where it has no raw score, by its
result: right is all of the points, wrong is none. A raw score of nothing is a score. No response
and "not scored" are none, unless a raw score stands beside them. A result in other words ("partly
right") says too little and is refused. Ed-Fi's response indicator speaks of the response and not of
its score, and real files contradict the score with it, so it is not read.
"""

from decimal import Decimal
from typing import Final

from services.evidence.domain.edfi.assessments import item_key
from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.parts import (
    ITEM,
    Part,
    alignment_of,
    check_new,
    earned_milli,
    part_name,
    refusal_of,
    unknown_score,
)
from services.evidence.domain.edfi.words import RIGHT, UNSCORED, WRONG
from services.evidence.domain.observations import Contents, PartRefusal
from services.evidence.domain.refusals import RefusedError

ONE_POINT_MILLI: Final = 1_000
"""What an item gives where nothing says how many points it has: right or wrong, one or none."""


def read_items(sitting: Fields, surroundings: Contents) -> tuple[list[Part], list[PartRefusal]]:
    """Return the items that say something, and those that are refused."""
    parts: dict[str, Part] = {}
    refused = []
    for number, fields in enumerate(sitting.each("items"), start=1):
        name, key = f"item number {number}", ""
        try:
            code = fields.inner(ITEM).needed("identificationCode")
            name, key = part_name("item", code), item_key(fields.inner(ITEM))
            alignment = alignment_of(key, surroundings)
            check_new(name, parts)
            points = _item_points(fields, alignment.maximum_milli)
            parts[name] = Part(name=name, alignment=alignment, fields=fields, points=points)
        except RefusedError as error:
            refused.append(refusal_of(name, error, key))
    return list(parts.values()), refused


def _item_points(item: Fields, maximum_milli: int | None) -> tuple[int, int] | None:
    """Return the points of an item, None where nothing was scored."""
    result = item.code("assessmentItemResultDescriptor").lower()
    raw = item.number("rawScoreResult")
    if raw is not None:
        return _raw_points(item, raw, result, maximum_milli)
    possible_milli = maximum_milli or ONE_POINT_MILLI
    if result in RIGHT:
        return possible_milli, possible_milli
    if result in WRONG:
        return 0, possible_milli
    if result in UNSCORED:
        return None
    raise unknown_score(
        item.at("assessmentItemResultDescriptor"),
        "The result of the item is in words that say no score.",
        "Send a raw score, or one of the results of Ed-Fi as Correct and Incorrect.",
    )


def _raw_points(
    item: Fields, raw: Decimal, result: str, maximum_milli: int | None
) -> tuple[int, int]:
    """Return a raw score with what can be had; where only right or wrong is known, one of one."""
    earned = earned_milli(item, "rawScoreResult", raw)
    if maximum_milli:
        return earned, maximum_milli
    if result in RIGHT and earned:
        return earned, earned
    if result in WRONG and not earned:
        return 0, ONE_POINT_MILLI
    raise unknown_score(
        item.at("rawScoreResult"),
        "Nothing says how many points the item has.",
        "Send the assessment item with its maxRawScore.",
    )
