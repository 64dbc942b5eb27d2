"""Reads and writes a week as a file: the JSON of docs/schemas/week.schema.json."""

import os
from pathlib import Path
from typing import Final

from services.scheduler.adapters.documents import from_json, to_json
from services.scheduler.domain.week import Week

MAXIMUM_BYTES: Final = 256 * 1024 * 1024
"""Of a file; the week of a school of 2,000 learners has about 10 MB."""


class WeekFileError(Exception):
    """The file holds no week; the text says what to do."""


def read_week_file(path: Path) -> Week:
    """Return the week of a file; raises WeekFileError, and OSError where there is none."""
    with path.open("rb") as file:
        data = file.read(MAXIMUM_BYTES + 1)
    if len(data) > MAXIMUM_BYTES:
        raise WeekFileError(f"{path} has more than {MAXIMUM_BYTES} bytes: it is no week.")
    try:
        return from_json(Week, data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise WeekFileError(
            f"{path} holds no week ({error}): give the file that `solve` wrote with --out."
        ) from error


def write_week_file(path: Path, week: Week) -> None:
    """Write a week whole or not at all: whoever reads the file meanwhile sees the one before."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(to_json(week) + "\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
