"""What the next run reads of a review, and what a person may move."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.scheduler.domain.check import check
from services.scheduler.domain.cycle.groups import group_changes
from services.scheduler.domain.cycle.review import (
    SETTLED_RULES,
    Review,
    SeatMarkState,
    SessionMarkState,
    reviewed,
    seat_mark,
    session_mark,
)
from services.scheduler.domain.cycle.standing import as_decided, with_standing
from services.scheduler.domain.cycle.waiting import ItemKind, waiting_for
from services.scheduler.domain.differences import changes_between
from services.scheduler.domain.explain.sentences import GIVEN_FOR, PIN_FOR_LEARNER
from services.scheduler.domain.model import Acceptance, LockedSession, PinOrigin, SessionKind
from services.scheduler.domain.revision import Content
from services.scheduler.domain.rulebook import Rule
from services.scheduler.domain.snapshot import normalised
from services.scheduler.domain.week import SeatRule, UnmetNeed
from tests.support.handmade import SCHOOL, changed, held, lawful_week, moved, rehashed
from tests.support.schedules import NOW
from tests.support.schools import (
    MONDAY,
    Shape,
    a_learner,
    a_need,
    a_pin,
    a_problem,
    a_room,
    a_school,
    an_absence,
    an_adult,
    an_offer,
)
from tests.support.weeks import planned, seat_of

ONE_TO_ONE = SessionKind.ONE_TO_ONE
WEEK = lawful_week()
EMPTY = Review(school_id="north", monday=MONDAY)


def session_of(offer_id, slot_id="mon-1"):
    """Return what is held of an offer in a slot of the draft."""
    return next(s for s in WEEK.sessions if (s.offer_id, s.slot_id) == (offer_id, slot_id))


def accepted(week, seat):
    """Return the decision that a seat is accepted."""
    session = next(s for s in week.sessions if s.session_id == seat.session_id)
    return seat_mark(seat, session, SeatMarkState.ACCEPTED, adult_id="ada", time=NOW)


def decided(session, state):
    """Return a decision on a session."""
    return session_mark(session, state, adult_id="ada", time=NOW)


def kims(problem, review):
    """Return the pins of Kim in the first slot that the next run reads."""
    pins = reviewed(problem, review).pins
    return [pin for pin in pins if (pin.learner_id, pin.slot_id) == ("kim", "mon-1")]


KIM = EMPTY.with_seat(accepted(WEEK, seat_of(WEEK, "kim")))


def test_an_accepted_seat_says_what_it_said_and_who_accepted_it() -> None:
    """Whoever accepts a seat did not choose it: need, weight and evidence stand as in the draft."""
    draft = planned(normalised(SCHOOL))
    before = seat_of(draft, "kim")
    review = EMPTY.with_seat(accepted(draft, before))
    final = planned(normalised(as_decided(SCHOOL, review, SCHOOL)))
    after = seat_of(final, "kim")
    assert (before.rule, before.competency_id) == (SeatRule.NEED, "fractions")
    assert before.weight_milli > 0
    assert before.evidence
    assert after == replace(before, acceptance=Acceptance(adult_id="ada"))
    assert check(as_decided(SCHOOL, review, SCHOOL), final) == []


def test_a_seat_that_somebody_was_moved_to_says_that_an_adult_chose_it() -> None:
    """Whoever moves a learner has chosen, and accepted nothing."""
    (mark,) = KIM.seats
    chosen = replace(mark, state=SeatMarkState.MOVED)
    after = seat_of(planned(normalised(reviewed(SCHOOL, EMPTY.with_seat(chosen)))), "kim")
    assert (after.rule, after.acceptance) == (SeatRule.PIN, None)
    assert after.learner_sentence == PIN_FOR_LEARNER


def test_an_accepted_seat_whose_need_is_gone_stays_and_says_so() -> None:
    """Kim has shown fractions since: the seat stands, by its pin, and what it was for is told."""
    draft = planned(normalised(SCHOOL))
    before = seat_of(draft, "kim")
    met = replace(SCHOOL, needs=tuple(n for n in SCHOOL.needs if n.learner_id != "kim"))
    read = normalised(as_decided(met, EMPTY.with_seat(accepted(draft, before)), SCHOOL))
    final = planned(read)
    after = seat_of(final, "kim")
    assert after.rule is SeatRule.PIN
    assert after.staff_sentence == f"{GIVEN_FOR}{before.staff_sentence}"
    assert after.learner_sentence == before.learner_sentence
    assert (after.weight_milli, after.acceptance) == (0, Acceptance(adult_id="ada"))
    again = normalised(as_decided(met, EMPTY.with_seat(accepted(final, after)), read))
    assert seat_of(planned(again), "kim") == after


def test_what_else_could_be_there_is_told_of_a_kept_seat_as_it_is() -> None:
    """Ada is back, and could help Lea; but Lea's open time is accepted, and the search is not free.

    While she is away, her absence is what stands in the way, accepted or not.
    """
    school = a_problem(
        adults=(an_adult("ada"), an_adult("bo")),
        rooms=(a_room("r1"), a_room("r2")),
        offers=(an_offer("open", "bo"), an_offer("alone", "ada", ONE_TO_ONE, room_id="r2")),
        needs=(a_need(),),
    )
    away = replace(school, absences=(an_absence("ada"),))
    before = seat_of(draft := planned(normalised(away)), "lea")
    review = EMPTY.with_seat(accepted(draft, before))
    still = planned(normalised(as_decided(away, review, away)))
    back = planned(normalised(as_decided(school, review, away)))
    assert replace(seat_of(still, "lea"), acceptance=None) == before
    after = seat_of(back, "lea")
    kept = "seat that was accepted or is published fills the slot."
    assert (after.rule, after.staff_sentence) == (
        SeatRule.COMMONS,
        f"The greatest open need has no seat here: a {kept}",
    )
    assert [(one.rule, one.sentence) for one in after.alternatives] == [(Rule.FREEZE, f"A {kept}")]
    assert [(one.rule, one.sentence) for one in back.unmet] == [(Rule.FREEZE, f"A {kept}")]


def test_nothing_decided_changes_nothing() -> None:
    """A run of a week that nobody reviewed reads what it always read."""
    assert reviewed(SCHOOL, EMPTY) == SCHOOL


def test_an_accepted_seat_is_a_pin_with_its_target() -> None:
    """It keeps the reason that it had, so that the final week can say it again."""
    (pin,) = kims(SCHOOL, KIM)
    assert (pin.offer_id, pin.competency_id) == ("group", "fractions")
    assert (pin.origin, pin.acceptance) == (PinOrigin.PLANNED, Acceptance(adult_id="ada"))
    assert pin.reason == "So it was decided"


def test_the_words_of_a_person_are_in_no_snapshot() -> None:
    """A moved seat has a reason for the caps, and not the one that was typed."""
    session = session_of("art")
    mark = seat_mark(seat_of(WEEK, "kim"), session, SeatMarkState.MOVED, adult_id="ada", time=NOW)
    (pin,) = kims(SCHOOL, EMPTY.with_seat(mark))
    assert (pin.offer_id, pin.reason) == ("art", "given by the person who set the pin")


def test_a_pin_that_somebody_set_goes_before_what_was_accepted() -> None:
    """The counselor's pin stands, and there is one pin for the place."""
    own = a_pin(learner_id="kim", offer_id="art")
    assert kims(replace(SCHOOL, pins=(own,)), KIM) == [own]


