"""A topic and a database for each test of workers, and an end for every process it started."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.kafka import KafkaServer
from services.common.postgres.pool import Database
from tests.support.counting import COUNTED_SCHEMA, Scene
from tests.support.servers import DatabaseFactory, ServiceDatabase, TopicFactory

SceneFactory = Callable[..., Scene]


@pytest.fixture
def counted_database(postgres_database: DatabaseFactory) -> ServiceDatabase:
    """Make a database with the tables of the counting service."""
    return postgres_database("mastery", COUNTED_SCHEMA)


@pytest.fixture
async def database(counted_database: ServiceDatabase) -> AsyncIterator[Database]:
    """Open a pool on that database, as a worker does."""
    opened = await Database.connect(
        counted_database.dsn("worker"), pool_size=4, application_name="test"
    )
    yield opened
    await opened.close()


@pytest.fixture
def scene(
    kafka_server: KafkaServer,
    kafka_topic: TopicFactory,
    counted_database: ServiceDatabase,
    tmp_path: Path,
) -> Iterator[SceneFactory]:
    """Make a scene with a topic of the shared broker; its workers end with the test."""
    made: list[Scene] = []

    def make(*, partitions: int = 1, config: dict[str, str] | None = None) -> Scene:
        topic = kafka_topic(partitions=partitions, config=config)
        made.append(
            Scene(
                bootstrap=kafka_server.bootstrap_servers,
                topic=topic,
                database=counted_database,
                directory=tmp_path,
            )
        )
        return made[-1]

    yield make
    for each in made:
        each.end()
