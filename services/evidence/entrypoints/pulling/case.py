"""Pulling frameworks from a publisher's CASE service, 1.0 or 1.1.

The list of frameworks comes first, page by page; each that changed is fetched as a package. Where a
service has no packages or refuses one, its items are gathered one by one: CASE has no list of
items, so what is known already is asked for with its associations, and what those lead to within
the framework is asked for in turn.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from services.common.logs import get_logger
from services.evidence.domain.case.package import split_package
from services.evidence.domain.case.values import link_of, text_of, uuid_of
from services.evidence.domain.refusals import RefusedError
from services.evidence.domain.source_object import Collection as CaseCollection
from services.evidence.domain.source_object import Json
from services.evidence.entrypoints.pulling.fetching import (
    Answer,
    AnswerTooLargeError,
    Peer,
    PeerUnavailableError,
    PullError,
    RefusedByPeerError,
    decoded,
)

PAGE_SIZE: Final = 100
MAX_FRAMEWORKS: Final = 5_000
"""Of one publisher; the largest networks list about a thousand."""

MAX_ASKED: Final = 20_000
"""Objects that are asked for one by one of one framework; at ten a second that is half an hour."""

Document = tuple[CaseCollection, Mapping[str, Json]]

log = get_logger()


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownFramework:
    """What an earlier pull left of a framework.

    changed: its lastChangeDateTime as it was sent. etag: of its package. items: identifiers of its
    items, where gathering one by one begins.
    """

    changed: str = ""
    etag: str = ""
    items: Collection[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PulledFramework:
    """A framework that changed: its documents in the order to keep them, and what to know then."""

    document_id: str
    documents: Sequence[Document]
    known: KnownFramework
    whole: bool = field(default=True)
    """Whether everything that the framework holds is here: what is not, is gone. Items gathered one
    by one do not say what is gone."""


def log_not_pulled(document_id: str, problem: str) -> None:
    """Log that one framework could not be read."""
    log.warning("framework_not_pulled", framework=document_id, problem=problem)


async def pull_frameworks(
    peer: Peer,
    known: Mapping[str, KnownFramework],
    *,
    only: Collection[str] = (),
    listed: Sequence[Mapping[str, Json]] | None = None,
    on_fault: Callable[[str, str], None] = log_not_pulled,
) -> AsyncIterator[PulledFramework]:
    """Give each framework of a publisher that is new or changed.

    known: by identifier, of earlier pulls. only: identifiers of the frameworks that are wanted;
    empty for all. listed: the publisher's CFDocuments, where they were asked for already. A
    framework that alone cannot be read is told to on_fault, with its identifier and why, and left
    for the next pull. Raises PullError where the publisher cannot be read.
    """
    for document in await list_frameworks(peer) if listed is None else listed:
        document_id = uuid_of(document.get("identifier"))
        if document_id is None or (only and document_id not in only):
            continue
        try:
            pulled = await _pull(peer, document_id, document, known.get(document_id))
        except PeerUnavailableError:
            raise
        except (PullError, RefusedError) as error:
            on_fault(document_id, str(error))
            continue
        if pulled is not None:
            yield pulled


async def list_frameworks(peer: Peer) -> Sequence[Mapping[str, Json]]:
    """Return the CFDocuments of a publisher. Raises PullError.

    Pages are asked for by number and not by the links of the answer, which may lead anywhere. A
    service may give fewer than it is asked for, so a short page is not the last one.
    """
    found: dict[str, Mapping[str, Json]] = {}
    offset = 0
    while True:
        parameters = {"limit": str(PAGE_SIZE), "offset": str(offset)}
        answer = await peer.get("CFDocuments", parameters)
        page = _objects(_decoded("CFDocuments", answer).get("CFDocuments"))
        new = {str(one.get("identifier")): one for one in page}
        # A service that knows no pages gives the same one again and again.
        if not new.keys() - found.keys():
            break
        found.update(new)
        offset += len(page)
        if offset > MAX_FRAMEWORKS:
            # What was left out would be taken as gone.
            raise PullError(f"the service has more than {MAX_FRAMEWORKS:,} frameworks")
        total = answer.total("x-total-count")
        if total is not None and offset >= total:
            break
    return list(found.values())


async def _pull(
    peer: Peer,
    document_id: str,
    document: Mapping[str, Json],
    before: KnownFramework | None,
) -> PulledFramework | None:
    """Return the framework, or None where it has not changed."""
    changed = text_of(document.get("lastChangeDateTime")) or ""
    if before is not None and not before.etag and changed and changed == before.changed:
        # Without an ETag the time is all there is to go by.
        return None
    etag = before.etag if before is not None else ""
    try:
        path = f"CFPackages/{document_id}"
        answer = await peer.get(path, etag=etag)
    except (RefusedByPeerError, AnswerTooLargeError) as error:
        log.warning("package_refused", framework=document_id, problem=str(error))
        seeds = before.items if before is not None else ()
        return await _gather(peer, document_id, document, seeds, changed)
    if answer.unchanged:
        return None
    documents = list(split_package(_decoded(path, answer)))
    return PulledFramework(
        document_id=document_id,
        documents=documents,
        known=KnownFramework(changed=changed, etag=answer.etag, items=_item_ids(documents)),
    )


async def _gather(
    peer: Peer,
    document_id: str,
    document: Mapping[str, Json],
    seeds: Collection[str],
    changed: str,
) -> PulledFramework:
    """Ask for items one by one: those that are known, and what their associations lead to."""
    items: dict[str, Mapping[str, Json]] = {}
    associations: dict[str, Mapping[str, Json]] = {}
    # Some services answer for the framework itself as for an item: its children are the roots.
    ahead = [document_id, *sorted(seeds)]
    asked = set(ahead)
    while ahead:
        one = ahead.pop()
        item, around = await _item_with_associations(peer, one)
        if one != document_id:
            if item is None or not _belongs(item, document_id):
                # An end in another framework: nothing is followed from there.
                continue
            items[one] = item
        associations.update({str(each.get("identifier")): each for each in around})
        new = sorted(_ends(around) - asked)[: max(MAX_ASKED - len(asked), 0)]
        asked.update(new)
        ahead.extend(new)
    if not items:
        raise PullError(f"framework {document_id} has no package, and none of its items is known")
    package: Mapping[str, Json] = {
        "CFDocument": document,
        "CFItems": list(items.values()),
        "CFAssociations": list(associations.values()),
    }
    documents = list(split_package(package))
    return PulledFramework(
        document_id=document_id,
        documents=documents,
        known=KnownFramework(changed=changed, items=_item_ids(documents)),
        whole=False,
    )


def _ends(associations: Sequence[Mapping[str, Json]]) -> set[str]:
    """Return the identifiers of what associations begin and end with."""
    links = (
        link_of(one.get(field))
        for one in associations
        for field in ("originNodeURI", "destinationNodeURI")
    )
    return {link.uuid for link in links if link is not None and link.uuid is not None}


async def _item_with_associations(
    peer: Peer, item_id: str
) -> tuple[Mapping[str, Json] | None, Sequence[Mapping[str, Json]]]:
    """Return an item with its associations; nothing where the service does not have it."""
    try:
        path = f"CFItemAssociations/{item_id}"
        answered = _decoded(path, await peer.get(path))
    except RefusedByPeerError:
        return None, ()
    item = answered.get("CFItem")
    return (item if isinstance(item, Mapping) else None), _objects(answered.get("CFAssociations"))


def _belongs(item: Mapping[str, Json], document_id: str) -> bool:
    """Whether an item is of this framework: associations lead into others as well."""
    link = link_of(item.get("CFDocumentURI"))
    return link is not None and link.uuid == document_id


def _item_ids(documents: Sequence[Document]) -> tuple[str, ...]:
    ids = (
        uuid_of(document.get("identifier"))
        for collection, document in documents
        if collection is CaseCollection.CF_ITEMS
    )
    return tuple(sorted(one for one in ids if one is not None))


def _decoded(path: str, answer: Answer) -> Mapping[str, Json]:
    value = decoded(path, answer.body)
    if not isinstance(value, Mapping):
        raise PullError(f"the answer to {path} is no JSON object; is this a service of CASE?")
    return value


def _objects(value: Json) -> Sequence[Mapping[str, Json]]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return [one for one in value if isinstance(one, Mapping)]
