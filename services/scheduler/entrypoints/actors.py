"""Finds who is calling in a school, and refuses what they may not do.

A method asks in this order: does the credential have the scope, does a role of the person in the
school have the action, does the role reach as far as what is named.
"""

from dataclasses import replace

from services.common.rpc.credentials import Credential, require_district
from services.scheduler.domain.access import (
    WHOLE_SCHOOL,
    Actor,
    Resource,
    require_allowed,
    require_some,
)
from services.scheduler.domain.audit import system_name
from services.scheduler.entrypoints.actions import ACTIONS
from services.scheduler.entrypoints.scopes import SCOPES
from services.scheduler.ports.actors import ActorBook


async def calling(scope: str, school_id: str, book: ActorBook) -> tuple[Actor, str]:
    """Return who is calling, and for which district; raises as `require_district` does."""
    credential, district = require_district(scope)
    return _named(await book.actor(district, school_id, credential.person), credential), district


async def asking(scope: str, school_id: str, book: ActorBook) -> tuple[Actor, str]:
    """Return who is asking for something, and for which district: learners may be remembered."""
    credential, district = require_district(scope)
    return _named(await book.asking(district, school_id, credential.person), credential), district


def _named(actor: Actor, credential: Credential) -> Actor:
    """Return the actor, a system under its credential's name: so the audit tells which it was."""
    if credential.person is not None:
        return actor
    return replace(actor, name=system_name(credential.name))


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
