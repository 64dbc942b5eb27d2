"""Builds every object of each process, by hand; nothing is built at import."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from services.common.clock import Clock, SystemClock
from services.common.kafka.dead_letter_source import DeadLetterSource
from services.common.kafka.producer import Producer
from services.common.kafka.relay import Relay, RelaySettings
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.common.rpc.credentials import Credentials
from services.mastery.adapters.postgres.fact_store import PostgresFacts
from services.mastery.adapters.postgres.marks import PostgresMarks, PostgresPublications
from services.mastery.adapters.postgres.policies import PostgresPolicies
from services.mastery.adapters.postgres.published_statuses import PostgresFlips
from services.mastery.adapters.postgres.state_reader import PostgresStates
from services.mastery.adapters.postgres.watermarks import PostgresWatermarks
from services.mastery.config import MasterySettings
from services.mastery.domain.mastery import check_policy
from services.mastery.domain.model import DEFAULT_POLICY
from services.mastery.handlers.policies import PolicyCache
from services.mastery.ports.facts import Facts
from services.mastery.ports.freshness import Watermarks
from services.mastery.ports.policies import Policies
from services.mastery.ports.published_statuses import FlipAudit, StatusFlips
from services.mastery.ports.publishing import PolicyPublications
from services.mastery.ports.states import States

DEAD_LETTERS_NAME: Final = "mastery-dead-letters"
"""Of the relay's cursor for dead letters."""
DEAD_LETTERS_IDLE_SECONDS: Final = 2.0
"""They are rare, and nobody waits for one."""
PROJECTOR_CONNECTIONS: Final = 5
"""Its lock, reading, settling; for the dead letters their relay's seat, and reading."""


@dataclass(frozen=True, kw_only=True)
class Api:
    """What the servicer of an `api` process needs."""

    database: Database
    credentials: Credentials
    facts: Facts
    states: States
    watermarks: Watermarks
    policies: Policies
    flips: StatusFlips
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Projection:
    """What a `projector` process needs."""

    database: Database
    marks: PostgresMarks
    publications: PolicyPublications
    policies: PolicyCache
    audit: FlipAudit
    clock: Clock
    dead_letters: Relay


async def build_api(settings: MasterySettings, lifecycle: Lifecycle) -> Api:
    """Connect to PostgreSQL and build an `api` process; raises ConfigurationError."""
    check_policy(DEFAULT_POLICY)
    credentials = Credentials.choose(
        credentials_file=settings.credentials_file,
        development_district=settings.development_district,
        listens=[settings.grpc_listen],
    )
    database = await connect(settings, lifecycle, "api")
    return api_on(database, credentials, SystemClock())


def api_on(database: Database, credentials: Credentials, clock: Clock) -> Api:
    """Build an `api` process on a database that is connected."""
    return Api(
        database=database,
        credentials=credentials,
        facts=PostgresFacts(database),
        states=PostgresStates(database),
        watermarks=PostgresWatermarks(database),
        policies=PostgresPolicies(database),
        flips=PostgresFlips(database),
        clock=clock,
    )


async def build_projection(settings: MasterySettings, lifecycle: Lifecycle) -> Projection:
    """Connect to PostgreSQL and build a `projector` process."""
    check_policy(DEFAULT_POLICY)
    database = await connect(settings, lifecycle, "projector", least=PROJECTOR_CONNECTIONS)
    return Projection(
        database=database,
        marks=PostgresMarks(database),
        publications=PostgresPublications(database),
        policies=PolicyCache(),
        audit=PostgresFlips(database),
        clock=SystemClock(),
        dead_letters=Relay(
            database=database,
            source=DeadLetterSource(database, name=DEAD_LETTERS_NAME),
            make_producer=partial(
                Producer.connect,
                settings.kafka_bootstrap_servers,
                client_id=f"trellis-{DEAD_LETTERS_NAME}",
            ),
            settings=RelaySettings(idle_seconds=DEAD_LETTERS_IDLE_SECONDS),
        ),
    )


async def connect(
    settings: MasterySettings, lifecycle: Lifecycle, process: str, *, least: int = 1
) -> Database:
    """Open the pool of a process, closed when the process stops."""
    database = await Database.connect(
        settings.postgres_dsn,
        pool_size=max(settings.postgres_pool_size, least),
        application_name=f"trellis-mastery-{process}",
    )
    lifecycle.add_closer("database", database.close)
    return database
