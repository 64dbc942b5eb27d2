"""Evidence that follows from results: what each shows is recorded, what it no longer shows goes.

An observation derived again is sent on only where it says something else, so that whatever is read
anew, however often, adds nothing to the ledger that is there already.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from services.evidence.domain.entities import MAX_BATCH
from services.evidence.domain.evidence_of import needed_by, observed_in, scales_of
from services.evidence.domain.identity import SEPARATOR, derive_evidence_id
from services.evidence.domain.model import Record, Refusal, RetractionReason
from services.evidence.domain.normalise import MAX_ENTITY_ID_LENGTH
from services.evidence.domain.observations import Observations, Surroundings
from services.evidence.domain.quarantine import (
    KEPT_RECORD_BYTES,
    QuarantineKind,
    RefusedRecord,
    digest_of,
)
from services.evidence.domain.references import Reference, ReferenceKind, reference
from services.evidence.domain.source_object import (
    Collection,
    ObjectKey,
    Observation,
    SourceObject,
)
from services.evidence.handlers.batch import Batch
from services.evidence.handlers.documents.loading import load, load_children, noting_problem
from services.evidence.handlers.documents.surroundings import Progress
from services.evidence.handlers.intake import RecordEvidence, Sending, micros_of
from services.evidence.handlers.look_up import district_namespace
from services.evidence.handlers.retractions import RetractionRows


@dataclass(kw_only=True)
class _Derived:
    """What one object shows now, and what it showed when it was last looked at."""

    key: ObjectKey
    found: Observations
    before: tuple[str, ...]
    parts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.parts = tuple(one.part for one in self.found.observations)


async def follow_evidence(progress: Progress, keys: Sequence[ObjectKey]) -> None:
    """Record what results show, retract what they show no longer, keep apart what is refused."""
    objects = await load(progress, keys)
    standing = await progress.change.objects.standing(objects.keys())
    derived: list[_Derived] = []
    surroundings = await _surroundings(progress, objects)
    withdrawn = await progress.change.ledger.withdrawn(
        progress.settings.source, {one.import_id for one in standing.values() if one.import_id}
    )
    for key, one in objects.items():
        # What cannot be read shows nothing, whatever it showed before.
        found = Observations()
        with noting_problem(progress, key):
            if standing[key].import_id not in withdrawn:
                found = observed_in(one, surroundings, progress.settings)
        derived.append(_Derived(key=key, found=found, before=standing[key].parts))
    await _retract(progress, derived)
    await _record(progress, derived)
    await _keep_apart(progress, derived)
    await progress.change.objects.note_parts({one.key: one.parts for one in derived})


async def _surroundings(
    progress: Progress, objects: Mapping[ObjectKey, SourceObject]
) -> Surroundings:
    """Load what the objects are read with: what they name, what stands within, alignments."""
    keys: set[ObjectKey] = set()
    items: set[str] = set()
    for key, one in objects.items():
        with noting_problem(progress, key):
            needs = needed_by(one)
            keys |= set(needs.objects)
            items |= set(needs.items)
    found = await load(progress, keys)
    children = await load_children(progress, [*objects, *found])
    further = {key for one in found.values() for key in needed_by(one).objects}
    further |= {key for within in children.values() for one in within for key in scales_of(one)}
    found = {**found, **await load(progress, further)}
    source = progress.settings.source
    alignments = await progress.change.ledger.directory.items(
        progress.district, {(source, item) for item in items}
    )
    return Surroundings(
        objects={key: one for key, one in found.items() if not one.deleted},
        children=children,
        items={item: alignment for (_, item), alignment in alignments.items()},
    )


async def _learners_named(
    progress: Progress, derived: Sequence[_Derived]
) -> Mapping[Reference, Reference]:
    """Return for whom a system means by the id of another system's user how that one calls them.

    A learning platform sends results of the users that it was given, by the ids of the roster.
    """
    source = progress.settings.source
    named = {observed.learner for one in derived for observed in one.found.observations}
    own = {one for one in named if one == reference(ReferenceKind.SOURCED_ID, one.value, source)}
    keys = {one: ObjectKey(collection=Collection.USERS, id=one.value) for one in own}
    users = await progress.change.objects.standing(set(keys.values()))
    return {
        one: replace(one, system=users[key].source) for one, key in keys.items() if key in users
    }


async def _record(progress: Progress, derived: Sequence[_Derived]) -> None:
    named = await _learners_named(progress, derived)
    observations = [
        (one.key, replace(observed, learner=named.get(observed.learner, observed.learner)))
        for one in derived
        for observed in one.found.observations
    ]
    for begin in range(0, len(observations), MAX_BATCH):
        run = observations[begin : begin + MAX_BATCH]
        positions = await progress.change.ledger.allocate(len(run))
        sendings = [
            _sending(progress, key, observed, position)
            for (key, observed), position in zip(run, positions, strict=True)
        ]
        command = RecordEvidence(
            district=progress.district,
            sources={progress.settings.source},
            sendings=sendings,
            import_id=progress.import_id,
            redriven=True,
            only_changes=True,
        )
        batch = Batch(command, progress.surroundings.intake, progress.change.ledger)
        answers = await batch.run()
        progress.open_digests |= {one.digest for one in await batch.quarantine()}
        troubled = [
            key for (key, _), one in zip(run, answers, strict=True) if one.refusal is not None
        ]
        progress.troubled |= set(troubled)
        progress.quarantined_count += len(troubled)
        progress.evidence_count += sum(one.changed for one in answers)
        newest = max(observed.occur_time_micros for _, observed in run)
        progress.newest_occur_micros = max(newest, progress.newest_occur_micros or newest)


def _sending(progress: Progress, key: ObjectKey, observed: Observation, position: int) -> Sending:
    record = Record(
        size_bytes=0,
        # Of this derivation alone: the same content may come back after another one.
        event_id=f"object:{sha256(subject_of(key).encode()).hexdigest()[:16]}:{position}",
        source=progress.settings.source,
        entity_id=entity_id_of(key, observed.part),
        version=0,
        learner="",
        learner_reference=observed.learner,
        occur_time=divmod_micros(observed.occur_time_micros),
        alignments=(),
        referenced_alignments=observed.competencies,
        points=observed.points,
        level_milli=observed.level_milli,
        purpose=int(observed.purpose),
        kind=int(observed.kind),
        dok=observed.dok,
        timed=observed.timed,
        item=observed.item,
        assessment=observed.assessment,
        assessment_items_on_competency=observed.assessment_items_on_competency,
        artefact="",
    )
    codec = progress.surroundings.codec
    content = codec.encode_record(replace(record, event_id=""))
    return Sending(
        sent=codec.encode_record(record),
        record=record,
        subject=subject_of(key),
        digest=digest_of(None, subject_of(key), content),
    )


def divmod_micros(micros: int) -> tuple[int, int]:
    """Return whole seconds since 1970 and the nanoseconds of the rest."""
    seconds, rest = divmod(micros, 1_000_000)
    return seconds, rest * 1_000


def subject_of(key: ObjectKey) -> str:
    """Return under which text the quarantine has what was derived from an object."""
    return f"{key.collection.value}/{key.id}"


def digest_of_object(progress: Progress, key: ObjectKey, refusal: Refusal, part: str = "") -> bytes:
    """Return what tells an object, or a part of it, with its fault from others in quarantine.

    For what it waits may be said by what stands within the object alone: a user's school, by roles.
    """
    fault = f"{refusal.message}{SEPARATOR}{refusal.awaits}"
    content = progress.surroundings.codec.digest(progress.objects[key])
    return digest_of(fault, f"{subject_of(key)}/{part}", content)


def entity_id_of(key: ObjectKey, part: str) -> str:
    """Return the id of an observation: the same in each version of its object."""
    entity_id = f"{subject_of(key)}/{part}" if part else subject_of(key)
    if len(entity_id) <= MAX_ENTITY_ID_LENGTH:
        return entity_id
    return f"{key.collection.value}/{sha256(entity_id.encode()).hexdigest()}"


async def _retract(progress: Progress, derived: Sequence[_Derived]) -> None:
    """Retract what objects showed before and do not show any more."""
    source = progress.settings.source
    namespace = district_namespace(progress.district)
    gone = sorted(
        derive_evidence_id(namespace, source, entity_id_of(one.key, part))
        for one in derived
        for part in set(one.before) - set(one.parts)
    )
    rows = RetractionRows(
        district=progress.district,
        reason=RetractionReason.WITHDRAWN,
        intake=progress.surroundings.intake,
    )
    for begin in range(0, len(gone), MAX_BATCH):
        ids = gone[begin : begin + MAX_BATCH]
        standing = await progress.change.ledger.find_standing(ids)
        retracted = await rows.retract(
            [standing[one] for one in ids if one in standing],
            prefix="object",
            transaction=progress.change.ledger,
        )
        progress.evidence_count += len(retracted)


async def _keep_apart(progress: Progress, derived: Sequence[_Derived]) -> None:
    """Keep in quarantine the parts of objects that are no observations."""
    refused: dict[ObjectKey, list[tuple[str, Refusal]]] = defaultdict(list)
    for one in derived:
        for part in one.found.refused:
            refused[one.key].append((part.part, part.refusal))
    flat = [(key, part, refusal) for key, parts in refused.items() for part, refusal in parts]
    if not flat:
        return
    positions = await progress.change.ledger.allocate(len(flat))
    records = [
        _refused_part(progress, key, part, refusal, position)
        for (key, part, refusal), position in zip(flat, positions, strict=True)
    ]
    await progress.change.ledger.quarantine.keep(sorted(records, key=lambda one: one.digest))
    progress.quarantined_count += len(records)
    progress.troubled |= refused.keys()
    progress.open_digests |= {one.digest for one in records}


def _refused_part(
    progress: Progress, key: ObjectKey, part: str, refusal: Refusal, position: int
) -> RefusedRecord:
    content = progress.surroundings.codec.encode_object(progress.objects[key])
    return RefusedRecord(
        kind=QuarantineKind.OBJECT,
        source=progress.settings.source,
        event_id=f"{key.id} {part}"[:128],
        collection=key.collection.value,
        subject=subject_of(key),
        import_id=progress.import_id,
        line=0,
        refusal=refusal,
        record=content[:KEPT_RECORD_BYTES],
        record_length_bytes=len(content),
        digest=digest_of_object(progress, key, refusal, part),
        receive_time_micros=micros_of(progress.now),
        position=position,
    )
