"""Finds who is calling in a school, and refuses what they may not do.

A method asks in this order: does the credential have the scope, does a role of the person in the
school have the action, does the role reach as far as what is named.
"""

from services.common.rpc.credentials import require_district
from services.scheduler.domain.access import (
    WHOLE_SCHOOL,
    Actor,
    Resource,
    require_allowed,
    require_some,
)
from services.scheduler.entrypoints.actions import ACTIONS
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.ports.actors import ActorBook


async def calling(scope: str, school_id: str, book: ActorBook) -> tuple[Actor, str]:
    """Return who is calling, and for which district; raises as `require_district` does."""
    credential, district = require_district(scope)
    return await book.actor(district, school_id, credential.person), district


async def asking(scope: str, school_id: str, book: ActorBook) -> tuple[Actor, str]:
    """Return who is asking for something, and for which district: learners may be remembered."""
    credential, district = require_district(scope)
    return await book.asking(district, school_id, credential.person), district


async def admitted(method: str, school_id: str, book: ActorBook) -> Actor:
    """Return who calls a method, where a role of theirs has its action, be it for their own alone.

    What the call names is still to be asked for with `require_allowed`. Raises NotAllowedError.
    """
    actor, _ = await calling(SCOPES[method], school_id, book)
    require_some(actor, *ACTIONS[method])
    return actor


async def acting(
    method: str, school_id: str, book: ActorBook, resource: Resource = WHOLE_SCHOOL
) -> Actor:
    """Return who calls a method that has one action, for a resource; raises NotAllowedError."""
    actor, _ = await calling(SCOPES[method], school_id, book)
    (action,) = ACTIONS[method]
    require_allowed(actor, action, resource)
    return actor
