"""Every output of a week: its address, who reads it, what the caller must be allowed, its words.

Whatever shows anything of a week stands in here with an audience. `routes.py` makes its routes from
this, and a test asks that the app has no other.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from services.scheduler.domain.access import Action
from services.scheduler.entrypoints.outputs.audience import Audience


class Group(Enum):
    """Where an output stands on the page "Print and download"."""

    HANG = "To hang up"
    HAND = "To hand out"
    STAFF = "For staff"
    CALENDAR = "Calendars"
    PROGRAM = "For programs"


@dataclass(frozen=True, kw_only=True)
class Output:
    """One output. `path` is below the week's address.

    `subject`: the query parameter that names whose it is, which `own_action` then allows for those
    to whom they belong, under `own_title` on their first page; `is_one` where the output is of one
    alone and must name whose.
    """

    path: str
    title: str
    audience: Audience
    action: Action
    media_type: str = "application/pdf"
    group: Group | None = None
    template: str = ""
    subject: str = ""
    own_action: Action | None = None
    own_title: str = ""
    is_one: bool = False
    has_names: bool = True


HTML, CSV, JSON = "text/html", "text/csv", "application/json"
ICS, ZIP = "text/calendar", "application/zip"

PAGES: Final = (
    Output(
        path="staff",
        title="Overview",
        audience=Audience.STAFF,
        action=Action.READ_WEEK,
        media_type=HTML,
    ),
    Output(
        path="staff/slots",
        title="By slot",
        audience=Audience.STAFF,
        action=Action.READ_WEEK,
        media_type=HTML,
    ),
    Output(
        path="staff/adults",
        title="By adult",
        audience=Audience.STAFF,
        action=Action.READ_WEEK,
        media_type=HTML,
    ),
    Output(
        path="staff/learners",
        title="By learner",
        audience=Audience.STAFF,
        action=Action.READ_WEEK,
        media_type=HTML,
    ),
    Output(
        path="hall",
        title="A–Z",
        audience=Audience.HALL,
        action=Action.READ_WEEK,
        media_type=HTML,
    ),
    Output(
        path="hall/rooms",
        title="By room",
        audience=Audience.HALL,
        action=Action.READ_WEEK,
        media_type=HTML,
    ),
)
"""The pages of `pages/`."""

PRINTS: Final = (
    Output(
        path="print/doors.pdf",
        title="Door lists",
        audience=Audience.HALL,
        action=Action.PRINT,
        group=Group.HANG,
        template="doors",
    ),
    Output(
        path="print/hall.pdf",
        title="Hall list, A to Z",
        audience=Audience.HALL,
        action=Action.PRINT,
        group=Group.HANG,
        template="hall",
    ),
    Output(
        path="print/slips.pdf",
        title="Slips",
        own_title="Slip",
        audience=Audience.LEARNER,
        action=Action.PRINT,
        group=Group.HAND,
        template="slips",
        subject="learner",
        own_action=Action.READ_OWN_WEEK,
    ),
    Output(
        path="print/family.pdf",
        title="Notes for families",
        own_title="Note for the family",
        audience=Audience.LEARNER,
        action=Action.PRINT,
        group=Group.HAND,
        template="family",
        subject="learner",
        own_action=Action.READ_OWN_WEEK,
    ),
    Output(
        path="print/locator.pdf",
        title="Locator",
        audience=Audience.STAFF,
        action=Action.LOCATE,
        group=Group.STAFF,
        template="locator",
    ),
    Output(
        path="print/cards.pdf",
        title="Teachers’ cards",
        audience=Audience.STAFF,
        action=Action.READ_WEEK,
        group=Group.STAFF,
        template="cards",
        subject="adult",
        own_action=Action.READ_WEEK,
    ),
    Output(
        path="print/substitute.pdf",
        title="Substitute’s sheet",
        audience=Audience.STAFF,
        action=Action.READ_WEEK,
        group=Group.STAFF,
        template="substitute",
        subject="adult",
        own_action=Action.READ_WEEK,
        is_one=True,
    ),
)
"""What is made for paper."""

CALENDARS: Final = (
    Output(
        path="calendars/learner.ics",
        title="A learner’s calendar",
        own_title="Calendar",
        audience=Audience.CALENDAR,
        action=Action.READ_WEEK,
        media_type=ICS,
        group=Group.CALENDAR,
        subject="learner",
        own_action=Action.READ_OWN_WEEK,
        is_one=True,
    ),
    Output(
        path="calendars/adult.ics",
        title="An adult’s calendar",
        audience=Audience.CALENDAR,
        action=Action.READ_WEEK,
        media_type=ICS,
        group=Group.CALENDAR,
        subject="adult",
        own_action=Action.READ_WEEK,
        is_one=True,
    ),
    Output(
        path="calendars/room.ics",
        title="A room’s calendar",
        audience=Audience.CALENDAR,
        action=Action.READ_WEEK,
        media_type=ICS,
        group=Group.CALENDAR,
        subject="room",
        is_one=True,
    ),
    Output(
        path="calendars/school.ics",
        title="The school’s calendar",
        audience=Audience.CALENDAR,
        action=Action.READ_WEEK,
        media_type=ICS,
        group=Group.CALENDAR,
    ),
)
"""One week as calendars; what people subscribe to has addresses of its own."""

FILES: Final = (
    Output(
        path="week.csv",
        title="Seats, CSV",
        audience=Audience.PROGRAM,
        action=Action.READ_WEEK,
        media_type=CSV,
        group=Group.PROGRAM,
        has_names=False,
    ),
    Output(
        path="week.json",
        title="The whole week, JSON",
        audience=Audience.PROGRAM,
        action=Action.READ_WEEK,
        media_type=JSON,
        group=Group.PROGRAM,
        has_names=False,
    ),
    Output(
        path="oneroster.zip",
        title="OneRoster 1.2, CSV",
        audience=Audience.PROGRAM,
        action=Action.READ_WEEK,
        media_type=ZIP,
        group=Group.PROGRAM,
        has_names=False,
    ),
    Output(
        path="attendance.csv",
        title="Attendance, CSV",
        audience=Audience.PROGRAM,
        action=Action.READ_ATTENDANCE,
        media_type=CSV,
        group=Group.PROGRAM,
        has_names=False,
    ),
)
"""What programs pull: ids, and nobody's name."""

INDEXES: Final = (
    Output(
        path="print",
        title="Print and download",
        audience=Audience.STAFF,
        action=Action.READ_WEEK,
        media_type=HTML,
    ),
    Output(
        path="outputs.json",
        title="What there is of this week",
        audience=Audience.PROGRAM,
        action=Action.READ_WEEK,
        media_type=JSON,
        has_names=False,
    ),
)
"""What there is of a week."""

OUTPUTS: Final = (*PAGES, *PRINTS, *CALENDARS, *FILES, *INDEXES)

FEED_ROUTE: Final = "/feeds/{token}.ics"
OTHER_ROUTES: Final = {
    "/": Audience.ANYBODY,
    "/schools/{school}/weeks/{monday}": Audience.ANYBODY,
    "/static/week.css": Audience.ANYBODY,
    "/static/icon.svg": Audience.ANYBODY,
    "/favicon.ico": Audience.ANYBODY,
    "/sign-in": Audience.ANYBODY,
    "/sign-out": Audience.ANYBODY,
    "/sign-in.css": Audience.ANYBODY,
    FEED_ROUTE: Audience.CALENDAR,
}
"""The addresses that are of no one week."""
