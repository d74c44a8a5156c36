"""A graph's edges as arrays, read once: a call's preconditions and its layout share them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, compress
from operator import itemgetter, methodcaller

import numpy as np

from algorithms.inputs.exact import Exact, as_float64, hashable
from algorithms.inputs.parallel import weights_of

__all__ = ["Arguments", "Edges", "read_edges"]

_values = methodcaller("values")


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of a graph, in its own order (`graph.edges()`).

    labels: its nodes; ends (m, 2) int32: places of tail and head; numbers: what the edges hold, float64 (m,), or a list
    where float64 does not hold each of them; None where they were not asked for.
    """

    labels: list
    ends: np.ndarray
    numbers: np.ndarray | list[Exact] | None

    @property
    def negative(self) -> bool:
        """Is any number below 0?"""
        if isinstance(self.numbers, np.ndarray):
            return bool((self.numbers < 0).any())
        return any(x < 0 for x in self.numbers or ())


class Arguments(dict):
    """The arguments of a call, and the edges of its graph: `edges`, once they are read."""

    edges: Edges


def read_edges(graph, what: str = "the graph", **attribute) -> Edges:
    """The edges of a graph without parallel ones. attribute: `weight=` or `capacity=`, the name under which they hold
    numbers (None: 1 each). what: what messages call the graph.

    Raises InputError for an edge that has no finite number there, ArgumentError for what cannot be a name.

    >>> import networkx as nx
    >>> edges = read_edges(nx.path_graph("abc"), weight=None)
    >>> edges.labels, edges.ends.tolist(), edges.numbers.tolist()
    (['a', 'b', 'c'], [[0, 1], [1, 2]], [1.0, 1.0])
    """
    labels, beside = list(graph), [nodes for _, nodes in graph.adjacency()]
    degrees = np.fromiter(map(len, beside), np.int64, len(beside))
    head, first = _places(labels, beside, int(degrees.sum())), None
    tail = np.arange(len(labels), dtype=np.int32).repeat(degrees)
    if not graph.is_directed():
        first = tail <= head  # each edge is there from both of its ends
        tail, head = tail[first], head[first]
    ends = np.stack([tail, head]).T
    del tail, head
    if not attribute:
        return Edges(labels, ends, None)
    ((argument, name),) = attribute.items()
    if name is None:
        return Edges(labels, ends, np.ones(len(ends)))
    numbers = None
    if hashable(name):
        every = chain.from_iterable(map(_values, beside))
        held = every if first is None else compress(every, first.tobytes())
        with suppress(KeyError):
            numbers = as_float64(list(map(itemgetter(name), held)))
    if numbers is None:  # messages take longer than all else
        return Edges(labels, ends, [w for *_, w in weights_of(graph, name, what, argument)])
    return Edges(labels, ends, numbers)


def _places(labels: list, beside: list, count: int) -> np.ndarray:
    """(count,) int32: the place among the labels of each neighbour."""
    neighbours, n, numbers = chain.from_iterable(beside), len(labels), None
    if set(map(type, labels)) == {int}:
        with suppress(OverflowError):
            numbers = np.fromiter(labels, np.int64, n)
    if numbers is not None and (numbers == np.arange(n)).all():  # each is its own place
        return np.fromiter(neighbours, np.int32, count)
    if numbers is not None and numbers.min() >= 0 and numbers.max() <= 4 * n:
        places = np.empty(int(numbers.max()) + 1, np.int32)
        places[numbers] = np.arange(n)
        return places[np.fromiter(neighbours, np.int64, count)]
    place = {v: i for i, v in enumerate(labels)}
    return np.fromiter(map(place.__getitem__, neighbours), np.int32, count)
