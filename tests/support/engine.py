"""Questions for the tests of the engine: tables by hand, and from whole schools."""

import numpy as np

from services.scheduler.domain.asked import asked_of
from services.scheduler.domain.engine.refs import TablesRef
from services.scheduler.domain.engine.run import search
from services.scheduler.domain.engine.tables import BARRED, FREE, GROUPS, NOBODY, Tables
from services.scheduler.domain.explain.write import week_of
from services.scheduler.domain.polish import Polished
from services.scheduler.domain.question.answer import answer_of


def a_question(problem, seed=1):
    """Return the question of a problem."""
    return asked_of(problem, seed=seed).question


def answered(question, *, seed=1, steps=20):
    """Return the answer of a few steps of the search, with prices that are all 0."""
    found = search(question.tables, seed=seed, steps=steps)
    polished = Polished(seat=found.seat, seat_prices=np.zeros_like(found.held))
    return answer_of(question, found.held, found.seat), polished


def explained(problem, *, seed=1, steps=20):
    """Return the week of a problem after a few steps of the search, explained, without its hash."""
    question = a_question(problem, seed)
    answer, polished = answered(question, seed=seed, steps=steps)
    return week_of(question, answer, polished, seed=seed, budget=steps, steps=steps, requests=())


def a_learners_tables(times, items, **changes) -> Tables:
    """Return the tables of one learner who needs a place at each time, with items of any group."""
    empty = np.zeros(0, np.int32)
    nobody = np.zeros((times, 0), np.int32)
    one = (1, items)
    fields = {
        "present": np.ones((times, 1), np.bool_),
        "option_adult": empty,
        "option_class": nobody,
        "option_cap": empty,
        "option_minimum": empty,
        "option_room": empty,
        "option_preparation": empty,
        "option_partners": np.zeros((0, 1), np.int32),
        "option_session": empty,
        "adult_start": np.zeros(1, np.int32),
        "adult_load": empty,
        "adult_preparations": empty,
        "preparations_per_day": 9,
        "day": np.zeros(times, np.int32),
        "must_open": np.zeros((times, 0), np.bool_),
        "pinned": nobody,
        "room_capacity": nobody,
        "room_shared": np.zeros(0, np.bool_),
        "room_count": nobody,
        "seat_value": np.full((1, 0), BARRED, np.int32),
        "seat_item": np.zeros((1, 0), np.int16),
        "class_for_all": np.zeros(0, np.bool_),
        "class_start": np.zeros(1, np.int32),
        "class_learner": empty,
        "learner_start": np.zeros(2, np.int32),
        "learner_class": empty,
        "no_need": np.zeros((times, 1), np.bool_),
        "known": np.zeros((1, 0), np.int32),
        "item_first": np.zeros(one, np.int32),
        "item_later": np.zeros(one, np.int32),
        "item_limit": np.full(one, times, np.int16),
        "item_group": np.full(one, FREE, np.int16),
        "item_adult": np.full(one, NOBODY, np.int32),
        "item_adult_value": np.zeros(one, np.int32),
        "item_only": np.full(one, NOBODY, np.int32),
        "item_beside": np.zeros(one, np.int64),
        "is_service": np.zeros(one, np.bool_),
        "is_guarded": np.zeros(1, np.bool_),
        "item_used": np.zeros(one, np.int16),
        "group_limit": np.full((1, GROUPS), times, np.int16),
        "group_first": np.zeros((1, GROUPS), np.int32),
        "apart_start": np.zeros(2, np.int32),
        "apart_other": empty,
        "together_start": np.zeros(2, np.int32),
        "together_other": empty,
        "together_value": 0,
        "pinned_seat": np.full((times, 1), NOBODY, np.int32),
        "kept_session": np.full((times, 1), NOBODY, np.int32),
        "kept_value": 0,
        "unplaced": 1000,
        "short": 100,
    }
    return Tables(**(fields | changes))


def referred(tables: Tables) -> TablesRef:
    """Return tables as compiled code takes them."""
    return TablesRef(*tables)
