"""Real Kafka and PostgreSQL as pytest fixtures: nothing fixed, so that many runs go on at once.

Session-wide, shared, never to be stopped by a test:
    kafka_server, postgres_server
From those, fresh for each test:
    kafka_topic(partitions=…)            -> the name of a new topic
    postgres_database(service, schema)   -> a new database, copied from a template made once
For one test alone, to kill, pause and wipe:
    disposable_kafka, disposable_postgres
"""

from __future__ import annotations

import asyncio
import inspect
import secrets
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import asyncpg
import pytest
from kafka.admin import KafkaAdminClient

from deploy.local.databases import (
    ROLES,
    Role,
    bootstrap,
    role_name,
    service_dsn,
    with_database,
)
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY, KafkaServer
from deploy.local.postgres import PostgresServer
from tests.support.reaper import Reaper

T = TypeVar("T")

CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 60.0
# A migration runner's connections may take a moment to be gone after it closed them.
COPY_ATTEMPTS = 20
COPY_WAIT_SECONDS = 0.1

# The schema of a service: SQL text, a file of SQL, or a function that is given the owner's DSN and
# migrates that database.
Schema = str | Path | Callable[[str], Awaitable[Any] | None]


@dataclass(frozen=True, kw_only=True)
class ServiceDatabase:
    """A database of one service, for one test."""

    service: str
    name: str
    superuser_dsn: str

    def dsn(self, role: Role) -> str:
        """Return the address for one of the service's roles."""
        return service_dsn(self.superuser_dsn, self.service, role, database=self.name)


class TopicFactory(Protocol):
    """Makes a topic with a name of its own and returns the name."""

    def __call__(
        self,
        *,
        partitions: int = 1,
        config: Mapping[str, str] | None = None,
        prefix: str = "test",
    ) -> str:
        """Make a topic."""


class DatabaseFactory(Protocol):
    """Makes a database of a service with this schema."""

    def __call__(self, service: str, schema: Schema) -> ServiceDatabase:
        """Make a database."""


def run_coroutine(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, also where a loop is already running in this thread."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(asyncio.run, coroutine).result()


def create_topic(
    server: KafkaServer,
    *,
    partitions: int = 1,
    config: Mapping[str, str] | None = None,
    prefix: str = "test",
) -> str:
    """Make a topic with a name of its own on a server, wait for its leaders, return its name."""
    name = f"{prefix}.{secrets.token_hex(6)}"
    admin = KafkaAdminClient(bootstrap_servers=server.bootstrap_servers)
    try:
        admin.create_topics(
            {
                name: {
                    "num_partitions": partitions,
                    "replication_factor": 1,
                    "configs": dict(config or {}),
                }
            },
            wait_for_metadata=True,
        )
    finally:
        admin.close()
    return name


class DatabaseTemplates:
    """Makes one template for each schema, and copies of it."""

    def __init__(self, server_dsn: str) -> None:
        self._server_dsn = server_dsn
        self._names: dict[tuple[str, Schema], str] = {}

    def copy(self, service: str, schema: Schema) -> ServiceDatabase:
        """Make a database of a service as a copy of the schema's template."""
        template = self._names.get((service, schema))
        if template is None:
            template = self._create(service, template=None).name
            self._migrate(service, template, schema)
            self._names[(service, schema)] = template
        return self._create(service, template=template)

    def drop(self, database: ServiceDatabase) -> None:
        """Drop a database and break its sessions off."""
        run_coroutine(self._execute(f"DROP DATABASE IF EXISTS {database.name} WITH (FORCE)"))

    def _migrate(self, service: str, database: str, schema: Schema) -> None:
        dsn = service_dsn(self._server_dsn, service, "owner", database=database)
        if callable(schema):
            outcome = schema(dsn)
            if inspect.isawaitable(outcome):
                run_coroutine(_awaited(outcome))
            return
        text = schema.read_text(encoding="utf-8") if isinstance(schema, Path) else schema
        run_coroutine(_execute_all(dsn, [text]))

    def _create(self, service: str, *, template: str | None) -> ServiceDatabase:
        name = f"test_{service}_{secrets.token_hex(6)}"
        owner = role_name(service, "owner")
        source = "" if template is None else f" TEMPLATE {template}"
        run_coroutine(self._execute(f"CREATE DATABASE {name} OWNER {owner}{source}"))
        # Who may enter is no part of a template; as bootstrap.sql has it:
        roles = ", ".join(role_name(service, role) for role in ROLES)
        run_coroutine(
            self._execute(
                f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
                f"GRANT CONNECT ON DATABASE {name} TO {roles}",
            )
        )
        return ServiceDatabase(
            service=service, name=name, superuser_dsn=with_database(self._server_dsn, name)
        )

    async def _execute(self, *statements: str) -> None:
        for attempt in range(COPY_ATTEMPTS):
            try:
                await _execute_all(self._server_dsn, statements)
            except asyncpg.ObjectInUseError:
                if attempt == COPY_ATTEMPTS - 1:
                    raise
                await asyncio.sleep(COPY_WAIT_SECONDS)
            else:
                return


async def _awaited(awaitable: Awaitable[T]) -> T:
    return await awaitable


async def _execute_all(dsn: str, statements: list[str] | tuple[str, ...]) -> None:
    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS
    )
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