def test_a_seat_that_cannot_stand_any_more_is_left_to_the_run() -> None:
    """Its adult is away, its learner has left, or its offer is gone."""
    away = replace(SCHOOL, absences=(an_absence("ada"),))
    left = replace(SCHOOL, learners=tuple(x for x in SCHOOL.learners if x.learner_id != "kim"))
    gone = replace(SCHOOL, offers=tuple(o for o in SCHOOL.offers if o.offer_id != "group"))
    for problem in (away, left, gone):
        assert kims(problem, KIM) == []


def test_a_seat_gives_way_to_what_was_asked_for_since() -> None:
    """A service took Ada after Kim's seat was accepted: it does not break the week, it is free."""
    service = a_pin(learner_id="lea", offer_id="again", service=True)
    later = replace(SCHOOL, pins=(service,))
    pins = reviewed(later, KIM).pins
    assert len(pins) == 2
    assert with_standing(later, pins[1:]).pins == (service,)
    assert with_standing(SCHOOL, pins[1:]).pins == pins[1:]


ADA_IS_TAKEN = a_problem(
    adults=(an_adult("ada"), an_adult("bo"), an_adult("cy")),
    rooms=(a_room("r1"), a_room("r2"), a_room("r3")),
    offers=(
        an_offer("agreed", "ada"),
        an_offer("club", "bo", SessionKind.ENRICHMENT, room_id="r2", co_adult_ids=("ada", "cy")),
        an_offer("lab", "cy", SessionKind.ENRICHMENT, room_id="r3", minimum=1),
    ),
    learners=(a_learner("kim"), a_learner("lea")),
    locked=(
        LockedSession(slot_id="mon-1", offer_id="agreed"),
        LockedSession(slot_id="mon-1", offer_id="club"),
    ),
)
"""Ada leads what was agreed first, so the club, which needs Ada and Cy, cannot be held: Cy has the
lab, where the learners sit."""


