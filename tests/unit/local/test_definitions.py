"""What the servers are told: the broker's properties and the topics."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import yaml

from deploy.local.kafka import (
    DEFINITION_DIRECTORY,
    KAFKA_VERSION,
    MESSAGE_MAX_BYTES,
    new_cluster_id,
    server_properties,
)

TOPICS = Path(DEFINITION_DIRECTORY).parents[1] / "kafka" / "topics.yaml"
MEBIBYTE = 1024 * 1024


def test_the_broker_creates_no_topic_by_itself() -> None:
    """A misspelt topic is an error, not a topic with one partition."""
    properties = server_properties(data_directory=Path("/d"), port=1, controller_port=2)
    lines = dict(line.split("=", 1) for line in properties.splitlines())
    assert lines["auto.create.topics.enable"] == "false"
    assert lines["listeners"] == "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2"
    assert MEBIBYTE <= int(lines["message.max.bytes"]) == MESSAGE_MAX_BYTES < 2_000_000


def test_the_pom_asks_for_the_version_that_the_code_looks_for() -> None:
    """The jar that says the cache is whole is the one that Maven brings."""
    text = (DEFINITION_DIRECTORY / "pom.xml").read_text(encoding="utf-8")
    space = {"m": "http://maven.apache.org/POM/4.0.0"}
    broker = ElementTree.fromstring(text).find("m:dependencies/m:dependency", space)
    assert broker is not None
    assert broker.findtext("m:artifactId", namespaces=space) == "kafka_2.13"
    assert broker.findtext("m:version", namespaces=space) == KAFKA_VERSION


def test_cluster_ids_are_what_the_tool_takes() -> None:
    """22 characters that cannot be taken for an option, and never the same twice."""
    ids = {new_cluster_id() for _ in range(300)}
    assert len(ids) == 300
    assert all(len(each) == 22 and not each.startswith("-") for each in ids)


def test_the_topics_are_those_of_the_architecture() -> None:
    """Names, partitions and how each topic forgets."""
    topics = {topic["name"]: topic for topic in yaml.safe_load(TOPICS.read_text(encoding="utf-8"))}
    assert {
        name: (topic["partitions"], topic["config"]["cleanup.policy"])
        for name, topic in topics.items()
    } == {
        "trellis.evidence.v1": (12, "delete"),
        "trellis.evidence.v1.dlq": (3, "delete"),
        "trellis.mastery.v1": (12, "compact"),
        "trellis.roster.v1": (3, "compact"),
        "trellis.framework.v1": (3, "compact"),
        "trellis.scheduler.v1": (3, "delete"),
        "trellis.scheduler.v1.dlq": (3, "delete"),
    }
    assert topics["trellis.evidence.v1"]["config"]["max.message.bytes"] == str(MEBIBYTE)


def test_every_value_of_a_topics_config_is_text() -> None:
    """Kafka's protocol has no numbers there."""
    for topic in yaml.safe_load(TOPICS.read_text(encoding="utf-8")):
        assert set(topic) == {"name", "partitions", "replication_factor", "config"}
        assert all(isinstance(value, str) for value in topic["config"].values())
