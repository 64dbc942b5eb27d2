"""What the stores of roster and frameworks have in common, in memory: the twin of PostgreSQL's.

For tests and for trying out; nothing outlives the process.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from services.common.postgres.outbox import OutboxRow
from services.evidence.adapters.memory.quarantine import MemoryQuarantineState
from services.evidence.domain.aliases import Alias, SubjectKind
from services.evidence.domain.entities import (
    MAX_PAGE_SIZE,
    REQUEST_KEPT,
    Entity,
    Kept,
    RequestIdReusedError,
    RequestKey,
)
from services.evidence.domain.known import ItemKey
from services.evidence.domain.references import Reference
from services.evidence.domain.source_object import ItemAlignment

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """A first answer."""

    request: RequestKey
    kept: tuple[Kept, ...]
    answer_time: datetime


@dataclass(kw_only=True)
class MemoryDistrict:
    """Everything of one district: entities by kind and id, answers by request id, new facts.

    Beside them what resolving needs: aliases of learners, successors of competencies, alignments.
    """

    kinds: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    aliases: dict[tuple[SubjectKind, Reference], tuple[Alias, ...]] = field(default_factory=dict)
    successors: dict[str, str] = field(default_factory=dict)
    alignments: dict[ItemKey, ItemAlignment] = field(default_factory=dict)
    quarantine: MemoryQuarantineState = field(default_factory=MemoryQuarantineState)
    answers: dict[str, _Answer] = field(default_factory=dict)
    facts: list[OutboxRow] = field(default_factory=list)

    def copy(self) -> "MemoryDistrict":
        """Return a copy that changes apart; the entities themselves never change."""
        kinds = defaultdict(dict, {kind: dict(entities) for kind, entities in self.kinds.items()})
        return MemoryDistrict(
            kinds=kinds,
            answers=dict(self.answers),
            facts=list(self.facts),
            aliases=dict(self.aliases),
            successors=dict(self.successors),
            alignments=dict(self.alignments),
            quarantine=self.quarantine.copy(),
        )

    def aliases_of(self, reference: Reference) -> Sequence[Alias]:
        """Return every span in which a reference means a learner."""
        return self.aliases.get((SubjectKind.LEARNER, reference), ())


class MemoryEntities:
    """All districts, and transactions on them."""

    def __init__(self) -> None:
        self._districts: dict[str, MemoryDistrict] = defaultdict(MemoryDistrict)
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def facts(self) -> Sequence[OutboxRow]:
        """The facts of every district, each district's in the order of its commits."""
        return [fact for district in self._districts.values() for fact in district.facts]

    @contextlib.asynccontextmanager
    async def change(self, district: str) -> AsyncIterator[MemoryDistrict]:
        """Open a transaction: kept at the end, forgotten on any exception; one at a time."""
        async with self._locks[district]:
            changed = self._districts[district].copy()
            yield changed
            self._districts[district] = changed

    @contextlib.asynccontextmanager
    async def snapshot(self, district: str) -> AsyncIterator[MemoryDistrict]:
        """Open a view of the district as it is now."""
        # A commit puts another state in its place and leaves this one as it is.
        yield self._districts[district]


class MemoryStore(Generic[E]):
    """The entities of one kind in one district."""

    def __init__(
        self,
        state: MemoryDistrict,
        kind: str,
        *,
        parent_of: Callable[[E], str],
        fact_of: Callable[[E, datetime], OutboxRow],
    ) -> None:
        """Look at a district; `parent_of` tells which school or framework an entity belongs to."""
        self._entities: dict[str, E] = state.kinds[kind]
        self._facts = state.facts
        self._parent_of = parent_of
        self._fact_of = fact_of

    async def standing(self, ids: Collection[str]) -> Mapping[str, E]:
        """Return those of the ids that the district has, by id."""
        return {one: self._entities[one] for one in ids if one in self._entities}

    async def page(self, *, only: str, after: str, limit: int) -> Sequence[E]:
        """Return up to `limit` entities with an id above `after`, sorted by id."""
        return [entity for entity in self._sorted(only) if entity.id > after][:limit]

    async def runs(self, *, only: str) -> AsyncIterator[Sequence[E]]:
        """Give all entities, sorted by id, in runs of at most MAX_PAGE_SIZE."""
        entities = self._sorted(only)
        for begin in range(0, len(entities), MAX_PAGE_SIZE):
            yield entities[begin : begin + MAX_PAGE_SIZE]

    async def keep(self, changed: Sequence[E], change_time: datetime) -> None:
        """Keep the entities and the fact of each change."""
        self._entities.update({entity.id: entity for entity in changed})
        self._facts.extend(self._fact_of(entity, change_time) for entity in changed)

    def _sorted(self, only: str) -> list[E]:
        """Return the entities of one school or framework, or all, sorted by id."""
        found = (one for one in self._entities.values() if not only or self._parent_of(one) == only)
        return sorted(found, key=lambda entity: entity.id)


class MemoryRequestLog:
    """The first answers of one district."""

    def __init__(self, state: MemoryDistrict) -> None:
        self._answers = state.answers

    async def first_answer(self, request: RequestKey | None) -> Sequence[Kept] | None:
        """Return what the first sending was answered; raises RequestIdReusedError."""
        answer = self._answers.get(request.request_id) if request else None
        if answer is None:
            return None
        if answer.request != request:
            raise RequestIdReusedError(request_id=answer.request.request_id)
        return answer.kept

    async def keep_answer(
        self, request: RequestKey | None, kept: Sequence[Kept], answer_time: datetime
    ) -> None:
        """Keep the answer and drop those that are too old."""
        if request is None:
            return
        old = [
            request_id
            for request_id, answer in self._answers.items()
            if answer.answer_time < answer_time - REQUEST_KEPT
        ]
        for request_id in old:
            del self._answers[request_id]
        self._answers[request.request_id] = _Answer(
            request=request, kept=tuple(kept), answer_time=answer_time
        )
