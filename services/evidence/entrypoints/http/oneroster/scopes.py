"""The scopes of OneRoster 1.2, and which of them opens what.

Collections and single objects are open to a service's core scope and to its full one; what is
nested in another object only to the full one. Demographics have a scope of their own, which has to
be granted by name: whoever may do everything else has not been told to look at these.
"""

from collections.abc import Sequence
from typing import Final

from services.common.rpc.credentials import (
    Credential,
    DistrictMissingError,
    ScopeMissingError,
    current_credential,
)
from services.evidence.domain.oneroster.fields import Service, Version
from services.evidence.domain.source_object import Collection

PREFIXES: Final = {
    Version.V1_1: "https://purl.imsglobal.org/spec/or/v1p1/scope/",
    Version.V1_2: "https://purl.imsglobal.org/spec/or/v1p2/scope/",
}

_FULL: Final = {
    Service.ROSTERING: "roster.readonly",
    Service.GRADEBOOK: "gradebook.readonly",
    Service.RESOURCES: "resource.readonly",
}
_CORE: Final = {
    Service.ROSTERING: "roster-core.readonly",
    Service.GRADEBOOK: "gradebook-core.readonly",
    Service.RESOURCES: "resource-core.readonly",
}
DEMOGRAPHICS: Final = "roster-demographics.readonly"
ASSESSMENTS: Final = frozenset({Collection.ASSESSMENT_LINE_ITEMS, Collection.ASSESSMENT_RESULTS})

SCOPES: Final = {
    Service.ROSTERING: ("roster-core.readonly", "roster.readonly", DEMOGRAPHICS),
    Service.GRADEBOOK: (
        "gradebook-core.readonly",
        "gradebook.readonly",
        "gradebook.createput",
        "gradebook.createpost",
        "gradebook.delete",
        "assessment.readonly",
        "assessment.createput",
        "assessment.delete",
    ),
    Service.RESOURCES: ("resource-core.readonly", "resource.readonly"),
}
"""All of a service's scopes, without what they begin with."""


def scopes_to_read(service: Service, collection: Collection, *, nested: bool) -> Sequence[str]:
    """Return the scopes each of which opens a path, without what they begin with."""
    if collection is Collection.DEMOGRAPHICS:
        return (DEMOGRAPHICS,)
    if collection in ASSESSMENTS:
        return ("assessment.readonly",)
    return (_FULL[service],) if nested else (_CORE[service], _FULL[service])


def scope_to_put(collection: Collection) -> str:
    """Return the scope that keeps an object."""
    return "assessment.createput" if collection in ASSESSMENTS else "gradebook.createput"


def scope_to_delete(collection: Collection) -> str:
    """Return the scope that deletes an object."""
    return "assessment.delete" if collection in ASSESSMENTS else "gradebook.delete"


SCOPE_TO_POST: Final = "gradebook.createpost"


def require_one_of(names: Sequence[str], version: Version = Version.V1_2) -> tuple[Credential, str]:
    """Return who asks and for which district.

    A scope of 1.2 opens the same path of 1.1. Raises AccessError where there is none of them.
    """
    credential = current_credential()
    prefixes = {PREFIXES[version], PREFIXES[Version.V1_2]}
    allowed = {prefix + name for prefix in prefixes for name in names}
    by_name = DEMOGRAPHICS in names
    if not (allowed & credential.scopes or (not by_name and credential.has_scope(min(allowed)))):
        wanted = PREFIXES[version] + names[-1]
        raise ScopeMissingError(f"this needs the scope {wanted}", scope=wanted)
    if credential.district is None:
        raise DistrictMissingError("this is asked of a district, and the token acts for none")
    return credential, credential.district
