"""Which format module says what a source object shows, and what it has to be given for that."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.evidence.domain.derive.contents import key, referred
from services.evidence.domain.edfi.assessments import assessment_of
from services.evidence.domain.edfi.sittings import (
    needs_of_student_assessment,
    observations_of_student_assessment,
)
from services.evidence.domain.edfi.standard_grades import needs_of_grade, observations_of_grade
from services.evidence.domain.model import RefusalReason
from services.evidence.domain.observations import (
    Contents,
    Needs,
    Observations,
    PartRefusal,
    Surroundings,
)
from services.evidence.domain.oneroster.json_binding import assemble
from services.evidence.domain.oneroster.results import (
    observations_of_assessment_result,
    observations_of_result,
)
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import (
    Collection,
    Json,
    ObjectKey,
    SourceObject,
    SourceSettings,
)
from services.evidence.domain.waiting import for_item, for_object

_NOTHING: Final = Needs()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Showing:
    """How one collection is read: what it needs, and what it shows."""

    needs: Callable[[SourceObject], Needs]
    observations: Callable[[SourceObject, Surroundings, SourceSettings], Observations]


def needed_by(one: SourceObject) -> Needs:
    """Return what has to be looked up to read an object; raises RefusedError."""
    showing = _SHOWING.get(one.key.collection)
    if showing is not None:
        return showing.needs(one)
    if one.key.collection is Collection.LINE_ITEMS:
        return Needs(objects=_named(one, Collection.CATEGORIES, "category"))
    if one.key.collection is Collection.ASSESSMENT_LINE_ITEMS:
        return Needs(objects=_named(one, Collection.SCORE_SCALES, "scoreScale"))
    return _NOTHING


def scales_of(child: SourceObject) -> tuple[ObjectKey, ...]:
    """Return the score scale that what stands within a result or line item names."""
    if child.key.collection not in (Collection.LINE_ITEM_SCALES, Collection.RESULT_SCALES):
        return ()
    return _named(child, Collection.SCORE_SCALES, "scoreScale")


def assessments_of(items: Iterable[str]) -> Sequence[str]:
    """Return the assessments whose sittings are read with the alignments of these items.

    Such a sitting says of each item how many points it gives and what it is about, so that it is
    read anew, where of any other evidence the item is looked up anew.
    """
    return sorted({assessment_of(one) for one in items} - {""})


def observed_in(
    one: SourceObject, surroundings: Surroundings, settings: SourceSettings
) -> Observations:
    """Return what an object shows; nothing where it is deleted. Raises RefusedError."""
    if one.deleted:
        return Observations()
    found = _SHOWING[one.key.collection].observations(one, surroundings, settings)
    parts = [observed.part for observed in found.observations]
    if len(set(parts)) < len(parts):
        raise RefusedError(
            RefusalReason.DUPLICATE,
            "",
            "It says the same thing twice, so that it cannot be told which counts.",
            "Send each objective or item once.",
        )
    return found


def _needs_of_result(one: SourceObject) -> Needs:
    return Needs(objects=_named(one, Collection.LINE_ITEMS, "lineItem"))


def _observations_of_result(
    one: SourceObject, surroundings: Surroundings, settings: SourceSettings
) -> Observations:
    line_item = _whole(surroundings, key(Collection.LINE_ITEMS, referred(one.content, "lineItem")))
    if line_item is None:
        raise _waiting("lineItem", key(Collection.LINE_ITEMS, referred(one.content, "lineItem")))
    category = surroundings.objects.get(key(Collection.CATEGORIES, referred(line_item, "category")))
    result = assemble(one, surroundings.children.get(one.key, ()))
    return Observations(
        observations=observations_of_result(
            result,
            line_item,
            settings,
            scale=_scale(surroundings, result, line_item),
            category=None if category is None else category.content,
        )
    )


def _needs_of_assessment_result(one: SourceObject) -> Needs:
    return Needs(
        objects=_named(one, Collection.ASSESSMENT_LINE_ITEMS, "assessmentLineItem")
        + _named(one, Collection.SCORE_SCALES, "scoreScale")
    )


def _observations_of_assessment_result(
    one: SourceObject, surroundings: Surroundings, settings: SourceSettings
) -> Observations:
    named = key(Collection.ASSESSMENT_LINE_ITEMS, referred(one.content, "assessmentLineItem"))
    line_item = _whole(surroundings, named)
    if line_item is None:
        raise _waiting("assessmentLineItem", named)
    result = assemble(one, surroundings.children.get(one.key, ()))
    return Observations(
        observations=observations_of_assessment_result(
            result, line_item, settings, scale=_scale(surroundings, result, line_item)
        )
    )


def _observations_of_sitting(
    one: SourceObject, surroundings: Surroundings, settings: SourceSettings
) -> Observations:
    found = observations_of_student_assessment(one.content, settings, _contents(surroundings))
    return _awaiting_items(found, settings)


def _observations_of_grade(
    one: SourceObject, surroundings: Surroundings, settings: SourceSettings
) -> Observations:
    return observations_of_grade(one.content, settings, _contents(surroundings), {})


def _awaiting_items(found: Observations, settings: SourceSettings) -> Observations:
    """Let each refused part that lacks an alignment wait for it."""
    return replace(found, refused=tuple(_awaiting_item(one, settings) for one in found.refused))


def _awaiting_item(one: PartRefusal, settings: SourceSettings) -> PartRefusal:
    if not one.item:
        return one
    return replace(one, refusal=replace(one.refusal, awaits=for_item(settings.source, one.item)))


def _contents(surroundings: Surroundings) -> Contents:
    return Contents(
        objects={one: found.content for one, found in surroundings.objects.items()},
        items=surroundings.items,
    )


def _whole(surroundings: Surroundings, named: ObjectKey) -> Mapping[str, Json] | None:
    found = surroundings.objects.get(named)
    return None if found is None else assemble(found, surroundings.children.get(named, ()))


def _scale(surroundings: Surroundings, *whole: Mapping[str, Json]) -> Mapping[str, Json] | None:
    """Return the score scale of the first that names one which is here."""
    for one in whole:
        found = surroundings.objects.get(key(Collection.SCORE_SCALES, referred(one, "scoreScale")))
        if found is not None:
            return found.content
    return None


def _named(one: SourceObject, collection: Collection, field: str) -> tuple[ObjectKey, ...]:
    object_id = referred(one.content, field)
    return (key(collection, object_id),) if object_id else ()


def _waiting(field: str, named: ObjectKey) -> RefusedError:
    return RefusedError(
        RefusalReason.UNKNOWN_REFERENCE,
        field,
        f"The {field} that it names is not here.",
        f"Nothing to do if the {field} is on its way; else send it.",
        awaits=for_object(named),
    )


_SHOWING: Final[Mapping[Collection, _Showing]] = {
    Collection.RESULTS: _Showing(needs=_needs_of_result, observations=_observations_of_result),
    Collection.ASSESSMENT_RESULTS: _Showing(
        needs=_needs_of_assessment_result, observations=_observations_of_assessment_result
    ),
    Collection.STUDENT_ASSESSMENTS: _Showing(
        needs=lambda one: needs_of_student_assessment(one.content),
        observations=_observations_of_sitting,
    ),
    Collection.GRADES: _Showing(
        needs=lambda one: needs_of_grade(one.content), observations=_observations_of_grade
    ),
}
