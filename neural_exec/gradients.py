"""Gradients without a tape: which writes made a scalar, and one pass back over them.

Comparisons decide control; copies, sums, differences, products, minima and maxima make values. So a run, as the
network chose it, is one differentiable map of its inputs, near inputs without ties. Every scalar cell (a register of a
row, an edge's weight) has a *version*: 0 for a constant, 1 … P for the caller's P inputs, further ones for the results
of writes. A write logs the versions of its operands; a copy passes its operand's version on and logs nothing. From the
versions that the outputs hold in the end, what they are made of is kept and the rest forgotten (`Log.keep`).

    d out / d operand = sum over logged writes of  d out / d result * d result / d operand

Pointers, fields and selections decide control and carry no gradient. At a tie of `min` or `max` the operand that the
machine took counts, the first of equal ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from algorithms.machine import Instance
from algorithms.terms import Atom, Expression, Head, Number
from neural_exec.errors import GradientError

__all__ = ["History", "Log"]


@dataclass
class History:
    """The writes that outputs are made of. inputs: P. blocks: of writes that were done together, in order, each a
    list of (operand versions (k,) int32, sign, derivatives (k,) float64 or None for 1); the results are numbered on
    from P + 1. outputs: versions (Q,) int32. linear: was no input multiplied by another? (Then the derivatives are
    constants, as long as the run stays the same.)"""

    inputs: int
    blocks: list[list[tuple[np.ndarray, int, np.ndarray | None]]]
    outputs: np.ndarray
    linear: bool = True

    @property
    def nbytes(self) -> int:
        """What is kept between the run and the pass back."""
        arrays = [x for block in self.blocks for ids, _, d in block for x in (ids, d) if x is not None]
        return self.outputs.nbytes + sum(x.nbytes for x in arrays)

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """d/d outputs (Q,) -> d/d inputs (P,), float64."""
        stop = 1 + self.inputs + sum(len(block[0][0]) for block in self.blocks)
        total = np.bincount(self.outputs, gradient, stop)
        for block in reversed(self.blocks):
            start = stop - len(block[0][0])
            here = total[start:stop].copy()  # (numpy would copy all of `total` if it overlapped)
            for operand, sign, derivative in block:
                part = here if derivative is None else np.where(here == 0, 0.0, here * derivative)
                np.add.at(total, operand, part if sign > 0 else -part)
            stop = start
        return total[1 : self.inputs + 1]

    def forward(self, tangent: np.ndarray) -> np.ndarray:
        """A change of the inputs (P,) -> of the outputs (Q,), float64: the same map, the other way."""
        start = 1 + self.inputs
        total = np.zeros(start + sum(len(block[0][0]) for block in self.blocks))
        total[1:start] = tangent
        for block in self.blocks:
            stop = start + len(block[0][0])
            for operand, sign, derivative in block:
                part = total[operand]
                part = part if derivative is None else np.where(derivative == 0, 0.0, part * derivative)
                total[start:stop] += part if sign > 0 else -part
            start = stop
        return total[self.outputs]


class Log:
    """Versions of all scalar cells of an instance, and the writes since `reset`.

    places: register -> (N + 1,) int64, which of the caller's inputs (1 … P) a cell holds at first, 0 for a constant;
    weights: relation -> the same of its edges' weights.
    """

    def __init__(
        self,
        instance: Instance,
        heads: dict[str, Head],
        places: dict[str, np.ndarray],
        weights: dict[str, np.ndarray],
        inputs: int,
    ):
        self.places, self.inputs = places, inputs
        self.versions = {n: np.zeros(instance.size + 1, np.int64) for n in {**instance.constants, **instance.scalars}}
        self.names = {f"S_{n}": v for n, v in self.versions.items()}
        for n, relation in instance.relations.items():
            self.names[f"W_{n}"] = weights.get(n, np.zeros(len(relation) + 1, np.int64))
        self.names |= {f"COST_{h}": self.names[f"W_{head.relation}"] for h, head in heads.items()}
        self.reset()

    def reset(self) -> None:
        for name, versions in self.versions.items():
            versions[:] = self.places.get(name, 0)
        self.next, self.writes = self.inputs + 1, []

    def compile(self, value: Expression, engine) -> Callable:
        """A function of rows that logs that each is given the expression's value, and returns the new versions."""
        if any(atom.name.startswith("+") for atom in value.atoms()):
            raise GradientError(f"{engine.instance.spec.name}: no gradient goes through a total; detach its inputs")
        numbers = engine.names | {"signum": np.sign}
        names = engine.names | self.names
        read = lambda source, scope: eval(f"lambda r: {source}", scope)
        if isinstance(value, Number):
            return lambda rows: np.zeros(len(rows), np.int64)
        if isinstance(value, Atom):
            return read(value.source(), names)
        product = "*" in value.source()
        terms = [
            (read(atom.source(), names), sign, read(" * ".join(factors), numbers) if factors else None)
            for atom, sign, factors in derivatives(value)
        ]

        def write(rows: np.ndarray) -> np.ndarray:
            operands = [(versions(rows), sign, factor and factor(rows)) for versions, sign, factor in terms]
            varies = operands[0][0] > 0
            for ids, _, _ in operands[1:]:
                varies = varies | (ids > 0)
            count = int(np.count_nonzero(varies))
            new = np.zeros(len(rows), np.int64)
            if count:
                new[varies] = np.arange(self.next, self.next + count)
                if count < len(rows):
                    operands = [(i[varies], s, d if d is None else d[varies]) for i, s, d in operands]
                self.writes.append((self.next, operands, product))
                self.next += count
            return new

        return write

    def keep(self, outputs: np.ndarray) -> History:
        """What these versions (Q,) are made of; the writes are forgotten."""
        wanted = np.zeros(self.next, bool)
        wanted[outputs] = True
        blocks, linear = [], True
        for start, operands, product in reversed(self.writes):
            at = np.flatnonzero(wanted[start : start + len(operands[0][0])])
            if len(at):
                kept = [(ids[at], sign, d if d is None else d[at]) for ids, sign, d in operands]
                for ids, _, d in kept:
                    wanted[ids if d is None else ids[d != 0]] = True  # what a minimum did not take goes no further
                blocks.append(kept)
                linear = linear and not (product and (sum(ids > 0 for ids, _, _ in kept) > 1).any())
        self.writes = []
        wanted[: self.inputs + 1] = True
        number = np.cumsum(wanted, dtype=np.int32) - 1  # of each version among the wanted ones
        blocks = [[(number[ids], sign, d) for ids, sign, d in block] for block in reversed(blocks)]
        return History(self.inputs, blocks, number[outputs], linear)


