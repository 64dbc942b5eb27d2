"""Who is who: aliases that people and systems give, merges of learners, and the undoing of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from services.evidence.domain.aliases import Alias, SubjectKind, find_overlap, holder_at
from services.evidence.domain.entities import (
    DEFAULT_PAGE_SIZE,
    MAX_BATCH,
    MAX_PAGE_SIZE,
    BatchTooLargeError,
    EntityNotFoundError,
)
from services.evidence.domain.errors import InvalidRequestError
from services.evidence.domain.merging import Merge, MergeRefusedError, check_merge, root_of
from services.evidence.domain.references import Reference
from services.evidence.domain.resolve import can_be_looked_up
from services.evidence.domain.texts import UNPRINTABLE
from services.evidence.domain.waiting import for_learner
from services.evidence.handlers.documents.surroundings import Surroundings
from services.evidence.handlers.intake import micros_of
from services.evidence.handlers.readings import bounded
from services.evidence.ports.documents import DocumentsChange

MAX_NOTE_LENGTH = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class MergeLearners:
    """The command: two learners are one person. actor: who says so."""

    district: str
    learner_id: str
    into_id: str
    actor: str
    note: str


async def put_aliases(
    district: str,
    aliases: Sequence[Alias],
    *,
    validate_only: bool = False,
    surroundings: Surroundings,
) -> int:
    """Keep aliases, all or none; return how many records in quarantine that sets free.

    Evidence of learners whose aliases hold for another time now, or are another's now, is looked up
    anew. validate_only: keep nothing, and set nothing free. Raises BatchTooLargeError,
    EntityNotFoundError, and InvalidRequestError where a reference means somebody else at the same
    time.
    """
    if len(aliases) > MAX_BATCH:
        raise BatchTooLargeError(count=len(aliases))
    async with surroundings.store.change(district) as change:
        for kind in SubjectKind:
            mine = [one for one in aliases if one.subject_kind is kind]
            if mine:
                await _check_subjects(kind, mine, change)
                found = await change.aliases.find(kind, {one.reference for one in mine})
                gone, new = _replaced(mine, found)
                if not validate_only:
                    await change.aliases.replace(gone, new, surroundings.intake.clock.now())
                    if kind is SubjectKind.LEARNER:
                        touched = {one.subject_id for one in (*gone, *_others(mine, found))}
                        await change.resolutions.request_learners(touched)
        if validate_only:
            return 0
        learners = {one.reference for one in aliases if one.subject_kind is SubjectKind.LEARNER}
        return await change.ledger.quarantine.release([for_learner(one) for one in learners])


async def _check_subjects(
    kind: SubjectKind, aliases: Sequence[Alias], change: DocumentsChange
) -> None:
    ids = {one.subject_id for one in aliases}
    stores = {
        SubjectKind.LEARNER: change.roster.learners.standing,
        SubjectKind.ADULT: change.roster.adults.standing,
        SubjectKind.SECTION: change.sections.standing,
    }
    missing = sorted(ids - set((await stores[kind](ids)).keys()))
    if missing:
        raise EntityNotFoundError(kind=kind.name.lower(), entity_id=missing[0])


def _others(
    aliases: Sequence[Alias], found: Mapping[Reference, Sequence[Alias]]
) -> Sequence[Alias]:
    """Return the spans of whoever else has had one of these references.

    What was done after such a span has ended is theirs for as long as nobody else has it.
    """
    return [
        span
        for one in aliases
        for span in found.get(one.reference, ())
        if span.subject_id != one.subject_id
    ]


def _replaced(
    aliases: Sequence[Alias], found: Mapping[Reference, Sequence[Alias]]
) -> tuple[Sequence[Alias], Sequence[Alias]]:
    """Return which spans go and which come, where these aliases are kept. found: what is here."""
    held = {reference: list(spans) for reference, spans in found.items()}
    gone: list[Alias] = []
    new: list[Alias] = []
    for index, one in enumerate(aliases):
        _check(index, one)
        spans = held.setdefault(one.reference, [])
        if find_overlap(one, spans) is not None:
            raise InvalidRequestError(
                field=f"aliases[{index}]",
                message="means somebody else at the same time; give it from and until times.",
            )
        same = [span for span in spans if span.subject_id == one.subject_id and _meets(span, one)]
        gone += [span for span in same if span not in new]
        new = [span for span in new if span not in same]
        held[one.reference] = [span for span in spans if span not in same] + [one]
        new.append(one)
    return gone, new


def _meets(span: Alias, other: Alias) -> bool:
    return span.from_micros < other.until_micros and other.from_micros < span.until_micros


def _check(index: int, one: Alias) -> None:
    if not one.reference.value or not can_be_looked_up(one.reference.value, one.reference.system):
        raise InvalidRequestError(
            field=f"aliases[{index}].reference", message="is empty, too long or unprintable."
        )
    if one.until_micros <= one.from_micros:
        raise InvalidRequestError(
            field=f"aliases[{index}].until_time", message="is not after from_time."
        )


async def find_subjects(
    district: str,
    kind: SubjectKind,
    references: Sequence[Reference],
    *,
    surroundings: Surroundings,
) -> Sequence[str | None]:
    """Return the id of whom or what each reference means now; None where nobody has it.

    A learner who is merged into another is still the one whose reference it is. Raises
    BatchTooLargeError.
    """
    if len(references) > MAX_BATCH:
        raise BatchTooLargeError(count=len(references))
    keepable = {one for one in references if can_be_looked_up(one.value, one.system)}
    now = micros_of(surroundings.intake.clock.now())
    async with surroundings.store.change(district) as change:
        found = await change.aliases.find(kind, keepable)
    return [holder_at(found.get(one, ()), now) for one in references]


async def list_aliases(
    district: str, kind: SubjectKind, subject_id: str, *, surroundings: Surroundings
) -> Sequence[Alias]:
    """Return how systems call a learner, an adult or a section."""
    async with surroundings.store.change(district) as change:
        return await change.aliases.of(kind, subject_id)


async def merge_learners(command: MergeLearners, *, surroundings: Surroundings) -> Merge:
    """Let the evidence of one learner count for another; the evidence that there is moves soon.

    Raises InvalidRequestError, EntityNotFoundError, MergeRefusedError.
    """
    if len(command.note) > MAX_NOTE_LENGTH or UNPRINTABLE.search(command.note):
        raise InvalidRequestError(field="note", message="is too long or unprintable.")
    if command.learner_id == command.into_id:
        raise MergeRefusedError("These are not two learners.")
    now = micros_of(surroundings.intake.clock.now())
    text = f"{command.learner_id}/{command.into_id}/{now}"
    merge = Merge(
        merge_id=sha256(text.encode()).hexdigest()[:16],
        learner_id=command.learner_id,
        into_id=command.into_id,
        actor=command.actor,
        note=command.note,
        merge_micros=now,
        moving=True,
    )
    async with surroundings.store.change(command.district) as change:
        ids = [command.learner_id, command.into_id]
        known = await change.roster.learners.standing(ids)
        for learner_id in ids:
            if learner_id not in known:
                raise EntityNotFoundError(kind="learner", entity_id=learner_id)
        check_merge(command.learner_id, command.into_id, await change.merges.standing())
        await change.merges.add(merge)
        await _follow_merges([command.learner_id], change, surroundings)
    return merge


async def undo_merge(
    district: str, merge_id: str, actor: str, *, surroundings: Surroundings
) -> Merge:
    """Let each of two learners have again what their own aliases say. Answers a repeat as before.

    Raises EntityNotFoundError.
    """
    now = surroundings.intake.clock.now()
    async with surroundings.store.change(district) as change:
        merge = await change.merges.find(merge_id)
        if merge is None:
            raise EntityNotFoundError(kind="merge", entity_id=merge_id)
        if merge.undo_micros is not None:
            return merge
        holder = root_of(merge.into_id, await change.merges.standing())
        await change.merges.undo(merge_id, actor, now)
        await _follow_merges([merge.learner_id], change, surroundings)
        await change.resolutions.request_learners([holder])
    return replace(merge, undo_actor=actor, undo_micros=micros_of(now), moving=True)


async def _follow_merges(
    learner_ids: Sequence[str], change: DocumentsChange, surroundings: Surroundings
) -> None:
    """Note anew for whom these learners count, and all who are merged into them."""
    into = await change.merges.standing()
    below: dict[str, list[str]] = {}
    for learner_id, into_id in into.items():
        below.setdefault(into_id, []).append(learner_id)
    touched = list(learner_ids)
    for one in touched:
        touched += below.get(one, [])
    standing = await change.roster.learners.standing(touched)
    roots = {one: root_of(one, into) for one in touched}
    changed = [
        replace(
            standing[one],
            merged_into=roots[one] if roots[one] != one else None,
            version=standing[one].version + 1,
        )
        for one in touched
        if (roots[one] if roots[one] != one else None) != standing[one].merged_into
    ]
    await change.roster.learners.keep(changed, surroundings.intake.clock.now())
    await change.resolutions.request_learners(touched)


async def list_merges(
    district: str, before_id: str, page_size: int, *, surroundings: Surroundings
) -> tuple[Sequence[Merge], str]:
    """Return a page of merges, newest first, and the id after which the next page begins."""
    limit = bounded(page_size, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
    async with surroundings.store.change(district) as change:
        before = await change.merges.find(before_id) if before_id else None
        found = await change.merges.page(before, limit + 1)
    page = found[:limit]
    return page, page[-1].merge_id if len(found) > limit else ""
