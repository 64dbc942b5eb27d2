"""Starts, watches and ends processes, and never signals one that it did not start.

A process is known by its id, its start time and the boot it was started in: ids are used again,
the three together are not. Everything here is Linux: it reads /proc.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import (
    ForeignServerError,
    NotReadyInTimeError,
    ProcessEndedError,
    WillNotStopError,
)

POLL_SECONDS = 0.02
STOP_SECONDS = 20.0
KILL_SECONDS = 10.0
# Children of a killed process get this long to notice and leave by themselves.
ORPHAN_SECONDS = 2.0
# As long as that, and more on a busy disk, before a server is taken for somebody else's.
ABANDON_SECONDS = 5.0
# A log that has grown past this is put aside at the next start, so that logs have a bound.
LOG_BYTES = 20 * 1024 * 1024
LOG_TAIL_LINES = 15
LOG_TAIL_BYTES = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class ProcessIdentity:
    """One process and no other, also after its id was given to another one."""

    pid: int
    start_ticks: int
    boot_id: str


@dataclass(frozen=True, kw_only=True)
class UserIds:
    """The user and group that a process runs as."""

    user_id: int
    group_id: int


@dataclass(frozen=True, kw_only=True)
class ProcessStat:
    """The few fields of /proc/PID/stat that matter here."""

    state: str
    parent_pid: int
    start_ticks: int


def boot_id() -> str:
    """Name the present boot: start times count from it."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def read_stat(pid: int) -> ProcessStat | None:
    """Read a process's state, or None when there is none of that id."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name of the program is in parentheses and may hold anything, so count from the last one.
    fields = text[text.rindex(")") + 1 :].split()
    return ProcessStat(state=fields[0], parent_pid=int(fields[1]), start_ticks=int(fields[19]))


def identify(pid: int) -> ProcessIdentity | None:
    """Give the identity of the process that has this id now."""
    stat = read_stat(pid)
    if stat is None:
        return None
    return ProcessIdentity(pid=pid, start_ticks=stat.start_ticks, boot_id=boot_id())


def is_running(identity: ProcessIdentity) -> bool:
    """Whether this very process still runs; a zombie does not."""
    stat = read_stat(identity.pid)
    return (
        stat is not None
        and stat.state not in "ZX"
        and stat.start_ticks == identity.start_ticks
        and boot_id() == identity.boot_id
    )


def send_signal(identity: ProcessIdentity, signal_number: int) -> bool:
    """Signal this very process; False when it is gone.

    The descriptor pins the process, so its id cannot pass to another one between the look and the
    signal.
    """
    try:
        descriptor = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return False
    try:
        if not is_running(identity):
            return False
        signal.pidfd_send_signal(descriptor, signal_number)
    except ProcessLookupError:
        return False
    finally:
        os.close(descriptor)
    return True


def descendants(pid: int) -> list[ProcessIdentity]:
    """List the children of a process, and theirs, parents first."""
    children: dict[int, list[ProcessIdentity]] = {}
    boot = boot_id()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or (stat := read_stat(int(entry.name))) is None:
            continue
        child = ProcessIdentity(pid=int(entry.name), start_ticks=stat.start_ticks, boot_id=boot)
        children.setdefault(stat.parent_pid, []).append(child)
    found = list(children.get(pid, []))
    for child in found:  # grows while it is walked; a tree of processes has an end
        found.extend(children.get(child.pid, []))
    return found


def programs_in(directory: Path, program: str) -> list[int]:
    """List the processes of a program whose working directory is this one."""
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError):  # it ended meanwhile, or is another user's and so not ours
            if not entry.name.isdigit() or (entry / "cwd").readlink() != directory:
                continue
            # The name too: a shell that stands in the directory is no server.
            if (entry / "comm").read_text(encoding="utf-8").strip() == program:
                found.append(int(entry.name))
    return found


def wait_until_abandoned(directory: Path, program: str) -> None:
    """Wait until no process of a dead server is left in its directory; an error if one stays.

    That one is a server which runs and was not written down, so it is not ours to end.
    """
    if wait_until(lambda: not programs_in(directory, program), seconds=ABANDON_SECONDS):
        return
    raise ForeignServerError(
        what=f"A server that was not started here uses {directory}.",
        why=f"These processes of {program} work in it: {programs_in(directory, program)}.",
        action="End it (kill -INT of the lowest number stops it cleanly) and start again.",
    )


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll until the condition holds; False when it did not within the bound."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end_processes(identities: Sequence[ProcessIdentity], *, grace_seconds: float) -> None:
    """Let processes leave by themselves, then kill those that did not."""

    def all_gone() -> bool:
        return not any(is_running(identity) for identity in identities)

    if wait_until(all_gone, seconds=grace_seconds):
        return
    for identity in identities:
        send_signal(identity, signal.SIGKILL)
    wait_until(all_gone, seconds=KILL_SECONDS)


def tail(path: Path, *, lines: int = LOG_TAIL_LINES) -> str:
    """Return the last lines of a log, for an error message."""
    if not path.exists():
        return "(no log was written)"
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
        found = log.read().decode("utf-8", errors="replace").splitlines()
    return "\n".join(found[-lines:]) or "(the log is empty)"


class ManagedProcess:
    """One process with a log file: started, waited for, paused, and ended by its identity.

    It runs in a session of its own, so that Ctrl-C in a terminal does not reach it. It may also be
    a process that another invocation started: see adopt().
    """

    def __init__(
        self,
        *,
        name: str,
        argv: Sequence[str],
        log_path: Path,
        environment: Mapping[str, str] | None = None,
        inherits_environment: bool = True,
        working_directory: Path | None = None,
        user: UserIds | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.argv = tuple(argv)
        self.log_path = log_path
        self.stop_signal = stop_signal
        self.identity: ProcessIdentity | None = None
        # Called as soon as a process is there, before it is ready: whoever must be able to end it
        # after a crash of this program writes its identity down here.
        self.on_start: Callable[[ProcessIdentity], None] | None = None
        self._environment = dict(environment or {})
        self._inherits_environment = inherits_environment
        self._working_directory = working_directory
        self._user = user
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id; an error when it was never started."""
        if self.identity is None:
            msg = f"{self.name} was not started"
            raise RuntimeError(msg)
        return self.identity.pid

    @property
    def fingerprint(self) -> str:
        """A hash of the command and of what was added to its environment."""
        text = json.dumps([self.argv, sorted(self._environment.items())])
        return hashlib.sha256(text.encode()).hexdigest()

    def adopt(self, identity: ProcessIdentity) -> None:
        """Take over a process that an earlier invocation started."""
        self.identity = identity

    def is_alive(self) -> bool:
        """Whether the process runs (also when it is paused)."""
        if self._child is not None:
            self._child.poll()  # reaps a child that has ended
        return self.identity is not None and is_running(self.identity)

    def exit_code(self) -> int | None:
        """Return the code with which a child has ended; None while it runs, or was adopted."""
        return None if self._child is None else self._child.poll()

    def start(self) -> ProcessIdentity:
        """Start the process, or return the one that runs; does not wait until it is ready."""
        if self.identity is not None and self.is_alive():
            return self.identity
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        self._put_aside_long_log()
        with self.log_path.open("ab") as log:
            self._child = self._spawn(log.fileno())
        identity = identify(self._child.pid)  # it is our child, so it is there, if only as a zombie
        assert identity is not None
        self.identity = identity
        if self.on_start is not None:
            self.on_start(identity)
        return identity

    def _spawn(self, log_descriptor: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.argv,
            stdin=subprocess.DEVNULL,
            stdout=log_descriptor,
            stderr=log_descriptor,
            cwd=self._working_directory,
            env={**(os.environ if self._inherits_environment else {}), **self._environment},
            start_new_session=True,
            user=None if self._user is None else self._user.user_id,
            group=None if self._user is None else self._user.group_id,
            extra_groups=None if self._user is None else [],
        )

    def _put_aside_long_log(self) -> None:
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(self.log_path.suffix + ".1"))

    def wait_until_ready(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `ready` says so; an error when the process ends first or takes too long."""
        ended = False

        def settled() -> bool:
            nonlocal ended
            ended = not self.is_alive()
            return ended or ready()

        if not wait_until(settled, seconds=seconds):
            raise NotReadyInTimeError(
                what=f"{self.name} did not become ready within {seconds:.0f} seconds.",
                why=f"It runs (process {self.pid}), but does not answer. Its log ends:\n"
                f"{tail(self.log_path)}",
                action=f"Read {self.log_path}; on a busy machine, try again.",
            )
        if ended:
            raise ProcessEndedError(
                what=f"{self.name} ended before it was ready.",
                why=f"Its log ends:\n{tail(self.log_path)}",
                action=f"Read {self.log_path}, remove the cause and start again.",
            )

    def wait_until_done(self, *, seconds: float) -> None:
        """Wait until a child has ended with code 0; an error when it failed or takes too long."""
        assert self._child is not None
        try:
            code = self._child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise NotReadyInTimeError(
                what=f"{self.name} was not done within {seconds:.0f} seconds and was ended.",
                why=f"Its log ends:\n{tail(self.log_path)}",
                action=f"Read {self.log_path}, remove the cause and try again.",
            ) from None
        if code != 0:
            raise ProcessEndedError(
                what=f"{self.name} failed with code {code}.",
                why=f"Its log ends:\n{tail(self.log_path)}",
                action=f"Read {self.log_path}, remove the cause and try again.",
            )

    def stop(
        self, *, seconds: float = STOP_SECONDS, stop_signal: signal.Signals | None = None
    ) -> bool:
        """Ask the process to end, then kill it after the bound; False when it did not run."""
        if self.identity is None or not self.is_alive():
            return False
        self.resume()  # a paused process would never see the request
        family = descendants(self.pid)
        send_signal(self.identity, stop_signal or self.stop_signal)
        if not wait_until(lambda: not self.is_alive(), seconds=seconds):
            return self.kill()
        end_processes(family, grace_seconds=ORPHAN_SECONDS)
        return True

    def kill(self) -> bool:
        """End the process with SIGKILL, and its children with it; False when it did not run."""
        if self.identity is None or not self.is_alive():
            return False
        family = descendants(self.pid)
        send_signal(self.identity, signal.SIGKILL)
        for child in family:
            send_signal(child, signal.SIGCONT)  # a paused child cannot see that its parent is gone
        if not wait_until(lambda: not self.is_alive(), seconds=KILL_SECONDS):
            raise WillNotStopError(
                what=f"{self.name} (process {self.pid}) outlived SIGKILL.",
                why="The kernel holds it, most often in I/O on a disk that does not answer.",
                action="Look at the disk and at the kernel's log; it ends when the I/O does.",
            )
        end_processes(family, grace_seconds=ORPHAN_SECONDS)
        return True

    def pause(self) -> None:
        """Freeze the process and its children (SIGSTOP), as a long stall would."""
        assert self.identity is not None
        send_signal(self.identity, signal.SIGSTOP)  # first: a stopped parent makes no more children
        for child in descendants(self.pid):
            send_signal(child, signal.SIGSTOP)

    def resume(self) -> None:
        """Let the process and its children go on (SIGCONT)."""
        assert self.identity is not None
        for child in descendants(self.pid):
            send_signal(child, signal.SIGCONT)
        send_signal(self.identity, signal.SIGCONT)
