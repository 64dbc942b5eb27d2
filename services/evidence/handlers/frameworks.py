"""The use cases of the frameworks: open, load, call the domain, commit.

A write keeps its whole batch and the facts of what changed in one transaction, or nothing.
"""

from collections.abc import AsyncGenerator, Sequence

from services.common.clock import Clock
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
from services.evidence.domain.framework import (
    Competency,
    Framework,
    FrameworkRun,
    check_competencies,
    check_frameworks,
    check_free_codes,
    check_known_frameworks,
    check_prerequisites,
    code_of,
)
from services.evidence.domain.waiting import waited_for
from services.evidence.ports.framework import Frameworks, FrameworksChange


async def upsert_frameworks(
    command: Upsert[Framework], *, frameworks: Frameworks, clock: Clock
) -> tuple[Framework, ...]:
    """Create or replace frameworks; return them as they stand, in the order of the command."""
    wanted = check_frameworks(command.entities)
    async with frameworks.change(command.district) as change:
        first = await change.requests.first_answer(command.request)
        if first is not None:
            return again(wanted, first)
        standing = await change.frameworks.standing([one.id for one in wanted])
        wanted = respecting(standing, wanted, create_only=command.create_only)
        merged = merge(standing, wanted)
        now = clock.now()
        await change.frameworks.keep(merged.changed, now)
        await change.requests.keep_answer(command.request, as_kept(merged), now)
    return merged.kept


async def upsert_competencies(
    command: Upsert[Competency], *, frameworks: Frameworks, clock: Clock
) -> tuple[Competency, ...]:
    """Create or replace competencies; return them as they stand, in the order of the command.

    Their frameworks must be there, their codes free, and their prerequisites there or in the batch
    and without a circle.
    """
    wanted = check_competencies(command.entities)
    async with frameworks.change(command.district) as change:
        first = await change.requests.first_answer(command.request)
        if first is not None:
            return again(wanted, first)
        standing = await change.competencies.standing([one.id for one in wanted])
        wanted = respecting(standing, wanted, create_only=command.create_only)
        await _check_surroundings(change, wanted)
        merged = merge(standing, wanted)
        now = clock.now()
        await change.competencies.keep(merged.changed, now)
        await change.quarantine.release(
            [name for one in merged.changed for name in waited_for(one)]
        )
        await change.requests.keep_answer(command.request, as_kept(merged), now)
    return merged.kept


async def get_framework(district: str, framework_id: str, *, frameworks: Frameworks) -> Framework:
    """Return one framework; raise EntityNotFoundError where the district does not have it."""
    async with frameworks.snapshot(district) as snapshot:
        found = await snapshot.frameworks.standing([framework_id])
    if framework_id not in found:
        raise EntityNotFoundError(kind="framework", entity_id=framework_id)
    return found[framework_id]


async def get_competency(
    district: str, competency_id: str, *, frameworks: Frameworks
) -> Competency:
    """Return one competency; raise EntityNotFoundError where the district does not have it."""
    async with frameworks.snapshot(district) as snapshot:
        found = await snapshot.competencies.standing([competency_id])
    if competency_id not in found:
        raise EntityNotFoundError(kind="competency", entity_id=competency_id)
    return found[competency_id]


async def list_frameworks(query: Listing, *, frameworks: Frameworks) -> Page[Framework]:
    """Return one page of frameworks. Raises InvalidRequestError."""
    limit = query.limit
    async with frameworks.snapshot(query.district) as snapshot:
        found = await snapshot.frameworks.page(only=query.only, after=query.after, limit=limit + 1)
    return page_of(found, limit)


async def list_competencies(query: Listing, *, frameworks: Frameworks) -> Page[Competency]:
    """Return one page of competencies, of one framework or of all. Raises InvalidRequestError."""
    limit = query.limit
    async with frameworks.snapshot(query.district) as snapshot:
        found = await snapshot.competencies.page(
            only=query.only, after=query.after, limit=limit + 1
        )
    return page_of(found, limit)


async def stream_frameworks(
    district: str, *, frameworks: Frameworks
) -> AsyncGenerator[FrameworkRun, None]:
    """Give one consistent snapshot in runs: frameworks, then competencies."""
    async with frameworks.snapshot(district) as snapshot:
        async for found in snapshot.frameworks.runs(only=""):
            yield FrameworkRun(frameworks=tuple(found))
        async for competencies in snapshot.competencies.runs(only=""):
            yield FrameworkRun(competencies=tuple(competencies))


async def _check_surroundings(change: FrameworksChange, wanted: Sequence[Competency]) -> None:
    """Check the batch against the district's frameworks, codes and prerequisites."""
    known = await change.frameworks.standing({one.framework_id for one in wanted})
    check_known_frameworks(wanted, known)
    check_free_codes(wanted, await change.competencies.holders_of([code_of(one) for one in wanted]))
    named = {prerequisite for one in wanted for prerequisite in one.prerequisites}
    check_prerequisites(wanted, await change.competencies.prerequisites_from(named))
