"""The processes of Trellis on this machine: what each is started with, and in which order.

docker-compose.yml says the same for containers; a test holds the two against each other.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.local.databases import Role
from deploy.local.ports import LOOPBACK, remembered_ports
from deploy.local.stack import Addresses, ServiceDefinition
from deploy.local.tokens import Tokens

TOPICS_FILE = Path(__file__).parents[1] / "kafka" / "topics.yaml"
MIGRATE_SECONDS = 60.0


@dataclass(frozen=True, kw_only=True)
class Process:
    """One long-running process: `python -m services.<service> <command>` as one database role."""

    service: str
    command: str
    role: Role
    listens: tuple[str, ...] = ("health",)
    after: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """As in `evidence-api`."""
        return f"{self.service}-{self.command}"


PROCESSES = (
    Process(service="evidence", command="api", role="api", listens=("grpc", "http", "health")),
    Process(service="evidence", command="relay", role="worker"),
    Process(service="evidence", command="resolver", role="api"),
    Process(service="evidence", command="quick-checks", role="api"),
    Process(service="mastery", command="api", role="api", listens=("grpc", "health")),
    Process(service="mastery", command="worker", role="worker"),
    Process(service="mastery", command="projector", role="worker"),
    Process(service="scheduler", command="api", role="api", listens=("grpc", "http", "health")),
    Process(service="scheduler", command="planner", role="worker"),
    Process(service="scheduler", command="clock", role="worker"),
    Process(service="scheduler", command="relay", role="worker"),
)


@dataclass(frozen=True, kw_only=True)
class LocalServices:
    """Makes the definitions of all processes for one directory and its tokens."""

    directory: Path
    tokens: Tokens

    def ports(self) -> dict[str, int]:
        """Return a port for every listener, as in `evidence-api-grpc`; they stay the same."""
        names = [f"{each.name}-{port}" for each in PROCESSES for port in each.listens]
        return dict(remembered_ports(self.directory / "ports.json", names))

    def definitions(self, addresses: Addresses) -> list[ServiceDefinition]:
        """Return tasks and processes in the order in which they depend on each other."""
        ports = self.ports()
        services = sorted({each.service for each in PROCESSES})
        tasks = [self._migrate(service, addresses) for service in services]
        tasks.append(self._topics(addresses))
        after = tuple(task.name for task in tasks)
        return tasks + [self._process(each, addresses, ports, after) for each in PROCESSES]

    def _migrate(self, service: str, addresses: Addresses) -> ServiceDefinition:
        return ServiceDefinition(
            name=f"{service}-migrate",
            argv=(sys.executable, "-m", f"services.{service}", "migrate"),
            environment={
                f"{service.upper()}_POSTGRES_DSN": addresses.service_dsn(service, "owner"),
                **self._logging(service),
            },
            runs_once=True,
            ready_seconds=MIGRATE_SECONDS,
        )

    def _topics(self, addresses: Addresses) -> ServiceDefinition:
        return ServiceDefinition(
            name="topics",
            argv=(
                *(sys.executable, "-m", "services.common.kafka.topics", "apply"),
                *("--bootstrap-servers", addresses.kafka_bootstrap_servers),
                *("--file", str(TOPICS_FILE), "--replication-factor", "1"),
            ),
            runs_once=True,
        )

    def _process(
        self, process: Process, addresses: Addresses, ports: dict[str, int], after: tuple[str, ...]
    ) -> ServiceDefinition:
        own = {port: ports[f"{process.name}-{port}"] for port in process.listens}
        prefix = process.service.upper()
        environment = {
            f"{prefix}_POSTGRES_DSN": addresses.service_dsn(process.service, process.role),
            f"{prefix}_KAFKA_BOOTSTRAP_SERVERS": addresses.kafka_bootstrap_servers,
            f"{prefix}_CREDENTIALS_FILE": str(self.tokens.credentials_file),
            **{f"{prefix}_{port.upper()}_LISTEN": f"{LOOPBACK}:{own[port]}" for port in own},
            **self._logging(process.service),
            **self._of_service(process, addresses, ports),
        }
        return ServiceDefinition(
            name=process.name,
            argv=(sys.executable, "-m", f"services.{process.service}", process.command),
            environment=environment,
            ready_url=f"http://{LOOPBACK}:{own['health']}/health/ready",
            ports=own,
            after=after,
        )

    def _logging(self, service: str) -> dict[str, str]:
        return {f"{service.upper()}_LOG_FORMAT": "json"}

    def _of_service(
        self, process: Process, addresses: Addresses, ports: dict[str, int]
    ) -> dict[str, str]:
        """Return what only this service is told."""
        if process.service == "evidence":
            return {
                "EVIDENCE_LEARNER_KEYS_FILE": str(self.tokens.learner_keys_file),
                "EVIDENCE_WORKER_POSTGRES_DSN": addresses.service_dsn("evidence", "worker"),
                "EVIDENCE_TOKEN_KEYS_FILE": str(self.tokens.token_keys_file),
            }
        if process.name == "mastery-worker":
            # A rebuild, which is run where a worker runs, reads the ledger.
            return {
                "MASTERY_EVIDENCE_TARGET": f"{LOOPBACK}:{ports['evidence-api-grpc']}",
                "MASTERY_SERVICE_TOKEN_FILE": str(self.tokens.file("rebuild")),
            }
        if process.service == "scheduler":
            pages = {"SCHEDULER_PAGES_SECURE_COOKIE": "false"} if process.command == "api" else {}
            return {
                **pages,
                "SCHEDULER_EVIDENCE_TARGET": f"{LOOPBACK}:{ports['evidence-api-grpc']}",
                "SCHEDULER_MASTERY_TARGET": f"{LOOPBACK}:{ports['mastery-api-grpc']}",
                "SCHEDULER_SERVICE_TOKEN_FILE": str(self.tokens.file("planner")),
            }
        return {}
