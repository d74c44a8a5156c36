"""Edges as callers give them: the numbers that they hold, and parallel ones, which no algorithm takes.

Each structure says what leaves its answer as it is (`merges`): "least", the lightest of parallel edges is kept; "sum",
they become one with the sum of their numbers; "any", one of them is kept; "subdivide", nothing but a node put in the
middle of all but one; "never", nothing.
"""

from __future__ import annotations

import math

import networkx as nx

from algorithms.errors import ArgumentError, GraphError, InputError
from algorithms.inputs.exact import hashable, real

__all__ = ["MERGED", "NOT_MERGED", "need_simple", "weights_of"]

MERGED = {
    "least": "keeps the lightest of parallel edges",
    "sum": "adds parallel edges up",
    "any": "keeps one of parallel edges",
}
NOT_MERGED = {
    "subdivide": "merged parallel edges have another answer; algorithms.subdivide_parallel(graph) puts a node in the "
    "middle of all but one of them, which leaves it as it is",
    "never": "parallel edges count one by one, so that no graph without them has its answer",
    "several": "its algorithms need parallel edges merged in several ways; merge them as fits",
}


def weights_of(graph, attribute, what: str = "the graph", argument: str = "weight") -> list[tuple]:
    """[(u, v, number), …]: the edges and what they hold under an attribute, exactly; 1 each where that is None. Raises
    InputError for an edge that has no such attribute, or no finite number there. argument: by which it was named."""
    if attribute is None:
        return [(u, v, 1) for u, v in graph.edges()]
    if not hashable(attribute):
        raise ArgumentError(f"{what}: {argument}={attribute!r}; it is the name of an edge attribute")
    out = []
    for u, v, d in graph.edges(data=True):
        if attribute not in d:
            raise InputError(
                f"{what}: edge ({u!r}, {v!r}) has no attribute {attribute!r}; name another by {argument}=…, or None to "
                "count each edge as 1"
            )
        number = d[attribute]
        if type(number) is not float or not math.isfinite(number):  # a message takes longer than all else
            number = real(number, f"{what}: {attribute} of edge ({u!r}, {v!r})")
        out.append((u, v, number))
    return out


def need_simple(structure, graph, name: str, like: str = "") -> None:
    """Raises ArgumentError where it is no graph, and GraphError where it is a multigraph or of the wrong direction. The
    message names what makes the graph that is needed without a change to the answer. like: the algorithm to name."""
    if not isinstance(graph, nx.Graph):
        raise ArgumentError(f"{name} is called with a networkx graph, not with {type(graph).__name__}")
    merged = f"algorithms.merge_parallel({like or name!r}, graph)" if structure.merges in MERGED else ""
    if graph.is_multigraph():
        remedy = f"{merged} {MERGED[structure.merges]}" if merged else NOT_MERGED[structure.merges]
        raise GraphError(f"{name}: a multigraph; {remedy}")
    if structure.directed is None or graph.is_directed() == structure.directed:
        return
    if not structure.directed:
        remedy = f"{merged or 'graph.to_undirected()'} makes it one, and of two opposite edges one"
        remedy += ", the lighter" if structure.merges == "least" else ""
        raise GraphError(f"{name} needs an undirected graph, this one is directed; {remedy}")
    one_way = structure.requires and structure.merges != "sum"  # both ways there would be a cycle
    remedy = (
        "give each edge its direction (nx.DiGraph; on the command line --directed)"
        if one_way
        else "graph.to_directed() takes every edge both ways"
    )
    raise GraphError(f"{name} needs a directed graph, this one is undirected; {remedy}")
