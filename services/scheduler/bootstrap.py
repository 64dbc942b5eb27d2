"""Builds every object of each process, by hand; nothing is built anywhere else or at import."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from zoneinfo import available_timezones

import grpc.aio

from services.common.clock import Clock, SystemClock
from services.common.ids import random_id
from services.common.kafka.producer import Producer
from services.common.kafka.relay import OutboxSource, Relay
from services.common.postgres.pool import Database
from services.common.process import Lifecycle
from services.common.rpc.client import connect
from services.common.rpc.credentials import Credentials, development_credential
from services.scheduler.adapters.actors import RecentPeople, RosterActors, lasting_learners
from services.scheduler.adapters.clock_offset import MovedClock, clock_offset
from services.scheduler.adapters.names import RecentNames
from services.scheduler.adapters.postgres.asking.weeks import PostgresRequestWeekQueue
from services.scheduler.adapters.postgres.asking.windows import PostgresUptimes
from services.scheduler.adapters.postgres.cycle import PostgresCycleQueue
from services.scheduler.adapters.postgres.runs import PostgresRunQueue
from services.scheduler.adapters.postgres.store import PostgresStore
from services.scheduler.adapters.recent_schools import RecentLists, RecentSchools
from services.scheduler.adapters.repairer import ProcessRepairer
from services.scheduler.adapters.sign_up import SignUp
from services.scheduler.adapters.solver import ProcessSolver
from services.scheduler.adapters.upstream import GrpcDirectory, GrpcNeedBook
from services.scheduler.adapters.visiting_names import VisitingNames
from services.scheduler.config import SchedulerSettings
from services.scheduler.domain.check import check
from services.scheduler.domain.week import Progress
from services.scheduler.handlers.asking.desk import Desk
from services.scheduler.handlers.asking.settling import Settling
from services.scheduler.handlers.cycle.clockwork import Clockwork
from services.scheduler.handlers.cycle.times import school_times
from services.scheduler.handlers.day.changes import Changing
from services.scheduler.handlers.planning import Planner
from services.scheduler.handlers.publishing import Check
from services.scheduler.handlers.readiness import SchoolCheck
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.asking import UptimeBook
from services.scheduler.ports.cycle import TimesOf
from services.scheduler.ports.store import FeedAddresses, Store
from services.scheduler.ports.upstream import NameBook

OUTBOX_NAME = "scheduler-outbox"
HEARTBEATS_PER_LEASE = 6


@dataclass(frozen=True, kw_only=True)
class Api:
    """What an `api` process needs."""

    database: Database
    credentials: Credentials
    store: Store
    names: NameBook
    actors: ActorBook
    addresses: FeedAddresses
    clock: Clock
    check: Check
    time_zones: Collection[str]
    school_check: SchoolCheck
    times: TimesOf
    desk: Desk
    uptimes: UptimeBook
    sign_up: SignUp
    changing: Changing


async def build_api(settings: SchedulerSettings, lifecycle: Lifecycle) -> Api:
    """Connect to PostgreSQL and build an `api` process; raises ConfigurationError."""
    credentials = Credentials.choose(
        credentials_file=settings.credentials_file,
        development_district=settings.development_district,
        listens=[settings.grpc_listen, settings.http_listen],
    )
    evidence = _channel(settings, settings.evidence_target, lifecycle)
    mastery = _channel(settings, settings.mastery_target, lifecycle)
    database = await _connect(settings, lifecycle)
    store, directory, clock = PostgresStore(database), GrpcDirectory(evidence), _clock(settings)
    needs = GrpcNeedBook(mastery)
    schools = settings.kept_schools
    book = RecentSchools(directory, needs, store, clock, kept_schools=schools)
    lists = RecentLists(book, store, clock, kept_schools=schools)
    kept_seconds = settings.people_kept_seconds
    people = RecentPeople(directory, kept_seconds=kept_seconds, kept_schools=schools)
    learners = lasting_learners(people, kept_seconds=kept_seconds, kept_schools=schools)
    repairer = ProcessRepairer()
    lifecycle.add_closer("repairer", repairer.close)
    return Api(
        database=database,
        credentials=credentials,
        store=store,
        names=RecentNames(
            VisitingNames(directory, store), kept_seconds=settings.names_kept_seconds
        ),
        actors=RosterActors(
            store=store,
            roster=people,
            learners=learners,
            clock=clock,
            development_person=_development_person(settings),
        ),
        clock=clock,
        addresses=store,
        check=check,
        time_zones=available_timezones(),
        school_check=SchoolCheck(directory=directory, needs=needs),
        times=school_times,
        desk=Desk(store=store, book=book, lists=lists, clock=clock),
        uptimes=PostgresUptimes(database),
        sign_up=SignUp(directory.reach, learners, lists.recent),
        changing=Changing(
            store=store, clock=clock, check=check, repairer=repairer, directory=directory
        ),
    )


@dataclass(frozen=True, kw_only=True)
class PlannerProcess:
    """What a `planner` process needs."""

    database: Database
    planner: Planner
    settling: Settling


async def build_planner(
    settings: SchedulerSettings, lifecycle: Lifecycle, on_progress: Callable[[Progress], None]
) -> PlannerProcess:
    """Connect as the worker's role and build a `planner` process."""
    evidence = _channel(settings, settings.evidence_target, lifecycle)
    mastery = _channel(settings, settings.mastery_target, lifecycle)
    database = await _connect(settings, lifecycle)
    solver = ProcessSolver()
    lifecycle.add_closer("solver", solver.close)
    lease = timedelta(seconds=settings.lease_seconds)
    store, directory, clock = PostgresStore(database), GrpcDirectory(evidence), _clock(settings)
    needs = GrpcNeedBook(mastery)
    book = RecentSchools(directory, needs, store, clock, kept_schools=settings.kept_schools)
    settling = Settling(
        store=store, book=book, clock=clock, queue=PostgresRequestWeekQueue(database)
    )
    planner = Planner(
        owner=random_id(),
        store=store,
        queue=PostgresRunQueue(database),
        directory=directory,
        needs=needs,
        solver=solver,
        clock=clock,
        on_progress=on_progress,
        lease=lease,
        heartbeat_seconds=settings.lease_seconds / HEARTBEATS_PER_LEASE,
    )
    return PlannerProcess(database=database, planner=planner, settling=settling)


