"""What contains what in a framework: the tree that `isChildOf` makes, also where it is none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.evidence.domain.case.associations import CHILD, edges_of
from services.evidence.domain.source_object import Json

MAX_DEPTH: Final = 64
"""Containers around an item that are looked at; real frameworks have up to eight."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """Parents and children by identifier, both in the publisher's order.

    An item may have several parents. Roots are children of the framework itself.
    """

    parents: Mapping[str, Sequence[str]]
    children: Mapping[str, Sequence[str]]

    def is_leaf(self, identifier: str) -> bool:
        """Whether nothing stands within it."""
        return not self.children.get(identifier)

    def ancestors(self, identifier: str) -> tuple[str, ...]:
        """Return what contains an item, nearest first: its first parent, and so on.

        Ends where a circle would begin, and at MAX_DEPTH.
        """
        path: dict[str, None] = {identifier: None}
        while len(path) <= MAX_DEPTH:
            parents = self.parents.get(next(reversed(path)), ())
            above = next((parent for parent in parents if parent not in path), None)
            if above is None:
                break
            path[above] = None
        return tuple(path)[1:]

    def within(self, identifier: str) -> tuple[str, ...]:
        """Return all that stands within an item, at any depth, each once; without itself."""
        found: dict[str, None] = {identifier: None}
        ahead = list(reversed(self.children.get(identifier, ())))
        while ahead:
            one = ahead.pop()
            if one not in found:
                found[one] = None
                ahead.extend(reversed(self.children.get(one, ())))
        return tuple(found)[1:]


def outline_of(associations: Iterable[Mapping[str, Json]]) -> Outline:
    """Return what contains what, by the associations of a framework."""
    parents: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    for edge in edges_of(associations, CHILD):
        parents.setdefault(edge.origin, []).append(edge.destination)
        children.setdefault(edge.destination, []).append(edge.origin)
    return Outline(parents=parents, children=children)
