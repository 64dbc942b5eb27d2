"""Files, mappings and rows for tests of the import."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.evidence.entrypoints.importing.mapping import Mapping, load_mapping
from services.evidence.entrypoints.importing.rows import Row
from services.evidence.entrypoints.importing.shipped import find_mapping
from services.evidence.entrypoints.importing.source import SourceFile

NOON_IN_NEW_YORK = 16 * 3_600
"""Of a day in summer time, in seconds after its midnight in UTC."""


def shipped(name: str, *changes: str) -> Mapping:
    """Return a mapping that comes with Trellis, with some fields changed."""
    return load_mapping(find_mapping(name), changes=changes)


def a_mapping(**fields: Any) -> Mapping:
    """Return a small mapping that names everything by reference, with some fields changed."""
    document: dict[str, Any] = {
        "source": "lms",
        "event_id": "{student}-{task}",
        "learner_references": [{"kind": "sis_number", "value": "{student}"}],
        "competency_references": {"value": "{code}"},
        "time": {"column": "day", "time_zone": "America/New_York"},
        "score": {"level": "level"},
    }
    document |= fields
    return Mapping.model_validate({k: one for k, one in document.items() if one is not None})


def rows_of(
    text: str | bytes,
    mapping: Mapping,
    directory: Path,
    *,
    name: str = "export.csv",
    export_date: str = "",
) -> list[Row]:
    """Return the rows of a file with this content."""
    path = directory / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with SourceFile(path, mapping, export_date=export_date) as source:
        return list(source.rows())


def learners(rows: Sequence[Row]) -> list[str]:
    """Return how each row calls its learner."""
    return [row.record.learner_reference.value for row in rows]


def codes(row: Row) -> list[str]:
    """Return how a row calls its competencies."""
    return [one.competency.value for one in row.record.referenced_alignments]


def score(row: Row) -> tuple[float, ...]:
    """Return a row's score: (earned, possible), (level,), or nothing."""
    found = row.record.score
    match found.WhichOneof("value"):
        case "points":
            return found.points.earned_milli / 1000, found.points.possible_milli / 1000
        case "level_milli":
            return (found.level_milli / 1000,)
    return ()
