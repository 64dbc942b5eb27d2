"""The commands `sources` and `source set`: the systems that send, and how to read each.

Exit codes: 0 done, 2 the command cannot be used so, 3 the service refused it or could not be
reached.
"""

from decimal import Decimal, InvalidOperation
from typing import Any, Final

import click
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console
from trellis.evidence.v1 import source_service_pb2

from services.evidence.entrypoints.commands.calls import Service, run
from services.evidence.entrypoints.commands.layout import listing, minute
from services.evidence.entrypoints.commands.plain import as_json, plain, word
from services.evidence.entrypoints.commands.quarantined import REASON
from services.evidence.entrypoints.importing.target import target_from, target_options

Source = source_service_pb2.Source

MILLI: Final = 1_000
MILLI_A_PERCENT: Final = 10


class Milli(click.ParamType):
    """A number above zero with a few decimals, as thousandths (or tenths of a percent)."""

    name = "number"

    def __init__(self, per_one: int, most: int) -> None:
        """Take how many of the unit are one, and the largest number."""
        self._per_one = per_one
        self._most = most

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Return the number in the unit, exactly."""
        try:
            scaled = Decimal(str(value)) * self._per_one
        except InvalidOperation:
            self.fail(f"{value} is no number.", param, ctx)
        if not scaled.is_finite() or not 1 <= scaled <= self._most * self._per_one:
            self.fail(f"{value} is not above 0 and at most {self._most}.", param, ctx)
        if scaled != int(scaled):
            self.fail(f"{value} is finer than 1/{self._per_one}.", param, ctx)
        return int(scaled)


@click.command("sources")
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@target_options
def sources_command(as_json_: bool, **options: Any) -> None:  # noqa: ANN401
    """List the systems that send: when each last did, what of it is open, how it is read.

    A source that has not sent for long, or of which much waits, needs somebody: see `quarantine
    list --source NAME`.
    """

    async def work(service: Service) -> list[Source]:
        response = await service.call(
            service.sources.ListSources, source_service_pb2.ListSourcesRequest()
        )
        return list(response.sources)

    found = run(target_from(options), work)
    if as_json_:
        click.echo(as_json([plain(one) for one in found]))
    else:
        _print(found, Console(highlight=False, markup=False))


@click.group("source")
def source_group() -> None:
    """Say how to read what a source sends."""


@source_group.command("set")
@click.argument("name")
@click.option(
    "--time-zone",
    help="IANA name, of times and dates without one, as in America/New_York.",
)
@click.option(
    "--objective-maximum",
    "objective_maximum_milli",
    type=Milli(MILLI, 1_000_000),
    help="The score of a learning objective that is full where nothing else says it. Default: 4.",
)
@click.option(
    "--deletion-limit",
    "deletion_limit_milli",
    type=Milli(MILLI_A_PERCENT, 100),
    metavar="PERCENT",
    help="An import that would delete more of a collection than this is held. Default: 10.",
)
@click.option(
    "--learners-org",
    help="The source's id of the school of learners of whom nothing says which one is theirs;"
    " an empty text for none.",
)
@target_options
def source_set_command(name: str, **options: Any) -> None:  # noqa: ANN401
    """Set how to read what the source NAME sends; what is not said stays as it is.

    It counts for what is read from now on. To read anew what is here, import it again.
    """
    changes = {
        field: options[field]
        for field in (
            "time_zone",
            "objective_maximum_milli",
            "deletion_limit_milli",
            "learners_org",
        )
        if options[field] is not None
    }
    if not changes:
        raise click.UsageError("say at least one of the settings; --help lists them")

    async def work(service: Service) -> Source:
        return await set_source(service, name, changes)

    _print_settings([run(target_from(options), work)], Console(highlight=False, markup=False))


async def set_source(service: Service, name: str, changes: dict[str, Any]) -> Source:
    """Change some settings of a source and leave the others; return it as it is then kept.

    Raises click.UsageError where a source that is not known yet is given no time zone.
    """
    listed = await service.call(
        service.sources.ListSources, source_service_pb2.ListSourcesRequest()
    )
    source = next((one for one in listed.sources if one.source == name), Source(source=name))
    for field, value in changes.items():
        setattr(source, field, value)
    if not source.time_zone:
        raise click.UsageError(
            f"nobody has said yet where the source {name} is: give --time-zone as well"
        )
    response = await service.call(
        service.sources.PutSource, source_service_pb2.PutSourceRequest(source=source)
    )
    kept: Source = response.source
    return kept


def _print(sources: list[Source], console: Console) -> None:
    table = listing("source", "last received, UTC", "newest work, UTC", "refused", "waiting")
    for one in sources:
        refused = sum(each.count for each in one.quarantined if not each.waiting)
        waiting = sum(each.count for each in one.quarantined if each.waiting)
        table.add_row(
            one.source,
            _time(one, "last_receive_time"),
            _time(one, "last_occur_time"),
            f"{refused:,}" if refused else "",
            f"{waiting:,}" if waiting else "",
        )
    console.print(table)
    _print_open(sources, console)
    _print_settings(sources, console)


def _print_open(sources: list[Source], console: Console) -> None:
    table = listing("what is open", "why", "state", "count", "the oldest, UTC")
    for one in sources:
        for each in one.quarantined:
            table.add_row(
                one.source,
                word(REASON, each.reason),
                "waiting" if each.waiting else "refused",
                f"{each.count:,}",
                minute(each.oldest_receive_time),
                style="dim" if each.waiting else "yellow",
            )
    if table.row_count:
        console.print(table)


def _print_settings(sources: list[Source], console: Console) -> None:
    headings = ("full objective", "deletes at most", "learners' school")
    table = listing("how it is read", "time zone", *headings, whole=2)
    for one in sources:
        table.add_row(
            one.source,
            one.time_zone or "not said",
            f"{Decimal(one.objective_maximum_milli) / MILLI:g}",
            f"{Decimal(one.deletion_limit_milli) / MILLI_A_PERCENT:g} %",
            one.learners_org,
        )
    console.print(table)


def _time(one: Source, field: str) -> str:
    time: Timestamp = getattr(one, field)
    return minute(time) if one.HasField(field) else ""
