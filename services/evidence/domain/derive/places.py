"""Schools, terms and sections, derived from OneRoster's orgs, academic sessions and classes."""

import re
from datetime import timedelta

from services.evidence.domain.case.wording import SUBJECTS
from services.evidence.domain.derive.contents import (
    all_referred,
    entity_id,
    needed,
    needed_day,
    referred,
    text,
    texts,
)
from services.evidence.domain.roster import MAX_DISPLAY_NAME_LENGTH, School, Section, Term
from services.evidence.domain.source_object import SourceObject

_YEAR = re.compile(r"[0-9]{4}")

_KINDERGARTEN = frozenset({"KG", "K"})
"""Codes of Common Education Data Standards and what schools write."""


def school_of(org: SourceObject, *, time_zone: str, standing: School | None) -> School | None:
    """Return the school that an org is; None where it is a district or a department.

    time_zone: of the source, for a school that has none of its own yet: no standard carries it.
    """
    if text(org.content, "type") != "school":
        return None
    return School(
        id=entity_id(org.key.id),
        display_name=needed(org.content, "name")[:MAX_DISPLAY_NAME_LENGTH],
        time_zone=time_zone if standing is None else standing.time_zone,
    )


def term_of(session: SourceObject) -> Term:
    """Return the term that an academic session is."""
    content = session.content
    begin = needed_day(content, "startDate")
    # A session of one day whose end was written as that day: the end is not included elsewhere.
    last = max(begin, needed_day(content, "endDate") - timedelta(days=1))
    year = text(content, "schoolYear")
    return Term(
        id=entity_id(session.key.id),
        display_name=needed(content, "title")[:MAX_DISPLAY_NAME_LENGTH],
        kind=text(content, "type"),
        begin_date=begin,
        last_date=last,
        school_year=int(year) if _YEAR.fullmatch(year) else last.year,
        parent_id=_id_or_empty(referred(content, "parent")),
        active=not session.deleted,
    )


def section_of(section: SourceObject, course: SourceObject | None) -> Section:
    """Return the section that a class is. course: absent where it is not known (yet)."""
    content = section.content
    subjects = texts(content, "subjects")
    course_code = ""
    if course is not None:
        course_code = text(course.content, "courseCode")
        subjects = subjects or texts(course.content, "subjects")
    grades = texts(content, "grades")
    return Section(
        id=entity_id(section.key.id),
        display_name=needed(content, "title")[:MAX_DISPLAY_NAME_LENGTH],
        school_id=entity_id(referred(content, "school")),
        course_code=course_code[:64],
        subject=subject_of(subjects[0]) if subjects else "",
        grade=grade_of(grades[0]) if grades else "",
        term_ids=tuple(sorted({entity_id(one) for one in all_referred(content, "terms")})),
        periods=texts(content, "periods"),
        active=not section.deleted,
    )


def subject_of(word: str) -> str:
    """Return a subject as competencies have it: the same word, whoever names it."""
    plain = word.strip().lower()
    return SUBJECTS.get(plain, plain)[:64]


def grade_of(code: str) -> str:
    """Return a grade as schools write it: "06" is 6, "KG" is K."""
    if code.upper() in _KINDERGARTEN:
        return "K"
    stripped = code.lstrip("0")
    return (stripped if code.isdigit() and stripped else code)[:16]


def _id_or_empty(source_id: str) -> str:
    return entity_id(source_id) if source_id else ""
