"""The stack for real: up, up again, a killed part, down from another invocation."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from deploy.local.__main__ import NOT_RUNNING, main
from deploy.local.config import LocalConfig
from deploy.local.errors import NotReadyInTimeError, ProcessEndedError, StackStateError
from deploy.local.kafka import DEFAULT_CACHE_DIRECTORY, KafkaServer, fetch_jars
from deploy.local.ports import free_ports
from deploy.local.postgres import PostgresServer
from deploy.local.processes import wait_until
from deploy.local.services import PROCESSES
from deploy.local.stack import ServiceDefinition, Stack
from tests.support.reaper import Reaper

WAIT_SECONDS = 10.0


@pytest.fixture
def directory(pytestconfig: pytest.Config, server_reaper: Reaper) -> Iterator[Path]:
    """Give a directory for a stack, with Kafka's jars in it; end what was started there."""
    path = Path(tempfile.mkdtemp(prefix="trellis-test-"))
    path.chmod(0o755)
    server_reaper.watch_directory(path)
    jars = pytestconfig.rootpath / DEFAULT_CACHE_DIRECTORY
    fetch_jars(jars)
    (path / "cache").mkdir()
    (path / "cache" / jars.name).symlink_to(jars)
    yield path
    Stack(path, config=LocalConfig()).down()
    shutil.rmtree(path)


@pytest.fixture
def external(kafka_server: KafkaServer, postgres_server: PostgresServer) -> LocalConfig:
    """Name servers that run elsewhere."""
    return LocalConfig(
        kafka_bootstrap_servers=kafka_server.bootstrap_servers, postgres_dsn=postgres_server.dsn()
    )


def a_web_service(name: str, *after: str) -> ServiceDefinition:
    """Define a service that answers over HTTP."""
    (port,) = free_ports(1)
    return ServiceDefinition(
        name=name,
        argv=(sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"),
        ready_url=f"http://127.0.0.1:{port}/",
        ports={"http": port},
        after=after,
    )


@pytest.mark.slow
def test_up_and_down_and_up_again(directory: Path) -> None:
    """The commands start everything, reuse what runs, replace what was killed, and stop it all."""
    runner = CliRunner()
    at = ["--directory", str(directory)]
    first = runner.invoke(main, [*at, "up"])
    assert first.exit_code == 0, first.output
    before = {record.name: record.identity for record in Stack(directory).records()}
    assert set(before) == {"kafka", "postgres", *(process.name for process in PROCESSES)}
    assert "pages of the week" in first.output

    again = runner.invoke(main, [*at, "up"])
    assert "kafka already runs" in again.output
    assert {record.name: record.identity for record in Stack(directory).records()} == before

    os.kill(before["postgres"].pid, signal.SIGKILL)
    assert wait_until(
        lambda: runner.invoke(main, [*at, "status"]).exit_code == NOT_RUNNING, seconds=WAIT_SECONDS
    )
    assert runner.invoke(main, [*at, "up"]).exit_code == 0
    after = {record.name: record.identity for record in Stack(directory).records()}
    assert after["kafka"] == before["kafka"]
    assert after["postgres"] != before["postgres"]
    assert "ready to accept connections" in runner.invoke(main, [*at, "logs", "postgres"]).output

    down = runner.invoke(main, [*at, "down"])
    lines = down.output.splitlines()
    assert len(lines) == len(before)
    # The servers were started first, so they are stopped last.
    assert {line.split()[1] for line in lines[-2:]} == {"postgres", "kafka"}
    assert runner.invoke(main, [*at, "down", "--wipe"]).exit_code == 0
    assert not (directory / "data" / "postgres").exists()


async def test_servers_elsewhere_are_used_and_get_their_databases(
    directory: Path, external: LocalConfig
) -> None:
    """With both addresses given nothing is started, and each role can enter its own database."""
    stack = Stack(directory, config=external)
    addresses = await asyncio.to_thread(stack.up)
    assert stack.records() == []
    assert [part.state for part in stack.status()] == ["elsewhere", "elsewhere"]
    connection = await asyncpg.connect(addresses.service_dsn("scheduler", "worker"))
    assert await connection.fetchval("SELECT current_database()") == "trellis_scheduler"
    await connection.close()


def test_services_start_after_their_tasks_and_stop_in_reverse(
    directory: Path, external: LocalConfig
) -> None:
    """A task is done before what waits for it starts; another invocation stops all, last first."""
    task = ServiceDefinition(name="migrate", argv=("true",), runs_once=True)
    services = [a_web_service("worker", "api"), a_web_service("api", "migrate"), task]
    said: list[str] = []
    stack = Stack(directory, config=external, announce=said.append)
    stack.up(lambda _: services)
    assert said.index("migrate is done") < next(
        index for index, line in enumerate(said) if line.startswith("starting api")
    )
    stopped = Stack(directory, config=external).down()
    assert [record.name for record in stopped] == ["worker", "api"]


def test_a_service_with_other_settings_is_started_anew(
    directory: Path, external: LocalConfig
) -> None:
    """The same definition reuses the process; a changed environment replaces it."""
    api = a_web_service("api")
    stack = Stack(directory, config=external)
    stack.up(lambda _: [api])
    (first,) = stack.records()
    stack.up(lambda _: [api])
    assert stack.records() == [first]
    changed = ServiceDefinition(
        name=api.name, argv=api.argv, ready_url=api.ready_url, environment={"LEVEL": "debug"}
    )
    stack.up(lambda _: [changed])
    (second,) = stack.records()
    assert second.identity != first.identity
    assert not first.is_running()


def test_a_failing_task_stops_the_start(directory: Path, external: LocalConfig) -> None:
    """What waits for a failed task is never started, and the error holds the task's last words."""
    task = ServiceDefinition(
        name="migrate", argv=("sh", "-c", "echo no such column; exit 1"), runs_once=True
    )
    stack = Stack(directory, config=external)
    with pytest.raises(ProcessEndedError, match="no such column"):
        stack.up(lambda _: [task, a_web_service("api", "migrate")])
    assert [record.name for record in stack.records()] == ["migrate"]


def test_data_is_not_removed_under_a_running_process(
    directory: Path, external: LocalConfig
) -> None:
    """Wiping asks for everything to be down."""
    stack = Stack(directory, config=external)
    stack.up(lambda _: [a_web_service("api")])
    with pytest.raises(StackStateError, match="cannot be removed"):
        stack.wipe()


def test_a_kafka_that_does_not_answer_is_named(directory: Path, external: LocalConfig) -> None:
    """The message names the address and the variable it came from."""
    (port,) = free_ports(1)
    nowhere = LocalConfig(
        kafka_bootstrap_servers=f"127.0.0.1:{port}", postgres_dsn=external.postgres_dsn
    )
    with pytest.raises(NotReadyInTimeError, match="TRELLIS_KAFKA_BOOTSTRAP_SERVERS"):
        Stack(directory, config=nowhere).up()
