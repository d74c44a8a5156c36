"""What flows through a chain: a graph or a list, as arrays. Rows are known by their place in the caller's input."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import networkx as nx
import numpy as np

from algorithms.inputs.exact import floats
from algorithms.inputs.parallel import weights_of

__all__ = ["Edges", "Net", "Numbers", "Shape", "same_rows"]


class Edges:
    """The edges of one graph of a chain, as rows."""

    def __str__(self) -> str:
        return "edges"


@dataclass(frozen=True)
class Shape:
    """What is known of the data before they are there.

    data: graph, list, rows (a list without keys) or nothing; directed: of the graph, or of the one a list came from
    (None: either); origin: has a list come from a graph? space: what the rows are, "nodes" (or positions) of the
    caller's input, or the `Edges` of some graph of the chain.
    """

    data: str
    directed: bool | None = None
    origin: bool = False
    space: object = "nodes"

    def __str__(self) -> str:
        if self.data == "graph":
            return {None: "a graph", True: "a directed graph", False: "an undirected graph"}[self.directed]
        return {"list": "a list", "rows": "a list without keys"}.get(self.data, "nothing that another could take")


@dataclass(frozen=True)
class Net:
    """A graph. labels: of the caller's nodes; ids (n,): places in them; ends (m, 2): nodes' places in ids, each edge
    once; weight (m,), nan where an edge has none, or None; given: the caller's graph, where this is it."""

    labels: list
    ids: np.ndarray
    ends: np.ndarray
    weight: np.ndarray | None
    directed: bool
    given: nx.Graph | None = field(default=None, compare=False, repr=False)
    attribute: object = "weight"

    space = None  # rows are the caller's

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def of(cls, graph: nx.Graph, attribute: object, weighted: bool) -> Net:
        """From a checked networkx graph."""
        labels = list(graph)
        place = {v: i for i, v in enumerate(labels)}
        ends = np.array([(place[u], place[v]) for u, v in graph.edges()], np.int64).reshape(-1, 2)
        weight = np.array(floats([w for *_, w in weights_of(graph, attribute)])) if weighted else None
        if attribute is None:  # each edge weighs 1, until an adapter changes that
            return cls(labels, np.arange(len(labels)), ends, weight, graph.is_directed())
        return cls(labels, np.arange(len(labels)), ends, weight, graph.is_directed(), graph, attribute)

    @property
    def names(self) -> list:
        """The caller's labels of the nodes."""
        return [self.labels[i] for i in self.ids.tolist()]

    @property
    def edge_names(self) -> list:
        names = self.names
        return [(names[u], names[v]) for u, v in self.ends.tolist()]

    @cached_property
    def graph(self) -> nx.Graph:
        """As a networkx graph in the caller's labels, weights under `attribute`."""
        if self.given is not None:
            return self.given
        out = nx.DiGraph() if self.directed else nx.Graph()
        out.add_nodes_from(self.names)
        out.add_edges_from(self.edge_names)
        for (u, v), w in zip(self.edge_names, [] if self.weight is None else self.weight.tolist()):
            if w == w:
                out[u][v][self.attribute] = w
        return out

    def nodes(self, places: np.ndarray) -> Net:
        """The graph on these nodes, in this order, and the edges between them."""
        new = np.full(len(self.ids), -1)
        new[places] = np.arange(len(places))
        ends = new[self.ends]
        kept = (ends >= 0).all(1)
        weight = None if self.weight is None else self.weight[kept]
        return replace(self, ids=self.ids[places], ends=ends[kept], weight=weight, given=None)

    def edges(self, kept: np.ndarray) -> Net:
        """All nodes, and these of the edges (a mask, or places)."""
        return replace(
            self, ends=self.ends[kept], weight=self.weight[kept] if self.weight is not None else None, given=None
        )

    def code(self, ends: np.ndarray) -> np.ndarray:
        """A number for each edge, the same both ways where the graph is undirected."""
        ends = ends if self.directed else np.sort(ends, 1)
        return ends[:, 0] * len(self) + ends[:, 1]

    def weights_of(self, ends: np.ndarray) -> np.ndarray | None:
        """The weights of these edges; nan where the graph has none."""
        if self.weight is None:
            return None
        if not len(self.ends):
            return np.full(len(ends), np.nan)
        mine, asked = self.code(self.ends), self.code(ends)
        order = np.argsort(mine, kind="stable")
        at = order[np.minimum(np.searchsorted(mine[order], asked), len(mine) - 1)]
        return np.where(mine[at] == asked, self.weight[at], np.nan)


@dataclass(frozen=True)
class Numbers:
    """A list. labels: of the caller's elements; ids (n,): places in them; keys (n,) or None; graph: where it came from;
    edges: its elements are edges of that graph, and ids are places in `graph.ends`."""

    labels: list
    ids: np.ndarray
    keys: np.ndarray | None
    graph: Net | None = None
    edges: bool = False

    @property
    def space(self) -> Net | None:
        return self.graph if self.edges else None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def names(self) -> list:
        """The caller's labels of the elements: nodes, pairs of nodes for edges, positions of a list."""
        return [self.labels[i] for i in self.ids.tolist()]

    def elements(self, places: np.ndarray) -> Numbers:
        """These elements, in this order."""
        return replace(self, ids=self.ids[places], keys=None if self.keys is None else self.keys[places])


def same_rows(of: Net | Numbers, to: Net | Numbers) -> np.ndarray:
    """For each row of `of`, its place in `to`, or -1; one more entry, -1, for what is nil."""
    if of.ids is to.ids:
        return np.append(np.arange(len(of)), -1)
    place = np.full(max(of.ids.max(initial=-1), to.ids.max(initial=-1)) + 1, -1)
    place[to.ids] = np.arange(len(to))
    return np.append(place[of.ids], -1)
