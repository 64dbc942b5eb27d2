"""What runs, written down: .trellis/stack.json, so that another invocation can see and end it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from deploy.local.errors import StackStateError
from deploy.local.processes import ManagedProcess, ProcessIdentity, is_running

FORMAT = 1
LOCK_SECONDS = 180.0
LOCK_POLL_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class ProcessRecord:
    """One process that was started, and all that is needed to end it.

    `fingerprint` stands for its command and environment: when they change, it is started anew.
    """

    name: str
    identity: ProcessIdentity
    stop_signal: int
    log_path: Path
    address: str
    ports: Mapping[str, int]
    fingerprint: str

    def is_running(self) -> bool:
        """Whether this very process still runs."""
        return is_running(self.identity)

    def process(self) -> ManagedProcess:
        """Take the process over, to end it."""
        process = ManagedProcess(
            name=self.name,
            argv=(),
            log_path=self.log_path,
            stop_signal=signal.Signals(self.stop_signal),
        )
        process.adopt(self.identity)
        return process


class StackFile:
    """The records of one directory, in the order in which the processes were started."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[ProcessRecord]:
        """Return the records; none when there is no file."""
        if not self._path.exists():
            return []
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise ValueError(f"format {document['format']}, not {FORMAT}")
            return [_decode(record) for record in document["processes"]]
        except (ValueError, KeyError, TypeError) as error:
            raise StackStateError(
                what=f"{self._path} cannot be read.",
                why=f"It is not what the local runner writes: {error!r}.",
                action="End the processes that it names by hand, then remove the file.",
            ) from error

    def put(self, record: ProcessRecord) -> None:
        """Put a record in the place of the one of the same name, or at the end."""
        by_name = {known.name: known for known in self.read()}
        self._write(list((by_name | {record.name: record}).values()))

    def remove(self, name: str) -> None:
        """Forget a process."""
        self._write([known for known in self.read() if known.name != name])

    def _write(self, records: list[ProcessRecord]) -> None:
        document = {"format": FORMAT, "processes": [_encode(record) for record in records]}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".json.new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(document, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)  # a reader sees the old file or the new one, never a half

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other invocations from starting and stopping meanwhile."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + LOCK_SECONDS
        with self._path.with_suffix(".lock").open("w") as lock:
            while not _take(lock.fileno()):
                if time.monotonic() > deadline:
                    raise StackStateError(
                        what="Another invocation is starting or stopping the same stack.",
                        why=f"It has held {lock.name} for {LOCK_SECONDS:.0f} seconds.",
                        action="Wait for it or end it, and try again.",
                    )
                time.sleep(LOCK_POLL_SECONDS)
            yield


def _take(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _encode(record: ProcessRecord) -> dict[str, Any]:
    return asdict(replace(record, ports=dict(record.ports))) | {"log_path": str(record.log_path)}


def _decode(fields: dict[str, Any]) -> ProcessRecord:
    known = fields | {
        "identity": ProcessIdentity(**fields["identity"]),
        "log_path": Path(fields["log_path"]),
    }
    return ProcessRecord(**known)
