"""The command `pull`: from every system in a configuration, when it is due, or once and now.

Exit codes with --once: 0 everything is kept; 1 some of it was refused, could not be read, or
deletions are held; 2 the command or the file cannot be used; 3 a pull ended before its end.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from services.common import logs, process
from services.common.config import load
from services.common.process import Lifecycle
from services.common.rpc.command_line import EXIT_STOPPED
from services.evidence.config import EvidenceSettings
from services.evidence.entrypoints.importing.document_commands import print_report
from services.evidence.entrypoints.importing.documents import DocumentReport
from services.evidence.entrypoints.importing.target import (
    EXIT_REFUSED,
    Target,
    target_from,
    target_options,
)
from services.evidence.entrypoints.pulling.configuration import (
    AnyPeer,
    ConfigurationFileError,
    PullConfiguration,
    load_configuration,
)
from services.evidence.entrypoints.pulling.process import (
    Puller,
    is_held,
    pull_process,
    whose_fault,
)


@dataclass(kw_only=True)
class PullReport:
    """What one pull came to. notes: what could not be read."""

    peer: str
    documents: DocumentReport
    whole: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Return the exit code that it is worth."""
        if self.documents.stopped is not None:
            return EXIT_STOPPED
        apart = self.documents.total("refused") or self.notes or is_held(self.documents)
        return EXIT_REFUSED if apart else 0


@click.command("pull")
@click.option(
    "--config",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file with the systems to pull from; docs/pulling.md has what it may say.",
)
@click.option("--once", is_flag=True, help="Pull from each now, print a report, and end.")
@click.option("--source", help="From the peers of this source alone.")
@click.option(
    "--everything", is_flag=True, help="With --once: all there is, and not only what has changed."
)
@click.option("--json", "as_json", is_flag=True, help="With --once: print the report as JSON.")
@target_options
def pull_command(
    path: Path,
    *,
    once: bool,
    source: str | None,
    everything: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401
) -> None:
    """Pull from student information systems and publishers: OneRoster, Ed-Fi, CASE.

    Without --once it goes on until it is told to stop, with health and metrics on a port.
    """
    if (everything or as_json) and not once:
        raise click.UsageError("--everything and --json go with --once")
    configuration = _configuration(path, source)
    target = target_from(options)
    if once:
        reports = asyncio.run(pull_once(configuration.peers, target, everything=everything))
        _print(reports, as_json=as_json)
        sys.exit(max(one.exit_code for one in reports))
    settings = load(EvidenceSettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)

    async def start(lifecycle: Lifecycle) -> None:
        await pull_process(settings, configuration, target, lifecycle)

    sys.exit(process.run(start, shutdown_grace_seconds=settings.shutdown_grace_seconds))


async def pull_once(
    peers: Sequence[AnyPeer], target: Target, *, everything: bool = False
) -> list[PullReport]:
    """Pull from each peer, one after the other; what goes wrong with one keeps no other."""
    channel = target.connect()
    try:
        return [
            await _pull_once(Puller(settings=one, channel=channel, target=target), everything)
            for one in peers
        ]
    finally:
        await channel.close()


async def _pull_once(puller: Puller, everything: bool) -> PullReport:
    report = PullReport(peer=puller.settings.called, documents=puller.new_report())
    started = time.perf_counter()
    try:
        run = await puller.pull(report.documents, everything=everything)
    except Exception as error:
        whose, problem = whose_fault(error)
        if whose == "puller":
            raise
        report.documents.stopped = problem
    else:
        report.whole, report.notes = run.whole, run.notes
    report.documents.elapsed_seconds = time.perf_counter() - started
    return report


def _configuration(path: Path, source: str | None) -> PullConfiguration:
    try:
        configuration = load_configuration(path)
    except ConfigurationFileError as error:
        raise click.UsageError(str(error)) from error
    if source is None:
        return configuration
    peers = [one for one in configuration.peers if one.source == source]
    if not peers:
        raise click.UsageError(f"{path} has no peer of the source {source}")
    return configuration.model_copy(update={"peers": peers})


_KINDS: Final = {True: "everything", False: "what has changed"}


def _print(reports: Sequence[PullReport], *, as_json: bool) -> None:
    if as_json:
        documents = [
            {
                "peer": one.peer,
                "whole": one.whole,
                "notes": one.notes,
                **json.loads(one.documents.as_json()),
            }
            for one in reports
        ]
        click.echo(json.dumps(documents, indent=2, ensure_ascii=False))
        return
    console = Console()
    for one in reports:
        console.print(f"From {one.peer}: {_KINDS[one.whole]}", highlight=False, markup=False)
        print_report(one.documents, console)
        for note in one.notes:
            console.print(note, style="yellow", highlight=False, markup=False)
