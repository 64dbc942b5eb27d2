"""A school as the demonstration sets it up: adults, rooms, offers and the rules of its week.

What stands here holds for the made-up district and for the schools of a response log alike. It
must not talk to any service; `drive.py` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources

from trellis.roster.v1 import roster_pb2 as roster
from trellis.scheduler.v1 import people_pb2 as people
from trellis.scheduler.v1 import week_pb2 as week

DISTRICT = "maple-county"
PRINCIPAL = "principal"
TIME_ZONE = "America/New_York"

# Large rooms: name, capacity, whether several sessions may share it.
Hall = tuple[str, int, bool]

# Monday of the middle school: the first slot is advisory, the six others are WIN. The clock is
# that of a real middle school of seven times 50 minutes with five minutes between them.
MIDDLE_SLOTS = (
    ("09:10", "10:00"),
    ("10:05", "10:55"),
    ("11:00", "11:50"),
    ("12:45", "13:35"),
    ("13:40", "14:30"),
    ("14:35", "15:25"),
)
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
MIDDLE_HALLS = (("Gym", 120, False), ("Commons", 110, False), ("Library", 70, False))


def school_name(school: str) -> str:
    """Return the resource name of a school."""
    return f"districts/{DISTRICT}/schools/{school}"


def adult_name(adult: str) -> str:
    """Return the resource name of an adult."""
    return f"districts/{DISTRICT}/adults/{adult}"


def competency_name(code: str) -> str:
    """Return the resource name of a competency."""
    return f"districts/{DISTRICT}/competencies/{code}"


@cache
def words(name: str) -> list[str]:
    """Return the words of a file beside this module, such as family names."""
    return (resources.files(__package__) / "data" / name).read_text("utf-8").split()


def adult_of(number: int, family: str, school: str, subjects: Sequence[str]) -> roster.Adult:
    """Return an adult of a school by a number that no other has in the district."""
    title = ("Ms.", "Mr.")[number % 2]
    return roster.Adult(
        name=adult_name(f"a{number:03d}"),
        display_name=f"{title} {family}",
        school=school_name(school),
        subjects=subjects,
        active=True,
    )


def principal_of(school: roster.School) -> people.StaffMember:
    """Return the entry by which the person of the principal's token leads a school.

    The roster has them at one of the schools; by the entry they act at the others too.
    """
    return people.StaffMember(
        name=f"{school.name}/staffMembers/{PRINCIPAL}", roles=[people.STAFF_ROLE_PRINCIPAL]
    )


def policy_of(school: roster.School, slots: tuple[tuple[str, str], ...]) -> week.Policy:
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


def teachers(adults: Iterable[roster.Adult], school: str) -> list[roster.Adult]:
    """Return the adults of a school who teach."""
    return [each for each in adults if each.school == school_name(school) and each.subjects]


def _room_id(adult: roster.Adult) -> str:
    return "room-" + adult.name.rsplit("/", 1)[1]


def rooms_of(
    school: str, adults: Iterable[roster.Adult], halls: Sequence[Hall]
) -> Iterator[week.Room]:
    """Give every adult of a school a room, and the school its halls."""
    for number, adult in enumerate(teachers(adults, school)):
        yield week.Room(
            name=f"{school_name(school)}/rooms/{_room_id(adult)}",
            display_name=f"Room {101 + number}",
            capacity=28,
        )
    for name, capacity, shared in halls:
        yield week.Room(
            name=f"{school_name(school)}/rooms/{name.lower()}",
            display_name=name,
            capacity=capacity,
            shared=shared,
        )


def offers_of(
    school: str, adults: Iterable[roster.Adult], halls: Sequence[Hall]
) -> Iterator[week.Offer]:
    """Say what each adult can lead: groups and checks in math and ela, enrichment, a hall."""
    own = teachers(adults, school)
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
