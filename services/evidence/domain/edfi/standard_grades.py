"""What a grade shows: a teacher's judgement on each learning standard that the grade names.

A number is taken as points out of the source's full score of an objective
(`SourceSettings.objective_maximum_milli`), also where it is written as a letter grade ("3"); one
above that is on another scale and is refused. A letter has no scale that we could know: where there
is no number, what counts is Ed-Fi's conversion of it to its own scale of performance. A letter
alone shows nothing, and neither does the grade of the section as a whole, which is about no
competency in particular.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from services.evidence.domain.edfi.fields import Fields, milli
from services.evidence.domain.edfi.ids import id_in_document, key_by_key
from services.evidence.domain.edfi.parts import part_name
from services.evidence.domain.edfi.people import learner_source_id
from services.evidence.domain.edfi.resources import BY_NAME
from services.evidence.domain.edfi.standards import Identifiers, standard_reference
from services.evidence.domain.edfi.words import LEVELS_MILLI
from services.evidence.domain.model import Purpose, RefusalReason
from services.evidence.domain.observations import (
    Contents,
    Needs,
    Observations,
    PartRefusal,
)
from services.evidence.domain.references import ReferenceKind, reference
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Json, ObjectKey, Observation, SourceSettings


def needs_of_grade(content: Mapping[str, Json]) -> Needs:
    """Return what `observations_of_grade` has to be given: the grading period, for its last day."""
    return Needs(objects=(_period_key(Fields(values=content)),))


def observations_of_grade(
    content: Mapping[str, Json],
    settings: SourceSettings,
    surroundings: Contents,
    identifiers: Identifiers,
) -> Observations:
    """Return what a grade shows; content: of a source object in GRADES.

    Raises RefusedError where the whole cannot be read: no learner, no time.
    """
    grade = Fields(values=content)
    standards = grade.each("learningStandardGrades")
    if not standards:
        return Observations()
    template = _template(grade, settings, surroundings)
    observations: dict[str, Observation] = {}
    refused = []
    for number, one in enumerate(standards, start=1):
        name = f"standard number {number}"
        try:
            standard = one.inner("learningStandardReference")
            name = part_name("standard", standard.needed("learningStandardId"))
            scored = _scored(one, template, settings)
            if scored is not None and name not in observations:
                competency = standard_reference(standard, identifiers)
                observations[name] = replace(scored, part=name, competencies=((competency, 0),))
        except RefusedError as error:
            refused.append(PartRefusal(part=name, refusal=error.refusal))
    return Observations(observations=tuple(observations.values()), refused=tuple(refused))


def _template(grade: Fields, settings: SourceSettings, surroundings: Contents) -> Observation:
    """Return what all observations of a grade have in common."""
    student = grade.inner("studentSectionAssociationReference").needed("studentUniqueId")
    micros = grade.moment_micros("currentGradeAsOfDate", settings.zone)
    if micros is None:
        micros = _last_day_micros(grade, settings, surroundings)
    return Observation(
        part="",
        learner=reference(ReferenceKind.SOURCED_ID, learner_source_id(student), settings.source),
        occur_time_micros=micros,
        purpose=settings.purposes.get(grade.code("gradeTypeDescriptor"), Purpose.SUMMATIVE),
        assessment=id_in_document(BY_NAME["grades"], grade.values),
    )


def _last_day_micros(grade: Fields, settings: SourceSettings, surroundings: Contents) -> int:
    """Return the noon of the last day of the grading period."""
    period = Fields(values=surroundings.objects.get(_period_key(grade), {}))
    end = period.day("endDate")
    if end is None:
        raise RefusedError(
            RefusalReason.TIME_OUT_OF_RANGE,
            "currentGradeAsOfDate",
            "Nothing says of when the grade is.",
            "Send the grade with its currentGradeAsOfDate, or its grading period before it.",
        )
    last = Fields(values={"lastDay": (end - timedelta(days=1)).isoformat()})
    return last.moment_micros("lastDay", settings.zone) or 0


def _period_key(grade: Fields) -> ObjectKey:
    return key_by_key("gradingPeriods", grade.inner("gradingPeriodReference").values)


def _scored(one: Fields, template: Observation, settings: SourceSettings) -> Observation | None:
    """Return the observation that a grade on one standard is; None where it has no known scale."""
    number = one.number("numericGradeEarned")
    if number is None and _is_number(one.text("letterGradeEarned")):
        number = one.number("letterGradeEarned")
    if number is not None:
        earned_milli, full_milli = milli(number), settings.objective_maximum_milli
        if not 0 <= earned_milli <= full_milli:
            raise RefusedError(
                RefusalReason.SCORE_OUT_OF_RANGE,
                one.at("numericGradeEarned"),
                "The grade is not within 0 and the full score of an objective.",
                "Set the full score of this source's objectives to that of its scale.",
            )
        return replace(template, points=(earned_milli, full_milli))
    conversion = one.code("performanceBaseConversionDescriptor").lower()
    level_milli = LEVELS_MILLI.get(conversion)
    return None if level_milli is None else replace(template, level_milli=level_milli)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()
