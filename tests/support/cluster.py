"""Everything that runs together, each part to be killed and started again by name."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from deploy.local.databases import SERVICES, bootstrap
from deploy.local.kafka import KafkaServer
from deploy.local.postgres import PostgresServer
from deploy.local.processes import ManagedProcess, send_signal, tail, wait_until
from deploy.local.services import LocalServices
from deploy.local.stack import Addresses, ServiceDefinition, ServicePart, in_order, responds
from deploy.local.tokens import Grant, Tokens, prepare_tokens

AUTOPSY_SECONDS = 5.0
# Of who is well a few lines say that; whoever reads sees the two ends of a long message alone.
AUTOPSY_LINES = {"is ready": 3, "runs": 12}
AUTOPSY_LINES_OF_THE_UNWELL = 60
# Whoever is ended with SIGABRT writes to its log where each of its threads stood.
TELLS_WHERE_IT_STOOD = {"PYTHONFAULTHANDLER": "1"}
KAFKA = "kafka"
POSTGRES = "postgres"
CLIENT = "client"


class Cluster:
    """Kafka, PostgreSQL and every process of Trellis, in a directory of their own.

    `worker_module` stands in for `services.mastery` in the worker's command, for mutants.
    `services` are those to start at once, None for all; `start_services` starts more.
    `grants` are tokens beside those of development, `settings` variables for every process.
    Use it as a context manager: whatever happens inside, all of it is stopped at the end.
    """

    def __init__(
        self,
        directory: Path,
        *,
        cache_directory: Path,
        worker_module: str = "",
        services: Collection[str] | None = None,
        grants: Sequence[Grant] = (),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.directory = directory
        self.kafka = KafkaServer(directory / "kafka", cache_directory=cache_directory)
        self.postgres = PostgresServer(directory / "postgres")
        self.tokens: Tokens = prepare_tokens(directory / "tokens", grants)
        self.services = LocalServices(directory=directory, tokens=self.tokens)
        self.parts: dict[str, ServicePart] = {}
        self.client: ManagedProcess | None = None
        self._worker_module = worker_module
        self._settings = {**(settings or {}), **TELLS_WHERE_IT_STOOD}
        self._first_services = SERVICES if services is None else services

    def __enter__(self) -> Cluster:
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def addresses(self) -> Addresses:
        """Where both servers are."""
        return Addresses(
            kafka_bootstrap_servers=self.kafka.bootstrap_servers, postgres_dsn=self.postgres.dsn()
        )

    @property
    def ports(self) -> Mapping[str, int]:
        """The port of every listener, as in `evidence-api-grpc`."""
        return self.services.ports()

    @property
    def victims(self) -> Sequence[str]:
        """Everything that may be killed, by name, sorted."""
        return sorted([KAFKA, POSTGRES, CLIENT, *self.parts])

    def start_client(self, argv: Sequence[str]) -> None:
        """Start the producer, or start it again: it sends from the beginning each time."""
        self.client = ManagedProcess(
            name=CLIENT,
            argv=(sys.executable, *argv),
            log_path=self.directory / "client.log",
            environment=TELLS_WHERE_IT_STOOD,
        )
        self.client.start()

    def kill(self, name: str) -> None:
        """SIGKILL one part."""
        if name == KAFKA:
            self.kafka.kill()
        elif name == POSTGRES:
            self.postgres.kill()
        elif name == CLIENT:
            if self.client is not None:
                self.client.kill()
        else:
            self.parts[name].process.kill()

    def bring_back(self) -> None:
        """Start whatever service has ended, as a supervisor would; the servers come first."""
        if not self.kafka.is_alive():
            self.kafka.start()
        if not self.postgres.is_alive():
            self.postgres.start()
        for part in self.parts.values():
            if not part.process.is_alive():
                part.launch()

    def autopsy(self) -> str:
        """End the producer and every service with SIGABRT; say how each was, and why.

        For the message of a run that hangs: its directory is gone when somebody reads of it. First
        a line for each, then the ends of their logs, of those that were not well first.
        """
        was = {name: _condition(part) for name, part in self.parts.items()}
        processes = [part.process for part in self.parts.values()]
        if self.client is not None:
            processes.append(self.client)
            was[CLIENT] = "runs" if self.client.is_alive() else "had ended"
        for each in processes:
            if each.identity is not None:
                send_signal(each.identity, signal.SIGABRT)
        wait_until(lambda: not any(each.is_alive() for each in processes), seconds=AUTOPSY_SECONDS)
        processes.sort(key=lambda each: was[each.name] in AUTOPSY_LINES)
        return "\n\n".join(
            [
                "\n".join(f"{each.name}: {was[each.name]}" for each in processes),
                *(f"{each.name}, its log:\n{_log_end(each, was[each.name])}" for each in processes),
            ]
        )

    def start_services(self, names: Collection[str]) -> None:
        """Migrate these services' databases, make the topics, start their processes."""
        definitions = _only(self.services.definitions(self.addresses), names)
        for batch in in_order(definitions):
            parts = [
                ServicePart(self._mutated(each), log_directory=self.directory / "logs")
                for each in batch
            ]
            # Before they are ready: also those of a start that fails are ended.
            self.parts |= {
                each.definition.name: each for each in parts if not each.definition.runs_once
            }
            for part in parts:
                part.launch()
            for part in parts:
                part.wait_until_ready()

    def _start(self) -> None:
        self.kafka.start()
        self.postgres.start()
        asyncio.run(bootstrap(self.postgres.dsn()))
        if self._first_services:
            self.start_services(self._first_services)

    def _mutated(self, definition: ServiceDefinition) -> ServiceDefinition:
        definition = replace(definition, environment={**definition.environment, **self._settings})
        if not self._worker_module or definition.name != "mastery-worker":
            return definition
        executable, _, _, command = definition.argv
        return replace(definition, argv=(executable, "-m", self._worker_module, command))

    def _stop(self) -> None:
        if self.client is not None:
            self.client.stop()
        for part in reversed(self.parts.values()):
            part.process.stop()
        self.kafka.stop()
        self.postgres.stop()
        self.postgres.remove()


def _condition(part: ServicePart) -> str:
    """Say how a service is: ended, running without an answer, or ready."""
    if not part.process.is_alive():
        return f"had ended with code {part.process.exit_code()}"
    url = part.definition.ready_url
    return "is ready" if url is None or responds(url) else "runs and is not ready"


def _log_end(process: ManagedProcess, condition: str) -> str:
    lines = AUTOPSY_LINES.get(condition, AUTOPSY_LINES_OF_THE_UNWELL)
    return tail(process.log_path, lines=lines)


def _only(
    definitions: Sequence[ServiceDefinition], services: Collection[str]
) -> list[ServiceDefinition]:
    """Return what these services need; nothing waits for what is left out."""
    others = tuple(f"{service}-" for service in SERVICES if service not in services)
    kept = [each for each in definitions if not each.name.startswith(others)]
    names = {each.name for each in kept}
    return [
        replace(each, after=tuple(name for name in each.after if name in names)) for each in kept
    ]
