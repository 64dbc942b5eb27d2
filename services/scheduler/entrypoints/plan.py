"""The command `plan`: asks for a plan run over gRPC, waits for its end, prints what came out.

It is a client like any other: it needs an address and a token, and knows nothing of the database.
Exit codes: 0 a week without a breach, 1 a failed or cancelled run, 3 a week that breaks a rule.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import click
import grpc.aio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from trellis.scheduler.v1 import scheduler_service_pb2 as messages
from trellis.scheduler.v1 import scheduler_service_pb2_grpc, week_pb2

from services.common.ids import random_id
from services.common.rpc.client import connect
from services.common.rpc.command_line import Target, said, target_from
from services.scheduler.entrypoints.target import target_options
from services.scheduler.entrypoints.words import breach_words, percent_of_best

EXIT_NO_WEEK: Final = 1
EXIT_BREACHES: Final = 3
POLL_SECONDS: Final = 0.5
BREACHES_SHOWN: Final = 20
OPEN: Final = (week_pb2.PlanRun.STATE_PENDING, week_pb2.PlanRun.STATE_RUNNING)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What to plan, and where to ask for it."""

    target: Target
    school: str
    monday: date
    as_of: datetime
    seed: int
    budget: int
    wait_seconds: float
    request_id: str
    min_position: int


@click.command("plan")
@click.argument("school")
@click.argument("monday", type=click.DateTime(["%Y-%m-%d"]))
@target_options
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]),
    help="Evidence of work after it is not read, as in 2026-11-19T12:00:00-0500."
    " Without: the Thursday noon (UTC) before the week.",
)
@click.option("--seed", default=1, show_default=True, help="Settles what is equal.")
@click.option("--budget", default=0, help="Steps of the search; 0: the service's default.")
@click.option(
    "--min-position",
    default=0,
    help="Plan from needs that hold every entry of the ledger up to this one (ledger_position in"
    " evidence's answers); 0: as they are.",
)
@click.option("--wait-seconds", default=600.0, show_default=True, help="Give up waiting then.")
@click.option("--request-id", default="", help="A repeat with the same one returns the first run.")
def plan_command(school: str, monday: datetime, **options: Any) -> None:  # noqa: ANN401
    """Plan the week of MONDAY for SCHOOL (districts/.../schools/...) and print what came out."""
    wish = Wish(
        target=target_from(options),
        school=school,
        monday=monday.date(),
        as_of=options["as_of"] or thursday_noon(monday.date()),
        seed=options["seed"],
        budget=options["budget"],
        wait_seconds=options["wait_seconds"],
        request_id=options["request_id"] or random_id(),
        min_position=options["min_position"],
    )
    console = Console()
    try:
        run = asyncio.run(plan(wish, console))
    except grpc.aio.AioRpcError as error:
        raise click.ClickException(said(error)) from error
    except TimeoutError as error:
        raise click.ClickException(
            f"the run has not ended after {wish.wait_seconds:g} s; it goes on: ask again with"
            f" --request-id {wish.request_id}"
        ) from error
    show(console, run)
    raise SystemExit(exit_code(run))


async def plan(wish: Wish, console: Console) -> week_pb2.PlanRun:
    """Create a run and wait for its end; raises TimeoutError and what gRPC raises."""
    where = wish.target
    async with connect(where.address, where.token, tls=where.tls) as channel:
        stub = scheduler_service_pb2_grpc.SchedulerServiceStub(channel)
        request = messages.CreatePlanRunRequest(
            parent=wish.school,
            monday=wish.monday.isoformat(),
            seed=wish.seed,
            budget=wish.budget,
            request_id=wish.request_id,
            min_position=wish.min_position,
        )
        request.as_of_time.FromDatetime(wish.as_of)
        run: week_pb2.PlanRun = (await stub.CreatePlanRun(request)).plan_run
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task("Planning", total=None)
            async with asyncio.timeout(wish.wait_seconds):
                while run.state in OPEN:
                    progress.update(bar, description=_state(run))
                    await asyncio.sleep(POLL_SECONDS)
                    asked = messages.GetPlanRunRequest(name=run.name)
                    run = (await stub.GetPlanRun(asked)).plan_run
        return run


def show(console: Console, run: week_pb2.PlanRun) -> None:
    """Print what came out of a run."""
    console.print(f"{run.name}: {_state(run)}")
    if run.failure:
        console.print(run.failure)
    if run.state != week_pb2.PlanRun.STATE_SUCCEEDED:
        return
    summary = run.summary
    table = Table(show_header=False)
    for words, value in (
        ("Learners", f"{summary.learners}"),
        ("Sessions", f"{summary.sessions}"),
        ("Seats", f"{summary.seats}"),
        ("Needs met", f"{summary.needs_met} of {summary.needs}"),
        ("Weight of need met", f"{summary.need_weight_met_micro / 10_000:.1f} %"),
        ("Checks held", f"{summary.checks_met} of {summary.checks_due}"),
        ("The week", nearness(summary)),
        ("Gap of the seats", f"{summary.assignment_gap_micro / 10_000:.4f} %"),
        ("Evidence up to", f"{run.needs_position or 'not known'}"),
        ("Snapshot", run.snapshot_hash),
        ("Week", run.week_hash),
    ):
        table.add_row(words, value)
    console.print(table)
    for breach in run.breaches[:BREACHES_SHOWN]:
        console.print(f"{breach_words(breach.rule)}: {breach.slot_id} {breach.message}")
    if len(run.breaches) > BREACHES_SHOWN:
        console.print(f"and {len(run.breaches) - BREACHES_SHOWN} more")


def nearness(summary: week_pb2.PlanSummary) -> str:
    """Return how near a week is to the best possible, in words."""
    return percent_of_best(summary.week_gap_micro if summary.HasField("week_gap_micro") else None)


def exit_code(run: week_pb2.PlanRun) -> int:
    """Return the exit code for a run that has ended."""
    if run.state != week_pb2.PlanRun.STATE_SUCCEEDED:
        return EXIT_NO_WEEK
    return EXIT_BREACHES if run.breaches else 0


def thursday_noon(monday: date) -> datetime:
    """Return the Thursday noon, in UTC, before the week of a Monday."""
    return datetime.combine(monday - timedelta(days=4), time(12), UTC)


def _state(run: week_pb2.PlanRun) -> str:
    name = week_pb2.PlanRun.State.Name(run.state)
    return name.removeprefix("STATE_").replace("_", " ").lower()
