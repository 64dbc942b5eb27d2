"""The command `retract-import`: everything that stands because of an import counts no longer."""

from typing import Any, Final

import click
from trellis.evidence.v1 import evidence_service_pb2, evidence_service_pb2_grpc

from services.common.rpc.command_line import call
from services.evidence.entrypoints.importing.target import progress_bar, target_from, target_options

MAX_CALLS: Final = 1_000_000
"""Of one retraction: 5 billion observations."""


@click.command("retract-import")
@click.argument("import_id")
@target_options
def retract_import_command(import_id: str, **options: Any) -> None:  # noqa: ANN401
    """Retract everything that stands because of an import."""
    target = target_from(options)

    async def run() -> int:
        channel = target.connect()
        stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
        caller, count = target.caller(), 0
        request = evidence_service_pb2.RetractImportRequest(import_id=import_id)
        try:
            with progress_bar() as progress:
                task = progress.add_task("retracted", total=None)
                for _ in range(MAX_CALLS):
                    response = await caller.call(stub.RetractImport, request)
                    count += response.retracted_count
                    progress.update(task, completed=count)
                    if not response.more:
                        break
        finally:
            await channel.close()
        return count

    count = call(run)
    nothing = "" if count else " Nothing stands of it: look at its id in the report of the import."
    click.echo(f"{count:,} observations of import {import_id} were retracted.{nothing}")
