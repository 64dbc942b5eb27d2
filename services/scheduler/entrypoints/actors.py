"""Finds who is calling in a school, and refuses what they may not do."""

from services.common.rpc.credentials import require_district
from services.scheduler.domain.access import WHOLE_SCHOOL, Action, Actor, Resource, allow
from services.scheduler.domain.errors import NotAllowedError
from services.scheduler.ports.actors import ActorBook


async def calling(scope: str, school_id: str, book: ActorBook) -> tuple[Actor, str]:
    """Return who is calling, and for which district; raises as `require_district` does."""
    credential, district = require_district(scope)
    return await book.actor(district, school_id, credential.person), district


def require_allowed(actor: Actor, action: Action, resource: Resource = WHOLE_SCHOOL) -> None:
    """Raise NotAllowedError where the actor may not do this."""
    if not allow(actor, action, resource):
        raise NotAllowedError(action=action.value)
