"""The pages of weeks: what an address shows, to whom, and when a browser may keep its copy.

Every answer is of one revision (or one draft) and carries a strong ETag over the week, how it
stands, what makes the page and, where names are shown, the versions of roster and policy. A copy is
always asked for again, and answered with 304 while nothing has changed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from services.common.rpc.credentials import require, require_district
from services.scheduler.domain.access import Action, Actor, allow, may_at_all, require_allowed
from services.scheduler.domain.day.unstaffed import unstaffed_ids
from services.scheduler.domain.model import Absence
from services.scheduler.domain.people import Names
from services.scheduler.domain.policy import SchoolPolicy
from services.scheduler.domain.revision import WeekView
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.outputs.registry import OUTPUTS
from services.scheduler.entrypoints.pages import render
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
    exception_views,
    hall_edition,
    staff_edition,
)
from services.scheduler.entrypoints.pages.render import (
    Heading,
    OwnLink,
    OwnLinks,
    OwnWeek,
    Report,
    SchoolLinks,
    WeekLink,
)
from services.scheduler.entrypoints.pages.states import state_of
from services.scheduler.entrypoints.pages.views import HallEdition, StaffEdition
from services.scheduler.entrypoints.scopes import NAMES, READ
from services.scheduler.handlers.meanwhile import absences_in
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
STATIC = Path(__file__).parent / "static"
STYLE_FILE, ICON_FILE = STATIC / "week.css", STATIC / "icon.svg"


@dataclass(frozen=True, kw_only=True)
class Printed:
    """What a page is made of."""

    heading: Heading
    shown: Shown
    names: Names
    absences: tuple[Absence, ...] = ()
    """Who is away, as it is known now."""


Print = Callable[[Printed], str]


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
            *(
                Route(f"{PREFIX}/{path}", self._page(path, printed))
                for path, printed in PRINTED.items()
            ),
        ]

    async def index(self, _request: Request) -> Response:
        """List the schools whose weeks the person may read, or what is theirs of published ones."""
        _, district = require_district(READ)
        async with self._store.snapshot(district) as view:
            policies = list(await view.policies.all())[:SCHOOLS_SHOWN]
        schools: list[SchoolLinks] = []
        own: list[OwnLinks] = []
        for policy in policies:
            actor, _ = await calling(READ, policy.school_id, self._actors)
            if allow(actor, Action.READ_WEEK):
                schools.append(await self._links(district, policy))
            elif may_at_all(actor, Action.READ_OWN_WEEK):
                own.append(await self._own_links(district, policy, actor))
        return HTMLResponse(render.index(schools, own), headers={"Cache-Control": CACHE_CONTROL})

    async def week(self, request: Request) -> Response:
        """Lead to the staff edition's first page."""
        which = which_week(request)
        return RedirectResponse(f"{address_of(which)}/staff", HTTPStatus.SEE_OTHER)

    def _page(self, path: str, printed: Print) -> Callable[[Request], object]:
        """Return what answers for one page."""

        async def answer(request: Request) -> Response:
            which = await self._asked(request)
            require(NAMES)
            policy = await get_policy(which.district, which.school_id, store=self._store)
            view = await get_week(which, store=self._store)
            names = await self._names.names(which.district, which.school_id)
            state = state_of(view, policy.time_zone)
            async with self._store.snapshot(which.district) as known:
                absences = await absences_in(known, which.school_id, which.monday)
            etag = etag_of(
                *(path, view.week_hash, state, names.roster_version, str(policy.version)),
                repr(absences),
            )
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
            page = Printed(heading=heading, shown=shown, names=names, absences=absences)
            # Some thousand seats take a moment, in which others are to be answered.
            html = await asyncio.to_thread(printed, page)
            return HTMLResponse(html, headers=copy_headers(etag))

        return answer

    async def _asked(self, request: Request) -> Which:
        """Return the week of an address, for who may read it; raises NotAllowedError.

        Every role of staff reads weeks, so the hall's pages are there for all of them too.
        """
        which = which_week(request)
        actor, _ = await calling(READ, which.school_id, self._actors)
        require_allowed(actor, Action.READ_WEEK)
        return which

    async def _links(self, district: str, policy: SchoolPolicy) -> SchoolLinks:
        views = await self._newest(district, policy)
        return SchoolLinks(
            school=policy.school_display_name,
            weeks=tuple(
                WeekLink(
                    address=_address(view),
                    week_of=_week_of(view),
                    state=state_of(view, policy.time_zone),
                )
                for view in views
            ),
        )

    async def _own_links(self, district: str, policy: SchoolPolicy, actor: Actor) -> OwnLinks:
        """Return what is a learner's or family's own, of published weeks alone."""
        views = await self._newest(district, policy)
        learners = await self._own_learners(district, policy.school_id, actor)
        return OwnLinks(
            school=policy.school_display_name,
            weeks=tuple(
                OwnWeek(week_of=_week_of(view), learner=name, links=_own_outputs(view, learner_id))
                for view in views
                if view.is_published
                for learner_id, name in learners
            ),
        )

    async def _own_learners(
        self, district: str, school_id: str, actor: Actor
    ) -> list[tuple[str, str]]:
        """Return the ids of a person's own learners, with names where there are several."""
        own = sorted(actor.own_learner_ids)
        if len(own) < 2:
            return [(one, "") for one in own]
        names = (await self._names.names(district, school_id)).learners
        return sorted(
            ((one, names[one].given_name if one in names else "") for one in own),
            key=lambda found: (found[1], found[0]),
        )

    async def _newest(self, district: str, policy: SchoolPolicy) -> Sequence[WeekView]:
        views, _ = await list_weeks(
            district, policy.school_id, before=None, page_size=WEEKS_SHOWN, store=self._store
        )
        return views


def _address(view: WeekView) -> str:
    return f"/schools/{view.school_id}/weeks/{view.monday.isoformat()}"


def _week_of(view: WeekView) -> str:
    return f"{day(view.monday)}, {view.monday.year}"


def _own_outputs(view: WeekView, learner_id: str) -> tuple[OwnLink, ...]:
    return tuple(
        OwnLink(
            title=one.own_title, address=f"{_address(view)}/{one.path}?{one.subject}={learner_id}"
        )
        for one in OUTPUTS
        if one.own_title
    )


def _overview(page: Printed) -> str:
    week, edition = page.shown.content.week, _staff(page)
    slots = {each.slot.slot_id: each.slot for each in edition.slots}
    problem = page.shown.content.problem
    broken = page.shown.view.shown.report.breaches
    report = Report(
        summary=week.summary,
        capacity=tuple((slots[one.slot_id], one) for one in week.capacity),
        breaches=breach_views(broken, problem, week, page.names),
        exceptions=exception_views(problem, week, page.names),
    )
    return render.overview(page.heading, report, edition)


def _staff(page: Printed) -> StaffEdition:
    content = page.shown.content
    unstaffed = unstaffed_ids(content, page.absences)
    return staff_edition(content.problem, content.week, page.names, unstaffed)


def _hall(page: Printed) -> HallEdition:
    content = page.shown.content
    unstaffed = unstaffed_ids(content, page.absences)
    return hall_edition(content.week, content.problem.slots, page.names, unstaffed)


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
