"""ReviewService without a socket: over weeks that were planned and published."""

import asyncio
from io import StringIO

import pytest
from rich.console import Console
from trellis.scheduler.v1 import review_pb2
from trellis.scheduler.v1 import review_service_pb2 as messages

from services.common.rpc.credentials import acting_as
from services.scheduler.adapters.memory.actors import MemoryActors
from services.scheduler.adapters.wire.reviews import review_to
from services.scheduler.domain.access import Actor, Role
from services.scheduler.domain.errors import (
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    PolicyMissingError,
)
from services.scheduler.domain.history.review import cycle_review
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.entrypoints.grpc.reviews import ReviewServicer
from services.scheduler.entrypoints.review import LABELS, coming_monday, show
from tests.support.past_weeks import ART, HELP, a_past_week, monday, the_past
from tests.support.scheduler_api import CREDENTIALS
from tests.support.scheduler_world import DISTRICT
from tests.support.schools import (
    a_learner,
    a_need,
    a_problem,
    a_room,
    a_slot,
    an_adult,
    an_offer,
)
from tests.support.terms import SchoolTerm

PARENT = f"districts/{DISTRICT}/schools/north"
PRINCIPAL = f"districts/{DISTRICT}/adults/principal"
NAMES = tuple(f"l{number:02d}" for number in range(12))


class Reviews:
    """The servicer, called as a token's holder, over a school's store."""

    def __init__(self, store, *roles) -> None:
        actor = Actor(name=PRINCIPAL, roles=frozenset(roles or {Role.PRINCIPAL}))
        self._servicer = ReviewServicer(store=store, actors=MemoryActors({PRINCIPAL: actor}))

    async def review(self, token="principal", **changes):
        """Ask for a review of the weeks before the fourth."""
        request = {"parent": PARENT, "before_monday": monday(7).isoformat()} | changes
        with acting_as(CREDENTIALS[token]):
            response = await self._servicer.GetCycleReview(
                messages.GetCycleReviewRequest(**request), None
            )
        return response.review

    async def stuck(self, token="principal", **changes):
        """Ask who is stuck."""
        request = {"parent": PARENT, "before_monday": monday(7).isoformat()} | changes
        with acting_as(CREDENTIALS[token]):
            return await self._servicer.ListStuckLearners(
                messages.ListStuckLearnersRequest(**request), None
            )


@pytest.fixture(scope="module")
def store():
    """Give the store of a school that has published seven weeks: l00 to l04 are helped."""
    return asyncio.run(taught())


async def taught():
    """Publish seven weeks and return the store."""
    problem = a_problem(
        slots=(a_slot(), a_slot("mon-2", "09:40", "10:20")),
        adults=(an_adult("ada"), an_adult("cy", ())),
        rooms=(a_room("r1"), a_room("r3")),
        offers=(
            an_offer("o1", "ada", SessionKind.SMALL_GROUP, room_id="r1"),
            an_offer("o3", "cy", SessionKind.ENRICHMENT, room_id="r3"),
        ),
        learners=tuple(a_learner(name) for name in NAMES),
    )
    school = SchoolTerm(problem)
    needs = [a_need(name, level_milli=2100) for name in NAMES[:5]]
    for number in range(7):
        await school.teach(number, needs)
    return school.api.store


async def test_a_principal_reads_the_figures_of_published_weeks(store):
    """The last six by default, as many as asked for else."""
    review = await Reviews(store).review()
    assert list(review.mondays) == [monday(number).isoformat() for number in range(1, 7)]
    figures = review.school
    assert (figures.learners, figures.needs_due, figures.needs_met) == (12, 25, 25)
    assert (figures.weight_met_share_milli, figures.gini_milli) == (1000, 0)
    assert figures.stuck == 5
    assert [one.group for one in review.grades] == ["6"]
    assert len((await Reviews(store).review(weeks=2)).mondays) == 2


async def test_who_is_stuck_is_listed_page_by_page(store):
    """Each once, by learner."""
    found, token = [], ""
    for _ in range(3):
        page = await Reviews(store).stuck(page_size=2, page_token=token)
        found += page.stuck_learners
        token = page.next_page_token
    assert token == ""
    assert [one.learner for one in found] == [
        f"districts/{DISTRICT}/learners/{name}" for name in NAMES[:5]
    ]
    assert {(one.cycles, one.entry_date, one.adult) for one in found} == {
        (2, monday(0).isoformat(), f"districts/{DISTRICT}/adults/ada")
    }


@pytest.mark.parametrize("role", [Role.TEACHER, Role.OFFICE, Role.FAMILY, Role.COUNSELOR])
async def test_nobody_else_reads_a_review(store, role):
    """It is for who leads the school."""
    for ask in (Reviews(store, role).review, Reviews(store, role).stuck):
        with pytest.raises(NotAllowedError):
            await ask()


async def test_a_system_reads_it_and_another_district_does_not(store):
    """A credential of no person acts as a system; a school of elsewhere is none."""
    assert (await Reviews(store).review(token="office")).mondays
    with pytest.raises(NotFoundError):
        await Reviews(store).review(token="stranger")


@pytest.mark.parametrize(
    "changes",
    [
        {"weeks": -1},
        {"weeks": 25},
        {"before_monday": ""},
        {"before_monday": "2026-11-24"},
        {"parent": "north"},
    ],
    ids=str,
)
async def test_a_question_that_cannot_be_answered_is_refused(store, changes):
    """With what is wrong and what to send."""
    with pytest.raises(InvalidRequestError):
        await Reviews(store).review(**changes)


async def test_a_school_without_a_policy_has_no_review(store):
    """The refusal says what to send first."""
    with pytest.raises(PolicyMissingError):
        await Reviews(store).review(parent=f"districts/{DISTRICT}/schools/south")


def printed(review, *, board):
    """Return what the command prints."""
    out = StringIO()
    show(Console(file=out, width=200), review, board=board)
    return out.getvalue()


def test_a_board_reads_the_school_and_its_grades_and_no_id():
    """The command prints a line for each figure; tags are for the school."""
    names = {f"l{n:02d}": [ART if n % 2 else HELP] for n in range(12)}
    week = a_past_week(-1, needs={name: {"fractions": 1800} for name in names}, **names)
    message = review_to(cycle_review(the_past(week), Policy(), weeks=6))
    message.tags.append(review_pb2.GroupFigures(group="studio-a"))
    text = printed(message, board=True)
    assert all(label in text for label in LABELS)
    assert "Grade 6" in text
    assert "studio-a" not in text
    assert "l00" not in text
    assert "too few learners" in printed(message, board=False)
    assert printed(review_pb2.CycleReview(), board=True).startswith("No week")


def test_the_coming_monday_is_after_today():
    """On a Monday it is the next one."""
    assert coming_monday(monday(0)) == monday(1)
    assert coming_monday(monday(1).replace(day=monday(1).day - 1)) == monday(1)
