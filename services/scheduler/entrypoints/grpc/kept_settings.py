"""What the RPCs of every kind of setting have in common: who may, then keep, list or remove.

Rights are asked of each setting as it is sent and, in the transaction, of each that stands and
would be replaced or removed: nobody takes over what they may not touch by using its name.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from google.protobuf.message import Message

from services.common.clock import Clock
from services.common.ids import ResourceName
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire.names import SCHOOL, ids_in
from services.scheduler.adapters.wire.page_tokens import place_from, place_to
from services.scheduler.adapters.wire.settings import Parent, request_key
from services.scheduler.domain.access import (
    WHOLE_SCHOOL,
    Action,
    Actor,
    Resource,
    allow,
    require_allowed,
)
from services.scheduler.domain.calendar.week import monday_of
from services.scheduler.domain.resources import RefusedRow, Setting
from services.scheduler.entrypoints.actors import admitted
from services.scheduler.entrypoints.grpc.rows import rows_in
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.handlers.rows import Rows, UpsertRows, upsert_rows
from services.scheduler.handlers.settings import (
    Audited,
    Delete,
    Kind,
    Listing,
    delete,
    list_settings,
)
from services.scheduler.ports.actors import ActorBook
from services.scheduler.ports.store import Store

S = TypeVar("S", bound=Setting)
M = TypeVar("M", bound=Message)

Right = tuple[Action, Resource]
"""What an actor must be allowed, on what."""


def of_school(action: Action) -> Callable[[Setting], Right]:
    """Return the right of settings that are the whole school's."""
    return lambda _setting: (action, WHOLE_SCHOOL)


@dataclass(frozen=True, kw_only=True)
class Served(Generic[S]):
    """How one kind of setting is served.

    `right`: who may change a setting; `reading`: who may read it, asked of each; None: whoever may
    call the method at all reads them all. `stated`: makes of what an actor sends at a place of a
    batch what they stand for.

    Of the audit. `about`: the resource name of the learner or adult whom a setting is about, given
    the district; it stands in place of the setting's name, so that all about a person is found;
    None: it is about nobody. `day`: on which it is, where that is one day. `words`, `reason` and
    `private_to`: as of `Audited`.
    """

    kind: Kind[S]
    name: ResourceName
    right: Callable[[S], Right]
    reading: Callable[[S], Right] | None = None
    stated: Callable[[Actor, S, str], S] = lambda _actor, setting, _place: setting
    about: Callable[[str, S], str] | None = None
    day: Callable[[S], date] | None = None
    words: Callable[[S], str] = lambda _setting: ""
    reason: Callable[[S], str] = lambda _setting: ""
    private_to: Callable[[S], str] = lambda _setting: ""


class KeptSettings:
    """The work behind the RPCs of settings; the method's name is the request's."""

    def __init__(self, *, store: Store, clock: Clock, actors: ActorBook) -> None:
        self._store = store
        self._clock = clock
        self._actors = actors

    async def upsert(
        self,
        request: Message,
        served: Served[S],
        field: str,
        from_message: Callable[[Parent, str, M], S],
    ) -> tuple[str, Rows[S]]:
        """Keep the batch in a field of the request; return the district and what became of it."""
        _, district, done = await self.upsert_by(request, served, field, from_message)
        return district, done

    async def upsert_by(
        self,
        request: Message,
        served: Served[S],
        field: str,
        from_message: Callable[[Parent, str, M], S],
    ) -> tuple[Actor, str, Rows[S]]:
        """Do as `upsert`, for a kind that is shown to each as far as they may see it."""
        method, district = _called(request)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)  # type: ignore[attr-defined]
        actor = await admitted(method, school_id, self._actors)

        def read(parent: Parent, place: str, message: M) -> S:
            return served.stated(actor, from_message(parent, place, message), place)

        command: UpsertRows[S] = rows_in(request, (district, school_id), field, read)
        guard = _guard(actor, served)
        guard([one for one in command.rows if not isinstance(one, RefusedRow)])
        command = replace(command, guard=guard, act=_act_of(actor, served, (district, school_id)))
        done = await upsert_rows(command, served.kind, store=self._store, clock=self._clock)
        return actor, district, done

    async def page(self, request: Message, served: Served[S]) -> tuple[str, tuple[S, ...], str]:
        """Return the district, the page that a request asks for, and the token of the next."""
        _, district, shown, token = await self.page_for(request, served)
        return district, shown, token

    async def page_for(
        self, request: Message, served: Served[S]
    ) -> tuple[Actor, str, tuple[S, ...], str]:
        """Do as `page`, for a kind that is shown to each as far as they may see it."""
        method, district = _called(request)
        (school_id,) = ids_in(SCHOOL, "parent", district, request.parent)  # type: ignore[attr-defined]
        actor = await admitted(method, school_id, self._actors)
        query = Listing(
            district=district,
            school_id=school_id,
            after=place_from(request.page_token),  # type: ignore[attr-defined]
            page_size=request.page_size,  # type: ignore[attr-defined]
        )
        page = await list_settings(query, served.kind, store=self._store)
        reading = served.reading
        shown = tuple(
            one for one in page.settings if reading is None or allow(actor, *reading(one))
        )
        return actor, district, shown, place_to(page.next_after)

    async def delete(self, request: Message, served: Served[S]) -> None:
        """Remove the setting that a request names."""
        method, district = _called(request)
        name: str = request.name  # type: ignore[attr-defined]
        school_id, setting_id = ids_in(served.name, "name", district, name)
        actor = await admitted(method, school_id, self._actors)
        command = Delete(
            district=district,
            school_id=school_id,
            setting_id=setting_id,
            request=request_key(method, request, request.request_id),  # type: ignore[attr-defined]
            guard=_guard(actor, served),
            act=_act_of(actor, served, (district, school_id)),
        )
        await delete(command, served.kind, store=self._store, clock=self._clock)


def _called(request: Message) -> tuple[str, str]:
    """Return the method that a request is of, and the district of the credential."""
    method = type(request).__name__.removesuffix("Request")
    _, district = require_district(SCOPES[method])
    return method, district


def _guard(actor: Actor, served: Served[S]) -> Callable[[Collection[S]], None]:
    def guard(settings: Collection[S]) -> None:
        for one in settings:
            require_allowed(actor, *served.right(one))

    return guard


def _act_of(actor: Actor, served: Served[S], parent: Parent) -> Audited[S]:
    """Return what the audit is told of changes by an actor, a person or a system, in a school."""

    def subject(setting: S) -> str:
        if served.about is not None:
            return served.about(parent[0], setting)
        return served.name.format(*parent, setting.id)

    def monday(setting: S) -> date | None:
        return monday_of(served.day(setting)) if served.day is not None else None

    return Audited(
        actor=actor.name,
        action=lambda setting: served.right(setting)[0].value,
        subject=subject,
        words=served.words,
        reason=served.reason,
        private_to=served.private_to,
        monday=monday,
    )
