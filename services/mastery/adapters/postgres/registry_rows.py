"""Rows of the registry of evidence: as they are made of facts, as they are stored, as read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import asyncpg
from asyncpg.pgproto.pgproto import UUID

from services.mastery.domain.registry import UNKNOWN, EvidenceColumns, NewRows, RegistryRow

ROW_COLUMNS: Final = (
    "district, learner_id, evidence_id, ordinal, version, content_hash, live, ledger_position, "
    "occur_time_us, local_day, competency, occasion, weight_milli, score, scale, kind, purpose, "
    "dok, timed, item_key, items_on_competency, r, i, learner_r, learner_i"
)

NEW_ROW: Final = {
    "district": "text",
    "learner_id": "text",
    "evidence_id": "uuid",
    "ordinal": "smallint",
    "version": "bigint",
    "content_hash": "bytea",
    "ledger_position": "bigint",
    "occur_time_us": "bigint",
    "local_day": "integer",
    "competency": "text",
    "occasion": "text",
    "weight_milli": "smallint",
    "score": "integer",
    "scale": "smallint",
    "kind": "smallint",
    "purpose": "smallint",
    "dok": "smallint",
    "timed": "smallint",
    "item_key": "bigint",
    "items_on_competency": "integer",
    "r": "integer",
    "i": "integer",
    "learner_r": "integer",
    "learner_i": "integer",
}
"""What `new_rows` returns, with the types of PostgreSQL; no competency: it does not count."""

_WORK: Final = (
    *("occur_time_us", "local_day", "occasion", "weight_milli", "score", "scale", "kind"),
    *("purpose", "dok", "items_on_competency", "r", "i"),
)
_SPECIAL: Final = {
    "live": "competency IS NOT NULL",
    "timed": "CASE timed WHEN 1 THEN true WHEN 0 THEN false END",
    **{name: f"CASE WHEN competency IS NOT NULL THEN {name} END" for name in _WORK},
    **{
        name: f"CASE WHEN competency IS NOT NULL AND ordinal = 0 THEN {name} END"
        for name in ("learner_r", "learner_i")
    },
}
AS_STORED: Final = ", ".join(
    f"{_SPECIAL[name]} AS {name}" if name in _SPECIAL else name for name in ROW_COLUMNS.split(", ")
)
"""ROW_COLUMNS of a new row: what does not count keeps identity and version alone."""


def registry_row(row: asyncpg.Record) -> RegistryRow:
    """Return a row of evidence_alignment (ROW_COLUMNS) as the domain has it."""
    return _live_row(row) if row["live"] else _gone_row(row)


def _gone_row(row: asyncpg.Record) -> RegistryRow:
    """Return a row of what does not count: identity and version alone."""
    return RegistryRow(
        district=row["district"],
        learner=row["learner_id"],
        evidence_id=row["evidence_id"].bytes,
        ordinal=row["ordinal"],
        version=row["version"],
        content_hash=row["content_hash"],
        live=False,
        ledger_position=row["ledger_position"],
    )


def _live_row(row: asyncpg.Record) -> RegistryRow:
    # Name by name: a loop over names costs a fifth more, for each repeat of a chunk.
    return RegistryRow(
        district=row["district"],
        learner=row["learner_id"],
        evidence_id=row["evidence_id"].bytes,
        ordinal=row["ordinal"],
        version=row["version"],
        content_hash=row["content_hash"],
        live=True,
        ledger_position=row["ledger_position"],
        occur_time_us=row["occur_time_us"],
        local_day=row["local_day"],
        competency=row["competency"],
        occasion=row["occasion"],
        weight_milli=row["weight_milli"],
        score=row["score"],
        scale=row["scale"],
        kind=row["kind"],
        purpose=row["purpose"],
        dok=row["dok"],
        timed=row["timed"],
        item_key=row["item_key"],
        items_on_competency=row["items_on_competency"],
        r=row["r"],
        i=row["i"],
        learner_r=row["learner_r"] or 0,
        learner_i=row["learner_i"] or 0,
    )


def new_rows(
    columns: EvidenceColumns, rows: NewRows, competencies: Sequence[str]
) -> tuple[list[Any], ...]:
    """Return rows as lists in the order of NEW_ROW; `competencies` is what they point into."""
    return (
        *_identities(columns, rows),
        *_works(columns, rows, competencies),
        rows.r.tolist(),
        rows.i.tolist(),
        rows.learner_r.tolist(),
        rows.learner_i.tolist(),
    )


def _identities(columns: EvidenceColumns, rows: NewRows) -> tuple[list[Any], ...]:
    """Return the arrays that say which revision of which evidence the new rows are."""
    records = rows.record.tolist()
    keys = [columns.learners[index] for index in columns.learner[rows.record].tolist()]
    return (
        [district for district, _ in keys],
        [learner for _, learner in keys],
        [UUID(columns.evidence_id[index]) for index in records],
        rows.ordinal.tolist(),
        [columns.version[index] for index in records],
        [columns.content_hash[index] for index in records],
        columns.ledger_position[rows.record].tolist(),
    )


def _works(
    columns: EvidenceColumns, rows: NewRows, competencies: Sequence[str]
) -> tuple[list[Any], ...]:
    """Return the arrays that say what was shown, when and how."""
    record = rows.record
    occasions = columns.occasion[record].tolist()
    return (
        columns.occur_time_us[record].tolist(),
        columns.local_day[record].tolist(),
        _named(rows.competency.tolist(), competencies),
        _named(occasions, columns.occasions),
        rows.weight_milli.tolist(),
        columns.score[record].tolist(),
        columns.scale[record].tolist(),
        columns.kind[record].tolist(),
        columns.purpose[record].tolist(),
        columns.dok[record].tolist(),
        columns.timed[record].tolist(),
        [columns.item_key[index] for index in record.tolist()],
        columns.items_on_competency[record].tolist(),
    )


def _named(indexes: Sequence[int], names: Sequence[str]) -> list[str | None]:
    """Return names by index, None for UNKNOWN."""
    return [None if index == UNKNOWN else names[index] for index in indexes]
