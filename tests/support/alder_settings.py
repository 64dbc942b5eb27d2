"""What the school of `alder.py` sets: bells, rooms, offers, roles, who looks after whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from trellis.scheduler.v1 import calendar_pb2 as calendar
from trellis.scheduler.v1 import people_pb2 as people
from trellis.scheduler.v1 import school_pb2 as school
from trellis.scheduler.v1 import week_pb2 as week

from tests.support.alder import (
    ADULTS,
    ELA,
    FAMILY,
    MATH,
    SCHOOL,
    SERVICE,
    SLOTS,
    adult_name,
    in_school,
    learner_names,
    named_adult_of,
)

ROLES = {
    "office": people.STAFF_ROLE_OFFICE,
    "counselor": people.STAFF_ROLE_COUNSELOR,
    "specialist": people.STAFF_ROLE_SPECIALIST,
}
TITLES = {
    "math-1": "Math puzzles",
    "math-2": "Games of strategy",
    "ela-1": "Book club",
    "ela-2": "Writers' room",
    "science": "Kitchen chemistry",
    "arts": "Printmaking",
}
SERVED = (57, 58)
"""Places of the learners who get the service."""
APART = (12, 13)
"""Places of two learners who are kept apart."""
OF_FAMILY = 3
"""The place of the family's child."""


def policy() -> week.Policy:
    """Return the policy: two slots on Monday, small groups of up to eight."""
    return week.Policy(
        name=f"{SCHOOL}/policy",
        school_display_name="Alder Middle School",
        time_zone="America/New_York",
        slots=[
            week.SlotTemplate(
                slot_id=slot, iso_weekday=1, start_clock=start, end_clock=end, label=slot
            )
            for slot, start, end in SLOTS
        ],
        small_group_cap=8,
        enrichment_cap=28,
        need_seats_per_week=1,
    )


def bell_schedules() -> list[calendar.BellSchedule]:
    """Return the bells: those of Mondays, of which English owns the first period, and others."""
    mondays = [
        calendar.Period(
            period_id=slot.removeprefix("mon-"),
            start_clock=start,
            end_clock=end,
            label=f"Flex {place}",
            flexible=True,
            own_choice=place == len(SLOTS),
            subject="ela" if place == 1 else "",
        )
        for place, (slot, start, end) in enumerate(SLOTS, start=1)
    ]
    plain = calendar.Period(period_id="h", start_clock="08:00", end_clock="15:00", label="Classes")
    return [
        calendar.BellSchedule(
            name=in_school("bellSchedules", "mondays"), display_name="Mondays", periods=mondays
        ),
        calendar.BellSchedule(
            name=in_school("bellSchedules", "plain"), display_name="Other days", periods=[plain]
        ),
    ]


def calendar_around(monday: date) -> calendar.Calendar:
    """Return a calendar without a holiday around a week; its steps are due as by default."""
    return calendar.Calendar(
        name=f"{SCHOOL}/calendar",
        first_day=(monday - timedelta(days=70)).isoformat(),
        last_day=(monday + timedelta(days=95)).isoformat(),
        bells=[
            calendar.BellRule(bell_schedule=in_school("bellSchedules", "plain")),
            calendar.BellRule(bell_schedule=in_school("bellSchedules", "mondays"), iso_weekday=1),
        ],
    )


def principal() -> people.StaffMember:
    """Return the first entry of all, which a district's IT sends."""
    name = in_school("staffMembers", "principal")
    return people.StaffMember(name=name, roles=[people.STAFF_ROLE_PRINCIPAL])


def staff() -> list[people.StaffMember]:
    """Return whom the principal gives a role other than teacher."""
    return [
        people.StaffMember(name=in_school("staffMembers", one), roles=[role])
        for one, role in ROLES.items()
    ]


def learner_settings() -> list[people.LearnerSetting]:
    """Return a named adult for each learner; one has a family."""
    return [
        people.LearnerSetting(
            name=in_school("learnerSettings", name.rsplit("/", 1)[1]),
            named_adult=adult_name(named_adult_of(number)),
            families=[FAMILY] if number == OF_FAMILY else [],
        )
        for number, name in enumerate(learner_names())
    ]


def rooms() -> list[week.Room]:
    """Return a room for each adult who leads, and the gym."""
    own = [
        week.Room(
            name=in_school("rooms", f"room-{one}"), display_name=f"Room {101 + place}", capacity=28
        )
        for place, one in enumerate(one for one in ADULTS if one in TITLES or one == "specialist")
    ]
    gym = week.Room(name=in_school("rooms", "gym"), display_name="Gym", capacity=60)
    return [*own, gym]


def offers() -> list[week.Offer]:
    """Return what the adults can lead: groups, checks, showing again, enrichment, the gym."""
    return list(_offers())


def _offers() -> Iterator[week.Offer]:
    for adult, title in TITLES.items():
        for subject in ADULTS[adult][1]:
            if subject in ("math", "ela"):
                yield _offer(adult, "group", week.SESSION_KIND_SMALL_GROUP, subject=subject)
                yield _offer(adult, "check", week.SESSION_KIND_CHECK, subject=subject)
                yield _offer(adult, "again", week.SESSION_KIND_REASSESSMENT, subject=subject)
        yield _offer(adult, "enrichment", week.SESSION_KIND_ENRICHMENT, title=title)
    yield _offer("arts", "commons", week.SESSION_KIND_COMMONS, title="Open gym", room="gym", cap=60)
    yield _offer(
        "specialist", "service", week.SESSION_KIND_SERVICE, title="Studio", service=SERVICE, cap=6
    )


def _offer(
    adult: str,
    what: str,
    kind: week.SessionKind,
    *,
    subject: str = "",
    title: str = "",
    room: str = "",
    service: str = "",
    cap: int = 0,
) -> week.Offer:
    return week.Offer(
        name=in_school("offers", f"{adult}-{what}"),
        adult=adult_name(adult),
        room=in_school("rooms", room or f"room-{adult}"),
        kind=kind,
        subject=subject,
        title=title,
        service=service,
        cap=cap,
    )


def essentials(monday: date) -> list[school.Essential]:
    """Return until when what the framework holds essential is to be shown."""
    due = (monday + timedelta(days=60)).isoformat()
    return [
        school.Essential(name=in_school("essentials", code), due_date=due) for code in (*MATH, *ELA)
    ]


def required_services() -> list[school.RequiredService]:
    """Return the service of two learners, as the specialist sets it: one slot a week."""
    names = learner_names()
    return [
        school.RequiredService(
            name=in_school("requiredServices", f"service-{place}"),
            learner=names[place],
            service=SERVICE,
            minutes=40,
        )
        for place in SERVED
    ]


def keep_rule() -> school.KeepRule:
    """Return the counselor's rule that two learners are kept apart."""
    one, other = (learner_names()[place] for place in APART)
    return school.KeepRule(
        name=in_school("keepRules", "rule-1"),
        kind=school.KeepRule.KIND_APART,
        learner=one,
        other_learner=other,
        reason="They asked for it themselves.",
    )