@contextmanager
def server_directory(reaper: Reaper) -> Iterator[Path]:
    """Give a directory that a server's own user can reach, and remove it."""
    directory = Path(tempfile.mkdtemp(prefix="trellis-test-"))
    directory.chmod(0o755)
    reaper.watch_directory(directory)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def running_kafka(reaper: Reaper, root: Path) -> Iterator[KafkaServer]:
    """Run a broker of one's own; the jars are fetched once for the checkout at `root`."""
    with server_directory(reaper) as directory:
        server = KafkaServer(directory, cache_directory=root / DEFAULT_CACHE_DIRECTORY)
        server.process.on_start = reaper.watch_process
        try:
            server.start()
            yield server
        finally:
            server.kill()


@contextmanager
def running_postgres(reaper: Reaper, *, durable: bool) -> Iterator[PostgresServer]:
    """Run a PostgreSQL of one's own, with the roles and databases of the services."""
    with server_directory(reaper) as directory:
        server = PostgresServer(directory, durable=durable)
        server.process.on_start = reaper.watch_process
        try:
            server.start()
            run_coroutine(bootstrap(server.dsn()))
            yield server
        finally:
            server.remove()


@pytest.fixture(scope="session")
def server_reaper(pytestconfig: pytest.Config) -> Iterator[Reaper]:
    """Hold the process that ends servers when this run dies."""
    reaper = Reaper(pytestconfig.rootpath)
    try:
        yield reaper
    finally:
        reaper.close()


@pytest.fixture(scope="session")
def kafka_server(server_reaper: Reaper, pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """Run one broker for all tests; none may stop it."""
    with running_kafka(server_reaper, pytestconfig.rootpath) as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server(server_reaper: Reaper) -> Iterator[PostgresServer]:
    """Run one PostgreSQL for all tests, without waiting for the disk; none may stop it."""
    with running_postgres(server_reaper, durable=False) as server:
        yield server


@pytest.fixture
def disposable_kafka(server_reaper: Reaper, pytestconfig: pytest.Config) -> Iterator[KafkaServer]:
    """Run a broker for this test alone, to be killed, paused and wiped."""
    with running_kafka(server_reaper, pytestconfig.rootpath) as server:
        yield server


@pytest.fixture
def disposable_postgres(server_reaper: Reaper) -> Iterator[PostgresServer]:
    """Run a durable PostgreSQL for this test alone, to be killed, paused and wiped."""
    with running_postgres(server_reaper, durable=True) as server:
        yield server


@pytest.fixture(scope="session")
def kafka_topic(kafka_server: KafkaServer) -> TopicFactory:
    """Make topics on the shared broker."""

    def create(
        *, partitions: int = 1, config: Mapping[str, str] | None = None, prefix: str = "test"
    ) -> str:
        return create_topic(kafka_server, partitions=partitions, config=config, prefix=prefix)

    return create


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: PostgresServer) -> DatabaseTemplates:
    """Hold the templates that were made in this run."""
    return DatabaseTemplates(postgres_server.dsn())


@pytest.fixture
def postgres_database(postgres_templates: DatabaseTemplates) -> Iterator[DatabaseFactory]:
    """Make databases on the shared server, and drop them after the test."""
    made: list[ServiceDatabase] = []

    def create(service: str, schema: Schema) -> ServiceDatabase:
        made.append(postgres_templates.copy(service, schema))
        return made[-1]

    yield create
    for database in made:
        postgres_templates.drop(database)
