"""What schools have set for their people, in PostgreSQL."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import asyncpg

from services.scheduler.adapters.postgres.settings import PostgresSettings, Table
from services.scheduler.domain.access import Role
from services.scheduler.domain.learner_settings import Consent, FamilyOptOut, LearnerSetting
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.staff import StaffMember

STAFF_MEMBER = Table(
    name="staff_member",
    columns=("roles", "kinds", "planning_slot_ids", "load", "preparations"),
    setting_of=lambda row: StaffMember(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        roles=tuple(Role(one) for one in row["roles"]),
        kinds=tuple(SessionKind(one) for one in row["kinds"]),
        planning_slot_ids=tuple(row["planning_slot_ids"]),
        load=row["load"],
        preparations=row["preparations"],
    ),
    values_of=lambda one: (
        [role.value for role in one.roles],
        [kind.value for kind in one.kinds],
        list(one.planning_slot_ids),
        one.load,
        one.preparations,
    ),
)


def _learner_setting_of(row: "asyncpg.Record") -> LearnerSetting:
    """Return the entry of a row."""
    return LearnerSetting(
        school_id=row["school_id"],
        id=row["id"],
        version=row["version"],
        named_adult_id=row["named_adult_id"],
        family_ids=tuple(row["family_ids"]),
        tags=tuple(row["tags"]),
        consents=tuple(
            Consent(law=law, date=date.fromisoformat(day))
            for law, day in json.loads(row["consents"])
        ),
        opt_outs=tuple(_opt_out_of(one) for one in json.loads(row["opt_outs"])),
        far_behind=row["far_behind"],
    )


def _opt_out_of(one: dict[str, Any]) -> FamilyOptOut:
    kind = one["kind"]
    return FamilyOptOut(
        offer_id=one["offer_id"],
        kind=SessionKind(kind) if kind else None,
        subject=one["subject"],
    )


def _values_of(one: LearnerSetting) -> tuple[Any, ...]:
    return (
        one.named_adult_id,
        list(one.family_ids),
        list(one.tags),
        json.dumps([[each.law, each.date.isoformat()] for each in one.consents]),
        json.dumps(
            [
                {
                    "offer_id": each.offer_id,
                    "kind": each.kind.value if each.kind else "",
                    "subject": each.subject,
                }
                for each in one.opt_outs
            ]
        ),
        one.far_behind,
    )


LEARNER_SETTING = Table(
    name="learner_setting",
    columns=("named_adult_id", "family_ids", "tags", "consents", "opt_outs", "far_behind"),
    setting_of=_learner_setting_of,
    values_of=_values_of,
)


class PostgresLearnerBook(PostgresSettings[LearnerSetting]):
    """The settings of learners in one district, in a transaction."""

    async def named_by(self, school_id: str, adult_id: str) -> Sequence[str]:
        """Return the ids of the learners whose named adult somebody is, by id."""
        return await self._ids("named_adult_id = $3", school_id, adult_id)

    async def of_family(self, school_id: str, family_id: str) -> Sequence[str]:
        """Return the ids of the learners that a family acts for, by id."""
        # Through the learners of the school: under row-level security no index finds an array's
        # elements, since containment is not leakproof.
        return await self._ids("$3 = ANY(family_ids)", school_id, family_id)

    async def _ids(self, condition: str, school_id: str, value: str) -> list[str]:
        rows = await self._connection.fetch(
            "SELECT learner_setting_id FROM learner_setting"  # noqa: S608
            f" WHERE district = $1 AND school_id = $2 AND {condition}"
            " ORDER BY learner_setting_id",
            self._district,
            school_id,
            value,
        )
        return [row["learner_setting_id"] for row in rows]
