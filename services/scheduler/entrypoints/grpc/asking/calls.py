"""What every RPC of RequestService does first: who is calling, in which school, for whom."""

from collections.abc import Collection
from datetime import date
from typing import Any, TypeAlias

import grpc.aio
from google.protobuf.message import Message

from services.common.ids import ResourceName
from services.common.rpc.credentials import require_district
from services.scheduler.adapters.wire.names import (
    COMPETENCY,
    LEARNER,
    OFFER,
    SCHOOL,
    WEEK,
    ids_in,
    parse_monday,
)
from services.scheduler.adapters.wire.settings import request_key
from services.scheduler.domain.access import WHOLE_SCHOOL, Action, Resource, allow, require_allowed
from services.scheduler.domain.errors import InvalidRequestError, NotAllowedError
from services.scheduler.entrypoints.actors import asking
from services.scheduler.entrypoints.scopes import READ, WRITE
from services.scheduler.handlers.asking.desk import Desk
from services.scheduler.handlers.day.acting import Act
from services.scheduler.handlers.day.changes import Changing
from services.scheduler.ports.actors import ActorBook

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


class Calls:
    """The beginning of every RPC."""

    def __init__(self, *, desk: Desk, actors: ActorBook, changing: Changing) -> None:
        self._desk = desk
        self._changing = changing
        self._actors = actors

    async def _by(self, school_id: str, request: Message | None = None) -> Act:
        """Return who is calling; `request`: that of a write, which needs the scope to write."""
        scope = READ if request is None else WRITE
        actor, district = await asking(scope, school_id, self._actors)
        key = None
        if request is not None:
            request_id: str = request.request_id  # type: ignore[attr-defined]
            key = request_key(type(request).__name__, request, request_id)
        return Act(district=district, school_id=school_id, actor=actor, request=key)

    async def _in_week(
        self, field: str, name: str, request: Message | None = None
    ) -> tuple[Act, date]:
        """Return who is calling, and the week that is named."""
        (school_id, monday) = _ids(WEEK, field, name)
        return await self._by(school_id, request), parse_monday(field, monday)

    async def _in_school(self, field: str, name: str, request: Message | None = None) -> Act:
        (school_id,) = _ids(SCHOOL, field, name)
        return await self._by(school_id, request)

    async def _on(
        self, pattern: ResourceName, name: str, request: Message | None = None
    ) -> tuple[Act, tuple[str, ...]]:
        """Return who is calling, and the ids of the name behind the school."""
        school_id, *ids = _ids(pattern, "name", name)
        return await self._by(school_id, request), tuple(ids)


def _ids(pattern: ResourceName, field: str, name: str) -> tuple[str, ...]:
    _, district = require_district(READ)
    return ids_in(pattern, field, district, name)


def school_of(by: Act) -> tuple[str, str]:
    """Return district and school."""
    return by.district, by.school_id


def learner_in(by: Act, name: str) -> str:
    """Return the id of a learner that a request names."""
    return ids_in(LEARNER, "learner", by.district, name)[0]


def competency_in(by: Act, name: str) -> str:
    """Return the id of a competency that a request names; empty for none."""
    return ids_in(COMPETENCY, "competency", by.district, name)[0] if name else ""


def offer_in(by: Act, name: str) -> str:
    """Return the id of an offer of the school that a request names; empty for none."""
    if not name:
        return ""
    school_id, offer_id = ids_in(OFFER, "offer", by.district, name)
    if school_id != by.school_id:
        raise InvalidRequestError(field="offer", message="is of another school")
    return offer_id


def require_on(by: Act, action: Action, learner_id: str) -> None:
    """Raise NotAllowedError where the caller may not do this for a learner."""
    require_allowed(by.actor, action, Resource(learner_id=learner_id))


def require_any(by: Act, actions: Collection[Action], learner_id: str) -> None:
    """Raise NotAllowedError where the caller may do none of these for a learner."""
    resource = Resource(learner_id=learner_id)
    if not any(allow(by.actor, one, resource) for one in actions):
        raise NotAllowedError(action=next(iter(actions)).value)


def learners_of(by: Act, action: Action, name: str) -> tuple[str, ...] | None:
    """Return the learners whose things a list may show: the one named, the caller's own, or all.

    None: all. Raises NotAllowedError where the caller may see none.
    """
    if name:
        learner_id = learner_in(by, name)
        require_on(by, action, learner_id)
        return (learner_id,)
    if allow(by.actor, action, WHOLE_SCHOOL):
        return None
    own = sorted(
        one for one in by.actor.own_learner_ids if allow(by.actor, action, Resource(learner_id=one))
    )
    if not own:
        raise NotAllowedError(action=action.value)
    return tuple(own)


def of_week(ids: tuple[str, ...]) -> tuple[date, str]:
    """Return the Monday of a name below a week, and the last id of it."""
    return parse_monday("name", ids[0]), ids[1]
