"""CASE over HTTP: the district's frameworks as its other systems read them, in 1.1 and in 1.0.

    app = http_app([case_part(reader, public_url="https://trellis.example.org")], …)

All requests are GET. An answer carries a strong ETag over its bytes, and 304 answers who has them
already. What is refused is told as the standard has it (imsx_StatusInfo); what nobody foresaw goes
through to the app, which logs it under an id.
"""

import asyncio
import functools
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final, Protocol, TypeAlias
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.common.rpc.credentials import AccessError, UnauthenticatedError, require_district
from services.common.web.oauth import TOKEN_PATH
from services.evidence.adapters.exact_json import encode_json
from services.evidence.domain.case.selection import Selection, SelectionError, selection_of
from services.evidence.domain.case.shapes import CLASSES, CaseVersion
from services.evidence.domain.case.values import uuid_of
from services.evidence.domain.case.writing import EXTENSIONS
from services.evidence.domain.source_object import Collection
from services.evidence.entrypoints.http.app import Part, Problem
from services.evidence.entrypoints.http.case_openapi import openapi_document
from services.evidence.entrypoints.http.oneroster.answers import in_standards_terms
from services.evidence.entrypoints.scopes import FRAMEWORK_READ
from services.evidence.handlers.case import (
    DocumentPage,
    Outlet,
    PackageTooLargeError,
    UnknownObjectError,
    get_case_object,
    get_definition_set,
    get_item_associations,
    get_package,
    list_case_documents,
)
from services.evidence.ports.case import CaseReader, Content

PREFIXES: Final[Mapping[CaseVersion, str]] = {
    CaseVersion.V1P1: "/ims/case/v1p1",
    CaseVersion.V1P0: "/ims/case/v1p0",
}
DISCOVERY: Final[Mapping[CaseVersion, str]] = {
    CaseVersion.V1P1: "/discovery/imscasev1p1_openapi3_v1p0.json",
    CaseVersion.V1P0: "/discovery/imscasev1p0_openapi3_v1p0.json",
}

SINGLE: Final = (
    Collection.CF_DOCUMENTS,
    Collection.CF_ITEMS,
    Collection.CF_ASSOCIATIONS,
    Collection.CF_ASSOCIATION_GROUPINGS,
    Collection.CF_LICENSES,
    Collection.CF_RUBRICS,
)
"""Collections whose objects are given out one by one, without anything around them."""

SETS: Final = (Collection.CF_CONCEPTS, Collection.CF_ITEM_TYPES, Collection.CF_SUBJECTS)
"""Collections whose objects are given out in a list, with what is below them."""

CORE_SCOPE: Final = "https://purl.imsglobal.org/spec/case/v1p1/scope/core.readonly"
"""The standard's scope, which OAuth clients ask for; it opens 1.0 as well, which has none."""

# Frameworks name nobody, but they are asked for with a token: no shared cache keeps them.
CACHE_CONTROL: Final = "private, no-cache"
_REPORTER: Final = "TargetEndSystem"
"""Whose minor code it is, in the words of the standard: the system that was asked."""

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
Lookup: TypeAlias = Callable[[str, str], Awaitable[Content]]
"""From district and identifier to what is answered."""


class CollectionLookup(Protocol):
    """Gives an object of any collection; a use case of CASE."""

    def __call__(
        self,
        district: str,
        collection: Collection,
        object_id: str,
        *,
        reader: CaseReader,
        outlet: Outlet,
    ) -> Awaitable[Content]:
        """Return what is answered."""
        ...


def case_part(reader: CaseReader, *, public_url: str) -> Part:
    """Return CASE as a part of the HTTP app; what is no route is answered in CASE's words too."""
    return Part(
        prefix="/ims/case/",
        routes=case_routes(reader, public_url=public_url),
        answer=answer_problem,
        public_paths=tuple(prefix + DISCOVERY[version] for version, prefix in PREFIXES.items()),
    )


def case_routes(reader: CaseReader, *, public_url: str) -> list[Route]:
    """Return the addresses of CASE 1.1 and 1.0.

    public_url: the address under which other systems reach this service, without a path. Every
    answer needs a credential of a district with CORE_SCOPE or FRAMEWORK_READ, but for the discovery
    documents.
    """
    routes = []
    for version, prefix in PREFIXES.items():
        outlet = Outlet(base_url=public_url.rstrip("/") + prefix, version=version)
        routes.extend(_version_routes(reader, outlet, prefix))
    return routes


def _version_routes(reader: CaseReader, outlet: Outlet, prefix: str) -> list[Route]:
    documents = prefix + "/CFDocuments"
    routes = [
        Route(prefix + DISCOVERY[outlet.version], _discovery(outlet), methods=["GET"]),
        Route(documents, _told(_documents(reader, outlet)), methods=["GET"]),
    ]
    for path, lookup in _lookups(reader, outlet).items():
        routes.append(Route(f"{prefix}/{path}/{{id}}", _told(_one(lookup)), methods=["GET"]))
    return routes


