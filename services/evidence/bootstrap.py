"""Builds every object of each process, by hand; nothing is built at import."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from zoneinfo import available_timezones

from services.common.clock import Clock, SystemClock
from services.common.config import ConfigurationError
from services.common.kafka.dead_letter_source import DeadLetterSource
from services.common.kafka.producer import Producer
from services.common.kafka.relay import OutboxSource, Relay, RelaySource
from services.common.kafka.watermarks import Positions
from services.common.kafka.worker import PARALLEL_CHUNKS
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.common.rpc.credentials import Credentials
from services.evidence.adapters.exact_json import JsonDocumentDecoder
from services.evidence.adapters.learner_keys import LearnerKeys
from services.evidence.adapters.object_codec import ObjectCodec
from services.evidence.adapters.postgres.case import PostgresCase
from services.evidence.adapters.postgres.directory import PostgresDirectory
from services.evidence.adapters.postgres.documents import PostgresDocuments
from services.evidence.adapters.postgres.due import PostgresDue
from services.evidence.adapters.postgres.framework import PostgresFrameworks
from services.evidence.adapters.postgres.ledger import PostgresLedger, PostgresLedgerStream
from services.evidence.adapters.postgres.ledger_source import LedgerSource
from services.evidence.adapters.postgres.positions import LedgerPositions
from services.evidence.adapters.postgres.roster import PostgresRoster
from services.evidence.adapters.postgres.source_objects import PostgresSourceObjects
from services.evidence.adapters.postgres.sources import PostgresReceipts
from services.evidence.adapters.wire.evidence import ProtobufEventEncoder, ProtobufRecordDecoder
from services.evidence.adapters.wire.quick_checks import ProtobufRecordEncoder
from services.evidence.config import EvidenceSettings
from services.evidence.domain.model import RefusalReason
from services.evidence.handlers.documents.due import DocumentsAgain
from services.evidence.handlers.documents.surroundings import Surroundings
from services.evidence.handlers.documents.writing import DocumentWriter
from services.evidence.handlers.intake import Intake, IntakePolicy
from services.evidence.handlers.quarantine import Redriving
from services.evidence.handlers.quick_checks import QuickCheckIntake
from services.evidence.handlers.receipts import ReceiptLog
from services.evidence.handlers.unreadable import LedgerQuarantine
from services.evidence.ports.case import CaseReader
from services.evidence.ports.framework import Frameworks
from services.evidence.ports.ledger import Ledger, LedgerStream
from services.evidence.ports.quarantine_sink import QuarantineSink
from services.evidence.ports.roster import LearnerIds, Roster
from services.evidence.ports.source_objects import ObjectReader, ObjectWriter

OUTBOX_NAME: Final = "evidence-outbox"
"""Of the relay's cursor for the facts of roster and frameworks."""
DEAD_LETTERS_NAME: Final = "evidence-dead-letters"
"""Of the relay's cursor for dead letters."""


