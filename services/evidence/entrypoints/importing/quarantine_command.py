"""The command `quarantine`: refused records, with what to do about each."""

from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from trellis.evidence.v1 import evidence_pb2, evidence_service_pb2, evidence_service_pb2_grpc

from services.evidence.entrypoints.importing.target import call, target_from, target_options


@click.command("quarantine")
@target_options
@click.option("--import-id", default="", help="Of this import only.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
def quarantine_command(import_id: str, limit: int, **options: Any) -> None:  # noqa: ANN401
    """List refused records, newest first, with what to do about each."""
    target = target_from(options)

    async def run() -> list[evidence_service_pb2.QuarantinedRecord]:
        channel = target.connect()
        stub = evidence_service_pb2_grpc.EvidenceServiceStub(channel)
        caller, token = target.caller(), ""
        found: list[evidence_service_pb2.QuarantinedRecord] = []
        try:
            while len(found) < limit:
                request = evidence_service_pb2.ListQuarantinedRecordsRequest(
                    import_id=import_id, page_token=token
                )
                page = await caller.call(stub.ListQuarantinedRecords, request)
                found += page.records
                token = page.next_page_token
                if not token:
                    break
        finally:
            await channel.close()
        return found[:limit]

    _print_quarantined(call(run))


def _print_quarantined(records: Sequence[evidence_service_pb2.QuarantinedRecord]) -> None:
    console = Console(highlight=False, markup=False)
    for one in records:
        reason = evidence_pb2.RefusalReason.Name(one.refusal.reason)
        place = f"import {one.import_id} line {one.line}" if one.import_id else one.source
        console.print(
            f"{one.quarantine_id}  {reason.removeprefix('REFUSAL_REASON_')}  {place}"
            f"  event {one.event_id or '(none)'}"
        )
        field = f"{one.refusal.field}: " if one.refusal.field else ""
        console.print(f"    {field}{one.refusal.message} {one.refusal.hint}", style="dim")
    console.print(f"{len(records)} refused records.")
