"""A made-up district: two schools, their people, rooms and offers, all from one seed.

The same seed gives the same district on every machine, so that two demonstrations end in the same
hashes. It must not talk to any service; `drive.py` does.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from trellis.framework.v1 import framework_pb2 as framework
from trellis.roster.v1 import roster_pb2 as roster
from trellis.scheduler.v1 import week_pb2 as week

DISTRICT = "maple-county"
MIDDLE = "birchwood-middle"
ELEMENTARY = "juniper-elementary"
FRAMEWORK = "maple-county-core"
ROSTER_SOURCE = "sis"
PRINCIPAL = "principal"
TIME_ZONE = "America/New_York"

MIDDLE_LEARNERS = 853
ELEMENTARY_LEARNERS = 94

# Monday of the middle school: the first period is advisory, the six others are WIN. The clock is
# that of a real middle school of seven 50-minute periods with five minutes between them.
MIDDLE_SLOTS = (
    ("09:10", "10:00"),
    ("10:05", "10:55"),
    ("11:00", "11:50"),
    ("12:45", "13:35"),
    ("13:40", "14:30"),
    ("14:35", "15:25"),
)
# Monday of the elementary school: one half hour before lunch and one after, as many schools do.
ELEMENTARY_SLOTS = (("09:30", "10:00"), ("13:00", "13:30"))

# What the adults of the middle school teach, and how many do; with the principal they are 55.
MIDDLE_STAFF = (
    ("math", 14),
    ("ela", 13),
    ("science", 8),
    ("social-studies", 6),
    ("arts", 5),
    ("health", 3),
    ("technology", 3),
    ("support", 2),
)
ENRICHMENT_TITLES = {
    "math": ("Math puzzles", "Games of strategy"),
    "ela": ("Book club", "Writers' room", "Debate"),
    "science": ("Kitchen chemistry", "Rocket workshop", "Garden lab"),
    "social-studies": ("Map makers", "Local history", "Model assembly"),
    "arts": ("Drumming", "Printmaking", "Theater games"),
    "health": ("Fitness circuit", "Team games"),
    "technology": ("Robotics", "Animation studio"),
    "support": ("Quiet studio",),
}
# Large rooms: name, capacity, whether several sessions may share it.
MIDDLE_HALLS = (("Gym", 120, False), ("Commons", 110, False), ("Library", 70, False))


@dataclass(frozen=True, kw_only=True)
class LearnerPlan:
    """What the demonstration knows of a learner: who, how able (in logits), what is special."""

    source_id: str
    school: str
    grade: int
    ability: float
    case: str  # "", "no-evidence", "new", "withdrawn", "service", "exempt"


@dataclass(frozen=True, kw_only=True)
class District:
    """Everything that is set up before the first record comes."""

    schools: tuple[roster.School, ...]
    adults: tuple[roster.Adult, ...]
    learners: tuple[roster.Learner, ...]
    plans: tuple[LearnerPlan, ...]
    frameworks: tuple[framework.Framework, ...]
    competencies: tuple[framework.Competency, ...]
    policies: tuple[week.Policy, ...]
    rooms: dict[str, tuple[week.Room, ...]]
    offers: dict[str, tuple[week.Offer, ...]]
    absences: dict[str, tuple[week.Absence, ...]]


def school_name(school: str) -> str:
    """Return the resource name of a school."""
    return f"districts/{DISTRICT}/schools/{school}"


def adult_name(adult: str) -> str:
    """Return the resource name of an adult."""
    return f"districts/{DISTRICT}/adults/{adult}"


def competency_name(code: str) -> str:
    """Return the resource name of a competency."""
    return f"districts/{DISTRICT}/competencies/{code}"


def build_district(*, seed: int, as_of: date, monday: date) -> District:
    """Make the district. `as_of`: the day needs are read; `monday`: the day of the sessions."""
    draw = random.Random(seed)
    plans = tuple(_plans(draw))
    adults = tuple(_adults(draw))
    schools = (
        _school(MIDDLE, "Birchwood Middle School"),
        _school(ELEMENTARY, "Juniper Elementary School"),
    )
    return District(
        schools=schools,
        adults=adults,
        learners=tuple(_learner(draw, plan, as_of) for plan in plans),
        plans=plans,
        frameworks=(
            framework.Framework(
                name=f"districts/{DISTRICT}/frameworks/{FRAMEWORK}",
                display_name="Maple County Core",
            ),
        ),
        competencies=tuple(competencies()),
        policies=(_policy(schools[0], MIDDLE_SLOTS), _policy(schools[1], ELEMENTARY_SLOTS)),
        rooms={school: tuple(_rooms(school, adults)) for school in (MIDDLE, ELEMENTARY)},
        offers={school: tuple(_offers(school, adults)) for school in (MIDDLE, ELEMENTARY)},
        absences={MIDDLE: tuple(_absences(adults, monday)), ELEMENTARY: ()},
    )


def competencies() -> Iterator[framework.Competency]:
    """Read the competencies and their prerequisites from the data beside this module."""
    leading: dict[str, list[str]] = {}
    for edge in _table("prerequisites.csv"):
        leading.setdefault(edge["to_code"], []).append(competency_name(edge["from_code"]))
    for row in _table("competencies.csv"):
        yield framework.Competency(
            name=competency_name(row["code"]),
            framework=f"districts/{DISTRICT}/frameworks/{FRAMEWORK}",
            code=row["code"],
            label=row["label"],
            subject=row["subject"],
            grade=row["grade"],
            essential=row["essential"] == "1",
            prerequisites=leading.get(row["code"], []),
        )


@cache
def _names(name: str) -> list[str]:
    return (resources.files(__package__) / "data" / name).read_text("utf-8").split()


def _table(name: str) -> list[dict[str, str]]:
    text = (resources.files(__package__) / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _school(school: str, display_name: str) -> roster.School:
    return roster.School(name=school_name(school), display_name=display_name, time_zone=TIME_ZONE)


def _plans(draw: random.Random) -> Iterator[LearnerPlan]:
    """Yield the learners, the special cases of life among them at fixed places."""
    special = {
        **dict.fromkeys(range(40, 46), "no-evidence"),
        **dict.fromkeys(range(200, 205), "new"),
        **dict.fromkeys(range(400, 404), "withdrawn"),
        **dict.fromkeys(range(500, 512), "service"),
        **dict.fromkeys(range(700, 702), "exempt"),
    }
    for number in range(MIDDLE_LEARNERS):
        yield LearnerPlan(
            source_id=f"m{number:04d}",
            school=MIDDLE,
            grade=6 + number % 3,
            ability=draw.gauss(0.35, 0.8),
            case=special.get(number, ""),
        )
    for number in range(ELEMENTARY_LEARNERS):
        yield LearnerPlan(
            source_id=f"e{number:04d}",
            school=ELEMENTARY,
            grade=4 + number % 2,
            ability=draw.gauss(0.25, 0.8),
            case="no-evidence" if number == 10 else "",
        )


def _learner(draw: random.Random, plan: LearnerPlan, as_of: date) -> roster.Learner:
    withdrawn = plan.case == "withdrawn"
    enrolled = as_of - timedelta(days=5) if plan.case == "new" else date(as_of.year, 8, 3)
    return roster.Learner(
        source=ROSTER_SOURCE,
        source_id=plan.source_id,
        given_name=draw.choice(_names("given_names.txt")),
        family_name=draw.choice(_names("family_names.txt")),
        school=school_name(plan.school),
        grade=str(plan.grade),
        state=roster.Learner.STATE_WITHDRAWN if withdrawn else roster.Learner.STATE_ENROLLED,
        enrol_date=enrolled.isoformat(),
        withdraw_date=(as_of - timedelta(days=10)).isoformat() if withdrawn else "",
    )


def _adults(draw: random.Random) -> Iterator[roster.Adult]:
    families = draw.sample(_names("family_names.txt"), 60)
    number = 0
    yield roster.Adult(
        name=adult_name(PRINCIPAL),
        display_name="Dr. Ada Whitfield",
        school=school_name(MIDDLE),
        active=True,
    )
    for subject, count in MIDDLE_STAFF:
        for _ in range(count):
            yield _adult(number, families[number], MIDDLE, [subject])
            number += 1
    for _ in range(6):
        yield _adult(number, families[number], ELEMENTARY, ["math", "ela"])
        number += 1


def _adult(number: int, family: str, school: str, subjects: list[str]) -> roster.Adult:
    title = ("Ms.", "Mr.")[number % 2]
    return roster.Adult(
        name=adult_name(f"a{number:03d}"),
        display_name=f"{title} {family}",
        school=school_name(school),
        subjects=subjects,
        active=True,
    )


def _policy(school: roster.School, slots: tuple[tuple[str, str], ...]) -> week.Policy:
    """Return a school's policy with the defaults that docs/scheduling.md explains."""
    return week.Policy(
        name=f"{school.name}/policy",
        school_display_name=school.display_name,
        time_zone=school.time_zone,
        slots=[
            week.SlotTemplate(
                slot_id=f"mon-{number}",
                iso_weekday=1,
                start_clock=start,
                end_clock=end,
                label=f"WIN {number}",
            )
            for number, (start, end) in enumerate(slots, start=1)
        ],
        small_group_cap=8,
        one_to_one_cap=1,
        check_cap=15,
        enrichment_cap=28,
        session_minimum=2,
        floor_evidence_count=2,
        floor_day_count=2,
        floor_newest_days=30,
        floor_level_milli=3000,
        floor_at_least_eight_tenths_micro=700_000,
        preparations_per_day=2,
        need_seats_per_week=max(1, len(slots) // 2),
        reteach_share_milli=600,
    )


def _teachers(adults: tuple[roster.Adult, ...], school: str) -> list[roster.Adult]:
    return [each for each in adults if each.school == school_name(school) and each.subjects]


def _room_id(adult: roster.Adult) -> str:
    return "room-" + adult.name.rsplit("/", 1)[1]


def _rooms(school: str, adults: tuple[roster.Adult, ...]) -> Iterator[week.Room]:
    """Give every adult a room, and the middle school its halls."""
    for number, adult in enumerate(_teachers(adults, school)):
        yield week.Room(
            name=f"{school_name(school)}/rooms/{_room_id(adult)}",
            display_name=f"Room {101 + number}",
            capacity=28,
        )
    for name, capacity, shared in MIDDLE_HALLS if school == MIDDLE else (("Gym", 60, False),):
        yield week.Room(
            name=f"{school_name(school)}/rooms/{name.lower()}",
            display_name=name,
            capacity=capacity,
            shared=shared,
        )


def _offers(school: str, adults: tuple[roster.Adult, ...]) -> Iterator[week.Offer]:
    """Say what each adult can lead: groups and checks in math and ela, enrichment, a hall."""
    own = _teachers(adults, school)
    halls = MIDDLE_HALLS if school == MIDDLE else (("Gym", 60, False),)
    for number, adult in enumerate(own):
        yield from _classroom_offers(school, adult, number)
    hosts = [adult for adult in own if adult.subjects[0] in ("health", "social-studies")] or own[
        -1:
    ]
    for (hall, capacity, _), host in zip(halls, hosts, strict=False):
        yield _offer(
            school,
            host,
            f"{hall.lower()}-commons",
            week.SESSION_KIND_COMMONS,
            title=f"Open {hall.lower()}",
            room=hall.lower(),
            cap=capacity,
        )


def _classroom_offers(school: str, adult: roster.Adult, number: int) -> Iterator[week.Offer]:
    for subject in adult.subjects:
        if subject in ("math", "ela"):
            yield _offer(school, adult, f"group-{subject}", week.SESSION_KIND_SMALL_GROUP, subject)
            yield _offer(
                school,
                adult,
                f"check-{subject}",
                week.SESSION_KIND_CHECK,
                subject,
                title="Show what you know",
            )
        if subject == "support":
            yield _offer(
                school, adult, "service", week.SESSION_KIND_SERVICE, title="Learning support", cap=6
            )
    titles = ENRICHMENT_TITLES[adult.subjects[0]]
    yield _offer(
        school,
        adult,
        "enrichment",
        week.SESSION_KIND_ENRICHMENT,
        title=titles[number % len(titles)],
    )


def _offer(
    school: str,
    adult: roster.Adult,
    what: str,
    kind: week.SessionKind,
    subject: str = "",
    *,
    title: str = "",
    room: str = "",
    cap: int = 0,
) -> week.Offer:
    adult_id = adult.name.rsplit("/", 1)[1]
    return week.Offer(
        name=f"{school_name(school)}/offers/{adult_id}-{what}",
        adult=adult.name,
        room=f"{school_name(school)}/rooms/{room or _room_id(adult)}",
        kind=kind,
        subject=subject,
        title=title,
        cap=cap,
    )


def _absences(adults: tuple[roster.Adult, ...], monday: date) -> Iterator[week.Absence]:
    """One adult is away all day; in the fourth slot six more are, at a training."""
    middle = _teachers(adults, MIDDLE)
    for number, adult in enumerate([middle[3], *middle[5:35:5]]):
        yield week.Absence(
            name=f"{school_name(MIDDLE)}/absences/away-{number}",
            adult=adult.name,
            date=monday.isoformat(),
            slot_ids=[] if number == 0 else ["mon-4"],
        )


def pins(district: District, names: dict[str, str], monday: date) -> Iterator[week.Pin]:
    """Yield the pins: required services, and two learners who are off campus in the last slot.

    `names` gives each learner's resource name by source id.
    """
    service = [
        offer.name for offer in district.offers[MIDDLE] if offer.kind == week.SESSION_KIND_SERVICE
    ]
    cases = [plan for plan in district.plans if plan.case in ("service", "exempt")]
    for number, plan in enumerate(cases):
        pin = week.Pin(
            name=f"{school_name(MIDDLE)}/pins/pin-{plan.source_id}",
            learner=names[plan.source_id],
            date=monday.isoformat(),
        )
        if plan.case == "service":
            pin.slot_id = ("mon-1", "mon-2")[number // 6 % 2]
            pin.offer = service[number % len(service)]
            pin.service = True
            pin.reason = "Weekly support minutes"
        else:
            pin.slot_id = "mon-6"
            pin.exemption = "off-campus"
            pin.reason = "Leaves early on Mondays"
        yield pin
