"""The commands `imports` and `settle-import`: imports of all that a source has.

Exit codes: 0 done, 2 the command cannot be used so, 3 the service refused it or could not be
reached.
"""

from typing import Any, Final

import click
from rich.console import Console
from trellis.evidence.v1 import source_service_pb2

from services.evidence.entrypoints.commands.calls import PAGE_SIZE, Service, every_page, run
from services.evidence.entrypoints.commands.layout import minute
from services.evidence.entrypoints.commands.plain import as_json, plain, word
from services.evidence.entrypoints.importing.target import (
    progress_bar,
    target_from,
    target_options,
)

Sync = source_service_pb2.Sync

STATE: Final = Sync.DESCRIPTOR.enum_types_by_name["State"]
GOING_ON: Final = (Sync.STATE_RUNNING, Sync.STATE_HELD)
MAX_CALLS: Final = 1_000_000
"""Of one settling: 500 million deletions."""


@click.command("imports")
@click.option("--source", default="", help="Of this source only.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json_", is_flag=True, help="Print JSON.")
@target_options
def imports_command(source: str, limit: int, as_json_: bool, **options: Any) -> None:  # noqa: ANN401
    """List imports of whole packages, newest first.

    One that is held did not bring much of what is here: look whether its package was whole, then
    say `settle-import ID --delete` or `--keep`.
    """
    request = source_service_pb2.ListSyncsRequest(source=source, page_size=PAGE_SIZE)

    async def work(service: Service) -> list[Sync]:
        return await every_page(service, service.sources.ListSyncs, request, "syncs", limit)

    found = run(target_from(options), work)
    if as_json_:
        click.echo(as_json([plain(one) for one in found]))
    else:
        _print(found)


@click.command("settle-import")
@click.argument("import_id")
@click.option(
    "--delete/--keep",
    default=None,
    help="Delete what the import did not bring, or leave it as it is.",
)
@target_options
def settle_import_command(import_id: str, delete: bool | None, **options: Any) -> None:  # noqa: ANN401
    """Settle the deletions that an import holds.

    With --delete learners withdraw and evidence of what is gone counts no longer; where the system
    brings something again, it is here again. With --keep all stays, and the next whole import asks
    anew.
    """
    if delete is None:
        raise click.UsageError("say --delete or --keep")
    settled = run(target_from(options), lambda service: _settle(service, import_id, delete=delete))
    if settled.state == Sync.STATE_FINISHED_WITHOUT_DELETIONS:
        click.echo(f"Import {import_id} is finished; nothing was deleted.")
    else:
        click.echo(
            f"Import {import_id} is finished; {settled.deleted_count:,} objects are deleted."
        )


async def _settle(service: Service, import_id: str, *, delete: bool) -> Sync:
    request = source_service_pb2.SettleSyncRequest(import_id=import_id, delete=delete)
    with progress_bar() as progress:
        task = progress.add_task("deleted", total=None)
        for _ in range(MAX_CALLS):
            response = await service.call(service.sources.SettleSync, request)
            sync: Sync = response.sync
            progress.update(task, completed=sync.deleted_count, total=sync.missing_count)
            if sync.state not in GOING_ON:
                break
    return sync


def _print(found: list[Sync]) -> None:
    console = Console(highlight=False, markup=False)
    for one in found:
        style = "yellow" if one.state == Sync.STATE_HELD else ""
        console.print(f"{one.import_id}  of {one.source}, begun {minute(one.begin_time)}")
        console.print(f"    {_outcome(one)}", style=style)
        for line in missing_lines(one) if one.state == Sync.STATE_HELD else ():
            console.print(f"      {line}", style=style)
    console.print(f"{len(found):,} imports; times are in UTC.")
    if any(one.state == Sync.STATE_HELD for one in found):
        console.print(
            "What is held waits for you: look whether the package was whole, then say"
            " `settle-import IMPORT --delete` or `--keep`.",
            style="yellow",
        )


def missing_lines(sync: Sync) -> list[str]:
    """Return a line for each collection of which an import did not bring all that is here."""
    return [
        f"{one.collection}: {one.missing_count:,} of {one.standing_count:,}"
        for one in sync.counts
        if one.missing_count
    ]


def _outcome(one: Sync) -> str:
    by = f" by {one.actor}" if one.actor else ""
    if one.state == Sync.STATE_HELD:
        return f"held: {one.missing_count:,} objects are missing:"
    if one.state == Sync.STATE_FINISHED_WITHOUT_DELETIONS:
        return f"finished; {one.missing_count:,} missing objects were kept{by}"
    deleted = f"; {one.deleted_count:,} missing objects were deleted{by}"
    return word(STATE, one.state) + (deleted if one.deleted_count else "")
