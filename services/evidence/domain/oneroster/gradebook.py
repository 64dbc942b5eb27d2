"""The collections of OneRoster's gradebook service, and of its Assessment Results profile."""

from dataclasses import replace
from typing import Final

from services.evidence.domain.oneroster import vocabularies
from services.evidence.domain.oneroster.building import child_schema, object_schema
from services.evidence.domain.oneroster.fields import (
    Field,
    FieldType,
    Nesting,
    ObjectSchema,
    Parent,
    Service,
    nested_in,
    plain,
    reference_to,
    required,
    since_1_2,
    structures,
    text,
    texts,
    word,
)
from services.evidence.domain.source_object import Collection

_SCORE_LIMITS = (
    plain("resultValueMin", FieldType.NUMBER),
    plain("resultValueMax", FieldType.NUMBER),
)
_SCALE = reference_to(Collection.SCORE_SCALES, "scoreScale", header="")
_MARKS = tuple(
    since_1_2(plain(name, FieldType.BOOLEAN))
    for name in ("inProgress", "incomplete", "late", "missing")
)
_OBJECTIVE_SOURCE = required(word("source", *vocabularies.OBJECTIVE_SOURCES))
_OBJECTIVE_ID = required(text("learningObjectiveId"))
_OBJECTIVE_SCORE = (plain("score", FieldType.NUMBER), text("textScore"))
_OBJECTIVES = since_1_2(
    structures("learningObjectiveSet", _OBJECTIVE_SOURCE, required(texts("learningObjectiveIds")))
)
_OBJECTIVE_RESULTS = since_1_2(
    structures(
        "learningObjectiveSet",
        _OBJECTIVE_SOURCE,
        required(structures("learningObjectiveResults", _OBJECTIVE_ID, *_OBJECTIVE_SCORE)),
    )
)

_CATEGORY = object_schema(
    Collection.CATEGORIES,
    "category",
    Service.GRADEBOOK,
    required(text("title")),
    since_1_2(plain("weight", FieldType.NUMBER)),
)

_SCORE_SCALE = object_schema(
    Collection.SCORE_SCALES,
    "scoreScale",
    Service.GRADEBOOK,
    required(text("title")),
    required(text("type")),
    reference_to(Collection.ORGS, "org"),
    reference_to(Collection.COURSES, "course"),
    required(reference_to(Collection.CLASSES, "class")),
    required(
        structures(
            "scoreScaleValue",
            required(text("itemValueLHS")),
            required(text("itemValueRHS")),
            header="scoreScaleValue",
        )
    ),
)

_LINE_ITEM = object_schema(
    Collection.LINE_ITEMS,
    "lineItem",
    Service.GRADEBOOK,
    required(text("title")),
    text("description"),
    required(plain("assignDate", FieldType.DATE_TIME)),
    required(plain("dueDate", FieldType.DATE_TIME)),
    required(reference_to(Collection.CLASSES, "class")),
    since_1_2(required(reference_to(Collection.ORGS, "school"))),
    required(reference_to(Collection.CATEGORIES, "category")),
    since_1_2(reference_to(Collection.ACADEMIC_SESSIONS, "gradingPeriod", header="")),
    # In 1.1 it is called a grading period; what it leads to is an academic session in both.
    replace(
        reference_to(Collection.ACADEMIC_SESSIONS, "academicSession"), former_name="gradingPeriod"
    ),
    since_1_2(nested_in(_SCALE, Collection.LINE_ITEM_SCALES)),
    *_SCORE_LIMITS,
    nested_in(_OBJECTIVES, Collection.LINE_ITEM_OBJECTIVES),
)

_RESULT = object_schema(
    Collection.RESULTS,
    "result",
    Service.GRADEBOOK,
    required(reference_to(Collection.LINE_ITEMS, "lineItem")),
    required(reference_to(Collection.USERS, "student")),
    since_1_2(reference_to(Collection.CLASSES, "class")),
    since_1_2(nested_in(_SCALE, Collection.RESULT_SCALES)),
    required(word("scoreStatus", *vocabularies.SCORE_STATUSES)),
    plain("score", FieldType.NUMBER),
    since_1_2(text("textScore")),
    required(plain("scoreDate", FieldType.DATE)),
    text("comment"),
    nested_in(_OBJECTIVE_RESULTS, Collection.RESULT_OBJECTIVES),
    *_MARKS,
)

_ASSESSMENT_LINE_ITEM = object_schema(
    Collection.ASSESSMENT_LINE_ITEMS,
    "assessmentLineItem",
    Service.GRADEBOOK,
    required(text("title")),
    text("description"),
    reference_to(Collection.CLASSES, "class"),
    reference_to(Collection.ASSESSMENT_LINE_ITEMS, "parentAssessmentLineItem"),
    _SCALE,
    *_SCORE_LIMITS,
    _OBJECTIVES,
)

_ASSESSMENT_RESULT = object_schema(
    Collection.ASSESSMENT_RESULTS,
    "assessmentResult",
    Service.GRADEBOOK,
    required(reference_to(Collection.ASSESSMENT_LINE_ITEMS, "assessmentLineItem")),
    required(reference_to(Collection.USERS, "student")),
    plain("score", FieldType.NUMBER),
    text("textScore"),
    required(plain("scoreDate", FieldType.DATE)),
    _SCALE,
    plain("scorePercentile", FieldType.NUMBER),
    required(word("scoreStatus", *vocabularies.SCORE_STATUSES)),
    text("comment"),
    _OBJECTIVE_RESULTS,
    *_MARKS,
)


def _objectives(
    collection: Collection, parents: Collection, reference: str, *more: Field
) -> ObjectSchema:
    return child_schema(
        collection,
        Parent(
            collection=parents,
            reference=reference,
            field="learningObjectiveSet",
            nesting=Nesting.GROUPS,
        ),
        required(reference_to(parents, reference)),
        _OBJECTIVE_SOURCE,
        _OBJECTIVE_ID,
        *more,
    )


def _scales(collection: Collection, parents: Collection, reference: str) -> ObjectSchema:
    return child_schema(
        collection,
        Parent(
            collection=parents,
            reference=reference,
            field="scoreScale",
            nesting=Nesting.LINK,
            link="scoreScale",
        ),
        text("title"),
        required(reference_to(parents, reference)),
        required(reference_to(Collection.SCORE_SCALES, "scoreScale")),
    )


GRADEBOOK: Final = (
    _CATEGORY,
    _SCORE_SCALE,
    _LINE_ITEM,
    _objectives(Collection.LINE_ITEM_OBJECTIVES, Collection.LINE_ITEMS, "lineItem"),
    _scales(Collection.LINE_ITEM_SCALES, Collection.LINE_ITEMS, "lineItem"),
    _RESULT,
    _objectives(Collection.RESULT_OBJECTIVES, Collection.RESULTS, "result", *_OBJECTIVE_SCORE),
    _scales(Collection.RESULT_SCALES, Collection.RESULTS, "result"),
    _ASSESSMENT_LINE_ITEM,
    _ASSESSMENT_RESULT,
)
