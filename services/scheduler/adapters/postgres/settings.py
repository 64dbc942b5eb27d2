"""Settings of schools in PostgreSQL: one class for every kind, a `Table` for each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.documents import from_json, to_json
from services.scheduler.domain.model import Layout, Mode, Scope, SessionKind
from services.scheduler.domain.resources import Setting
from services.scheduler.domain.school import (
    RoomClosure,
    SchoolAbsence,
    SchoolOffer,
    SchoolPin,
    SchoolRoom,
)

S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class Table(Generic[S]):
    """How the settings of one kind stand in a table.

    `columns`: all but district, school, id, version and change_time; `values_of` in their order.
    `private`: texts among them that `all` leaves out, for a plan run may not read them.
    """

    name: str
    columns: tuple[str, ...]
    setting_of: Callable[["asyncpg.Record"], S]
    values_of: Callable[[S], tuple[Any, ...]]
    private: tuple[str, ...] = ()
    standing_sql: str = field(init=False)
    after_sql: str = field(init=False)
    all_sql: str = field(init=False)
    keep_sql: str = field(init=False)
    remove_sql: str = field(init=False)

    def __post_init__(self) -> None:
        """Write the statements out, once; every name in them is a constant of this module."""
        key = f"{self.name}_id"
        names = ", ".join((f"school_id, {key} AS id", *self.columns, "version"))
        source = f"SELECT {names} FROM {self.name} WHERE district = $1 AND school_id = $2"  # noqa: S608
        shown = ", ".join(f"'' AS {one}" if one in self.private else one for one in self.columns)
        planned = source.replace(", ".join(self.columns), shown)
        written = ("district", "school_id", key, *self.columns, "version", "change_time")
        marks = ", ".join(f"${place}" for place in range(1, len(written) + 1))
        changes = ", ".join(f"{one} = excluded.{one}" for one in written[3:])
        for name, sql in (
            ("standing_sql", f"{source} AND {key} = ANY($3::text[])"),
            ("after_sql", f"{source} AND {key} > $3"),
            ("all_sql", f"{planned} ORDER BY {key}"),
            (
                "keep_sql",
                f"INSERT INTO {self.name} ({', '.join(written)}) VALUES ({marks})"  # noqa: S608
                f" ON CONFLICT (district, school_id, {key}) DO UPDATE SET {changes}",
            ),
            (
                "remove_sql",
                f"DELETE FROM {self.name} WHERE district = $1 AND school_id = $2"  # noqa: S608
                f" AND {key} = $3",
            ),
        ):
            object.__setattr__(self, name, sql)

    def page_where(self, conditions: str = "") -> str:
        """Return the statement of a page with further conditions, each begun with AND.

        $1 to $4: district, school, the id before, and how many.
        """
        return f"{self.after_sql}{conditions} ORDER BY {self.name}_id LIMIT $4"


ROOM = Table(
    name="room",
    columns=("display_name", "capacity", "shared", "layouts", "closed_slot_ids", "closures"),
    setting_of=lambda row: SchoolRoom(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        display_name=row["display_name"],
        capacity=row["capacity"],
        shared=row["shared"],
        layouts=from_json(tuple[Layout, ...], row["layouts"]),
        closed_slot_ids=tuple(row["closed_slot_ids"]),
        closures=from_json(tuple[RoomClosure, ...], row["closures"]),
    ),
    values_of=lambda one: (
        one.display_name,
        one.capacity,
        one.shared,
        to_json(one.layouts),
        list(one.closed_slot_ids),
        to_json(one.closures),
    ),
)

OFFER = Table(
    name="offer",
    columns=(
        "adult_id",
        "room_id",
        "kind",
        "subject",
        "competencies",
        "title",
        "cap",
        "slot_ids",
        "other_room_ids",
        "layout",
        "mode",
        "dok",
        "rich",
        "minimum",
        "tier_ids",
        "legal",
        "service",
        "scope",
        "co_adult_ids",
    ),
    setting_of=lambda row: SchoolOffer(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        adult_id=row["adult_id"],
        room_id=row["room_id"] or "",
        kind=SessionKind(row["kind"]),
        subject=row["subject"],
        competencies=tuple(row["competencies"]),
        title=row["title"],
        cap=row["cap"],
        slot_ids=tuple(row["slot_ids"]),
        other_room_ids=tuple(row["other_room_ids"]),
        layout=row["layout"],
        mode=Mode(row["mode"]),
        dok=row["dok"],
        rich=row["rich"],
        minimum=row["minimum"],
        tier_ids=tuple(row["tier_ids"]),
        legal=row["legal"],
        service=row["service"],
        scope=from_json(Scope, row["scope"]) if row["scope"] else None,
        co_adult_ids=tuple(row["co_adult_ids"]),
    ),
    values_of=lambda one: (
        one.adult_id,
        one.room_id or None,
        one.kind.value,
        one.subject,
        list(one.competencies),
        one.title,
        one.cap,
        list(one.slot_ids),
        list(one.other_room_ids),
        one.layout,
        one.mode.value,
        one.dok,
        one.rich,
        one.minimum,
        list(one.tier_ids),
        one.legal,
        one.service,
        to_json(one.scope) if one.scope else None,
        list(one.co_adult_ids),
    ),
)

ABSENCE = Table(
    name="absence",
    columns=("adult_id", "date", "slot_ids"),
    setting_of=lambda row: SchoolAbsence(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        adult_id=row["adult_id"],
        date=row["date"],
        slot_ids=tuple(row["slot_ids"]),
    ),
    values_of=lambda one: (one.adult_id, one.date, list(one.slot_ids)),
)

PIN = Table(
    name="pin",
    columns=("learner_id", "date", "slot_id", "offer_id", "exemption", "reason", "service"),
    setting_of=lambda row: SchoolPin(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        learner_id=row["learner_id"],
        date=row["date"],
        slot_id=row["slot_id"],
        offer_id=row["offer_id"] or "",
        exemption=row["exemption"] or "",
        reason=row["reason"],
        service=row["service"],
    ),
    values_of=lambda one: (
        one.learner_id,
        one.date,
        one.slot_id,
        one.offer_id or None,
        one.exemption or None,
        one.reason,
        one.service,
    ),
)


class PostgresSettings(Generic[S]):
    """The settings of one kind in one district, in a transaction."""

    def __init__(self, connection: Connection, district: str, table: Table[S]) -> None:
        self._connection = connection
        self._district = district
        self._table = table

    async def standing(self, school_id: str, ids: Collection[str]) -> Mapping[str, S]:
        """Return those of the ids that the school has, by id."""
        if not ids:
            return {}
        rows = await self._connection.fetch(
            self._table.standing_sql, self._district, school_id, list(ids)
        )
        return {one.id: one for one in map(self._table.setting_of, rows)}

    async def page(self, school_id: str, *, after: str, limit: int) -> Sequence[S]:
        """Return up to `limit` settings with an id above `after`, by id."""
        rows = await self._connection.fetch(
            self._table.page_where(), self._district, school_id, after, limit
        )
        return [self._table.setting_of(row) for row in rows]

    async def all(self, school_id: str) -> Sequence[S]:
        """Return every setting of the school, by id."""
        rows = await self._connection.fetch(self._table.all_sql, self._district, school_id)
        return [self._table.setting_of(row) for row in rows]

    async def keep(self, changed: Sequence[S], change_time: datetime) -> None:
        """Keep the settings in the order of their ids."""
        await self._connection.executemany(
            self._table.keep_sql,
            [
                (
                    self._district,
                    one.school_id,
                    one.id,
                    *self._table.values_of(one),
                    one.version,
                    change_time,
                )
                for one in sorted(changed, key=lambda one: one.id)
            ],
        )

    async def remove(self, school_id: str, setting_id: str) -> bool:
        """Remove one; return whether it was there."""
        status = await self._connection.execute(
            self._table.remove_sql, self._district, school_id, setting_id
        )
        return bool(status == "DELETE 1")