def accepted_in_the_lab(draft):
    """Return the review of a draft: lea's seat in the lab is accepted, Ada declines."""
    review = EMPTY.with_seat(accepted(draft, seat_of(draft, "lea")))
    session = next(s for s in draft.sessions if s.offer_id == "agreed")
    return review.with_session(decided(session, SessionMarkState.DECLINED))


@pytest.mark.parametrize("wish", [{}, {"pins": (a_pin(offer_id="club"),)}])
def test_what_a_decline_frees_takes_no_accepted_seat(wish) -> None:
    """Ada declines, so the club could be held, with Cy; but Cy's lab has a seat that is accepted.

    Neither the club, nor a pin into it that could not be kept, had stood in the draft: a breach
    says so still, as the draft's did.
    """
    school = normalised(replace(ADA_IS_TAKEN, **wish))
    draft = planned(school)
    read = normalised(as_decided(school, accepted_in_the_lab(draft), school))
    final = planned(read)
    seat = seat_of(final, "lea")
    assert [s.offer_id for s in final.sessions if s.session_id == seat.session_id] == ["lab"]
    club = "The session of offer club, agreed in slot mon-1, cannot be held"
    for week in (draft, final):
        assert any(breach.message.startswith(club) for breach in week.breaches)


def test_what_was_agreed_after_the_draft_goes_before_accepted_seats() -> None:
    """The club was agreed in the place of what Ada has declined; so Cy's lab gives way."""
    before = normalised(replace(ADA_IS_TAKEN, locked=ADA_IS_TAKEN.locked[:1]))
    review = accepted_in_the_lab(planned(before))
    assert as_decided(ADA_IS_TAKEN, review, before).pins == ()
    (kept,) = as_decided(before, review, before).pins
    assert kept.learner_id == "lea"
    # Whether what Ada declined stands among the school's agreements still makes no difference.
    for locked in (ADA_IS_TAKEN.locked, ADA_IS_TAKEN.locked[1:]):
        later = replace(ADA_IS_TAKEN, locked=locked)
        assert as_decided(later, review, ADA_IS_TAKEN).pins == (kept,)
        assert as_decided(later, review, before).pins == ()


def test_what_is_added_in_the_review_goes_before_accepted_seats() -> None:
    """Who agrees on the club anew, once Ada is free, has asked for it since."""
    draft = planned(normalised(ADA_IS_TAKEN))
    session = next(s for s in draft.sessions if s.offer_id == "lab")
    club = replace(session, offer_id="club")
    review = accepted_in_the_lab(draft).with_session(decided(club, SessionMarkState.ADDED))
    assert as_decided(ADA_IS_TAKEN, review, ADA_IS_TAKEN).pins == ()


