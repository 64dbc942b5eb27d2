"""Answers for everything printed and pulled of a week: who may, which revision, whether it is new.

Every answer says its revision and whether it is published, in the headers "Trellis-Revision" and
"Trellis-Published", and has a strong ETag over week, state, roster, policy and what makes it. What
is made runs in a thread; large prints wait for each other.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from services.common.ids import is_id
from services.common.rpc.credentials import require
from services.scheduler.adapters.wire.names import parse_date
from services.scheduler.domain.access import Action, Actor, Resource, Role, allow
from services.scheduler.domain.errors import InvalidRequestError, NotAllowedError, NotFoundError
from services.scheduler.domain.people import Names
from services.scheduler.domain.policy import FAMILY_LANGUAGES, PAPERS, SchoolPolicy
from services.scheduler.domain.revision import WeekView
from services.scheduler.entrypoints.actors import calling
from services.scheduler.entrypoints.outputs import index
from services.scheduler.entrypoints.outputs.making import Asked, Job, completed, made
from services.scheduler.entrypoints.outputs.paper import Printer
from services.scheduler.entrypoints.outputs.registry import (
    CALENDARS,
    FILES,
    INDEXES,
    JSON,
    OUTPUTS,
    PRINTS,
    Output,
)
from services.scheduler.entrypoints.outputs.turns import MAX_SMALL, MAX_SMALL_OF_ONE, Turns
from services.scheduler.entrypoints.pages.addresses import (
    PREFIX,
    copy_headers,
    etag_of,
    holds_copy,
    not_modified,
    pinned_to,
    revision_asked,
    revision_query,
    which_week,
)
from services.scheduler.entrypoints.pages.states import state_of
from services.scheduler.entrypoints.scopes import NAMES, READ
from services.scheduler.handlers.meanwhile import NOTHING_SINCE, Meanwhile, read_meanwhile
from services.scheduler.handlers.settings import get_policy
from services.scheduler.handlers.weeks import Shown, Which, get_week, show_week
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.attendance import AttendanceBook, AttendanceRow
from services.scheduler.ports.store import Store
from services.scheduler.ports.upstream import NameBook

NOBODY = Names(learners={}, adults={})


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where outputs come from. `attendance` None: nobody keeps it here, and its file is not."""

    store: Store
    names: NameBook
    actors: ActorBook
    attendance: AttendanceBook | None = None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A week as it stands, before anything of it is read."""

    which: Which
    actor: Actor
    policy: SchoolPolicy
    view: WeekView
    names: Names
    state: str
    meanwhile: Meanwhile


class Outputs:
    """Answers for every output that is no page of `pages/`."""

    def __init__(self, sources: Sources, printer: Printer, *, paper: str = "") -> None:
        """Print on `paper` where nobody asks for another; empty: on what the school says."""
        self._sources = sources
        self._printer = printer
        self._paper = paper
        self._large, self._small = Turns(), Turns(most=MAX_SMALL, most_of_one=MAX_SMALL_OF_ONE)

    def routes(self) -> list[Route]:
        """Return the addresses and who answers."""
        made_ones = [
            Route(f"{PREFIX}/{one.path}", self._output(one))
            for one in (*PRINTS, *CALENDARS, *FILES)
        ]
        indexes = [Route(f"{PREFIX}/{one.path}", self._index(one)) for one in INDEXES]
        return [*made_ones, *indexes]

    def _output(self, output: Output) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            asked = asked_of(request, output)
            standing = await self._standing(request, output, asked.subject_id)
            asked = completed(asked, standing.policy, self._paper)
            marks = await self._marks(output, standing.which)
            etag = etag_of(
                *(output.path, repr(asked), _digest(marks)),
                *(standing.view.week_hash, standing.state, _signed_by(standing.view)),
                *(standing.names.roster_version, str(standing.policy.version)),
                _digest(standing.meanwhile),
            )
            headers = _headers(standing, etag, output)
            if holds_copy(request, etag):
                return not_modified(etag)
            pinned = pinned_to(standing.which, standing.view.week_hash)
            job = Job(
                output=output,
                asked=asked,
                district=standing.which.district,
                policy=standing.policy,
                state=standing.state,
                shown=await show_week(pinned, store=self._sources.store),
                names=standing.names,
                since=await self._since(standing.which, asked.since),
                marks=marks,
                meanwhile=standing.meanwhile,
            )
            content = await self._made(job)
            return Response(content, media_type=output.media_type, headers=headers)

        return answer

    async def _made(self, job: Job) -> bytes:
        if job.output.template:
            turns = self._large if job.is_for_every_learner else self._small
            whose = (job.district, job.policy.school_id)
            return await turns.run(whose, partial(made, job, self._printer))
        return await asyncio.to_thread(made, job, self._printer)

    def _index(self, output: Output) -> Callable[[Request], object]:
        async def answer(request: Request) -> Response:
            standing = await self._standing(request, output, "")
            may = [one for one in OUTPUTS if self._is_listed(standing.actor, one)]
            etag = etag_of(
                output.path,
                standing.view.week_hash,
                standing.state,
                standing.names.roster_version,
                str(standing.policy.version),
                *(one.path for one in may),
            )
            headers = _headers(standing, etag, output)
            if holds_copy(request, etag):
                return not_modified(etag)
            if output.media_type == JSON:
                text = index.as_document(standing.which, standing.view, may)
                return Response(text, media_type=JSON, headers=headers)
            pinned = pinned_to(standing.which, standing.view.week_hash)
            shown = await show_week(pinned, store=self._sources.store)
            page = index.IndexPage(
                which=standing.which,
                school=standing.policy.school_display_name,
                state=standing.state,
                query=revision_query(request),
                paper=completed(Asked(), standing.policy, self._paper).paper,
                language=completed(Asked(), standing.policy, self._paper).language,
            )
            html = await asyncio.to_thread(index.as_page, page, shown, standing.names, may)
            headers.pop("Content-Disposition")
            return HTMLResponse(html, headers=headers)

        return answer

    def _is_listed(self, actor: Actor, output: Output) -> bool:
        is_kept = self._sources.attendance or output.action is not Action.READ_ATTENDANCE
        return bool(is_kept) and allow(actor, output.action)

    async def _standing(self, request: Request, output: Output, subject_id: str) -> Standing:
        which = which_week(request)
        actor, _ = await calling(READ, which.school_id, self._sources.actors)
        is_own = require_output(actor, output, subject_id)
        if output.has_names and not is_own:
            require(NAMES)
        policy = await get_policy(which.district, which.school_id, store=self._sources.store)
        view = await get_week(which, store=self._sources.store)
        _refuse_draft(actor, view)
        names = NOBODY
        if output.has_names:
            names = await self._sources.names.names(which.district, which.school_id)
        return Standing(
            which=which,
            actor=actor,
            policy=policy,
            view=view,
            names=names,
            state=state_of(view, policy.time_zone),
            meanwhile=await self._meanwhile(output, which, policy),
        )

    async def _meanwhile(self, output: Output, which: Which, policy: SchoolPolicy) -> Meanwhile:
        """Return what is known beside the week, for what is read by people."""
        if not output.has_names:
            return NOTHING_SINCE
        return await read_meanwhile(
            which.district,
            policy,
            which.monday,
            store=self._sources.store,
            last_week=output.template == "family",
        )

    async def _since(self, which: Which, revision: int) -> Shown | None:
        if not revision:
            return None
        before = Which(
            district=which.district,
            school_id=which.school_id,
            monday=which.monday,
            revision=revision,
        )
        return await show_week(before, store=self._sources.store)

    async def _marks(self, output: Output, which: Which) -> Sequence[AttendanceRow]:
        if output.action is not Action.READ_ATTENDANCE:
            return ()
        book = self._sources.attendance
        if book is None:
            raise NotFoundError(kind="attendance of week", name=which.monday.isoformat())
        return await book.of_week(which.district, which.school_id, which.monday)


def require_output(actor: Actor, output: Output, subject_id: str) -> bool:
    """Return whether the actor gets it as their own alone; raises NotAllowedError."""
    if allow(actor, output.action):
        return False
    own = output.own_action
    if own is not None and subject_id and allow(actor, own, _resource(output, subject_id)):
        return True
    raise NotAllowedError(action=output.action.value)


def asked_of(request: Request, output: Output) -> Asked:
    """Return what a request says beside the week; raises InvalidRequestError."""
    query = request.query_params
    subject_id = query.get(output.subject, "") if output.subject else ""
    if output.is_one and not subject_id:
        raise InvalidRequestError(
            field=output.subject, message="is missing", hint=f"send ?{output.subject}=ID"
        )
    if subject_id and not is_id(subject_id):
        raise InvalidRequestError(field=output.subject, message="is no id")
    since = query.get("changed_since", "")
    on = query.get("date", "")
    if on and parse_date(on) is None:
        raise InvalidRequestError(field="date", message="is none", hint="send YYYY-MM-DD")
    return Asked(
        subject_id=subject_id,
        paper=_one_of("paper", query.get("paper", ""), PAPERS),
        language=_one_of("language", query.get("language", ""), FAMILY_LANGUAGES),
        on=parse_date(on) if on else None,
        since=max(revision_asked(since), 0) if output in FILES else 0,
    )


def _one_of(field: str, value: str, known: Sequence[str]) -> str:
    if value and value not in known:
        raise InvalidRequestError(
            field=field, message="is not known", hint=f"one of {', '.join(known)}"
        )
    return value


def _resource(output: Output, subject_id: str) -> Resource:
    if output.subject == "learner":
        return Resource(learner_id=subject_id)
    return Resource(adult_id=subject_id)


def _refuse_draft(actor: Actor, view: WeekView) -> None:
    """Keep what is not published from who is neither staff nor a system."""
    inside = actor.is_staff or Role.SYSTEM in actor.roles
    if not inside and not view.is_published:
        raise NotFoundError(kind="published week", name=view.monday.isoformat())


def _signed_by(view: WeekView) -> str:
    signed = view.shown.sign_off
    return f"{view.revision} {signed.adult_id} {signed.time.isoformat()}" if signed else ""


def _digest(known: Sequence[AttendanceRow] | Meanwhile) -> str:
    return hashlib.sha256(repr(known).encode()).hexdigest() if known else ""


def _headers(standing: Standing, etag: str, output: Output) -> dict[str, str]:
    name = file_name(standing.which, output)
    return {
        **copy_headers(etag),
        "Content-Disposition": f'inline; filename="{name}"',
        "Trellis-Revision": str(standing.view.revision),
        "Trellis-Published": str(standing.view.is_published).lower(),
    }


def file_name(which: Which, output: Output) -> str:
    """Return under what name a copy is kept: school, week and kind, and nobody's name or id."""
    last = output.path.rsplit("/", 1)[-1]
    stem, _, suffix = last.rpartition(".")
    kind = "" if stem == "week" else f"-{stem}"
    return f"{which.school_id}-{which.monday.isoformat()}{kind}.{suffix or 'html'}"
