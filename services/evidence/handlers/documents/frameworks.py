"""Frameworks and competencies that follow from CASE objects, and what evidence counts for what.

A framework is derived as a whole, since what an item is hangs on the associations of all. So a
change only makes its framework due; it is derived when the objects of an import are here.
"""

from collections.abc import Collection as Many
from collections.abc import Mapping, Sequence
from typing import Final

from services.evidence.domain.case.crosswalk import crosswalk_of, resolve
from services.evidence.domain.case.derivation import (
    FrameworkSettings,
    derive_framework,
    told_apart,
)
from services.evidence.domain.case.derivation import Surroundings as FrameworkSurroundings
from services.evidence.domain.case.reading import document_of
from services.evidence.domain.entities import MAX_BATCH
from services.evidence.domain.framework import Competency, code_of
from services.evidence.domain.references import CompetencyReference, CompetencyReferenceKind
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection, Json, ObjectKey, SourceObject
from services.evidence.domain.waiting import for_competency, waited_for
from services.evidence.handlers.documents.loading import (
    keep_entities,
    load,
    load_children,
    noting_problem,
)
from services.evidence.handlers.documents.surroundings import Progress
from services.evidence.ports.framework import CompetencyStore

_WITHIN: Final = frozenset({Collection.CF_ITEMS, Collection.CF_ASSOCIATIONS})

CASE: Final = _WITHIN | {Collection.CF_DOCUMENTS}
"""Of these a framework is derived."""

FRAMEWORK_SETTINGS: Final = FrameworkSettings()


async def note_frameworks(progress: Progress, changed: Many[ObjectKey]) -> None:
    """Make due the frameworks of changed items and associations."""
    mine = [progress.objects[key] for key in changed if key.collection in CASE]
    documents = {_document(one) for one in mine} - {""}
    await progress.change.objects.mark_due(
        [ObjectKey(collection=Collection.CF_DOCUMENTS, id=one) for one in sorted(documents)]
    )


def _document(one: SourceObject) -> str:
    if one.key.collection is Collection.CF_DOCUMENTS:
        return one.key.id
    if one.parent is not None:
        return one.parent.id
    return document_of(one.content) or ""


async def derive_frameworks(progress: Progress, keys: Sequence[ObjectKey]) -> Sequence[ObjectKey]:
    """Keep what follows from the objects of frameworks, and whose evidence counts for what now.

    Returns the keys of all that was looked at.
    """
    objects = await load(progress, keys)
    children = await load_children(progress, keys)
    for key, document in objects.items():
        with noting_problem(progress, key):
            await _derive(progress, document, children[key])
    await _keep_successors(progress)
    await progress.change.objects.note_parts(dict.fromkeys(objects, ()))
    return [*objects, *(one.key for key in objects for one in children[key])]


async def _derive(
    progress: Progress, document: SourceObject, within: Sequence[SourceObject]
) -> None:
    items = [one.content for one in within if one.key.collection is Collection.CF_ITEMS]
    associations = [
        one.content for one in within if one.key.collection is Collection.CF_ASSOCIATIONS
    ]
    store = progress.change.frameworks.competencies
    ends = {end for content in associations for end in _ends(content)}
    known = dict(await store.standing(ends | {one.key.id for one in within}))
    elsewhere = {one.id for one in known.values() if one.framework_id != document.key.id}
    derived = derive_framework(
        document.content,
        items,
        associations,
        settings=FRAMEWORK_SETTINGS,
        surroundings=FrameworkSurroundings(standing=known, elsewhere=elsewhere),
    )
    await keep_entities(progress, progress.change.frameworks.frameworks, [derived.framework])
    await keep_entities(progress, store, await _leaving_codes(derived.competencies, store))
    for begin in range(0, len(derived.competencies), MAX_BATCH):
        run = derived.competencies[begin : begin + MAX_BATCH]
        await keep_entities(progress, store, run)
    for one in derived.competencies:
        progress.awaited |= set(waited_for(one))
    for refused in derived.refused:
        key = ObjectKey(collection=Collection.CF_ASSOCIATIONS, id=refused.association_id)
        progress.objects.update({one.key: one for one in within if one.key == key})
        if key in progress.objects:
            progress.problems[key] = refused.refusal


async def _leaving_codes(
    derived: Sequence[Competency], store: CompetencyStore
) -> Sequence[Competency]:
    """Return competencies that have a code of another one's now, since their items are gone."""
    ids = {one.id for one in derived}
    codes = [code_of(one) for one in derived]
    holders = (await store.holders_of(codes)).values()
    former = (await store.standing({one for one in holders if one not in ids})).values()
    taken = {
        one.code for one in await store.holders_of([code_of(told_apart(one)) for one in former])
    }
    return [told_apart(one, taken | {one.code for one in codes}) for one in former]


async def _keep_successors(progress: Progress) -> None:
    """Find out anew for which competency each replaced or equal one counts.

    Where that changes, the evidence that names one of them is looked up anew.
    """
    associations = await progress.change.objects.crosswalk()
    ends = {end for content in associations for end in _ends(content)}
    keys = [ObjectKey(collection=Collection.CF_ITEMS, id=one) for one in sorted(ends)]
    items = await progress.change.objects.standing(keys)
    standing = await progress.change.frameworks.competencies.standing(ends)
    crosswalk = crosswalk_of(
        standing.values(), [one.object.content for one in items.values()], associations
    )
    successors: dict[str, str] = {}
    for one in sorted(ends):
        reference = CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=one)
        try:
            counted = resolve(reference, crosswalk).competency_id
        except RefusedError:
            continue
        if counted != one:
            successors[one] = counted
    changed = await progress.change.successors.replace(successors)
    if changed:
        progress.awaited |= {
            for_competency(CompetencyReference(kind=CompetencyReferenceKind.CASE_UUID, value=one))
            for one in changed
        }
        await progress.change.resolutions.request_all()


def _ends(content: Mapping[str, Json]) -> Sequence[str]:
    """Return the identifiers at both ends of an association."""
    nodes = (content.get("originNodeURI"), content.get("destinationNodeURI"))
    found = (node.get("identifier") for node in nodes if isinstance(node, Mapping))
    return [one for one in found if isinstance(one, str)]
