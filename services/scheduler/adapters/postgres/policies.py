"""Policies of schools in PostgreSQL."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

import asyncpg

from services.common.postgres.pool import Connection
from services.scheduler.adapters.documents import from_json, to_json
from services.scheduler.domain.numbers import Policy, Tier, Weights
from services.scheduler.domain.policy import LIMITS, RANGES, SchoolPolicy, SlotTemplate

_NUMBERS = (*LIMITS, *RANGES)
_POLICY_NAMES = ", ".join(
    (
        "school_id, school_display_name, time_zone, slots",
        *_NUMBERS,
        "tiers, weights, banned_words, version, paper, family_language",
    )
)
_POLICY_WRITTEN = (
    "district",
    "school_id",
    "school_display_name",
    "time_zone",
    "slots",
    *_NUMBERS,
    "tiers",
    "weights",
    "banned_words",
    "version",
    "change_time",
    "paper",
    "family_language",
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
            to_json(policy.slots),
            *(getattr(policy.numbers, name) for name in _NUMBERS),
            to_json(policy.numbers.tiers),
            _weights_to_json(policy.numbers.weights),
            list(policy.numbers.banned_words),
            policy.version,
            change_time,
            policy.paper,
            policy.family_language,
        )


def _policy_of(row: "asyncpg.Record") -> SchoolPolicy:
    numbers = Policy(
        **{name: row[name] for name in _NUMBERS},
        tiers=from_json(tuple[Tier, ...], row["tiers"]),
        weights=from_json(Weights, row["weights"]),
        banned_words=tuple(row["banned_words"]),
    )
    return SchoolPolicy(
        school_id=row["school_id"],
        version=row["version"],
        school_display_name=row["school_display_name"],
        time_zone=row["time_zone"],
        slots=from_json(tuple[SlotTemplate, ...], row["slots"]),
        numbers=numbers,
        paper=row["paper"],
        family_language=row["family_language"],
    )


def _weights_to_json(weights: Weights) -> str:
    """Return the weights that the school has set: one that holds its default is left out."""
    default = Weights()
    said = {one.name: getattr(weights, one.name) for one in fields(weights)}
    return json.dumps({name: held for name, held in said.items() if held != getattr(default, name)})
