"""A small middle school as its systems have it: people, classes, what learners have shown.

60 learners in two math and two English classes, and ten adults. It talks to nobody but through the
calls that are handed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from trellis.evidence.v1 import evidence_pb2 as evidence
from trellis.evidence.v1 import evidence_service_pb2 as evidence_service
from trellis.evidence.v1.evidence_service_pb2_grpc import EvidenceServiceStub
from trellis.framework.v1 import framework_pb2 as framework
from trellis.framework.v1 import framework_service_pb2 as framework_service
from trellis.framework.v1.framework_service_pb2_grpc import FrameworkServiceStub
from trellis.roster.v1 import roster_pb2 as roster
from trellis.roster.v1 import roster_service_pb2 as roster_service
from trellis.roster.v1.roster_service_pb2_grpc import RosterServiceStub

from deploy.demo.district import competencies, competency_name
from deploy.demo.school import DISTRICT, words
from deploy.local.tokens import DEVELOPMENT_LEARNER_KEY, Grant
from services.evidence.adapters.learner_keys import LearnerKeys
from services.evidence.domain.roster import FirstAlias
from tests.support.oneroster import files_of, write_zip

SCHOOL_ID = "alder"
SCHOOL = f"districts/{DISTRICT}/schools/{SCHOOL_ID}"
ZONE = ZoneInfo("America/New_York")
SOURCE = "sis"
FAMILY = f"districts/{DISTRICT}/families/fam-1"
SERVICE = "speech"

LEARNERS = 60

ADULTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "principal": ("Dr. Ada Whitfield", ()),
    "office": ("Mr. Omar Lund", ()),
    "counselor": ("Ms. Carla Benitez", ()),
    "specialist": ("Ms. Sofia Marsh", ()),
    "math-1": ("Mr. Pavel Novak", ("math",)),
    "math-2": ("Ms. Ruth Adeyemi", ("math",)),
    "ela-1": ("Ms. Jane Okafor", ("ela",)),
    "ela-2": ("Mr. Tom Reyes", ("ela",)),
    "science": ("Ms. Hana Sato", ("science",)),
    "arts": ("Mr. Leo Bright", ("arts",)),
}
"""By id: what the roster calls them, and what they teach."""
NAMED = ("math-1", "ela-1", "science", "math-2", "ela-2", "arts")
"""The named adults, each of ten learners in a row."""
CLASSES: Mapping[str, tuple[str, int]] = {
    "math-1": ("math", 0),
    "ela-1": ("ela", 0),
    "math-2": ("math", 30),
    "ela-2": ("ela", 30),
}
"""By teacher: the subject of their class, and the first of its 30 learners."""
CLASS_SIZE = 30
MATH = ("6.RP.A.1", "6.RP.A.2", "6.NS.B.3", "6.EE.A.2")
ELA = ("RI.6.1", "RI.6.2", "RL.6.2")
ITEMS = 4
SLOTS = (("mon-1", "09:00", "09:40"), ("mon-2", "09:45", "10:25"))


def adult_name(adult: str) -> str:
    """Return the resource name of an adult."""
    return f"districts/{DISTRICT}/adults/{adult}"


def in_school(kind: str, name: str) -> str:
    """Return the resource name of what the school has: a room, an offer, a setting."""
    return f"{SCHOOL}/{kind}/{name}"


def learner_ids() -> list[str]:
    """Return the ids that the roster gives the learners."""
    keys = LearnerKeys({DISTRICT: bytes.fromhex(DEVELOPMENT_LEARNER_KEY)})
    aliases = [FirstAlias(source=SOURCE, source_id=_source_id(one)) for one in range(LEARNERS)]
    found = keys.derive(DISTRICT, aliases)
    return [found[one] for one in aliases]


def _source_id(number: int) -> str:
    return f"u{number:03d}"


def named_adult_of(number: int) -> str:
    """Return the named adult of a learner."""
    return NAMED[number // 10]


def grants() -> list[Grant]:
    """Return a token for everybody of the school who acts: by role, learner or family."""
    every = ("roster.read", "schedule.read", "schedule.write", "schedule.publish")
    own = ("schedule.read", "schedule.write")
    found = [
        Grant(name=one, district=DISTRICT, scopes=every, person=adult_name(one))
        for one in ADULTS
        if one != "principal"
    ]
    found += [
        Grant(name=f"learner-{number}", district=DISTRICT, scopes=own, person=_learner_name(one))
        for number, one in enumerate(learner_ids())
    ]
    return [*found, Grant(name="family", district=DISTRICT, scopes=own, person=FAMILY)]


def learner_names() -> list[str]:
    """Return the resource names of the learners."""
    return [_learner_name(one) for one in learner_ids()]


def _learner_name(learner_id: str) -> str:
    return f"districts/{DISTRICT}/learners/{learner_id}"


def package(directory: Path, monday: date) -> Path:
    """Write the OneRoster package of the district's SIS: people, classes and who is in them."""
    begin, end = monday - timedelta(days=90), monday + timedelta(days=120)
    given, family = words("given_names.txt"), words("family_names.txt")
    learners = [
        {
            "sourcedId": _source_id(number),
            "enabledUser": "true",
            "username": _source_id(number),
            "givenName": given[number * 7 % len(given)],
            "familyName": family[number * 11 % len(family)],
            "grades": "06",
        }
        for number in range(LEARNERS)
    ]
    staff = [
        {
            "sourcedId": one,
            "enabledUser": "true",
            "username": one,
            "givenName": name.split()[1],
            "familyName": name.split()[-1],
        }
        for one, (name, _) in ADULTS.items()
    ]
    tables: dict[str, list[dict[str, str]]] = {
        "orgs": [{"sourcedId": SCHOOL_ID, "name": "Alder Middle School", "type": "school"}],
        "academicSessions": [
            {
                "sourcedId": "year",
                "title": "Year",
                "type": "schoolYear",
                "startDate": begin.isoformat(),
                "endDate": end.isoformat(),
                "schoolYear": str(end.year),
            }
        ],
        "courses": [
            {"sourcedId": one, "title": one.title(), "orgSourcedId": SCHOOL_ID, "subjects": one}
            for one in ("math", "ela")
        ],
        "classes": [
            {
                "sourcedId": f"class-{teacher}",
                "title": f"{subject} {first}",
                "courseSourcedId": subject,
                "classType": "scheduled",
                "schoolSourcedId": SCHOOL_ID,
                "termSourcedIds": "year",
            }
            for teacher, (subject, first) in CLASSES.items()
        ],
        "users": [*learners, *staff],
        "roles": [
            {
                "sourcedId": f"role-{one['sourcedId']}",
                "userSourcedId": one["sourcedId"],
                "roleType": "primary",
                "role": "student" if one in learners else "teacher",
                "orgSourcedId": SCHOOL_ID,
            }
            for one in (*learners, *staff)
        ],
        "enrollments": list(_enrollments()),
    }
    return write_zip(directory / "roster.zip", files_of(tables))