def test_a_declined_session_is_offered_in_the_other_slots_alone() -> None:
    """Where it was the offer's only slot, the offer is gone: without slots it would be for all."""
    review = EMPTY.with_session(decided(session_of("group"), SessionMarkState.DECLINED))
    (offer,) = [o for o in reviewed(SCHOOL, review).offers if o.offer_id == "group"]
    assert offer.slot_ids == ("mon-2", "mon-3", "mon-4")
    only = replace(
        SCHOOL,
        offers=tuple(
            replace(o, slot_ids=("mon-1",)) if o.offer_id == "group" else o for o in SCHOOL.offers
        ),
    )
    assert "group" not in {o.offer_id for o in reviewed(only, review).offers}


def test_who_declines_takes_back_what_was_agreed_before() -> None:
    """A session that the school had agreed on is held no more: no run could hold it."""
    agreed = LockedSession(slot_id="mon-1", offer_id="group")
    review = EMPTY.with_session(decided(session_of("group"), SessionMarkState.DECLINED))
    assert reviewed(replace(SCHOOL, locked=(agreed,)), review).locked == ()


def test_an_added_session_is_agreed() -> None:
    """The run holds it with its target, however few come."""
    review = EMPTY.with_session(decided(session_of("group"), SessionMarkState.ADDED))
    (locked,) = reviewed(SCHOOL, review).locked
    assert (locked.slot_id, locked.offer_id, locked.competency_id) == (
        "mon-1",
        "group",
        "fractions",
    )


def test_two_weeks_differ_in_seats_and_sessions() -> None:
    """Kim goes to art: one seat; the check is led in another room: one session."""
    other = moved(WEEK, "kim", session_of("art"))
    sessions = tuple(
        replace(s, room_id="gym") if s.offer_id == "look" else s for s in other.sessions
    )
    found = changes_between(WEEK, replace(other, sessions=sessions))
    assert [(c.learner_id, c.slot_id) for c in found.seats] == [("kim", "mon-1")]
    assert [(c.before.room_id, c.after.room_id) for c in found.sessions] == [("r4", "gym")]
    assert changes_between(WEEK, WEEK).seats == ()


def whole(week):
    """Return a week with the school's problem."""
    return Content(problem=SCHOOL, week=week)


def test_who_leads_with_an_adult_is_told_the_same_of_their_groups() -> None:
    """Gus leads ada's group with her: kim left his group as well, and its session waits for him."""
    offers = tuple(
        replace(one, co_adult_ids=("gus",)) if one.offer_id == "group" else one
        for one in SCHOOL.offers
    )
    led = replace(SCHOOL, offers=offers)
    this = Content(problem=led, week=moved(WEEK, "kim", session_of("art")))
    before = Content(problem=led, week=WEEK)
    told = [
        [(one.learner_id, one.is_new) for one in group_changes(before, this, adult_id)]
        for adult_id in ("ada", "gus")
    ]
    assert told == [[("kim", False)], [("kim", False)]]
    items = waiting_for(before, EMPTY, adult_id="gus", learner_ids=())
    group = session_of("group").session_id
    assert {one.session_id for one in items if one.kind is ItemKind.SESSION_LEADS} == {group}


def test_a_teacher_is_told_who_is_new_and_who_left_and_where_to() -> None:
    """By what they work on, not by the slot: Kim left, Roy is new with the reason of the seat."""
    this = moved(WEEK, "kim", session_of("art"))
    this = moved(this, "roy", session_of("group"), staff_sentence="Level 1.8 from 5 pieces.")
    unmet = UnmetNeed(
        learner_id="kim",
        competency_id="fractions",
        weight_milli=1,
        rule=Rule.SIZE,
        sentence="The group is full.",
    )
    found = group_changes(whole(WEEK), whole(replace(this, unmet=(unmet,))), "ada")
    told = [(c.learner_id, c.is_new, c.sentence) for c in found]
    assert told == [
        ("roy", True, "Level 1.8 from 5 pieces."),
        ("kim", False, "Needs it still, and has no seat for it: The group is full."),
    ]


