"""How the first rows of a file would be read: a table, made without a service.

Ids of learners are masked, as a table on a screen is seen by more people than a file.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text
from trellis.evidence.v1 import evidence_pb2

from services.evidence.domain.references import CompetencyReferenceKind, ReferenceKind
from services.evidence.entrypoints.commands.plain import visible
from services.evidence.entrypoints.importing.mapping import Mapping
from services.evidence.entrypoints.importing.rows import Row

SHOWN_LETTERS: Final = 2
HEADINGS: Final = ("line", "learner", "what of", "score", "time", "reading")


def preview(rows: Iterable[Row], mapping: Mapping, *, count: int, masked: bool = True) -> Table:
    """Return a table of the first rows, with a footer that sums them up."""
    table = Table(show_footer=True)
    sums: Counter[str] = Counter()
    lines: list[tuple[str, ...]] = []
    for row in islice(rows, count):
        lines.append(_line(row, mapping.zone, masked))
        sums["skipped" if row.skipped else "refused" if row.fault else "sent"] += 1
    summed = ", ".join(f"{number} {word}" for word, number in sums.most_common())
    for heading in HEADINGS:
        footer = summed if heading == HEADINGS[-1] else ""
        table.add_column(heading, footer=footer, no_wrap=heading in {"line", "score", "time"})
    for line in lines:
        # The file is somebody else's: its cells are no markup, and have no power over a terminal.
        table.add_row(*(Text(visible(one)) for one in line))
    return table


def print_preview(console: Console, table: Table, *, head: Sequence[str], mapping: Mapping) -> None:
    """Print the table, and what helps to see whether the mapping is the right one."""
    console.print(table)
    console.print(visible(f"Columns: {', '.join(head)}"), style="dim", markup=False)
    if mapping.learner is None:
        console.print("Learners are looked up by these ids; those not known yet wait.", style="dim")
    if mapping.competencies is None and mapping.competency_references is None:
        console.print(
            "What each item is about, its alignment says (import-alignments).", style="dim"
        )


def _line(row: Row, zone: tzinfo, masked: bool) -> tuple[str, ...]:
    line = str(row.line)
    if row.skipped:
        return line, "", "", "", "", f"skipped: {row.skipped}"
    record = row.record
    reading = f"refused: {row.fault}" if row.fault else "sent"
    return line, _learner(row, masked), _what_of(row), _score(record), _time(record, zone), reading


def _learner(row: Row, masked: bool) -> str:
    reference = row.record.learner_reference
    if not reference.value:
        return mask(row.learner) if masked else row.learner
    kind = ReferenceKind(reference.kind).name.lower().replace("_", " ")
    value = mask(reference.value) if masked else reference.value
    return f"{kind} {value}"


def mask(value: str) -> str:
    """Return the first letters of an id, at most a third of it, and of an e-mail its domain."""
    name, at, domain = value.partition("@")
    shown = min(SHOWN_LETTERS, len(name) // 3)
    return f"{name[:shown]}…{at}{domain}" if name else ""


def _what_of(row: Row) -> str:
    named = [
        _reference(one.competency.kind, one.competency.value, one.competency.framework)
        for one in row.record.referenced_alignments
        if one.competency.value
    ]
    found = [*row.competencies, *named]
    return ", ".join(found) if found else f"item {row.record.item}" if row.record.item else ""


def _reference(kind: int, value: str, framework: str) -> str:
    word = "" if kind == CompetencyReferenceKind.HUMAN_CODE else "CASE "
    return f"{word}{value}" + (f" of {framework}" if framework else "")


def _score(record: evidence_pb2.Record) -> str:
    match record.score.WhichOneof("value"):
        case "points":
            points = record.score.points
            return f"{_amount(points.earned_milli)} of {_amount(points.possible_milli)}"
        case "level_milli":
            return f"level {_amount(record.score.level_milli)}"
    return "" if record.HasField("score") else "none"


def _amount(milli: int) -> str:
    return str(Decimal(milli).scaleb(-3).normalize()) if milli % 1000 else str(milli // 1000)


def _time(record: evidence_pb2.Record, zone: tzinfo) -> str:
    if not record.HasField("occur_time"):
        return ""
    try:
        moment = datetime.fromtimestamp(record.occur_time.seconds, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return "out of range"
    return moment.strftime("%Y-%m-%d %H:%M")
