"""CPU time of processes as the kernel counts it, in steps of 10 ms: /proc/PID/stat.

PostgreSQL's sessions are told apart by the name that each service connects with. A session that
ends during a measurement stays counted as far as it was last seen.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat after the program's name: user and system time.
USER_FIELD, SYSTEM_FIELD = 11, 12
# Fields of the first line of /proc/stat that are no work: idle, and waiting for the disk.
IDLE_FIELDS = (3, 4)
# The last two repeat what is in the first: time of guests.
GUEST_FIELDS = (8, 9)


def cpu_ticks(pid: int) -> int | None:
    """Return what a process has spent, all threads; None when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 1 :].split()
    return int(fields[USER_FIELD]) + int(fields[SYSTEM_FIELD])


def machine_ticks() -> int:
    """Return what all processes and the kernel have spent since the machine was started."""
    line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    numbers = [int(each) for each in line.split()[1:]]
    idle = sum(numbers[place] for place in (*IDLE_FIELDS, *GUEST_FIELDS) if place < len(numbers))
    return sum(numbers) - idle


@dataclass(kw_only=True)
class Usage:
    """Adds up what processes spend, by stage, from `begin` on; `look` at least every second."""

    spent_ticks: Counter[str] = field(default_factory=Counter)
    _last: dict[int, int] = field(default_factory=dict)
    _machine_begin: int = 0
    _machine_end: int = 0

    def begin(self, stages: Mapping[int, str]) -> None:
        """Start from what these processes have spent so far."""
        self._machine_begin = machine_ticks()
        for pid in stages:
            ticks = cpu_ticks(pid)
            if ticks is not None:
                self._last[pid] = ticks

    def look(self, stages: Mapping[int, str]) -> None:
        """Add what was spent since the last look; a process that is new counts from its start."""
        for pid, stage in stages.items():
            ticks = cpu_ticks(pid)
            if ticks is not None:
                self.spent_ticks[stage] += ticks - self._last.get(pid, 0)
                self._last[pid] = ticks
        self._machine_end = machine_ticks()

    def seconds(self, rest: str) -> dict[str, float]:
        """Return seconds of CPU by stage; `rest` is what the machine did besides."""
        found = {stage: ticks / TICKS_PER_SECOND for stage, ticks in self.spent_ticks.items()}
        machine = (self._machine_end - self._machine_begin) / TICKS_PER_SECOND
        # Ticks of processes and of the machine are rounded apart from each other.
        return found | {rest: max(0.0, machine - sum(found.values()))}
