"""The use cases of the roster: open, load, call the domain, commit.

A write keeps its whole batch and the facts of what changed in one transaction, or nothing.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from dataclasses import replace
from datetime import datetime

from services.common.clock import Clock
from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.entities import (
    EntityNotFoundError,
    Listing,
    Page,
    Upsert,
    again,
    as_kept,
    merge,
    page_of,
    respecting,
)
from services.evidence.domain.references import ReferenceKind, reference
from services.evidence.domain.roster import (
    ADULTS,
    LEARNERS,
    Adult,
    Enrolment,
    Learner,
    RosterRun,
    School,
    Section,
    Term,
    UpsertLearners,
    check_adults,
    check_known_schools,
    check_learners,
    check_schools,
    identify,
)
from services.evidence.domain.waiting import for_learner
from services.evidence.ports.roster import LearnerIds, Roster, RosterChange, RosterSnapshot


async def upsert_schools(
    command: Upsert[School], *, roster: Roster, time_zones: Collection[str], clock: Clock
) -> tuple[School, ...]:
    """Create or replace schools; return them as they stand, in the order of the command."""
    wanted = check_schools(command.entities, time_zones)
    async with roster.change(command.district) as change:
        first = await change.requests.first_answer(command.request)
        if first is not None:
            return again(wanted, first)
        standing = await change.schools.standing([one.id for one in wanted])
        wanted = respecting(standing, wanted, create_only=command.create_only)
        merged = merge(standing, wanted)
        now = clock.now()
        await change.schools.keep(merged.changed, now)
        await change.requests.keep_answer(command.request, as_kept(merged), now)
    return merged.kept


async def upsert_learners(
    command: UpsertLearners, *, roster: Roster, learner_ids: LearnerIds, clock: Clock
) -> tuple[Learner, ...]:
    """Create or replace learners, found again by source and source_id; return them with names.

    The id of an alias is derived once, at first sight, and stored; from then on the stored one
    counts.
    """
    wanted = check_learners(command.entities, command.allowed_sources)
    async with roster.change(command.district) as change:
        first = await change.requests.first_answer(command.request)
        if first is not None:
            return again(wanted, first)
        known = await change.learners.ids_of([one.first_alias for one in wanted])
        new = [one.first_alias for one in wanted if one.first_alias not in known]
        wanted = identify(wanted, known, learner_ids.derive(command.district, new))
        standing = await change.learners.standing([one.id for one in wanted])
        wanted = respecting(standing, wanted, create_only=command.create_only)
        wanted = tuple(
            replace(one, merged_into=standing[one.id].merged_into) if one.id in standing else one
            for one in wanted
        )
        school_ids = [one.school_id for one in wanted]
        check_known_schools(LEARNERS, school_ids, await change.schools.standing(school_ids))
        merged = merge(standing, wanted)
        now = clock.now()
        await change.learners.keep(merged.changed, now)
        await _put_first_aliases([one for one in merged.changed if one.version == 1], change, now)
        await change.requests.keep_answer(command.request, as_kept(merged), now)
    return merged.kept


async def _put_first_aliases(new: Sequence[Learner], change: RosterChange, now: datetime) -> None:
    """Let the first alias of new learners be looked up, and set free what waited for it."""
    aliases = [
        Alias(
            subject_kind=SubjectKind.LEARNER,
            reference=reference(
                ReferenceKind.SOURCED_ID, one.first_alias.source_id, one.first_alias.source
            ),
            subject_id=one.id,
        )
        for one in new
    ]
    found = await change.aliases.find(SubjectKind.LEARNER, {one.reference for one in aliases})
    await change.aliases.replace((), [one for one in aliases if one.reference not in found], now)
    await change.quarantine.release([for_learner(one.reference) for one in aliases])


async def upsert_adults(
    command: Upsert[Adult], *, roster: Roster, clock: Clock
) -> tuple[Adult, ...]:
    """Create or replace adults; return them as they stand, in the order of the command."""
    wanted = check_adults(command.entities)
    async with roster.change(command.district) as change:
        first = await change.requests.first_answer(command.request)
        if first is not None:
            return again(wanted, first)
        standing = await change.adults.standing([one.id for one in wanted])
        wanted = respecting(standing, wanted, create_only=command.create_only)
        school_ids = [one.school_id for one in wanted]
        check_known_schools(ADULTS, school_ids, await change.schools.standing(school_ids))
        merged = merge(standing, wanted)
        now = clock.now()
        await change.adults.keep(merged.changed, now)
        await change.requests.keep_answer(command.request, as_kept(merged), now)
    return merged.kept


async def get_school(district: str, school_id: str, *, roster: Roster) -> School:
    """Return one school; raise EntityNotFoundError where the district does not have it."""
    async with roster.snapshot(district) as snapshot:
        found = await snapshot.schools.standing([school_id])
    if school_id not in found:
        raise EntityNotFoundError(kind="school", entity_id=school_id)
    return found[school_id]


async def get_learner(district: str, learner_id: str, *, roster: Roster) -> Learner:
    """Return one learner; raise EntityNotFoundError where the district does not have them."""
    async with roster.snapshot(district) as snapshot:
        found = await snapshot.learners.standing([learner_id])
    if learner_id not in found:
        raise EntityNotFoundError(kind="learner", entity_id=learner_id)
    return found[learner_id]


async def get_adult(district: str, adult_id: str, *, roster: Roster) -> Adult:
    """Return one adult; raise EntityNotFoundError where the district does not have them."""
    async with roster.snapshot(district) as snapshot:
        found = await snapshot.adults.standing([adult_id])
    if adult_id not in found:
        raise EntityNotFoundError(kind="adult", entity_id=adult_id)
    return found[adult_id]


async def list_schools(query: Listing, *, roster: Roster) -> Page[School]:
    """Return one page of schools. Raises InvalidRequestError."""
    limit = query.limit
    async with roster.snapshot(query.district) as snapshot:
        found = await snapshot.schools.page(only=query.only, after=query.after, limit=limit + 1)
    return page_of(found, limit)


async def list_learners(query: Listing, *, roster: Roster) -> Page[Learner]:
    """Return one page of learners, of one school or of all. Raises InvalidRequestError."""
    limit = query.limit
    async with roster.snapshot(query.district) as snapshot:
        found = await snapshot.learners.page(only=query.only, after=query.after, limit=limit + 1)
    return page_of(found, limit)


async def list_adults(query: Listing, *, roster: Roster) -> Page[Adult]:
    """Return one page of adults, of one school or of all. Raises InvalidRequestError."""
    limit = query.limit
    async with roster.snapshot(query.district) as snapshot:
        found = await snapshot.adults.page(only=query.only, after=query.after, limit=limit + 1)
    return page_of(found, limit)


async def stream_roster(
    district: str, school_id: str, *, roster: Roster, with_sections: bool = False
) -> AsyncGenerator[RosterRun, None]:
    """Give one consistent snapshot in runs: schools, then adults, then learners.

    school_id: of this school only; empty for all. with_sections: terms of the district follow, then
    active sections and their active enrolments. Raises EntityNotFoundError where the district does
    not have that school.
    """
    async with roster.snapshot(district) as snapshot:
        if school_id:
            found = await snapshot.schools.standing([school_id])
            if school_id not in found:
                raise EntityNotFoundError(kind="school", entity_id=school_id)
            yield RosterRun(schools=tuple(found.values()))
        else:
            async for schools in snapshot.schools.runs(only=""):
                yield RosterRun(schools=tuple(schools))
        async for adults in snapshot.adults.runs(only=school_id):
            yield RosterRun(adults=tuple(adults))
        async for learners in snapshot.learners.runs(only=school_id):
            yield RosterRun(learners=tuple(learners))
        if with_sections:
            async for run in _section_runs(snapshot, school_id):
                yield run


async def _section_runs(snapshot: RosterSnapshot, school_id: str) -> AsyncIterator[RosterRun]:
    """Give terms, active sections and their active enrolments: who teaches whom, and when."""
    async for terms in snapshot.terms.runs(only=""):
        yield RosterRun(terms=tuple(terms))
    async for sections in snapshot.sections.runs(only=school_id):
        active = tuple(one for one in sections if one.active)
        if active:
            yield RosterRun(sections=active)
    async for enrolments in snapshot.enrolments.runs_of_school(school_id):
        yield RosterRun(enrolments=tuple(enrolments))


async def list_terms(query: Listing, *, roster: Roster) -> Page[Term]:
    """Return one page of terms. Raises InvalidRequestError."""
    limit = query.limit
    async with roster.snapshot(query.district) as snapshot:
        found = await snapshot.terms.page(only=query.only, after=query.after, limit=limit + 1)
    return page_of(found, limit)


async def list_sections(query: Listing, *, roster: Roster) -> Page[Section]:
    """Return one page of sections, of one school or of all. Raises InvalidRequestError."""
    limit = query.limit
    async with roster.snapshot(query.district) as snapshot:
        found = await snapshot.sections.page(only=query.only, after=query.after, limit=limit + 1)
    return page_of(found, limit)


async def list_enrolments(query: Listing, *, roster: Roster) -> Page[Enrolment]:
    """Return one page of enrolments, of one section or of all. Raises InvalidRequestError."""
    limit = query.limit
    async with roster.snapshot(query.district) as snapshot:
        found = await snapshot.enrolments.page(only=query.only, after=query.after, limit=limit + 1)
    return page_of(found, limit)
