"""What OneRoster 1.1 says of a user in one role and several orgs, and 1.2 in a list of roles."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from services.evidence.domain.oneroster.fields import EXTENSION
from services.evidence.domain.oneroster.vocabularies import FORMER_ROLES, ROLES
from services.evidence.domain.source_object import Json

_ADMINISTRATOR: Final = "administrator"
_AIDE: Final = "aide"
ROLES_OF_SEVERAL: Final = frozenset({_ADMINISTRATOR, _AIDE})
"""Roles that 1.1 gives to users of several roles of 1.2."""

_ADMINISTRATE: Final = frozenset(
    {"districtAdministrator", "principal", "siteAdministrator", "systemAdministrator"}
)


def roles_of_former_user(role: Json, orgs: Json) -> list[Json]:
    """Return the roles of a user of 1.1: the same in each org, and the primary one there.

    1.2 has no plain administrator, and which of its three is meant cannot be known: it becomes an
    extension.
    """
    if not isinstance(role, str):
        return []
    known = role if role in ROLES or role.startswith(EXTENSION) else EXTENSION + role
    return [
        {"roleType": "primary", "role": known, "org": org}
        for org in cast(Sequence[Json], orgs or ())
    ]


def former_user(user: Mapping[str, Json]) -> dict[str, Json]:
    """Return role and orgs as 1.1 has them, of a user with roles as 1.2 has them.

    The first primary role counts, else the first; 1.1 knows one role. What 1.1 has no word for is
    an administrator where the role administrates, else an aide, who may see the least.
    """
    roles = cast(Sequence[Mapping[str, Json]], user.get("roles") or ())
    if not roles:
        return {}
    first = next((one for one in roles if one.get("roleType") == "primary"), roles[0])
    orgs: dict[Json, Json] = {}
    for one in roles:
        org = one.get("org")
        if isinstance(org, Mapping):
            orgs.setdefault(org.get("sourcedId"), org)
    return {"role": _former_role(str(first.get("role", ""))), "orgs": list(orgs.values())}


def _former_role(role: str) -> str:
    plain = role.removeprefix(EXTENSION)
    if plain in FORMER_ROLES:
        return plain
    return _ADMINISTRATOR if plain in _ADMINISTRATE else _AIDE
