"""What a sitting of an assessment shows: one observation for each item or objective that says it.

`items` and `objectives` say which scores are taken. What a part is about comes from its alignment;
without one it is refused by itself, and the others count.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from services.evidence.domain.edfi.assessments import item_key, objective_key
from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.ids import id_in_document, key_by_key
from services.evidence.domain.edfi.items import read_items
from services.evidence.domain.edfi.objectives import read_objectives
from services.evidence.domain.edfi.parts import ITEM, OBJECTIVE, Part, key_or_nothing
from services.evidence.domain.edfi.people import learner_source_id
from services.evidence.domain.edfi.resources import BY_NAME
from services.evidence.domain.edfi.words import purpose_and_kind
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.observations import (
    Contents,
    Needs,
    Observations,
    PartRefusal,
)
from services.evidence.domain.references import CompetencyReference, ReferenceKind, reference
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json, Observation, SourceSettings


def needs_of_student_assessment(content: Mapping[str, Json]) -> Needs:
    """Return what `observations_of_student_assessment` has to be given; raises RefusedError.

    Parts that name nothing are passed over here, and refused there.
    """
    sitting = Fields(values=content)
    objects = [key_by_key("assessments", sitting.inner("assessmentReference").values)]
    items = [key_or_nothing(one.inner(ITEM), item_key) for one in sitting.each("items")]
    for one in sitting.each("studentObjectiveAssessments"):
        key = key_or_nothing(one.inner(OBJECTIVE), objective_key)
        if key:
            items.append(key)
            objects.append(key_by_key("objectiveAssessments", one.inner(OBJECTIVE).values))
    named = tuple(key for key in dict.fromkeys(items) if key)
    return Needs(objects=tuple(dict.fromkeys(objects)), items=named)


def observations_of_student_assessment(
    content: Mapping[str, Json], settings: SourceSettings, surroundings: Contents
) -> Observations:
    """Return what a sitting shows.

    content: of a source object in STUDENT_ASSESSMENTS. Raises RefusedError where the whole cannot
    be read: no learner, no time.
    """
    sitting = Fields(values=content)
    if sitting.code("reasonNotTestedDescriptor"):
        return Observations()
    template = _template(sitting, settings, surroundings)
    items, refused_items = read_items(sitting, surroundings)
    objectives, refused_objectives = read_objectives(sitting, surroundings, items)
    parts = (*items, *objectives)
    counts = Counter(one for part in parts for one, _ in part.alignment.references)
    refused = [*refused_items, *refused_objectives]
    observations = []
    for part in parts:
        try:
            observations.append(_observation(part, template, counts, settings))
        except RefusedError as error:
            refused.append(PartRefusal(part=part.name, refusal=error.refusal))
    return Observations(observations=tuple(observations), refused=tuple(refused))


def _template(sitting: Fields, settings: SourceSettings, surroundings: Contents) -> Observation:
    """Return what all observations of a sitting have in common."""
    student = sitting.inner("studentReference").needed("studentUniqueId")
    micros = _time_micros(sitting, settings)
    if micros is None:
        raise RefusedError(
            RefusalReason.TIME_OUT_OF_RANGE,
            "administrationDate",
            "Nothing says when the assessment was taken.",
            "Send the student assessment with its administrationDate.",
        )
    key = key_by_key("assessments", sitting.inner("assessmentReference").values)
    assessment = Fields(values=surroundings.objects.get(key, {}))
    purpose, kind = purpose_and_kind(assessment.code("assessmentCategoryDescriptor"), settings)
    return Observation(
        part="",
        learner=reference(ReferenceKind.SOURCED_ID, learner_source_id(student), settings.source),
        occur_time_micros=micros,
        purpose=purpose,
        kind=kind,
        # One sitting is one occasion: the same assessment taken again is another.
        assessment=id_in_document(BY_NAME["studentAssessments"], sitting.values),
    )


def _time_micros(fields: Fields, settings: SourceSettings) -> int | None:
    begin = fields.moment_micros("administrationDate", settings.zone)
    return fields.moment_micros("administrationEndDate", settings.zone) if begin is None else begin


def _observation(
    part: Part,
    template: Observation,
    counts: Mapping[CompetencyReference, int],
    settings: SourceSettings,
) -> Observation:
    own_micros = _time_micros(part.fields, settings)
    alignment = part.alignment
    return replace(
        template,
        part=part.name,
        occur_time_micros=template.occur_time_micros if own_micros is None else own_micros,
        competencies=alignment.references,
        points=part.points,
        level_milli=part.level_milli,
        dok=alignment.dok,
        item=alignment.item,
        # Of several competencies the one that most parts are on: the others weigh no more for it.
        assessment_items_on_competency=max(counts[one] for one, _ in alignment.references),
    )
