"""What leads to what: the graph of `precedes`, without circles and within bounds.

A publisher's mistake in one association must not keep a whole framework out, so what cannot be
followed is refused alone, with the association named.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.evidence.domain.case.associations import PRECEDES, Edge, edges_of
from services.evidence.domain.case.wording import ELLIPSIS
from services.evidence.domain.framework import MAX_CIRCLE_SHOWN, MAX_PREREQUISITES
from services.evidence.domain.model import Refusal, RefusalReason
from services.evidence.domain.source_object import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedAssociation:
    """An association that is kept, and from which nothing follows."""

    association_id: str
    refusal: Refusal


@dataclass(frozen=True, kw_only=True, slots=True)
class Prerequisites:
    """Ids of what leads directly to a competency, by its id; and what is not followed.

    outside: how many associations have an end that is no competency of the district (a container,
    or an item of a framework that it does not have). They are no mistake.
    """

    of: Mapping[str, tuple[str, ...]]
    refused: tuple[RefusedAssociation, ...]
    outside: int


def prerequisites_of(
    associations: Iterable[Mapping[str, Json]],
    competencies: Container[str],
    names: Mapping[str, str],
) -> Prerequisites:
    """Return the prerequisites that the associations say: the origin leads to the destination.

    competencies: ids of all competencies of the district. names: codes to name them by. The result
    has no circle: walking back from each competency in the order of ids, the association that leads
    to a competency on the way is the one that closes the circle, and is refused. Each edge is
    looked at once.
    """
    all_edges = edges_of(associations, PRECEDES)
    edges = [
        edge
        for edge in all_edges
        if edge.origin in competencies and edge.destination in competencies
    ]
    before, crowded = _within_bounds(edges, names)
    closing = _closing_edges(before)
    refused = [*crowded, *(_circle_refusal(edge, path, names) for edge, path in closing)]
    closed = {edge.id for edge, _ in closing}
    return Prerequisites(
        of={
            destination: tuple(sorted({edge.origin for edge in into if edge.id not in closed}))
            for destination, into in before.items()
        },
        refused=tuple(sorted(refused, key=lambda one: one.association_id)),
        outside=len(all_edges) - len(edges),
    )


def _within_bounds(
    edges: Sequence[Edge], names: Mapping[str, str]
) -> tuple[dict[str, list[Edge]], list[RefusedAssociation]]:
    """Return the edges into each competency, at most as many as it may have, and the rest."""
    before: dict[str, dict[str, Edge]] = {}
    crowded = []
    for edge in edges:
        into = before.setdefault(edge.destination, {})
        if edge.origin not in into and len(into) == MAX_PREREQUISITES:
            crowded.append(_crowd_refusal(edge, names))
        else:
            # A second association of the same two says nothing new.
            into.setdefault(edge.origin, edge)
    return {one: list(into.values()) for one, into in before.items()}, crowded


def _closing_edges(before: Mapping[str, Sequence[Edge]]) -> list[tuple[Edge, tuple[str, ...]]]:
    """Return the edges without which there is no circle, each with the circle that it closes."""
    done: set[str] = set()
    closing: list[tuple[Edge, tuple[str, ...]]] = []
    for start in sorted(before):
        if start not in done:
            _walk_back(start, before, done, closing)
    return closing


def _walk_back(
    start: str,
    before: Mapping[str, Sequence[Edge]],
    done: set[str],
    closing: list[tuple[Edge, tuple[str, ...]]],
) -> None:
    """Walk from one competency to all that leads to it, depth first and without recursion."""
    path: dict[str, None] = {start: None}
    ahead = [iter(before.get(start, ()))]
    while ahead:
        edge = next(ahead[-1], None)
        if edge is None:
            ahead.pop()
            done.add(path.popitem()[0])
        elif edge.origin in path:
            ids = list(path)
            closing.append((edge, tuple(ids[ids.index(edge.origin) :])))
        elif edge.origin not in done:
            path[edge.origin] = None
            ahead.append(iter(before.get(edge.origin, ())))


def _circle_refusal(
    edge: Edge, circle: Sequence[str], names: Mapping[str, str]
) -> RefusedAssociation:
    shown = [names.get(one, one) for one in circle]
    middle = shown if len(shown) <= MAX_CIRCLE_SHOWN else [*shown[: MAX_CIRCLE_SHOWN - 1], ELLIPSIS]
    return RefusedAssociation(
        association_id=edge.id,
        refusal=Refusal(
            reason=RefusalReason.MALFORMED,
            field="associationType",
            message=f"Association {edge.id} closes a circle: {' < '.join([*middle, shown[0]])}.",
            hint="Take one of these `precedes` away at the publisher.",
        ),
    )


def _crowd_refusal(edge: Edge, names: Mapping[str, str]) -> RefusedAssociation:
    named = names.get(edge.destination, edge.destination)
    return RefusedAssociation(
        association_id=edge.id,
        refusal=Refusal(
            reason=RefusalReason.UNSUPPORTED,
            field="destinationNodeURI",
            message=f"{named} has more than {MAX_PREREQUISITES} prerequisites; association "
            f"{edge.id} is one too many.",
            hint="Number those that matter most first with sequenceNumber.",
        ),
    )
