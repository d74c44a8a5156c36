"""What an algorithm gives to another: its outputs and probes, each with a location and a type, read as arrays.

A *port* is read off a final state by its rows' numbers alone. Its type is that of the probe behind it, told once more
by the answer: a linked list of nodes is an order, edges marked as taken are a mask of edges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import starmap

import numpy as np

from algorithms.answers import ORDER, Answer, Chosen, Given, Marked, Pointers, Position, Scalars, Value
from algorithms.machine.probes import EDGE, GRAPH, MASK, MASK_ONE, NODE, POINTER, SCALAR, Probe
from algorithms.machine.state import Instance
from algorithms.spec import Spec

__all__ = ["ORDER", "Port", "port_of", "ports"]

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
    for port in (*starmap(_of_answer, spec.outputs.items()), *map(_of_probe, spec.probes)):
        if port and port.name not in found:
            found[port.name] = port
    if spec.structure.own_rows:
        return [p for p in found.values() if p.location == GRAPH]
    return list(found.values())


def port_of(spec: Spec, name: str) -> Port | None:
    return next((p for p in ports(spec) if p.name == name), None)


def _of_answer(name: str, form: Answer) -> Port | None:
    return Port(name, *form.port, form.given) if isinstance(form, Given) and form.port else None


_FORMS = {
    ("node", "scalar"): Scalars,
    ("node", "pointer"): Pointers,
    ("hub", "scalar"): Value,
    ("hub", "pointer"): Position,
}
_SETS = {"node": Marked, "edge": Chosen}  # of the rows whose field holds a value


def _of_probe(p: Probe) -> Port:
    """Read as by the answer that reads the same, else as it is stored."""
    if form := _FORMS.get((p.kind, p.register)):
        read = form(p.name).given
    elif p.register == "field" and p.kind in _SETS:
        read = lambda x, value: _SETS[p.kind](p.name, value).given(x, True)
    else:
        read = lambda x, _: x.register(p.name)[x.rows(p.kind)]
    return Port(p.name, p.location, p.type, read)
