"""What is published rises with the decision, comes down later, and goes with what it rested on."""

import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.mastery.domain.flip_words import FlipCause, flip_sentence
from services.mastery.domain.mastery import read_mastery
from services.mastery.domain.model import (
    DEFAULT_POLICY,
    WINDOW_SIZE,
    Decision,
    Gate,
    Policy,
    RuleChoice,
    Share,
)
from services.mastery.domain.policy_document import FIELDS
from services.mastery.domain.published_status import (
    NOT_OF_STATUSES,
    kept_status,
    look_at,
    reading_of,
    shown_until,
)
from tests.support.mastery_facts import (
    DAY_US,
    LENIENT_POLICY,
    START_DAY,
    START_US,
    a_piece,
    a_revision,
    facts_of,
    rubric_days,
)

COMPETENCY = "competency-1"
POLICIES = (
    DEFAULT_POLICY,
    LENIENT_POLICY,
    replace(DEFAULT_POLICY, intercept=1.0),
    replace(DEFAULT_POLICY, minimum_evidence=6),
    replace(DEFAULT_POLICY, keep_proficient_gate=Gate(share=Share.HALF, at_least_micro=0)),
    replace(DEFAULT_POLICY, reteach_evidence=9),
)
MOVES = st.one_of(
    st.tuples(st.just("work"), st.integers(1, 4)),
    st.tuples(st.just("work"), st.integers(3, 4)),
    st.tuples(st.just("deep"), st.integers(3, 4)),
    st.tuples(st.just("late"), st.integers(1, 4)),
    st.tuples(st.just("wait"), st.integers(1, 200)),
    st.tuples(st.just("withdraw"), st.integers(0, 60)),
    st.tuples(st.just("correct"), st.integers(0, 240)),
    st.tuples(st.just("policy"), st.integers(0, len(POLICIES) - 1)),
)