@dataclass(frozen=True, kw_only=True)
class Api:
    """What the servicers of an `api` process need."""

    database: Database
    credentials: Credentials
    intake: Intake
    surroundings: Surroundings
    redriving: Redriving
    objects: ObjectReader
    writer: ObjectWriter
    case: CaseReader
    unreadable: QuarantineSink
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
        listens=[settings.grpc_listen, settings.http_listen],
    )
    learner_ids = build_learner_ids(settings)
    database = await _connect(settings.postgres_dsn, settings.postgres_pool_size, lifecycle)
    all_districts = None
    if settings.worker_postgres_dsn is not None:
        all_districts = await _connect(
            settings.worker_postgres_dsn, settings.worker_postgres_pool_size, lifecycle
        )
    clock = SystemClock()
    surroundings = build_surroundings(
        database, learner_ids=learner_ids, clock=clock, policy=settings.intake_policy()
    )
    return Api(
        database=database,
        credentials=credentials,
        intake=surroundings.intake,
        surroundings=surroundings,
        redriving=build_redriving(surroundings),
        objects=PostgresSourceObjects(database),
        writer=DocumentWriter(surroundings),
        case=PostgresCase(database),
        unreadable=LedgerQuarantine(surroundings.intake),
        ledger=surroundings.intake.ledger,
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
    sources: Sequence[tuple[RelaySource, Positions | None]] = (
        (LedgerSource(database), LedgerPositions(database)),
        (OutboxSource(database, name=OUTBOX_NAME), None),
        (DeadLetterSource(database, name=DEAD_LETTERS_NAME), None),
    )
    return [
        Relay(
            database=database,
            source=source,
            positions=positions,
            make_producer=partial(
                Producer.connect,
                settings.kafka_bootstrap_servers,
                client_id=f"trellis-{source.name}",
            ),
        )
        for source, positions in sources
    ]


@dataclass(frozen=True, kw_only=True)
class Resolver:
    """What a `resolver` process needs."""

    database: Database
    due: PostgresDue
    surroundings: Surroundings
    redriving: Redriving
    clock: Clock

    @staticmethod
    def reason_name(reason: int) -> str:
        """Return the name of a reason of the quarantine."""
        return RefusalReason(reason).name


async def build_resolver(settings: EvidenceSettings, lifecycle: Lifecycle) -> Resolver:
    """Connect in both roles and build a `resolver` process; raises ConfigurationError."""
    if settings.worker_postgres_dsn is None:
        raise ConfigurationError(
            "EVIDENCE_WORKER_POSTGRES_DSN: not set; without it nobody can look in every district"
        )
    learner_ids = build_learner_ids(settings)
    database = await _connect(settings.postgres_dsn, settings.postgres_pool_size, lifecycle)
    worker = await _connect(
        settings.worker_postgres_dsn, settings.worker_postgres_pool_size, lifecycle
    )
    clock = SystemClock()
    surroundings = build_surroundings(
        database, learner_ids=learner_ids, clock=clock, policy=settings.intake_policy()
    )
    return Resolver(
        database=database,
        due=PostgresDue(worker),
        surroundings=surroundings,
        redriving=build_redriving(surroundings),
        clock=clock,
    )


@dataclass(frozen=True, kw_only=True)
class QuickCheckProcess:
    """What a `quick-checks` process needs: its place, and the way into the ledger."""

    worker: Database
    taking: QuickCheckIntake


async def build_quick_checks(settings: EvidenceSettings, lifecycle: Lifecycle) -> QuickCheckProcess:
    """Connect in both roles and build a `quick-checks` process; raises ConfigurationError."""
    if settings.worker_postgres_dsn is None:
        raise ConfigurationError(
            "EVIDENCE_WORKER_POSTGRES_DSN: not set; without it nobody can keep a place in the topic"
        )
    database = await _connect(settings.postgres_dsn, settings.postgres_pool_size, lifecycle)
    # One connection for each chunk side by side, one to read offsets at a rebalance.
    worker = await _connect(
        settings.worker_postgres_dsn,
        max(settings.worker_postgres_pool_size, PARALLEL_CHUNKS + 1),
        lifecycle,
    )
    surroundings = build_surroundings(
        database,
        learner_ids=build_learner_ids(settings),
        clock=SystemClock(),
        policy=settings.intake_policy(),
    )
    return QuickCheckProcess(
        worker=worker,
        taking=QuickCheckIntake(intake=surroundings.intake, encoder=ProtobufRecordEncoder()),
    )


def build_surroundings(
    database: Database, *, learner_ids: LearnerIds, clock: Clock, policy: IntakePolicy
) -> Surroundings:
    """Return what keeping documents needs, over the API role's database."""
    return Surroundings(
        store=PostgresDocuments(database, directory=PostgresDirectory),
        intake=Intake(
            ledger=PostgresLedger(database, directory=PostgresDirectory),
            encoder=ProtobufEventEncoder(),
            receipts=ReceiptLog(PostgresReceipts(database)),
            clock=clock,
            policy=policy,
        ),
        learner_ids=learner_ids,
        codec=ObjectCodec(),
    )


def build_redriving(surroundings: Surroundings) -> Redriving:
    """Return what reading the quarantine again needs."""
    return Redriving(
        intake=surroundings.intake,
        store=surroundings.store,
        decoder=ProtobufRecordDecoder(),
        documents=DocumentsAgain(surroundings=surroundings, decoder=JsonDocumentDecoder()),
    )


async def _connect(dsn: str, pool_size: int, lifecycle: Lifecycle) -> Database:
    database = await Database.connect(dsn, pool_size=pool_size, application_name="trellis-evidence")
    lifecycle.add_closer("database", database.close)
    return database
