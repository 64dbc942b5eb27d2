"""The command `review`: how the published weeks of a school went, asked for over gRPC.

Prints what a principal brings to a cycle's review; with `--board` what a board may read, which is
the school and its grades. Nobody is named: who is stuck is listed by id, and never with `--board`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from trellis.scheduler.v1 import review_pb2, review_service_pb2_grpc
from trellis.scheduler.v1 import review_service_pb2 as messages

from services.common.clock import SystemClock
from services.common.rpc.client import connect
from services.common.rpc.command_line import Target, call, target_from
from services.scheduler.entrypoints.target import target_options

PAGE = 500
TOO_FEW = "too few learners"
NOTHING = "–"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What to review, and where to ask for it."""

    target: Target
    school: str
    before: date
    weeks: int
    board: bool


@click.command("review")
@click.argument("school")
@click.option("--weeks", default=6, show_default=True, help="Weeks of school to look at.")
@click.option(
    "--before",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The Monday after the last week of the review. Without: the coming one.",
)
@click.option("--board", is_flag=True, help="Only the figures of the school and its grades.")
@target_options
def review_command(school: str, **options: Any) -> None:  # noqa: ANN401
    """Print how the published weeks of SCHOOL (districts/.../schools/...) went."""
    before = options["before"]
    question = Question(
        target=target_from(options),
        school=school,
        before=before.date() if before else coming_monday(SystemClock().now().date()),
        weeks=options["weeks"],
        board=options["board"],
    )
    console = Console()
    review, stuck = call(lambda: ask(question))
    show(console, review, board=question.board)
    show_stuck(console, stuck)


async def ask(question: Question) -> tuple[review_pb2.CycleReview, list[review_pb2.StuckLearner]]:
    """Return the review and, unless it is for a board, who is stuck; raises what gRPC raises."""
    before = question.before.isoformat()
    where = question.target
    async with connect(where.address, where.token, tls=where.tls) as channel:
        stub = review_service_pb2_grpc.ReviewServiceStub(channel)
        request = messages.GetCycleReviewRequest(
            parent=question.school, before_monday=before, weeks=question.weeks
        )
        review: review_pb2.CycleReview = (await stub.GetCycleReview(request)).review
        stuck: list[review_pb2.StuckLearner] = []
        token, more = "", not question.board
        while more:
            page = await stub.ListStuckLearners(
                messages.ListStuckLearnersRequest(
                    parent=question.school, before_monday=before, page_size=PAGE, page_token=token
                )
            )
            stuck += page.stuck_learners
            token = page.next_page_token
            more = bool(token)
    return review, stuck


def show(console: Console, review: review_pb2.CycleReview, *, board: bool) -> None:
    """Print the figures, a column for the school and one for each group."""
    if not review.mondays:
        console.print("No week of these was published.")
        return
    console.print(f"Weeks of {', '.join(review.mondays)}")
    groups = [("School", review.school if review.HasField("school") else None)]
    groups += _named("Grade", review.grades)
    groups += [] if board else _named("Tag", review.tags)
    table = Table("", *(name for name, _ in groups))
    columns = [list(_words(figures)) for _, figures in groups]
    for place, label in enumerate(LABELS):
        table.add_row(label, *(column[place] for column in columns))
    console.print(table)


def show_stuck(console: Console, stuck: list[review_pb2.StuckLearner]) -> None:
    """Print who is helped and gains nothing."""
    if not stuck:
        return
    table = Table("Learner", "Competency", "Cycles", "Since", "Adult", title="For the team alone")
    for one in stuck:
        table.add_row(
            one.learner.rpartition("/")[2],
            one.competency.rpartition("/")[2],
            str(one.cycles),
            one.entry_date,
            one.adult.rpartition("/")[2],
        )
    console.print(table)


def coming_monday(day: date) -> date:
    """Return the first Monday after a day."""
    return day + timedelta(days=8 - day.isoweekday())


LABELS = (
    "Learners",
    "Needs met",
    "Weight of need met",
    "Unevenness (Gini)",
    "Longest wait, weeks",
    "95 % waited at most, weeks",
    "Needs that waited 3 weeks or more",
    "Best choice met: 1st, 2nd, 3rd, 4th, 5th",
    "Enrichment and own choice",
    "Learners below that share of the policy",
    "Left a group at the goal",
    "Groups without a gain",
)
"""What the rows of the table are."""


def _named(
    word: str,
    groups: Any,  # noqa: ANN401 - a repeated field
) -> list[tuple[str, review_pb2.ReviewFigures | None]]:
    return [
        (f"{word} {one.group}", one.figures if one.HasField("figures") else None) for one in groups
    ]


def _words(figures: review_pb2.ReviewFigures | None) -> Iterator[str]:
    if figures is None:
        yield TOO_FEW
        yield from (NOTHING for _ in LABELS[1:])
        return
    yield str(figures.learners)
    yield f"{figures.needs_met} of {figures.needs_due}"
    yield _percent(figures, "weight_met_share_milli")
    yield f"{figures.gini_milli / 1000:.2f}" if figures.HasField("gini_milli") else NOTHING
    yield str(figures.longest_wait_weeks)
    yield str(figures.wait_95_weeks)
    yield _percent(figures, "long_wait_share_milli")
    yield f"{', '.join(map(str, figures.met_by_rank))} of {figures.rankings}"
    yield _percent(figures, "enrichment_share_milli")
    yield str(figures.below_enrichment_share)
    yield str(figures.exits)
    yield str(figures.stuck)


def _percent(figures: review_pb2.ReviewFigures, name: str) -> str:
    return f"{getattr(figures, name) / 10:.1f} %" if figures.HasField(name) else NOTHING