@dataclass(frozen=True, kw_only=True)
class ClockProcess:
    """What a `clock` process needs."""

    database: Database
    work: Clockwork


async def build_clock(settings: SchedulerSettings, lifecycle: Lifecycle) -> ClockProcess:
    """Connect as the worker's role and build a `clock` process; raises ConfigurationError."""
    offset = _offset(settings)
    database = await _connect(settings, lifecycle)
    work = Clockwork(
        store=PostgresStore(database),
        queue=PostgresCycleQueue(database, offset=offset),
        times=school_times,
        check=check,
        uptimes=PostgresUptimes(database),
    )
    return ClockProcess(database=database, work=work)


async def build_relay(settings: SchedulerSettings, lifecycle: Lifecycle) -> Relay:
    """Connect as the worker's role and build the relay of the outbox."""
    database = await _connect(settings, lifecycle)
    return Relay(
        database=database,
        source=OutboxSource(database, name=OUTBOX_NAME),
        make_producer=partial(
            Producer.connect,
            settings.kafka_bootstrap_servers,
            client_id=f"trellis-{OUTBOX_NAME}",
        ),
    )


def _offset(settings: SchedulerSettings) -> Callable[[], timedelta]:
    """Return what tells how far the time is moved; raises ConfigurationError."""
    return clock_offset(
        settings.clock_offset_file, is_development=settings.development_district is not None
    )


def _clock(settings: SchedulerSettings) -> Clock:
    return MovedClock(SystemClock(), _offset(settings))


def _development_person(settings: SchedulerSettings) -> str | None:
    """Return who everybody is without a credentials file, on loopback alone; None with one."""
    if settings.credentials_file is not None or settings.development_district is None:
        return None
    return development_credential(settings.development_district).person


def _channel(settings: SchedulerSettings, target: str, lifecycle: Lifecycle) -> grpc.aio.Channel:
    channel = connect(target, settings.service_token(), tls=settings.upstream_tls())
    lifecycle.add_closer(f"channel to {target}", channel.close)
    return channel


async def _connect(settings: SchedulerSettings, lifecycle: Lifecycle) -> Database:
    database = await Database.connect(
        settings.postgres_dsn,
        pool_size=settings.postgres_pool_size,
        application_name="trellis-scheduler",
    )
    lifecycle.add_closer("database", database.close)
    return database
