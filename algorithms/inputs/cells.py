"""Structures for dynamic programs over pairs: `TwoSequences`, `NodePairs`, `Ranges`.

What is paired are the nodes; each pair (i, j) is a row of its own, a *cell*, whose static pointers are `row` and
`column` (the nodes i and j), `up`, `left`, `diagonal`, `right`, `down` (the neighbouring cells, nil past the border),
`row_start` and `column_start` (the first cell of its row, of its column). The hub's `last` is the cell in the lower
right corner, or, of ranges, the upper right: the whole problem. A cell whose value needs others that are far away walks
pointers over them, one neighbour a tick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from algorithms.errors import ArgumentError, InputError
from algorithms.inputs.checks import INDEX, fill_arguments, is_list, numbers_of, summable
from algorithms.inputs.exact import elements, fits, floats, real, symbols
from algorithms.inputs.graphs import Graph
from algorithms.inputs.structure import REQUIRED, PairStructure, Structure
from algorithms.inputs.worlds import LIMIT, World, strings
from algorithms.inputs.worlds import lists as lists_of
from algorithms.machine.probes import CELL, GRAPH, NODE, Declaration
from algorithms.machine.state import Instance, laid_out

__all__ = ["Elements", "NodePairs", "Ranges", "TwoSequences"]

_BESIDE = ("up", "left", "diagonal", "right", "down", "row_start", "column_start")
_LINKS = dict.fromkeys(_BESIDE, CELL) | {"next": NODE, "first": GRAPH, "last": GRAPH}


def _paired(spec: Declaration, n: int, cells: Callable[[np.ndarray], np.ndarray], last: int) -> Instance:
    """n nodes and some of their pairs. cells: makes the table of these out of one of ones."""

    def lay() -> Instance:
        nodes, table = np.arange(n), cells(np.ones((n, n), bool))
        return _lay_out(spec, list(range(n)), nodes, nodes, table, (n, int(table.sum())), last)

    return laid_out(spec, n, n * n, lay)


def _lay_out(
    spec: Declaration, labels: list, row: np.ndarray, column: np.ndarray, cells: np.ndarray, sizes, last: int
) -> Instance:
    """Nodes, cells, hub. cells: a table of booleans, where there is one; row, column: the node of each line, or -1;
    last: the row that is the last cell."""
    n, count = len(labels), int(cells.sum())
    instance = Instance(spec, ("node", "cell", "hub"), np.repeat([0, 1, 2], [n, count, 1]), labels, sizes)
    nodes, hub = np.arange(n), instance.hubs[0]
    at = np.full(np.array(cells.shape) + 2, -1)  # with a border of nil
    inner = at[1:-1, 1:-1]
    inner[cells] = n + np.arange(count)
    i, j = np.nonzero(cells)
    here = inner[cells]
    instance.link("row", here, row[i])
    instance.link("column", here, column[j])
    for name, down, right in (("up", -1, 0), ("left", 0, -1), ("diagonal", -1, -1), ("right", 0, 1), ("down", 1, 0)):
        instance.link(name, here, at[i + 1 + down, j + 1 + right])
    instance.link("row_start", here, inner[i, cells.argmax(1)[i]])
    instance.link("column_start", here, inner[cells.argmax(0)[j], j])
    instance.link("next", nodes[:-1], nodes[1:])
    instance.link("first", hub, 0 if n else -1)
    instance.link("last", hub, last)
    instance.constant("index", nodes, nodes)
    instance.relate("nodes", nodes, np.full(n, hub))
    instance.relate("cells", here, np.full(count, hub))
    return instance


class Elements(list):
    """Labels of the elements of two sequences, and the sequences."""

    given: tuple = ()


@dataclass(frozen=True)
class TwoSequences(PairStructure):
    """Two strings or lists of what is compared by value (`inputs.exact.symbol`), given as a pair. Cells are the
    pairs of their prefixes, the empty ones among them.

    Nodes are the elements of the first, then of the second, labelled (0, i) and (1, j), each with the scalar `key`:
    the same for equal elements. A cell's `row` and `column` are its prefixes' last elements, nil for an empty prefix.

    costs: the caller may say what it costs to `delete` each element of the first, to `insert` each of the second, and
    to `replace` the one by the other: one number for all, or one for each (of pairs, a table); 1 where nothing is said.
    They are the scalars `skip` of the nodes and `replace` of the cells.
    """

    costs: bool = False

    data, takes, own_rows, per_row = "sequences", "columns", True, ("first", "second")
    kinds, links, numbers = ("node", "cell", "hub"), _LINKS, INDEX

    @property
    def numeric(self) -> bool:
        return self.costs

    @property
    def optional(self) -> tuple[str, ...]:
        return tuple(self._known())

    def _known(self, spec: Declaration | None = None) -> dict:
        return dict.fromkeys(("delete", "insert", "replace"), 1.0) if self.costs else {}

    def check(self, spec: Declaration, sequences, given: dict) -> dict:
        arguments = fill_arguments(spec, given, self._known())
        if not is_list(sequences) or len(elements(sequences)) != 2:
            raise ArgumentError(f"{spec.name} is called with a pair of sequences, as ('ABC', 'BC')")
        for s in (sequences := elements(sequences)):
            if not (isinstance(s, str | bytes) or is_list(s)):
                raise ArgumentError(f"{spec.name}: {s!r} is no sequence; strings and lists are")
            symbols(s, f"{spec.name}: element {{}}")
        if self.costs:
            n, m = map(len, sequences)
            self._check_costs(spec, n, m, arguments)
        return arguments

    @staticmethod
    def _check_costs(spec: Declaration, n: int, m: int, arguments: dict) -> None:
        total, numbers, names = 0.0, [], []
        for name, shape in (("delete", (n,)), ("insert", (m,)), ("replace", (n, m))):
            table = _table(arguments[name])
            if table.shape not in ((), shape) and (table.size or 0 not in shape):
                raise InputError(
                    f"{spec.name}: {name} has shape {table.shape}; one number is needed, or {shape}, one for each"
                )
            for place, x in np.ndenumerate(table):
                names.append(f"{spec.name}: {name}{list(place) if place else ''}")
                numbers.append(real(x, names[-1]))
        fits(numbers, names.__getitem__)
        for name, shape in (("delete", (n,)), ("insert", (m,)), ("replace", (n, m))):
            table = _costs(arguments[name])
            total += float(np.abs(table).sum()) * (math.prod(shape) if not table.shape else 1)
        if not math.isfinite(total):
            raise InputError(f"{spec.name}: the costs are too large, their sum is no float64")

    def build(self, spec: Declaration, sequences, arguments: dict) -> Instance:
        x, y = (s if isinstance(s, str) else symbols(s) for s in elements(sequences))
        n, m = len(x), len(y)
        codes: dict = {}
        instance = laid_out(spec, (n, m), (n + 1) * (m + 1), partial(self._of_lengths, spec, n, m))
        labels = instance.labels[0]
        assert isinstance(labels, Elements)
        labels.given = (x, y)
        instance.scalars["key"][: n + m] = [float(codes.setdefault(c, len(codes))) for c in (*x, *y)]
        if self.costs:
            skip, replace = instance.scalars["skip"], np.zeros((n + 1, m + 1))
            skip[:n], skip[n : n + m] = (_costs(arguments[k]) for k in ("delete", "insert"))
            if x and y:
                replace[1:, 1:] = _costs(arguments["replace"])
            instance.scalars["replace"][instance.rows(CELL)] = replace.ravel()
        return instance

    def _of_lengths(self, spec: Declaration, n: int, m: int) -> Instance:
        """All but the symbols."""
        labels = Elements([(0, i) for i in range(n)] + [(1, j) for j in range(m)])
        row, column = np.arange(-1, n), np.r_[-1, n + np.arange(m)]
        cells = np.ones((n + 1, m + 1), bool)
        return _lay_out(spec, labels, row, column, cells, (n + m, cells.size), n + m + cells.size - 1)

    def examples(self, spec: Declaration) -> list[Instance]:
        """Two short sequences laid out."""
        return [self.build(spec, ("abcb", "bdc"), self._known())]

    def worlds(self, spec: Declaration) -> list[World]:
        """Short strings; shorter ones with every choice of a few costs."""
        pairs, names = strings(5, 5), list(self._known())
        out = [World("all pairs of strings of up to 5 letters of three", len(pairs), lambda: ((p, {}) for p in pairs))]
        if names:
            few, costs = strings(3, 3), list(product((0.0, 1.0, 3.0), repeat=len(names)))
            inputs = lambda: ((pair, dict(zip(names, c))) for pair in few for c in costs)
            text = f"all pairs of strings of up to 3 letters of three, {', '.join(names)} of 0, 1, 3"
            out.append(World(text, len(few) * len(costs), inputs))
        return out

    def of_two(self, x, y) -> tuple[object, dict]:
        return (x, y), {}

    def joined(self, arguments: dict) -> tuple:
        return arguments.pop("first"), arguments.pop("second")


def _table(given) -> np.ndarray:
    """Numbers as they were given; None where they have no one shape."""
    try:
        return np.array(given.tolist() if hasattr(given, "tolist") else given, object)
    except (ValueError, TypeError):
        return np.array(None)


def _costs(given) -> np.ndarray:
    table = _table(given)
    return np.reshape(floats([real(x, "a cost") for x in table.flat]), table.shape)


@dataclass(frozen=True)
class NodePairs(Graph):
    """A networkx graph. Cells are all pairs of its nodes, with the scalar `weight`: of the edge, inf where there is
    none, 0 on the diagonal. The nodes' static pointer `next` and the hub's `first` list them in the graph's order."""

    kinds, links, numbers = ("node", "cell", "hub"), _LINKS, INDEX

    def arrange(self, spec: Declaration, labels: list, ends: np.ndarray, weight, directed: bool, hub: dict) -> Instance:
        n = len(labels)
        instance = _paired(spec, n, np.asarray, n + n * n - 1)
        instance.labels, instance.sizes, instance.directed = [labels], [(n, len(ends))], directed
        table = np.full((n, n), math.inf)
        table[ends[:, 0], ends[:, 1]] = weight
        if not directed:
            table[ends[:, 1], ends[:, 0]] = weight
        tail, head = np.nonzero(np.isfinite(table))
        instance.relate("in_edges", tail, head, table[tail, head])
        np.fill_diagonal(table, 0.0)
        instance.scalars["weight"][n:-2] = table.ravel()
        return instance


