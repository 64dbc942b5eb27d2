"""The commands `quarantine …`: what was refused and what waits, and doing something about it.

Exit codes: 0 done, 1 some of what was redriven stays in quarantine, 2 the command cannot be used
so, 3 the service refused it or could not be reached.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import click
from rich.console import Console
from rich.padding import Padding
from trellis.evidence.v1 import evidence_service_pb2

from services.evidence.entrypoints.commands.calls import (
    PAGE_SIZE,
    Service,
    batches,
    every_page,
    run,
)
from services.evidence.entrypoints.commands.layout import listing, sentences
from services.evidence.entrypoints.commands.plain import Enumeration, as_json, visible, word
from services.evidence.entrypoints.commands.quarantined import (
    REASON,
    STATE,
    place_of,
    print_whole,
    shown,
    whole,
)
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    progress_bar,
    target_from,
    target_options,
)

Quarantined = evidence_service_pb2.QuarantinedRecord
Redriven = evidence_service_pb2.Redriven

REDRIVEN_A_CALL: Final = 100
"""A call reads so many again in one transaction, well within its deadline."""

MOST_REDRIVEN: Final = 1_000_000
STILL_SHOWN: Final = 20
PLACES_SHOWN: Final = 5
"""Of records of which the same is said."""

REASONS: Final = [word(REASON, number) for number in REASON.values_by_number if number]
STATES: Final = [word(STATE, number) for number in STATE.values_by_number if number]


@click.group("quarantine")
def quarantine_command() -> None:
    """Look at what was refused and what waits, and do something about it.

    What waits is taken up by itself as soon as what it names arrives. What is refused needs
    somebody: mend the cause (an alias, an alignment, a setting) and redrive it, let its source send
    it again, or discard it.
    """


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which records."""
    for option in (
        click.option(
            "--reason",
            type=click.Choice(REASONS, case_sensitive=False),
            metavar="REASON",
            help=f"For this reason only: {', '.join(REASONS).lower()}.",
        ),
        click.option("--source", default="", help="Of this source only."),
        click.option("--import-id", default="", help="Of this import only."),
    )[::-1]:
        command = option(command)
    return command


@quarantine_command.command("list")
@selection_options
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="In this state; several times. Default: refused and waiting.",
)
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@target_options
def list_command(states: tuple[str, ...], limit: int, as_json_: bool, **options: Any) -> None:  # noqa: ANN401
    """List what is in quarantine, newest first, with what to do about each."""
    request = _selection(options)
    request.states.extend(_numbered(STATE, one) for one in states)

    async def work(service: Service) -> list[Quarantined]:
        return await every_page(
            service, service.evidence.ListQuarantinedRecords, request, "records", limit
        )

    found = run(target_from(options), work)
    if as_json_:
        click.echo(as_json([shown(one) for one in found]))
    else:
        _print(found, limit=limit)


@quarantine_command.command("show")
@click.argument("quarantine_id", type=int)
@click.option("--raw", is_flag=True, help="Print what was sent alone, byte for byte.")
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@target_options
def show_command(quarantine_id: int, raw: bool, as_json_: bool, **options: Any) -> None:  # noqa: ANN401
    """Show one record of the quarantine with everything that is known of it.

    A record is shown as the JSON that `import-json` and POST /v1/evidence take.
    """
    request = evidence_service_pb2.GetQuarantinedRecordRequest(quarantine_id=quarantine_id)

    async def work(service: Service) -> Quarantined:
        response = await service.call(service.evidence.GetQuarantinedRecord, request)
        record: Quarantined = response.record
        return record

    found = run(target_from(options), work)
    if raw:
        click.get_binary_stream("stdout").write(found.record)
    elif as_json_:
        click.echo(as_json(whole(found)))
    else:
        print_whole(found, Console(highlight=False, markup=False, soft_wrap=True))


@quarantine_command.command("redrive")
@click.argument("quarantine_ids", type=int, nargs=-1, metavar="[ID]...")
@selection_options
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@target_options
def redrive_command(quarantine_ids: tuple[int, ...], as_json_: bool, **options: Any) -> None:  # noqa: ANN401
    """Read records of the quarantine again, with what is known now.

    Name them by their numbers, or say which: --import-id, --source, --reason. What is kept now is
    in quarantine no more; what is still wrong stays, with the reason as of now.
    """
    request = _chosen(quarantine_ids, options)

    async def work(service: Service) -> list[Redriven]:
        ids: Sequence[int] = quarantine_ids or await _ids(service, request)
        return await _redrive(service, ids)

    redriven = run(target_from(options), work)
    if as_json_:
        click.echo(as_json([shown(one) for one in redriven]))
    else:
        _print_redriven(redriven)
    if any(one.state != Quarantined.STATE_REDRIVEN for one in redriven):
        sys.exit(EXIT_REFUSED)


