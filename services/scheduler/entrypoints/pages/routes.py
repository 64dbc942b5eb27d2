"""The pages of weeks: what an address shows, to whom, and when a browser may keep its copy.

Every answer is of one revision (or one draft) and carries a strong ETag over the week, how it
stands, what makes the page and, where names are shown, the versions of roster and policy. A copy is
always asked for again, and answered with 304 while nothing has changed.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.common.rpc.credentials import require, require_district
from services.common.web.app import build_app
from services.common.web.auth import SignIn
from services.scheduler.domain.people import Names
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.pages import files, render
from services.scheduler.entrypoints.pages.addresses import (
    CACHE_CONTROL,
    PREFIX,
    address_of,
    copy_headers,
    etag_of,
    holds_copy,
    not_modified,
    pinned_to,
    revision_query,
    which_week,
)
from services.scheduler.entrypoints.pages.editions import (
    breach_views,
    day,
    hall_edition,
    staff_edition,
)
from services.scheduler.entrypoints.pages.problems import problem_page
from services.scheduler.entrypoints.pages.render import Heading, Report, SchoolLinks, WeekLink
from services.scheduler.entrypoints.pages.states import state_of
from services.scheduler.entrypoints.pages.views import HallEdition, StaffEdition
from services.scheduler.entrypoints.scopes import NAMES, READ
from services.scheduler.handlers.settings import get_policy
from services.scheduler.handlers.weeks import (
    Shown,
    get_week,
    list_weeks,
    show_week,
)
from services.scheduler.ports.store import Store
from services.scheduler.ports.upstream import NameBook

WEEKS_SHOWN = 20
SCHOOLS_SHOWN = 500
STATIC = Path(__file__).parent / "static"
STYLE_FILE, ICON_FILE = STATIC / "week.css", STATIC / "icon.svg"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What a page is made of."""

    heading: Heading
    shown: Shown
    names: Names


Print = Callable[[Printed], str]


def pages_app(*, store: Store, names: NameBook, sign_in: SignIn) -> Starlette:
    """Return the HTTP app of the pages."""
    pages = Pages(store=store, names=names)
    return build_app(
        pages.routes(),
        error_table=ERRORS,
        sign_in=sign_in,
        public_paths=("/static/", "/favicon.ico"),
        render=problem_page,
    )


