"""Ed-Fi's descriptors in the words of OneRoster, of CASE and of Trellis.

A descriptor is a URI, its meaning the code behind "#". States add codes of their own; what a table
does not know stays the source's own word or says nothing, it is never guessed. Codes are compared
without regard to case, as real ones differ in it.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.model import Kind, Purpose
from services.evidence.domain.source_object import SourceSettings

_ORDINALS: Final = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
)

GRADES: Final[Mapping[str, str]] = {
    "infant/toddler": "IT",
    "preschool/prekindergarten": "PK",
    "prekindergarten": "PK",
    "transitional kindergarten": "TK",
    "kindergarten": "KG",
    "k": "KG",
    **{f"{word} grade": f"{number:02}" for number, word in enumerate(_ORDINALS, start=1)},
    **{f"{number}": f"{number:02}" for number in range(1, 14)},
    **{f"{number:02}": f"{number:02}" for number in range(1, 10)},
    "grade 13": "13",
    "postsecondary": "PS",
    "ungraded": "UG",
    "other": "Other",
}
"""CEDS codes of grade levels, which OneRoster and CASE use. "No grade level" has none."""

NO_GRADE: Final = frozenset({"", "no grade level"})

STAFF_ROLES: Final[Mapping[str, str]] = {
    "teacher": "teacher",
    "substitute teacher": "teacher",
    "teacher aide": "aide",
    "instructional aide": "aide",
    "instructional coordinator": "ext:instructionalCoordinator",
    "counselor": "counselor",
    "principal": "principal",
    "assistant principal": "siteAdministrator",
    "school administrator": "siteAdministrator",
    "school leader": "siteAdministrator",
    "superintendent": "districtAdministrator",
    "assistant superintendent": "districtAdministrator",
    "lea administrator": "districtAdministrator",
    "lea system administrator": "systemAdministrator",
}
"""OneRoster's role of a staff classification; a classification that is not here is OTHER_ROLE."""

OTHER_ROLE: Final = "ext:staff"

TEACHER_OF_RECORD: Final = "teacher of record"

EXACT_MATCH: Final = frozenset({"equivalent"})
"""Strengths of equivalence that say the same; weaker ones ("mostly equivalent") only relate."""

LEVELS_MILLI: Final[Mapping[str, int]] = {
    "advanced": 4_000,
    "proficient": 3_000,
    "basic": 2_000,
    "below basic": 1_000,
    "well below basic": 1_000,
}
"""Ed-Fi's own scale of performance, in thousandths of a rubric level. Its other levels ("Met
Standard", "Pass") say on which side of one line a learner is, not how far, and are not taken."""

RIGHT: Final = frozenset({"correct", "met standard", "above standard"})
WRONG: Final = frozenset({"incorrect", "did not meet standard", "did not meet", "below standard"})
UNSCORED: Final = frozenset(
    {"no response", "nonscorable response", "non-scorable response", "not scored"}
)
"""Results of an item: all of its points, none of them, and nothing that was scored. No response is
no zero, unless the raw score beside it says so."""

RAW_SCORE: Final = frozenset({"raw score", "number score"})
PERCENT_CORRECT: Final = frozenset(
    {"percent correct", "percentage correct", "percent score", "percentage"}
)
"""Reporting methods whose score is a share of what can be had. Percentiles compare learners with
each other, and scale scores, Lexiles and the like have a scale of their own: none is a share."""

_EXTERNAL: Final = (Purpose.EXTERNAL_SUMMATIVE, Kind.TEST)

_CATEGORIES: Final[Mapping[str, tuple[Purpose, Kind]]] = {
    "benchmark test": (Purpose.FORMATIVE, Kind.TEST),
    "interim": (Purpose.FORMATIVE, Kind.TEST),
    "diagnostic": (Purpose.FORMATIVE, Kind.TEST),
    "formative": (Purpose.FORMATIVE, Kind.UNSPECIFIED),
    "class quiz": (Purpose.FORMATIVE, Kind.QUIZ),
    "class test": (Purpose.SUMMATIVE, Kind.TEST),
    "developmental observation": (Purpose.FORMATIVE, Kind.OBSERVATION),
    "performance assessment": (Purpose.SUMMATIVE, Kind.PERFORMANCE_TASK),
    "portfolio assessment": (Purpose.SUMMATIVE, Kind.PORTFOLIO),
    "achievement test": _EXTERNAL,
    "advanced placement": _EXTERNAL,
    "international baccalaureate": _EXTERNAL,
    "college entrance exam": _EXTERNAL,
}
_STATE: Final = "state "
"""What every category of a state's own assessments begins with."""


def grade_of(code: str) -> str:
    """Return the CEDS code of a grade level, the source's word where there is none."""
    known = code.lower()
    return "" if known in NO_GRADE else GRADES.get(known, code)


def grades_of(levels: Iterable[Fields]) -> list[str]:
    """Return the distinct grade levels of a list of descriptors, in the order of the list."""
    codes = (grade_of(one.code("gradeLevelDescriptor")) for one in levels)
    return [code for code in dict.fromkeys(codes) if code]


def subjects_of(fields: Fields) -> list[str]:
    """Return the academic subjects; before Data Standard 5 some resources had only one."""
    codes = [one.code("academicSubjectDescriptor") for one in fields.each("academicSubjects")]
    codes.append(fields.code("academicSubjectDescriptor"))
    return [code for code in dict.fromkeys(codes) if code]


def purpose_and_kind(category: str, settings: SourceSettings) -> tuple[Purpose, Kind]:
    """Return what an assessment of this category is for, and how learners show it.

    What the settings say of the category comes first.
    """
    known = category.lower()
    default = (Purpose.UNSPECIFIED, Kind.UNSPECIFIED)
    purpose, kind = _CATEGORIES.get(known, _EXTERNAL if known.startswith(_STATE) else default)
    return settings.purposes.get(category, purpose), settings.kinds.get(category, kind)
