"""Associations as edges: what they join, by identifier, in the order that the publisher gives."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.case.values import Link, link_of, text_of, uuid_of, whole_of
from services.evidence.domain.source_object import Json

CHILD: Final = "isChildOf"
"""The origin is the child."""
PRECEDES: Final = "precedes"
"""The origin comes before the destination."""
EXACT_MATCH: Final = "exactMatchOf"
"""Means the same both ways round."""
REPLACED: Final = "replacedBy"
"""The destination has taken the place of the origin."""

LAST_NUMBER: Final = 2**63
"""Order of an association without a number: after all that have one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """One association: from an origin to a destination, both by their identifiers.

    number: its place in a sequence, LAST_NUMBER where it has none.
    """

    id: str
    type: str
    origin: str
    destination: str
    number: int

    @property
    def order(self) -> tuple[int, str]:
        """What edges are sorted by: the publisher's sequence, then the identifier."""
        return (self.number, self.id)


def edges_of(associations: Iterable[Mapping[str, Json]], kind: str) -> list[Edge]:
    """Return the associations of one type, in their order."""
    return sorted(_edges(associations, kind), key=lambda edge: edge.order)


def _edges(associations: Iterable[Mapping[str, Json]], kind: str) -> Iterator[Edge]:
    for content in associations:
        if text_of(content.get("associationType")) != kind:
            continue
        origin = link_of(content.get("originNodeURI"))
        destination = link_of(content.get("destinationNodeURI"))
        if origin is None or destination is None:
            continue
        number = whole_of(content.get("sequenceNumber"))
        yield Edge(
            id=uuid_of(content.get("identifier")) or "",
            type=kind,
            origin=_end(origin),
            destination=_end(destination),
            number=LAST_NUMBER if number is None else number,
        )


def _end(link: Link) -> str:
    return link.identifier or link.uri
