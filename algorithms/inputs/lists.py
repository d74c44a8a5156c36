"""A list of numbers: `Sequence`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from algorithms.errors import ArgumentError, InputError
from algorithms.inputs.checks import INDEX, example_arguments, fill_arguments, is_list, numbers_of
from algorithms.inputs.exact import fits, floats, real
from algorithms.inputs.structure import Structure, inputs_of_hub
from algorithms.inputs.worlds import LIMIT, World, ascending, lists
from algorithms.machine.probes import GRAPH, NODE, Declaration
from algorithms.machine.state import Instance, laid_out

__all__ = ["Sequence"]

_LIST = dict.fromkeys(("next", "prev", "left", "right"), NODE) | dict.fromkeys(("first", "last", "middle"), GRAPH)


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

    def check(self, spec: Declaration, values, given: dict) -> dict:
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

    def build(self, spec: Declaration, values, arguments: dict) -> Instance:
        n = len(values)
        instance = laid_out(spec, n, n + 1, partial(self._of_length, spec, n))
        hub = instance.hubs[0]
        keys = floats([*numbers_of(values, str), *arguments.values()], self.compared)
        instance.scalars["key"][:n] = keys[:n]
        for name, value in zip(arguments, keys[n:]):
            instance.scalars[name][hub] = value
        return instance

    def _of_length(self, spec: Declaration, n: int) -> Instance:
        """All but the numbers."""
        instance = Instance(spec, self.kinds, np.repeat([0, 1], [n, 1]), list(range(n)), sizes=(n, 0))
        rows, hub = np.arange(n), instance.hubs[0]
        instance.constant("index", rows, rows)
        instance.link("next", rows[:-1], rows[1:])
        instance.link("prev", rows[1:], rows[:-1])
        for name, child in (("left", 2 * rows + 1), ("right", 2 * rows + 2)):
            instance.link(name, rows[child < n], child[child < n])
        instance.link("first", hub, 0)
        instance.link("last", hub, n - 1)
        instance.link("middle", hub, n // 2)
        instance.relate("nodes", rows, np.full(n, hub))
        return instance

    def examples(self, spec: Declaration) -> list[Instance]:
        """A short list laid out, unchecked."""
        return [self.build(spec, [2.0, 4.0, 1.0, 3.0, 2.0], example_arguments(spec, 5))]

    def worlds(self, spec: Declaration) -> list[World]:
        """All orders of few numbers, or all lists of a few numbers; numbers beside them are among them, between, or
        beyond. Where it takes none but ascending ones, all of these, which may be longer."""
        names = list(inputs_of_hub(spec))
        given = lists(self.compared) if self._takes_any_order(spec) else map(_ascending, range(1, 10))
        out = []
        for n, text, count, make in given:
            numbers = [x / 2 for x in range(-1, 2 * n)]
            if (all_in := count * len(numbers) ** len(names)) > 2 * LIMIT:
                continue

            def inputs(make=make, numbers=numbers):
                for values in make():
                    for given in product(numbers, repeat=len(names)):
                        yield list(values), dict(zip(names, given))

            out.append(World(text + "".join(f", {name}" for name in names), all_in, inputs))
        return out

    def _takes_any_order(self, spec: Declaration) -> bool:
        try:
            self.check(spec, [1.0, 0.0], example_arguments(spec, 2))
        except InputError:
            return False
        return True


def _ascending(n: int) -> tuple[int, str, int, Callable[[], Iterable[tuple]]]:
    return n, f"all weak orders of {n} ascending numbers", 2 ** (n - 1), partial(ascending, n)
