"""Structures for lists of more than numbers: `Records`, `Points`, `Text`.

All are linked lists, as `Sequence` is one: static pointers `next` and `prev` of a row, `first` and `last` of the hub,
the static scalar `index`, the relation `nodes` (all to the hub).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import product, starmap

import numpy as np

from algorithms.errors import ArgumentError, InputError
from algorithms.inputs.checks import INDEX, example_arguments, fill_arguments, is_list, numbers_of, summable
from algorithms.inputs.exact import as_float64, elements, fits, floats, real, shown, symbols
from algorithms.inputs.structure import REQUIRED, PairStructure, Structure, inputs_of_hub
from algorithms.inputs.worlds import LIMIT, World, grid_points, orders, strings, weak_orders
from algorithms.machine import orientation as positions
from algorithms.machine.probes import GRAPH, NODE, Declaration
from algorithms.machine.state import Instance, laid_out

__all__ = ["Points", "Records", "Text"]

_LINKS = {"next": NODE, "prev": NODE, "first": GRAPH, "last": GRAPH}


def _linked(spec: Declaration, n: int) -> Instance:
    """n rows in a list, then the hub."""
    return laid_out(spec, n, n + 1, partial(_lay_out, spec, list(range(n)), (n, 0)))


def _lay_out(spec: Declaration, labels: list, sizes: tuple[int, int]) -> Instance:
    """Rows in a list, then the hub."""
    n = len(labels)
    instance = Instance(spec, ("node", "hub"), np.repeat([0, 1], [n, 1]), labels, sizes)
    rows, hub = np.arange(n), instance.hubs[0]
    instance.constant("index", rows, rows)
    instance.link("next", rows[:-1], rows[1:])
    instance.link("prev", rows[1:], rows[:-1])
    instance.link("first", hub, 0)
    instance.link("last", hub, n - 1)
    instance.relate("nodes", rows, np.full(n, hub))
    return instance


def _need_list(values, what: str, of: str) -> None:
    if not is_list(values):
        raise ArgumentError(f"{what} is {values!r}; a list of {of} is needed")


@dataclass(frozen=True)
class Records(Structure):
    """Several lists of numbers of one length, each given by its name, and nothing else: `run(name, start=[…], …)`.

    Each position is a row with a scalar of every list's name. The weights of the relation `nodes` are those of the list
    `weight`, where there is one. requires: preconditions, `f(None, arguments)` raising InputError, on lists that are
    exact. compared: the algorithm only compares all these numbers with one another, so that they may be any: ranks
    stand for them where one is no float64.
    """

    lists: tuple[str, ...] = field()  # no default
    requires: tuple[Callable, ...] = ()
    compared: bool = False

    kinds, links, numbers = ("node", "hub"), _LINKS, INDEX
    takes = "columns"

    @property
    def data(self) -> str:
        return self.lists[0]

    def check(self, spec: Declaration, data, given: dict) -> dict:
        if data is not None:
            named = ", ".join(f"{name}=[…]" for name in self.lists)
            raise ArgumentError(f"{spec.name} takes its lists by name: {named}")
        arguments = fill_arguments(spec, given, dict.fromkeys(self.lists, REQUIRED) | inputs_of_hub(spec))
        for name in self.lists:
            _need_list(arguments[name], f"{spec.name}: {name}", "numbers")
        lengths = {name: len(arguments[name]) for name in self.lists}
        if len(set(lengths.values())) > 1:
            counts = ", ".join(f"{name} has {n}" for name, n in lengths.items())
            raise InputError(f"{spec.name}: its lists need one length; {counts}")
        if not lengths[self.lists[0]]:
            raise InputError(f"{spec.name}: the lists are empty; they need at least one number each")
        names = {name: [f"{spec.name}: element {i} of {name}" for i in range(lengths[name])] for name in self.lists}
        for name in self.lists:
            arguments[name] = numbers_of(arguments[name], names[name].__getitem__)
        for name in inputs_of_hub(spec):
            arguments[name] = real(arguments[name], f"{spec.name}: {name}")
            names[name] = [f"{spec.name}: {name}"]
        if not self.compared:
            fits(self._all(arguments), [x for part in names.values() for x in part].__getitem__)
        summable(arguments.get("weight", ()), f"{spec.name}: weight")
        for condition in self.requires:
            condition(None, arguments)
        return arguments

    def _all(self, arguments: dict) -> list:
        """The numbers of all lists, then those of the hub."""
        return [x for name, given in arguments.items() for x in (given if name in self.lists else [given])]

    def build(self, spec: Declaration, data, arguments: dict) -> Instance:
        arguments = {n: numbers_of(x, str) if n in self.lists else real(x, n) for n, x in arguments.items()}
        numbers, n = floats(self._all(arguments), self.compared), len(arguments[self.lists[0]])
        columns = {name: numbers[i * n : (i + 1) * n] for i, name in enumerate(self.lists)}
        instance = _linked(spec, n)
        if "weight" in columns:
            instance.relations["nodes"].weight[:n] = columns["weight"]
        for name, column in columns.items():
            instance.scalars[name][:n] = column
        for name, number in zip(inputs_of_hub(spec), numbers[n * len(self.lists) :]):
            instance.scalars[name][instance.hubs[0]] = number
        return instance

    def examples(self, spec: Declaration) -> list[Instance]:
        """Short lists laid out, unchecked."""
        lists = {name: [i + x for x in (3.0, 0.0, 4.0, 1.0)] for i, name in enumerate(self.lists)}
        return [self.build(spec, None, {**lists, **example_arguments(spec, 4)})]

    def worlds(self, spec: Declaration) -> list[World]:
        """All orders of few numbers, where they are only compared; all lists of rows of small numbers, each of which
        is taken alone."""
        out, k = [], len(self.lists)
        for n in range(1, 6):
            if self.compared and orders(k * n) <= LIMIT:
                text = f"all weak orders of the numbers of {n} rows"
                out.append(World(text, orders(k * n), partial(self._ordered, n)))
            tops = ((top, self._rows(spec, top)) for top in range(n + 1, 0, -1))
            fitting = next(((top, rows) for top, rows in tops if len(rows) ** n <= LIMIT), None)
            if fitting:
                top, rows = fitting
                out.append(
                    World(f"all lists of {n} rows of 0 to {top}", len(rows) ** n, partial(self._listed, rows, n))
                )
        return out

    def _columns(self, rows: Iterable[tuple]) -> tuple[None, dict]:
        """An input, by rows."""
        return None, {name: list(column) for name, column in zip(self.lists, zip(*rows))}

    def _ordered(self, n: int) -> Iterator[tuple[object, dict]]:
        """Every weak order of the numbers of n rows."""
        k = len(self.lists)
        return (self._columns(ranks[i * k : i * k + k] for i in range(n)) for ranks in weak_orders(k * n))

    def _listed(self, rows: list[tuple], n: int) -> Iterator[tuple[object, dict]]:
        return map(self._columns, product(rows, repeat=n))

    def _rows(self, spec: Declaration, top: int) -> list[tuple]:
        rows = []
        for row in product(map(float, range(top + 1)), repeat=len(self.lists)):
            try:
                self.check(spec, *self._columns([row]))
            except InputError:
                continue
            rows.append(row)
        return rows


def _each(given: list[list]) -> Iterator[tuple[object, dict]]:
    return ((list(points), {}) for points in given)


@dataclass(frozen=True)
class Points(Structure):
    """A list of points of the plane, (x, y) each. Every point is a row with the scalars `x` and `y`, to be compared
    with one another alone (where float64 does not hold one of them, these are their ranks), and the static scalars
    `at_x`, `at_y`, `rest_x`, `rest_y`, by which the instruction `orientation` goes (`machine.orientation`). A
    coordinate is any real number that is the sum of two float64.

    requires: preconditions, `f(points, arguments)` raising InputError.
    """

    requires: tuple[Callable, ...] = ()

    data, takes, wide, per_row = "points", "columns", 2, ("x", "y")
    kinds, links = ("node", "hub"), _LINKS
    numbers = INDEX | dict.fromkeys(("at_x", "at_y", "rest_x", "rest_y"), NODE)

    def check(self, spec: Declaration, points, given: dict) -> dict:
        arguments = fill_arguments(spec, given, inputs_of_hub(spec))
        _need_list(points, f"{spec.name}: its input", "points, as [(0.0, 1.0), (2.0, 3.0)],")
        points, exact = elements(points), []
        if not points:
            raise InputError(f"{spec.name}: the list is empty; it needs at least one point")
        pairs = set(map(type, points)) <= {tuple, list} and set(map(len, points)) == {2}
        quick = pairs and as_float64([x for point in points for x in point]) is not None
        for i, point in enumerate(() if quick else points):
            pair = elements(point) if is_list(point) else ()
            if len(pair) != 2:
                raise InputError(f"{spec.name}: element {i} is {point!r}; a point (x, y) is needed")
            exact += [real(value, f"{spec.name}: {name} of point {i}") for name, value in zip("xy", pair)]
        for name in arguments:
            arguments[name] = real(arguments[name], f"{spec.name}: {name}")
        for k, axis in enumerate("xy"):
            for i, rest in enumerate(positions.split(exact[k::2])[1]):
                if math.isnan(rest):
                    what = f"{spec.name}: {axis} of point {i} is {shown(exact[2 * i + k])}"
                    raise InputError(f"{what}, which two float64 do not hold beside the others; round it")
        for condition in self.requires:
            condition(points, arguments)
        return arguments

    def build(self, spec: Declaration, points, arguments: dict) -> Instance:
        points, n = [elements(p) for p in elements(points)], len(points)
        instance = _linked(spec, n)
        for k, axis in enumerate("xy"):
            column = numbers_of([p[k] for p in points], str)
            instance.scalars[axis][:n] = floats(column, compared=True)
            at, rest = positions.split(column)
            instance.constant(f"at_{axis}", np.arange(n), at)
            instance.constant(f"rest_{axis}", np.arange(n), rest)
        for name, value in arguments.items():
            instance.scalars[name][instance.hubs[0]] = value
        return instance

    def examples(self, spec: Declaration) -> list[Instance]:
        """A few points laid out, unchecked."""
        points = [(0.0, 0.0), (2.0, 2.0), (0.0, 2.0), (2.0, 0.0), (1.0, 0.5)]
        return [self.build(spec, points[:count], example_arguments(spec, count)) for count in (4, 5)]

    def worlds(self, spec: Declaration) -> list[World]:
        """Points of a small grid."""
        return [World(text, len(given), partial(_each, given)) for text, given in grid_points().items()]

    def joined(self, arguments: dict) -> np.ndarray:
        return np.stack([arguments.pop("x"), arguments.pop("y")], 1)


@dataclass(frozen=True)
class Text(PairStructure):
    """A text and a pattern: strings, bytes, or lists of what is compared by value (`exact.symbol`). Rows are
    the text's characters, then the pattern's, each with the scalar `key`, the same for equal characters: a linked list
    each. The hub's `first` and `last` are the text's ends, `pattern` the pattern's first character, or nil. Sizes n and
    m are the two lengths. The text may not be empty.
    """

    data, numeric, per_row = "text", False, ("pattern",)
    kinds, links, numbers = ("node", "hub"), _LINKS | {"pattern": GRAPH}, INDEX

    def _known(self, spec: Declaration) -> dict:
        return {"pattern": REQUIRED}

    def check(self, spec: Declaration, text, given: dict) -> dict:
        arguments = fill_arguments(spec, given, self._known(spec))
        for name, characters in (("text", text), ("pattern", arguments["pattern"])):
            if not isinstance(characters, str | bytes):
                _need_list(characters, f"{spec.name}: {name}", "characters, or a string,")
            symbols(characters, f"{spec.name}: element {{}} of {name}")
        if not len(text):
            raise InputError(f"{spec.name}: the text is empty; it needs at least one character")
        return arguments

    def build(self, spec: Declaration, text, arguments: dict) -> Instance:
        text, pattern = symbols(text), symbols(arguments["pattern"])
        n, m = len(text), len(pattern)
        codes: dict = {}
        instance = laid_out(spec, (n, m), n + m + 1, partial(self._of_lengths, spec, n, m))
        instance.scalars["key"][: n + m] = [float(codes.setdefault(c, len(codes))) for c in (*text, *pattern)]
        return instance

    def _of_lengths(self, spec: Declaration, n: int, m: int) -> Instance:
        """All but the characters."""
        labels = [*range(n), *(("pattern", j) for j in range(m))]
        instance = _lay_out(spec, labels, (n, m))
        hub = instance.hubs[0]
        instance.link("next", n - 1, -1)
        if m:
            instance.link("prev", n, -1)
        instance.link("last", hub, n - 1)
        instance.link("pattern", hub, n if m else -1)
        return instance

    def examples(self, spec: Declaration) -> list[Instance]:
        """A short text and a pattern laid out, and no pattern."""
        return [self.build(spec, "aabaabaac", {"pattern": pattern}) for pattern in ("aabaac", "")]

    def worlds(self, spec: Declaration) -> list[World]:
        """Short texts and patterns."""
        out = []
        for letters, long, short, words in ((3, 6, 4, "three"), (2, 7, 6, "two")):
            pairs = [(x, y) for x, y in strings(long, short, letters) if x]
            text = f"all texts of up to {long} letters of {words}, all patterns of up to {short}"
            out.append(World(text, len(pairs), partial(starmap, self.of_two, pairs)))
        return out

    def of_two(self, x, y) -> tuple[object, dict]:
        return x, {"pattern": y}
