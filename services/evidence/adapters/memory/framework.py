"""The frameworks in memory."""

import contextlib
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from functools import partial

from services.evidence.adapters.memory.entities import (
    MemoryDistrict,
    MemoryEntities,
    MemoryRequestLog,
    MemoryStore,
)
from services.evidence.adapters.memory.quarantine import MemoryQuarantine
from services.evidence.adapters.wire.framework import competency_fact, framework_fact
from services.evidence.domain.framework import (
    COMPETENCIES,
    FRAMEWORKS,
    Code,
    Competency,
    Framework,
    code_of,
)


class MemoryCompetencies(MemoryStore[Competency]):
    """The competencies of one district."""

    async def holders_of(self, codes: Collection[Code]) -> Mapping[Code, str]:
        """Return the id of the competency that holds each code that is taken."""
        holders = {code_of(one): one.id for one in self._entities.values()}
        return {code: holders[code] for code in codes if code in holders}

    async def prerequisites_from(self, ids: Collection[str]) -> Mapping[str, Sequence[str]]:
        """Return the prerequisites of everything that can be reached from the ids."""
        reached: dict[str, Sequence[str]] = {}
        ahead = [one for one in ids if one in self._entities]
        while ahead:
            competency = self._entities[ahead.pop()]
            if competency.id not in reached:
                reached[competency.id] = competency.prerequisites
                ahead.extend(competency.prerequisites)
        return reached


class MemoryFrameworksView:
    """One district's frameworks, as one transaction or snapshot sees them."""

    def __init__(self, state: MemoryDistrict, district: str) -> None:
        self.frameworks: MemoryStore[Framework] = MemoryStore(
            state,
            FRAMEWORKS,
            parent_of=lambda framework: framework.id,
            fact_of=partial(framework_fact, district),
        )
        self.competencies = MemoryCompetencies(
            state,
            COMPETENCIES,
            parent_of=lambda competency: competency.framework_id,
            fact_of=partial(competency_fact, district),
        )
        self.requests = MemoryRequestLog(state)
        self.quarantine = MemoryQuarantine(state.quarantine)


class MemoryFrameworks:
    """The frameworks of all districts; the port `Frameworks`."""

    def __init__(self, entities: MemoryEntities) -> None:
        self._entities = entities

    @contextlib.asynccontextmanager
    async def change(self, district: str) -> AsyncIterator[MemoryFrameworksView]:
        """Open a transaction; one at a time in a district."""
        async with self._entities.change(district) as state:
            yield MemoryFrameworksView(state, district)

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[MemoryFrameworksView]:
        """Open one consistent view."""
        async with self._entities.snapshot(district) as state:
            yield MemoryFrameworksView(state, district)