class Way:
    """One learner's way with one competency, looked at after every move."""

    def __init__(self, policy=DEFAULT_POLICY):
        self.policy, self.policy_version = policy, 1
        self.history, self.day, self.version = [], 0, 0
        self.published, self.flips, self.looks = None, [], []

    def work(self, level, *, day=None, **changes):
        """Show a piece of rubric work at a level, on the next day or another."""
        if day is None:
            self.day += 1
            day = self.day
        made = {
            "score": round((level - 1) * 10_000),
            "scale": "rubric",
            "kind": "performance_task",
            "dok": 2,
            "occur_time_us": START_US + day * DAY_US,
            "local_day": START_DAY + day,
        }
        self.history.append(a_revision(**(made | changes)))
        return self.look()

    def works(self, *levels, **changes):
        """Show several pieces, one a day; return the last look."""
        for level in levels:
            self.work(level, **changes)
        return self.published

    def withdraw(self, place):
        """Take a piece back."""
        del self.history[place]
        return self.look()

    def correct(self, place, level):
        """Give a piece another level."""
        self.history[place] = self.history[place] | {"score": round((level - 1) * 10_000)}
        return self.look()

    def choose(self, policy):
        """Let the district choose another policy."""
        self.policy, self.policy_version = policy, self.policy_version + 1
        return self.look(version=self.version)

    def look(self, *, days=0, version=None):
        """Read the mastery and publish; by itself the facts have changed since the last look."""
        self.day += days
        self.version = self.version + 1 if version is None else version
        learner, facts = facts_of(self.history, COMPETENCY)
        facts = replace(facts, version=self.version)
        mastery = read_mastery(
            learner,
            facts,
            as_of_us=START_US + self.day * DAY_US,
            policy=self.policy,
            policy_version=self.policy_version,
        )
        before = self.published
        self.published, flip = look_at(
            before, mastery, facts, self.policy, reading=reading_of(self.policy)
        )
        self.flips += [flip] if flip else []
        self.looks.append((before, mastery, facts, self.published, flip, self.policy))
        return self.published

    def move(self, kind, number):
        """Make one move of a random way; one that cannot be made is a look alone."""
        some = bool(self.history)
        if kind == "work":
            self.work(number)
        elif kind == "deep":
            self.work(number, dok=3)
        elif kind == "late":
            self.work(number, day=max(0, self.day - 3))
        elif kind == "withdraw" and some:
            self.withdraw(number % len(self.history))
        elif kind == "correct" and some:
            self.correct(number // 4 % len(self.history), 1 + number % 4)
        elif kind == "policy":
            self.choose(POLICIES[number])
        else:
            self.look(days=number if kind == "wait" else 0)


def walk(moves):
    """Return the way of some moves."""
    way = Way()
    for kind, number in moves:
        way.move(kind, number)
    return way


def turns(statuses, line):
    """Return how often statuses cross a line."""
    above = [status >= line for status in statuses]
    return sum(one != other for one, other in pairwise(above))


def test_it_rises_with_the_decision_at_once():
    """The look that finds a learner proficient publishes it, and says why."""
    published = Way().works(4, 4, 4, 4)
    assert published.status == Decision.PROFICIENT
    assert published.explanation == (
        "From approaching to proficient: level 4 and 71 % chance of 8 in 10 or better."
    )


def test_weaker_new_work_leaves_it_where_it_was():
    """A 3 after four 4s takes the chance to .65: the decision turns, what is shown does not."""
    way = Way()
    way.works(4, 4, 4, 4)
    published = way.work(3)
    _, mastery, *_ = way.looks[-1]
    assert (mastery.decision, published.status) == (Decision.APPROACHING, Decision.PROFICIENT)
    assert len(way.flips) == 2


def test_work_that_is_much_weaker_brings_it_down():
    """Below one of the lower thresholds it falls to what the decision says."""
    way = Way()
    way.works(4, 4, 4, 4)
    published = way.work(1)
    assert published.status == Decision.APPROACHING
    assert way.flips[-1].cause == FlipCause.FELL
    assert published.explanation == (
        "From proficient to approaching: "
        "38 % chance of 8 in 10 or better, and 50 % would have kept it."
    )


def test_the_level_alone_brings_it_down():
    """The chance still keeps it, and the level does not: both keys have a lower threshold."""
    way = Way(replace(DEFAULT_POLICY, intercept=2.0))
    way.works(4, 4, 4, 4, 4, 4)
    published = way.work(1)
    assert published.status < Decision.PROFICIENT
    assert published.explanation.endswith("level 2.05, and level 2.5 would have kept it.")


def test_a_withdrawn_piece_takes_with_it_what_rested_on_it():
    """Without the piece it would not have been reached, so it does not stand."""
    way = Way()
    way.works(4, 4, 4, 4)
    assert way.withdraw(0).status == Decision.APPROACHING
    assert way.flips[-1].cause == FlipCause.TAKEN_BACK


def test_a_status_that_is_kept_goes_when_what_it_rested_on_is_withdrawn():
    """Held against new work, then the old work goes: the latch does not hold that."""
    way = Way()
    way.works(4, 4, 4, 4)
    assert way.work(3).status == Decision.PROFICIENT
    assert way.withdraw(0).status == Decision.APPROACHING
    assert way.flips[-1].cause == FlipCause.TAKEN_BACK


def test_a_correction_upwards_does_not_bring_it_down():
    """While it is held, something that it rested on turns out better: it stays."""
    way = Way()
    way.works(2, 4, 4, 4, 4, 4, 4)
    assert way.work(3).status == Decision.PROFICIENT
    assert way.looks[-1][1].decision == Decision.APPROACHING
    assert way.correct(0, 2.2).status == Decision.PROFICIENT
    assert way.looks[-1][1].decision == Decision.APPROACHING
    assert way.correct(0, 1.8).status == Decision.APPROACHING
    assert way.flips[-1].cause == FlipCause.TAKEN_BACK


def test_poor_work_that_becomes_known_late_counts_as_if_it_had_been_known():
    """It is older than what the status rests on: there is nothing to hold on to."""
    way = Way()
    way.works(4, 4, 4, 4)
    assert way.work(1, day=1).status == Decision.APPROACHING
    assert way.flips[-1].cause == FlipCause.TAKEN_BACK


def test_another_policy_is_followed_at_once():
    """A stricter gate is a decision of the district, not weaker work."""
    way = Way(LENIENT_POLICY)
    way.works(4, 4, 4)
    assert way.published.status == Decision.PROFICIENT
    strict = replace(
        DEFAULT_POLICY, proficient_gate=Gate(share=Share.NINE_TENTHS, at_least_micro=900_000)
    )
    assert way.choose(strict).status < Decision.PROFICIENT
    assert way.flips[-1].cause == FlipCause.READ_ANEW
    assert "those of version 2 of the policy" in way.published.explanation


@pytest.mark.parametrize(
    "changes",
    [{"reteach_evidence": 9}, {"credit_rule": RuleChoice(name="latest")}, {"reassess_wait_us": 0}],
)
def test_a_policy_that_moves_no_decision_moves_no_status(changes):
    """A new version about something else leaves what is held where it is."""
    way = Way()
    way.works(4, 4, 4, 4, 3)
    assert way.looks[-1][1].decision < way.published.status
    assert way.choose(replace(DEFAULT_POLICY, **changes)).status == Decision.PROFICIENT


def read_of(history):
    """Return the mastery of a history at its end."""
    learner, facts = facts_of(history, COMPETENCY)
    return read_mastery(learner, facts, as_of_us=START_US + 10 * DAY_US, policy=DEFAULT_POLICY)


def test_who_falls_is_told_of_no_threshold_that_was_not_asked():
    """Proficient was never asked for 9 in 10: what took it is that all was against the clock."""
    mastery = read_of(rubric_days(*[4] * 8, dok=3))
    weak_nine = replace(mastery, micro=replace(mastery.micro, p_nine=300_000))
    told = flip_sentence(
        FlipCause.FELL, Decision.PROFICIENT, Decision.APPROACHING, weak_nine, DEFAULT_POLICY
    )
    assert told == (
        "From proficient to approaching: all the work that counts was against the clock."
    )
    told = flip_sentence(
        FlipCause.FELL, Decision.EXEMPLARY, Decision.APPROACHING, weak_nine, DEFAULT_POLICY
    )
    assert "9 in 10" in told


def test_an_external_test_is_too_little_as_one_piece_of_work():
    """Its items are not counted one by one where it is said how little there is."""
    summary = replace(read_of(rubric_days(3)).summary, evidence_count=40, test_count=1)
    mastery = replace(read_of(rubric_days(3)), summary=summary)
    told = flip_sentence(
        FlipCause.TOO_LITTLE,
        Decision.APPROACHING,
        Decision.INSUFFICIENT,
        mastery,
        DEFAULT_POLICY,
    )
    assert told.endswith(": 1 external test on 1 item count today.")


def test_too_little_evidence_is_published_as_what_it_is():
    """Whatever was shown before: of two pieces nothing is said."""
    way = Way()
    way.works(4, 4, 4, 4)
    way.withdraw(0)
    published = way.withdraw(0)
    assert published.status == Decision.INSUFFICIENT
    assert way.flips[-1].cause == FlipCause.TOO_LITTLE
    assert published.explanation == (
        "From approaching to too little evidence: 2 pieces on 2 items count today."
    )


def test_what_thirty_two_pieces_have_not_reached_again_is_not_held():
    """By then what it rested on has left the window, and cannot be looked at any more."""
    held = Gate(share=Share.EIGHT_TENTHS, at_least_micro=1)
    way = Way(replace(DEFAULT_POLICY, keep_proficient_gate=held))
    way.works(4, 4, 4, 4)
    way.works(*[3] * (WINDOW_SIZE - 1))
    assert way.published.status == Decision.PROFICIENT
    assert way.work(3).status == Decision.APPROACHING
    assert way.flips[-1].cause == FlipCause.UNCONFIRMED


def test_exemplary_comes_down_to_proficient_where_that_is_kept():
    """Its own thresholds are higher; one step down is not a fall to the decision."""
    way = Way(replace(DEFAULT_POLICY, intercept=0.3))
    way.works(*[4] * 14, dok=3)
    assert way.published.status == Decision.EXEMPLARY
    seen = [way.work(2).status for _ in range(3)]
    assert seen == sorted(seen, reverse=True)
    assert Decision.PROFICIENT in seen


def test_timed_work_alone_keeps_nothing():
    """What is left was all against the clock: that alone never makes proficient, nor keeps it."""
    way = Way()
    way.works(1)
    way.works(*[4] * 8, timed=True)
    assert way.published.status == Decision.PROFICIENT
    # Better than before in every sum, and yet nothing without a clock is left.
    assert way.withdraw(0).status < Decision.PROFICIENT
    assert way.published.explanation.endswith("all the work that counts was against the clock.")


def test_the_first_look_at_nothing_is_no_flip():
    """Too little evidence is what everybody begins with."""
    way = Way()
    published = way.work(4)
    assert (published.status, published.flip_number) == (Decision.INSUFFICIENT, 0)
    assert published.explanation == "Too little evidence from the first look on."


def test_a_flip_has_the_numbers_of_its_moment():
    """Who asks why a year later needs nothing else."""
    way = Way()
    way.works(4, 4, 4, 4)
    flip, mastery = way.flips[-1], way.looks[-1][1]
    assert (flip.before, flip.after, flip.cause) == (3, 4, FlipCause.DECIDED)
    assert (flip.number, flip.version, flip.policy_version) == (2, mastery.version, 1)
    assert flip.micro == mastery.micro
    assert flip.evidence == mastery.summary.evidence
    assert flip.flip_us == mastery.as_of_us == way.published.since_us


def test_what_is_shown_until_a_time_is_told_from_the_window_or_not_at_all():
    """Newer pieces are taken off exactly; where they fill the window, nothing can be said."""
    _, facts = facts_of([a_revision(occur_time_us=START_US + k) for k in range(40)], COMPETENCY)
    newest = facts.window[0].occur_time_us
    assert shown_until(newest, facts) == facts.r_sum
    assert shown_until(newest - 1, facts) == facts.r_sum - facts.window[0].r
    assert shown_until(START_US + 8, facts) == facts.r_sum - sum(p.r for p in facts.window[:31])
    assert shown_until(START_US + 7, facts) is None
    few = replace(facts, window=(a_piece(r=7),), evidence_count=1, r_sum=7)
    assert shown_until(0, few) == 0


def test_readings_are_told_apart_by_what_moves_a_decision():
    """What only counts for needs, for credit or for keeping is left out."""
    assert reading_of(Policy()) == reading_of(DEFAULT_POLICY)
    names = frozenset({"a", "b", "c"})
    assert reading_of(Policy(fluency_competencies=names)) != reading_of(DEFAULT_POLICY)
    assert len({reading_of(one) for one in POLICIES}) == 4


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_reading_is_the_same_in_every_process(seed):
    """No order of a set and no address is in it: a restart must not read everything anew."""
    program = (
        "from services.mastery.domain.model import Policy;"
        "from services.mastery.domain.published_status import reading_of;"
        "print(reading_of(Policy(fluency_competencies=frozenset('abcdef'))).hex())"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONHASHSEED": seed},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    policy = Policy(fluency_competencies=frozenset("abcdef"))
    assert told.stdout.strip() == reading_of(policy).hex()


def test_what_moves_no_decision_are_fields_of_a_policy():
    """A name that is none would leave a field in that should be out."""
    assert set(FIELDS) >= NOT_OF_STATUSES


@settings(max_examples=300, deadline=None)
@given(st.lists(MOVES, max_size=60))
def test_it_never_turns_more_often_than_the_decision(moves):
    """For every line, this far or further: on any way, with corrections and policies among it."""
    way = walk(moves)
    start = Decision.INSUFFICIENT
    shown = [start, *(look[3].status for look in way.looks)]
    decided = [start, *(look[1].decision for look in way.looks)]
    for line in Decision:
        assert turns(shown, line) <= turns(decided, line)


@settings(max_examples=300, deadline=None)
@given(st.lists(MOVES, max_size=60))
def test_it_never_stands_above_what_its_rules_allow(moves):
    """Never below the decision; above it only what was shown before, kept, by the same rules."""
    way = walk(moves)
    for before, mastery, facts, after, _, policy in way.looks:
        assert after.status >= mastery.decision
        if after.status == mastery.decision:
            continue
        assert before.status >= after.status >= Decision.PROFICIENT
        assert mastery.decision != Decision.INSUFFICIENT
        assert before.reading == after.reading
        assert shown_until(after.basis.newest_us, facts) >= after.basis.r_sum
        level_milli = mastery.current_level_milli
        assert level_milli >= policy.keep_proficient_level_milli
        assert kept_status(before.status, mastery.micro, level_milli, facts, policy) >= after.status


@settings(max_examples=200, deadline=None)
@given(st.lists(MOVES, max_size=60))
def test_looking_twice_changes_nothing(moves):
    """A replay of a turn finds what the first one kept: no flip, and the same to publish."""
    for _, mastery, facts, after, flip, policy in walk(moves).looks:
        again = look_at(after, mastery, facts, policy, reading=reading_of(policy))
        assert again == (after, None)
        assert flip is None or (flip.after, flip.number) == (after.status, after.flip_number)


@settings(max_examples=200, deadline=None)
@given(st.lists(MOVES, max_size=60))
def test_the_audit_tells_the_whole_way(moves):
    """Flip by flip from the beginning, numbered without a gap, each ends where the next begins."""
    way = walk(moves)
    assert [flip.number for flip in way.flips] == list(range(1, len(way.flips) + 1))
    chain = [Decision.INSUFFICIENT, *(flip.after for flip in way.flips)]
    assert [flip.before for flip in way.flips] == chain[:-1]
    if way.published:
        assert (way.published.status, way.published.flip_number) == (chain[-1], len(way.flips))
    assert all(len(flip.explanation) < 300 for flip in way.flips)


def test_lower_thresholds_are_below_those_of_the_decision():
    """Else nothing would be kept: so in the default policy."""
    policy = DEFAULT_POLICY
    assert policy.keep_proficient_gate.at_least_micro < policy.proficient_gate.at_least_micro
    assert policy.keep_exemplary_gate.at_least_micro < policy.exemplary_gate.at_least_micro
    assert policy.keep_proficient_level_milli < policy.proficient_level_milli
    assert policy.keep_exemplary_level_milli < policy.exemplary_level_milli
