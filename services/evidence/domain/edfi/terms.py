"""School years, sessions, grading periods and calendar dates.

Ed-Fi's last day is the last day; OneRoster's end is the day after it.
"""

from datetime import date, timedelta
from typing import Final

from services.evidence.domain.edfi.fields import Fields, kept
from services.evidence.domain.edfi.ids import id_by_key
from services.evidence.domain.edfi.objects import reading_of, reference_to
from services.evidence.domain.edfi.organisations import org_of
from services.evidence.domain.source_object import Json, Reading, SourceSettings

_FIRST_MONTH: Final = 7
"""Ed-Fi's school year has a number and no dates. It is taken as that of American schools: from the
first of July of the year before to the last of June."""


def read_school_year(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the academic session that a school year is."""
    year = document.year("schoolYear")
    content: dict[str, Json] = {
        "title": document.text("schoolYearDescription") or f"{year - 1}-{year}",
        "type": "schoolYear",
        "startDate": date(year - 1, _FIRST_MONTH, 1).isoformat(),
        "endDate": date(year, _FIRST_MONTH, 1).isoformat(),
        "schoolYear": str(year),
    }
    return reading_of("schoolYearTypes", document, content)


def read_session(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the academic session that a session is; its grading periods are its children."""
    org_of(document, "schoolReference")
    term = document.code("termDescriptor").lower()
    content = _span(document, document.needed("sessionName"))
    content["type"] = "semester" if "semester" in term else "term"
    periods = [
        reference_to(
            id_by_key("gradingPeriods", one.inner("gradingPeriodReference").values),
            "academicSession",
        )
        for one in document.each("gradingPeriods")
    ]
    if periods:
        content["children"] = periods
    return reading_of("sessions", document, content)


def read_grading_period(document: Fields, _settings: SourceSettings) -> Reading:
    """Return the academic session that a grading period is."""
    org_of(document, "schoolReference")
    title = document.text("gradingPeriodName") or document.code("gradingPeriodDescriptor")
    content = _span(document, title or document.needed("gradingPeriodName"))
    content["type"] = "gradingPeriod"
    return reading_of("gradingPeriods", document, content)


def read_calendar_date(document: Fields, _settings: SourceSettings) -> Reading:
    """Return a calendar date, which is kept as Ed-Fi's own."""
    document.needed_day("date")
    return reading_of("calendarDates", document, kept(document.values))


def exclusive_end(fields: Fields, last: str) -> str:
    """Return the day after a last day, as OneRoster writes an end; empty where there is none.

    Ed-Fi recommends that a last day is part of the span, and leaves it to each state.
    """
    day = fields.day(last)
    return "" if day is None else (day + timedelta(days=1)).isoformat()


def term_reference(fields: Fields) -> dict[str, Json]:
    """Return a reference to the session that a reference of a section or an offering names."""
    return reference_to(id_by_key("sessions", fields.values), "academicSession")


def _span(document: Fields, title: str) -> dict[str, Json]:
    begin = document.needed_day("beginDate")
    if document.needed_day("endDate") < begin:
        raise document.malformed("endDate", "is before beginDate")
    return {
        "title": title,
        "startDate": begin.isoformat(),
        "endDate": exclusive_end(document, "endDate"),
        "schoolYear": str(document.inner("schoolYearTypeReference").year("schoolYear")),
    }
