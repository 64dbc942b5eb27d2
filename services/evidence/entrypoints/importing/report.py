"""What became of the rows of a file: counts, a few refused rows of each reason, all in a file."""

import csv
import json
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from rich.console import Console
from rich.table import Table

SHOWN_REFUSALS: Final = 5
"""Refused rows of each reason that the report shows; a file can take all of them."""

OUTCOMES: Final = ("accepted", "repeated", "superseded", "valid", "waiting", "refused")

# What a spreadsheet would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedRow:
    """One refused row: where in the file, why, and what to do."""

    line: int
    event_id: str
    reason: str
    field: str
    message: str
    hint: str

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the row for a table."""
        line = str(self.line)
        return line, self.event_id, self.reason, self.field, self.message, self.hint


@dataclass(kw_only=True)
class Report:
    """The sum of an import, counted up while it runs."""

    import_id: str
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    shown: list[RefusedRow] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """Rows that mean nothing, by why; they are no rows of those below."""
    gone: int = 0
    """Observations of the previous export that this one does not have any more."""
    learners: int = 0
    competencies: int = 0
    elapsed_seconds: float = 0.0
    stopped: str | None = None
    """Why the import ended before the file did, or None."""

    @property
    def rows(self) -> int:
        """Return how many rows were answered."""
        return sum(self.outcomes.values())

    def count(self, outcome: str, refused: RefusedRow | None = None) -> None:
        """Count one row."""
        self.outcomes[outcome] += 1
        if refused is not None:
            self.reasons[refused.reason] += 1
            if self.reasons[refused.reason] <= SHOWN_REFUSALS:
                self.shown.append(refused)

    def count_skipped(self, because: str) -> None:
        """Count one row that means nothing."""
        self.skipped[because] += 1

    def as_json(self) -> str:
        """Return the report for a machine."""
        document: dict[str, Any] = {
            "import_id": self.import_id,
            "rows": self.rows,
            "outcomes": {one: self.outcomes[one] for one in OUTCOMES},
            "refused_by_reason": dict(sorted(self.reasons.items())),
            "skipped": dict(sorted(self.skipped.items())),
            "gone": self.gone,
            "refused_first": [
                {
                    "line": one.line,
                    "event_id": one.event_id,
                    "reason": one.reason,
                    "field": one.field,
                    "message": one.message,
                    "hint": one.hint,
                }
                for one in self.shown
            ],
            "learners_registered": self.learners,
            "competencies_registered": self.competencies,
            "elapsed_seconds": round(self.elapsed_seconds, 3),
            "stopped": self.stopped,
        }
        return json.dumps(document, indent=2, ensure_ascii=False)

    def print(self, console: Console) -> None:
        """Print the report for people."""
        console.print(f"Import {self.import_id}", style="bold", highlight=False)
        table = Table()
        table.add_column("rows")
        table.add_column("count", justify="right")
        for outcome in OUTCOMES:
            if self.outcomes[outcome] or outcome != "valid":
                table.add_row(outcome, f"{self.outcomes[outcome]:,}")
        for because, count in self.skipped.most_common():
            table.add_row(f"skipped: {because}", f"{count:,}", style="dim")
        console.print(table)
        if self.gone:
            console.print(
                f"{self.gone:,} observations of the previous export have no row any more;"
                " what was sent of them still counts."
            )
        rate = self.rows / self.elapsed_seconds if self.elapsed_seconds else 0.0
        console.print(
            f"{self.rows:,} rows in {self.elapsed_seconds:.1f} s ({rate:,.0f} a second)"
            f"{self._registered()}",
            highlight=False,
        )
        if self.shown:
            self._print_refused(console)
        if self.stopped is not None:
            console.print(f"Stopped before the end: {self.stopped}", style="red", markup=False)
            console.print("What was sent is kept. Run the same command again to go on.")

    def _registered(self) -> str:
        if not self.learners and not self.competencies:
            return "."
        return (
            f"; {self.learners:,} learners and {self.competencies:,} competencies are registered."
        )

    def _print_refused(self, console: Console) -> None:
        for reason, count in self.reasons.most_common():
            of_reason = [one for one in self.shown if one.reason == reason]
            rows = "1 row" if count == 1 else f"{count:,} rows"
            console.print(f"{reason}: {rows}", style="yellow", markup=False)
            for one in of_reason:
                field = f"{one.field}: " if one.field else ""
                console.print(f"  line {one.line}: {field}{one.message}", markup=False)
            if count > len(of_reason):
                console.print(f"  and {count - len(of_reason):,} more; --refused-file writes all")
            console.print(f"  {of_reason[0].hint}", style="dim", markup=False)


class RefusedFile:
    """Writes every refused row as CSV, safe to open in a spreadsheet."""

    def __init__(self, path: Path | None) -> None:
        """Take the file to write; None for none."""
        self._path = path
        self._stack = ExitStack()
        self._writer: Any = None

    def __enter__(self) -> "RefusedFile":
        if self._path is not None:
            file: TextIO = self._stack.enter_context(
                self._path.open("w", encoding="utf-8", newline="")
            )
            self._writer = csv.writer(file)
            self._writer.writerow(("line", "event_id", "reason", "field", "message", "hint"))
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()

    def write(self, refused: RefusedRow) -> None:
        """Write one row."""
        if self._writer is not None:
            self._writer.writerow([_safe(cell) for cell in refused.cells])


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
