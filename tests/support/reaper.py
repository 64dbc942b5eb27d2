"""Ends the servers of a test run that died without a chance to do so itself.

The run holds this process's standard input open and writes to it what it starts. Whatever ends the
run (also SIGKILL) closes that pipe, and then everything that is still there is ended and removed.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from deploy.local.processes import (
    ProcessIdentity,
    descendants,
    end_processes,
    is_running,
    send_signal,
)

CLOSE_SECONDS = 60.0


class Reaper:
    """The test run's end of the pipe."""

    def __init__(self, root: Path) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.support.reaper"],
            cwd=root,
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C in the terminal must not reach it
        )

    def watch_process(self, identity: ProcessIdentity) -> None:
        """Have this process ended when the run is gone."""
        self._write(f"process {identity.pid} {identity.start_ticks} {identity.boot_id}")

    def watch_directory(self, directory: Path) -> None:
        """Have this directory removed when the run is gone."""
        self._write(f"directory {directory}")

    def close(self) -> None:
        """Let it clean up and wait for it."""
        assert self._child.stdin is not None
        self._child.stdin.close()
        self._child.wait(timeout=CLOSE_SECONDS)

    def _write(self, line: str) -> None:
        assert self._child.stdin is not None
        self._child.stdin.write(f"{line}\n")
        self._child.stdin.flush()


def reap(lines: list[str]) -> None:
    """End the processes and remove the directories that these lines name."""
    for line in lines:
        kind, _, rest = line.strip().partition(" ")
        if kind == "process":
            pid, start_ticks, boot = rest.split()
            identity = ProcessIdentity(pid=int(pid), start_ticks=int(start_ticks), boot_id=boot)
            family = [identity, *descendants(identity.pid)] if is_running(identity) else []
            for member in family:
                send_signal(member, signal.SIGKILL)
            end_processes(family, grace_seconds=1.0)
    for line in lines:
        kind, _, rest = line.strip().partition(" ")
        if kind == "directory":
            shutil.rmtree(rest, ignore_errors=True)


if __name__ == "__main__":
    reap(sys.stdin.readlines())  # returns when the other end is closed
