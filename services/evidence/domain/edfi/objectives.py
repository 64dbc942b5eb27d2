"""What the objectives of a sitting say beside its items.

An objective counts by its raw score of the points that can be had, else by a percentage of right
answers, else by a level of Ed-Fi's own scale. Percentiles and scale scores are no shares.

Nothing counts twice. An objective is a sum over items, so it does not count where one of its items
does; one that does not say which items it has may have any of the assessment. One that has other
objectives within it does not count where one of those does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from services.evidence.domain.edfi.assessments import item_key, objective_key
from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.ids import key_by_key
from services.evidence.domain.edfi.parts import (
    ITEM,
    OBJECTIVE,
    Part,
    alignment_of,
    check_new,
    earned_milli,
    key_or_nothing,
    part_name,
    refusal_of,
)
from services.evidence.domain.edfi.words import LEVELS_MILLI, PERCENT_CORRECT, RAW_SCORE
from services.evidence.domain.observations import Contents, PartRefusal
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import ItemAlignment

_PERCENT_MILLI: Final = 100_000


def read_objectives(
    sitting: Fields, surroundings: Contents, items: Sequence[Part]
) -> tuple[list[Part], list[PartRefusal]]:
    """Return the objectives that count beside the items, and those that are refused."""
    counting_items = frozenset(part.alignment.item for part in items if part.scored)
    documents = _documents(sitting, surroundings)
    covered = _covered_by_items(documents, counting_items)
    parts: dict[str, Part] = {}
    refused = []
    for number, fields in enumerate(sitting.each("studentObjectiveAssessments"), start=1):
        name, key = f"objective number {number}", ""
        try:
            code = fields.inner(OBJECTIVE).needed("identificationCode")
            name, key = part_name("objective", code), objective_key(fields.inner(OBJECTIVE))
            if key in covered or not _says_score(fields):
                continue
            check_new(name, parts)
            part = _objective(name, fields, alignment_of(key, surroundings))
            if part.scored:
                parts[name] = part
        except RefusedError as error:
            refused.append(refusal_of(name, error, key))
    above = _above(documents, [part.alignment.item for part in parts.values()])
    return [part for part in parts.values() if part.alignment.item not in above], refused


def _documents(sitting: Fields, surroundings: Contents) -> dict[str, Fields]:
    """Return what is known of each objective that a sitting names, by its key."""
    documents = {}
    for fields in sitting.each("studentObjectiveAssessments"):
        reference = fields.inner(OBJECTIVE)
        key = key_or_nothing(reference, objective_key)
        if key:
            found = key_by_key("objectiveAssessments", reference.values)
            documents[key] = Fields(values=surroundings.objects.get(found, {}))
    return documents


def _covered_by_items(
    documents: Mapping[str, Fields], counting_items: frozenset[str]
) -> frozenset[str]:
    """Return the objectives whose items count already, and those that these are within."""
    if not counting_items:
        return frozenset()
    covered = []
    for key, document in documents.items():
        own = [item_key(one.inner(ITEM)) for one in document.each("assessmentItems")]
        if not own or counting_items.intersection(own):
            covered.append(key)
    return frozenset((*covered, *_above(documents, covered)))


def _above(documents: Mapping[str, Fields], keys: Sequence[str]) -> frozenset[str]:
    """Return the objectives that those with these keys are within, up to the outermost."""
    above: set[str] = set()
    for key in keys:
        parent = _parent(documents.get(key))
        while parent and parent not in above:
            above.add(parent)
            parent = _parent(documents.get(parent))
    return frozenset(above)


def _parent(document: Fields | None) -> str:
    if document is None:
        return ""
    reference = document.inner("parentObjectiveAssessmentReference")
    return objective_key(reference) if reference.values else ""


def _says_score(objective: Fields) -> bool:
    """Whether an objective has a score of a kind that is read at all."""
    methods = {
        one.code("assessmentReportingMethodDescriptor").lower()
        for one in objective.each("scoreResults")
    }
    return bool(methods & (RAW_SCORE | PERCENT_CORRECT)) or _level_milli(objective) is not None


def _objective(name: str, fields: Fields, alignment: ItemAlignment) -> Part:
    """Return an objective with its score; unscored where its kind of score has no maximum."""
    part = Part(name=name, alignment=alignment, fields=fields)
    percent = None
    for one in fields.each("scoreResults"):
        method = one.code("assessmentReportingMethodDescriptor").lower()
        result = one.number("result") if method in RAW_SCORE | PERCENT_CORRECT else None
        if result is None:
            continue
        earned = earned_milli(one, "result", result)
        if method in RAW_SCORE and alignment.maximum_milli:
            return replace(part, points=(earned, alignment.maximum_milli))
        if method in PERCENT_CORRECT:
            percent = (earned, _PERCENT_MILLI)
    if percent is not None:
        return replace(part, points=percent)
    return replace(part, level_milli=_level_milli(fields))


def _level_milli(objective: Fields) -> int | None:
    for one in objective.each("performanceLevels"):
        level_milli = LEVELS_MILLI.get(one.code("performanceLevelDescriptor").lower())
        if level_milli is not None:
            return level_milli
    return None
