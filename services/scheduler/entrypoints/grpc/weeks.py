"""The RPCs of SchedulerService for weeks: reading, signing off, publishing."""

from collections.abc import Sequence
from typing import Any, TypeAlias, TypeVar

import grpc.aio
from trellis.scheduler.v1 import scheduler_service_pb2 as messages

from services.common.clock import Clock
from services.common.rpc.credentials import require_district, require_person
from services.scheduler.adapters.wire.names import (
    ADULT,
    LEARNER,
    SCHOOL,
    ids_in,
    parse_monday,
    week_in,
)
from services.scheduler.adapters.wire.page_tokens import (
    WeekPlace,
    from_token,
    to_token,
    week_place_from,
    week_place_to,
)
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.adapters.wire.weeks import seat_to, session_to, unmet_to, week_to
from services.scheduler.domain.errors import InvalidRequestError, PersonRefusedError
from services.scheduler.domain.resources import MAX_WEEK_PAGE, page_limit
from services.scheduler.domain.revision import DRAFT
from services.scheduler.entrypoints.actors import acting
from services.scheduler.entrypoints.scopes import PUBLISH, READ
from services.scheduler.handlers.publishing import (
    Check,
    PublishWeek,
    SignOffWeek,
    publish_week,
    sign_off_week,
)
from services.scheduler.handlers.weeks import (
    Shown,
    Which,
    explain_seat,
    get_week,
    id_of_seat,
    list_weeks,
    show_week,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

Item = TypeVar("Item")
Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
ListRequest = (
    messages.ListSessionsRequest | messages.ListSeatsRequest | messages.ListUnmetNeedsRequest
)


class WeeksRpcs:
    """The week part of the servicer."""

    def __init__(self, *, store: Store, clock: Clock, check: Check, actors: ActorBook) -> None:
        self._store = store
        self._clock = clock
        self._actors = actors
        self._check = check

    async def GetWeek(  # noqa: N802
        self, request: messages.GetWeekRequest, context: Context
    ) -> messages.GetWeekResponse:
        """Return a week."""
        _, district = require_district(READ)
        which = _which(district, "name", request.name, request.revision)
        await acting("GetWeek", which.school_id, self._actors)
        view = await get_week(which, store=self._store)
        return messages.GetWeekResponse(week=week_to(district, view))

    async def ListWeeks(  # noqa: N802
        self, request: messages.ListWeeksRequest, context: Context
    ) -> messages.ListWeeksResponse:
        """List a school's weeks, newest first."""
        _, district = require_district(READ)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)
        await acting("ListWeeks", school_id, self._actors)
        token = request.page_token
        before = parse_monday("page_token", from_token(token, 1)[0]) if token else None
        views, next_before = await list_weeks(
            district, school_id, before=before, page_size=request.page_size, store=self._store
        )
        return messages.ListWeeksResponse(
            weeks=[week_to(district, view) for view in views],
            next_page_token=to_token(next_before.isoformat()) if next_before else "",
        )

    async def ListSessions(  # noqa: N802
        self, request: messages.ListSessionsRequest, context: Context
    ) -> messages.ListSessionsResponse:
        """List the sessions of a week."""
        district, shown, place = await self._listed(request)
        page, token = _page(shown.content.week.sessions, request.page_size, place)
        counts = shown.seat_counts
        return messages.ListSessionsResponse(
            sessions=[session_to(district, shown.view, one, counts) for one in page],
            next_page_token=token,
        )

    async def ListSeats(  # noqa: N802
        self, request: messages.ListSeatsRequest, context: Context
    ) -> messages.ListSeatsResponse:
        """List the seats of a week, of one learner or of all."""
        district, shown, place = await self._listed(request)
        learner_id = _learner(district, request.learner)
        seats = [one for one in shown.content.week.seats if learner_id in (None, one.learner_id)]
        page, token = _page(seats, request.page_size, place)
        return messages.ListSeatsResponse(
            seats=[seat_to(district, shown.view, id_of_seat(one), one) for one in page],
            next_page_token=token,
        )

    async def ListUnmetNeeds(  # noqa: N802
        self, request: messages.ListUnmetNeedsRequest, context: Context
    ) -> messages.ListUnmetNeedsResponse:
        """List the needs that a week does not meet, of one learner or of all."""
        district, shown, place = await self._listed(request)
        learner_id = _learner(district, request.learner)
        needs = [one for one in shown.content.week.unmet if learner_id in (None, one.learner_id)]
        page, token = _page(needs, request.page_size, place)
        return messages.ListUnmetNeedsResponse(
            unmet_needs=[unmet_to(district, one) for one in page], next_page_token=token
        )

    async def ExplainSeat(  # noqa: N802
        self, request: messages.ExplainSeatRequest, context: Context
    ) -> messages.ExplainSeatResponse:
        """Return a seat with its session and its reason."""
        _, district = require_district(READ)
        week, separator, seat_id = request.name.partition("/seats/")
        if not separator:
            raise InvalidRequestError(field="name", message="is no seat's name")
        which = _which(district, "name", week, request.revision)
        await acting("ExplainSeat", which.school_id, self._actors)
        shown, seat, session = await explain_seat(which, seat_id, store=self._store)
        response = messages.ExplainSeatResponse(seat=seat_to(district, shown.view, seat_id, seat))
        if session is not None:
            response.session.CopyFrom(session_to(district, shown.view, session, shown.seat_counts))
        return response

    async def SignOffWeek(  # noqa: N802
        self, request: messages.SignOffWeekRequest, context: Context
    ) -> messages.SignOffWeekResponse:
        """Record that the person of the credential stands for a draft."""
        _, district = require_district(PUBLISH)
        adult_id = _person(district)
        school_id, monday = week_in("name", district, request.name)
        actor = await acting("SignOffWeek", school_id, self._actors)
        view = await sign_off_week(
            SignOffWeek(
                district=district,
                school_id=school_id,
                monday=monday,
                week_hash=request.week_hash,
                adult_id=adult_id,
                actor=actor.name,
                request=request_key("SignOffWeek", request, request.request_id),
            ),
            store=self._store,
            clock=self._clock,
        )
        return messages.SignOffWeekResponse(week=week_to(district, view))

    async def PublishWeek(  # noqa: N802
        self, request: messages.PublishWeekRequest, context: Context
    ) -> messages.PublishWeekResponse:
        """Publish a signed draft as a new revision."""
        _, district = require_district(PUBLISH)
        school_id, monday = week_in("name", district, request.name)
        _person(district)
        actor = await acting("PublishWeek", school_id, self._actors)
        view = await publish_week(
            PublishWeek(
                district=district,
                school_id=school_id,
                monday=monday,
                week_hash=request.week_hash,
                actor=actor.name,
                request=request_key("PublishWeek", request, request.request_id),
            ),
            store=self._store,
            clock=self._clock,
            check=self._check,
        )
        return messages.PublishWeekResponse(week=week_to(district, view))

    async def _listed(self, request: ListRequest) -> tuple[str, Shown, WeekPlace]:
        """Return the week that a list is of, and where in it the page begins.

        A list goes on in the revision that it began with, whatever was published since; a draft
        that was replaced ends it.
        """
        _, district = require_district(READ)
        began = week_place_from(request.page_token)
        revision = request.revision
        if began is not None:
            revision = began.revision or DRAFT
        which = _which(
            district, "parent", request.parent, revision, began.week_hash if began else ""
        )
        method = type(request).__name__.removesuffix("Request")
        await acting(method, which.school_id, self._actors)
        shown = await show_week(which, store=self._store)
        return (
            district,
            shown,
            WeekPlace(
                revision=shown.view.revision,
                week_hash=shown.view.week_hash,
                offset=began.offset if began else 0,
            ),
        )


def _page(items: Sequence[Item], page_size: int, place: WeekPlace) -> tuple[Sequence[Item], str]:
    """Return the page at a place, and the token of the next one."""
    end = place.offset + page_limit(page_size, MAX_WEEK_PAGE)
    following = WeekPlace(revision=place.revision, week_hash=place.week_hash, offset=end)
    return items[place.offset : end], week_place_to(following) if end < len(items) else ""


def _which(district: str, field: str, name: str, revision: int, pinned: str = "") -> Which:
    if revision < DRAFT:
        raise InvalidRequestError(
            field="revision", message="is none", hint="0: the newest, -1: the draft"
        )
    school_id, monday = week_in(field, district, name)
    return Which(
        district=district, school_id=school_id, monday=monday, revision=revision, pinned=pinned
    )


def _learner(district: str, name: str) -> str | None:
    return ids_in(LEARNER, "learner", district, name)[0] if name else None


def _person(district: str) -> str:
    """Return the id of the adult who calls; raises PersonRefusedError for one of elsewhere."""
    _, person = require_person(PUBLISH)
    if not ADULT.matches(person) or ADULT.parse(person)[0] != district:
        raise PersonRefusedError
    return ADULT.parse(person)[1]
