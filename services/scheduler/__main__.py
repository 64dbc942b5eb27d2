"""The commands of the scheduler service: `python -m services.scheduler --help`."""

import sys
from pathlib import Path

import click

from services.common import logs, process
from services.common.config import load
from services.common.kafka.rebase import rebase_relay_command
from services.common.postgres.command import migrate_command
from services.common.process import Lifecycle, Main
from services.scheduler.adapters.compiled import keep_compiled_code
from services.scheduler.config import SchedulerSettings
from services.scheduler.entrypoints.audit import audit_command
from services.scheduler.entrypoints.calendar import calendar_command
from services.scheduler.entrypoints.calling import call_command
from services.scheduler.entrypoints.check_school import check_school_command
from services.scheduler.entrypoints.compile import compile_command
from services.scheduler.entrypoints.fit import fit_command
from services.scheduler.entrypoints.plan import plan_command
from services.scheduler.entrypoints.repair import repair_command
from services.scheduler.entrypoints.review import review_command
from services.scheduler.entrypoints.school_calendar import school_calendar
from services.scheduler.entrypoints.school_import.command import import_command
from services.scheduler.entrypoints.school_policy import school_policy
from services.scheduler.entrypoints.solve import bound_command, check_command, solve_command
from services.scheduler.entrypoints.solve_district import solve_district_command
from services.scheduler.entrypoints.week import week_group
from services.scheduler.entrypoints.what_if import what_if_command

MIGRATIONS = Path(__file__).parent / "migrations"


@click.group()
def main() -> None:
    """Scheduler: forms, reviews and publishes the weeks of schools."""
    keep_compiled_code()


@main.command()
def api() -> None:
    """Answer requests on gRPC and show the pages until told to stop."""
    from services.scheduler.entrypoints.api import serve

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await serve(settings, lifecycle)

    _run(start, settings)


@main.command()
def planner() -> None:
    """Take up plan runs until told to stop; run as many as are needed."""
    from services.scheduler.entrypoints.planner import planner as start_planner

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await start_planner(settings, lifecycle)

    _run(start, settings)


@main.command()
def clock() -> None:
    """Start the steps of schools' weeks when they are due, until told to stop; run two or more."""
    from services.scheduler.entrypoints.clock import clock as start_clock

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await start_clock(settings, lifecycle)

    _run(start, settings)


@main.command()
def relay() -> None:
    """Publish what was committed to Kafka until told to stop."""
    from services.scheduler.entrypoints.relay import relay as start_relay

    settings = _settings()

    async def start(lifecycle: Lifecycle) -> None:
        await start_relay(settings, lifecycle)

    _run(start, settings)


main.add_command(migrate_command(lambda: load(SchedulerSettings).postgres_dsn, MIGRATIONS))
main.add_command(
    rebase_relay_command(lambda: load(SchedulerSettings).postgres_dsn, {"outbox": "true"})
)
main.add_command(plan_command)
main.add_command(calendar_command)
main.add_command(call_command)
main.add_command(compile_command)
main.add_command(fit_command)
main.add_command(solve_command)
main.add_command(check_command)
main.add_command(bound_command)
main.add_command(solve_district_command)
main.add_command(repair_command)
main.add_command(what_if_command)
main.add_command(review_command)
main.add_command(audit_command)
main.add_command(import_command)
main.add_command(check_school_command)
main.add_command(school_policy)
main.add_command(school_calendar)
main.add_command(week_group)


def _settings() -> SchedulerSettings:
    settings = load(SchedulerSettings)
    logs.configure(log_format=settings.log_format, log_level=settings.log_level)
    return settings


def _run(start: Main, settings: SchedulerSettings) -> None:
    sys.exit(process.run(start, shutdown_grace_seconds=settings.shutdown_grace_seconds))


if __name__ == "__main__":
    main()
