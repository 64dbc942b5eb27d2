"""What is asked for as a flow to what can give it; where not all gets through, the bottleneck.

A node is a tuple of texts, its kind first. What comes out hangs on the graph alone: the greatest
flow has one value, and of the least cuts the one next to the source is unique.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx
from networkx.algorithms.flow import shortest_augmenting_path

Node = tuple[str, ...]
SOURCE: Node = ("source",)
SINK: Node = ("sink",)


@dataclass(frozen=True, kw_only=True)
class Bottleneck:
    """Nodes of which part is asked, and the links out of them, full: more never gets through."""

    nodes: tuple[Node, ...]
    asked: int
    full: tuple[tuple[Node, Node], ...]
    missing: int


@dataclass(frozen=True, kw_only=True)
class Flow:
    """How much of what is asked gets through at most, and what keeps back the rest."""

    value: int
    bottlenecks: tuple[Bottleneck, ...]


class Network:
    """A network that is written link by link."""

    def __init__(self) -> None:
        self._graph = nx.DiGraph()
        self._graph.add_nodes_from((SOURCE, SINK))

    def link(self, start: Node, end: Node, capacity: int | None = None) -> None:
        """Let something pass from node to node; None: as much as comes."""
        if capacity is None:
            self._graph.add_edge(start, end)
        else:
            self._graph.add_edge(start, end, capacity=capacity)

    def greatest_flow(self) -> Flow:
        """Return the greatest flow from the source to the sink, and its bottlenecks."""
        residual = shortest_augmenting_path(self._graph, SOURCE, SINK)
        reached = _reached(residual)
        return Flow(
            value=int(residual.graph["flow_value"]),
            bottlenecks=tuple(self._bottlenecks(reached)),
        )

    def _bottlenecks(self, reached: set[Node]) -> Iterator[Bottleneck]:
        """Yield each part of the source's side of the cut that hangs together, in order."""
        side = self._graph.subgraph(reached - {SOURCE})
        parts = sorted(sorted(part) for part in nx.weakly_connected_components(side))
        for part in parts:
            asking = (node for node in part if self._graph.has_edge(SOURCE, node))
            asked = sum(self._capacity(SOURCE, node) for node in asking)
            full = tuple(
                (node, after)
                for node in part
                for after in sorted(self._graph.successors(node))
                if after not in reached
            )
            through = sum(self._capacity(*link) for link in full)
            if asked > through:
                yield Bottleneck(nodes=tuple(part), asked=asked, full=full, missing=asked - through)

    def _capacity(self, start: Node, end: Node) -> int:
        return int(self._graph.edges[start, end]["capacity"])


def _reached(residual: nx.DiGraph) -> set[Node]:
    """Return the nodes to which the source could still send."""
    reached = {SOURCE}
    ahead = [SOURCE]
    while ahead:
        node = ahead.pop()
        for after, link in residual.adj[node].items():
            if after not in reached and link["flow"] < link["capacity"]:
                reached.add(after)
                ahead.append(after)
    return reached
