"""The alignments of items, in PostgreSQL."""

from collections.abc import Sequence
from typing import Final

import asyncpg

from services.common.postgres.pool import Connection
from services.evidence.domain.references import CompetencyReference, CompetencyReferenceKind
from services.evidence.domain.source_object import ItemAlignment

_KEEP: Final = """
INSERT INTO item_alignment AS kept (district, source, item, kinds, "values", frameworks,
                                    weights_milli, maximum_milli, dok, version, change_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, now())
ON CONFLICT (district, source, item) DO UPDATE
   SET kinds = excluded.kinds, "values" = excluded."values", frameworks = excluded.frameworks,
       weights_milli = excluded.weights_milli, maximum_milli = excluded.maximum_milli,
       dok = excluded.dok, version = kept.version + 1, change_time = excluded.change_time
"""


def alignment_of(row: "asyncpg.Record") -> ItemAlignment:
    """Return the alignment of a row."""
    columns = zip(row["kinds"], row["values"], row["frameworks"], row["weights_milli"], strict=True)
    return ItemAlignment(
        item=row["item"],
        references=tuple(
            (
                CompetencyReference(
                    kind=CompetencyReferenceKind(kind), value=value, framework=framework
                ),
                weight_milli,
            )
            for kind, value, framework, weight_milli in columns
        ),
        maximum_milli=row["maximum_milli"],
        dok=row["dok"],
    )


class PostgresAlignments:
    """The alignments of one district, in a transaction; the port `AlignmentStore`."""

    def __init__(self, connection: Connection, district: str) -> None:
        """Take the connection of a transaction that is bound to the district."""
        self._connection = connection
        self._district = district

    async def keep(self, source: str, alignments: Sequence[ItemAlignment]) -> Sequence[str]:
        """Keep alignments; return the items whose alignment is new or another one, sorted."""
        rows = await self._connection.fetch(
            "SELECT * FROM item_alignment"
            " WHERE district = $1 AND source = $2 AND item = ANY ($3::text[])",
            self._district,
            source,
            [one.item for one in alignments],
        )
        standing = {row["item"]: alignment_of(row) for row in rows}
        wanted = {one.item: one for one in alignments}
        changed = sorted(item for item, one in wanted.items() if standing.get(item) != one)
        await self._connection.executemany(
            _KEEP, [self._values(source, wanted[item]) for item in changed]
        )
        return changed

    async def page(
        self, source: str, after: str, limit: int
    ) -> Sequence[tuple[ItemAlignment, int]]:
        """Return alignments with their versions, by item, after one of them."""
        rows = await self._connection.fetch(
            "SELECT * FROM item_alignment WHERE district = $1 AND source = $2 AND item > $3"
            " ORDER BY item LIMIT $4",
            self._district,
            source,
            after,
            limit,
        )
        return [(alignment_of(row), row["version"]) for row in rows]

    def _values(self, source: str, one: ItemAlignment) -> tuple[object, ...]:
        return (
            self._district,
            source,
            one.item,
            [int(reference.kind) for reference, _ in one.references],
            [reference.value for reference, _ in one.references],
            [reference.framework for reference, _ in one.references],
            [weight for _, weight in one.references],
            one.maximum_milli,
            one.dok,
        )
