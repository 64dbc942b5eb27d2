"""The discovery documents: what this provider offers of each service, as OpenAPI 3."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.common.web.oauth import TOKEN_PATH
from services.evidence.domain.oneroster.fields import Service, Version
from services.evidence.domain.oneroster.query import PARAMETERS
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection, Json
from services.evidence.entrypoints.http.oneroster.answers import base_url_of, json_answer
from services.evidence.entrypoints.http.oneroster.paths import (
    POSTED,
    Path,
    base_path,
    collection_of,
    read_in,
)
from services.evidence.entrypoints.http.oneroster.scopes import (
    PREFIXES,
    SCOPE_TO_POST,
    SCOPES,
    scope_to_delete,
    scope_to_put,
    scopes_to_read,
)
from services.evidence.entrypoints.http.oneroster.writing import WRITABLE

_NAMES: Final = {
    Service.ROSTERING: "rosters",
    Service.GRADEBOOK: "gradebook",
    Service.RESOURCES: "resources",
}

SCHEME: Final = "OAuth2Security"


def discovery_path(service: Service) -> str:
    """Return where the discovery document of a service of 1.2 is; nobody needs a token for it."""
    name = f"onerosterv1p2{_NAMES[service]}service_openapi3_v1p0.json"
    return f"{base_path(Version.V1_2, service)}/discovery/{name}"


def discovery_route(service: Service, public_url: str | None) -> Route:
    """Return the route of a service's discovery document."""

    async def discover(request: Request) -> Response:
        return json_answer(_document(service, base_url_of(request, public_url)))

    return Route(discovery_path(service), discover)


def _document(service: Service, base_url: str) -> Json:
    scopes: Mapping[str, Json] = {PREFIXES[Version.V1_2] + name: name for name in SCOPES[service]}
    flow: Json = {"tokenUrl": base_url + TOKEN_PATH, "scopes": scopes}
    return {
        "openapi": "3.0.1",
        "info": {"title": f"OneRoster 1.2 {_NAMES[service]} of Trellis", "version": "1.2"},
        "servers": [{"url": base_url + base_path(Version.V1_2, service)}],
        "paths": _paths(service),
        "components": {
            "securitySchemes": {SCHEME: {"type": "oauth2", "flows": {"clientCredentials": flow}}}
        },
    }


def _paths(service: Service) -> Json:
    paths: dict[str, dict[str, Json]] = {}
    for path in read_in(Version.V1_2, service):
        collection = collection_of(path)
        scopes = scopes_to_read(service, collection, nested=len(path) > 1)
        paths[_written(path)] = {"get": _operation(path, scopes, "200", paged=True)}
        if len(path) == 1:
            single = {"get": _operation((*path, ""), scopes, "200")}
            paths[_written((*path, ""))] = single | _changes(collection)
    for path in POSTED if service is Service.GRADEBOOK else ():
        operation = _operation(path, [SCOPE_TO_POST], "201")
        paths.setdefault(_written(path), {})["post"] = operation
    return paths


def _changes(collection: Collection) -> dict[str, Json]:
    if collection not in WRITABLE:
        return {}
    path = (SCHEMA[collection].plural, "")
    return {
        "put": _operation(path, [scope_to_put(collection)], "201"),
        "delete": _operation(path, [scope_to_delete(collection)], "204"),
    }


def _operation(path: Path, scopes: Sequence[str], status: str, *, paged: bool = False) -> Json:
    in_path: list[Json] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _ids(path)
    ]
    in_query: list[Json] = [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in PARAMETERS
    ]
    return {
        "parameters": in_path + (in_query if paged else []),
        "responses": {status: {"description": "as OneRoster 1.2 describes it"}},
        # Any one of them is enough.
        "security": [{SCHEME: [PREFIXES[Version.V1_2] + name]} for name in scopes],
    }


def _ids(path: Path) -> list[str]:
    return [f"{word}Id" for word in path[:-1]]


def _written(path: Path) -> str:
    """Return a path as OpenAPI writes it; one that ends with an empty word is of one object."""
    ids = [f"{{{name}}}" for name in _ids(path)]
    steps = [step for pair in zip(path[:-1], ids, strict=True) for step in pair]
    return "/" + "/".join([*steps, path[-1]]).rstrip("/")
