"""The numbers in docs/mastery.md are what the code says today."""

from pathlib import Path

import pytest

from services.mastery.domain.estimate import read_terms
from services.mastery.domain.explain import EffectSource, breakdown
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import DEFAULT_POLICY
from tests.support.mastery_facts import (
    DAY_US,
    START_DAY,
    START_US,
    a_revision,
    facts_of,
    rubric_days,
)

PAGE = (Path(__file__).parents[3] / "docs" / "mastery.md").read_text(encoding="utf-8")
COMPETENCY = "competency-1"
SIZES = (4, 8, 20)


def signed(logits):
    """Return logits as the page writes them."""
    return f"{logits:+.3f}".replace("-", "−")


def quiz_days(size):
    """Return one quiz item right a day."""
    return [
        a_revision(occur_time_us=START_US + day * DAY_US, local_day=START_DAY + day)
        for day in range(size)
    ]


STEADY = {
    "quiz items, all right": quiz_days,
    "rubric level 4": lambda size: rubric_days(*[4] * size),
    "rubric levels 3 and 4 in turn": lambda size: rubric_days(*[3, 4] * (size // 2)),
    "rubric level 3": lambda size: rubric_days(*[3] * size),
    "rubric level 2": lambda size: rubric_days(*[2] * size),
}


def test_the_worked_example_is_real_output():
    """The sentence and each number of its breakdown on the page are the code's."""
    history = rubric_days(4, 4, 4, 1)
    as_of_us = history[-1]["occur_time_us"] + 34 * DAY_US
    learner, competency = facts_of(history, COMPETENCY)
    mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=DEFAULT_POLICY)
    assert f"> {mastery.explanation}\n" in PAGE
    terms = read_terms(learner, competency, as_of_us=as_of_us, policy=DEFAULT_POLICY)
    effects = breakdown(terms, competency, DEFAULT_POLICY)
    by_source = {effect.source: signed(effect.logits) for effect in effects}
    pieces = [signed(e.logits) for e in effects if e.source == EffectSource.PIECE]
    assert f"| recent work in all competencies | {by_source[EffectSource.LEARNER]} |" in PAGE
    assert f"| task of 19 February, level 1 | {pieces[0]} |" in PAGE
    assert f"level 4 each | {', '.join(pieces[1:])} |" in PAGE
    assert f"| how much has been shown | {by_source[EffectSource.COUNT]} |" in PAGE
    assert f"| 34 days without evidence | {by_source[EffectSource.GAP]} |" in PAGE
    assert f"| **mean of the estimate** | **{signed(mastery.estimate.m)}** |" in PAGE


@pytest.mark.parametrize("work", STEADY)
def test_the_table_of_steady_work_is_real_output(work):
    """Each row of steady work on the page is the code's, with its decision."""
    cells = []
    for size in SIZES:
        history = STEADY[work](size)
        learner, competency = facts_of(history, COMPETENCY)
        as_of_us = history[-1]["occur_time_us"]
        mastery = read_mastery(learner, competency, as_of_us=as_of_us, policy=DEFAULT_POLICY)
        decision = mastery.decision.name.lower().replace("_", " ")
        cells.append(f"{mastery.estimate.p_eight:.2f} {decision}")
    assert f"| {work} | {' | '.join(cells)} |" in PAGE
