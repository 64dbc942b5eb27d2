"""Says what became of an import, and writes the rows that were refused beside their file."""

import csv
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from services.scheduler.entrypoints.school_import.files import REFUSED
from services.scheduler.entrypoints.school_import.form import FileKind
from services.scheduler.entrypoints.school_import.kinds import KINDS
from services.scheduler.entrypoints.school_import.sending import Outcome

SHOWN: Final = 20
MOST_FILES: Final = 1000
ENCODING: Final = "utf-8-sig"
"""With the mark that lets spreadsheets read accents."""


def show(console: Console, outcomes: Sequence[Outcome], *, check: bool) -> None:
    """Print what became of each file."""
    for outcome in outcomes:
        would = "would be " if check else ""
        parts = (
            (outcome.new, f"{would}new"),
            (outcome.changed, f"{would}changed"),
            (outcome.same, "as they were"),
            (len(outcome.refused), "refused"),
        )
        counts = ", ".join(f"{count:,} {words}" for count, words in parts if count)
        name = outcome.file.path.name
        rows = len(outcome.file.rows)
        words = f"{rows:,} row{'' if rows == 1 else 's'}"
        console.print(f"{name}: {words}; {counts or 'nothing done'}.")
        for one in outcome.refused[:SHOWN]:
            where = f"{name}, line {one.row.line}"
            column = f", column {one.column} ({one.shape})" if one.column else f" ({one.shape})"
            console.print(f"  {where}{column}: {one.why} {one.hint}")
        if len(outcome.refused) > SHOWN:
            console.print(f"  and {len(outcome.refused) - SHOWN:,} more")
        if outcome.stopped:
            console.print(f"  {name} stopped: {outcome.stopped}")


def write_refused(outcome: Outcome) -> Path | None:
    """Write the refused rows of a file beside it, with why; return where, None for no row.

    No file is written over: somebody may be mending it.
    """
    if not outcome.refused:
        return None
    path = _free_path(outcome)
    own = [one for one in outcome.file.heading if not one.startswith(REFUSED)]
    with path.open("x", encoding=ENCODING, newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*own, *(f"{REFUSED}{one}" for one in ("line", "column", "why", "do"))])
        for one in sorted(outcome.refused, key=lambda each: each.row.line):
            cells = [one.row.cells.text(column) for column in own]
            writer.writerow([*cells, one.row.line, one.column, one.why, one.hint])
    # What the school may not show to all, it does not show here either.
    shutil.copymode(outcome.file.path, path)
    return path


def write_templates(folder: Path, kinds: Sequence[FileKind] = KINDS) -> Iterator[Path]:
    """Write a file of each kind with its heading and an example; yield those that were written.

    A file that is there stays as it is.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for kind in kinds:
        path = folder / f"{kind.name}.csv"
        if not path.exists():
            with path.open("x", encoding=ENCODING, newline="") as file:
                writer = csv.writer(file)
                writer.writerow([one.name for one in kind.columns])
                writer.writerow([one.example for one in kind.columns])
            yield path


def _free_path(outcome: Outcome) -> Path:
    folder, kind = outcome.file.path.parent, outcome.file.kind.name
    for number in range(1, MOST_FILES):
        end = "" if number == 1 else f"-{number}"
        path = folder / f"{kind}.refused{end}.csv"
        if not path.exists():
            return path
    raise FileExistsError(f"{folder} holds {MOST_FILES} files of refused rows: remove some")
