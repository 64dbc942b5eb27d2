"""The GETs of OneRoster: pages of listings, and single objects."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.evidence.domain.oneroster.fields import Service, Version
from services.evidence.domain.oneroster.query import (
    InvalidSelectionError,
    Selection,
    read_selection,
)
from services.evidence.domain.oneroster.schema import SCHEMA
from services.evidence.domain.source_object import Collection
from services.evidence.domain.texts import UNSTORABLE
from services.evidence.entrypoints.http.oneroster.answers import (
    base_url_of,
    json_answer,
    page_headers,
    selection_answer,
    warning_headers,
    written,
)
from services.evidence.entrypoints.http.oneroster.paths import (
    LISTINGS,
    Path,
    base_path,
    collection_of,
    led_through,
    read_in,
    template,
)
from services.evidence.entrypoints.http.oneroster.scopes import require_one_of, scopes_to_read
from services.evidence.ports.source_objects import ObjectReader


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The read paths of one service in one version."""

    reader: ObjectReader
    service: Service
    version: Version = Version.V1_2
    public_url: str | None = None

    def routes(self) -> list[Route]:
        """Return a route for each path, the longest first, as an id may hold slashes."""
        base = base_path(self.version, self.service)
        paths = sorted(read_in(self.version, self.service), key=len, reverse=True)
        many = [Route(base + template(path), self._endpoint(path)) for path in paths]
        single = [
            Route(base + template(path, single=True), self._endpoint(path, single=True))
            for path in paths
            if len(path) == 1
        ]
        return [*many, *single]

    def _endpoint(
        self, path: Path, *, single: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:
        return _Endpoint(service=self, path=path, single=single).answer


@dataclass(frozen=True, kw_only=True)
class _Endpoint:
    """One path."""

    service: Reading
    path: Path
    single: bool

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        scopes = scopes_to_read(self.service.service, self._collection, nested=len(self.path) > 1)
        _, district = require_one_of(scopes, self.service.version)
        try:
            selection = read_selection(
                self._collection, request.query_params.multi_items(), self.service.version
            )
        except InvalidSelectionError as error:
            return selection_answer(error)
        ids = ids_of(request, self._collection)
        await require_ways(self.service.reader, district, self.path, ids)
        if self.single:
            return await self._one(request, district, ids[0], selection)
        return await self._page(request, district, ids, selection)

    @property
    def _collection(self) -> Collection:
        return collection_of(self.path)

    async def _one(
        self, request: Request, district: str, object_id: str, selection: Selection
    ) -> Response:
        stored = await self.service.reader.one(district, LISTINGS[self.path](), object_id)
        if stored is None:
            raise unknown_object(self._collection)
        base_url = base_url_of(request, self.service.public_url)
        body = written(stored, selection, base_url=base_url, version=self.service.version)
        envelope = SCHEMA[self._collection].singular
        return json_answer({envelope: body}, headers=warning_headers(selection))

    async def _page(
        self, request: Request, district: str, ids: Sequence[str], selection: Selection
    ) -> Response:
        listing = LISTINGS[self.path](*ids)
        page = await self.service.reader.page(district, listing, selection)
        base_url = base_url_of(request, self.service.public_url)
        bodies = [
            written(one, selection, base_url=base_url, version=self.service.version)
            for one in page.objects
        ]
        headers = page_headers(request, selection, page.total, base_url=base_url)
        return json_answer({SCHEMA[self._collection].plural: bodies}, headers=headers)


def ids_of(request: Request, collection: Collection) -> list[str]:
    """Return the ids in a path; raises 404 for one that no object can have, as no store takes it.

    collection: of the objects that the path is about.
    """
    ids = [str(request.path_params[f"id{at}"]) for at in range(len(request.path_params))]
    if any(map(UNSTORABLE.search, ids)):
        raise unknown_object(collection)
    return ids


async def require_ways(reader: ObjectReader, district: str, path: Path, ids: Sequence[str]) -> None:
    """Raise 404 where an object that a path leads through is not there."""
    for listing, object_id in led_through(path, ids):
        if await reader.one(district, listing, object_id) is None:
            raise unknown_object(listing.collection)


def unknown_object(collection: Collection) -> HTTPException:
    """Return the 404 for an object that the district does not have; it repeats no id."""
    singular = SCHEMA[collection].singular
    return HTTPException(HTTPStatus.NOT_FOUND, f"there is no such {singular} in this district")
