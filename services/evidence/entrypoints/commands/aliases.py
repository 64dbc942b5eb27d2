"""The command `import-aliases`: how systems call learners, adults and sections, from a CSV file.

Exit codes: 0 every row is kept (or, with --check, would be), 1 some rows are refused, 2 the command
or the file cannot be used, 3 the service refused it or could not be reached.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import click
from trellis.roster.v1 import roster_service_pb2

from services.evidence.adapters.wire.evidence import timestamp
from services.evidence.adapters.wire.references import reference_to
from services.evidence.domain.aliases import (
    ALWAYS_MICROS,
    FOREVER_MICROS,
    Alias,
    SubjectKind,
    find_overlap,
)
from services.evidence.domain.references import (
    DISTRICT_WIDE,
    Reference,
    ReferenceKind,
    reference,
)
from services.evidence.domain.spelling import nearest
from services.evidence.entrypoints.commands.calls import Service, batches, put_all, run
from services.evidence.entrypoints.commands.naming import KINDS, Names, NamingError
from services.evidence.entrypoints.commands.tables import (
    FILE,
    Line,
    RowFaultError,
    TableReport,
    read_rows,
)
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    target_from,
    target_options,
)
from services.evidence.handlers.intake import micros_of

SUBJECTS: Final = {one.name.lower(): one for one in SubjectKind}
COLUMNS: Final = ("kind", "system", "value", *SUBJECTS, "from", "until")
NEEDED: Final = ("kind", "value")

EXAMPLE: Final = (
    "\b\n"
    "For example:\n"
    "kind,system,value,learner,from,until\n"
    "lms_uuid,canvas,8f0c2d,sis:1042,,\n"
    "email,,ana@example.org,sis_number:55017,2026-08-20,\n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AliasRow:
    """One row, read. subject: as it stands there, a name or a reference."""

    line: int
    kind: SubjectKind
    reference: Reference
    subject: str
    from_micros: int
    until_micros: int

    def alias(self, name: str) -> Alias:
        """Return the alias of whom the row means."""
        return Alias(
            subject_kind=self.kind,
            reference=self.reference,
            subject_id=name,
            from_micros=self.from_micros,
            until_micros=self.until_micros,
        )


@click.command("import-aliases", epilog=EXAMPLE)
@click.argument("file", type=FILE)
@click.option(
    "--time-zone",
    type=click.Choice(sorted(available_timezones())),
    metavar="ZONE",
    help="Of dates in from and until, as in America/New_York: a day begins there.",
)
@click.option("--check", is_flag=True, help="Keep nothing; say what would become of each row.")
@click.option("--json", "as_json_", is_flag=True, help="Print the report as JSON.")
@target_options
def import_aliases_command(
    file: Path,
    time_zone: str | None,
    check: bool,
    as_json_: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Say how systems call learners, adults and sections, by the rows of FILE.

    What waits in quarantine for one of the aliases is then taken up by itself. The same file again
    changes nothing.

    \b
    column    what stands in it
    kind      sourced_id, sis_number, lms_uuid, email, xapi_account or lti_user
    system    the source whose id it is; empty for email and sis_number
    value     the id
    learner   whose it is; or adult, or section, in a column of that name:
              SOURCE:ID, KIND:VALUE, KIND:SYSTEM:VALUE, or a name
              as districts/...
    from      the first day or time on which it is so; empty: always
    until     the first on which it is not any more; empty: for ever
    """  # noqa: D301  (click keeps the lines after this mark as they are)
    report = TableReport()
    reader = AliasReader(ZoneInfo(time_zone) if time_zone else None)
    read_rows(file, COLUMNS, NEEDED, report, reader.read)
    run(
        target_from(options),
        lambda service: AliasImport(service=service, report=report, check=check).run(reader.rows),
    )
    report.print(json=as_json_)
    if report.refused:
        sys.exit(EXIT_REFUSED)


