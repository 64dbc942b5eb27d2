"""What a worker has done and when, for its probes and its metrics.

Pure bookkeeping: no clock but the one passed in, no driver. Liveness fails when records are
waiting and nothing has been committed for too long: a stalled consumer looks healthy otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(kw_only=True, slots=True)
class PartitionProgress:
    """One partition: the next offset to apply, the topic's end, and since when it is behind."""

    next_offset: int
    end_offset: int
    behind_since_seconds: float | None = None

    @property
    def lag(self) -> int:
        """How many offsets lie between what is applied and the end."""
        return max(0, self.end_offset - self.next_offset)


@dataclass(kw_only=True, slots=True)
class Progress:
    """Progress of one worker over its partitions; ``monotonic`` gives seconds, rising only."""

    monotonic: Callable[[], float]
    stall_seconds: float = 300.0
    partitions: dict[int, PartitionProgress] = field(default_factory=dict)
    waits: dict[str, str] = field(default_factory=dict)
    started: bool = False

    def keep(self, partitions: frozenset[int]) -> None:
        """Forget every partition but these: another worker has them now, or none is ours."""
        self.partitions = {n: kept for n, kept in self.partitions.items() if n in partitions}
        self.started = True

    def begin(self, next_offsets: dict[int, int]) -> None:
        """Take note of the partitions that are ours from now on, with their next offsets."""
        self.partitions = {
            partition: PartitionProgress(next_offset=offset, end_offset=offset)
            for partition, offset in next_offsets.items()
        }
        self.started = True

    def seen_end(self, partition: int, end_offset: int) -> None:
        """Take note of the topic's end; being behind counts from the first time it is seen."""
        known = self.partitions.get(partition)
        if known is None:
            return
        known.end_offset = max(known.end_offset, end_offset)
        if known.lag and known.behind_since_seconds is None:
            known.behind_since_seconds = self.monotonic()

    def committed(self, partition: int, next_offset: int) -> None:
        """Take note of a commit: the clock of being behind starts again, or stops."""
        known = self.partitions.get(partition)
        if known is None:
            return
        known.next_offset = max(known.next_offset, next_offset)
        known.behind_since_seconds = self.monotonic() if known.lag else None

    def waiting(self, doing: str, reason: str | None) -> None:
        """Take note that something has to heal first, or, with None, that it has."""
        if reason is None:
            self.waits.pop(doing, None)
        else:
            self.waits[doing] = reason

    @property
    def lag(self) -> int:
        """Offsets not yet applied, over all partitions of this worker."""
        return sum(partition.lag for partition in self.partitions.values())

    def stalled(self) -> str | None:
        """Return why liveness fails, or None: records wait and nothing was committed too long."""
        now = self.monotonic()
        for number, partition in sorted(self.partitions.items()):
            since = partition.behind_since_seconds
            if since is not None and now - since > self.stall_seconds:
                return (
                    f"partition {number}: {partition.lag} records behind and no commit for "
                    f"{now - since:.0f} s"
                )
        return None

    def not_ready(self) -> str | None:
        """Return why readiness fails, or None: not started, or waiting for something to heal."""
        if not self.started:
            return "no partitions assigned yet"
        return next(iter(self.waits.values()), None)
