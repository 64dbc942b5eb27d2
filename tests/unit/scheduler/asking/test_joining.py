"""What was asked for on its way into a plan run."""

from dataclasses import replace
from datetime import date, timedelta

from services.scheduler.domain.asking.bookings import Booking, BookingKind, BookingState
from services.scheduler.domain.asking.joining import Asked, with_asked
from services.scheduler.domain.asking.needs import NeedKind, NeedState, SeenNeed, new_need
from services.scheduler.domain.asking.rankings import (
    Answer,
    AnswerState,
    RankedChoice,
    Ranking,
    standing_of,
)
from services.scheduler.domain.faults import faults_of
from services.scheduler.domain.history.digest import LearnerMark, SessionMark, WeekDigest
from services.scheduler.domain.history.past import PastWeek
from services.scheduler.domain.model import Choice, Decision, LockedSession, SessionKind
from services.scheduler.domain.rules import Entitlement, entitlement_of
from services.scheduler.domain.snapshot import normalised
from tests.support.asking import TUESDAY_NOON, a_group, asking, later
from tests.support.asking_api import an_enrichment
from tests.support.schools import MONDAY, a_need

CLUB = an_enrichment("robots")
AGAIN = replace(a_group("max", kind=SessionKind.REASSESSMENT), offer_id="again")
OFFERS = (a_group("max"), a_group("eve"), CLUB, AGAIN)


def a_ranking(*choices, learner_id="lea", version=1):
    """Return a sending."""
    return Ranking(
        school_id="north",
        monday=MONDAY,
        learner_id=learner_id,
        choices=choices,
        actor="districts/maple/learners/lea",
        request_id="r",
        digest=b"0" * 32,
        receive_time=TUESDAY_NOON,
        version=version,
    )


def an_answer(version, state=AnswerState.CONFIRMED):
    """Return what an adult said of a sending."""
    return Answer(
        school_id="north",
        monday=MONDAY,
        learner_id="lea",
        version=version,
        state=state,
        actor="districts/maple/adults/max",
        answer_time=TUESDAY_NOON,
    )


def a_booking(booking_id="b1", **changes):
    """Return an agreed re-assessment of fractions, in no stated session."""
    fields = {
        "school_id": "north",
        "id": booking_id,
        "version": 1,
        "monday": MONDAY,
        "kind": BookingKind.REASSESSMENT,
        "learner_id": "lea",
        "competency_id": "fractions",
        "offer_id": "",
        "slot_id": "",
        "actor": "districts/maple/adults/max",
        "create_time": TUESDAY_NOON,
        "state": BookingState.AGREED,
    }
    return Booking(**(fields | changes))


def a_nomination(need_id="n1", **changes) -> SeenNeed:
    """Return a nomination of lea on essays, made on the Tuesday before."""
    fields = {
        "school_id": "north",
        "need_id": need_id,
        "kind": NeedKind.NOMINATION,
        "learner_id": "lea",
        "competency_id": "essays",
        "reason": "lost the thread",
        "actor": "districts/maple/adults/eve",
        "now": TUESDAY_NOON,
        "today": date(2026, 11, 17),
        "weeks": 3,
    }
    return new_need(**(fields | changes))


def joined(earlier=(), needs=(), **asked):
    """Return the problem with what was asked for; it must have no fault."""
    problem = with_asked(asking(offers=OFFERS, needs=needs), Asked(**asked), earlier)
    assert list(faults_of(problem)) == []
    normalised(problem)
    return problem


def test_choices_come_by_rank_and_are_confirmed_with_the_sending_that_was_confirmed():
    """An answer to an older sending confirms nothing."""
    sent = a_ranking(RankedChoice(offer_id="robots", slot_ids=("mon-1",)), version=2)
    confirmed = joined(standings=(standing_of("lea", sent, None, [an_answer(2)]),))
    assert confirmed.choices == (
        Choice(learner_id="lea", rank=1, offer_id="robots", slot_ids=("mon-1",), confirmed=True),
    )
    for answers in ([an_answer(1)], [an_answer(2, AnswerState.ANSWERED)], []):
        open_one = joined(standings=(standing_of("lea", sent, None, answers),))
        assert [one.confirmed for one in open_one.choices] == [False]


def test_who_sent_nothing_has_last_weeks_choices_and_who_sent_has_their_own():
    """Last week's are confirmed on their own, as version 0."""
    last = a_ranking(RankedChoice(offer_id="robots"), version=7)
    standing = standing_of("lea", None, last, [an_answer(7), an_answer(0)])
    assert (standing.source.value, standing.is_confirmed) == ("last_week", True)
    assert [one.offer_id for one in joined(standings=(standing,)).choices] == ["robots"]
    own = a_ranking(RankedChoice(competency_id="fractions"))
    standing = standing_of("lea", own, last, [])
    found = joined(standings=(standing,), needs=(a_need(),)).choices
    assert [(one.offer_id, one.competency_id) for one in found] == [(None, "fractions")]
    assert standing_of("lea", None, None, []).source.value == "none"


