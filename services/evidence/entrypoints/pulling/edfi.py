"""A pull from an Ed-Fi API: everything the first time, then what has changed and what is gone.

The API numbers its changes. A pull asks for the changes between two numbers: the lower is where the
pull before the last one ended, since a change can have a number before it can be seen, and windows
that overlap catch it, as Ed-Fi advises; what comes twice is kept once. Deletions come first and
changes after them, so that what was deleted and made anew stands in the end; a new natural key
counts as a deletion of the old one.

Pages are read from the last to the first. Something that is changed meanwhile leaves the window,
and what stands behind it moves forward by one: read backwards that shows a document twice, read
forwards it would hide one.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.edfi.resources import RESOURCES
from services.evidence.domain.source_object import Collection, Json
from services.evidence.entrypoints.pulling.edfi_api import EdFiApi
from services.evidence.entrypoints.pulling.fetching import MissingAtPeerError, PullError

PAGE_SIZE: Final = 500
"""The most that the API gives at once."""

MAX_TOTAL: Final = 100_000_000
"""Documents of one resource; a state with more would be the first."""

ALL_RESOURCES: Final = tuple(resource.name for resource in RESOURCES)

_STANDARDS: Final = frozenset(
    {Collection.CF_DOCUMENTS, Collection.CF_ITEMS, Collection.CF_ASSOCIATIONS}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """How far pulls have come. newest: the number at which the last one ended; 0 before the first.

    previous: the number at which the one before it ended. whole: the number at which everything was
    last pulled: what was deleted up to there has shown, also where the API does not say its key.
    """

    previous: int = 0
    newest: int = 0
    whole: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulled:
    """What one call brought.

    documents: of the resource, as the API gives them. deleted: key values of what is gone.
    unnamed_deletes: how many more are gone of which the API says no key: older hosts do so, and
    then only a pull of everything tells. cursor: with the last one alone.
    """

    resource: str
    documents: Sequence[Mapping[str, Json]] = ()
    deleted: Sequence[Mapping[str, Json]] = ()
    unnamed_deletes: int = 0
    cursor: Cursor | None = None


class HistoryLostError(PullError):
    """The API no longer has what lies between the last pull and now."""


class EdFiPull:
    """Pulls from one API."""

    def __init__(
        self, api: EdFiApi, resources: Sequence[str] = ALL_RESOURCES, page_size: int = PAGE_SIZE
    ) -> None:
        """Take the API, and which resources of ALL_RESOURCES; their order is not for the caller."""
        unknown = sorted(set(resources) - set(ALL_RESOURCES))
        if unknown:
            raise PullError(f"These resources are not read: {', '.join(unknown)}.")
        self._api = api
        self._resources = tuple(name for name in ALL_RESOURCES if name in resources)
        self._page_size = min(max(page_size, 1), PAGE_SIZE)

    @property
    def whole_collections(self) -> Sequence[Collection]:
        """Return what a pull of everything brings all of: whatever makes it is among its resources.

        Standards are not among it: assessments name some that no resource lists.
        """
        brought = [one for one in RESOURCES if one.name in self._resources]
        partly = {one.collection for one in RESOURCES if one.name not in self._resources}
        whole = {one.collection for one in brought} - partly - _STANDARDS
        return sorted(whole, key=lambda one: one.value)

    async def changes(self, since: Cursor = Cursor()) -> AsyncIterator[Pulled]:
        """Give what has changed since a cursor, and at the end the new cursor.

        Asking for the next one acknowledges all before it: whoever keeps the cursor when it comes
        has kept everything that it stands for. Raises PullError where the pull cannot go on.
        """
        oldest, newest = await self._versions()
        first = since.newest == 0
        if not first:
            _check_history(since, oldest, newest)
            async for pulled in self._gone(since, newest):
                yield pulled
        for resource in self._resources:
            window = _window(None if first else since.previous, newest)
            async for documents in self._pages((resource,), window):
                yield Pulled(resource=resource, documents=documents)
        previous, whole = (newest, newest) if first else (since.newest, since.whole)
        yield Pulled(resource="", cursor=Cursor(previous=previous, newest=newest, whole=whole))

    async def _gone(self, since: Cursor, newest: int) -> AsyncIterator[Pulled]:
        """Give what was deleted or has a new key, dependants first."""
        window = _window(since.previous, newest)
        for resource in reversed(self._resources):
            async for entries in self._pages((resource, "deletes"), window):
                yield _deletions(resource, entries, "keyValues", since.whole)
            try:
                async for entries in self._pages((resource, "keyChanges"), window):
                    yield _deletions(resource, entries, "oldKeyValues", since.whole)
            except MissingAtPeerError:
                # Hosts before 5.3 do not say which keys have changed.
                continue

    async def _versions(self) -> tuple[int, int]:
        try:
            body = await self._api.change_versions()
        except MissingAtPeerError as error:
            raise PullError(f"{error} Ask the host to turn change queries on.") from None
        # Older hosts write the names with a capital.
        versions = {name[:1].lower() + name[1:]: value for name, value in body.items()}
        oldest, newest = (versions.get(f"{age}ChangeVersion") for age in ("oldest", "newest"))
        if not isinstance(newest, int) or not isinstance(oldest, int | None):
            raise PullError("The API's change versions are no whole numbers.")
        return oldest or 0, newest

    async def _pages(
        self, path: tuple[str, ...], window: Mapping[str, int]
    ) -> AsyncIterator[Sequence[Mapping[str, Json]]]:
        """Give the pages of a list, from the last to the first; empty ones are left out."""
        total = await self._total(path, window)
        for page in reversed(range(-(-total // self._page_size))):
            offset = page * self._page_size
            parameters: dict[str, str | int] = {
                **window,
                "offset": offset,
                "limit": self._page_size,
            }
            documents = (await self._api.resources(*path, parameters=parameters)).documents
            if len(documents) > self._page_size:
                raise PullError(f"{'/'.join(path)}: the page has more than was asked for.")
            if documents:
                yield documents

    async def _total(self, path: tuple[str, ...], window: Mapping[str, int]) -> int:
        parameters: dict[str, str | int] = {
            **window,
            "offset": 0,
            "limit": 1,
            "totalCount": "true",
        }
        total = (await self._api.resources(*path, parameters=parameters)).total
        if total is None or total > MAX_TOTAL:
            raise PullError(f"{'/'.join(path)}: the API does not say how many there are.")
        return total


def _window(oldest: int | None, newest: int) -> dict[str, int]:
    window = {} if oldest is None else {"minChangeVersion": oldest}
    return {**window, "maxChangeVersion": newest}


def _check_history(since: Cursor, oldest: int, newest: int) -> None:
    """Refuse to go on where the API no longer has what lies between."""
    if newest < since.newest or oldest > since.previous + 1:
        raise HistoryLostError(
            f"The API's changes go from {oldest} to {newest}, and the last pull ended at"
            f" {since.newest}: its data were replaced. Pull everything, with an empty cursor."
        )


def _deletions(
    resource: str, entries: Sequence[Mapping[str, Json]], name: str, whole: int
) -> Pulled:
    keys = [values for entry in entries if isinstance(values := entry.get(name), Mapping)]
    unnamed = [
        entry
        for entry in entries
        if not isinstance(entry.get(name), Mapping) and not _is_up_to(entry, whole)
    ]
    return Pulled(resource=resource, deleted=keys, unnamed_deletes=len(unnamed))


def _is_up_to(entry: Mapping[str, Json], whole: int) -> bool:
    """Whether a change was there when everything was last pulled."""
    version = entry.get("changeVersion", entry.get("ChangeVersion"))
    return isinstance(version, int) and version <= whole
