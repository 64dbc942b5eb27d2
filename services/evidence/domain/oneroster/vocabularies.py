"""The vocabularies of OneRoster: words are case sensitive, and most can be extended by "ext:"."""

from typing import Final

STATUSES: Final = ("active", "tobedeleted")

ORG_TYPES: Final = ("department", "school", "district", "local", "state", "national")
SESSION_TYPES: Final = ("gradingPeriod", "semester", "schoolYear", "term")
CLASS_TYPES: Final = ("homeroom", "scheduled")
ROLE_TYPES: Final = ("primary", "secondary")
ROLES: Final = (
    "aide",
    "counselor",
    "districtAdministrator",
    "guardian",
    "parent",
    "principal",
    "proctor",
    "relative",
    "siteAdministrator",
    "student",
    "systemAdministrator",
    "teacher",
)
FORMER_ROLES: Final = (
    "administrator",
    "aide",
    "guardian",
    "parent",
    "proctor",
    "relative",
    "student",
    "teacher",
)
"""Of users in 1.1, and of resources in both."""

ENROLLMENT_ROLES: Final = ("administrator", "proctor", "student", "teacher")
SEXES: Final = ("male", "female", "unspecified", "other")
IMPORTANCES: Final = ("primary", "secondary")
SCORE_STATUSES: Final = (
    "exempt",
    "fully graded",
    "not submitted",
    "partially graded",
    "submitted",
)
CASE: Final = "case"
OBJECTIVE_SOURCES: Final = (CASE, "unknown")