def test_what_is_gone_or_shown_meanwhile_is_no_choice_and_keeps_the_others_ranks():
    """An offer that was removed, and a re-assessment of what is mastered now."""
    sent = a_ranking(
        RankedChoice(offer_id="gone"),
        RankedChoice(competency_id="essays"),
        RankedChoice(offer_id="robots"),
    )
    needs = (a_need(competency_id="essays", level_milli=3100, decision=Decision.PROFICIENT),)
    found = joined(standings=(standing_of("lea", sent, None, []),), needs=needs).choices
    assert [(one.rank, one.offer_id) for one in found] == [(3, "robots")]


def test_a_re_assessment_in_a_session_is_a_wish_to_show_it_then():
    """Chosen as an offer or booked in a stated session, the choice names no offer but the slot."""
    sent = a_ranking(RankedChoice(offer_id="again", competency_id="fractions", slot_ids=("mon-1",)))
    needs = (a_need(), a_need("leo"))
    booked = a_booking(learner_id="leo", offer_id="again", slot_id="mon-1")
    found = joined(standings=(standing_of("lea", sent, None, []),), bookings=(booked,), needs=needs)
    assert [
        (one.learner_id, one.rank, one.offer_id, one.competency_id, one.slot_ids, one.confirmed)
        for one in found.choices
    ] == [
        ("lea", 1, None, "fractions", ("mon-1",), False),
        ("leo", 6, None, "fractions", ("mon-1",), True),
    ]
    assert found.locked == (
        LockedSession(slot_id="mon-1", offer_id="again", competency_id="fractions"),
    )


def test_what_was_booked_twice_or_only_asked_for_fixes_no_session_twice():
    """Each stated session once, by the earliest booking; what no adult agreed to fixes none."""
    stated = {"offer_id": "again", "slot_id": "mon-1"}
    bookings = (
        a_booking("b2", learner_id="leo", create_time=later(5), **stated),
        a_booking("b1", **stated),
        a_booking("b3", state=BookingState.ASKED, competency_id="essays"),
        a_booking("b4", state=BookingState.CANCELLED, competency_id="shading"),
    )
    found = joined(bookings=bookings, needs=(a_need(), a_need("leo")))
    assert len(found.locked) == 1
    assert {(one.learner_id, one.competency_id) for one in found.choices} == {
        ("lea", "fractions"),
        ("leo", "fractions"),
        ("lea", "essays"),
    }


def test_a_nomination_makes_the_need_that_mastery_does_not_know():
    """It has no level, and allows help; a need that is known keeps its level."""
    found = joined(seen=(a_nomination(),)).needs
    (need,) = found
    assert (need.level_milli, need.nominated, need.decision) == (None, True, Decision.INSUFFICIENT)
    assert entitlement_of(need, asking().policy, MONDAY) is Entitlement.HELP
    known = joined(seen=(a_nomination(competency_id="fractions"),), needs=(a_need(),)).needs
    assert [(one.level_milli, one.nominated) for one in known] == [(1800, True)]


def test_what_a_learner_reports_counts_once_an_adult_has_confirmed_it():
    """Waiting it is nothing; standing it is confirmed, which is not nominated."""
    reported = a_nomination(kind=NeedKind.REPORTED, reason="")
    assert joined(seen=(reported,)).needs == ()
    (need,) = joined(seen=(replace(reported, state=NeedState.STANDING),)).needs
    assert (need.nominated, need.confirmed) == (False, True)


def test_an_agreed_coaching_group_confirms_the_need_and_holds_the_session():
    """What was only asked for does neither."""
    coaching = a_booking(kind=BookingKind.COACHING, offer_id="o-max", slot_id="mon-1")
    found = joined(bookings=(coaching,))
    assert [(one.competency_id, one.confirmed) for one in found.needs] == [("fractions", True)]
    assert [one.offer_id for one in found.locked] == ["o-max"]
    asked = joined(bookings=(replace(coaching, state=BookingState.ASKED),))
    assert (asked.needs, asked.locked, asked.choices) == ((), (), ())


def a_week_with(
    kind=SessionKind.SMALL_GROUP, competency_id="essays", day=date(2026, 11, 18), missed=()
):
    """Return a published week in which lea had a seat, on the day after the nomination."""
    session = SessionMark(
        slot_id="mon-1", date=day, kind=kind, adult_id="ada", competency_id=competency_id
    )
    lea = LearnerMark(learner_id="lea", sessions=(0,), ranks=(0,))
    monday = day - timedelta(days=day.weekday())
    digest = WeekDigest(monday=monday, sessions=(session,), learners=(lea,))
    return PastWeek(monday=monday, digest=digest, missed=frozenset(missed))


def test_a_nomination_ends_with_its_use_and_with_its_weeks():
    """A help seat on it on a day after it was made, or three weeks; no other seat ends it."""
    assert joined(earlier=[a_week_with()], seen=(a_nomination(),)).needs == ()
    others = (
        a_week_with(day=date(2026, 11, 16)),
        a_week_with(SessionKind.CHECK),
        a_week_with(competency_id="fractions"),
        a_week_with(missed=[("lea", "mon-1")]),
        PastWeek(monday=date(2026, 11, 16)),
    )
    for week in others:
        assert len(joined(earlier=[week], seen=(a_nomination(),)).needs) == 1
    expired = a_nomination(today=MONDAY - timedelta(weeks=3))
    assert joined(seen=(expired,)).needs == ()
    withdrawn = replace(a_nomination(), state=NeedState.WITHDRAWN)
    assert joined(seen=(withdrawn,)).needs == ()
