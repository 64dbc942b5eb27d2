"""The command `import-alignments`: what items of a source are about, from a CSV file.

Exit codes: 0 every row is kept (or, with --check, would be) and each competency is known, 1 some
rows are refused or name a competency that means nothing here, 2 the command or the file cannot be
used, 3 the service refused it or could not be reached.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

import click
from trellis.evidence.v1 import evidence_pb2, source_service_pb2

from services.evidence.adapters.wire.references import competency_reference_to
from services.evidence.domain.references import CompetencyReference, competency_reference
from services.evidence.entrypoints.commands.calls import Service, batches, put_all, run
from services.evidence.entrypoints.commands.tables import (
    FILE,
    Line,
    RefusedLine,
    RowFaultError,
    TableReport,
    read_rows,
)
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    target_from,
    target_options,
)

COLUMNS: Final = ("item", "competency", "framework", "weight", "maximum", "dok")
NEEDED: Final = ("item", "competency")
DOK: Final = ("1", "2", "3", "4")
WHOLE_MILLI: Final = 1_000
MOST_POINTS: Final = 1_000_000

EXAMPLE: Final = (
    "\b\n"
    "For example:\n"
    "item,competency,framework,weight,maximum,dok\n"
    "quiz-3/q1,6.RP.A.1,,,,2\n"
    "quiz-3/q2,6.RP.A.1,,2,5,\n"
    "quiz-3/q2,6.NS.B.3,,1,,\n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemRow:
    """One row: a competency of an item. weight: None where the row says none."""

    line: int
    competency: CompetencyReference
    weight: Decimal | None


@dataclass(kw_only=True)
class Item:
    """An item with all its rows; what rows say of the item itself is the same in each, or empty."""

    key: str
    rows: list[ItemRow] = field(default_factory=list)
    maximum_milli: int = 0
    dok: int = 0
    faulty: bool = False

    def fault(self) -> tuple[str, str]:
        """Return the column and what is wrong with the item as a whole; twice "" for nothing."""
        weights = [one.weight for one in self.rows]
        if self.faulty:
            return "item", "another row of this item is refused"
        if None in weights and any(weights):
            return "weight", "some rows of this item have one, and some have none"
        if any(weights) and 0 in shares(weights):
            return "weight", "one weight of this item is less than a thousandth of all of them"
        return "", ""

    def alignment(self) -> source_service_pb2.ItemAlignment:
        """Return the message."""
        weights = shares([one.weight for one in self.rows])
        return source_service_pb2.ItemAlignment(
            item=self.key,
            maximum_milli=self.maximum_milli,
            dok=self.dok,
            competencies=[
                evidence_pb2.ReferencedAlignment(
                    competency=competency_reference_to(row.competency), weight_milli=weight
                )
                for row, weight in zip(self.rows, weights, strict=True)
            ],
        )


@click.command("import-alignments", epilog=EXAMPLE)
@click.argument("file", type=FILE)
@click.option("--source", required=True, help="Whose items these are, as in canvas.")
@click.option("--check", is_flag=True, help="Keep nothing; say what would become of each row.")
@click.option("--json", "as_json_", is_flag=True, help="Print the report as JSON.")
@target_options
def import_alignments_command(
    file: Path,
    source: str,
    check: bool,
    as_json_: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Say what items of a source are about, by the rows of FILE.

    An item has a row for each of its competencies, at most eight; an item of which one row is
    refused stays as it is. Evidence of items whose alignment is another one is looked up anew, and
    what waits for an alignment is taken up. The same file again changes nothing.

    \b
    column      what stands in it
    item        its id in records of the source
    competency  a code, a CASE identifier, or a URI
    framework   its id in Trellis, where a code could mean several
                competencies
    weight      its share, in any unit, as 2 and 1; all empty: equal shares
    maximum     the points that can be had
    dok         Depth of Knowledge, 1 to 4
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    report = TableReport()
    reader = AlignmentReader(report)
    read_rows(file, COLUMNS, NEEDED, report, reader.read)
    run(
        target_from(options),
        lambda service: _put(service, reader.whole(), report, source=source, check=check),
    )
    report.print(json=as_json_)
    if report.refused or report.notes:
        sys.exit(EXIT_REFUSED)


class AlignmentReader:
    """Reads rows one by one and gathers them by item."""

    def __init__(self, report: TableReport) -> None:
        """Take where rows are refused that belong to a faulty item."""
        self._report = report
        self._items: dict[str, Item] = {}

    def read(self, line: Line) -> None:
        """Read a row. Raises RowFaultError."""
        item = self._items.setdefault(key := line.needed("item"), Item(key=key))
        # Until the row is read to its end, the item is not known whole.
        faulty, item.faulty = item.faulty, True
        text = line.needed("competency")
        row = ItemRow(
            line=line.number,
            competency=competency_reference(text, line.cell("framework")),
            weight=_number(line, "weight"),
        )
        maximum = _number(line, "maximum")
        if maximum is not None:
            maximum_milli = int(maximum * WHOLE_MILLI)
            if maximum_milli != maximum * WHOLE_MILLI or maximum > MOST_POINTS:
                raise RowFaultError("maximum", "is too large or has more than three decimals")
            item.maximum_milli = _same("maximum", item.maximum_milli, maximum_milli)
        if line.cell("dok"):
            if line.cell("dok") not in DOK:
                raise RowFaultError("dok", "is none of 1, 2, 3, 4")
            item.dok = _same("dok", item.dok, int(line.cell("dok")))
        if any(one.competency == row.competency for one in item.rows):
            raise RowFaultError("competency", "stands twice for this item")
        item.rows.append(row)
        item.faulty = faulty

    def whole(self) -> list[Item]:
        """Return the items of which every row could be read; refuse the rows of the others."""
        for item in self._items.values():
            column, message = item.fault()
            item.faulty = bool(message)
            for row in item.rows if message else ():
                self._report.refuse(row.line, message, column)
        return [one for one in self._items.values() if one.rows and not one.faulty]


def shares(weights: Sequence[Decimal | None]) -> list[int]:
    """Return shares in thousandths that sum to 1000; zeros, for equal ones, where none is said.

    What is left over by rounding down goes to the largest remainders, the first of equal ones.
    """
    said = [one for one in weights if one is not None]
    if len(said) < len(weights):
        return [0] * len(weights)
    total = sum(said)
    exact = [one * WHOLE_MILLI / total for one in said]
    found = [int(one) for one in exact]
    by_rest = sorted(range(len(said)), key=lambda index: (found[index] - exact[index], index))
    for index in by_rest[: WHOLE_MILLI - sum(found)]:
        found[index] += 1
    return found


def _number(line: Line, column: str) -> Decimal | None:
    text = line.cell(column)
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise RowFaultError(column, "is no number") from None
    if not number.is_finite() or not 0 < number < 10**9 or number.adjusted() < -9:
        raise RowFaultError(column, "is not above zero, or out of all bounds")
    return number


def _same(column: str, before: int, now: int) -> int:
    if before not in (0, now):
        raise RowFaultError(column, "is another one in an earlier row of this item")
    return now


async def _put(
    service: Service, items: Sequence[Item], report: TableReport, *, source: str, check: bool
) -> None:
    kept = changed = released = 0

    async def put(part: Sequence[Item]) -> None:
        nonlocal kept, changed, released
        response = await service.call(
            service.sources.BatchPutAlignments,
            source_service_pb2.BatchPutAlignmentsRequest(
                source=source,
                alignments=[one.alignment() for one in part],
                validate_only=check,
            ),
        )
        kept += len(part)
        changed += response.changed_count
        released += response.released_count
        for one in response.unresolved:
            _note(report, part[one.alignment_index], one)

    def refuse(item: Item, why: str) -> None:
        for row in item.rows:
            report.refuse(row.line, why)

    for batch in batches(items):
        await put_all(batch, put, refuse)
    report.counts["items"] = kept
    report.counts["would change" if check else "changed"] = changed
    if released:
        report.counts["records that waited are taken up"] = released


def _note(report: TableReport, item: Item, one: source_service_pb2.UnresolvedAlignment) -> None:
    row = item.rows[one.competency_index]
    message = "means nothing here yet; evidence of the item waits until its framework is imported"
    if one.meaning_count:
        message = f"fits {one.meaning_count} competencies: say in which framework, or use the id"
    report.notes.append(RefusedLine(line=row.line, column="competency", message=message))
