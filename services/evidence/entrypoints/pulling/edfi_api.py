"""The two lists that an Ed-Fi API has: resources with what became of them, and its versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.pulling.fetching import Peer, PullError, decoded


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Documents of one page. total: how many there are in all; None where it was not asked for."""

    documents: Sequence[Mapping[str, Json]]
    total: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EdFiApi:
    """An API that documents are read from.

    peer: with what everything of it begins with, as in "https://api.example.org/v7.1/api".
    data_path, changes_path: between that and the resources; some hosts have a year or a tenant in
    them.
    """

    peer: Peer
    data_path: str = "data/v3/ed-fi"
    changes_path: str = "changeQueries/v1"

    async def resources(self, *path: str, parameters: Mapping[str, str | int]) -> Page:
        """Return a page of a resource, or of a list below it; raises PullError."""
        named = "/".join(path)
        answer = await self.peer.get(
            f"{self.data_path}/{named}", {name: str(value) for name, value in parameters.items()}
        )
        body = decoded(named, answer.body)
        return Page(documents=_documents(named, body), total=answer.total("total-count"))

    async def change_versions(self) -> Mapping[str, Json]:
        """Return the oldest and the newest version of changes; raises PullError."""
        path = f"{self.changes_path}/availableChangeVersions"
        body = decoded(path, (await self.peer.get(path)).body)
        if not isinstance(body, Mapping):
            raise PullError(f"the answer to {path} is no object; is this an API of Ed-Fi?")
        return body


def _documents(path: str, body: Json) -> Sequence[Mapping[str, Json]]:
    if isinstance(body, str) or not isinstance(body, Sequence):
        raise PullError(f"the answer to {path} is no list; is this an API of Ed-Fi?")
    documents = [one for one in body if isinstance(one, Mapping)]
    if len(documents) < len(body):
        raise PullError(f"the answer to {path} is no list of objects")
    return documents