@quarantine_command.command("discard")
@click.argument("quarantine_ids", type=int, nargs=-1, metavar="[ID]...")
@selection_options
@click.option("--note", required=True, help="Why, in at most 500 characters; kept with each.")
@target_options
def discard_command(quarantine_ids: tuple[int, ...], note: str, **options: Any) -> None:  # noqa: ANN401
    """Note that nobody wants these records any more, and why. They stay readable.

    Name them by their numbers, or say which: --import-id, --source, --reason.
    """
    request = _chosen(quarantine_ids, options)

    async def work(service: Service) -> tuple[int, int]:
        ids: Sequence[int] = quarantine_ids or await _ids(service, request)
        return len(ids), await _discard(service, ids, note)

    asked, count = run(target_from(options), work)
    click.echo(f"{count:,} records are discarded; {asked - count:,} were not open.")


async def _discard(service: Service, ids: Sequence[int], note: str) -> int:
    count = 0
    for batch in batches(ids):
        request = evidence_service_pb2.DiscardQuarantinedRecordsRequest(
            quarantine_ids=batch, note=note
        )
        response = await service.call(service.evidence.DiscardQuarantinedRecords, request)
        count += response.discarded_count
    return count


def _chosen(
    quarantine_ids: Sequence[int], options: dict[str, Any]
) -> evidence_service_pb2.ListQuarantinedRecordsRequest:
    """Return which records are meant where no numbers are given. Raises click.UsageError."""
    request = _selection(options)
    selected = request.import_id or request.source or request.reason
    if bool(quarantine_ids) == bool(selected):
        raise click.UsageError(
            "name the numbers of records, or say which by --import-id, --source or --reason"
        )
    return request


def _selection(options: dict[str, Any]) -> evidence_service_pb2.ListQuarantinedRecordsRequest:
    reason = options["reason"]
    return evidence_service_pb2.ListQuarantinedRecordsRequest(
        import_id=options["import_id"],
        source=options["source"],
        reason=_numbered(REASON, reason) if reason else None,
        page_size=PAGE_SIZE,
    )


def _numbered(enum: Enumeration, chosen: str) -> Any:  # noqa: ANN401  (checked by click)
    """Return the number of a word of an enumeration."""
    return next(
        number for number in enum.values_by_number if word(enum, number).lower() == chosen.lower()
    )


async def _ids(
    service: Service, request: evidence_service_pb2.ListQuarantinedRecordsRequest
) -> list[int]:
    """Return the numbers of all that is open and selected, oldest first."""
    found = await every_page(
        service, service.evidence.ListQuarantinedRecords, request, "records", MOST_REDRIVEN
    )
    return sorted(one.quarantine_id for one in found)


async def _redrive(service: Service, ids: Sequence[int]) -> list[Redriven]:
    redriven: list[Redriven] = []
    with progress_bar() as progress:
        task = progress.add_task("redriven", total=len(ids))
        for batch in batches(ids, REDRIVEN_A_CALL):
            request = evidence_service_pb2.RedriveQuarantinedRecordsRequest(quarantine_ids=batch)
            response = await service.call(service.evidence.RedriveQuarantinedRecords, request)
            redriven += response.records
            progress.advance(task, len(batch))
    return redriven


def _print(found: Sequence[Quarantined], *, limit: int) -> None:
    """Print the records; those of which the same is said stand together, below what is said."""
    console = Console(highlight=False, markup=False)
    alike: dict[tuple[str, ...], list[Quarantined]] = {}
    for one in found:
        alike.setdefault(_said_of(one), []).append(one)
    for (head, *said), records in alike.items():
        console.print(visible(head), style="bold")
        console.print(Padding(visible(sentences(*said)), (0, 0, 0, 2)))
        for one in records[:PLACES_SHOWN]:
            place = visible(f"{one.quarantine_id}  {place_of(one)}")
            console.print(Padding(place, (0, 0, 0, 4)))
        if len(records) > PLACES_SHOWN:
            console.print(f"    and {len(records) - PLACES_SHOWN:,} more; --json has each")
    states = Counter(word(STATE, one.state) for one in found)
    counts = ", ".join(f"{count:,} {state}" for state, count in sorted(states.items()))
    console.print(f"{len(found):,} records{': ' if counts else ''}{counts}.")
    if len(found) == limit:
        console.print(
            "These are the newest; there may be more: `sources` counts all, --limit shows more."
        )


def _said_of(one: Quarantined) -> tuple[str, ...]:
    """Return what is said of a record: reason, state and source, what is wrong, what to do."""
    field = f"{one.refusal.field}: " if one.refusal.field else ""
    return (
        f"{word(REASON, one.refusal.reason)}, {word(STATE, one.state)}, of {one.source}",
        f"{field}{one.refusal.message}",
        one.refusal.hint,
    )


def _print_redriven(redriven: Sequence[Redriven]) -> None:
    console = Console(highlight=False)
    table = listing("what became of them", "count")
    states = Counter(word(STATE, one.state) for one in redriven)
    for state, count in sorted(states.items()):
        table.add_row(state, f"{count:,}")
    console.print(table)
    still = [one for one in redriven if one.HasField("refusal")]
    for one in still[:STILL_SHOWN]:
        reason = word(REASON, one.refusal.reason)
        said = sentences(one.refusal.message, one.refusal.hint)
        text = visible(f"{one.quarantine_id}  {reason}  {said}")
        console.print(text, style="dim", markup=False)
    if len(still) > STILL_SHOWN:
        console.print(f"and {len(still) - STILL_SHOWN:,} more: `quarantine list` has all of them.")
