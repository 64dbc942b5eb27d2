"""Seats by one linear program: lawful, worth what is said, and best by the independent bound."""

import numpy as np
import pytest

from services.scheduler.adapters.highs.arcs import arcs_of
from services.scheduler.adapters.highs.linear import solution
from services.scheduler.adapters.highs.polish import NEAR_ENOUGH, polish_seats
from services.scheduler.adapters.highs.seat_program import seat_program
from services.scheduler.domain.check import check, limits
from services.scheduler.domain.check.index import Index
from services.scheduler.domain.engine.board import OUT
from services.scheduler.domain.engine.run import search
from services.scheduler.domain.polish import Rival
from services.scheduler.domain.question.weigh import weigh
from services.scheduler.domain.rulebook import Rule
from tests.bench.schedule.generator import Shape, synthetic_school
from tests.bench.schedule.measures import measures_of
from tests.bench.schedule.proved import proved, seating_of
from tests.support.engine import a_question
from tests.support.schools import Shape as Whole
from tests.support.schools import a_school

SHAPES = (
    Shape(60, 2, 2, 3, "prototype"),
    Shape(94, 3, 5, 1, "prototype"),
    Shape(94, 3, 5, 2, "product"),
    Shape(120, 4, 5, 4, "product"),
)
LEFT_OUT = {Rule.EXPLAINED, Rule.NO_LABEL, Rule.SERVICE_FIRST}
"""What `proved` leaves out of a week: reasons, titles, what is told of services."""


@pytest.fixture(scope="module", params=SHAPES, ids=str)
def case(request):
    """Return a school's question, a first week for it, and that week's seats polished."""
    question = a_question(synthetic_school(request.param))
    found = search(question.tables, seed=1, steps=0)
    return question, found, polish_seats(question, found.held, found.seat)


def test_the_worth_of_seats_is_what_the_search_counts(case):
    """Added up from the tables, and by the search as it went."""
    question, found, _ = case
    assert weigh(question.tables, found.held, found.seat).total == found.value


def test_polished_seats_are_worth_no_less_and_break_nothing(case):
    """Everybody has a place, and every service is given; by measures that share no code."""
    question, found, polished = case
    assert weigh(question.tables, found.held, polished.seat).total >= found.value
    problem = question.frame.snapshot.problem
    measures = measures_of(problem, seating_of(question, found.held, polished.seat))
    assert measures.broken == {}
    assert measures.unplaced == 0
    assert measures.service_minutes_short == 0


@pytest.mark.parametrize("seed", range(30))
def test_seats_that_are_worth_more_than_a_rival_are_never_cut_off(seed):
    """By one thousandth of a point, in schools with pairs, services and shared rooms."""
    question = a_question(a_school(seed, Whole(learners=24, adults=5, slots=4, whole=True)))
    found = search(question.tables, seed=seed, steps=0)
    total = total_of(question, found, polish_seats(question, found.held, found.seat))
    assert not is_cut_off(question, found, found, most=total - 1)
    assert not is_cut_off(question, found, search(question.tables, seed=seed, steps=40), total - 1)


@pytest.mark.parametrize("seed", [4, 17, 30, 31])
def test_a_session_that_nobody_can_fill_makes_no_week_look_beaten(seed):
    """More adults than learners: the search prices an empty session lower than any minimum."""
    question = a_question(a_school(seed, Whole(learners=5, adults=5, slots=2, whole=True)))
    found = search(question.tables, seed=seed, steps=0)
    total = total_of(question, found, polish_seats(question, found.held, found.seat))
    assert not is_cut_off(question, found, found, most=total - 1)


CROWDED = Whole(learners=40, adults=5, slots=3, whole=True)
"""Pairs who are kept apart, in shared rooms; services, and help on prerequisites."""


@pytest.mark.parametrize("seed", [*range(12), 185, 284, 301, 353, 616])
def test_no_seats_among_all_are_worth_more(seed):
    """As HiGHS finds with every seat in one program from the start, as near as is asked for."""
    question = a_question(a_school(seed, CROWDED))
    found = search(question.tables, seed=seed, steps=0)
    polished = polish_seats(question, found.held, found.seat)
    most = total_among_all(question, found)
    assert total_of(question, found, polished) >= most - abs(most) // NEAR_ENOUGH


