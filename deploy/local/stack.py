"""Everything that runs together on one machine: the two servers, then the services upon them.

What was started is written down at once (records.py), so `up` may be called again and reuses what
runs, and `down` ends it from another invocation. Nothing else is ever signalled.
"""

from __future__ import annotations

import asyncio
import http.client
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from deploy.local.config import KAFKA_VARIABLE, LocalConfig
from deploy.local.databases import DEVELOPMENT_PASSWORD, Role, bootstrap, service_dsn
from deploy.local.errors import NotReadyInTimeError, StackStateError
from deploy.local.kafka import KAFKA_VERSION, KafkaServer, has_brokers
from deploy.local.postgres import PostgresServer, remove_data
from deploy.local.processes import ManagedProcess, ProcessIdentity, read_stat
from deploy.local.records import ProcessRecord, StackFile

READY_SECONDS = 60.0
ANSWER_SECONDS = 2.0
Announce = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the servers of a stack are."""

    kafka_bootstrap_servers: str
    postgres_dsn: str

    def service_dsn(self, service: str, role: Role) -> str:
        """Return the address of a service's database for one of its roles."""
        return service_dsn(self.postgres_dsn, service, role, password=DEVELOPMENT_PASSWORD)


@dataclass(frozen=True, kw_only=True)
class ServiceDefinition:
    """One process of Trellis: how it is started and how one knows that it is ready.

    `after` names what must be ready (or, for a task, done) before it is started.
    `environment` is added to the caller's. Without `ready_url` it is ready as soon as it runs.
    A task (`runs_once`) is ready when it has ended with code 0.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_url: str | None = None
    ports: Mapping[str, int] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    runs_once: bool = False
    ready_seconds: float = READY_SECONDS


@dataclass(frozen=True, kw_only=True)
class PartStatus:
    """One line of what a person sees. `pid` is None for what runs elsewhere."""

    name: str
    state: str
    address: str
    pid: int | None = None
    log_path: Path | None = None
    ports: Mapping[str, int] = field(default_factory=dict)


class Part(Protocol):
    """A process of the stack: a server or a service."""

    process: ManagedProcess

    @property
    def address(self) -> str:
        """Where others find it."""

    @property
    def ports(self) -> Mapping[str, int]:
        """Its ports by name."""

    def launch(self) -> ProcessIdentity:
        """Start it without waiting."""

    def wait_until_ready(self) -> None:
        """Wait until it can be used."""


class ServicePart:
    """A service, started from its definition."""

    def __init__(self, definition: ServiceDefinition, *, log_directory: Path) -> None:
        self.definition = definition
        self.process = ManagedProcess(
            name=definition.name,
            argv=definition.argv,
            log_path=log_directory / f"{definition.name}.log",
            environment=definition.environment,
        )

    @property
    def address(self) -> str:
        """The readiness address's host, or nothing."""
        return urlsplit(self.definition.ready_url or "").netloc

    @property
    def ports(self) -> Mapping[str, int]:
        """Its ports by name."""
        return self.definition.ports

    def launch(self) -> ProcessIdentity:
        """Start it without waiting."""
        return self.process.start()

    def wait_until_ready(self) -> None:
        """Wait until it answers, or for a task, until it is done."""
        seconds = self.definition.ready_seconds
        if self.definition.runs_once:
            self.process.wait_until_done(seconds=seconds)
            return
        url = self.definition.ready_url
        self.process.wait_until_ready(lambda: url is None or responds(url), seconds=seconds)


def kafka_cache(directory: Path) -> Path:
    """Return where the fetched Kafka is kept below a directory."""
    return directory / "cache" / f"kafka-{KAFKA_VERSION}"