def derivatives(value: Expression, sign: int = 1, factors: tuple[str, ...] = ()) -> list[tuple[Atom, int, tuple]]:
    """The scalars that an expression reads, each with the derivative by it: a sign and sources of factors.

    >>> from algorithms.terms import Op
    >>> a, b = Atom(("u",), "distance"), Atom(("u",), "width")
    >>> [(atom.text, sign, factors) for atom, sign, factors in derivatives(Op("-", a, b))]
    [('u.distance', 1, ()), ('u.width', -1, ())]
    """
    if isinstance(value, Atom):
        return [(value, sign, factors)]
    if isinstance(value, Number):
        return []
    a = value.a.source()
    if value.b is None:
        return derivatives(value.a, sign, (*factors, f"signum({a})"))
    b = value.b.source()
    more = {
        "+": ((), ()),
        "-": ((), ()),
        "*": ((b,), (a,)),
        "minimum": ((f"(1.0 * ({a} <= {b}))",), (f"(1.0 * ({a} > {b}))",)),
        "maximum": ((f"(1.0 * ({a} >= {b}))",), (f"(1.0 * ({a} < {b}))",)),
    }[value.op]
    second = -sign if value.op == "-" else sign
    return derivatives(value.a, sign, factors + more[0]) + derivatives(value.b, second, factors + more[1])
