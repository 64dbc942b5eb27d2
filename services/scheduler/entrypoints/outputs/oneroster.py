"""A week as a package of OneRoster 1.2 in CSV: sessions are classes, seats are enrollments.

The package is a bulk one: what is not in it is not in the week. People and the school are named by
the ids that this service has and stand in no file of it, so it holds no name; a program matches
the ids with the roster that it has. Every row says its revision, and whether that is published, in
the extension columns that the standard allows at the end ("metadata....").
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from services.common.ids import NAMESPACE_TRELLIS, derive_id
from services.scheduler.domain.leads import sessions_led
from services.scheduler.domain.titles import NEUTRAL_TITLES
from services.scheduler.domain.week import Session
from services.scheduler.entrypoints.outputs.files import as_csv
from services.scheduler.handlers.weeks import Shown

FILES: Final = (
    *("academicSessions", "categories", "classes", "classResources", "courses", "courseResources"),
    *("demographics", "enrollments", "lineItemLearningObjectiveIds", "lineItems"),
    *("lineItemScoreScales", "orgs", "resources", "resultLearningObjectiveIds", "results"),
    *("resultScoreScales", "roles", "scoreScales", "userProfiles", "userResources", "users"),
)
"""Every file that a manifest of 1.2 names, in its order."""

_HEAD: Final = ("sourcedId", "status", "dateLastModified")
_TAIL: Final = ("metadata.trellisRevision", "metadata.trellisPublished")

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "academicSessions": ("title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    "orgs": ("name", "type", "identifier", "parentSourcedId"),
    "courses": (
        *("schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects"),
        "subjectCodes",
    ),
    "classes": (
        *("title", "grades", "courseSourcedId", "classCode", "classType", "location"),
        *("schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods"),
    ),
    "enrollments": (
        *("classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate"),
        "endDate",
    ),
}
"""The columns of the files that a week has, between those of every file."""

WEEK_DAYS: Final = 7
SUMMER: Final = 7
"""From this month on a date belongs to the school year that ends in the next."""

# A zip names a time for each file; one that never changes leaves the same bytes for a revision.
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)

Rows = Iterable[Sequence[str]]


def oneroster_zip(district: str, shown: Shown, school_name: str) -> bytes:
    """Return the package of a week; the same bytes for the same revision."""
    files = {name: _file(shown, name, rows) for name, rows in _rows(district, shown, school_name)}
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in {"manifest": _manifest(files), **files}.items():
            package.writestr(zipfile.ZipInfo(f"{name}.csv", _ZIP_TIME), text)
    return data.getvalue()


def _rows(district: str, shown: Shown, school_name: str) -> Iterable[tuple[str, Rows]]:
    week = shown.content.week
    school, monday = shown.view.school_id, week.monday
    term = f"week-{monday.isoformat()}"
    year = str(monday.year + (1 if monday.month >= SUMMER else 0))
    end = (monday + timedelta(days=WEEK_DAYS)).isoformat()
    title = f"Week of {monday.isoformat()}"
    yield "academicSessions", [[term, title, "term", monday.isoformat(), end, "", year]]
    yield "orgs", [[school, school_name, "school", school, ""]]
    offers = {one.offer_id: NEUTRAL_TITLES[one.kind] for one in week.sessions}
    yield (
        "courses",
        [[f"offer-{one}", "", offers[one], "", "", school, "", ""] for one in sorted(offers)],
    )
    yield "classes", [_class(one, school, term) for one in week.sessions]
    yield "enrollments", list(_enrollments(district, shown))


def _class(session: Session, school: str, term: str) -> list[str]:
    return [
        session.session_id,
        session.title,
        "",
        f"offer-{session.offer_id}",
        "",
        "scheduled",
        session.room_display_name,
        school,
        term,
        "",
        "",
        session.slot_id,
    ]


def _enrollments(district: str, shown: Shown) -> Rows:
    """Yield who leads and who sits in each session; an exemption is no enrollment."""
    school, week = shown.view.school_id, shown.content.week
    days = {one.session_id: one.date for one in week.sessions}
    leads = sessions_led(shown.content.problem, week.sessions)

    def row(session_id: str, user: str, role: str, *, is_first: bool = False) -> list[str]:
        day: date = days[session_id]
        name = derive_id(NAMESPACE_TRELLIS, "enrollment", district, school, session_id, role, user)
        primary = "true" if is_first else "false"
        until = (day + timedelta(days=1)).isoformat()
        return [str(name), session_id, school, user, role, primary, day.isoformat(), until]

    for session in week.sessions:
        for adult_id in leads[session.session_id]:
            first = adult_id == session.adult_id
            yield row(session.session_id, adult_id, "teacher", is_first=first)
    for seat in week.seats:
        if seat.session_id is not None:
            yield row(seat.session_id, seat.learner_id, "student")


def _file(shown: Shown, name: str, rows: Rows) -> str:
    marker = (str(shown.view.revision), "true" if shown.view.is_published else "false")
    return as_csv(
        [
            (*_HEAD, *COLUMNS[name], *_TAIL),
            # In bulk, status and dateLastModified stay empty.
            *((one[0], "", "", *one[1:], *marker) for one in rows),
        ]
    )


def _manifest(files: Mapping[str, str]) -> str:
    said = {
        "manifest.version": "1.0",
        "oneroster.version": "1.2",
        **{f"file.{name}": "bulk" if name in files else "absent" for name in FILES},
        "source.systemName": "Trellis",
        "source.systemCode": "trellis",
    }
    return as_csv([("propertyName", "value"), *said.items()])