class Stack:
    """The servers and services of one directory (`.trellis` by default)."""

    def __init__(
        self,
        directory: Path,
        *,
        config: LocalConfig | None = None,
        cache_directory: Path | None = None,
        announce: Announce = lambda _: None,
    ) -> None:
        self.directory = directory.resolve()
        self.config = config or LocalConfig.from_environment(os.environ)
        self.log_directory = self.directory / "logs"
        self.cache_directory = (cache_directory or kafka_cache(directory)).resolve()
        self._announce = announce
        self._file = StackFile(self.directory / "stack.json")

    def up(
        self, services: Callable[[Addresses], Sequence[ServiceDefinition]] = lambda _: ()
    ) -> Addresses:
        """Start what does not run yet, in order, and wait until all of it is ready."""
        with self._file.exclusive():
            addresses, servers = self._servers()
            batches = list(in_order(services(addresses)))  # a mistake shows before a start
            self._check_external_kafka()
            self._bring_up(servers)
            asyncio.run(bootstrap(addresses.postgres_dsn))
            for batch in batches:
                self._bring_up(
                    [ServicePart(each, log_directory=self.log_directory) for each in batch]
                )
            return addresses

    def down(self) -> list[ProcessRecord]:
        """Stop all that runs, the last started first; returns what was stopped."""
        stopped = []
        with self._file.exclusive():
            for record in reversed(self._file.read()):
                if record.process().stop():
                    stopped.append(record)
                    self._announce(f"stopped {record.name} (process {record.identity.pid})")
                self._file.remove(record.name)
        return stopped

    def wipe(self) -> None:
        """Remove the data of the servers, which must be down."""
        with self._file.exclusive():
            if any(record.is_running() for record in self._file.read()):
                raise StackStateError(
                    what="The data cannot be removed.",
                    why="The servers still run.",
                    action="Bring them down first.",
                )
            remove_data(self.directory / "data" / "kafka")
            remove_data(self.directory / "data" / "postgres")

    def status(self) -> list[PartStatus]:
        """Say of each part whether it runs."""
        return [*self._external(), *(_status(record) for record in self.records())]

    def records(self) -> list[ProcessRecord]:
        """Return what was started here, in order."""
        return self._file.read()

    def _servers(self) -> tuple[Addresses, list[Part]]:
        parts: list[Part] = []
        kafka_address = self.config.kafka_bootstrap_servers
        if kafka_address is None:
            kafka = KafkaServer(
                self.directory / "data" / "kafka",
                cache_directory=self.cache_directory,
                log_path=self.log_directory / "kafka.log",
            )
            kafka_address = kafka.bootstrap_servers
            parts.append(kafka)
        dsn = self.config.postgres_dsn
        if dsn is None:
            postgres = PostgresServer(
                self.directory / "data" / "postgres", log_path=self.log_directory / "postgres.log"
            )
            dsn = postgres.dsn()
            parts.append(postgres)
        return Addresses(kafka_bootstrap_servers=kafka_address, postgres_dsn=dsn), parts

    def _bring_up(self, parts: Sequence[Part]) -> None:
        for part in parts:  # all of a batch at once: Kafka takes seconds, PostgreSQL one
            self._launch(part)
        for part in parts:
            part.wait_until_ready()
            if _is_task(part):
                self._file.remove(part.process.name)
                self._announce(f"{part.process.name} is done")

    def _launch(self, part: Part) -> None:
        name = part.process.name
        known = next((record for record in self._file.read() if record.name == name), None)
        if known is not None and known.is_running():
            if known.fingerprint == part.process.fingerprint and not _is_task(part):
                part.process.adopt(known.identity)
                self._announce(f"{name} already runs (process {known.identity.pid})")
                return
            known.process().stop()
            self._announce(f"{name} is started anew: its settings have changed, or it is a task")
        # Written down before it is ready: also a start that fails can be ended by `down`.
        part.process.on_start = lambda identity: self._file.put(_record(part, identity))
        identity = part.launch()
        self._announce(f"starting {name} (process {identity.pid})")

    def _check_external_kafka(self) -> None:
        address = self.config.kafka_bootstrap_servers
        if address is not None and not has_brokers(address):
            raise NotReadyInTimeError(
                what=f"Kafka at {address} does not answer.",
                why=f"{KAFKA_VARIABLE} names it, so none was started here.",
                action="Start it, correct the variable, or unset it to have one started here.",
            )

    def _external(self) -> Iterator[PartStatus]:
        if self.config.kafka_bootstrap_servers is not None:
            address = self.config.kafka_bootstrap_servers
            yield PartStatus(name="kafka", state="elsewhere", address=address)
        if self.config.postgres_dsn is not None:
            # Without the credentials: this is printed.
            address = urlsplit(self.config.postgres_dsn).netloc.rpartition("@")[2]
            yield PartStatus(name="postgres", state="elsewhere", address=address)


def in_order(services: Sequence[ServiceDefinition]) -> Iterator[list[ServiceDefinition]]:
    """Yield the services in batches, each of which needs only what came before it."""
    by_name = {service.name: service for service in services}
    unknown = {name for each in services for name in each.after} - by_name.keys()
    if unknown:
        msg = f"services wait for what does not exist: {sorted(unknown)}"
        raise ValueError(msg)
    sorter = TopologicalSorter({each.name: each.after for each in services})
    try:
        sorter.prepare()
    except CycleError as error:
        msg = f"services wait for each other: {error.args[1]}"
        raise ValueError(msg) from error
    while sorter.is_active():  # ends: there is no cycle, and every batch is marked as done
        names = sorter.get_ready()
        yield [each for each in services if each.name in names]
        sorter.done(*names)


def responds(url: str) -> bool:
    """Whether an HTTP GET of this address gives a status of 200 to 299."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return http.client.OK <= connection.getresponse().status < http.client.MULTIPLE_CHOICES
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_task(part: Part) -> bool:
    return isinstance(part, ServicePart) and part.definition.runs_once


def _record(part: Part, identity: ProcessIdentity) -> ProcessRecord:
    return ProcessRecord(
        name=part.process.name,
        identity=identity,
        stop_signal=part.process.stop_signal,
        log_path=part.process.log_path,
        address=part.address,
        ports=part.ports,
        fingerprint=part.process.fingerprint,
    )


def _status(record: ProcessRecord) -> PartStatus:
    return PartStatus(
        name=record.name,
        state=_state(record),
        address=record.address,
        pid=record.identity.pid,
        log_path=record.log_path,
        ports=record.ports,
    )


def _state(record: ProcessRecord) -> str:
    if not record.is_running():
        return "gone"
    stat = read_stat(record.identity.pid)
    return "paused" if stat is not None and stat.state == "T" else "running"
