"""What comes after publishing moves nobody by itself."""

from dataclasses import replace

from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.scheduler.domain.model import SessionKind
from tests.support.scheduler_api import Api
from tests.support.scheduler_world import week_name
from tests.support.schools import a_learner, a_need, a_problem, a_room, an_adult, an_offer


async def test_a_corrected_score_arrives_after_publishing():
    """The state changes, published seats do not, the next run reads it."""
    problem = a_problem(
        adults=(an_adult("ada"), an_adult("bob", ())),
        rooms=(a_room("r1"), a_room("r2")),
        offers=(
            an_offer("group", "ada", SessionKind.SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        learners=tuple(map(a_learner, ("kim", "lea", "max"))),
        needs=(a_need("kim"), a_need("lea")),
    )
    api = Api(problem)

    async def seats(revision):
        request = messages.ListSeatsRequest(parent=week_name(problem), revision=revision)
        return list((await api.as_("reader").ListSeats(request)).seats)

    await api.publish_draft()
    published = await seats(1)
    # Max's quiz of three weeks ago was scored anew, and lea's: he has the gap now, she has none.
    corrected = replace(problem, needs=(a_need("kim"), a_need("max")))
    api.book.problem = corrected
    assert await seats(1) == published
    assert await seats(0) == published
    await api.draft(seed=8)
    assert api.solver.problems[-1].needs != problem.needs
    assert {one.learner_id for one in api.solver.problems[-1].needs} == {"kim", "max"}
    places = {one.learner: one.session for one in published}
    assert {one.learner: one.session for one in await seats(-1)} == places
