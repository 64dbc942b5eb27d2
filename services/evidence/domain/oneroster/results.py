"""Results and assessment results to observations: who showed what, when, and how well.

The arguments are whole objects in their REST form, as json_binding.assemble gives them. What is
exempt, missing, not submitted or not yet graded is an observation without points: it is no zero.
A zero that was given is a score. It must not know where objects are kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from services.evidence.domain.model import Kind, Purpose, RefusalReason
from services.evidence.domain.oneroster.faults import InvalidValueError
from services.evidence.domain.oneroster.scales import Scale, milli_of, percent_of
from services.evidence.domain.oneroster.values import micros_of, shortest
from services.evidence.domain.references import (
    CompetencyReference,
    Reference,
    ReferenceKind,
    competency_reference,
    reference,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.scoring import LEVEL_MAXIMUM_MILLI, LEVEL_MINIMUM_MILLI
from services.evidence.domain.source_object import Json, Observation, SourceSettings

_FULLY_GRADED: Final = "fully graded"
_UNFINISHED: Final = ("missing", "incomplete", "inProgress")
"""Flags of which each says that a score, if there is one, is not that of finished work."""

_NOON: Final = time(12)
_LENGTH_OF_DATE: Final = len("2026-10-05")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

OTHER_SCALE_FACTOR: Final = 2
"""Extra credit may lift a score above its maximum, but not to more than this many times as much:
then it is of another scale."""


def observations_of_result(
    result: Mapping[str, Json],
    line_item: Mapping[str, Json] | None,
    settings: SourceSettings,
    *,
    scale: Mapping[str, Json] | None = None,
    category: Mapping[str, Json] | None = None,
) -> tuple[Observation, ...]:
    """Return one observation for each objective that has a result, else one of the whole.

    line_item: None where it is not known yet. scale: the score scale of the result, else of its
    line item. category: of the line item; its title may say purpose and kind. Deleted results hold
    no observation. Raises RefusedError.
    """
    return _observations(
        _Work(
            result=result,
            line_item=line_item or {},
            line_item_id=_sourced_id(result.get("lineItem")),
            assessment=_sourced_id(result.get("lineItem")),
            word=_text((category or {}).get("title")),
            scale=Scale.of(scale),
        ),
        settings,
    )


def observations_of_assessment_result(
    result: Mapping[str, Json],
    line_item: Mapping[str, Json] | None,
    settings: SourceSettings,
    *,
    scale: Mapping[str, Json] | None = None,
) -> tuple[Observation, ...]:
    """Return the observations of a result of an assessment, in the same way.

    line_item: the assessment's. Parts of one assessment count as one occasion, so the assessment is
    what the line item is a part of, where it is. The line item's title may say purpose and kind. A
    percentile says how others did, and nothing of a competency; it is not read.
    """
    line_item_id = _sourced_id(result.get("assessmentLineItem"))
    whole = _sourced_id((line_item or {}).get("parentAssessmentLineItem"))
    return _observations(
        _Work(
            result=result,
            line_item=line_item or {},
            line_item_id=line_item_id,
            assessment=whole or line_item_id,
            word=_text((line_item or {}).get("title")),
            scale=Scale.of(scale),
        ),
        settings,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Work:
    """A result and what it has to be read with. word: what the source calls work of this sort."""

    result: Mapping[str, Json]
    line_item: Mapping[str, Json]
    line_item_id: str
    assessment: str
    word: str
    scale: Scale


@dataclass(frozen=True, kw_only=True, slots=True)
class _Shown:
    """What was shown: points or a level, or neither; see Observation."""

    points: tuple[int, int] | None = None
    level_milli: int | None = None


_NOTHING: Final = _Shown()


def _observations(work: _Work, settings: SourceSettings) -> tuple[Observation, ...]:
    if work.result.get("status") == "tobedeleted":
        return ()
    learner = _learner(work.result, settings)
    occur_time_micros = _occur_time(work.result, settings.zone)
    purpose, kind = _sort(work.word, settings)
    return tuple(
        Observation(
            part=part,
            learner=learner,
            occur_time_micros=occur_time_micros,
            competencies=tuple((one, 0) for one in competencies),
            points=shown.points,
            level_milli=shown.level_milli,
            purpose=purpose,
            kind=kind,
            item=work.line_item_id,
            assessment=work.assessment,
        )
        for part, competencies, shown in _parts(work, settings)
    )


def _parts(
    work: _Work, settings: SourceSettings
) -> Iterator[tuple[str, tuple[CompetencyReference, ...], _Shown]]:
    """Give each part of a result: its name, what it is about, and what was shown."""
    scored = _is_scored(work.result)
    objectives = _objective_results(work.result)
    if not objectives:
        yield "", _aligned(work.line_item), _whole(work) if scored else _NOTHING
        return
    possible_milli = _objective_maximum(work, objectives, settings)
    for objective, said in objectives.items():
        shown = _objective(work.scale, said, possible_milli) if scored else _NOTHING
        yield objective, (competency_reference(objective),), shown


def _is_scored(result: Mapping[str, Json]) -> bool:
    """Tell whether a score says how well finished work was done.

    Work that is partially graded, submitted or of a status of the sender's own may still get a
    better score, and that comes as a new version of the result.
    """
    if any(str(result.get(flag, "")).lower() == "true" for flag in _UNFINISHED):
        return False
    return result.get("scoreStatus") == _FULLY_GRADED


def _whole(work: _Work) -> _Shown:
    """Return what the score of the whole says, by the limits of the line item."""
    score, minimum, maximum = (
        _milli(value)
        for value in (
            work.result.get("score"),
            work.line_item.get("resultValueMin"),
            work.line_item.get("resultValueMax"),
        )
    )
    if score is None:
        return _of_text(work.scale, _text(work.result.get("textScore")))
    if maximum is None:
        maximum = work.scale.maximum_milli
    if maximum is None:
        # A number without a limit is no share of anything.
        return _NOTHING
    return _within(score, minimum or 0, maximum)


def _within(score_milli: int, minimum_milli: int, maximum_milli: int) -> _Shown:
    """Return what a score between limits says.

    1 to 4 are the levels of a rubric. The least score that can be had shows nothing, so a least
    score above 0 is taken off; one below 0 is a penalty, and what is below 0 counts as 0.
    """
    levels = (LEVEL_MINIMUM_MILLI, LEVEL_MAXIMUM_MILLI)
    if (minimum_milli, maximum_milli) == levels and levels[0] <= score_milli <= levels[1]:
        return _Shown(level_milli=score_milli)
    least = max(minimum_milli, 0)
    if maximum_milli <= least:
        return _NOTHING
    return _Shown(points=(max(score_milli - least, 0), maximum_milli - least))


def _of_text(scale: Scale, text: str) -> _Shown:
    """Return what a score in words says: what the scale says of it, or a percentage."""
    points = scale.points_of(text) or percent_of(text)
    return _NOTHING if points is None else _Shown(points=points)


def _objective(scale: Scale, said: Mapping[str, Json], possible_milli: int) -> _Shown:
    """Return what the result of an objective says."""
    score, text = _milli(said.get("score")), _text(said.get("textScore"))
    if score is None:
        return _of_text(scale, text)
    if scale.maximum_milli is not None and scale.holds(text, score):
        return _Shown(points=(max(score, 0), scale.maximum_milli))
    return _Shown(points=(max(score, 0), possible_milli))


def _objective_maximum(
    work: _Work, objectives: Mapping[str, Mapping[str, Json]], settings: SourceSettings
) -> int:
    """Return the full score of the objectives of a result, in thousandths.

    The standard does not say it. The source's scale is assumed; where one of the result's scores
    lies above it and all of them within the line item's limit, they are on the line item's scale.
    Refuses scores that are on neither.
    """
    scores = [_milli(one.get("score")) for one in objectives.values()]
    highest = max((score for score in scores if score is not None), default=0)
    limit = _milli(work.line_item.get("resultValueMax"))
    if limit is not None and settings.objective_maximum_milli < highest <= limit:
        return limit
    if highest > OTHER_SCALE_FACTOR * settings.objective_maximum_milli and not all(
        _is_held(work.scale, one) for one in objectives.values()
    ):
        raise RefusedError(
            RefusalReason.SCORE_OUT_OF_RANGE,
            "learningObjectiveSet.score",
            "The score of a learning objective lies far above the scale that is set for the "
            "source, and above the line item's maximum.",
            "Set the score of a learning objective that is full for this source.",
        )
    return settings.objective_maximum_milli


def _is_held(scale: Scale, said: Mapping[str, Json]) -> bool:
    score = _milli(said.get("score"))
    return score is None or scale.holds(_text(said.get("textScore")), score)


def _objective_results(result: Mapping[str, Json]) -> dict[str, Mapping[str, Json]]:
    """Return the results of objectives by the objectives' ids, each once.

    Where two sources of objectives use one id, the first in the order of their names counts, so
    that CASE comes before the unknown.
    """
    found: dict[str, Mapping[str, Json]] = {}
    for group in sorted(_mappings(result.get("learningObjectiveSet")), key=_source):
        for one in _mappings(group.get("learningObjectiveResults")):
            objective = _text(one.get("learningObjectiveId"))
            if objective:
                found.setdefault(objective, one)
    return found


def _source(group: Mapping[str, Json]) -> str:
    return _text(group.get("source"))


def _aligned(line_item: Mapping[str, Json]) -> tuple[CompetencyReference, ...]:
    """Return the competencies that a line item is about, each once."""
    found: dict[CompetencyReference, None] = {}
    for group in sorted(_mappings(line_item.get("learningObjectiveSet")), key=_source):
        ids = group.get("learningObjectiveIds")
        for one in ids if isinstance(ids, Sequence) and not isinstance(ids, str) else ():
            if _text(one):
                found[competency_reference(_text(one))] = None
    return tuple(found)


def _learner(result: Mapping[str, Json], settings: SourceSettings) -> Reference:
    student = _sourced_id(result.get("student"))
    if not student:
        raise RefusedError(
            RefusalReason.UNKNOWN_LEARNER,
            "student",
            "The result names no student.",
            "Send the result with its student.",
        )
    return reference(ReferenceKind.SOURCED_ID, student, settings.source)


def _occur_time(result: Mapping[str, Json], zone: tzinfo) -> int:
    """Return when the work was scored, in microseconds since 1970.

    A day is meant where the learner is. Its noon lies on it by the clocks of every neighbouring
    zone too, and whatever daylight saving time does at night.
    """
    said = _text(result.get("scoreDate"))
    try:
        if len(said) != _LENGTH_OF_DATE:
            return micros_of(said, exact=False)
        noon = datetime.combine(date.fromisoformat(said), _NOON, zone)
        return (noon - _EPOCH) // _MICROSECOND
    except (InvalidValueError, ValueError, OverflowError):
        raise RefusedError(
            RefusalReason.TIME_OUT_OF_RANGE,
            "scoreDate",
            "The result has no date.",
            "Send scoreDate as YYYY-MM-DD.",
        ) from None


def _sort(word: str, settings: SourceSettings) -> tuple[Purpose, Kind]:
    """Return purpose and kind by the source's word for work of this sort."""
    folded = word.strip().lower()
    purposes = {name.lower(): purpose for name, purpose in settings.purposes.items()}
    kinds = {name.lower(): kind for name, kind in settings.kinds.items()}
    return purposes.get(folded, Purpose.UNSPECIFIED), kinds.get(folded, Kind.UNSPECIFIED)


def _milli(value: Json) -> int | None:
    """Return a number in thousandths, halves up; None where there is none that can be a score."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        return milli_of(shortest(value))
    except InvalidValueError:
        return None


def _text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def _sourced_id(value: Json) -> str:
    return _text(value.get("sourcedId")) if isinstance(value, Mapping) else ""


def _mappings(value: Json) -> list[Mapping[str, Json]]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [one for one in value if isinstance(one, Mapping)]