class AliasReader:
    """Reads rows one by one."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        """Take the zone of dates, where there is one."""
        self._zone = zone
        self.rows: list[AliasRow] = []

    def read(self, line: Line) -> None:
        """Read a row. Raises RowFaultError."""
        subjects = [(one, line.cell(one)) for one in SUBJECTS if line.cell(one)]
        if len(subjects) != 1:
            raise RowFaultError("learner", "name exactly one learner, adult or section")
        (word, subject) = subjects[0]
        row = AliasRow(
            line=line.number,
            kind=SUBJECTS[word],
            reference=_reference(line),
            subject=subject,
            from_micros=self._moment(line, "from", ALWAYS_MICROS),
            until_micros=self._moment(line, "until", FOREVER_MICROS),
        )
        if row.until_micros <= row.from_micros:
            raise RowFaultError("until", "is not after from")
        self.rows.append(row)

    def _moment(self, line: Line, column: str, otherwise: int) -> int:
        text = line.cell(column)
        if not text:
            return otherwise
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            message = "is no date as 2026-08-20 and no time as 2026-08-20T08:00:00-04:00"
            raise RowFaultError(column, message) from None
        if moment.tzinfo is None:
            if self._zone is None:
                raise RowFaultError(column, "has no zone: say --time-zone, or write a time with it")
            moment = moment.replace(tzinfo=self._zone)
        return micros_of(moment)


def _reference(line: Line) -> Reference:
    word = line.needed("kind")
    if word not in KINDS:
        meant = nearest(word, KINDS)
        hint = f"did you mean {meant}?" if meant else f"write one of {', '.join(KINDS)}"
        raise RowFaultError("kind", f"is no kind of id: {hint}")
    kind: ReferenceKind = KINDS[word]
    if (kind in DISTRICT_WIDE) is bool(line.cell("system")):
        fault = "means the same everywhere: leave the system empty"
        needs = "is an id of one system: say which in the column system"
        raise RowFaultError("system", f"{word} {fault if kind in DISTRICT_WIDE else needs}")
    return reference(kind, line.needed("value"), line.cell("system"))


@dataclass(kw_only=True)
class AliasImport:
    """Puts rows that were read, and counts what becomes of them."""

    service: Service
    report: TableReport
    check: bool
    _spans: dict[tuple[SubjectKind, Reference], list[Alias]] = field(default_factory=dict)

    async def run(self, rows: Sequence[AliasRow]) -> None:
        """Put every row whose subject is known, in batches."""
        names = Names(service=self.service)
        released = 0
        for batch in batches(rows):
            for kind in SubjectKind:
                texts = [one.subject for one in batch if one.kind is kind]
                await names.know(_kind_to(kind), texts)
            named = [(row, name) for row in batch if (name := self._named(row, names))]
            if named:
                released += await self._put(named)
        self.report.counts["would be kept" if self.check else "kept"] = self.report.rows - len(
            self.report.refused
        )
        if released:
            self.report.counts["records that waited are taken up"] = released

    def _named(self, row: AliasRow, names: Names) -> str:
        """Return the name of whom a row means; refuse it where that is nobody, or two."""
        with self.report.refusing(row.line):
            try:
                name = names.name(_kind_to(row.kind), row.subject)
            except NamingError as error:
                raise RowFaultError(row.kind.name.lower(), str(error)) from None
            spans = self._spans.setdefault((row.kind, row.reference), [])
            alias = row.alias(name)
            if find_overlap(alias, spans) is not None:
                message = "an earlier row says that it means somebody else at the same time"
                raise RowFaultError("value", message)
            spans.append(alias)
            return name
        return ""

    async def _put(self, named: Sequence[tuple[AliasRow, str]]) -> int:
        released = 0

        async def put(part: Sequence[tuple[AliasRow, str]]) -> None:
            nonlocal released
            response = await self.service.call(
                self.service.roster.BatchPutAliases,
                roster_service_pb2.BatchPutAliasesRequest(
                    aliases=[_message(row, name) for row, name in part],
                    validate_only=self.check,
                ),
            )
            released += response.released_count

        def refuse(one: tuple[AliasRow, str], why: str) -> None:
            self.report.refuse(one[0].line, why)

        await put_all(named, put, refuse)
        return released


def _message(row: AliasRow, name: str) -> roster_service_pb2.Alias:
    always, for_ever = row.from_micros == ALWAYS_MICROS, row.until_micros == FOREVER_MICROS
    return roster_service_pb2.Alias(
        reference=reference_to(row.reference),
        subject=name,
        from_time=None if always else timestamp(row.from_micros),
        until_time=None if for_ever else timestamp(row.until_micros),
    )


def _kind_to(kind: SubjectKind) -> roster_service_pb2.SubjectKind:
    return kind.value  # type: ignore[return-value]