def _one_up(make: Callable[[], Iterable[tuple]]) -> Iterator[tuple[object, dict]]:
    return (([x + 1.0 for x in values], {}) for values in make())


@dataclass(frozen=True)
class Ranges(Structure):
    """A list of numbers, or several, each given by its name. Cells are the ranges i..j (i <= j) of its nodes. The hub's
    `last` is the range of all.

    columns: `f(values)`, or `f(**lists)`, -> {scalar of the nodes: numbers}. lists: names of the lists, where it is
    called with several: `run(name, p=[…], q=[…])`. requires: preconditions, `f(values, arguments)` raising InputError.
    """

    columns: Callable
    lists: tuple[str, ...] = ()
    requires: tuple[Callable, ...] = ()

    kinds, links, numbers, own_rows = ("node", "cell", "hub"), _LINKS, INDEX, True

    @property
    def data(self) -> str:
        return self.lists[0] if self.lists else "values"

    @property
    def takes(self) -> str:
        return "columns" if self.lists else "list"

    def arguments(self, spec: Declaration) -> tuple[str, ...]:
        return self.lists or ("values",)

    def check(self, spec: Declaration, values, given: dict) -> dict:
        arguments = fill_arguments(spec, given, dict.fromkeys(self.lists, REQUIRED))
        if self.lists and values is not None:
            raise ArgumentError(f"{spec.name} takes its lists by name: {', '.join(f'{n}=[…]' for n in self.lists)}")
        exact, names = {}, []
        for name, numbers in arguments.items() if self.lists else (("its input", values),):
            if not is_list(numbers):
                raise ArgumentError(f"{spec.name}: {name} is {numbers!r}; a list of numbers is needed")
            called = [f"{spec.name}: element {i} of {name}" for i in range(len(numbers))]
            exact[name] = numbers_of(numbers, called.__getitem__)
            names += called
        fits([x for numbers in exact.values() for x in numbers], names.__getitem__)
        for name, numbers in exact.items():
            summable(numbers, f"{spec.name}: {name}", 3 * len(numbers))
        if self.lists:
            arguments = exact
        else:
            values = exact["its input"]
        for condition in self.requires:
            condition(values, arguments)
        return arguments

    def build(self, spec: Declaration, values, arguments: dict) -> Instance:
        lists = {name: numbers_of(numbers, str) for name, numbers in arguments.items()}
        scalars = self.columns(**lists) if self.lists else self.columns(numbers_of(values, str))
        n = len(next(iter(scalars.values())))
        instance = _paired(spec, n, np.triu, n + n - 1)
        for name, numbers in scalars.items():
            instance.scalars[name][:n] = floats(numbers)
        return instance

    def examples(self, spec: Declaration) -> list[Instance]:
        """A short list laid out, unchecked; of several lists, each is one longer than the one before."""
        numbers = [3.0, 1.0, 4.0, 2.0, 5.0]
        lists = {name: numbers[: 3 + i] for i, name in enumerate(self.lists)}
        return [self.build(spec, None, lists) if lists else self.build(spec, numbers, {})]

    def worlds(self, spec: Declaration) -> list[World]:
        """All orders of few numbers, or, of several lists, all lists of 0, 1, 2 whose lengths are taken together."""
        if not self.lists:
            listed = [x for x in lists_of(True) if x[2] <= LIMIT // 4]
            return [World(f"{text} from 1 on", count, partial(_one_up, make)) for _, text, count, make in listed]
        out = []
        for lengths in product(range(6), repeat=len(self.lists)):
            count = 3 ** sum(lengths)
            if count <= LIMIT and self._takes(spec, lengths):

                def inputs(lengths=lengths):
                    for given in product(*(product((0.0, 1.0, 2.0), repeat=n) for n in lengths)):
                        yield None, dict(zip(self.lists, map(list, given)))

                sizes = " and ".join(f"{n} {name}" for name, n in zip(self.lists, lengths))
                out.append(World(f"all lists of 0, 1, 2: {sizes}", count, inputs))
        return out

    def _takes(self, spec: Declaration, lengths: tuple[int, ...]) -> bool:
        try:
            self.check(spec, None, {name: [1.0] * n for name, n in zip(self.lists, lengths)})
        except InputError:
            return False
        return True
