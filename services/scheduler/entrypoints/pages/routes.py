"""The pages of weeks: what an address shows, to whom, and when a browser may keep its copy.

Every answer is of one revision (or one draft) and carries a strong ETag over the week, how it
stands, what makes the page and, where names are shown, the versions of roster and policy. A copy is
always asked for again, and answered with 304 while nothing has changed.
"""

import asyncio
import hashlib
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
from services.scheduler.adapters.wire.names import SCHOOL, parse_monday
from services.scheduler.domain.access import Action, allow
from services.scheduler.domain.errors import InvalidRequestError, NotFoundError
from services.scheduler.domain.people import Names
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.revision import DRAFT, NEWEST
from services.scheduler.entrypoints.actors import calling, require_allowed
from services.scheduler.entrypoints.errors import ERRORS
from services.scheduler.entrypoints.pages import files, render
from services.scheduler.entrypoints.pages.editions import (
    breach_views,
    day,
    hall_edition,
    staff_edition,
)
from services.scheduler.entrypoints.pages.problems import problem_page
from services.scheduler.entrypoints.pages.release import pages_digest
from services.scheduler.entrypoints.pages.render import Heading, Report, SchoolLinks, WeekLink
from services.scheduler.entrypoints.pages.states import state_of
from services.scheduler.entrypoints.pages.views import HallEdition, StaffEdition
from services.scheduler.entrypoints.scopes import NAMES, READ
from services.scheduler.handlers.settings import get_policy
from services.scheduler.handlers.weeks import (
    Shown,
    Which,
    get_week,
    list_weeks,
    show_week,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store
from services.scheduler.ports.upstream import NameBook

WEEKS_SHOWN = 20
SCHOOLS_SHOWN = 500
MAXIMUM_REVISION_DIGITS = 9
STATIC = Path(__file__).parent / "static"
STYLE_FILE, ICON_FILE = STATIC / "week.css", STATIC / "icon.svg"
# Names: never in a shared cache, and never shown without asking whether they still hold.
CACHE_CONTROL = "private, no-cache"
PREFIX = "/schools/{school}/weeks/{monday}"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What a page is made of."""

    heading: Heading
    shown: Shown
    names: Names


Print = Callable[[Printed], str]


def pages_app(*, store: Store, names: NameBook, actors: ActorBook, sign_in: SignIn) -> Starlette:
    """Return the HTTP app of the pages."""
    pages = Pages(store=store, names=names, actors=actors)
    return build_app(
        pages.routes(),
        error_table=ERRORS,
        sign_in=sign_in,
        public_paths=("/static/", "/favicon.ico"),
        render=problem_page,
    )


class Pages:
    """Answers for every address of a week."""

    def __init__(self, *, store: Store, names: NameBook, actors: ActorBook) -> None:
        self._store = store
        self._names = names
        self._actors = actors

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
        """List the district's schools whose weeks the person may read, and their newest weeks."""
        _, district = require_district(READ)
        async with self._store.snapshot(district) as view:
            policies = list(await view.policies.all())[:SCHOOLS_SHOWN]
        schools = [
            await self._links(district, policy)
            for policy in policies
            if await self._may_read(policy.school_id)
        ]
        return HTMLResponse(render.index(schools), headers={"Cache-Control": CACHE_CONTROL})

    async def week(self, request: Request) -> Response:
        """Lead to the staff edition's first page."""
        which = _which(request)
        return RedirectResponse(f"{_address(which)}/staff", HTTPStatus.SEE_OTHER)

    async def week_csv(self, request: Request) -> Response:
        """Return the seats as CSV."""
        return await self._file(request, "csv", lambda _, shown: files.week_csv(shown))

    async def week_json(self, request: Request) -> Response:
        """Return the week as JSON."""
        return await self._file(request, "json", files.week_json)

    def _page(self, path: str, printed: Print) -> Callable[[Request], object]:
        """Return what answers for one page."""

        async def answer(request: Request) -> Response:
            which = await self._asked(request)
            require(NAMES)
            policy = await get_policy(which.district, which.school_id, store=self._store)
            view = await get_week(which, store=self._store)
            names = await self._names.names(which.district, which.school_id)
            state = state_of(view, policy.time_zone)
            etag = _etag(path, view.week_hash, state, names.roster_version, str(policy.version))
            if _has(request, etag):
                return _not_modified(etag)
            shown = await show_week(_pinned(which, view.week_hash), store=self._store)
            heading = Heading(
                school=policy.school_display_name,
                week_of=day(which.monday),
                state=state,
                address=_address(which),
                revision_query=_query(request),
            )
            page = Printed(heading=heading, shown=shown, names=names)
            # Some thousand seats take a moment, in which others are to be answered.
            html = await asyncio.to_thread(printed, page)
            return HTMLResponse(html, headers=_headers(etag))

        return answer

    async def _file(
        self, request: Request, kind: str, written: Callable[[str, Shown], str]
    ) -> Response:
        which = await self._asked(request)
        view = await get_week(which, store=self._store)
        signed = view.shown.sign_off
        signed_by = f"{signed.adult_id} {signed.time.isoformat()}" if signed else ""
        etag = _etag(kind, view.week_hash, str(view.revision), signed_by)
        if _has(request, etag):
            return _not_modified(etag)
        shown = await show_week(_pinned(which, view.week_hash), store=self._store)
        text = await asyncio.to_thread(written, which.district, shown)
        name = f"{which.school_id}-{which.monday.isoformat()}.{kind}"
        return Response(
            text,
            media_type={"csv": "text/csv", "json": "application/json"}[kind],
            headers={**_headers(etag), "Content-Disposition": f'inline; filename="{name}"'},
        )

    async def _may_read(self, school_id: str) -> bool:
        actor, _ = await calling(READ, school_id, self._actors)
        return allow(actor, Action.READ_WEEK)

    async def _asked(self, request: Request) -> Which:
        """Return the week of an address, for who may read it; raises NotAllowedError.

        Every role of staff reads weeks, so the hall's pages are there for all of them too.
        """
        which = _which(request)
        actor, _ = await calling(READ, which.school_id, self._actors)
        require_allowed(actor, Action.READ_WEEK)
        return which

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


def _which(request: Request) -> Which:
    """Return the week of an address, for the district of who is signed in."""
    _, district = require_district(READ)
    school_id = request.path_params["school"]
    monday = parse_monday("monday", request.path_params["monday"])
    if not SCHOOL.matches(f"districts/{district}/schools/{school_id}"):
        raise NotFoundError(kind="school", name=school_id[:64])
    return Which(
        district=district,
        school_id=school_id,
        monday=monday,
        revision=_revision(request.query_params.get("revision", "")),
    )


def _revision(text: str) -> int:
    if text == "":
        return NEWEST
    if text == "draft":
        return DRAFT
    short = len(text) <= MAXIMUM_REVISION_DIGITS
    if not (text.isascii() and text.isdigit() and short and int(text) > 0):
        raise InvalidRequestError(
            field="revision", message="is none", hint='"draft" or a number from 1'
        )
    return int(text)


def _query(request: Request) -> str:
    """Return the query that keeps links on the revision that is shown."""
    revision = request.query_params.get("revision", "")
    return f"?revision={revision}" if revision else ""


def _address(which: Which) -> str:
    return f"/schools/{which.school_id}/weeks/{which.monday.isoformat()}"


def _pinned(which: Which, week_hash: str) -> Which:
    """Return the same week, refused where it was replaced since its ETag was made."""
    return Which(
        district=which.district,
        school_id=which.school_id,
        monday=which.monday,
        revision=which.revision,
        pinned=week_hash,
    )


def _etag(*parts: str) -> str:
    digest = hashlib.sha256("\x1f".join((pages_digest(), *parts)).encode()).hexdigest()
    return f'"{digest[:32]}"'


def _has(request: Request, etag: str) -> bool:
    """Whether the caller's copy is the one that would be sent."""
    asked = request.headers.get("if-none-match", "")
    return any(one.strip() in (etag, "*") for one in asked.split(","))


def _headers(etag: str) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": CACHE_CONTROL}


def _not_modified(etag: str) -> Response:
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=_headers(etag))