def _enrollments() -> Iterator[dict[str, str]]:
    for teacher, (_, first) in CLASSES.items():
        members = [(teacher, "teacher")]
        members += [(_source_id(first + one), "student") for one in range(CLASS_SIZE)]
        for person, role in members:
            yield {
                "sourcedId": f"{teacher}-{person}",
                "classSourcedId": f"class-{teacher}",
                "schoolSourcedId": SCHOOL_ID,
                "userSourcedId": person,
                "role": role,
            }


async def register(people_of: RosterServiceStub, targets: FrameworkServiceStub) -> None:
    """Send what no roster file has: what adults teach, and what there is to learn."""
    await people_of.BatchUpsertAdults(
        roster_service.BatchUpsertAdultsRequest(
            adults=[
                roster.Adult(
                    name=adult_name(one),
                    display_name=name,
                    school=SCHOOL,
                    subjects=subjects,
                    active=True,
                )
                for one, (name, subjects) in ADULTS.items()
            ]
        )
    )
    core = framework.Framework(
        name=f"districts/{DISTRICT}/frameworks/maple-county-core", display_name="Maple County Core"
    )
    await targets.BatchUpsertFrameworks(
        framework_service.BatchUpsertFrameworksRequest(frameworks=[core])
    )
    every = [one for one in competencies() if one.code in (*MATH, *ELA)]
    await targets.BatchUpsertCompetencies(
        framework_service.BatchUpsertCompetenciesRequest(
            competencies=[_alone(one) for one in every]
        )
    )


def _alone(one: framework.Competency) -> framework.Competency:
    """Return a competency without those before it, which the school does not have."""
    kept = framework.Competency()
    kept.CopyFrom(one)
    kept.ClearField("prerequisites")
    return kept


def records(monday: date) -> list[evidence.Record]:
    """Return what the LMS has of the two weeks before: three quizzes of each learner, some weak."""
    return [
        record
        for number, learner in enumerate(learner_names())
        for place, code in enumerate((MATH[number % 4], MATH[(number + 1) % 4], ELA[number % 3]))
        for record in _quiz(monday, learner, number, place, code)
    ]


def _quiz(
    monday: date, learner: str, number: int, place: int, code: str
) -> Iterator[evidence.Record]:
    """Yield the items of two days on one competency; two of three learners lack some of it."""
    right = (1, 4, 2)[(number + place) % 3]
    for item in range(ITEMS):
        entity = f"{_source_id(number)}-{code}-{item}"
        record = evidence.Record(
            event_id=f"lms-{entity}",
            source="lms",
            entity_id=entity,
            version=1,
            learner=learner,
            kind=evidence.KIND_QUIZ,
            purpose=evidence.PURPOSE_FORMATIVE,
            dok=2,
            item=f"{code}-{item}",
            assessment=f"quiz-{code}",
            assessment_items_on_competency=ITEMS,
        )
        day = monday - timedelta(days=12 if item % 2 else 10)
        record.occur_time.FromDatetime(datetime.combine(day, time(10, item), ZONE).astimezone(UTC))
        record.alignments.add(competency=competency_name(code), weight_milli=1000)
        record.score.points.possible_milli = 1000
        record.score.points.earned_milli = 1000 if item < right else 0
        yield record


async def send(ledger: EvidenceServiceStub, sent: Sequence[evidence.Record]) -> None:
    """Send records; each must be accepted."""
    for start in range(0, len(sent), 500):
        answer = await ledger.RecordEvidenceBatch(
            evidence_service.RecordEvidenceBatchRequest(records=sent[start : start + 500])
        )
        outcomes = {one.outcome for one in answer.answers}
        assert outcomes == {evidence.RecordAnswer.OUTCOME_ACCEPTED}, answer.answers[:3]
