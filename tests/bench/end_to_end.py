"""Part 5: from batch gRPC to folded state, with every process on this machine, and where it goes.

The clock runs from the first request until every record counts in the state. The projector runs
all the while; what it has left to publish by then is measured apart.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from deploy.local.databases import database_name, with_database
from deploy.local.ports import LOOPBACK
from deploy.local.processes import tail
from tests.bench.sender import READY
from tests.bench.servers import Bench
from tests.bench.shapes import Shape
from tests.bench.stages import REST, STAGES, processes
from tests.bench.usage import Usage

LOOK_SECONDS = 0.1
# A look adds up a sum of every learner, so until the end is near there are few.
SELDOM_SECONDS = 1.0
NEAR_SHARE = 0.9
PATIENCE_SECONDS = 300.0
IN_FLIGHT = 4

# Each record is a piece of its own and is scored. Offsets say less: watermarks have some, too. No
# bench rebuilds, so the first state stays the live one.
_FOLDED = "SELECT coalesce(sum(evidence_count), 0)::bigint FROM state_a.learner_state"
_MARKED = "SELECT EXISTS (SELECT FROM changed_key)"


class NotFoldedError(Exception):
    """Records were refused, or were not all folded in time."""


@dataclass(frozen=True, kw_only=True)
class EndToEndFigures:
    """One shape of records. Rates are records a second of wall time from the first request on.

    `own_micros` leaves out what else the machine did; `records_per_second_alone` is the rate that
    the same cores would have given without it.
    """

    shape: Shape
    records: int
    accepted_per_second: float
    folded_per_second: float
    published_per_second: float
    wall_seconds: float
    cpu_micros_by_stage: dict[str, float]
    cpu_micros: float
    own_micros: float
    cores_used: float
    records_per_second_alone: float


async def measure_shape(
    bench: Bench,
    population: Path,
    shape: Shape,
    *,
    records: int,
    run: str,
    advance: Callable[[int], None],
) -> EndToEndFigures:
    """Send records of a shape and wait until they are folded, then published.

    `run` makes their ids differ from those of other runs.
    """
    dsn = with_database(bench.cluster.postgres.dsn(), database_name("mastery"))
    connection = await asyncpg.connect(dsn, timeout=10, command_timeout=30)
    try:
        with running_sender(bench, population, shape, records, run=run) as sender:
            return await _measured(bench, connection, sender, (shape, records), advance)
    finally:
        await connection.close()


async def _measured(
    bench: Bench,
    connection: asyncpg.Connection,
    sender: subprocess.Popen[str],
    work: tuple[Shape, int],
    advance: Callable[[int], None],
) -> EndToEndFigures:
    shape, records = work
    before: int = await connection.fetchval(_FOLDED)
    usage = Usage()
    usage.begin(await processes(bench.cluster, connection, sender.pid))
    begun = time.perf_counter()
    start_sending(sender)
    passed = 0
    while passed < records:
        _check(bench, sender, begun)
        is_near = passed > NEAR_SHARE * records
        await asyncio.sleep(LOOK_SECONDS if is_near else SELDOM_SECONDS)
        if not is_near:
            # Sessions come and go seldom.
            usage.look(await processes(bench.cluster, connection, sender.pid))
        now: int = await connection.fetchval(_FOLDED)
        advance(now - before - passed)
        passed = now - before
    folded_seconds = time.perf_counter() - begun
    usage.look(await processes(bench.cluster, connection, sender.pid))
    while await connection.fetchval(_MARKED):
        _check(bench, sender, begun)
        await asyncio.sleep(LOOK_SECONDS)
    published_seconds = time.perf_counter() - begun
    sent = read_answer(sender, records)
    spent = usage.seconds(REST)
    own_seconds = sum(spent.values()) - spent[REST]
    cores_used = sum(spent.values()) / folded_seconds
    return EndToEndFigures(
        shape=shape,
        records=records,
        accepted_per_second=records / sent["seconds"],
        folded_per_second=records / folded_seconds,
        published_per_second=records / published_seconds,
        wall_seconds=folded_seconds,
        cpu_micros_by_stage={stage: spent.get(stage, 0.0) / records * 1e6 for stage in STAGES},
        cpu_micros=sum(spent.values()) / records * 1e6,
        own_micros=own_seconds / records * 1e6,
        cores_used=cores_used,
        records_per_second_alone=records * cores_used / own_seconds,
    )


def _check(bench: Bench, sender: subprocess.Popen[str], begun: float) -> None:
    for name, part in bench.cluster.parts.items():
        if not part.process.is_alive():
            raise NotFoldedError(f"{name} has ended; its log: {tail(part.process.log_path)}")
    if sender.poll() not in (None, 0):
        assert sender.stderr is not None
        raise NotFoldedError(f"the sender failed:\n{sender.stderr.read()[-4000:]}")
    if time.perf_counter() - begun > PATIENCE_SECONDS:
        raise NotFoldedError(f"not all was folded and published within {PATIENCE_SECONDS:.0f} s")


def start_sending(sender: subprocess.Popen[str]) -> None:
    """Let a sender that is ready begin."""
    assert sender.stdin is not None
    sender.stdin.write("go\n")
    sender.stdin.flush()


def read_answer(sender: subprocess.Popen[str], records: int) -> dict[str, Any]:
    """Wait for what the sender says in the end: `seconds` and `outcomes`, all of them accepted."""
    assert sender.stdout is not None
    sent: dict[str, Any] = json.loads(sender.stdout.readline())
    if sent["outcomes"] != {"OUTCOME_ACCEPTED": records}:
        raise NotFoldedError(f"not every record was accepted: {sent['outcomes']}")
    return sent


@contextmanager
def running_sender(
    bench: Bench, population: Path, shape: Shape, records: int, *, run: str
) -> Iterator[subprocess.Popen[str]]:
    """Start a sender and wait until it has made its requests; it is ended with the block."""
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.bench.sender"),
            *("--address", f"{LOOPBACK}:{bench.cluster.ports['evidence-api-grpc']}"),
            *("--token-file", str(bench.cluster.tokens.file("district-it"))),
            *("--population", str(population), "--shape", shape, "--records", str(records)),
            *("--run", run, "--in-flight", str(IN_FLIGHT)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as sender:
        try:
            assert sender.stdout is not None
            line = sender.stdout.readline().strip()
            if line != READY:
                assert sender.stderr is not None
                raise NotFoldedError(f"the sender failed:\n{sender.stderr.read()[-4000:]}")
            yield sender
        finally:
            sender.kill()
