"""Processes for real: started, waited for, paused, and ended with their children."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from deploy.local.errors import NotReadyInTimeError, ProcessEndedError
from deploy.local.ports import remembered_ports
from deploy.local.processes import (
    ManagedProcess,
    descendants,
    is_running,
    read_stat,
    wait_until,
)
from tests.support.reaper import Reaper

SLEEPER = ("sleep", "60")
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
WAIT_SECONDS = 10.0


def a_process(tmp_path: Path, *argv: str) -> ManagedProcess:
    """Define a process whose log is in the test's directory."""
    return ManagedProcess(name="part", argv=argv, log_path=tmp_path / "part.log")


def test_a_process_stops_when_asked(tmp_path: Path) -> None:
    """SIGTERM ends it; a second stop says that there was nothing to do."""
    process = a_process(tmp_path, *SLEEPER)
    process.start()
    assert process.is_alive()
    assert process.stop()
    assert not process.is_alive()
    assert not process.stop()


def test_starting_twice_starts_once(tmp_path: Path) -> None:
    """A running process is returned, not doubled."""
    process = a_process(tmp_path, *SLEEPER)
    assert process.start() == process.start()
    process.kill()


def test_a_process_that_ignores_the_request_is_killed(tmp_path: Path) -> None:
    """After the bound comes SIGKILL."""
    process = a_process(tmp_path, sys.executable, "-c", STUBBORN)
    process.start()
    process.wait_until_ready(lambda: "up" in process.log_path.read_text(), seconds=WAIT_SECONDS)
    assert process.stop(seconds=0.2)
    assert not process.is_alive()


def test_children_end_with_their_parent(tmp_path: Path) -> None:
    """A killed parent leaves no child behind."""
    process = a_process(tmp_path, "sh", "-c", "sleep 60 & sleep 60 & wait")
    process.start()
    assert wait_until(lambda: len(descendants(process.pid)) == 2, seconds=WAIT_SECONDS)
    children = descendants(process.pid)
    process.kill()
    assert not any(is_running(child) for child in children)


def test_a_paused_process_can_be_stopped(tmp_path: Path) -> None:
    """A frozen process is let go first: it would never see the request."""
    process = a_process(tmp_path, *SLEEPER)
    process.start()
    process.pause()

    def frozen() -> bool:
        stat = read_stat(process.pid)
        return stat is not None and stat.state == "T"

    assert wait_until(frozen, seconds=WAIT_SECONDS)
    assert process.is_alive()
    assert process.stop(seconds=WAIT_SECONDS)


def test_a_process_that_ends_early_is_told_with_its_log(tmp_path: Path) -> None:
    """The error holds what the process said last and where the rest is."""
    process = a_process(tmp_path, "sh", "-c", "echo no such disk; exit 3")
    process.start()
    with pytest.raises(ProcessEndedError, match="no such disk") as caught:
        process.wait_until_ready(lambda: False, seconds=WAIT_SECONDS)
    assert str(process.log_path) in caught.value.action


def test_waiting_has_a_bound(tmp_path: Path) -> None:
    """A process that never becomes ready is an error, and it still runs."""
    process = a_process(tmp_path, *SLEEPER)
    process.start()
    with pytest.raises(NotReadyInTimeError):
        process.wait_until_ready(lambda: False, seconds=0.1)
    assert process.is_alive()
    process.kill()


def test_a_task_that_fails_is_told_with_its_code(tmp_path: Path) -> None:
    """Code 0 is done, every other one is an error."""
    good = a_process(tmp_path, "true")
    good.start()
    good.wait_until_done(seconds=WAIT_SECONDS)
    bad = a_process(tmp_path, "sh", "-c", "exit 7")
    bad.start()
    with pytest.raises(ProcessEndedError, match="code 7"):
        bad.wait_until_done(seconds=WAIT_SECONDS)


def test_a_process_of_an_earlier_invocation_can_be_ended(tmp_path: Path) -> None:
    """Its identity is all that another invocation needs."""
    identity = a_process(tmp_path, *SLEEPER).start()
    later = a_process(tmp_path, *SLEEPER)
    later.adopt(identity)
    assert later.is_alive()
    assert later.stop()
    assert not is_running(identity)


def test_the_environment_is_the_callers_and_what_is_added(tmp_path: Path) -> None:
    """Added variables arrive, and a process may be told to inherit nothing."""
    print_environment = (sys.executable, "-c", "import os; print(sorted(os.environ))")
    process = ManagedProcess(
        name="part",
        argv=print_environment,
        log_path=tmp_path / "part.log",
        environment={"ADDED": "1", "LC_ALL": "C.UTF-8"},
        inherits_environment=False,
    )
    process.start()
    process.wait_until_done(seconds=WAIT_SECONDS)
    assert process.log_path.read_text().strip() == "['ADDED', 'LC_ALL']"


def test_ctrl_c_in_the_terminal_does_not_reach_it(tmp_path: Path) -> None:
    """It leads a session of its own."""
    process = a_process(tmp_path, *SLEEPER)
    process.start()
    assert os.getsid(process.pid) == process.pid
    assert process.stop(stop_signal=signal.SIGINT)


def test_ports_are_chosen_once(tmp_path: Path) -> None:
    """A server that comes back is where its clients look for it."""
    path = tmp_path / "new" / "ports.json"
    first = remembered_ports(path, ("broker", "controller"))
    assert first["broker"] != first["controller"]
    assert remembered_ports(path, ("broker", "controller")) == first


def test_what_a_dead_test_run_started_is_ended(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """When the run's end of the pipe closes, for whatever reason, its processes and files go."""
    reaper = Reaper(pytestconfig.rootpath)
    process = a_process(tmp_path / "logs", *SLEEPER)
    process.on_start = reaper.watch_process
    process.start()
    reaper.watch_directory(tmp_path / "logs")
    reaper.close()
    assert not process.is_alive()
    assert not (tmp_path / "logs").exists()