def test_another_slot_is_no_change_of_a_group() -> None:
    """The group meets an hour later, with the same learners: nobody is new."""
    later = held(SCHOOL, "group", "mon-3", competency_id="fractions")
    this = WEEK
    for name in ("kim", "lea", "max"):
        this = moved(moved(this, name, later), name, session_of("art"))
    assert group_changes(whole(WEEK), whole(this), "ada") == ()


def test_who_works_on_it_with_somebody_else_is_said_to() -> None:
    """The teacher who lost the learner reads with whom and when."""
    look = session_of("look")
    this = changed(WEEK, "kim", "mon-1", session_id=look.session_id)
    (gone,) = group_changes(whole(WEEK), whole(this), "ada")
    assert gone.sentence == "Works on it with adult dan now, in slot mon-1."


def told(seat):
    """Return what a seat says of itself, but for what else could have been there."""
    return (
        *(seat.rule, seat.competency_id, seat.weight_milli, seat.evidence, seat.choice_rank),
        seat.learner_sentence,
    )


SHAPES = st.builds(
    Shape,
    learners=st.integers(6, 30),
    adults=st.integers(3, 7),
    slots=st.integers(1, 3),
    competencies=st.integers(2, 8),
    needs_each=st.sampled_from((1.0, 3.0)),
    service_share=st.sampled_from((0.0, 0.1)),
    absent_share=st.just(0.1),
    whole=st.booleans(),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)
@given(seed=st.integers(0, 100_000), shape=SHAPES, data=st.data())
def test_no_accepted_seat_moves_in_the_final_run(seed, shape, data) -> None:
    """Whatever else is accepted or declined, each accepted seat is in the final week as it was.

    And no rule is broken that the draft did not break: neither by pins nor by a decline, but where
    a declined session leaves somebody without a place.
    """
    problem = normalised(a_school(seed, shape))
    draft = planned(problem, seed=1)
    seats = [s for s in draft.seats if s.session_id is not None and s.rule not in SETTLED_RULES]
    kept = data.draw(st.lists(st.sampled_from(seats), unique=True) if seats else st.just([]))
    sessions = {s.session_id: s for s in draft.sessions}
    review = EMPTY
    for seat in kept:
        review = review.with_seat(accepted(draft, seat))
    used = {seat.session_id for seat in kept}
    free = [
        s for s in draft.sessions if s.session_id not in used and s.kind is not SessionKind.SERVICE
    ]
    for session in data.draw(st.lists(st.sampled_from(free), max_size=1) if free else st.just([])):
        if not any(pin.offer_id == session.offer_id for pin in problem.pins):
            review = review.with_session(decided(session, SessionMarkState.DECLINED))
    read = normalised(as_decided(problem, review, problem))
    assert len(read.pins) == len(problem.pins) + len(kept)
    final = planned(read, seed=2)
    now = {(s.learner_id, s.slot_id): s for s in final.seats}
    held_now = {s.session_id: s for s in final.sessions}
    for seat in kept:
        before = sessions[seat.session_id]
        after = held_now[now[seat.learner_id, seat.slot_id].session_id]
        assert (after.offer_id, after.competency_id) == (before.offer_id, before.competency_id)
        assert told(now[seat.learner_id, seat.slot_id]) == told(seat)
    declined = {one.key for one in review.sessions}
    assert declined.isdisjoint({(s.slot_id, s.offer_id) for s in final.sessions})
    assert {b.rule for b in check(read, final)} <= {b.rule for b in check(problem, draft)} | {
        Rule.ONE_PLACE
    }
    assert rehashed(final).week_hash == final.week_hash