@pytest.mark.parametrize("seed", [*range(12), 32, 88])
def test_a_rival_changes_no_seat(seed):
    """So the seats of a week are the same, whatever weeks a greater budget finds beside it."""
    question = a_question(a_school(seed, Whole(learners=60, adults=6, slots=4, whole=True)))
    found = search(question.tables, seed=seed, steps=0)
    other = search(question.tables, seed=seed, steps=40)
    alone = polish_seats(question, found.held, found.seat)
    theirs = polish_seats(question, other.held, other.seat)
    beatable = total_of(question, found, alone) - 1
    rival = Rival(held=other.held, seat_prices=theirs.seat_prices, total=beatable)
    beside = polish_seats(question, found.held, found.seat, rival=rival)
    assert (beside.seat == alone.seat).all()
    assert (beside.seat_prices == alone.seat_prices).all()


def total_among_all(question, found):
    """Return what the best seats that HiGHS finds among all arcs are worth."""
    tables, arcs = question.tables, arcs_of(question.tables, found.held)
    program = seat_program(tables, found.held, arcs)
    columns = solution(program.linear, whole=True, mip_max_nodes=500, mip_rel_gap=0.0)
    taken = columns[: len(arcs.value)] > 0.5
    seat = np.where(tables.present, tables.adults, found.seat).astype(np.int32)
    seat[arcs.time[taken], arcs.learner[taken]] = arcs.adult[taken]
    return weigh(tables, found.held, seat).total


def total_of(question, found, polished):
    """Return what a week is worth with the seats that were polished."""
    return weigh(question.tables, found.held, polished.seat).total


def is_cut_off(question, found, other, most):
    """Return whether a week is given up for another's prices and value, taken as `most` at most."""
    theirs = polish_seats(question, other.held, other.seat)
    rival = Rival(
        held=other.held,
        seat_prices=theirs.seat_prices,
        total=min(most, total_of(question, other, theirs)),
    )
    return polish_seats(question, found.held, found.seat, rival=rival) is None


def test_a_week_that_a_rival_beats_is_cut_off(case):
    """By the prices that are known already: seats that are the best cannot be worth more."""
    question, found, polished = case
    total = weigh(question.tables, found.held, polished.seat).total
    rival = Rival(held=found.held, seat_prices=polished.seat_prices, total=total)
    assert polish_seats(question, found.held, found.seat, rival=rival) is None


def test_the_independent_bound_meets_the_value(case):
    """The check finds nothing broken, no limit passed, and no seating that could be worth more."""
    question, found, polished = case
    problem = question.frame.snapshot.problem
    week = proved(question, found.held, polished)
    assert {breach.rule for breach in check(problem, week)} <= LEFT_OUT
    assert list(limits.departures(Index(problem, week))) == []
    assert week.assignment.bound_milli == week.assignment.value_milli


def test_the_same_question_gets_the_same_answer(case):
    """Seats, prices and shares."""
    question, found, polished = case
    again = polish_seats(question, found.held, found.seat)
    assert (again.seat == polished.seat).all()
    assert (again.seat_prices == polished.seat_prices).all()
    assert again.pair_prices == polished.pair_prices
    assert again.company_shares == polished.company_shares


def test_the_best_seats_are_kept(case):
    """Nothing better is found for seats that are the best already."""
    question, found, polished = case
    again = polish_seats(question, found.held, polished.seat)
    value = weigh(question.tables, found.held, polished.seat).total
    assert weigh(question.tables, found.held, again.seat).total == value


def test_who_needs_no_place_gets_none(case):
    """Whom a pin seats or exempts stays where they are."""
    question, found, polished = case
    settled = ~question.tables.present
    assert (polished.seat[settled] == found.seat[settled]).all()
    assert (polished.seat[question.tables.present] != OUT).all()


def test_a_week_without_sessions_has_nobody_in_a_seat():
    """The program is empty but for the learners without a place."""
    question = a_question(synthetic_school(SHAPES[0]))
    tables = question.tables
    held = np.full(tables.must_open.shape, -1, np.int32)
    nowhere = np.where(tables.present, tables.adults, OUT).astype(np.int32)
    polished = polish_seats(question, held, nowhere)
    assert (polished.seat == nowhere).all()
    assert not polished.seat_prices.any()
