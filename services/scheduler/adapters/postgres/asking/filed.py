"""Requests, needs, bookings and proposals in PostgreSQL: settings that lists also filter."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, TypeVar

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.postgres.settings import PostgresSettings, Table
from services.scheduler.domain.asking.bookings import Booking, BookingKind, BookingState
from services.scheduler.domain.asking.needs import NeedKind, NeedState, SeenNeed
from services.scheduler.domain.asking.proposals import Proposal, ProposalState
from services.scheduler.domain.asking.requests import AdultRequest
from services.scheduler.domain.model import RequestLevel
from services.scheduler.domain.resources import Setting
from services.scheduler.ports.asking import Value

S = TypeVar("S", bound=Setting)
SIGNS = {"expire_date": ">", "create_time": ">="}
"""How columns are asked for that say when a record ends or was made; the others must be equal."""


def _table(
    name: str, made: Callable[..., S], columns: tuple[str, ...], enums: Mapping[str, type[Enum]]
) -> Table[S]:
    """Return the table of a class whose fields are named as the columns."""

    def setting_of(row: "asyncpg.Record") -> S:
        return made(**{**row, **{one: kind(row[one]) for one, kind in enums.items()}})

    def values_of(one: S) -> tuple[Any, ...]:
        held = (getattr(one, column) for column in columns)
        return tuple(value.value if isinstance(value, Enum) else value for value in held)

    return Table(name=name, columns=columns, setting_of=setting_of, values_of=values_of)


REQUEST: Table[AdultRequest] = _table(
    "adult_request",
    AdultRequest,
    (
        "monday",
        "learner_id",
        "slot_id",
        "offer_id",
        "competency_id",
        "level",
        "adult_id",
        "actor",
        "weight_milli",
        "weeks_waiting",
        "create_time",
        "cancel_time",
        "cancel_wished",
    ),
    {"level": RequestLevel},
)

NEED: Table[SeenNeed] = _table(
    "seen_need",
    SeenNeed,
    (
        "kind",
        "learner_id",
        "competency_id",
        "reason",
        "actor",
        "create_time",
        "create_date",
        "expire_date",
        "state",
        "answer_actor",
        "answer_sentence",
        "answer_time",
    ),
    {"kind": NeedKind, "state": NeedState},
)

BOOKING: Table[Booking] = _table(
    "booking",
    Booking,
    (
        "monday",
        "kind",
        "learner_id",
        "competency_id",
        "offer_id",
        "slot_id",
        "actor",
        "create_time",
        "state",
        "answer_actor",
        "answer_sentence",
    ),
    {"kind": BookingKind, "state": BookingState},
)

PROPOSAL: Table[Proposal] = _table(
    "proposal",
    Proposal,
    (
        "learner_id",
        "title",
        "what",
        "create_time",
        "state",
        "offer_id",
        "answer_actor",
        "answer_sentence",
    ),
    {"state": ProposalState},
)


class PostgresFiled(PostgresSettings[S]):
    """Records of one kind in one district, in a transaction."""

    def __init__(self, connection: Connection, district: str, table: Table[S]) -> None:
        super().__init__(connection, district, table)
        self._own = table

    async def matching(
        self,
        school_id: str,
        where: Mapping[str, Value | Collection[str]],
        *,
        after: str = "",
        limit: int,
    ) -> Sequence[S]:
        """Return up to `limit` records with an id above `after`, by id, whose fields are so."""
        table = self._own
        values: list[Any] = [self._district, school_id, after, limit]
        conditions = ""
        for name, wanted in where.items():
            assert name in table.columns, "only names of columns stand in a statement"
            if isinstance(wanted, str | date | bool):
                values.append(wanted)
                conditions += f" AND {name} {SIGNS.get(name, '=')} ${len(values)}"
            else:
                values.append(sorted(wanted))
                conditions += f" AND {name} = ANY(${len(values)}::text[])"
        rows = await self._connection.fetch(table.page_where(conditions), *values)
        return [table.setting_of(row) for row in rows]
