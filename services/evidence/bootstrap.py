"""Builds every object of each process, by hand; nothing is built at import."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from zoneinfo import available_timezones

from services.common.clock import Clock, SystemClock
from services.common.config import ConfigurationError
from services.common.kafka.producer import Producer
from services.common.kafka.relay import OutboxSource, Relay, RelaySource
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.common.rpc.credentials import Credentials
from services.evidence.adapters.learner_keys import LearnerKeys
from services.evidence.adapters.postgres.directory import PostgresDirectory
from services.evidence.adapters.postgres.framework import PostgresFrameworks
from services.evidence.adapters.postgres.ledger import PostgresLedger, PostgresLedgerStream
from services.evidence.adapters.postgres.ledger_source import LedgerSource
from services.evidence.adapters.postgres.roster import PostgresRoster
from services.evidence.adapters.wire.evidence import ProtobufEventEncoder, ProtobufRecordDecoder
from services.evidence.config import EvidenceSettings
from services.evidence.domain.model import Refusal
from services.evidence.domain.quarantine import QuarantinedRecord
from services.evidence.handlers.intake import Intake
from services.evidence.handlers.quarantine import Redriving
from services.evidence.ports.framework import Frameworks
from services.evidence.ports.ledger import Ledger, LedgerStream, LedgerTransaction
from services.evidence.ports.roster import LearnerIds, Roster

OUTBOX_NAME: Final = "evidence-outbox"
"""Of the relay's cursor for the facts of roster and frameworks."""


@dataclass(frozen=True, kw_only=True)
class Api:
    """What the servicers of an `api` process need."""

    database: Database
    credentials: Credentials
    intake: Intake
    redriving: Redriving
    ledger: Ledger
    stream: LedgerStream
    roster: Roster
    frameworks: Frameworks
    learner_ids: LearnerIds
    time_zones: Collection[str]
    clock: Clock


async def build_api(settings: EvidenceSettings, lifecycle: Lifecycle) -> Api:
    """Connect to PostgreSQL and build an `api` process; raises ConfigurationError."""
    credentials = Credentials.choose(
        credentials_file=settings.credentials_file,
        development_district=settings.development_district,
        listens=[settings.grpc_listen],
    )
    learner_ids = build_learner_ids(settings)
    database = await _connect(settings.postgres_dsn, settings.postgres_pool_size, lifecycle)
    all_districts = None
    if settings.worker_postgres_dsn is not None:
        all_districts = await _connect(
            settings.worker_postgres_dsn, settings.worker_postgres_pool_size, lifecycle
        )
    clock = SystemClock()
    ledger = PostgresLedger(database, directory=PostgresDirectory)
    intake = Intake(
        ledger=ledger,
        encoder=ProtobufEventEncoder(),
        clock=clock,
        policy=settings.intake_policy(),
    )
    return Api(
        database=database,
        credentials=credentials,
        intake=intake,
        redriving=Redriving(
            intake=intake, decoder=ProtobufRecordDecoder(), documents=NoDocuments()
        ),
        ledger=ledger,
        stream=PostgresLedgerStream(database, all_districts),
        roster=PostgresRoster(database),
        frameworks=PostgresFrameworks(database),
        learner_ids=learner_ids,
        time_zones=available_timezones(),
        clock=clock,
    )


def build_learner_ids(settings: EvidenceSettings) -> LearnerIds:
    """Read the keys of learners' ids; the development district has one that everybody knows."""
    if settings.learner_keys_file is not None:
        return LearnerKeys.load(settings.learner_keys_file)
    if settings.credentials_file is None and settings.development_district is not None:
        return LearnerKeys.development(settings.development_district)
    raise ConfigurationError(
        "EVIDENCE_LEARNER_KEYS_FILE: not set; without it no learner can be given an id"
    )


async def build_relays(settings: EvidenceSettings, lifecycle: Lifecycle) -> Sequence[Relay]:
    """Connect as the worker's role and build the relays of a `relay` process."""
    database = await _connect(settings.postgres_dsn, settings.postgres_pool_size, lifecycle)
    sources: Sequence[RelaySource] = (
        LedgerSource(database),
        OutboxSource(database, name=OUTBOX_NAME),
    )
    return [
        Relay(
            database=database,
            source=source,
            make_producer=partial(
                Producer.connect,
                settings.kafka_bootstrap_servers,
                client_id=f"trellis-{source.name}",
            ),
        )
        for source in sources
    ]


class NoDocuments:
    """Reads no document again: there is no format yet."""

    async def redrive(
        self, _district: str, found: Sequence[QuarantinedRecord], _transaction: LedgerTransaction
    ) -> Sequence[Refusal | None]:
        """Leave each where it is."""
        return [one.refused.refusal for one in found]


async def _connect(dsn: str, pool_size: int, lifecycle: Lifecycle) -> Database:
    database = await Database.connect(dsn, pool_size=pool_size, application_name="trellis-evidence")
    lifecycle.add_closer("database", database.close)
    return database
