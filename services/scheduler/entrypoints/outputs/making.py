"""Makes each output of one revision: the table from an output's path to what makes it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from services.scheduler.domain.errors import NotFoundError
from services.scheduler.domain.feed import FeedKind, Subject
from services.scheduler.domain.people import Names
from services.scheduler.domain.policy import FAMILY_LANGUAGES, PAPERS, SchoolPolicy
from services.scheduler.domain.revision import Revision
from services.scheduler.entrypoints.outputs import cards, family, printed
from services.scheduler.entrypoints.outputs.attendance import attendance_csv
from services.scheduler.entrypoints.outputs.calendars import Whose, calendar_of
from services.scheduler.entrypoints.outputs.files import changes_json, week_csv, week_json
from services.scheduler.entrypoints.outputs.oneroster import oneroster_zip
from services.scheduler.entrypoints.outputs.paper import Frame, Printer
from services.scheduler.entrypoints.outputs.placed import PublishedWeek, placed_of
from services.scheduler.entrypoints.outputs.printed import Press
from services.scheduler.entrypoints.outputs.registry import Output
from services.scheduler.entrypoints.pages.editions import day
from services.scheduler.handlers.meanwhile import NOTHING_SINCE, Meanwhile
from services.scheduler.handlers.weeks import Shown
from services.scheduler.ports.attendance import AttendanceRow


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a request says beside the week. `subject_id`: whose; empty: everybody's.

    `paper` and `language` are empty where it leaves them to server and school.
    """

    subject_id: str = ""
    paper: str = ""
    language: str = ""
    on: date | None = None
    since: int = 0
    """The revision that the caller has; 0: the whole is asked for."""


def completed(asked: Asked, policy: SchoolPolicy, paper: str) -> Asked:
    """Return what is asked for, with paper and language; `paper`: of the server, empty: none.

    Who asks comes first; then the server, which knows its printers; then the school.
    """
    return replace(
        asked,
        paper=asked.paper or paper or policy.paper or PAPERS[0],
        language=asked.language or policy.family_language or FAMILY_LANGUAGES[0],
    )


@dataclass(frozen=True, kw_only=True)
class Job:
    """Everything that an output is made of."""

    output: Output
    asked: Asked
    district: str
    policy: SchoolPolicy
    state: str
    shown: Shown
    names: Names
    since: Shown | None = None
    marks: Sequence[AttendanceRow] = field(default=())
    meanwhile: Meanwhile = NOTHING_SINCE

    @property
    def is_for_every_learner(self) -> bool:
        """Whether each learner of the school has a sheet in it: that takes seconds."""
        return self.output.subject == "learner" and self.wanted is None

    @property
    def wanted(self) -> tuple[str, ...] | None:
        """Whose sheets are asked for; None: everybody's."""
        return (self.asked.subject_id,) if self.asked.subject_id else None


def made(job: Job, printer: Printer) -> bytes:
    """Return the bytes of an output; raises NotFoundError where nobody of that id is in it."""
    if job.output.template:
        return _pdf(job, printer)
    if job.output.path in KINDS:
        return _calendar(job, KINDS[job.output.path])
    made_of = FILES[job.output.path](job)
    return made_of if isinstance(made_of, bytes) else made_of.encode()


def _week_json(job: Job) -> str:
    if job.since is not None:
        return changes_json(job.district, job.shown, job.since)
    return week_json(job.district, job.shown)


FILES: Final[Mapping[str, Callable[[Job], str | bytes]]] = {
    "week.csv": lambda job: week_csv(job.shown, job.since),
    "week.json": _week_json,
    "oneroster.zip": lambda job: oneroster_zip(
        job.district, job.shown, job.policy.school_display_name
    ),
    "attendance.csv": lambda job: attendance_csv(job.shown, job.marks),
}
KINDS: Final = {
    "calendars/learner.ics": FeedKind.LEARNER,
    "calendars/adult.ics": FeedKind.ADULT,
    "calendars/room.ics": FeedKind.ROOM,
    "calendars/school.ics": FeedKind.SCHOOL,
}


def _pdf(job: Job, printer: Printer) -> bytes:
    def press(names: Names) -> Press:
        return Press(job.shown.content, names, job.meanwhile)

    language = family.LANGUAGES[job.asked.language]
    is_note = job.output.template == "family"
    made_of: Mapping[str, Callable[[Press], Sequence[Any]]] = {
        "doors": printed.doors,
        "hall": printed.hall,
        "locator": printed.hall,
        "slips": lambda one: printed.slips(one, job.wanted),
        "cards": lambda one: cards.cards(one, job.wanted),
        "substitute": lambda one: cards.substitute_days(one, job.asked.subject_id, job.asked.on),
        "family": lambda one: family.family_notes(one, language, job.wanted),
    }
    make = made_of[job.output.template]
    first = press(job.names)
    wanted = make(first) if job.wanted else None
    if wanted is not None and not wanted:
        raise NotFoundError(kind=f"{job.output.subject} in this week", name=job.asked.subject_id)

    def sheets(names: Names) -> Sequence[Any]:
        # A printer that has every letter asks for the names as they came.
        if names is not job.names:
            return make(press(names))
        return make(first) if wanted is None else wanted

    words = family.words_in(first, language) if is_note else _words()
    monday = job.shown.view.monday
    frame = Frame(
        title=language.title if is_note else job.output.title,
        school=job.policy.school_display_name,
        week=language.week_line.format(week=family.date_in(monday, language))
        if is_note
        else f"Week of {day(monday)}",
        state="" if is_note and job.shown.view.is_published else job.state,
        made_time=_made_time(job.shown),
        paper=job.asked.paper,
        language=language.code if is_note else family.ENGLISH.code,
        words=words,
    )
    return printer.pdf(job.output.template, frame, job.names, sheets)


def _words() -> dict[str, object]:
    return {"first": cards.STANDARD_FIRST}


def _made_time(shown: Shown) -> datetime:
    """Return the time that a document says it was made: of its revision, so it stays the same."""
    return shown.view.publish_time or shown.content.problem.as_of


def _calendar(job: Job, kind: FeedKind) -> bytes:
    revision = job.shown.view.shown
    if not isinstance(revision, Revision):
        raise NotFoundError(kind="published week", name=job.shown.view.monday.isoformat())
    whose = Whose(
        district=job.district,
        school_id=job.shown.view.school_id,
        subject=Subject(kind=kind, id=job.asked.subject_id),
        school_name=job.policy.school_display_name,
        time_zone=job.policy.time_zone,
        adults=job.names.adults,
        absences=job.meanwhile.absences,
    )
    week = PublishedWeek(
        monday=job.shown.view.monday,
        revisions=((revision, placed_of(job.shown.content)),),
    )
    return calendar_of(whose, [week])
