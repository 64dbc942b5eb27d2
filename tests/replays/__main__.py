"""python -m tests.replays: many histories in other orders, each held against the calm one."""

from __future__ import annotations

import asyncio
import sys
import time

import click
from rich.console import Console
from rich.table import Table

from tests.replays.mutants import FloatSums
from tests.replays.replay import Outcome, replay
from tests.support.mastery_systems.in_memory import MemorySystem

CONTROL_SEEDS = 80
PROBLEMS_SHOWN = 20
SEEDS_BETWEEN_WORDS = 100


@click.command()
@click.option("--seeds", default=1_500, show_default=True, help="How many histories.")
@click.option("--first-seed", default=1, show_default=True)
@click.option("--control", default=CONTROL_SEEDS, show_default=True, help="Of these, with floats.")
def main(seeds: int, first_seed: int, control: int) -> None:
    """Replay histories in random orders; exit 1 where a state or a reading is another one.

    The control sums floats: it has to end in another state each time, else this shows nothing.
    """
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table(
        *("what", "replays", "facts", "deliveries", "failed", "other hashes", "other rows"),
        *("readings", "other readings", "s"),
    )
    chosen = range(first_seed, first_seed + seeds)
    found = _run(console, table, "mastery", chosen, MemorySystem)
    floats = _run(console, table, "control: sums of floats", chosen[:control], FloatSums)
    console.print(table)
    kinds = ", ".join(f"{name} {count}" for name, count in sorted(found.decisions.items()))
    console.print(f"decisions that were read: {kinds}")
    for problem in found.problems[:PROBLEMS_SHOWN]:
        console.print(problem)
    if floats.hash_mismatches < floats.replays:
        console.print("The control ended in the same state: these orders are no test.")
    sys.exit(not found.is_same or floats.hash_mismatches < floats.replays)


def _run(console: Console, table: Table, what: str, seeds: range, kind: type) -> Outcome:
    started, outcome = time.monotonic(), Outcome()

    async def replay_all() -> None:
        for place, seed in enumerate(seeds, 1):
            await replay(seed, outcome, kind)
            if place % SEEDS_BETWEEN_WORDS == 0:
                console.print(f"{what}: {place} of {len(seeds)}")

    asyncio.run(replay_all())
    table.add_row(
        what,
        f"{outcome.replays:,}",
        f"{outcome.facts:,}",
        f"{outcome.deliveries:,}",
        str(outcome.failures),
        str(outcome.hash_mismatches),
        str(outcome.row_mismatches),
        f"{outcome.readings:,}",
        str(outcome.reading_mismatches),
        f"{time.monotonic() - started:.0f}",
    )
    return outcome


if __name__ == "__main__":
    main()
