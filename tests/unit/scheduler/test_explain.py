"""Every seat says why, to staff with numbers and to the learner without."""

from collections import Counter
from datetime import date, time, timedelta

import pytest

from services.scheduler.domain.explain import sentences
from services.scheduler.domain.model import Decision, SessionKind
from services.scheduler.domain.numbers import Policy
from services.scheduler.domain.rules import Entitlement
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.snapshot_index import index_of
from services.scheduler.domain.titles import refusal
from services.scheduler.domain.week import SeatRule
from tests.support.schools import (
    AS_OF_DAY,
    Shape,
    a_competency,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_school,
    a_slot,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned, seat_of, session_of


def a_group_of_two(competency=None, **changes):
    """Return two learners who need one competency, and a group for it."""
    competency = competency or a_competency()
    need = changes.pop("need", {})
    return a_problem(
        **(
            {
                "offers": (an_offer("group", kind=SessionKind.SMALL_GROUP),),
                "learners": (a_learner("kim"), a_learner("lea")),
                "competencies": (competency,),
                "needs": tuple(a_need(n, competency.competency_id, **need) for n in ("kim", "lea")),
            }
            | changes
        )
    )


def test_staff_read_level_counts_dates_code_and_weight():
    """1.2 x 2 x 0.9 x 1.25 = 2.70 points, with what it rests on."""
    need = {"newest_day": AS_OF_DAY - timedelta(days=6), "weeks_waiting": 1}
    week = planned(a_group_of_two(a_competency(essential=True), need=need))
    seat = seat_of(week, "lea")
    assert seat.staff_sentence == (
        "Level 1.8 from 5 pieces on 3 days, newest Nov 13; "
        "needs Adding fractions (5.NF.A.1), weight 2.70, waiting 1 week."
    )
    assert seat.weight_milli == 2700
    assert seat.evidence == ("e-lea-fractions",)


def test_a_learner_reads_what_comes_next_and_nothing_else():
    """No level, count, code or weight."""
    seat = seat_of(planned(a_group_of_two()), "lea")
    assert seat.learner_sentence == "You are working on adding fractions next."


def test_no_more_than_five_pieces_of_evidence_stand_on_a_seat():
    """The newest five, as the need gives them."""
    need = {"evidence": tuple(f"e{i}" for i in range(9))}
    seat = seat_of(planned(a_group_of_two(need=need)), "lea")
    assert seat.evidence == ("e0", "e1", "e2", "e3", "e4")


@pytest.mark.parametrize("label", ["Tier 2 fractions", "Grade 5 fractions", "5.NF.A.1 fractions"])
def test_a_label_that_labels_reaches_neither_hall_nor_learner(label):
    """The title falls back to neutral words, the sentence to the subject; staff see the label."""
    week = planned(a_group_of_two(a_competency(label=label)))
    seat = seat_of(week, "lea")
    assert session_of(week, seat).title == "Workshop"
    assert seat.learner_sentence == "You are working on math next."
    assert label in seat.staff_sentence


def test_a_word_that_the_school_bans_is_kept_from_learners():
    """The policy's words bind titles and sentences."""
    week = planned(a_group_of_two(policy=Policy(banned_words=("fractions",))))
    seat = seat_of(week, "lea")
    assert session_of(week, seat).title == "Workshop"
    assert "fractions" not in seat.learner_sentence.lower()


def test_the_title_of_an_offer_comes_before_the_label():
    """What the adult calls it, if it may hang in a hall."""
    offer = an_offer("group", kind=SessionKind.SMALL_GROUP, title="Pizza math")
    week = planned(a_group_of_two(offers=(offer,)))
    assert week.sessions[0].title == "Pizza math"


@pytest.mark.parametrize(
    ("need", "evidence"),
    [
        ((1, 1, 0), "1 piece on 1 day, newest Nov 19: help asks for 2 pieces"),
        ((6, 1, 0), "6 pieces on 1 day, newest Nov 19: help asks for pieces on 2 days"),
        ((6, 3, 40), "6 pieces on 3 days, newest Oct 10: help asks for a piece within 30 days"),
    ],
)
def test_a_check_says_what_is_lacking(need, evidence):
    """Staff read what falls short of the floor; the learner reads an invitation."""
    count, days, age = need
    lacking = {
        "level_milli": 1000,
        "evidence_count": count,
        "day_count": days,
        "newest_day": AS_OF_DAY - timedelta(days=age),
    }
    offers = (an_offer("check", kind=SessionKind.CHECK),)
    seat = seat_of(planned(a_group_of_two(offers=offers, need=lacking)), "lea")
    assert seat.staff_sentence == (
        f"Level 1.0 from {evidence}, so a check on Adding fractions (5.NF.A.1), weight 1.00."
    )
    assert seat.learner_sentence == "You get to show what you can do with adding fractions."


def test_a_check_without_a_level_says_so():
    """What gives none yet asks for a check and never for help, and the week passes its check."""
    offers = (an_offer("check", kind=SessionKind.CHECK), an_offer("help"))
    seat = seat_of(planned(a_group_of_two(offers=offers, need={"level_milli": None})), "lea")
    assert seat.staff_sentence.startswith("No level yet from ")
    assert ": help asks for a level, so a check on" in seat.staff_sentence


def test_the_reason_of_a_pin_is_for_staff_alone():
    """Who set it and why may name a plan; the learner's sentence does not."""
    pins = (a_pin(offer_id="o1", service=True, reason="IEP, 40 minutes of speech"),)
    offers = (an_offer("o1", kind=SessionKind.SERVICE),)
    seat = seat_of(planned(a_problem(offers=offers, pins=pins)), "lea")
    assert seat.staff_sentence == "Service pin: IEP, 40 minutes of speech."
    assert seat.learner_sentence == "This place is set for you by your school."


def test_alternatives_are_the_next_greatest_needs_with_the_rule_that_bound_each():
    """Four further needs: the three heaviest are shown, in order, each with its rule."""
    topics = ("fractions", "ratios", "angles", "graphs", "prisms")
    levels = dict(zip(topics, (1000, 1200, 1400, 1600, 1800), strict=True))
    problem = a_group_of_two(
        competencies=tuple(a_competency(t, t.title()) for t in topics),
        needs=(
            *(a_need("lea", topic, level_milli=levels[topic]) for topic in topics),
            a_need("kim", "fractions", level_milli=1000),
        ),
    )
    seat = seat_of(planned(problem), "lea")
    assert seat.competency_id == "fractions"
    assert [(a.competency_id, a.rule) for a in seat.alternatives] == [
        ("ratios", "S7"),
        ("angles", "S7"),
        ("graphs", "S7"),
    ]


def test_a_lighter_need_gives_way_to_a_heavier_one_in_the_same_slot():
    """Both groups are held; the lighter need of the learner names the heavier under S1."""
    problem = a_problem(
        adults=(an_adult("ada"), an_adult("bob")),
        rooms=(a_room("r1"), a_room("r2")),
        offers=(
            an_offer("one", "ada", SessionKind.SMALL_GROUP, competencies=("fractions",)),
            an_offer("two", "bob", SessionKind.SMALL_GROUP, room_id="r2", competencies=("ratios",)),
        ),
        competencies=(a_competency(), a_competency("ratios", "Ratios")),
        learners=tuple(a_learner(name) for name in ("k", "l", "m", "n", "o")),
        needs=(
            a_need("k"),
            a_need("l"),
            a_need("m", level_milli=1000),
            a_need("m", "ratios", level_milli=2000),
            a_need("n", "ratios"),
            a_need("o", "ratios"),
        ),
    )
    week = planned(problem)
    assert [(u.learner_id, u.competency_id, u.rule) for u in week.unmet] == [("m", "ratios", "S1")]
    assert week.unmet[0].sentence == (
        "Adding fractions weighs as much or more here: 2.00 against 1.00."
    )


def test_a_need_met_in_another_slot_says_so_and_is_not_unmet():
    """The alternative of the free slot points to the slot that serves it."""
    slots = (a_slot("mon-1"), a_slot("mon-2", "10:00", "10:40"))
    offers = (an_offer("group", kind=SessionKind.SMALL_GROUP), an_offer("open"))
    week = planned(a_group_of_two(slots=slots, offers=offers))
    served = next(s for s in week.seats if s.learner_id == "lea" and s.competency_id)
    other = next(s for s in week.seats if s.learner_id == "lea" and not s.competency_id)
    assert other.alternatives[0].sentence == (
        f"Met in {served.slot_id}; a need is met at most once a week."
    )
    assert week.unmet == ()


@pytest.mark.parametrize("seed", range(4))
def test_no_learner_sentence_or_title_of_a_random_week_labels(seed):
    """Whole weeks: titles and learners' sentences pass the rule; staff sentences name levels."""
    week = planned(a_school(seed))
    shown = {s.title for s in week.sessions} | {s.learner_sentence for s in week.seats}
    assert {text: refusal(text) for text in shown if refusal(text)} == {}
    assert any("Level " in seat.staff_sentence for seat in week.seats)


def test_numbers_and_dates_read_as_people_write_them():
    """Points half up, levels cut off so that 2.999 is no 3.0, days without a locale."""
    assert sentences.points(2695) == "2.70"
    assert sentences.points(4) == "0.00"
    assert sentences.level(2999) == "2.9"
    assert sentences.day(date(2026, 11, 20)) == "Nov 20"
    assert sentences.day(None) == "never"
    clocks = [sentences.clock(time(hour, 5)) for hour in (0, 9, 12, 13)]
    assert clocks == ["12:05", "9:05", "12:05", "1:05"]


GREATEST = "The greatest open need has no seat here: "
MOST_REASONS = 24


def a_group_beside_commons(**changes):
    """Return a group on fractions by ada, commons by bob, and what else is said."""
    fields = {
        "adults": (an_adult("ada"), an_adult("bob", ())),
        "rooms": (a_room("r1"), a_room("r2")),
        "offers": (
            an_offer("group", "ada", SessionKind.SMALL_GROUP),
            an_offer("open", "bob", room_id="r2"),
        ),
        "learners": tuple(a_learner(name) for name in "abcdefg"),
        "needs": tuple(a_need(name) for name in "abcdefg"),
    }
    return a_problem(**(fields | changes))


def sentences_without_a_need(week):
    """Return the staff's sentences of the seats that meet no need."""
    return {
        s.staff_sentence for s in week.seats if s.rule in (SeatRule.ENRICHMENT, SeatRule.COMMONS)
    }


def test_who_is_left_over_reads_that_every_seat_is_taken():
    """Seven want five seats: the other two read why, in the same words."""
    found = sentences_without_a_need(planned(a_group_beside_commons()))
    assert found == {f"{GREATEST}every seat in a session on it is taken."}


def test_who_waits_for_an_absent_adult_reads_that_they_are_away():
    """Ada alone could lead the group, and she is away."""
    week = planned(a_group_beside_commons(absences=(an_absence("ada"),)))
    assert sentences_without_a_need(week) == {f"{GREATEST}whoever could lead it is away."}


def test_the_greatest_open_need_is_explained_and_no_lesser_one():
    """Songs weigh more than fractions and nobody offers them: the full group is not the reason."""
    problem = a_group_beside_commons(
        competencies=(a_competency(), a_competency("songs", "Songs", subject="art")),
        needs=(
            *(a_need(name, level_milli=1500) for name in "abcdef"),
            a_need("g", level_milli=1900),
            a_need("g", "songs", level_milli=1000),
        ),
    )
    seat = seat_of(planned(problem), "g")
    assert seat.staff_sentence == f"{GREATEST}no adult of the school who is qualified offers it."


def test_with_checks_alone_the_sentence_says_so():
    """One learner with too little evidence: a check takes two."""
    problem = a_group_beside_commons(
        offers=(
            an_offer("check", "ada", SessionKind.CHECK),
            an_offer("open", "bob", room_id="r2"),
        ),
        needs=(a_need("a", decision=Decision.INSUFFICIENT, evidence_count=1, day_count=1),),
    )
    assert seat_of(planned(problem), "a").staff_sentence == (
        "Only checks are open, and the greatest has no seat here:"
        " too few could come then for a session on it."
    )


def test_without_an_open_need_own_choice_is_for_all():
    """Nothing is open: the sentence speaks of no lack."""
    week = planned(a_group_beside_commons(needs=()))
    assert sentences_without_a_need(week) == {
        "No open need or check; time of own choice is for all."
    }


@pytest.mark.parametrize("seed", range(4))
def test_in_any_school_the_reason_of_a_seat_is_true_of_its_slot(seed):
    """What is said to be full is full, and a full group on the greatest open need is said to be."""
    problem = a_school(seed, Shape(adults=12, slots=3, competencies=6, absent_share=0.1))
    week = planned(problem)
    snapshot = index_of(normalised(problem), seed=1)
    sessions = {one.session_id: one for one in week.sessions}
    taken = Counter(seat.session_id for seat in week.seats)
    met = {
        (seat.learner_id, session.competency_id, session.kind.is_help)
        for seat in week.seats
        if (session := sessions.get(seat.session_id)) is not None
    }
    for seat in week.seats:
        if not seat.staff_sentence.startswith(GREATEST):
            continue
        need = next(
            claim
            for claim in snapshot.claims_of[seat.learner_id]
            if claim.entitlement is Entitlement.HELP
            and (seat.learner_id, claim.competency_id, True) not in met
        )
        held = [
            one
            for one in week.sessions
            if one.slot_id == seat.slot_id
            and one.competency_id == need.competency_id
            and one.kind.is_help
        ]
        is_full = bool(held) and all(taken[one.session_id] >= one.cap for one in held)
        elsewhere = (seat.learner_id, need.competency_id, False) in met
        assert (("every seat" in seat.staff_sentence) is is_full) or elsewhere
        is_held = "leads another" not in seat.staff_sentence and "away" not in seat.staff_sentence
        assert is_held or not held


def test_the_reasons_of_seats_without_a_need_are_few_and_without_numbers():
    """A page names each reason of a session once, so they hold nothing of one learner alone."""
    found = set()
    for seed in range(4):
        found |= sentences_without_a_need(planned(a_school(seed, Shape(adults=12, slots=3))))
    assert len(found) <= MOST_REASONS
    assert not [one for one in found if any(letter.isdigit() for letter in one)]
