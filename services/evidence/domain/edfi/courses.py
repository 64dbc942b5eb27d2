"""Courses and their offerings, both as OneRoster's courses.

A section belongs to an offering (a course as one school gives it in one session), and knows the
course only through it. So an offering is a course of its own, and names the course that it offers
in its metadata.
"""

from typing import Final

from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.ids import id_by_key
from services.evidence.domain.edfi.objects import reading_of, reference_to
from services.evidence.domain.edfi.organisations import org_of
from services.evidence.domain.edfi.words import grades_of, subjects_of
from services.evidence.domain.source_object import Json, Reading, SourceSettings

COURSE: Final = "edfi.course"
"""In the metadata of an offering: the id of the course that it offers."""


def read_course(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the course."""
    content: dict[str, Json] = {
        "title": document.needed("courseTitle"),
        "courseCode": document.needed("courseCode"),
        "org": reference_to(org_of(document, "educationOrganizationReference"), "org"),
        "grades": list(grades_of(document.each("offeredGradeLevels"))),
        "subjects": list(subjects_of(document)),
    }
    return reading_of("courses", document, {name: one for name, one in content.items() if one})


def read_offering(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the course that an offering is."""
    course = document.inner("courseReference")
    content: dict[str, Json] = {
        "title": document.text("localCourseTitle") or course.needed("courseCode"),
        "courseCode": document.needed("localCourseCode"),
        "org": reference_to(org_of(document, "schoolReference"), "org"),
        "grades": list(grades_of(document.each("offeredGradeLevels"))),
        "metadata": {COURSE: id_by_key("courses", course.values)},
    }
    return reading_of(
        "courseOfferings", document, {name: one for name, one in content.items() if one}
    )
