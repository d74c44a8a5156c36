"""What algorithms are called with, and how that becomes rows and relations: `Graph` and `Sequence`.

A structure checks a caller's input (typed errors, before any work), lays it out as an `Instance`, and draws samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Set, Sized
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import networkx as nx
import numpy as np

from algorithms.edges import Arguments, Edges, read_edges
from algorithms.errors import ArgumentError, GraphError, InputError, did_you_mean
from algorithms.exact import as_float64, elements, fits, floats, hashable, real
from algorithms.machine import Instance
from algorithms.merging import need_simple
from algorithms.spec import EDGE, GRAPH, NODE, Spec
from algorithms.structure import REQUIRED, Structure, inputs_of_hub
from algorithms.worlds import LIMIT, World, graphs, lists, weighted_graphs

__all__ = [
    "INDEX", "REQUIRED", "Graph", "Sequence", "check_numbers", "choices_beside", "example_arguments", "fill_arguments",
    "given_by_name", "inputs_of_hub", "is_list", "nodes_among", "numbers_of", "plain_arguments", "summable",
]  # fmt: skip

# names of a structure's `links` (static pointers, but for an edge's ends) and `numbers` (static scalars), and whose
INDEX = {"index": NODE}
_LIST = dict.fromkeys(("next", "prev", "left", "right"), NODE) | dict.fromkeys(("first", "last", "middle"), GRAPH)


def nodes_among(spec: Spec, arguments) -> list[str]:
    """Those of the arguments that are nodes of a graph."""
    return [name for name in arguments if name in spec.by_name and spec.by_name[name].register == "pointer"]


def fill_arguments(spec: Spec, given: dict, known: dict) -> dict:
    """`known` (name -> default or REQUIRED) filled from `given`."""
    unexpected = [k for k in given if k not in known]
    if unexpected:
        hint = did_you_mean(unexpected[0], known) if known else " and no other"
        raise ArgumentError(f"{spec.name} takes no argument {unexpected[0]!r}{hint}")
    missing = [k for k, v in known.items() if v is REQUIRED and k not in given]
    if missing:
        raise ArgumentError(f"{spec.name} needs {missing[0]}=…; it is called with {', '.join(known)}")
    return {k: given.get(k, v) for k, v in known.items()}


def plain_arguments(given: dict, data) -> dict:
    """Nodes and numbers that come as arrays or tensors of no dimension become what they hold, but for one that is
    itself a node of the graph."""

    def plain(value):
        if getattr(value, "shape", None) != () or not hasattr(value, "item"):
            return value
        return value if isinstance(data, nx.Graph) and hashable(value) and value in data else value.item()

    return {name: plain(value) for name, value in given.items()}


def example_arguments(spec: Spec, n: int) -> dict:
    """Arguments for the example of a structure: different ones of its n nodes, or numbers."""
    nodes, out = iter([0, n - 1, *range(1, n - 1)]), {}
    for name in inputs_of_hub(spec):
        out[name] = next(nodes) if spec.by_name[name].register == "pointer" else 0.5
    return out


_NUMBERS = (0.25, 0.85, 1.0)  # what a number that is given with a graph may be


def choices_beside(spec: Spec, n: int) -> list[dict]:
    """Every choice of the arguments beside a graph of the nodes 0 … n - 1."""
    names = list(inputs_of_hub(spec))
    each = [range(n) if spec.by_name[name].register == "pointer" else _NUMBERS for name in names]
    return [dict(zip(names, choice)) for choice in product(*each)]


def given_by_name(spec: Spec, data, given: dict) -> tuple[object, dict]:
    """The data and the arguments, of a call that may have named its data too: `graph=…`, `values=…`. Raises
    ArgumentError where they are given twice."""
    name = spec.structure.data
    if name not in given or spec.structure.by_name:
        return data, given
    if data is not None:
        raise ArgumentError(f"{spec.name}: {name} is given twice, once by its name")
    return given[name], {k: v for k, v in given.items() if k != name}


def numbers_of(values, name: Callable[[int], str]) -> list:
    """The numbers of a list, of any real types, exactly (`algorithms.exact.real`). name: `name(i)` is what messages
    call the i-th."""
    values = elements(values)
    return values if as_float64(values) is not None else [real(x, name(i)) for i, x in enumerate(values)]


def summable(values, what: str, times: int = 1) -> None:
    """Sums of some of them are finite; `times`: even where each is added so often."""
    if isinstance(values, np.ndarray):
        if not len(values) or np.abs(values).max() < 1e300 / (times * len(values)):
            return
        values = values.tolist()
    try:
        fine = math.isfinite(times * sum(abs(float(x)) for x in values))
    except OverflowError:
        fine = False
    if not fine:
        raise InputError(f"{what}: too large, the sum is no float64")


def check_numbers(spec: Spec, graph, edges: Edges, name, compared: bool = False) -> None:
    """What a graph's edges hold under a name is float64 (if not `compared`: nearly), and its sum finite; else raises
    InputError."""
    if not compared and isinstance(edges.numbers, list):
        pairs = list(graph.edges())
        fits(edges.numbers, lambda i: f"{spec.name}: {name} of edge {pairs[i]!r}")
    summable(edges.numbers, f"{spec.name}: the edges' {name}")


def is_list(values) -> bool:
    """A list, tuple, array …: what has a length and an order, but is no text."""
    if isinstance(values, str | bytes | nx.Graph | Set | Mapping) or getattr(values, "ndim", 1) == 0:
        return False
    return isinstance(values, Sized) and (isinstance(values, Iterable) or hasattr(values, "__getitem__"))


@dataclass(frozen=True)
class Graph(Structure):
    """A networkx graph. Nodes are rows in the graph's own order, then (with `edge_nodes`) its edges, then the hub.

    Relations: `in_edges` (u -> v for every edge; both ways if undirected), `out_edges` (the reverse), `nodes` (all to
    the hub); with `edge_nodes` also `edges` (all to the hub), each edge's ends its static pointers `tail` and `head`.
    Static scalar `index`, a node's place in the order.

    directed: True or False where the algorithm needs one of them. weighted: edges carry numbers, whose sum is finite,
    under the attribute that the caller names (`weight="weight"`; None: 1 each). compared: it only compares them with
    one another, so that they may be any real numbers: ranks stand for them where one is no float64. requires: further
    preconditions, `f(graph, arguments)` raising GraphError. parallel: what may become of parallel edges without a
    change to the answer (`algorithms.merging`); if not said, "least" of weighted edges, else "any".
    """

    directed: bool | None = None
    weighted: bool = False
    edge_nodes: bool = False
    requires: tuple[Callable, ...] = ()
    compared: bool = False
    parallel: str = ""

    data, takes, is_graph = "graph", "graph", True
    numbers = INDEX

    @property
    def attribute(self) -> str:
        return "weight" if self.weighted else ""

    @property
    def numeric(self) -> bool:
        return self.weighted

    @property
    def valued(self) -> str | None:
        return EDGE if self.weighted else None

    @property
    def merges(self) -> str:
        """What becomes of parallel edges (`algorithms.merging`)."""
        return self.parallel or ("least" if self.weighted else "any")

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("node", "edge", "hub") if self.edge_nodes else ("node", "hub")

    def check(self, spec: Spec, graph, given: dict) -> dict:
        """The arguments, complete; raises GraphError, InputError or ArgumentError."""
        arguments = Arguments(fill_arguments(spec, given, self._known(spec)))
        need_simple(self, graph, spec.name, getattr(spec, "like", ""))
        if not len(graph):
            raise GraphError(f"{spec.name}: the graph is empty; it needs at least one node")
        for name in nodes_among(spec, arguments):
            if not hashable(arguments[name]) or arguments[name] not in graph:
                raise InputError(f"{spec.name}: {name} {arguments[name]!r} is not in the graph")
        if self.weighted:
            arguments.edges = read_edges(graph, spec.name, weight=arguments["weight"])
            check_numbers(spec, graph, arguments.edges, arguments["weight"], self.compared)
        for name in inputs_of_hub(spec):
            if spec.by_name[name].register == "scalar":
                arguments[name] = real(arguments[name], f"{spec.name}: {name}")
                fits([arguments[name]], lambda _, name=name: f"{spec.name}: {name}")
        for condition in self.requires:
            condition(graph, arguments)
        return arguments

    def build(self, spec: Spec, graph, arguments: dict) -> Instance:
        """Lay a checked graph out."""
        edges = getattr(arguments, "edges", None)
        if edges is None:
            edges = read_edges(graph, spec.name, **({"weight": arguments["weight"]} if self.weighted else {}))
        weight = floats(edges.numbers, self.compared) if isinstance(edges.numbers, list) else edges.numbers
        nodes = nodes_among(spec, arguments)
        place = dict(zip(edges.labels, range(len(edges.labels)))) if nodes else {}
        hub = {name: place[v] if name in nodes else v for name, v in arguments.items() if name != "weight"}
        return self.arrange(spec, edges.labels, edges.ends, weight, graph.is_directed(), hub)

    def arrange(self, spec: Spec, labels: list, ends: np.ndarray, weight, directed: bool, hub: dict) -> Instance:
        """Lay out a graph given as arrays, unchecked. labels: of the n nodes; ends (m, 2) int64, each edge once; weight
        (m,) or None; hub: {argument: node's place, or number}."""
        n = len(labels)
        weight = np.full(len(ends), np.nan) if weight is None else np.asarray(weight, np.float64)
        tail, head = ends[:, 0], ends[:, 1]
        if not directed:  # as networkx tells them: the tail is the earlier node
            tail, head = np.minimum(tail, head), np.maximum(tail, head)
        if self.edge_nodes:
            first, last = np.minimum(tail, head), np.maximum(tail, head)
            order = np.argsort(first * n + last, kind="stable")
            order = order[tail[order] != head[order]]
            tail, head, weight = tail[order], head[order], weight[order]
        m = len(tail)
        kind = np.repeat([0, 1, 2], [n, m, 1]) if self.edge_nodes else np.repeat([0, 1], [n, 1])
        instance = Instance(spec, self.kinds, kind, labels, sizes=(n, m))
        instance.directed = directed
        rows, center = np.arange(n), instance.hubs[0]
        instance.constant("index", rows, rows)
        instance.relate("nodes", rows, np.full(n, center))
        if directed:
            instance.relate("in_edges", tail, head, weight)
            instance.relate("out_edges", head, tail, weight)
        else:
            both = np.r_[:m, np.flatnonzero(tail != head)]  # a loop is there once
            src, dst = np.r_[tail, head[both[m:]]], np.r_[head, tail[both[m:]]]
            instance.relate("in_edges", src, dst, weight[both])
            there = instance.relations["in_edges"]  # and back, by the same rows
            instance.relations["out_edges"] = replace(there, weight=there.weight.copy())
        if self.edge_nodes:
            edges = n + np.arange(m)
            instance.link("tail", edges, tail)
            instance.link("head", edges, head)
            if self.weighted:
                instance.scalars["weight"][edges] = weight
            instance.relate("edges", edges, np.full(m, center), weight)
        for name, value in hub.items():
            instance.register(name)[center] = value
        return instance

    def examples(self, spec: Spec) -> list[Instance]:
        """A small graph laid out (each way, where both are taken), unchecked: by this a layout is known."""
        ends, weight = np.array([(0, 2), (2, 1), (1, 3), (0, 3), (4, 3), (4, 4)]), [3.0, 1.0, 2.5, 4.0, 2.0, 0.5]
        ways = (False, True) if self.directed is None else (self.directed,)
        hub = example_arguments(spec, 5)
        return [self.arrange(spec, list("badce"), ends, weight if self.weighted else None, way, hub) for way in ways]

    def worlds(self, spec: Spec) -> list[World]:
        """All labelled graphs of few nodes, each way where both are taken."""
        out: list[World] = []
        for way in (False, True) if self.directed is None else (self.directed,):
            choices = partial(choices_beside, spec)
            if self.attribute:
                may = self._takes_negative(spec, way)
                per_size = [weighted_graphs(n, way, choices, self.attribute, self.compared, may) for n in range(1, 6)]
                out += [w for worlds in per_size for w in worlds]
            else:
                out += [w for n in range(1, 7) if (w := graphs(n, way, choices)) is not None]
        return out

    def _takes_negative(self, spec: Spec, directed: bool) -> bool:
        graph = nx.DiGraph() if directed else nx.Graph()
        graph.add_edge(0, 1, **{self.attribute: -1.0})
        try:
            self.check(spec, graph, choices_beside(spec, 2)[0])
        except InputError:
            return False
        return True


@dataclass(frozen=True)
class Sequence(Structure):
    """A list of real numbers, each a row with scalar `key`, then the hub.

    Static pointers: `next`, `prev` of a row; `left`, `right`, the children of a row read as a binary heap; the hub's
    `first`, `last` and `middle` (of rank n // 2). Static scalar `index`. Relation `nodes` (all to the hub).
    requires: preconditions, `f(values, arguments)` raising InputError, on lists and numbers that are exact. compared:
    the algorithm only compares the numbers, its arguments among them, with one another, so that they may be any: ranks
    stand for them where one is no float64.
    """

    requires: tuple[Callable, ...] = ()
    compared: bool = False

    data = "values"
    kinds, links, numbers = ("node", "hub"), _LIST, INDEX
    valued = NODE

    def check(self, spec: Spec, values, given: dict) -> dict:
        arguments = fill_arguments(spec, given, self._known(spec))
        if not is_list(values):
            raise ArgumentError(f"{spec.name} is called with a list of numbers, not with {type(values).__name__}")
        values = numbers_of(values, name := lambda i: f"{spec.name}: element {i}")
        if not values:
            raise InputError(f"{spec.name}: the list is empty; it needs at least one number")
        arguments = {n: real(x, f"{spec.name}: {n}") for n, x in arguments.items()}
        if not self.compared:
            names = [*map(name, range(len(values))), *(f"{spec.name}: {n}" for n in arguments)]
            fits([*values, *arguments.values()], names.__getitem__)
        for condition in self.requires:
            condition(values, arguments)
        return arguments

    def build(self, spec: Spec, values, arguments: dict) -> Instance:
        n = len(values)
        instance = Instance(spec, self.kinds, np.repeat([0, 1], [n, 1]), list(range(n)), sizes=(n, 0))
        rows, hub = np.arange(n), instance.hubs[0]
        keys = floats([*numbers_of(values, str), *arguments.values()], self.compared)
        instance.scalars["key"][rows] = keys[:n]
        instance.constant("index", rows, rows)
        instance.link("next", rows[:-1], rows[1:])
        instance.link("prev", rows[1:], rows[:-1])
        for name, child in (("left", 2 * rows + 1), ("right", 2 * rows + 2)):
            instance.link(name, rows[child < n], child[child < n])
        instance.link("first", hub, 0)
        instance.link("last", hub, n - 1)
        instance.link("middle", hub, n // 2)
        instance.relate("nodes", rows, np.full(n, hub))
        for name, value in zip(arguments, keys[n:]):
            instance.scalars[name][hub] = value
        return instance

    def examples(self, spec: Spec) -> list[Instance]:
        """A short list laid out, unchecked."""
        return [self.build(spec, [2.0, 4.0, 1.0, 3.0, 2.0], example_arguments(spec, 5))]

    def worlds(self, spec: Spec) -> list[World]:
        """All orders of few numbers, or all lists of a few numbers; numbers beside them are among them, between, or
        beyond."""
        names = list(inputs_of_hub(spec))
        out = []
        for n, text, count, make in lists(self.compared):
            numbers = [x / 2 for x in range(-1, 2 * n)]
            if (all_in := count * len(numbers) ** len(names)) > 2 * LIMIT:
                continue

            def inputs(make=make, numbers=numbers):
                for values in make():
                    for given in product(numbers, repeat=len(names)):
                        yield list(values), dict(zip(names, given))

            out.append(World(text + "".join(f", {name}" for name in names), all_in, inputs))
        return out