def _lookups(reader: CaseReader, outlet: Outlet) -> Mapping[str, Lookup]:
    """Return who answers for each kind of object, by its place in the address."""
    lookups: dict[str, Lookup] = {
        "CFPackages": functools.partial(get_package, reader=reader, outlet=outlet),
        "CFItemAssociations": functools.partial(
            get_item_associations, reader=reader, outlet=outlet
        ),
    }
    for collections, get in ((SINGLE, get_case_object), (SETS, get_definition_set)):
        for collection in collections:
            lookups[collection.value] = functools.partial(
                _of_collection, get, collection, reader=reader, outlet=outlet
            )
    return lookups


async def _of_collection(
    get: CollectionLookup,
    collection: Collection,
    district: str,
    object_id: str,
    *,
    reader: CaseReader,
    outlet: Outlet,
) -> Content:
    return await get(district, collection, object_id, reader=reader, outlet=outlet)


def _one(lookup: Lookup) -> Handler:
    async def answer(request: Request) -> Response:
        _, district = require_district(CORE_SCOPE, FRAMEWORK_READ)
        object_id = uuid_of(request.path_params["id"])
        if object_id is None:
            # The standard has 404 for this as well; the minor code tells the two apart.
            return status_info(HTTPStatus.NOT_FOUND, "invaliduuid", "The identifier is no UUID.")
        return await _answer(request, await lookup(district, object_id))

    return answer


def _documents(reader: CaseReader, outlet: Outlet) -> Handler:
    shape = CLASSES[Collection.CF_DOCUMENTS]
    known = frozenset({*shape.fields, *shape.alone, EXTENSIONS})

    async def answer(request: Request) -> Response:
        _, district = require_district(CORE_SCOPE, FRAMEWORK_READ)
        selection = selection_of(request.query_params, known)
        page = await list_case_documents(district, selection, reader=reader, outlet=outlet)
        headers = {"X-Total-Count": str(page.total)}
        links = _links(request, f"{outlet.base_url}/CFDocuments", selection, page)
        if links:
            headers["Link"] = links
        return await _answer(request, {"CFDocuments": page.documents}, headers)

    return answer


def _discovery(outlet: Outlet) -> Handler:
    token_url = outlet.base_url.removesuffix(PREFIXES[outlet.version]) + TOKEN_PATH

    async def answer(request: Request) -> Response:
        return await _answer(
            request, openapi_document(outlet, token_url=token_url, scope=CORE_SCOPE)
        )

    return answer


def _links(request: Request, address: str, selection: Selection, page: DocumentPage) -> str:
    """Return the Link header: the first and last page, and those before and after this one."""
    last = max(page.total - 1, 0) // selection.limit * selection.limit
    offsets = {"first": 0, "last": last}
    if selection.offset + selection.limit < page.total:
        offsets["next"] = selection.offset + selection.limit
    if selection.offset > 0:
        offsets["prev"] = max(selection.offset - selection.limit, 0)
    asked = {
        name: value
        for name, value in request.query_params.items()
        if name in ("sort", "orderBy", "filter", "fields")
    }
    return ", ".join(
        f"<{address}?{urlencode({'limit': selection.limit, 'offset': offset, **asked})}>;"
        f' rel="{relation}"'
        for relation, offset in offsets.items()
    )


def _told(handler: Handler) -> Handler:
    """Answer what is refused as the standard has it."""

    @functools.wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except SelectionError as error:
            return status_info(HTTPStatus.BAD_REQUEST, error.code, str(error))
        except UnknownObjectError as error:
            return status_info(HTTPStatus.NOT_FOUND, "unknownobject", str(error))
        except PackageTooLargeError as error:
            return status_info(HTTPStatus.FORBIDDEN, "forbidden", str(error))
        except UnauthenticatedError as error:
            return status_info(HTTPStatus.UNAUTHORIZED, "unauthorisedrequest", str(error))
        except AccessError as error:
            return status_info(HTTPStatus.FORBIDDEN, "forbidden", str(error))

    return answer


def answer_problem(_request: Request, what: Problem) -> Response:
    """Answer what went wrong before a handler of CASE was asked, or what nobody foresaw."""
    what, code = in_standards_terms(what)
    return status_info(what.status, code, what.message, what.headers)


def status_info(
    status: int, code: str, description: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the standard's answer to what cannot be done. code: of its list of minor codes.

    imsx_codeMinor begins with a small letter here, and with a capital one in OneRoster.
    """
    content = {
        "imsx_codeMajor": "failure",
        "imsx_severity": "error",
        "imsx_description": description,
        "imsx_codeMinor": {
            "imsx_codeMinorField": [
                {"imsx_codeMinorFieldName": _REPORTER, "imsx_codeMinorFieldValue": code}
            ]
        },
    }
    if status == HTTPStatus.UNAUTHORIZED:
        headers = {"WWW-Authenticate": "Bearer", **(headers or {})}
    return Response(encode_json(content), status, media_type="application/json", headers=headers)


async def _answer(
    request: Request, content: Content, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with JSON, or with 304 to who has it. Large frameworks are encoded in a thread."""
    body = await asyncio.to_thread(encode_json, content)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    all_headers = {"ETag": tag, "Cache-Control": CACHE_CONTROL, **(headers or {})}
    asked = [one.strip() for one in request.headers.get("if-none-match", "").split(",")]
    if tag in asked or "*" in asked:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=all_headers)
    return Response(body, media_type="application/json", headers=all_headers)
