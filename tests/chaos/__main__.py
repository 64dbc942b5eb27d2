"""python -m tests.chaos: many runs under kills, each held against one calm run."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.chaos.scenario import End, Scenario

KAFKA_CACHE = Path(".trellis/cache/kafka-4.3.1")


@click.command()
@click.option("--seeds", default=10, show_default=True, help="How many runs under kills.")
@click.option("--first-seed", default=1, show_default=True)
@click.option("--kills", default=20, show_default=True, help="SIGKILLs in each run.")
@click.option("--weeks", default=4, show_default=True, help="Weeks of records that come in.")
def main(seeds: int, first_seed: int, kills: int, weeks: int) -> None:
    """Kill client, services, broker and PostgreSQL at random; exit 1 where an end differs."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    calm = _run(Scenario(seed=0, kills=0, weeks=weeks, sent_again_ratio=0))
    console.print(f"calm: {calm.state_hash}, {calm.evidence_count:,} pieces, {calm.seconds:.0f} s")
    table = Table(
        "seed",
        "same end",
        "pieces",
        "ledger ids",
        "topic ids",
        "topic records",
        "sent again",
        "s",
        "kills",
    )
    failed = []
    for seed in range(first_seed, first_seed + seeds):
        end = _run(Scenario(seed=seed, kills=kills, weeks=weeks))
        same = end.state_hash == calm.state_hash
        if not same or end.ledger_event_ids != end.topic_event_ids:
            failed.append(seed)
        kinds = ", ".join(f"{name} {count}" for name, count in sorted(end.kills.items()))
        console.print(
            f"seed {seed}: {'same' if same else 'DIFFERENT'}, {end.seconds:.0f} s; {kinds}"
        )
        table.add_row(
            str(seed),
            "yes" if same else "NO",
            f"{end.evidence_count:,}",
            f"{end.ledger_event_ids:,}",
            f"{end.topic_event_ids:,}",
            f"{end.topic_records:,}",
            f"{end.sent_again:,}",
            f"{end.seconds:.0f}",
            kinds,
        )
    console.print(table)
    if failed:
        console.print(f"Seeds that did not end as a calm run does: {failed}")
        sys.exit(1)


def _run(scenario: Scenario) -> End:
    with tempfile.TemporaryDirectory(prefix="trellis-chaos-") as directory:
        return scenario.run(Path(directory), cache_directory=KAFKA_CACHE)


if __name__ == "__main__":
    main()