class Pages:
    """Answers for every address of a week."""

    def __init__(self, *, store: Store, names: NameBook) -> None:
        self._store = store
        self._names = names

    def routes(self) -> list[Route]:
        """Return the addresses and who answers."""
        return [
            Route("/", self.index),
            Route("/static/week.css", _style),
            Route("/static/icon.svg", _icon),
            # Where browsers look for it by themselves, as on the sign-in page.
            Route("/favicon.ico", _icon),
            Route(PREFIX, self.week),
            Route(f"{PREFIX}/week.csv", self.week_csv),
            Route(f"{PREFIX}/week.json", self.week_json),
            *(
                Route(f"{PREFIX}/{path}", self._page(path, printed))
                for path, printed in PRINTED.items()
            ),
        ]

    async def index(self, _request: Request) -> Response:
        """List the district's schools and their newest weeks."""
        _, district = require_district(READ)
        async with self._store.snapshot(district) as view:
            policies = list(await view.policies.all())[:SCHOOLS_SHOWN]
        schools = [await self._links(district, policy) for policy in policies]
        return HTMLResponse(render.index(schools), headers={"Cache-Control": CACHE_CONTROL})

    async def week(self, request: Request) -> Response:
        """Lead to the staff edition's first page."""
        which = which_week(request)
        return RedirectResponse(f"{address_of(which)}/staff", HTTPStatus.SEE_OTHER)

    async def week_csv(self, request: Request) -> Response:
        """Return the seats as CSV."""
        return await self._file(request, "csv", lambda _, shown: files.week_csv(shown))

    async def week_json(self, request: Request) -> Response:
        """Return the week as JSON."""
        return await self._file(request, "json", files.week_json)

    def _page(self, path: str, printed: Print) -> Callable[[Request], object]:
        """Return what answers for one page."""

        async def answer(request: Request) -> Response:
            which = which_week(request)
            require(NAMES)
            policy = await get_policy(which.district, which.school_id, store=self._store)
            view = await get_week(which, store=self._store)
            names = await self._names.names(which.district, which.school_id)
            state = state_of(view, policy.time_zone)
            etag = etag_of(path, view.week_hash, state, names.roster_version, str(policy.version))
            if holds_copy(request, etag):
                return not_modified(etag)
            shown = await show_week(pinned_to(which, view.week_hash), store=self._store)
            heading = Heading(
                school=policy.school_display_name,
                week_of=day(which.monday),
                state=state,
                address=address_of(which),
                revision_query=revision_query(request),
            )
            page = Printed(heading=heading, shown=shown, names=names)
            # Some thousand seats take a moment, in which others are to be answered.
            html = await asyncio.to_thread(printed, page)
            return HTMLResponse(html, headers=copy_headers(etag))

        return answer

    async def _file(
        self, request: Request, kind: str, written: Callable[[str, Shown], str]
    ) -> Response:
        which = which_week(request)
        view = await get_week(which, store=self._store)
        signed = view.shown.sign_off
        signed_by = f"{signed.adult_id} {signed.time.isoformat()}" if signed else ""
        etag = etag_of(kind, view.week_hash, str(view.revision), signed_by)
        if holds_copy(request, etag):
            return not_modified(etag)
        shown = await show_week(pinned_to(which, view.week_hash), store=self._store)
        text = await asyncio.to_thread(written, which.district, shown)
        name = f"{which.school_id}-{which.monday.isoformat()}.{kind}"
        return Response(
            text,
            media_type={"csv": "text/csv", "json": "application/json"}[kind],
            headers={**copy_headers(etag), "Content-Disposition": f'inline; filename="{name}"'},
        )

    async def _links(self, district: str, policy: SchoolPolicy) -> SchoolLinks:
        views, _ = await list_weeks(
            district, policy.school_id, before=None, page_size=WEEKS_SHOWN, store=self._store
        )
        return SchoolLinks(
            school=policy.school_display_name,
            weeks=tuple(
                WeekLink(
                    address=f"/schools/{view.school_id}/weeks/{view.monday.isoformat()}",
                    week_of=f"{day(view.monday)}, {view.monday.year}",
                    state=state_of(view, policy.time_zone),
                )
                for view in views
            ),
        )


def _overview(page: Printed) -> str:
    week, edition = page.shown.content.week, _staff(page)
    slots = {each.slot.slot_id: each.slot for each in edition.slots}
    report = Report(
        summary=week.summary,
        capacity=tuple((slots[one.slot_id], one) for one in week.capacity),
        breaches=breach_views(
            page.shown.view.shown.report.breaches, page.shown.content.problem, week, page.names
        ),
    )
    return render.overview(page.heading, report, edition)


def _staff(page: Printed) -> StaffEdition:
    content = page.shown.content
    competencies = {one.competency_id: one for one in content.problem.competencies}
    return staff_edition(content.week, content.problem.slots, competencies, page.names)


def _hall(page: Printed) -> HallEdition:
    content = page.shown.content
    return hall_edition(content.week, content.problem.slots, page.names)


PRINTED: dict[str, Print] = {
    "staff": _overview,
    "staff/slots": lambda page: render.staff_by_slot(page.heading, _staff(page)),
    "staff/adults": lambda page: render.staff_by_adult(page.heading, _staff(page)),
    "staff/learners": lambda page: render.staff_by_learner(page.heading, _staff(page)),
    "hall": lambda page: render.hall_by_name(page.heading, _hall(page)),
    "hall/rooms": lambda page: render.hall_by_room(page.heading, _hall(page)),
}


async def _style(_request: Request) -> Response:
    return FileResponse(
        STYLE_FILE, media_type="text/css", headers={"Cache-Control": "public, max-age=300"}
    )


async def _icon(_request: Request) -> Response:
    return FileResponse(
        ICON_FILE, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
    )
