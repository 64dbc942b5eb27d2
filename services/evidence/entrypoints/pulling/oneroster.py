"""A pull from a OneRoster service, 1.1 or 1.2: all of it, or what has changed since a time.

Lists are asked for in the order of ids, and each page begins with the last object of the one
before. Where that object does not come again, something before it is gone and what stood behind it
has moved forward, perhaps out of sight: the list is then read from its beginning. What comes twice
is kept once, and what is new meanwhile comes with the next pull.

Many services do less than the standard says. One that refuses to sort is asked without, one that
refuses to filter is asked for everything; one that says neither how many there are nor what comes
next is asked until nothing more comes. Demographics are never asked for.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from services.evidence.domain.oneroster.fields import Version
from services.evidence.domain.oneroster.schema import SCHEMA, nested_collections
from services.evidence.domain.source_object import Collection, Json
from services.evidence.entrypoints.http.oneroster.paths import base_path
from services.evidence.entrypoints.pulling.fetching import (
    Answer,
    MissingAtPeerError,
    Peer,
    PullError,
    RefusedByPeerError,
    decoded,
    moment_of,
)

PAGE_SIZE: Final = 500
"""As many as are kept at once; services that give fewer are asked more often."""

MAX_OBJECTS: Final = 20_000_000
"""Of one collection: the results of a large district in ten years."""

MAX_READINGS: Final = 4
"""So often a list that moves is read from its beginning in one pull."""

IN_ORDER: Final = (
    Collection.ORGS,
    Collection.ACADEMIC_SESSIONS,
    Collection.COURSES,
    Collection.USERS,
    Collection.CLASSES,
    Collection.ENROLLMENTS,
    Collection.CATEGORIES,
    Collection.SCORE_SCALES,
    Collection.LINE_ITEMS,
    Collection.RESULTS,
    Collection.ASSESSMENT_LINE_ITEMS,
    Collection.ASSESSMENT_RESULTS,
)
"""What is pulled, each after what it refers to."""

_SINCE_1_2: Final = frozenset(
    {
        Collection.SCORE_SCALES,
        Collection.ASSESSMENT_LINE_ITEMS,
        Collection.ASSESSMENT_RESULTS,
    }
)

_OPTIONAL: Final = frozenset(IN_ORDER[IN_ORDER.index(Collection.CATEGORIES) :])
"""What a service that rosters need not have."""

_ASKED: Final[Sequence[frozenset[str]]] = (
    frozenset({"sort", "orderBy", "filter"}),
    frozenset({"filter"}),
    frozenset(),
)
"""What a page is asked with; where that is refused, with the next."""

_SECRETS: Final = frozenset({"password"})
"""Never handed on, as what is refused stays in quarantine as it came."""


_HOLDING_SECRETS: Final = ("userProfiles", "credentials")
"""Lists of what may have some."""


def collections_of(version: Version) -> Sequence[Collection]:
    """Return what can be pulled in a version, in order."""
    return [one for one in IN_ORDER if version is Version.V1_2 or one not in _SINCE_1_2]


class OneRosterPull:
    """One pull from one service. served_time: when it gave its first answer, by its own clock."""

    def __init__(
        self,
        peer: Peer,
        version: Version = Version.V1_2,
        *,
        collections: Sequence[Collection] = (),
        page_size: int = PAGE_SIZE,
    ) -> None:
        """Take the service, at what comes before /ims/oneroster, and what to pull from it.

        collections: their order is not for the caller; none for all that it has. Raises PullError
        for one that is not pulled.
        """
        known = collections_of(version)
        unknown = sorted(one.value for one in set(collections) - set(known))
        if unknown:
            raise PullError(f"These collections are not pulled: {', '.join(unknown)}.")
        self._peer = peer
        self._version = version
        self._named = bool(collections)
        self._collections = [one for one in known if one in collections or not collections]
        self._page_size = page_size
        self.served_time: datetime | None = None
        self.skipped: list[Collection] = []
        """What the service does not have."""
        self.incomplete: list[Collection] = []
        """Of which it gave fewer than it said there are."""

    async def whole_collections(self) -> Sequence[Collection]:
        """Return what the service has, and what stands within that: a pull of all brings it whole.

        Asks for one object of each. Raises PullError.
        """
        whole: list[Collection] = []
        for collection in self._collections:
            try:
                await self._page(collection, {"limit": "1", "offset": "0"})
            except RefusedByPeerError as error:
                self._skip(collection, error)
            else:
                whole += [collection, *nested_collections(collection)]
        return whole

    async def changes(
        self, since: datetime | None = None
    ) -> AsyncIterator[tuple[Collection, Sequence[Mapping[str, Json]]]]:
        """Give everything, or what has changed since a time, page by page.

        Asking for the next one acknowledges all before it. Raises PullError where the pull cannot
        go on.
        """
        for collection in self._collections:
            if collection in self.skipped:
                continue
            try:
                async for documents in self._list(collection, since):
                    yield collection, [_without_secrets(one) for one in documents]
            except RefusedByPeerError as error:
                self._skip(collection, error)

    def _skip(self, collection: Collection, error: RefusedByPeerError) -> None:
        """Go on without a collection that nobody asked for by name; else raise."""
        absent = isinstance(error, MissingAtPeerError) or error.status == HTTPStatus.NOT_IMPLEMENTED
        if self._named or not absent or collection not in _OPTIONAL:
            raise error
        self.skipped.append(collection)

    async def _list(
        self, collection: Collection, since: datetime | None
    ) -> AsyncIterator[Sequence[Mapping[str, Json]]]:
        """Give the pages of a list; from its beginning again where it has moved."""
        reading = _Reading(self, collection, since)
        for _ in range(MAX_READINGS):
            try:
                async for documents in reading.pages():
                    yield documents
            except _MovedError:
                continue
            if not reading.complete:
                self.incomplete.append(collection)
            return
        raise PullError(
            f"{collection.value} changes its order while it is read, {MAX_READINGS} times; ask the"
            " host for lists in the order of sourcedId, or pull at a quieter time"
        )

    async def _page(self, collection: Collection, parameters: Mapping[str, str]) -> Answer:
        schema = SCHEMA[collection]
        path = f"{base_path(self._version, schema.service)}/{schema.plural}"
        answer = await self._peer.get(path.removeprefix("/"), parameters)
        if self.served_time is None:
            self.served_time = moment_of(answer.headers.get("date", ""))
        return answer

    async def ask(
        self, collection: Collection, offset: int, since: datetime | None, level: int
    ) -> tuple[Answer, int]:
        """Return a page and the level of asking at which the service gave it."""
        every = {
            "sort": "sourcedId",
            "orderBy": "asc",
            "filter": f"dateLastModified>='{_text(since)}'" if since is not None else "",
        }
        while True:
            asked = {name: every[name] for name in sorted(_ASKED[level]) if every[name]}
            page = {"limit": str(self._page_size), "offset": str(offset)}
            try:
                return await self._page(collection, {**page, **asked}), level
            except RefusedByPeerError as error:
                if error.status != HTTPStatus.BAD_REQUEST or level == len(_ASKED) - 1:
                    raise
                level += 1


class _MovedError(Exception):
    """The last object of a page is not at the beginning of the next."""


class _Reading:
    """One list, read as often as it has to be. complete: whether as many came as there are."""

    def __init__(self, pull: OneRosterPull, collection: Collection, since: datetime | None) -> None:
        self.complete = True
        self._pull = pull
        self._collection = collection
        self._since = since
        self._level = 0

    async def pages(self) -> AsyncIterator[Sequence[Mapping[str, Json]]]:
        """Give the pages; raises _MovedError where the list has moved."""
        offset, before, total = 0, _Page(objects=()), None
        self.complete = True
        while True:
            answer, self._level = await self._pull.ask(
                self._collection, offset, self._since, self._level
            )
            page = _Page(objects=_objects_of(self._collection, answer))
            new = page.after(before, self._collection) if before.ids else page.objects
            total = answer.total("x-total-count")
            if not new:
                break
            yield new
            reached = offset + len(page.objects)
            if reached > MAX_OBJECTS:
                raise PullError(f"{self._collection.value} has more than {MAX_OBJECTS:,} objects")
            if _is_last(answer, reached, total):
                return
            offset, before = reached - 1, page
        self.complete = total is None or total <= offset + len(page.objects)


class _Page:
    """The objects of a page, and their ids."""

    def __init__(self, *, objects: Sequence[Mapping[str, Json]]) -> None:
        self.objects = objects
        self.ids = [str(one.get("sourcedId")) for one in objects]

    def after(self, before: "_Page", collection: Collection) -> Sequence[Mapping[str, Json]]:
        """Return what comes after the last object of the page before."""
        last = before.ids[-1]
        if self.ids == before.ids and len(self.ids) > 1:
            raise PullError(
                f"{collection.value} comes with the same page whatever the offset; ask the host"
            )
        if last not in self.ids:
            raise _MovedError
        return self.objects[self.ids.index(last) + 1 :]


def _is_last(answer: Answer, reached: int, total: int | None) -> bool:
    """Whether a page is the last, as far as its answer says; else the next one shows it."""
    links = answer.headers.get("link", "")
    if 'rel="next"' in links or "rel=next" in links:
        return False
    if total is not None:
        return reached >= total
    return bool(links)


def _objects_of(collection: Collection, answer: Answer) -> Sequence[Mapping[str, Json]]:
    """Return the objects of a page: in the standard's envelope, or the only list that there is."""
    plural = SCHEMA[collection].plural
    body = decoded(plural, answer.body)
    listed: Json = body
    if isinstance(body, Mapping):
        lists = [one for one in body.values() if isinstance(one, list)]
        listed = body.get(plural, lists[0] if len(lists) == 1 else None)
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise PullError(f"the answer to {plural} is no list of objects; is this OneRoster?")
    return [one for one in listed if isinstance(one, Mapping)]


def _without_secrets(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return a document without passwords: its own, those of profiles and of their credentials."""
    kept = {name: value for name, value in document.items() if name not in _SECRETS}
    for name in _HOLDING_SECRETS:
        listed = kept.get(name)
        if isinstance(listed, list):
            kept[name] = [
                _without_secrets(one) if isinstance(one, Mapping) else one for one in listed
            ]
    return kept


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
