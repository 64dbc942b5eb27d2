"""Who is far behind: half of the essential competencies due are below level 2 (H6)."""

from dataclasses import replace
from datetime import timedelta

from services.scheduler.domain.claims import claims_of
from services.scheduler.domain.numbers import Policy
from tests.support.schools import (
    AS_OF_DAY,
    a_competency,
    a_learner,
    a_need,
    a_problem,
)

DUE = tuple(a_competency(f"c{number}", essential=True, due_date=AS_OF_DAY) for number in range(4))


def is_far(*levels, competencies=DUE, **changes) -> bool:
    """Return whether lea is far behind with these levels in c0, c1 and so on."""
    needs = tuple(
        a_need(competency_id=f"c{place}", level_milli=level) for place, level in enumerate(levels)
    )
    problem = a_problem(needs=needs, competencies=competencies, **changes)
    return "lea" in claims_of(problem, 0).far_behind


def test_half_of_what_is_due_below_level_2_is_far_behind():
    """2 of 4 are, 1 of 4 is not; level 2 is not below 2."""
    assert is_far(1999, 1000)
    assert not is_far(1999)
    assert not is_far(1999, 2000)


def test_no_level_yet_is_not_below_level_2():
    """Nothing is known of it."""
    assert not is_far(1000, None)


def test_what_is_not_essential_or_not_due_does_not_count():
    """Of c0 and c1, one is due tomorrow, or not essential, or has no date."""
    first = DUE[0]
    for second in (
        replace(DUE[1], due_date=AS_OF_DAY + timedelta(days=1)),
        replace(DUE[1], due_date=None),
        replace(DUE[1], essential=False),
    ):
        assert not is_far(2500, 1000, competencies=(first, second))
        assert is_far(1000, 2500, competencies=(first, second))


def test_where_nothing_is_due_nobody_is_far_behind():
    """Not even who has no level above 1."""
    assert not is_far(1000, competencies=(a_competency("c0", essential=True),))


def test_the_guided_plan_stands_above_the_levels():
    """Either way."""
    assert is_far(4000, learners=(a_learner(far_behind=True),))
    assert not is_far(1000, 1000, 1000, learners=(a_learner(far_behind=False),))


def test_threshold_and_share_are_the_schools():
    """A quarter below 2.5."""
    policy = Policy(far_behind_level_milli=2500, far_behind_share_milli=250)
    assert is_far(2400, policy=policy)
    assert not is_far(2500, policy=policy)
