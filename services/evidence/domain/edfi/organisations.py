"""Schools and the agencies above them, as OneRoster's orgs."""

from typing import Final

from services.evidence.domain.edfi.fields import Fields
from services.evidence.domain.edfi.ids import id_by_key
from services.evidence.domain.edfi.objects import reading_of, reference_to
from services.evidence.domain.edfi.resources import BY_NAME
from services.evidence.domain.source_object import Json, Reading, SourceSettings

_TYPES: Final = {
    "schools": "school",
    "localEducationAgencies": "district",
    "educationServiceCenters": "local",
    "stateEducationAgencies": "state",
}
_ABOVE: Final = {
    "schools": ("localEducationAgency",),
    # An agency may name a larger one of its kind and both of those above; the nearest counts.
    "localEducationAgencies": (
        "parentLocalEducationAgency",
        "educationServiceCenter",
        "stateEducationAgency",
    ),
    "educationServiceCenters": ("stateEducationAgency",),
}


def read_organisation(resource: str, document: Fields, _settings: SourceSettings) -> Reading:
    """Return the org that a school or an agency is."""
    content: dict[str, Json] = {
        "name": document.needed("nameOfInstitution"),
        "type": _TYPES[resource],
        "identifier": document.needed(BY_NAME[resource].key[0].names[0]),
    }
    parent = _parent(resource, document)
    if parent:
        content["parent"] = reference_to(parent, "org")
    return reading_of(resource, document, content)


def org_of(fields: Fields, name: str) -> str:
    """Return the id of the org that a reference of a document names.

    Schools and agencies share one space of numbers, so it does not matter which of them it is.
    """
    reference = fields.inner(name)
    school = reference.text("schoolId") or reference.text("educationOrganizationId")
    if not school:
        raise fields.malformed(name, "names no organisation")
    return id_by_key("schools", {"schoolId": school})


def _parent(resource: str, document: Fields) -> str:
    for name in _ABOVE.get(resource, ()):
        own = name.removeprefix("parent")
        identity = f"{own[0].lower()}{own[1:]}Id"
        number = document.inner(f"{name}Reference").text(identity)
        if number:
            return id_by_key("schools", {"schoolId": number})
    return ""
