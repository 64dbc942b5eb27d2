"""Topics made and checked on a real broker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.local.kafka import KafkaServer
from services.common.kafka.topics import main
from tests.support.servers import TopicFactory

Run = Callable[..., Result]


@pytest.fixture
def run(kafka_server: KafkaServer, tmp_path: Path) -> Run:
    """Run a command of the group with a file of this text."""

    def invoke(command: str, text: str, *options: str) -> Result:
        path = tmp_path / "topics.yaml"
        path.write_text(text)
        arguments = ["--bootstrap-servers", kafka_server.bootstrap_servers, "--file", str(path)]
        return CliRunner().invoke(main, [command, *arguments, *options])

    return invoke


def entry(name: str, partitions: int, retention: str = "60000") -> str:
    """Write a topic as the file has it."""
    return (
        f"- name: {name}\n  partitions: {partitions}\n  replication_factor: 3\n"
        f'  config: {{cleanup.policy: delete, retention.ms: "{retention}"}}\n'
    )


def test_what_is_missing_is_made_once_and_then_verified(
    run: Run, kafka_topic: TopicFactory
) -> None:
    """A second run makes nothing and finds everything as the file says."""
    text = entry(f"made.{kafka_topic()}", 3)
    assert run("verify", text, "--replication-factor", "1").exit_code == 1
    first = run("apply", text, "--replication-factor", "1")
    assert (first.exit_code, first.output.count("created")) == (0, 1), first.output
    second = run("apply", text, "--replication-factor", "1")
    assert (second.exit_code, second.output.count("created")) == (0, 0), second.output
    assert run("verify", text, "--replication-factor", "1").exit_code == 0


def test_differences_are_said_and_change_only_when_allowed(
    run: Run, kafka_topic: TopicFactory
) -> None:
    """More partitions and other settings need a flag each; the factor cannot be changed here."""
    name = f"changed.{kafka_topic()}"
    run("apply", entry(name, 2), "--replication-factor", "1")
    wanted = entry(name, 4, retention="120000")
    said = run("apply", wanted)
    assert said.exit_code == 1
    assert f"{name}: partitions is 2, the file says 4" in said.output
    assert f"{name}: retention.ms is 60000, the file says 120000" in said.output
    assert f"{name}: replication_factor is 1, the file says 3" in said.output
    done = run("apply", wanted, "--replication-factor", "1", "--grow", "--set-config")
    assert done.exit_code == 0, done.output
    assert run("verify", wanted, "--replication-factor", "1").exit_code == 0


def test_partitions_are_never_taken_away(run: Run, kafka_topic: TopicFactory) -> None:
    """A file with fewer is reported, whatever the flags."""
    name = f"shrunk.{kafka_topic()}"
    run("apply", entry(name, 4), "--replication-factor", "1")
    said = run("apply", entry(name, 2), "--replication-factor", "1", "--grow", "--set-config")
    assert said.exit_code == 1
    assert f"{name}: partitions is 4, the file says 2" in said.output


def test_a_broker_that_does_not_answer_is_named(tmp_path: Path) -> None:
    """Code 2 for an address that cannot be used, and no traceback."""
    path = tmp_path / "topics.yaml"
    path.write_text(entry("a", 1))
    arguments = ["verify", "--bootstrap", "127.0.0.1:1", "--file", str(path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2, result.output
