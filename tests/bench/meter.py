"""What a worker process spends: measured inside it, from a first share of the records to the last.

Starting Python costs more than folding thousands of records, so the first records are left out.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict, dataclass

WARM_UP_SHARE = 10


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What `records` records took: CPU (user and system, all threads) and wall time in seconds."""

    records: int
    cpu_seconds: float
    wall_seconds: float

    @property
    def cpu_micros(self) -> float:
        """Microseconds of CPU a record."""
        return self.cpu_seconds / self.records * 1e6

    @property
    def records_per_second(self) -> float:
        """Records a second of wall time."""
        return self.records / self.wall_seconds

    @classmethod
    def parse(cls, line: str) -> Spent:
        """Read what `print_line` wrote."""
        return cls(**json.loads(line))

    def print_line(self) -> None:
        """Hand the figures to whoever started this process, as its last line."""
        print(json.dumps(asdict(self)), flush=True)


class Meter:
    """Counts committed records; begins after the warm-up and sets `done` at the last one."""

    def __init__(self, expected: int) -> None:
        self.done = asyncio.Event()
        self._expected = expected
        self._seen = 0
        self._begin: tuple[int, float, float] | None = None
        self._end: tuple[int, float, float] | None = None

    def add(self, count: int) -> None:
        """Take note of records whose transaction has been committed."""
        self._seen += count
        now = (self._seen, time.process_time(), time.perf_counter())
        if self._begin is None and self._seen * WARM_UP_SHARE >= self._expected:
            self._begin = now
        if self._seen >= self._expected and self._end is None:
            self._end = now
            self.done.set()

    def spent(self) -> Spent:
        """Return what the records after the warm-up took; only once `done` is set."""
        assert self._begin is not None
        assert self._end is not None
        first, last = self._begin, self._end
        return Spent(
            records=last[0] - first[0],
            cpu_seconds=last[1] - first[1],
            wall_seconds=last[2] - first[2],
        )
