"""The arithmetic of a machine, one row an operation: its name, what it gives, and how that changes with its operands.

All of it is IEEE 754 double arithmetic: + - * / and sqrt are rounded correctly, exp and log are as the platform's C
library has them (the kernel calls the same). Nothing raises: 1 / 0 is inf, 0 / 0 and sqrt(-1) are NaN, which a test
calls *undefined*. The order of the table is that of the kernel's items.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = ["ARITHMETIC", "Arithmetic"]


@dataclass(frozen=True)
class Arithmetic:
    """item: the kernel's name. of: the operands, float64 numbers or arrays, to the result. slopes(a, b, result): the
    derivative by each operand, b NaN where there is one; None: the result is constant, but for jumps. bends(a, b): do
    the slopes move, where these operands do? sign: written between its operands. rule: what it gives at 0, at infinity,
    and where it is undefined (a NaN operand gives NaN)."""

    item: str
    of: Callable
    operands: int
    slopes: Callable[[float, float, float], tuple[float, ...]] | None
    rule: str
    bends: Callable[[bool, bool], bool] = lambda a, b: False
    sign: bool = False


def _by_libm(f: Callable[[float], float]) -> Callable:
    """A function of the C library on numbers and arrays."""

    def one(x: float) -> float:
        try:
            return f(x)
        except OverflowError:
            return math.inf
        except ValueError:  # of log
            return -math.inf if x == 0 else math.nan

    def of(x):
        out = np.array([one(v) for v in np.ravel(x).tolist()], np.float64).reshape(np.shape(x))
        return out if out.ndim else np.float64(out)

    return of


def _first(a: bool, b: bool) -> bool:
    return a


def _both(a: bool, b: bool) -> bool:
    return a and b


def _chosen(first: bool) -> tuple[float, float]:
    return (1.0, 0.0) if first else (0.0, 1.0)


ARITHMETIC = {
    "+": Arithmetic("ADD", np.add, 2, lambda a, b, y: (1.0, 1.0), "∞ − ∞ is undefined", sign=True),
    "-": Arithmetic("SUB", np.subtract, 2, lambda a, b, y: (1.0, -1.0), "∞ − ∞ is undefined", sign=True),
    "*": Arithmetic("MUL", np.multiply, 2, lambda a, b, y: (b, a), "0 · ∞ is undefined", _both, True),
    "minimum": Arithmetic("MIN", np.minimum, 2, lambda a, b, y: _chosen(a <= b), "equal ones: the first"),
    "maximum": Arithmetic("MAX", np.maximum, 2, lambda a, b, y: _chosen(a >= b), "equal ones: the first"),
    "abs": Arithmetic("ABS", np.abs, 1, lambda a, b, y: (float(np.sign(a)) if a == a else 0.0,), "of −∞ is ∞"),
    "/": Arithmetic(
        "DIV", np.divide, 2, lambda a, b, y: (1.0 / b, -y / b),
        "x / 0 is ∞ with the sign of x; 0 / 0 and ∞ / ∞ are undefined; x / ∞ is 0", lambda a, b: b, True,
    ),
    "sqrt": Arithmetic("SQRT", np.sqrt, 1, lambda a, b, y: (0.5 / y,), "below 0 undefined; of ∞ is ∞", _first),
    "floor": Arithmetic("FLOOR", np.floor, 1, None, "of ±∞ is ±∞"),
    "sign": Arithmetic("SIGN_OF", np.sign, 1, None, "−1, 0 or 1"),
    "exp": Arithmetic("EXP", _by_libm(math.exp), 1, lambda a, b, y: (y,), "beyond the range ∞, or 0", _first),
    "log": Arithmetic(
        "LOG", _by_libm(math.log), 1, lambda a, b, y: (1.0 / a,), "of 0 is −∞; below 0 undefined", _first
    ),
}  # fmt: skip
