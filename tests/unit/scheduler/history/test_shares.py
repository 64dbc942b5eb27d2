"""What each learner had in the weeks before (S4), and shallow work in a row."""

from services.scheduler.domain.history.shares import learner_histories
from services.scheduler.domain.model import SessionKind
from tests.support.past_weeks import (
    ART,
    CHECK,
    COMMONS,
    HELP,
    a_past_week,
    a_session,
    nothing_published,
)

LEA = {"lea": {"fractions": 1800}}


def lea(*weeks):
    """Return what weeks say of lea."""
    return next(one for one in learner_histories(weeks) if one.learner_id == "lea")


def shares(*weeks):
    """Return lea's slots and those of own choice."""
    told = lea(*weeks)
    return told.slot_count, told.own_choice_count


def dok(depth):
    """Return an enrichment of a depth."""
    return a_session(SessionKind.ENRICHMENT, dok=depth)


def test_enrichment_and_commons_are_own_choice_and_help_and_checks_are_not():
    """Of six slots of a week, two."""
    assert shares(a_past_week(-1, lea=[HELP, HELP, CHECK, ART, COMMONS, HELP])) == (6, 2)


def test_a_choice_that_was_met_is_own_choice_whatever_its_kind():
    """Whoever chose to be assessed again has had what they chose."""
    again = a_session(SessionKind.REASSESSMENT)
    assert shares(a_past_week(-1, lea=[again, again], ranks={"lea": (2, 0)})) == (2, 1)


def test_shares_are_of_the_last_six_weeks_of_school():
    """The seventh back is forgotten; a week in which nothing was published has its place."""
    old = a_past_week(-7, lea=[ART, ART])
    recent = [a_past_week(-week, lea=[HELP, HELP, ART]) for week in range(1, 7)]
    assert shares(old, *recent) == (18, 6)
    assert shares(old, nothing_published(-3), *recent[:2], *recent[3:]) == (15, 5)


def test_a_seat_to_which_nobody_came_counts_nowhere():
    """Neither as enrichment nor as a slot: the share is of what the learner had."""
    week = {"lea": [HELP, ART, ART]}
    assert shares(a_past_week(-1, **week)) == (3, 2)
    assert shares(a_past_week(-1, missed=[("lea", "mon-2")], **week)) == (2, 1)
    assert shares(a_past_week(-1, missed=[("max", "mon-2")], **week)) == (3, 2)


def test_sessions_at_depth_one_in_a_row_are_counted_across_weeks():
    """Deeper work ends the row; one that states no depth neither lengthens nor ends it."""
    before = a_past_week(-2, lea=[dok(3), dok(1)])
    assert lea(before, a_past_week(-1, lea=[dok(1), dok(0), dok(1)])).dok_one_run == 3
    assert lea(before, a_past_week(-1, lea=[dok(1), dok(2), dok(1)])).dok_one_run == 1
    assert lea(before, a_past_week(-1, max=[dok(1)])).dok_one_run == 1


def test_a_shallow_session_to_which_nobody_came_is_none_of_the_row():
    """The learner has not worked in it."""
    week = a_past_week(-1, missed=[("lea", "mon-1")], lea=[dok(1), dok(1)])
    assert lea(week).dok_one_run == 1


def test_weeks_without_a_need_seat_are_counted_while_help_is_due():
    """In a row; a seat ends it, and so does a week in which nothing was due."""
    without = [a_past_week(-week, needs=LEA, lea=[ART]) for week in (1, 2, 3)]
    assert lea(*without).weeks_without_need_seat == 3
    assert lea(*without[1:], a_past_week(-1, needs=LEA, lea=[HELP])).weeks_without_need_seat == 0
    assert lea(*without[1:], a_past_week(-1, lea=[ART])).weeks_without_need_seat == 0
    assert lea(*without[1:], nothing_published(-1)).weeks_without_need_seat == 0


def test_help_to_which_the_learner_did_not_come_was_no_help():
    """They still have had none this week."""
    week = a_past_week(-1, missed=[("lea", "mon-1")], needs=LEA, lea=[HELP])
    assert lea(week).weeks_without_need_seat == 1


def test_who_was_never_there_has_no_history():
    """Nothing is told of a learner without a seat and without a need."""
    assert learner_histories([a_past_week(-1, lea=[])]) == ()
    assert learner_histories([]) == ()
