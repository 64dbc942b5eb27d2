"""docker-compose.yml and the local runner start the same processes with the same settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.services import PROCESSES, LocalServices
from deploy.local.stack import Addresses, ServiceDefinition
from deploy.local.tokens import prepare_tokens
from services.mastery.config import MasterySettings
from services.scheduler.config import SchedulerSettings
from services.scheduler.entrypoints.plan import plan_command

COMPOSE = Path("docker-compose.yml")
NOT_OF_THE_RUNNER = {"kafka", "postgres", "databases", "tokens"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """Return the compose file's services by name."""
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return services


@pytest.fixture
def local(tmp_path: Path) -> dict[str, ServiceDefinition]:
    """Return the local runner's definitions by name."""
    services = LocalServices(directory=tmp_path, tokens=prepare_tokens(tmp_path / "tokens"))
    addresses = Addresses(
        kafka_bootstrap_servers="kafka:9092", postgres_dsn="postgresql://postgres@postgres:5432/x"
    )
    return {each.name: each for each in services.definitions(addresses)}


def test_the_compose_file_is_valid_by_the_schema_of_compose_files() -> None:
    """The published schema of compose files accepts it."""
    subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", str(COMPOSE)),
        ],
        check=True,
        capture_output=True,
    )


def test_both_start_the_same_tasks_and_processes(
    compose: dict[str, Any], local: dict[str, ServiceDefinition]
) -> None:
    """Beside the servers and what prepares them, no part stands in one alone."""
    assert set(compose) - NOT_OF_THE_RUNNER == set(local)


def test_both_run_the_same_command_for_each_part(
    compose: dict[str, Any], local: dict[str, ServiceDefinition]
) -> None:
    """The command after `python` has the same words, addresses and paths apart."""
    for name, definition in local.items():
        in_compose = [word for word in compose[name]["command"][1:] if not _is_place(word)]
        in_runner = [word for word in definition.argv[1:] if not _is_place(word)]
        assert in_compose == in_runner, name


def test_both_set_the_same_variables_for_each_part(
    compose: dict[str, Any], local: dict[str, ServiceDefinition]
) -> None:
    """A setting that one side forgets would show on one kind of machine alone."""
    for name, definition in local.items():
        in_compose = set(compose[name].get("environment", {}))
        in_runner = {each for each in definition.environment if not each.endswith("_LOG_FORMAT")}
        assert in_compose - {each for each in in_compose if each.endswith("_LOG_FORMAT")} == (
            in_runner
        ), name


def test_each_process_has_the_same_database_role_in_both(
    compose: dict[str, Any], local: dict[str, ServiceDefinition]
) -> None:
    """The role is what row-level security hangs on."""
    for name, definition in local.items():
        for variable, dsn in definition.environment.items():
            if variable.endswith("_POSTGRES_DSN"):
                other = compose[name]["environment"][variable]
                assert _user_and_database(dsn) == _user_and_database(other), name


def test_no_port_of_the_compose_file_is_open_to_other_machines(compose: dict[str, Any]) -> None:
    """Development passwords and tokens are safe on loopback only."""
    published = [port for each in compose.values() for port in each.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_ports_on_the_host_are_those_that_commands_ask_by_default(
    compose: dict[str, Any],
) -> None:
    """`rebuild` and `plan` find the services of a compose file without being told where."""
    target = next(each for each in plan_command.params if each.name == "target")
    defaults = {
        "evidence-api": SchedulerSettings().evidence_target,
        "mastery-api": SchedulerSettings().mastery_target,
        "scheduler-api": target.default,
    }
    assert MasterySettings().evidence_target == defaults["evidence-api"]
    for name, default in defaults.items():
        assert f"{default}:9000" in compose[name]["ports"], name


def test_every_process_waits_for_migrations_and_topics_and_is_probed(
    compose: dict[str, Any],
) -> None:
    """A process that starts before its schema would crash until it is there."""
    for process in PROCESSES:
        part = compose[process.name]
        assert "healthcheck" in part
        assert {"topics", f"{process.service}-migrate", "tokens"} <= set(part["depends_on"])


def _is_place(word: str) -> bool:
    return ":" in word or "/" in word


def _user_and_database(dsn: str) -> tuple[str, str]:
    _, _, rest = dsn.partition("://")
    return rest.split(":")[0].split("@")[0], rest.rsplit("/", 1)[1].split("?")[0]
