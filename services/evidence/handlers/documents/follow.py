"""What hangs on changed objects, in the order in which one follows from the other."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final

from services.evidence.domain.model import Refusal
from services.evidence.domain.quarantine import (
    KEPT_RECORD_BYTES,
    QuarantineKind,
    RefusedRecord,
)
from services.evidence.domain.source_object import Collection as Objects
from services.evidence.domain.source_object import ObjectKey
from services.evidence.domain.waiting import for_object
from services.evidence.handlers.documents.evidence import (
    digest_of_object,
    follow_evidence,
    subject_of,
)
from services.evidence.handlers.documents.frameworks import note_frameworks
from services.evidence.handlers.documents.loading import load
from services.evidence.handlers.documents.people import follow_enrolments, follow_users
from services.evidence.handlers.documents.places import (
    follow_classes,
    follow_orgs,
    follow_sessions,
)
from services.evidence.handlers.documents.surroundings import Progress
from services.evidence.handlers.intake import micros_of

Follow = Callable[[Progress, Sequence[ObjectKey]], Awaitable[None]]

STEPS: Final[Sequence[tuple[frozenset[Objects], Follow]]] = (
    (frozenset({Objects.ORGS}), follow_orgs),
    (frozenset({Objects.ACADEMIC_SESSIONS}), follow_sessions),
    (frozenset({Objects.USERS}), follow_users),
    (frozenset({Objects.CLASSES}), follow_classes),
    (frozenset({Objects.ENROLLMENTS}), follow_enrolments),
    (
        frozenset(
            {
                Objects.RESULTS,
                Objects.ASSESSMENT_RESULTS,
                Objects.STUDENT_ASSESSMENTS,
                Objects.GRADES,
            }
        ),
        follow_evidence,
    ),
)
"""Who comes first is named by those who come after."""


async def follow(progress: Progress, changed: Collection[ObjectKey]) -> None:
    """Follow through what hangs on changed objects; what cannot be, waits in quarantine."""
    keys = set(changed) | _parents(progress, changed)
    progress.awaited |= {for_object(key) for key in changed}
    left = await progress.change.objects.mark_dependents(await load(progress, keys))
    await progress.change.resolutions.request_sources(left)
    await note_frameworks(progress, changed)
    await follow_only(progress, keys)


async def follow_only(progress: Progress, keys: Collection[ObjectKey]) -> None:
    """Follow through what hangs on these objects alone, and set free what waited for it."""
    for collections, step in STEPS:
        mine = sorted((key for key in keys if key.collection in collections), key=_order)
        if mine:
            await step(progress, mine)
    await _keep_problems(progress)
    await progress.change.ledger.quarantine.supersede(
        [subject_of(key) for key in keys], progress.open_digests, micros_of(progress.now)
    )
    # What follows from them may be there only now, though they have been here all along.
    progress.awaited |= {for_object(key) for key in keys if key not in progress.troubled}
    await progress.change.ledger.quarantine.release(progress.awaited)


def _parents(progress: Progress, changed: Collection[ObjectKey]) -> set[ObjectKey]:
    """Return within what the changed objects stand: what follows from it has changed."""
    parents = (progress.objects[key].parent for key in changed)
    return {parent for parent in parents if parent is not None}


async def _keep_problems(progress: Progress) -> None:
    """Keep in quarantine the objects from which nothing could be derived, with the reason."""
    if not progress.problems:
        return
    quarantine = progress.change.ledger.quarantine
    subjects = {key: subject_of(key) for key in progress.problems}
    positions = await progress.change.ledger.allocate(len(subjects))
    refused = [
        _refused(progress, key, subjects[key], progress.problems[key], position)
        for key, position in zip(sorted(subjects, key=_order), positions, strict=True)
    ]
    await quarantine.keep(sorted(refused, key=lambda one: one.digest))
    progress.quarantined_count += len(refused)
    progress.troubled |= subjects.keys()
    progress.open_digests |= {one.digest for one in refused}


def _refused(
    progress: Progress, key: ObjectKey, subject: str, refusal: Refusal, position: int
) -> RefusedRecord:
    content = progress.surroundings.codec.encode_object(progress.objects[key])
    return RefusedRecord(
        kind=QuarantineKind.OBJECT,
        source=progress.settings.source,
        event_id=key.id,
        collection=key.collection.value,
        subject=subject,
        import_id=progress.import_id,
        line=0,
        refusal=refusal,
        record=content[:KEPT_RECORD_BYTES],
        record_length_bytes=len(content),
        digest=digest_of_object(progress, key, refusal),
        receive_time_micros=micros_of(progress.now),
        position=position,
    )


def _order(key: ObjectKey) -> tuple[str, str]:
    return key.collection.value, key.id
