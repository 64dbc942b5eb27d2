"""Epochs in memory: the twin of `adapters.postgres.epochs`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from services.mastery.adapters.memory.state import MemoryState
from services.mastery.domain.calibration import Response
from services.mastery.domain.epochs import ItemKey, PublishedEpoch, ReferenceKey
from services.mastery.domain.registry import RegistryRow
from services.mastery.ports.epochs import Scores, Span


class MemoryEpochs:
    """Opens readers and publishers; nothing else runs while one is open."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    @asynccontextmanager
    async def reading(self, district: str) -> AsyncIterator[MemoryEpochStore]:
        """Open a reader."""
        yield MemoryEpochStore(self._state)

    @asynccontextmanager
    async def publishing(self, district: str) -> AsyncIterator[MemoryEpochStore]:
        """Open a publisher; what it wrote is undone where it raises."""
        state = self._state
        items, references = dict(state.items), dict(state.references)
        try:
            yield MemoryEpochStore(state)
        except BaseException:
            state.items, state.references = items, references
            raise


class MemoryEpochStore:
    """Epochs and evidence of a district in memory."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def known(self, district: str) -> Sequence[PublishedEpoch]:
        """Return all epochs that were published, the newest version first."""
        return self._state.epochs.get(district, [])[::-1]

    async def items(self, district: str, version: int, keys: Sequence[int]) -> Mapping[int, int]:
        """Return the difficulties that a version has for these items, by key."""
        wanted = {key: ItemKey(district, version, key) for key in keys}
        known = self._state.items
        return {key: known[item] for key, item in wanted.items() if item in known}

    async def references(self, district: str, version: int) -> Mapping[str, int]:
        """Return all references of a version, by competency."""
        return {
            key.competency: d64
            for key, d64 in self._state.references.items()
            if (key.district, key.version) == (district, version)
        }

    async def scores(self, district: str, span: Span) -> Scores:
        """Return the scores of the live evidence of a span."""
        scores = [rows[0].score for rows in self._pieces(district, span)]
        return Scores(count=len(scores), score_sum=sum(scores))

    async def responses(self, district: str, span: Span) -> AsyncIterator[Response]:
        """Return the live evidence of a span in order of work."""
        found = [
            Response(
                occur_time_us=rows[0].occur_time_us,
                evidence_id=rows[0].evidence_id,
                learner=rows[0].learner,
                item_key=rows[0].item_key,
                competencies=tuple(row.competency for row in rows),
                score=rows[0].score,
                scale=rows[0].scale,
            )
            for rows in self._pieces(district, span)
        ]
        for response in sorted(found, key=lambda one: one[:3]):
            yield response

    async def put_difficulties(
        self,
        district: str,
        version: int,
        *,
        items: Sequence[tuple[int, int]],
        references: Sequence[tuple[str, int]],
    ) -> None:
        """Keep the difficulties of a version that will be added."""
        self._state.items |= {ItemKey(district, version, key): d64 for key, d64 in items}
        self._state.references |= {
            ReferenceKey(district, version, name): d64 for name, d64 in references
        }

    async def hold_folds(self) -> None:
        """Do nothing: no chunk is being folded while this runs."""

    async def has_work_from(self, district: str, time_us: int) -> bool:
        """Return whether evidence of work at or after a time was folded."""
        span = Span(since_us=time_us, before_us=2**63 - 1)
        if any(True for _ in self._pieces(district, span)):
            return True
        # The pieces of an external test may all have gone behind a seal.
        return any(
            key[0] == district and one.tests and one.newest_time_us >= time_us
            for key, one in self._state.occasions.items()
        )

    async def add(self, district: str, published: PublishedEpoch) -> None:
        """Keep one more epoch; the state is folded with it unless it is retroactive."""
        epochs = self._state.epochs.setdefault(district, [])
        assert published.epoch.version == len(epochs) + 1
        epochs.append(replace(published, is_folded=not published.retroactive))

    def _pieces(self, district: str, span: Span) -> Iterator[Sequence[RegistryRow]]:
        """Return the rows of each live piece, by ordinal."""
        for (of_district, _), pieces in self._state.registry.items():
            for rows in pieces.values():
                first = rows[0]
                is_theirs = of_district == district and first.live
                if is_theirs and span.since_us <= first.occur_time_us < span.before_us:
                    yield sorted(rows, key=lambda row: row.ordinal)
