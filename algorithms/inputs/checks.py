"""What structures share: a call's arguments filled in, numbers and lists looked at."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Set, Sized
from itertools import product

import networkx as nx
import numpy as np

from algorithms.errors import ArgumentError, InputError, did_you_mean
from algorithms.inputs.edges import Edges
from algorithms.inputs.exact import as_float64, elements, fits, hashable, real
from algorithms.inputs.structure import REQUIRED, inputs_of_hub
from algorithms.machine.probes import NODE, Declaration

__all__ = [
    "INDEX",
    "check_numbers",
    "choices_beside",
    "example_arguments",
    "fill_arguments",
    "is_list",
    "nodes_among",
    "numbers_of",
    "plain_arguments",
    "summable",
]

# names of a structure's `links` (static pointers, but for an edge's ends) and `numbers` (static scalars), and whose
INDEX = {"index": NODE}


def nodes_among(spec: Declaration, arguments) -> list[str]:
    """Those of the arguments that are nodes of a graph."""
    return [name for name in arguments if name in spec.by_name and spec.by_name[name].register == "pointer"]


def fill_arguments(spec: Declaration, given: dict, known: dict) -> dict:
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


def example_arguments(spec: Declaration, n: int) -> dict:
    """Arguments for the example of a structure: different ones of its n nodes, or numbers."""
    nodes, out = iter([0, n - 1, *range(1, n - 1)]), {}
    for name in inputs_of_hub(spec):
        out[name] = next(nodes) if spec.by_name[name].register == "pointer" else 0.5
    return out


_NUMBERS = (0.25, 0.85, 1.0)  # what a number that is given with a graph may be


def choices_beside(spec: Declaration, n: int) -> list[dict]:
    """Every choice of the arguments beside a graph of the nodes 0 … n - 1."""
    names = list(inputs_of_hub(spec))
    each = [range(n) if spec.by_name[name].register == "pointer" else _NUMBERS for name in names]
    return [dict(zip(names, choice)) for choice in product(*each)]


def numbers_of(values, name: Callable[[int], str]) -> list:
    """The numbers of a list, of any real types, exactly (`exact.real`). name: `name(i)` is what messages
    call the i-th."""
    values = elements(values)
    return values if as_float64(values) is not None else [real(x, name(i)) for i, x in enumerate(values)]


def summable(values, what: str, times: int = 1) -> None:
    """Sums of some of them are finite; `times`: even where each is added so often."""
    if isinstance(values, np.ndarray):
        if not len(values) or max(values.max(), -values.min()) < 1e300 / (times * len(values)):
            return
        values = values.tolist()
    try:
        fine = math.isfinite(times * sum(abs(float(x)) for x in values))
    except OverflowError:
        fine = False
    if not fine:
        raise InputError(f"{what}: too large, the sum is no float64")


def check_numbers(spec: Declaration, graph, edges: Edges, name, compared: bool = False) -> None:
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
