"""Who drifts away, by stated thresholds, and who does not."""

from datetime import timedelta

import pytest

from services.scheduler.domain.day.attendance import Mark, Presence, SessionAttendance
from services.scheduler.domain.day.drifting import DriftThresholds, drifting
from tests.support.days import IN_THE_LESSON, MONDAY

PRESENT, ABSENT, ELSEWHERE = Presence.PRESENT, Presence.ABSENT, Presence.ELSEWHERE


def day(week, *presences, learner="kim"):
    """Return the attendance of a learner's sessions on the Monday of a week."""
    monday = MONDAY + timedelta(weeks=week)
    return [
        SessionAttendance(
            school_id="north",
            monday=monday,
            date=monday,
            session_id=f"s{number}",
            slot_id=f"mon-{number}",
            adult_id="ada",
            minutes=40,
            service="",
            held=True,
            marks=(Mark(learner_id=learner, presence=presence),),
            revision=1,
            version=1,
            actor="districts/maple/adults/ada",
            time=IN_THE_LESSON,
        )
        for number, presence in enumerate(presences)
    ]


def found(*days, unanswered=()):
    """Return the reasons for kim, from some days."""
    attendance = [one for each in days for one in each]
    names = {"kim": unanswered} if unanswered else {}
    return [reason for one in drifting(attendance, names) for reason in one.reasons]


def test_who_misses_sessions_in_two_weeks_while_in_school_drifts():
    """Three of four, in two weeks, and was seen on each of those days."""
    days = day(0, PRESENT, ABSENT, ABSENT), day(1, PRESENT, ABSENT)
    assert found(*days) == ["Missed 3 of 5 sessions in 2 weeks while in school."]


def test_a_single_bad_day_is_no_drift():
    """Three missed on one Monday: a reason to ask on that day, not a pattern."""
    assert found(day(0, PRESENT, ABSENT, ABSENT, ABSENT)) == []


def test_who_is_ill_does_not_drift():
    """Days on which nobody saw the learner are absences from school."""
    assert found(*(day(week, ABSENT, ABSENT, ABSENT) for week in range(4))) == []


def test_who_turns_up_elsewhere_twice_drifts():
    """In the school, in another place than theirs."""
    assert found(day(0, PRESENT, ELSEWHERE), day(1, ELSEWHERE)) == ["Was in another place 2 times."]


@pytest.mark.parametrize(("weeks", "reasons"), [(2, 0), (3, 1)])
def test_who_chooses_nothing_for_weeks_drifts(weeks, reasons):
    """Three weeks in which they could; two are none of our business."""
    mondays = [MONDAY - timedelta(weeks=back) for back in range(weeks)]
    assert len(found(unanswered=mondays)) == reasons


def test_the_thresholds_can_be_others():
    """One that asks for more finds nobody."""
    days = day(0, PRESENT, ABSENT, ABSENT), day(1, PRESENT, ABSENT)
    attendance = [one for each in days for one in each]
    assert drifting(attendance, {}, DriftThresholds(missed_sessions=4)) == ()
