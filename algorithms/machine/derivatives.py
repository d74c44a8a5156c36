"""What values are made of, and derivatives without a tape: one pass over it.

Comparisons decide control; copies, sums, differences, products, minima and maxima make values. So a run, as its
decisions went, is one differentiable map of its inputs, near inputs without ties. Every scalar cell (a register of a
row, an edge's weight) has a *version*: 0 for a constant, 1 … P for the caller's P inputs, further ones for what is
written. A new version is a sum of operands' versions times factors; a copy passes its operand's version on.

    d out / d operand = sum over versions made of it of  d out / d version * factor

Pointers, fields and selections decide control and carry no gradient. At a tie of `min` or `max` the operand that the
machine took counts, the first of equal ones; the derivative of |x| at 0 is 0.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field

import numpy as np

from algorithms.machine.definition import Definition, View
from algorithms.machine.library import load
from algorithms.machine.terms import Atom, Expression, Number, Set, Write

__all__ = ["Growing", "History", "Terms", "Versioned"]


@dataclass
class Terms:
    """What versions are made of, from version P + 1 on. ends (V,) int64: where the terms of each end; ids int64,
    factors float64: of their operands; products (V,) bool: were inputs multiplied?"""

    ends: np.ndarray
    ids: np.ndarray
    factors: np.ndarray
    products: np.ndarray

    @classmethod
    def joined(cls, parts: list[Terms]) -> Terms:
        """Of versions that are numbered on from part to part."""
        if len(parts) == 1:
            return parts[0]
        before = np.cumsum([0, *(len(p.ids) for p in parts)])
        whole = lambda name: np.concatenate([getattr(p, name) for p in parts])
        ends = np.concatenate([p.ends + n for p, n in zip(parts, before)])
        return cls(ends, whole("ids"), whole("factors"), whole("products"))

    def keep(self, outputs: np.ndarray, inputs: int) -> History:
        """What these versions (Q,) are made of, and nothing else."""
        ends, ids, factors = self.ends, self.ids, self.factors
        wanted = np.zeros(1 + inputs + len(ends), np.uint8)
        wanted[outputs] = 1
        _mark_wanted(inputs, ends, ids, factors, wanted)
        wanted[: 1 + inputs] = 1
        number = np.cumsum(wanted, dtype=np.int32) - 1
        here = wanted[1 + inputs :] != 0
        sizes = np.diff(ends, prepend=0)
        terms = np.repeat(here, sizes) & (factors != 0)
        sizes = np.bincount(np.repeat(np.arange(len(ends)), sizes)[terms], minlength=len(ends))[here]
        return History(
            inputs,
            np.cumsum(sizes, dtype=np.int32),
            number[ids[terms]],
            factors[terms],
            number[outputs],
            not self.products[here].any(),
        )


@dataclass
class Growing:
    """Terms, one version after another, as `Terms` has them."""

    ends: list[int] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)
    products: list[bool] = field(default_factory=list)

    def new(self, terms: dict[int, float], product: bool, inputs: int) -> int:
        """The version of a value made of these terms (id -> factor)."""
        if not terms:
            return 0
        if len(terms) == 1 and not product and next(iter(terms.values())) == 1.0:
            return next(iter(terms))
        self.ids += terms
        self.factors += terms.values()
        self.ends.append(len(self.ids))
        self.products.append(product)
        return inputs + len(self.ends)

    def terms(self) -> Terms:
        """Those that there are now."""
        whole = lambda x, dtype: np.array(x, dtype)
        return Terms(
            whole(self.ends, np.int64), whole(self.ids, np.int64),
            whole(self.factors, np.float64), whole(self.products, bool),
        )  # fmt: skip


@dataclass
class History:
    """What outputs are made of. inputs: P; ends (V,) and ids int32, factors: of versions P + 1 …; outputs (Q,):
    versions, int32. linear: was no input multiplied by another? (Then derivatives are constants, as long as the run
    stays the same.)"""

    inputs: int
    ends: np.ndarray
    ids: np.ndarray
    factors: np.ndarray
    outputs: np.ndarray
    linear: bool = True

    @property
    def nbytes(self) -> int:
        """What is kept between the run and the pass back."""
        return sum(a.nbytes for a in (self.ends, self.ids, self.factors, self.outputs))

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        """d/d outputs (Q,) -> d/d inputs (P,), float64."""
        total = np.bincount(self.outputs, gradient, 1 + self.inputs + len(self.ends))
        kernel = load()
        if kernel is not None:
            _call(kernel.pull_back, self.inputs, self.ends, self.ids, self.factors, total)
        else:
            for v in range(len(self.ends) - 1, -1, -1):
                here, at = total[1 + self.inputs + v], slice(self.ends[v - 1] if v else 0, self.ends[v])
                if here != 0:
                    np.add.at(total, self.ids[at], here * self.factors[at])
        return total[1 : self.inputs + 1]

    def forward(self, tangent: np.ndarray) -> np.ndarray:
        """A change of the inputs (P,) -> of the outputs (Q,), float64: the same map, the other way."""
        total = np.zeros(1 + self.inputs + len(self.ends))
        total[1 : 1 + self.inputs] = tangent
        kernel = load()
        if kernel is not None:
            _call(kernel.push_forward, self.inputs, self.ends, self.ids, self.factors, total)
        else:
            for v in range(len(self.ends)):
                at = slice(self.ends[v - 1] if v else 0, self.ends[v])
                total[1 + self.inputs + v] = (total[self.ids[at]] * self.factors[at]).sum()
        return total[self.outputs]


def _call(function, inputs: int, ends: np.ndarray, *arrays: np.ndarray) -> None:
    at = [ctypes.c_void_p(a.ctypes.data) for a in (ends, *arrays)]
    function(ctypes.c_int64(inputs), ctypes.c_int64(len(ends)), *at)


def _mark_wanted(inputs: int, ends: np.ndarray, ids: np.ndarray, factors: np.ndarray, wanted: np.ndarray) -> None:
    kernel = load()
    if kernel is not None:
        _call(kernel.mark_wanted, inputs, ends, ids, factors, wanted)
        return
    for v in range(len(ends) - 1, -1, -1):
        if wanted[1 + inputs + v]:
            at = slice(ends[v - 1] if v else 0, ends[v])
            wanted[ids[at][factors[at] != 0]] = 1


class Versioned(Definition):
    """A run, as it is defined, that follows versions too. scalars (scalars, N + 1) int64, by `places`, and weights
    (E + 1,), nil first: the versions that cells hold now; firsts: relation -> its first edge among all."""

    def __init__(self, decisions, instance, places, firsts, scalars, weights, inputs: int, terms: Growing):
        super().__init__(decisions, instance)
        self.places, self.firsts, self.scalars, self.weights = places, firsts, scalars, weights
        self.inputs, self.terms = inputs, terms

    def commit(self, view: View, writes: list[tuple[str, int, Write]]) -> None:
        new = []
        for register, row, op in writes:
            if isinstance(op, Set):
                _, terms, product = self._made(view, op.value, row)
                new.append((row + 1, self.places[register], self.terms.new(terms, product, self.inputs)))
        super().commit(view, writes)
        for row, register, version in new:
            self.scalars[register, row] = version

    def _made(self, view: View, e: Expression, row: int) -> tuple[float, dict[int, float], bool]:
        """An expression's value, what it is made of (version -> factor), and were inputs multiplied?"""
        value = float(view.value(e, row))
        if isinstance(e, Number):
            return value, {}, False
        if isinstance(e, Atom):
            if e.name == "weight" and e.path and e.path[-1].startswith("@"):
                edge = int(view.selected[e.path[-1][1:]][view.place(e.path[:-1], row)])
                first = self.firsts[view.heads[e.path[-1][1:]].relation]
                version = int(self.weights[1 + first + edge]) if edge >= 0 else 0
            else:
                version = int(self.scalars[self.places[e.name], 1 + int(view.place(e.path, row))])
            return value, {version: 1.0} if version else {}, False
        a, of_a, product = self._made(view, e.a, row)
        times = lambda terms, factor: {v: f * factor for v, f in terms.items()}
        if e.b is None:
            return value, times(of_a, float(np.sign(a)) if a == a else 0.0), product
        b, of_b, also = self._made(view, e.b, row)
        if e.op in ("minimum", "maximum"):
            first = a <= b if e.op == "minimum" else a >= b
            return value, of_a if first else of_b, product if first else also
        if e.op == "*":
            product = product or also or bool(of_a and of_b)
            of_a, of_b = times(of_a, b), times(of_b, a)
        out = dict(of_a)
        for v, f in times(of_b, -1.0 if e.op == "-" else 1.0).items():
            out[v] = out.get(v, 0.0) + f
        return value, out, product or also
