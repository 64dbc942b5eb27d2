"""The order of services, and the file that remembers what runs."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.errors import StackStateError
from deploy.local.processes import ProcessIdentity, identify, is_running, send_signal
from deploy.local.records import ProcessRecord, StackFile
from deploy.local.stack import ServiceDefinition, in_order


def a_service(name: str, *after: str) -> ServiceDefinition:
    """Define a service that waits for others."""
    return ServiceDefinition(name=name, argv=("true",), after=after)


def a_record(name: str, *, pid: int = 1) -> ProcessRecord:
    """Record a process."""
    return ProcessRecord(
        name=name,
        identity=ProcessIdentity(pid=pid, start_ticks=2, boot_id="boot"),
        stop_signal=15,
        log_path=Path("/logs/one.log"),
        address="127.0.0.1:1",
        ports={"http": 1},
        fingerprint="f",
    )


def test_services_start_after_what_they_need() -> None:
    """Each batch needs only what came before, and keeps the order of definition."""
    services = [a_service("api", "migrate"), a_service("migrate"), a_service("worker", "migrate")]
    batches = [[service.name for service in batch] for batch in in_order(services)]
    assert batches == [["migrate"], ["api", "worker"]]


def test_services_that_wait_for_each_other_are_refused() -> None:
    """A circle is named before anything is started."""
    with pytest.raises(ValueError, match="each other"):
        list(in_order([a_service("a", "b"), a_service("b", "a")]))


def test_waiting_for_an_unknown_service_is_refused() -> None:
    """A misspelt name is named before anything is started."""
    with pytest.raises(ValueError, match="wrker"):
        list(in_order([a_service("a", "wrker")]))


def test_records_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Every field survives the file."""
    file = StackFile(tmp_path / "stack.json")
    file.put(a_record("kafka"))
    assert file.read() == [a_record("kafka")]


def test_a_restarted_process_keeps_its_place(tmp_path: Path) -> None:
    """Down goes backwards, so a server that was started anew must still stop after its clients."""
    file = StackFile(tmp_path / "stack.json")
    file.put(a_record("kafka"))
    file.put(a_record("api"))
    file.put(a_record("kafka", pid=9))
    assert [(record.name, record.identity.pid) for record in file.read()] == [
        ("kafka", 9),
        ("api", 1),
    ]
    file.remove("kafka")
    assert [record.name for record in file.read()] == ["api"]


@pytest.mark.parametrize("text", ["", "{}", '{"format": 99, "processes": []}', "[1]"])
def test_a_file_that_cannot_be_read_is_an_error_that_helps(tmp_path: Path, text: str) -> None:
    """Nothing is guessed from a damaged file."""
    path = tmp_path / "stack.json"
    path.write_text(text)
    with pytest.raises(StackStateError, match="cannot be read"):
        StackFile(path).read()


def test_the_file_is_plain_json(tmp_path: Path) -> None:
    """A person, or a script, can read who runs."""
    StackFile(tmp_path / "stack.json").put(a_record("kafka"))
    (process,) = json.loads((tmp_path / "stack.json").read_text())["processes"]
    assert process["identity"] == {"pid": 1, "start_ticks": 2, "boot_id": "boot"}


def test_a_process_is_not_mistaken_for_another_one_of_its_id() -> None:
    """The same id with another start, or of another boot, is somebody else and is left alone."""
    here = identify(os.getpid())
    assert here is not None
    assert is_running(here)
    for other in (replace(here, start_ticks=here.start_ticks - 1), replace(here, boot_id="past")):
        assert not is_running(other)
        assert not send_signal(other, 9)
