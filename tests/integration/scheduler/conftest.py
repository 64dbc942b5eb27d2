"""The scheduler's processes over a database of the test's own, beside two services in this one."""

import socket

import pytest
from click.testing import CliRunner

from deploy.local.services import TOPICS_FILE
from services.common.kafka.topics import main
from tests.support.scheduler_world import Stage, appoint, credentials_file, upstream_of
from tests.support.schema import migrated
from tests.support.schools import Shape, a_school


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="session")
def problem():
    """Give a school of 40 learners, 8 adults and 2 slots, whose week breaks no rule."""
    return a_school(3, Shape(learners=40, adults=8, slots=2, competencies=8, needs_each=2.0))


@pytest.fixture
async def stage(problem, postgres_database, tmp_path):
    """Give the stage; the test starts the processes that it needs."""
    credentials_file(tmp_path)
    async with upstream_of(problem) as upstream:
        found = Stage(
            problem=problem,
            directory=tmp_path,
            database=postgres_database("scheduler", migrated("scheduler")),
            upstream=upstream,
            ports={"grpc": free_port(), "http": free_port()},
        )
        await appoint(found.database, problem)
        try:
            yield found
        finally:
            found.end()


@pytest.fixture
def kafka_topics(kafka_server):
    """Make the topics of the project on the shared broker."""
    CliRunner().invoke(
        main,
        [
            "apply",
            *("--bootstrap-servers", kafka_server.bootstrap_servers),
            *("--file", str(TOPICS_FILE), "--replication-factor", "1"),
        ],
        catch_exceptions=False,
    )
