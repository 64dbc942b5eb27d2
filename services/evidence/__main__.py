"""The commands of the evidence service: `python -m services.evidence --help`.

What only a process needs is imported where it begins, so that a command at a shell starts at once.
"""

import sys
from pathlib import Path

import click

from services.common import logs, process
from services.common.config import load
from services.common.kafka.rebase import rebase_relay_command
from services.common.postgres.command import migrate_command
from services.common.process import Lifecycle
from services.evidence.config import EvidenceSettings
from services.evidence.entrypoints.commands.aliases import import_aliases_command
from services.evidence.entrypoints.commands.alignments import import_alignments_command
from services.evidence.entrypoints.commands.calling import call_command
from services.evidence.entrypoints.commands.contents import Contents
from services.evidence.entrypoints.commands.import_json import import_json_command
from services.evidence.entrypoints.commands.merges import (
    merge_learners_command,
    merges_command,
    undo_merge_command,
)
from services.evidence.entrypoints.commands.quarantine import quarantine_command
from services.evidence.entrypoints.commands.sources import source_group, sources_command
from services.evidence.entrypoints.commands.syncs import imports_command, settle_import_command
from services.evidence.entrypoints.commands.transfer import export_learner_command
from services.evidence.entrypoints.importing.document_commands import (
    import_case_command,
    import_edfi_command,
    import_oneroster_command,
)
from services.evidence.entrypoints.importing.import_command import import_command
from services.evidence.entrypoints.importing.mappings_command import mappings_command
from services.evidence.entrypoints.importing.retract_command import retract_import_command
from services.evidence.entrypoints.pulling.pull_command import pull_command

MIGRATIONS = Path(__file__).parent / "migrations"
RELAYED = {"ledger": "event IS NOT NULL", "outbox": "true"}


@click.group(cls=Contents)
def main() -> None:
    """Evidence: takes in what school systems keep and what learners show.

    Most commands talk to a running service: say where it is with --target and --token-file, or once
    for all of them in TRELLIS_EVIDENCE_TARGET and TRELLIS_TOKEN_FILE. Each has a --help of its own.
    """


@main.command()
def api() -> None:
    """Answer requests over gRPC and HTTP until told to stop."""
    from services.evidence.entrypoints.api import serve

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await serve(settings, lifecycle)

    sys.exit(process.run(start, shutdown_grace_seconds=settings.shutdown_grace_seconds))


@main.command()
def relay() -> None:
    """Publish what is committed to Kafka until told to stop."""
    from services.evidence.entrypoints.relay import relay as relay_process

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await relay_process(settings, lifecycle)

    sys.exit(process.run(start, shutdown_grace_seconds=settings.shutdown_grace_seconds))


@main.command()
def resolver() -> None:
    """Take up what has become possible (quarantine, merges, frameworks) until told to stop."""
    from services.evidence.entrypoints.resolver import resolver as resolver_process

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await resolver_process(settings, lifecycle)

    sys.exit(process.run(start, shutdown_grace_seconds=settings.shutdown_grace_seconds))


@main.command("quick-checks")
def quick_checks() -> None:
    """Take quick checks of the scheduler in as evidence until told to stop."""
    from services.evidence.entrypoints.quick_checks import take

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await take(settings, lifecycle)

    sys.exit(process.run(start, shutdown_grace_seconds=settings.shutdown_grace_seconds))


main.add_command(import_command)
main.add_command(import_oneroster_command)
main.add_command(import_edfi_command)
main.add_command(import_case_command)
main.add_command(import_json_command)
main.add_command(import_aliases_command)
main.add_command(import_alignments_command)
main.add_command(pull_command)
main.add_command(retract_import_command)
main.add_command(mappings_command)
main.add_command(quarantine_command)
main.add_command(sources_command)
main.add_command(source_group)
main.add_command(imports_command)
main.add_command(settle_import_command)
main.add_command(merge_learners_command)
main.add_command(undo_merge_command)
main.add_command(merges_command)
main.add_command(export_learner_command)
main.add_command(call_command)
main.add_command(migrate_command(lambda: load(EvidenceSettings).postgres_dsn, MIGRATIONS))
main.add_command(rebase_relay_command(lambda: load(EvidenceSettings).postgres_dsn, RELAYED))


def _settings() -> EvidenceSettings:
    settings = load(EvidenceSettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)
    return settings


if __name__ == "__main__":
    main()
