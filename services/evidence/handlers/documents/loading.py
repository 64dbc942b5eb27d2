"""Loading objects that a batch has not brought itself, and keeping what was derived from them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from services.evidence.domain.entities import Entity, InvalidEntityError, merge
from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import ObjectKey, SourceObject
from services.evidence.handlers.documents.surroundings import Progress
from services.evidence.ports.entities import EntityStore

E = TypeVar("E", bound=Entity)


async def load(progress: Progress, keys: Collection[ObjectKey]) -> Mapping[ObjectKey, SourceObject]:
    """Return those of the objects that are here; a deleted one too."""
    missing = {key for key in keys if key not in progress.objects}
    found = await progress.change.objects.standing(missing)
    progress.objects.update({key: one.object for key, one in found.items()})
    return {key: progress.objects[key] for key in keys if key in progress.objects}


async def load_children(
    progress: Progress, parents: Collection[ObjectKey]
) -> Mapping[ObjectKey, Sequence[SourceObject]]:
    """Return what stands within each parent."""
    found = await progress.change.objects.children(parents)
    return {key: [one.object for one in found.get(key, ())] for key in parents}


@contextmanager
def noting_problem(progress: Progress, key: ObjectKey) -> Iterator[None]:
    """Note why nothing can follow from an object, where a check inside refuses it, and go on."""
    try:
        yield
    except RefusedError as refused:
        progress.problems[key] = refused.refusal
    except InvalidEntityError as invalid:
        progress.problems[key] = Refusal(
            reason=RefusalReason.MALFORMED,
            field=invalid.place.field,
            message=f"What follows from it {invalid.message}.",
            hint=invalid.hint,
        )


async def keep_entities(progress: Progress, store: EntityStore[E], wanted: Sequence[E]) -> None:
    """Keep what was derived, with a new version where it says something else."""
    distinct = {one.id: one for one in wanted}
    standing = await store.standing(distinct.keys())
    merged = merge(standing, list(distinct.values()))
    await store.keep(merged.changed, progress.now)
