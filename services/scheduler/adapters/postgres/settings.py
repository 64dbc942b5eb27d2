"""Settings of schools in PostgreSQL: one class for every kind, a `Table` for each."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Generic, TypeVar

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.policy import LIMITS, SchoolPolicy, SlotTemplate
from services.scheduler.domain.resources import Setting
from services.scheduler.domain.school import SchoolAbsence, SchoolOffer, SchoolPin, SchoolRoom

S = TypeVar("S", bound=Setting)


@dataclass(frozen=True, kw_only=True)
class Table(Generic[S]):
    """How the settings of one kind stand in a table.

    `columns`: all but district, school, id, version and change_time; `values_of` in their order.
    """

    name: str
    columns: tuple[str, ...]
    setting_of: Callable[["asyncpg.Record"], S]
    values_of: Callable[[S], tuple[Any, ...]]
    standing_sql: str = field(init=False)
    page_sql: str = field(init=False)
    all_sql: str = field(init=False)
    keep_sql: str = field(init=False)
    remove_sql: str = field(init=False)

    def __post_init__(self) -> None:
        """Write the statements out, once; every name in them is a constant of this module."""
        key = f"{self.name}_id"
        names = ", ".join((f"school_id, {key} AS id", *self.columns, "version"))
        source = f"SELECT {names} FROM {self.name} WHERE district = $1 AND school_id = $2"  # noqa: S608
        written = ("district", "school_id", key, *self.columns, "version", "change_time")
        marks = ", ".join(f"${place}" for place in range(1, len(written) + 1))
        changes = ", ".join(f"{one} = excluded.{one}" for one in written[3:])
        for name, sql in (
            ("standing_sql", f"{source} AND {key} = ANY($3::text[])"),
            ("page_sql", f"{source} AND {key} > $3 ORDER BY {key} LIMIT $4"),
            ("all_sql", f"{source} ORDER BY {key}"),
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


ROOM = Table(
    name="room",
    columns=("display_name", "capacity", "shared"),
    setting_of=lambda row: SchoolRoom(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        display_name=row["display_name"],
        capacity=row["capacity"],
        shared=row["shared"],
    ),
    values_of=lambda one: (one.display_name, one.capacity, one.shared),
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
            self._table.page_sql, self._district, school_id, after, limit
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


_NUMBERS = tuple(LIMITS)
_POLICY_NAMES = ", ".join(
    ("school_id, school_display_name, time_zone, slots", *_NUMBERS, "banned_words, version")
)
_POLICY_WRITTEN = (
    "district",
    "school_id",
    "school_display_name",
    "time_zone",
    "slots",
    *_NUMBERS,
    "banned_words",
    "version",
    "change_time",
)
_POLICY_MARKS = ", ".join(f"${place}" for place in range(1, len(_POLICY_WRITTEN) + 1))
_POLICY_CHANGES = ", ".join(f"{one} = excluded.{one}" for one in _POLICY_WRITTEN[2:])
_KEEP_POLICY = (
    f"INSERT INTO policy ({', '.join(_POLICY_WRITTEN)}) VALUES ({_POLICY_MARKS})"  # noqa: S608
    f" ON CONFLICT (district, school_id) DO UPDATE SET {_POLICY_CHANGES}"
)
_ALL_POLICIES = f"SELECT {_POLICY_NAMES} FROM policy WHERE district = $1"  # noqa: S608


class PostgresPolicies:
    """The policies of one district's schools, in a transaction."""

    def __init__(self, connection: Connection, district: str) -> None:
        self._connection = connection
        self._district = district

    async def of(self, school_id: str) -> SchoolPolicy | None:
        """Return a school's policy, or None."""
        row = await self._connection.fetchrow(
            f"{_ALL_POLICIES} AND school_id = $2", self._district, school_id
        )
        return _policy_of(row) if row else None

    async def all(self) -> Sequence[SchoolPolicy]:
        """Return the policy of every school, by school id."""
        rows = await self._connection.fetch(f"{_ALL_POLICIES} ORDER BY school_id", self._district)
        return [_policy_of(row) for row in rows]

    async def keep(self, policy: SchoolPolicy, change_time: datetime) -> None:
        """Keep a policy as it is given."""
        await self._connection.execute(
            _KEEP_POLICY,
            self._district,
            policy.school_id,
            policy.school_display_name,
            policy.time_zone,
            _slots_to_json(policy.slots),
            *(getattr(policy.numbers, name) for name in _NUMBERS),
            list(policy.numbers.banned_words),
            policy.version,
            change_time,
        )


def _policy_of(row: "asyncpg.Record") -> SchoolPolicy:
    numbers = Policy(
        **{name: row[name] for name in _NUMBERS}, banned_words=tuple(row["banned_words"])
    )
    return SchoolPolicy(
        school_id=row["school_id"],
        version=row["version"],
        school_display_name=row["school_display_name"],
        time_zone=row["time_zone"],
        slots=_slots_from_json(row["slots"]),
        numbers=numbers,
    )


def _slots_to_json(slots: Sequence[SlotTemplate]) -> str:
    return json.dumps(
        [
            {
                "slot_id": one.slot_id,
                "iso_weekday": one.iso_weekday,
                "start": one.start.isoformat(),
                "end": one.end.isoformat(),
                "label": one.label,
            }
            for one in slots
        ]
    )


def _slots_from_json(text: str) -> tuple[SlotTemplate, ...]:
    return tuple(
        SlotTemplate(
            slot_id=one["slot_id"],
            iso_weekday=one["iso_weekday"],
            start=time.fromisoformat(one["start"]),
            end=time.fromisoformat(one["end"]),
            label=one["label"],
        )
        for one in json.loads(text)
    )
