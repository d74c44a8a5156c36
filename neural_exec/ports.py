"""What an algorithm gives to another: its outputs and probes, each with a location and a type, read as arrays.

A *port* is read off a final state by its rows' numbers alone. Its type is that of the probe behind it, told once more
by the answer: a linked list of nodes is an order, edges marked as taken are a mask of edges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from algorithms import answers
from algorithms.cells import Ranges, TwoSequences, ValueAt
from algorithms.machine import Instance
from algorithms.records import Members
from algorithms.spec import EDGE, GRAPH, MASK, MASK_ONE, NODE, POINTER, SCALAR, Probe, Spec

__all__ = ["ORDER", "Port", "port_of", "ports"]

ORDER = "order"
_WORDS = {
    (NODE, SCALAR): "a scalar per node",
    (NODE, POINTER): "a pointer per node",
    (NODE, MASK): "a set of nodes",
    (NODE, ORDER): "an order of nodes",
    (NODE, MASK_ONE): "one node",
    (NODE, "categorical"): "a category per node",
    (EDGE, MASK): "a set of edges",
    (EDGE, SCALAR): "a scalar per edge",
    (EDGE, "categorical"): "a category per edge",
    (GRAPH, SCALAR): "a scalar of the graph",
    (GRAPH, MASK): "a yes or no of the graph",
}


def words(location: str, type_: str) -> str:
    """A type in words."""
    return _WORDS.get((location, type_), f"a {type_} per {location}")


@dataclass(frozen=True)
class Port:
    """An output, or a probe, of an algorithm.

    read: `f(instance, value)`. A scalar per node: (n,) float64. A pointer per node: (n,) rows, -1 for none. A set of
    nodes: (n,) bool, those that hold `value`. An order: rows. One node: its row, or -1. A set of edges: (k, 2) rows of
    their ends, those that hold `value`. A scalar of the graph: a float.
    """

    name: str
    location: str
    type: str
    read: Callable[[Instance, object], np.ndarray | float | int]

    @property
    def text(self) -> str:
        return words(self.location, self.type)


def ports(spec: Spec) -> list[Port]:
    """An algorithm's outputs, then its probes; where both have a name, the output."""
    found: dict[str, Port] = {}
    for port in (*(_of_answer(spec, n, a) for n, a in spec.outputs.items()), *(_of_probe(p) for p in spec.probes)):
        if port and port.name not in found:
            found[port.name] = port
    if isinstance(
        spec.structure, Ranges | TwoSequences
    ):  # their nodes are not the elements of a list that others share
        return [p for p in found.values() if p.location == GRAPH]
    return list(found.values())


def port_of(spec: Spec, name: str) -> Port | None:
    return next((p for p in ports(spec) if p.name == name), None)


def _nodes(x: Instance) -> np.ndarray:
    return x.rows(NODE)


def _as_rows(x: Instance, pointers: np.ndarray) -> np.ndarray:
    """Pointers to nodes; -1 for nil, and for what is no node (a wrong run may hold one)."""
    pointers = np.asarray(pointers, np.int64)
    return np.where(pointers < len(_nodes(x)), pointers, -1)


def _holds(p: Probe, register: np.ndarray, value: object) -> np.ndarray:
    return register == p.values.index(value)


def _ends(x: Instance, edges: np.ndarray) -> np.ndarray:
    return np.stack([x.static["tail"][edges], x.static["head"][edges]], 1)


def _linked(x: Instance, head: str, link: str) -> np.ndarray:
    """The rows of a linked list; it is broken off where it goes round."""
    out, v = [], int(x.pointers[head][x.hubs[0]])
    while v >= 0 and len(out) <= x.size:
        out.append(v)
        v = int(x.pointers[link][v])
    return _as_rows(x, np.array(out, np.int64))


def _of_answer(spec: Spec, name: str, a) -> Port | None:
    if isinstance(a, answers.Chain):
        step = -1 if a.backward else 1
        return Port(name, NODE, ORDER, lambda x, _: _linked(x, a.head, a.link)[::step])
    if isinstance(a, answers.Order):
        return Port(name, NODE, ORDER, lambda x, _: _as_rows(x, x.pointers[a.register][_nodes(x)]))
    if isinstance(a, answers.IsValue):
        wanted = lambda p: [p.values.index(v) for v in a.values]

        def is_value(x: Instance, value: object) -> np.ndarray:
            return np.isin(x.fields[a.register][_nodes(x)], wanted(spec.by_name[a.register])) == bool(value)

        return Port(name, NODE, MASK, is_value)
    if isinstance(a, answers.Marked | Members):

        def marked(x: Instance, value: object) -> np.ndarray:
            return _holds(spec.by_name[a.register], x.fields[a.register][_nodes(x)], a.value) == bool(value)

        return Port(name, NODE, MASK, marked)
    if isinstance(a, answers.Chosen):

        def chosen(x: Instance, value: object) -> np.ndarray:
            edges = x.rows(EDGE)
            return _ends(x, edges[_holds(spec.by_name[a.register], x.fields[a.register][edges], a.value)])

        return Port(name, EDGE, MASK, chosen)
    if isinstance(a, answers.TreeEdges):

        def tree_edges(x: Instance, value: object) -> np.ndarray:
            nodes = _nodes(x)
            parent = _as_rows(x, x.pointers[a.parent][nodes])
            held = _holds(spec.by_name[a.register], x.fields[a.register][nodes], a.value) & (parent >= 0)
            return np.stack([parent[held], nodes[held]], 1)

        return Port(name, EDGE, MASK, tree_edges)
    if isinstance(a, ValueAt):
        return Port(name, GRAPH, SCALAR, lambda x, _: float(x.scalars[a.register][x.static[a.pointer][x.hubs[0]]]))
    register = getattr(a, "register", None)
    plain = answers.Pointers | answers.Scalars | answers.Position | answers.Value
    return _of_probe(spec.by_name[register], name) if isinstance(a, plain) else None


def _of_probe(p: Probe, name: str = "") -> Port | None:
    make = lambda location, type_, read: Port(name or p.name, location, type_, read)
    register = p.name
    if p.type == MASK_ONE:
        return make(p.location, MASK_ONE, lambda x, _: int(_as_rows(x, x.pointers[register][x.hubs[0]])))
    if p.location == GRAPH and p.type == SCALAR:
        return make(GRAPH, SCALAR, lambda x, _: float(x.scalars[register][x.hubs[0]]))
    if p.location == NODE and p.type == SCALAR:
        return make(NODE, SCALAR, lambda x, _: x.scalars[register][_nodes(x)].copy())
    if p.location == NODE and p.type == POINTER:
        return make(NODE, POINTER, lambda x, _: _as_rows(x, x.pointers[register][_nodes(x)]))
    if p.location == NODE:
        return make(NODE, p.type, lambda x, value: _holds(p, x.fields[register][_nodes(x)], value))
    if p.location == EDGE and p.type != SCALAR and p.type != POINTER:

        def edges(x: Instance, value: object) -> np.ndarray:
            rows = x.rows(EDGE)
            return _ends(x, rows[_holds(p, x.fields[register][rows], value)])

        return make(EDGE, p.type, edges)
    return make(p.location, p.type, lambda x, _: x.register(register)[x.rows(p.kind)].copy())
