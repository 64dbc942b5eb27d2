"""The digest of a published week follows from the stored week, and from nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduler.adapters.digests import pack_digest, unpack_digest
from services.scheduler.adapters.documents import pack, unpack_problem, unpack_week
from services.scheduler.adapters.highs.exact import HighsExact
from services.scheduler.domain.history.digest import FORMAT, NeedState, digest_of
from services.scheduler.domain.revision import Content
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.solve import solve
from tests.support.schools import Shape, a_school

SHAPE = Shape(learners=40, adults=9, slots=3, competencies=10, needs_each=3.0, whole=True)


@pytest.fixture(scope="module")
def content():
    """Give a planned week of a school with everything that there is."""
    problem = normalised(a_school(5, SHAPE))
    return Content(problem=problem, week=solve(problem, HighsExact(), seed=1, budget=20))


def states(digest):
    """Return how many needs are in each state."""
    found = [NeedState(one) for learner in digest.learners for one in learner.states]
    return {state: found.count(state) for state in NeedState}


def test_a_digest_is_stored_and_read_back_whole(content):
    """The bytes are the same each time."""
    digest = digest_of(content)
    assert unpack_digest(pack_digest(digest)) == digest
    assert pack_digest(digest) == pack_digest(digest_of(content))


def test_a_digest_can_be_made_anew_from_the_stored_week(content):
    """What is stored of week and snapshot gives the same digest to the byte."""
    stored = Content(
        problem=unpack_problem(pack(content.problem)), week=unpack_week(pack(content.week))
    )
    assert pack_digest(digest_of(stored)) == pack_digest(digest_of(content))


@given(st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_the_order_of_what_comes_in_leaves_no_trace(content, rng):
    """Seats, sessions, unmet needs, learners and needs in any order give one digest."""
    week, problem = content.week, content.problem
    shuffled = Content(
        problem=replace(
            problem,
            **{
                name: tuple(rng.sample(getattr(problem, name), len(getattr(problem, name))))
                for name in ("learners", "needs", "competencies", "offers", "choices")
            },
        ),
        week=replace(
            week,
            **{
                name: tuple(rng.sample(getattr(week, name), len(getattr(week, name))))
                for name in ("seats", "sessions", "unmet")
            },
        ),
    )
    assert digest_of(shuffled) == digest_of(content)


def test_a_digest_has_every_seat_of_a_session_and_every_need_of_the_snapshot(content):
    """Exemptions are no seats."""
    digest = digest_of(content)
    seats = [seat for one in digest.learners for seat in digest.seats_of(one)]
    assert len(seats) == content.week.summary.seats
    assert len(digest.sessions) == content.week.summary.sessions
    needs = {(one.learner_id, one.competency_id) for one in content.problem.needs}
    kept = {
        (one.learner_id, n.competency_id) for one in digest.learners for n in digest.needs_of(one)
    }
    assert kept == needs


def test_a_digest_says_of_needs_what_the_week_says(content):
    """Met, unmet, and their weight are those of the summary."""
    digest, summary = digest_of(content), content.week.summary
    counts = states(digest)
    assert counts[NeedState.MET] == summary.needs_met
    assert counts[NeedState.MET] + counts[NeedState.UNMET] == summary.needs
    assert counts[NeedState.CHECK] == summary.checks_due
    weights = [n for one in digest.learners for n in digest.needs_of(one) if n.weight_milli]
    met = sum(n.weight_milli for n in weights if n.state is NeedState.MET)
    assert met * 10**6 // sum(n.weight_milli for n in weights) == summary.need_weight_met_micro
    assert counts[NeedState.MET] > 0 < counts[NeedState.UNMET]


def test_a_digest_holds_no_sentence(content):
    """Reasons, titles and evidence stay in the week."""
    text = repr(digest_of(content))
    assert content.week.seats[0].staff_sentence not in text
    assert "because" not in text


def test_the_format_is_pinned(content):
    """Whoever changes what is in a digest raises FORMAT, so that those of before are made anew."""
    digest = digest_of(content)
    marks = (digest.learners[0], digest.sessions[0], digest.services)
    fields = [sorted(vars(one)) for one in marks]
    assert FORMAT == 2
    assert fields == [
        [
            "asked",
            "choices",
            "competencies",
            "counts",
            "grade",
            "learner_id",
            "levels",
            "ranks",
            "sessions",
            "states",
            "tags",
            "weights",
        ],
        ["adult_id", "competency_id", "date", "dok", "kind", "slot_id"],
        ["gone", "meetings", "required"],
    ]
