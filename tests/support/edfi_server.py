"""A small Ed-Fi API with the real shapes: tokens, pages, change versions, deletes, key changes.

It keeps what it is given in memory and numbers each change. `app` is served in the process of a
test by `transport()`, or by any ASGI server on a port.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.evidence.domain.edfi.resources import BY_NAME

ADDRESS = "https://ods.example/v7.1/api"
CLIENT_ID = "trellis"
CLIENT_SECRET = "a secret: with %20 and a colon"
TOKEN_SECONDS = 1800

Document = Mapping[str, Any]


@dataclass
class _Stored:
    id: str
    version: int
    document: Document


@dataclass
class _Change:
    id: str
    version: int
    old: Document
    new: Document | None


@dataclass
class Fault:
    """What the next call is answered with instead; path: only a call that ends with it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    body: bytes = b"[]"


class EdFiServer:
    """An API over documents that tests put, delete and give new keys."""

    def __init__(self, *, key_changes: bool = True, named_deletes: bool = True) -> None:
        """Take what the host is able to do: older ones know no key changes or no keys at all."""
        self.version = 0
        self.oldest = 0
        self.faults: list[Fault] = []
        self.calls: list[str] = []
        """Paths and queries of the calls that had a valid token."""
        self.tokens = 0
        """How many tokens were given."""
        self.after_page: Callable[[str], None] | None = None
        """Called after each page with its resource: for changes while somebody reads."""
        self._key_changes = key_changes
        self._named_deletes = named_deletes
        self._valid_token = ""
        self._stored: dict[str, list[_Stored]] = {}
        self._changes: dict[str, list[_Change]] = {}
        self.app = Starlette(
            routes=[
                Route("/v7.1/api/oauth/token", self._token, methods=["POST"]),
                Route(
                    "/v7.1/api/changeQueries/v1/availableChangeVersions",
                    self._guarded(self._versions),
                ),
                Route("/v7.1/api/data/v3/ed-fi/{resource}", self._guarded(self._documents)),
                Route("/v7.1/api/data/v3/ed-fi/{resource}/{feed}", self._guarded(self._feed)),
            ]
        )

    def transport(self) -> httpx.ASGITransport:
        """Return what calls the API within the process."""
        return httpx.ASGITransport(app=self.app)

    def put(self, resource: str, document: Document) -> None:
        """Create or replace a document by its natural key."""
        self.version += 1
        stored = self._stored.setdefault(resource, [])
        for one in stored:
            if key_values(resource, one.document) == key_values(resource, document):
                one.version, one.document = self.version, document
                return
        stored.append(_Stored(id=f"{self.version:032x}", version=self.version, document=document))

    def delete(self, resource: str, document: Document) -> None:
        """Delete the document with this natural key."""
        one = self._find(resource, document)
        self.version += 1
        self._stored[resource].remove(one)
        change = _Change(
            id=one.id, version=self.version, old=key_values(resource, one.document), new=None
        )
        self._changes.setdefault(resource, []).append(change)

    def forget(self, resource: str, document: Document) -> None:
        """Lose a document without a trace, as a restored copy of the data does."""
        self._stored[resource].remove(self._find(resource, document))

    def change_key(self, resource: str, document: Document, new: Document) -> None:
        """Replace a document by one with another natural key."""
        one = self._find(resource, document)
        self.version += 1
        change = _Change(
            id=one.id,
            version=self.version,
            old=key_values(resource, one.document),
            new=key_values(resource, new),
        )
        self._changes.setdefault(resource, []).append(change)
        self.version += 1
        one.version, one.document = self.version, new

    def end_tokens(self) -> None:
        """Make every token that was given invalid."""
        self._valid_token = ""

    def _find(self, resource: str, document: Document) -> _Stored:
        key = key_values(resource, document)
        return next(
            one for one in self._stored[resource] if key_values(resource, one.document) == key
        )

    async def _token(self, request: Request) -> Response:
        fault = self._fault_for(request.url.path)
        if fault is not None:
            return fault
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        client_id, _, secret = base64.b64decode(given).decode().partition(":")
        known = (unquote(client_id), unquote(secret)) == (CLIENT_ID, CLIENT_SECRET)
        form = await request.body()
        if scheme != "Basic" or not known or form != b"grant_type=client_credentials":
            return JSONResponse({"error": "invalid_client"}, status_code=401)
        self.tokens += 1
        self._valid_token = f"token-{self.tokens}"
        return JSONResponse(
            {
                "access_token": self._valid_token,
                "expires_in": TOKEN_SECONDS,
                "token_type": "bearer",
            }
        )

    def _guarded(self, answer: Callable[[Request], Response]) -> Callable[[Request], Any]:
        async def guarded(request: Request) -> Response:
            fault = self._fault_for(request.url.path)
            if fault is not None:
                return fault
            if not self._valid_token or (
                request.headers.get("authorization") != f"Bearer {self._valid_token}"
            ):
                return JSONResponse({"message": "unauthorized"}, status_code=401)
            self.calls.append(f"{request.url.path.partition('/api/')[2]}?{request.url.query}")
            return answer(request)

        return guarded

    def _fault_for(self, path: str) -> Response | None:
        if self.faults and path.endswith(self.faults[0].path):
            fault = self.faults.pop(0)
            return Response(fault.body, fault.status, dict(fault.headers))
        return None

    def _versions(self, _request: Request) -> Response:
        return JSONResponse(
            {"oldestChangeVersion": self.oldest, "newestChangeVersion": self.version}
        )

    def _documents(self, request: Request) -> Response:
        resource = request.path_params["resource"]
        if resource not in BY_NAME:
            return Response(status_code=404)
        stored = [
            {"id": one.id, **one.document, "_etag": f"{one.version}"}
            for one in self._stored.get(resource, [])
            if _within(request, one.version)
        ]
        return self._page(request, stored)

    def _feed(self, request: Request) -> Response:
        resource, feed = request.path_params["resource"], request.path_params["feed"]
        if feed == "keyChanges" and not self._key_changes:
            return Response(status_code=404)
        changes = [
            one
            for one in self._changes.get(resource, [])
            if _within(request, one.version) and (one.new is None) == (feed == "deletes")
        ]
        if feed == "keyChanges":
            entries = [
                {
                    "id": one.id,
                    "changeVersion": one.version,
                    "oldKeyValues": one.old,
                    "newKeyValues": one.new,
                }
                for one in changes
            ]
        else:
            entries = [
                {
                    "id": one.id,
                    "changeVersion": one.version,
                    **({"keyValues": one.old} if self._named_deletes else {}),
                }
                for one in changes
            ]
        return self._page(request, entries)

    def _page(self, request: Request, documents: list[Any]) -> Response:
        offset = int(request.query_params.get("offset", 0))
        limit = int(request.query_params.get("limit", 25))
        if not 0 <= limit <= 500:
            return JSONResponse({"message": "limit"}, status_code=400)
        headers = {}
        if request.query_params.get("totalCount") == "true":
            headers["Total-Count"] = str(len(documents))
        page = documents[offset : offset + limit]
        body = json.dumps(page).encode()
        if self.after_page is not None and not headers:
            self.after_page(request.path_params["resource"])
        return Response(body, headers={**headers, "content-type": "application/json"})


def _within(request: Request, version: int) -> bool:
    lowest = int(request.query_params.get("minChangeVersion", 0))
    return lowest <= version <= int(request.query_params.get("maxChangeVersion", 2**62))


def key_values(resource: str, document: Document) -> dict[str, Any]:
    """Return the values of a document's natural key, as the API lists them."""
    key = {}
    for one in BY_NAME[resource].key:
        for path, name in zip(one.paths, one.names, strict=False):
            value: Any = document
            for step in path.split("/"):
                value = value.get(step) if isinstance(value, Mapping) else None
            if value is not None:
                key[name] = value
                break
    return key
