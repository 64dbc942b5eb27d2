"""A made-up district: two schools, their people, rooms and offers, all from one seed.

The same seed gives the same district on every machine, so that two demonstrations end in the same
hashes. It must not talk to any service; `drive.py` does.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib import resources

from trellis.framework.v1 import framework_pb2 as framework
from trellis.roster.v1 import roster_pb2 as roster
from trellis.scheduler.v1 import people_pb2 as people
from trellis.scheduler.v1 import week_pb2 as week

from deploy.demo.school import (
    DISTRICT,
    MIDDLE_HALLS,
    MIDDLE_SLOTS,
    MIDDLE_STAFF,
    PRINCIPAL,
    TIME_ZONE,
    Hall,
    adult_name,
    adult_of,
    competency_name,
    offers_of,
    policy_of,
    rooms_of,
    school_name,
    teachers,
    words,
)

__all__ = [
    "MIDDLE",
    "TIME_ZONE",
    "District",
    "LearnerPlan",
    "build_district",
    "competency_name",
    "learner_settings_of",
    "pins",
    "school_name",
]

MIDDLE = "birchwood-middle"
ELEMENTARY = "juniper-elementary"
FRAMEWORK = "maple-county-core"
ROSTER_SOURCE = "sis"

MIDDLE_LEARNERS = 853
ELEMENTARY_LEARNERS = 94

# Monday of the elementary school: one half hour before lunch and one after, as many schools do.
ELEMENTARY_SLOTS = (("09:30", "10:00"), ("13:00", "13:30"))
HALLS: dict[str, tuple[Hall, ...]] = {MIDDLE: MIDDLE_HALLS, ELEMENTARY: (("Gym", 60, False),)}


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
        policies=(policy_of(schools[0], MIDDLE_SLOTS), policy_of(schools[1], ELEMENTARY_SLOTS)),
        rooms={school: tuple(rooms_of(school, adults, halls)) for school, halls in HALLS.items()},
        offers={school: tuple(offers_of(school, adults, halls)) for school, halls in HALLS.items()},
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
        given_name=draw.choice(words("given_names.txt")),
        family_name=draw.choice(words("family_names.txt")),
        school=school_name(plan.school),
        grade=str(plan.grade),
        state=roster.Learner.STATE_WITHDRAWN if withdrawn else roster.Learner.STATE_ENROLLED,
        enrol_date=enrolled.isoformat(),
        withdraw_date=(as_of - timedelta(days=10)).isoformat() if withdrawn else "",
    )


def _adults(draw: random.Random) -> Iterator[roster.Adult]:
    families = draw.sample(words("family_names.txt"), 60)
    number = 0
    yield roster.Adult(
        name=adult_name(PRINCIPAL),
        display_name="Dr. Ada Whitfield",
        school=school_name(MIDDLE),
        active=True,
    )
    for subject, count in MIDDLE_STAFF:
        for _ in range(count):
            yield adult_of(number, families[number], MIDDLE, [subject])
            number += 1
    for _ in range(6):
        yield adult_of(number, families[number], ELEMENTARY, ["math", "ela"])
        number += 1


def _absences(adults: tuple[roster.Adult, ...], monday: date) -> Iterator[week.Absence]:
    """One adult is away all day; in the fourth slot six more are, at a training."""
    middle = teachers(adults, MIDDLE)
    for number, adult in enumerate([middle[3], *middle[5:35:5]]):
        yield week.Absence(
            name=f"{school_name(MIDDLE)}/absences/away-{number}",
            adult=adult.name,
            date=monday.isoformat(),
            slot_ids=[] if number == 0 else ["mon-4"],
        )


def learner_settings_of(
    school: roster.School, district: District, names: Mapping[str, str]
) -> Iterator[people.LearnerSetting]:
    """Yield a setting for each learner of a school: the teachers look after them in turn.

    `names` gives each learner's resource name by source id; who is not in it is left out.
    """
    named = teachers(district.adults, school.name.rsplit("/", 1)[1])
    own = [one for one in district.learners if one.school == school.name]
    for number, learner in enumerate(one for one in own if one.source_id in names):
        learner_id = names[learner.source_id].rsplit("/", 1)[1]
        yield people.LearnerSetting(
            name=f"{school.name}/learnerSettings/{learner_id}",
            named_adult=named[number % len(named)].name,
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
