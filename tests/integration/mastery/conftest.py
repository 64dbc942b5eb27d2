"""A stage for each test, on the shared broker and server."""

from __future__ import annotations

import pytest

from tests.support.mastery_stage import Stage
from tests.support.schema import migrated


@pytest.fixture
def stage(kafka_server, kafka_topic, postgres_database, tmp_path):
    """Make a stage with three partitions; its processes end with the test."""
    made = Stage(
        bootstrap=kafka_server.bootstrap_servers,
        evidence_topic=kafka_topic(partitions=3),
        mastery_topic=kafka_topic(partitions=3, config={"cleanup.policy": "compact"}),
        database=postgres_database("mastery", migrated("mastery")),
        directory=tmp_path,
    )
    yield made
    made.end()
