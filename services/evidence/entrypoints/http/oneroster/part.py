"""OneRoster as a part of the HTTP app: 1.2 whole, and what 1.1 gives out, to be read."""

from services.evidence.domain.oneroster.fields import Service, Version
from services.evidence.entrypoints.http.app import Part
from services.evidence.entrypoints.http.oneroster.answers import answer_problem
from services.evidence.entrypoints.http.oneroster.discovery import discovery_path, discovery_route
from services.evidence.entrypoints.http.oneroster.reading import Reading
from services.evidence.entrypoints.http.oneroster.writing import Writing
from services.evidence.ports.source_objects import ObjectReader, ObjectWriter


def oneroster_part(
    *, reader: ObjectReader, writer: ObjectWriter, public_url: str | None = None
) -> Part:
    """Return the part.

    public_url: how callers reach this server, without a path; where it is not given, links begin
    as the caller's own address did.
    """
    readings = [
        Reading(reader=reader, service=service, version=version, public_url=public_url)
        for version in (Version.V1_2, Version.V1_1)
        for service in Service
    ]
    read = [route for reading in readings for route in reading.routes()]
    # Paths of many words come first, whatever is done there: an id may hold slashes.
    routes = sorted(
        [*read, *Writing(reader=reader, writer=writer).routes()],
        key=lambda route: -route.path.count("/"),
    )
    return Part(
        prefix="/ims/oneroster/",
        routes=[*(discovery_route(service, public_url) for service in Service), *routes],
        answer=answer_problem,
        public_paths=tuple(discovery_path(service) for service in Service),
    )
