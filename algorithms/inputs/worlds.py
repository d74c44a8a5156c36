"""Small worlds: every input of a structure up to a size. What a certificate runs (`neural_exec.certification.certify`).

A structure says what its worlds are (`Structure.worlds`); here is what they are made of. What an algorithm only
compares is taken in every weak order (an order with ties); what it adds up, from a few small numbers, zero among them.
Inputs that an algorithm does not take are among them: whoever runs them leaves those out, by the typed error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate, combinations, permutations, product

import networkx as nx

__all__ = [
    "LIMIT", "World", "ascending", "canonical", "graphs", "grid_points", "lists", "orders", "orders_with_zero",
    "strings", "weak_orders", "weighted_graphs", "words",
]  # fmt: skip

LIMIT = 20_000  # inputs of one world, or twice as many: beyond, it is a smaller one, or fewer weights
_FEW = (-2.0, -1.0, 0.0, 1.0, 3.0)
_WEIGHTS = (0.0, 1.0, 2.0)
_PATTERNS = ((1, 2, 1, 3, 0, 2, 3), (3, 0, 1, 1, 2), (0, 0, 1), (1,))  # weights, over and over along the edges


@dataclass(frozen=True)
class World:
    """text: what is in it; count: how many inputs; inputs: makes them, as (data, arguments)."""

    text: str
    count: int
    inputs: Callable[[], Iterator[tuple[object, dict]]]


def weak_orders(n: int) -> Iterator[tuple[float, ...]]:
    """Every order of n numbers, with ties: each as ranks from 0 on.

    >>> list(weak_orders(2))
    [(0.0, 0.0), (0.0, 1.0), (1.0, 0.0)]
    """
    for ranks in product(range(n), repeat=n):
        if set(ranks) == set(range(max(ranks, default=-1) + 1)):
            yield tuple(map(float, ranks))


def ascending(n: int) -> Iterator[tuple[float, ...]]:
    """Every weak order of n numbers in which none is below the one before.

    >>> list(ascending(3))
    [(0.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 1.0), (0.0, 1.0, 2.0)]
    """
    return (tuple(accumulate(steps, initial=0.0)) for steps in product((0.0, 1.0), repeat=n - 1))


@cache
def orders(n: int) -> int:
    """How many weak orders there are of n numbers."""
    return 1 if n == 0 else sum(math.comb(n, k) * orders(n - k) for k in range(1, n + 1))


def orders_with_zero(n: int) -> Iterator[tuple[float, ...]]:
    """Every weak order of n numbers and zero."""
    for zero, *ranks in weak_orders(n + 1):
        yield tuple(r - zero for r in ranks)


def lists(compared: bool, longest: int = 7) -> Iterator[tuple[int, str, int, Callable[[], Iterable[tuple]]]]:
    """Lists of numbers, by length, while they are no more than LIMIT: (length, text, count, what makes them)."""
    for n in range(1, longest + 1):
        if compared and orders(n) <= LIMIT:
            yield n, f"all weak orders of {n} numbers", orders(n), partial(weak_orders, n)
        if not compared and orders(n + 1) <= LIMIT:
            yield n, f"all weak orders of {n} numbers and zero", orders(n + 1), partial(orders_with_zero, n)
        if not compared and len(_FEW) ** n <= LIMIT:
            few = ", ".join(f"{x:g}" for x in _FEW)
            yield n, f"all lists of {n} of {few}", len(_FEW) ** n, partial(product, _FEW, repeat=n)


# ---------------------------------------------------------------- symbols
def canonical(word: Iterable) -> bool:
    """Do its letters come first in the order a, b, c?"""
    seen = 0
    for letter in word:
        if letter > "abc"[min(seen, 2)]:
            return False
        seen += seen < 3 and letter == "abc"[seen]
    return True


def words(longest: int, letters: int = 3) -> list[str]:
    """Every word of up to so many letters a, b, c (or the first of them)."""
    return ["".join(w) for n in range(longest + 1) for w in product("abc"[:letters], repeat=n)]


def strings(first: int, second: int, letters: int = 3) -> list[tuple[str, str]]:
    """Every pair of words up to these lengths, up to other names of the letters; letters: how many there are."""
    return [(x, y) for x in words(first, letters) for y in words(second, letters) if canonical(x + y)]


def grid_points() -> dict[str, list[list[tuple[float, float]]]]:
    """Lists of points of the 3 x 3 grid, in words."""
    grid = [(float(x), float(y)) for x in range(3) for y in range(3)]
    subsets = [list(c) for n in range(6, 10) for c in combinations(grid, n)]
    few = {
        f"all lists of {n} points of the 3 x 3 grid": [list(p) for p in product(grid, repeat=n)] for n in range(1, 5)
    }
    return few | {
        "all lists of 5 different points of the 3 x 3 grid": [list(p) for p in permutations(grid, 5)],
        "all sets of 6 or more points of the 3 x 3 grid, two ways": [*subsets, *(s[::-1] for s in subsets)],
    }


# ---------------------------------------------------------------- graphs
def _slots(n: int, directed: bool, loops: bool) -> list[tuple[int, int]]:
    return [(u, v) for u in range(n) for v in range(n) if (u != v and (directed or u < v)) or (loops and u == v)]


def _graph(n: int, directed: bool, edges, attribute: str = "", weights=()) -> nx.Graph:
    graph = nx.DiGraph() if directed else nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from(edges)
    if attribute:
        for edge, w in zip(edges, weights):
            graph.edges[edge][attribute] = float(w)
    return graph


def _subsets(slots: list) -> Iterator[list]:
    for bits in product((False, True), repeat=len(slots)):
        yield [s for s, there in zip(slots, bits) if there]


def graphs(n: int, directed: bool, arguments: Callable[[int], list[dict]]) -> World | None:
    """Every labelled graph of n nodes (with self-loops, where these are few) with every choice of further arguments;
    None where these are too many."""
    count_of = lambda slots: 2 ** len(slots) * len(arguments(n))
    loops = count_of(_slots(n, directed, True)) <= LIMIT // 4
    slots = _slots(n, directed, loops)
    count = count_of(slots)
    text = f"all {'di' * directed}graphs of {n} nodes{' with self-loops' * loops}"

    def inputs():
        for edges in _subsets(slots):
            for given in arguments(n):
                yield _graph(n, directed, edges), dict(given)

    return World(text, count, inputs) if count <= 2 * LIMIT else None


def weighted_graphs(
    n: int,
    directed: bool,
    arguments: Callable[[int], list[dict]],
    attribute: str,
    compared: bool,
    negative: bool,
    loops: bool = False,
) -> list[World]:
    """Every labelled graph of n nodes (loops: with self-loops too), with weights of every order where these are no more
    than LIMIT, else with all of a few numbers, else with a few patterns; and every choice of further arguments.
    negative: may weights be so?"""
    slots, all_of = _slots(n, directed, loops), arguments(n)

    def weights(m: int) -> Iterator[tuple]:
        if compared:
            return weak_orders(m)
        return (w for w in orders_with_zero(m) if negative or min(w, default=0.0) >= 0)

    def world(text: str, per_graph: Callable[[int], int], make: Callable[[int], Iterable]) -> World:
        def inputs():
            for edges in _subsets(slots):
                for w in make(len(edges)):
                    for given in all_of:
                        yield _graph(n, directed, edges, attribute, w), dict(given)

        count = sum(math.comb(len(slots), m) * per_graph(m) for m in range(len(slots) + 1)) * len(all_of)
        of_nodes = f"all {'di' * directed}graphs of {n} nodes{' with self-loops' * loops}"
        return World(f"{of_nodes}, {attribute} {text}", count, inputs)

    def of(*values: float) -> World:
        few = ", ".join(f"{x:g}" for x in values)
        return world(f"of {few}", lambda m: len(values) ** m, lambda m: product(values, repeat=m))

    how_many = lambda m: orders(m) if compared else orders(m + 1) if negative else 2 * orders(m) if m else 1
    ordered = world(f"in all weak orders{'' if compared else ' with zero'}", how_many, weights)
    if ordered.count <= LIMIT:
        return [ordered]
    if negative and (whole := of(-1.0, *_WEIGHTS)).count <= LIMIT:
        return [whole]
    if (whole := of(*_WEIGHTS)).count <= LIMIT:
        return [whole, *([of(-1.0, 1.0, 2.0)] if negative else [])]
    each = 2 ** len(slots) * len(all_of)
    if each > 2 * LIMIT:
        return []
    patterns = _PATTERNS[: max(1, min(len(_PATTERNS), LIMIT // each))]
    repeated = lambda m: [[p[i % len(p)] for i in range(m)] for p in patterns]
    return [world(f"in {len(patterns)} pattern{'s' * (len(patterns) > 1)}", lambda m: len(patterns), repeated)]
