"""The independent check: a good week passes, and each broken rule is found."""

from dataclasses import replace

import pytest

from services.scheduler.domain.check import check
from services.scheduler.domain.check.value import terms_of
from services.scheduler.domain.encode import week_hash
from services.scheduler.domain.model import SessionKind
from services.scheduler.domain.week import Alternative, SeatRule
from tests.support.schools import (
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned

NAMES = ("kim", "lea", "max", "ned", "ola", "pam", "quin", "roy")


@pytest.fixture(scope="module")
def problem():
    """Return a school with a group, a service, commons and two slots."""
    return a_problem(
        slots=(a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40")),
        adults=(an_adult("ada"), an_adult("bob", ()), an_adult("cyd", ("art",))),
        rooms=(a_room("r1"), a_room("r2"), a_room("r3", 6)),
        offers=(
            an_offer("group", "ada", SessionKind.SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
            an_offer("speech", "cyd", SessionKind.SERVICE, room_id="r3"),
        ),
        learners=tuple(a_learner(name) for name in NAMES),
        competencies=(a_competency(), a_competency("songs", "Songs", subject="art")),
        needs=tuple(a_need(name) for name in NAMES[:4]),
        pins=(
            a_pin("p1", "pam", offer_id="speech", service=True),
            a_pin("p2", "ola", exemption="off-campus"),
        ),
    )


@pytest.fixture(scope="module")
def week(problem):
    """Return its week, in which nothing is broken."""
    found = planned(problem)
    assert check(problem, found) == []
    return found


def rehashed(week):
    """Return a week with the hash that belongs to it."""
    return replace(week, week_hash=week_hash(week))


def rules(problem, week) -> set[str]:
    """Return the rules that the check finds broken, where the week says what it is worth now."""
    summary = replace(week.summary, week_gap_micro=None)
    stated = replace(
        week, terms=terms_of(problem, week), bound_milli=0, summary=summary, assignment=None
    )
    return {breach.rule for breach in check(problem, rehashed(stated))}


def with_seats(week, wanted, **changes):
    """Return a week with some seats changed."""
    seats = tuple(replace(s, **changes) if wanted(s) else s for s in week.seats)
    return replace(week, seats=seats)


def with_sessions(week, wanted, **changes):
    """Return a week with some sessions changed."""
    sessions = tuple(replace(s, **changes) if wanted(s) else s for s in week.sessions)
    return replace(week, sessions=sessions)


def helping(seat):
    """Return whether a seat is by need."""
    return seat.rule is SeatRule.NEED


def is_group(session):
    """Return whether a session is a small group."""
    return session.kind is SessionKind.SMALL_GROUP


def test_a_missing_seat_is_found(problem, week):
    """H1: one learner has no place."""
    assert rules(problem, replace(week, seats=week.seats[1:])) == {"H1"}


def test_a_second_seat_is_found(problem, week):
    """H1: one learner has two places in a slot."""
    assert "H1" in rules(problem, replace(week, seats=(*week.seats, week.seats[0])))


def test_two_seats_whose_clock_intervals_meet_are_found_whatever_the_slots_are_called(week):
    """H1: the second slot moves to 9:30, so that every learner in both is in two places."""
    moved = a_slot("mon-2", "09:30", "10:00")
    other = a_problem(slots=(a_slot("mon-1"), moved))
    at = {"start": moved.start, "end": moved.end}
    clashing = with_sessions(week, lambda s: s.slot_id == "mon-2", **at)
    found = check(other, rehashed(clashing))
    assert any(b.rule == "H1" and "at once" in b.message for b in found)


def test_an_exemption_that_nobody_set_is_found(problem, week):
    """H1: the planner may not send a learner away."""
    exempt = {"session_id": None, "exemption": "elsewhere", "rule": SeatRule.EXEMPT}
    changed = with_seats(week, lambda s: s.learner_id == "kim" and s.slot_id == "mon-1", **exempt)
    assert "H1" in rules(problem, changed)


def test_a_seat_in_a_session_that_is_not_there_is_found(problem, week):
    """H1: a place that does not exist is none."""
    assert "H1" in rules(problem, with_seats(week, helping, session_id="nowhere"))


def test_a_learner_who_is_not_enrolled_is_found(problem, week):
    """H4: kim has left before the day."""
    gone = tuple(replace(one, enrolled=one.learner_id != "kim") for one in problem.learners)
    assert rules(replace(problem, learners=gone), week) == {"H4"}


def test_an_absent_adult_is_found(problem, week):
    """H2: the adult went home after the plan."""
    away = replace(problem, absences=(an_absence("ada", slot_ids=("mon-1", "mon-2")),))
    assert rules(away, week) == {"H2"}


def test_an_adult_in_two_sessions_is_found(problem, week):
    """H2: two sessions of one slot with one adult."""
    assert "H2" in rules(problem, with_sessions(week, lambda s: True, adult_id="bob"))


def test_a_room_given_twice_is_found(problem, week):
    """H2: two sessions of one slot in one room that is not shared."""
    assert "H2" in rules(problem, with_sessions(week, lambda s: True, room_id="r2"))


def test_an_unqualified_adult_is_found(problem, week):
    """H9: ada is no longer qualified for math."""
    adults = (an_adult("ada", ("art",)), *problem.adults[1:])
    assert rules(replace(problem, adults=adults), week) == {"H9"}


def test_a_target_outside_the_offer_is_found(problem, week):
    """H9: songs are not what ada offers, nor what she may teach."""
    assert "H9" in rules(problem, with_sessions(week, is_group, competency_id="songs"))


def test_a_session_over_its_cap_is_found(problem, week):
    """H3: the policy's cap sinks below the four who sit there."""
    tight = replace(problem, policy=replace(problem.policy, small_group_cap=3))
    assert rules(tight, week) == {"H3"}


def test_a_room_that_is_too_small_is_found(problem, week):
    """H3: the room holds three, whatever the session says."""
    rooms = (a_room("r1", 3), *problem.rooms[1:])
    assert rules(replace(problem, rooms=rooms), week) == {"H3"}


def test_a_session_out_of_its_slots_time_is_found(problem, week):
    """H2: a session that ends later than its slot."""
    late = week.sessions[0].end.replace(minute=55)
    assert "H2" in rules(problem, with_sessions(week, is_group, end=late))


def test_a_service_pin_that_is_not_kept_is_found(problem, week):
    """H5: pam sits in commons instead."""
    commons = next(s for s in week.sessions if s.slot_id == "mon-1" and s.adult_id == "bob")
    moved = with_seats(
        week,
        lambda s: s.rule is SeatRule.SERVICE_PIN,
        session_id=commons.session_id,
        rule=SeatRule.COMMONS,
    )
    assert rules(problem, moved) == {"H5"}


def test_another_pin_that_is_not_kept_is_found(problem, week):
    """H7: the exemption's code is another."""
    changed = with_seats(week, lambda s: s.exemption is not None, exemption="at-home")
    assert "H7" in rules(problem, changed)


def test_a_help_seat_on_too_little_evidence_is_found(problem, week):
    """H10: one observation of the four learners is withdrawn, one day is left."""
    thin = tuple(replace(need, day_count=1) for need in problem.needs)
    assert rules(replace(problem, needs=thin), week) == {"H10"}


def test_a_help_seat_without_a_level_is_found(problem, week):
    """H10: what gives no level yet is a gap for a check, and bears no help."""
    without = tuple(replace(need, level_milli=None) for need in problem.needs)
    assert rules(replace(problem, needs=without), week) == {"H10"}


def test_a_help_seat_without_a_gap_is_found(problem, week):
    """H10: the learners have reached level 3."""
    good = tuple(replace(need, level_milli=3000) for need in problem.needs)
    assert rules(replace(problem, needs=good), week) == {"H10"}


def test_a_seat_that_calls_itself_enrichment_in_a_help_group_is_found(problem, week):
    """H12: the rule of a seat must fit its session, so that nothing slips under the floor."""
    assert "H12" in rules(problem, with_seats(week, helping, rule=SeatRule.ENRICHMENT))


def test_a_seat_that_calls_itself_pinned_is_found(problem, week):
    """H12: a pin that nobody set does not excuse a help seat."""
    assert "H12" in rules(problem, with_seats(week, helping, rule=SeatRule.PIN))


@pytest.mark.parametrize("title", ["Tier 2", "level help", "5.NF.A.1", "", "Grade 6"])
def test_a_title_that_labels_is_found(problem, week, title):
    """H11: banned words, codes and no title at all."""
    assert rules(problem, with_sessions(week, is_group, title=title)) == {"H11"}


def test_a_service_under_a_title_of_its_own_is_found(problem, week):
    """H11: whatever it is called, it would tell the hall who gets a service."""
    service = lambda session: session.kind is SessionKind.SERVICE  # noqa: E731
    assert rules(problem, with_sessions(week, service, title="Speech")) == {"H11"}


@pytest.mark.parametrize(
    "sentence", ["You are at level 2.", "You reached 1.8.", "You work on 5.NF.A.1 next."]
)
def test_a_learner_sentence_that_labels_is_found(problem, week, sentence):
    """H11: a level, in words or as a number, or a code."""
    assert rules(problem, with_seats(week, helping, learner_sentence=sentence)) == {"H11"}


@pytest.mark.parametrize(
    "changes",
    [
        {"staff_sentence": ""},
        {"learner_sentence": " "},
        {"evidence": ("e",) * 6},
        {"alternatives": (Alternative(competency_id="c", rule="because", sentence="so"),)},
    ],
)
def test_a_seat_without_a_whole_reason_is_found(problem, week, changes):
    """H12: both sentences, at most five pieces of evidence, a rule on each alternative."""
    assert rules(problem, with_seats(week, helping, **changes)) == {"H12"}


def test_a_week_changed_after_it_was_hashed_is_found(problem, week):
    """H12: the hash is of the very week."""
    assert {b.rule for b in check(problem, replace(week, seed=99))} == {"H12"}
