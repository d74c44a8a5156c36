"""Which way three points turn, exactly: the machine's instruction `orientation`.

A row that is a point has the static scalars `at_x`, `at_y`, its coordinates in float64, and `rest_x`, `rest_y`, what
float64 leaves of them (0 where it holds them). The sign of (b - a) x (c - a) is right for all of these: by float64
arithmetic where its rounding cannot change the sign (Shewchuk's bound), by products without rounding where no
difference is rounded, else in whole numbers.

Source: Shewchuk, Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates, 1997.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

__all__ = ["LEFT", "ORIENTATIONS", "RIGHT", "STRAIGHT", "UNDEFINED", "orientation", "split"]

STRAIGHT, LEFT, RIGHT, UNDEFINED = range(4)
ORIENTATIONS = ("straight", "left", "right", None)

_BOUND = (3 + 16 * 2.0**-53) * 2.0**-53  # of the error of the cross product, times the sum of its two products
_LEAST, _MOST = 1e-140, 1e140  # between these, or 0, no product or part of one is lost


def split(numbers: Sequence[int | float | Fraction]) -> tuple[list[float], list[float]]:
    """Coordinates as float64 and what these leave of them, NaN where that is no float64. Turns do not change when all
    are multiplied by one number: they are made whole where that makes them fit.

    >>> split([2**53 + 1, 0.5]), split([Fraction(1, 3), 1])
    (([9007199254740992.0, 0.5], [1.0, 0.0]), ([1.0, 3.0], [0.0, 0.0]))
    """
    parts = [_split(x) for x in numbers]
    if any(rest != rest for _, rest in parts):
        scale = math.lcm(*(Fraction(x).denominator for x in numbers))
        parts = [_split(Fraction(x) * scale) for x in numbers]
    return [at for at, _ in parts], [rest for _, rest in parts]


def _split(x) -> tuple[float, float]:
    if type(x) is float:
        return x + 0.0, 0.0
    try:
        at = float(x)
        rest = Fraction(x) - Fraction(at)
        small = float(rest)
    except OverflowError:
        return 0.0, math.nan
    return at, small if small == rest else math.nan


def orientation(x, y, rest_x, rest_y, a, b, c):
    """x, y, rest_x, rest_y (N + 1,): where rows are; a, b, c: rows, numbers or arrays -> how a, b, c turn."""
    if type(a) is type(b) is type(c) is int:
        return _one(x, y, rest_x, rest_y, a, b, c)
    a, b, c = np.broadcast_arrays(a, b, c)
    with np.errstate(all="ignore"):
        dx, dy, ex, ey = x[b] - x[a], y[b] - y[a], x[c] - x[a], y[c] - y[a]
        left, right = dx * ey, dy * ex
        size, cross = abs(left) + abs(right), left - right
        sure = (abs(cross) > _BOUND * size) & (size > _LEAST) & (size < _MOST)
        for rest in (rest_x, rest_y):
            sure &= (rest[a] == 0) & (rest[b] == 0) & (rest[c] == 0)
        out = np.where(cross > 0, LEFT, RIGHT)
        if not sure.all():
            plain, sign = _without_rounding(x, y, a, b, c, (dx, ey, dy, ex), left, right)
            for rest in (rest_x, rest_y):
                plain &= (rest[a] == 0) & (rest[b] == 0) & (rest[c] == 0)
            out, sure = np.where(sure, out, sign), sure | plain
    for i in np.flatnonzero(~sure).tolist():
        out.flat[i] = _one(x, y, rest_x, rest_y, a.item(i), b.item(i), c.item(i))
    return out


def _without_rounding(x, y, a, b, c, differences, left, right) -> tuple[np.ndarray, np.ndarray]:
    """Where no difference is rounded, nor the tail of a product: (is it so, the turn)."""
    exact = np.ones(np.shape(left), bool)
    for p, q, d in zip((x[b], y[c], y[b], x[c]), (x[a], y[a], y[a], x[a]), differences):
        near = p - d
        exact &= (p - (d + near)) + (near - q) == 0
    dx, ey, dy, ex = differences
    safe = lambda z: (abs(z) > _LEAST) & (abs(z) < _MOST)
    for p, q, product in ((dx, ey, left), (dy, ex, right)):
        exact &= (p == 0) | (q == 0) | (safe(p) & safe(q) & safe(product))
    first, second = left - right, _tail(dx, ey, left) - _tail(dy, ex, right)
    cross = np.where(first == 0, second, first)  # products are rounded in order: one that is greater was not less
    return exact, np.where(cross == 0, STRAIGHT, np.where(cross > 0, LEFT, RIGHT))


def _tail(p: np.ndarray, q: np.ndarray, product: np.ndarray) -> np.ndarray:
    """p q - product, exactly (Dekker's product of halves); product is p q, rounded."""
    halves = []
    for z in (p, q):
        big = 134217729.0 * z
        high = big - (big - z)
        halves += [high, z - high]
    p_high, p_low, q_high, q_low = halves
    tail = p_low * q_low - (((product - p_high * q_high) - p_low * q_high) - p_high * q_low)
    return np.where((p == 0) | (q == 0), 0.0, tail)


def _one(x, y, rest_x, rest_y, a: int, b: int, c: int) -> int:
    ax, ay, bx, by, cx, cy = map(float, (x[a], y[a], x[b], y[b], x[c], y[c]))
    left, right = (bx - ax) * (cy - ay), (by - ay) * (cx - ax)
    size, cross = abs(left) + abs(right), left - right
    if size != size and any(map(math.isnan, (ax, ay, bx, by, cx, cy))):
        return UNDEFINED
    rests = [float(rest[row]) for row in (a, b, c) for rest in (rest_x, rest_y)]
    plain = not any(rests)
    if plain and abs(cross) > _BOUND * size and _LEAST < size < _MOST:
        return LEFT if cross > 0 else RIGHT
    if plain and size == 0 and ((bx == ax and by == ay) or (cx == ax and cy == ay) or (bx == cx and by == cy)):
        return STRAIGHT
    px, py, qx, qy, rx, ry = (Fraction(p) + Fraction(r) for p, r in zip((ax, ay, bx, by, cx, cy), rests))
    turn = (qx - px) * (ry - py) - (qy - py) * (rx - px)
    return STRAIGHT if turn == 0 else LEFT if turn > 0 else RIGHT
