"""The rebuild of the large state: mastery's own, with the ledger read from the files.

What it leaves out of the real one is the ledger's service: its pages come from files, in order.
The topic has nothing beyond the ledger, as no work is sent meanwhile.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import click
from trellis.evidence.v1 import evidence_pb2

from services.common import logs, process
from services.common.kafka import offsets
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.mastery.adapters.ledger import PAGE_SIZE, page_of
from services.mastery.adapters.postgres.shadow import PostgresShadowState
from services.mastery.entrypoints.rebuild import COMMAND_SECONDS, CONNECTIONS
from services.mastery.handlers.rebuild import Rebuild, RebuildOptions
from services.mastery.ports.rebuilding import LedgerPage, TopicRun
from tests.bench.large_state.children import READY, print_line
from tests.bench.large_state.folding import GROUP, TOPIC, memory_mebibytes, topic_facts
from tests.bench.large_state.work import read_records

APPLICATION: Final = "bench-rebuild"
FOLDED: Final = {"folded": True}
"""The line that is said when the ledger is folded, before it is compared."""


@dataclass(frozen=True, kw_only=True)
class Rebuilt:
    """What a rebuild took, from the first page to the last commit, and after it; memory in MiB.

    `equal` says whether all tables were equal to the live ones row by row; None: not compared.
    """

    records: int
    wall_seconds: float
    cpu_seconds: float
    analyse_and_compare_seconds: float
    peak_mebibytes: float
    equal: bool | None


class FiledLedger:
    """The ledger as files of records."""

    def __init__(self, files: Sequence[Path], records: int) -> None:
        self._files = files
        self._records = records

    async def pages(self) -> AsyncIterator[LedgerPage]:
        """Return so many records of the files."""
        stored = (value for path in self._files for _, value in read_records(path))
        values = islice(stored, self._records)
        while sent := list(islice(values, PAGE_SIZE)):
            yield page_of(map(evidence_pb2.EvidenceEvent.FromString, sent))


class WatchedShadow(PostgresShadowState):
    """The state aside, which says when all of the ledger is folded."""

    cpu_seconds = 0.0
    folded_at_seconds = 0.0

    async def prepare(self) -> None:
        """Empty it and begin."""
        await super().prepare()
        self.cpu_seconds = -time.process_time()

    async def analyse(self) -> None:
        """Say that the ledger is folded, and go on."""
        self.folded_at_seconds = time.perf_counter()
        self.cpu_seconds += time.process_time()
        print_line(FOLDED)
        await super().analyse()


class EndedTopic:
    """A topic that ends where the group is."""

    def __init__(self, ends: Mapping[int, int]) -> None:
        self._ends = ends

    async def ends(self) -> Mapping[int, int]:
        """Return the group's offsets."""
        return self._ends

    def read(self, start: Mapping[int, int], end: Mapping[int, int]) -> AsyncIterator[TopicRun]:
        """Refuse: there is nothing between an end and itself."""
        raise AssertionError(f"nothing stands in the topic between {start} and {end}")


async def rebuild(database: Database, files: Sequence[Path], records: int, whole: bool) -> Rebuilt:
    """Rebuild from the first records of the ledger; compare where these are all of it."""
    async with database.transaction(None) as connection:
        rows = await offsets.read(connection, GROUP, TOPIC)
    options = RebuildOptions(swap=False, compare=whole)
    shadow = WatchedShadow(
        database,
        consumer_group=GROUP,
        topic=topic_facts(),
        old_readers_seconds=options.old_readers_seconds,
    )
    try:
        report = await Rebuild(
            ledger=FiledLedger(files, records),
            topic=EndedTopic({number: row.next_offset for number, row in rows.items()}),
            shadow=shadow,
            options=options,
            say=lambda _: None,
        ).run()
    finally:
        await shadow.close()
    return Rebuilt(
        records=report.ledger_count,
        wall_seconds=report.ledger_seconds,
        cpu_seconds=shadow.cpu_seconds,
        analyse_and_compare_seconds=time.perf_counter() - shadow.folded_at_seconds,
        peak_mebibytes=memory_mebibytes("VmHWM"),
        equal=report.is_equal if whole else None,
    )


@click.command()
@click.option("--dsn", required=True)
@click.option("--records", type=int, required=True)
@click.option("--whole", is_flag=True)
def main(dsn: str, records: int, whole: bool) -> None:
    """Rebuild from the files that are named on the one line of standard input."""
    logs.configure(log_format="console", log_level="error")

    async def run(lifecycle: Lifecycle) -> None:
        database = await Database.connect(
            dsn,
            pool_size=CONNECTIONS,
            application_name=APPLICATION,
            command_timeout_seconds=COMMAND_SECONDS,
        )
        lifecycle.add_closer("database", database.close)
        print_line(READY)
        line = await asyncio.to_thread(sys.stdin.readline)
        rebuilt = await rebuild(database, [Path(name) for name in line.split()], records, whole)
        print_line(asdict(rebuilt))

    sys.exit(process.run(run))


if __name__ == "__main__":
    main()
