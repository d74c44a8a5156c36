"""Numbers and symbols as callers give them, read exactly: what float64 cannot hold is refused or ranked, never rounded
to another that was given.

`real` and `symbol` read one; `fits` says whether numbers may be made floats, `floats` makes them so.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Hashable
from decimal import Decimal
from fractions import Fraction

import numpy as np

from algorithms.errors import InputError

__all__ = [
    "as_float64", "elements", "fits", "floats", "hashable", "holds", "ranks", "real", "shown", "symbol", "symbols",
]  # fmt: skip

Exact = int | float | Fraction
_FARTHEST = 400  # digits before or after the point: beyond it no float64 is, and a ratio of integers would be endless


def _scalar(value):
    """What some library wraps as an array of no dimension: numpy's or Python's scalar."""
    if isinstance(value, np.generic) or getattr(value, "ndim", None) != 0:
        return value
    return value[()] if isinstance(value, np.ndarray) else value.item()


def elements(values) -> list:
    """The elements of a list, text, array, tensor …, or the rows of a table. Raises InputError where it has none."""
    if isinstance(values, list | tuple):
        return list(values)
    try:
        if hasattr(values, "iloc"):  # pandas would make one type of all, and iterates over columns
            values = values.to_numpy(dtype=object)
        if isinstance(values, np.ndarray):  # dates would become numbers, and what is masked None
            return values.tolist() if type(values) is np.ndarray and values.dtype.kind in "biuf" else list(values)
        return values.tolist() if hasattr(values, "tolist") else list(values)
    except Exception as e:
        raise InputError(f"the elements of a {type(values).__name__} cannot be read: {type(e).__name__}: {e}") from e


def real(value, what: str) -> Exact:
    """A finite real number of any type, exactly: an int, a float, or a Fraction that is neither. Raises InputError,
    which calls it `what`, for all else.

    >>> import numpy as np
    >>> real(np.float32(0.5), "it"), real(np.uint64(2**63), "it"), real(Decimal("0.1"), "it")
    (0.5, 9223372036854775808, Fraction(1, 10))
    """
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return value
    try:
        number = _scalar(value)
    except Exception as e:
        raise InputError(f"{what} cannot be read as a number: {type(e).__name__}: {e}") from e
    if isinstance(number, bool | np.timedelta64) or not isinstance(number, numbers.Real | Decimal):
        raise InputError(f"{what} is {value!r}; a real number is needed")
    if isinstance(number, numbers.Integral):
        return int(number)
    if isinstance(number, numbers.Rational):
        number = Fraction(int(number.numerator), int(number.denominator))
    elif not (number.is_finite() if isinstance(number, Decimal) else number == number and abs(number) != math.inf):
        raise InputError(f"{what} is {value!r}; only finite numbers are taken")
    elif isinstance(number, Decimal) and number and abs(number.adjusted()) > _FARTHEST:
        raise InputError(f"{what} is {value!r}, too large for a float64 or too small")
    elif not isinstance(number, float) and hasattr(number, "as_integer_ratio"):  # decimals, numpy's floats
        number = Fraction(*map(int, number.as_integer_ratio()))
    return number if isinstance(number, Fraction) and not holds(number) else float(number)


def as_float64(values: list) -> np.ndarray | None:
    """Ints and floats as float64 (n,), all at once; None where one of them is of another type, is not finite, or is
    perhaps no float64: `real`, `fits` and `ranks` then see to each.

    >>> as_float64([1, 0.5]), as_float64([1, 2**53 + 1]), as_float64([True])
    (array([1. , 0.5]), None, None)
    """
    types = set(map(type, values))
    if not types <= {int, float}:
        return None
    try:
        out = np.fromiter(values, np.float64, len(values))
    except OverflowError:
        return None
    limit = 2.0**53 if int in types else math.inf
    return out if out.min(initial=0) > -limit and out.max(initial=0) < limit else None


def holds(number: Exact) -> bool:
    """Is it a float64?"""
    try:
        return float(number) == number
    except OverflowError:
        return False


def fits(given: list[Exact], name: Callable[[int], str]) -> None:
    """Numbers that an algorithm adds or multiplies may be read as the nearest float64, with these exceptions, which
    raise InputError: a whole number that is none, what is too large or rounded to 0, and two numbers that would become
    equal. name: `name(i)` is what to call the i-th.

    >>> fits([0.5, Fraction(1, 3)], str)
    >>> fits([2**53, 2**53 + 1], lambda i: f"element {i}")
    Traceback (most recent call last):
    algorithms.errors.InputError: element 1 is 9007199254740993, which is no float64; the nearest is 9007199254740992
    """
    if as_float64(given) is not None:
        return
    rounded: dict[float, tuple[int, Exact]] | None = None
    for i, x in enumerate(given):
        if type(x) is float or holds(x):
            continue
        try:
            near = float(x)
        except OverflowError:
            raise InputError(f"{name(i)} is {shown(x)}, too large for a float64") from None
        if isinstance(x, int):
            raise InputError(f"{name(i)} is {shown(x)}, which is no float64; the nearest is {int(near)}")
        if not near:
            raise InputError(f"{name(i)} is {shown(x)}, too small for a float64")
        rounded = {} if rounded is None else rounded
        rounded[near] = i, x
    if rounded is None:
        return
    seen: dict[float, tuple[int, Exact]] = {}
    for i, x in enumerate(given):
        if (near := float(x)) in rounded:
            j, y = seen.setdefault(near, (i, x))
            if x != y:
                raise InputError(
                    f"{name(j)} and {name(i)} are two numbers, {shown(y)} and {shown(x)}, with one nearest float64, "
                    f"{near!r}"
                )


def shown(x: Exact) -> str:
    """A number for a message, in at most some 40 characters."""
    text = str(Decimal(x)) if isinstance(x, int) else str(x)  # Python prints no integer of more than 4,300 digits
    return text if len(text) <= 40 else f"{text[:25]}…{text[-10:]}"


def ranks(given: list[Exact]) -> list[float]:
    """Their places in ascending order, from 0; equal numbers share one.

    >>> ranks([2**53 + 1, 2**53, 0.5, 2**53])
    [2.0, 1.0, 0.0, 1.0]
    """
    place = {x: float(i) for i, x in enumerate(sorted(set(given)))}
    return [place[x] for x in given]


def floats(given: list[Exact], compared: bool = False) -> list[float]:
    """As float64. compared: an algorithm only compares them with one another, so that their ranks will do where one of
    them is no float64."""
    if (quick := as_float64(given)) is not None:
        return quick.tolist()
    return ranks(given) if compared and not all(map(holds, given)) else [float(x) for x in given]


def hashable(value) -> bool:
    """Also all the way down: a tuple that holds a list is not."""
    try:
        hash(value)
    except Exception:
        return False
    return True


def symbol(value, what: str) -> Hashable:
    """What is compared for equality, by value: a tensor or array of no dimension is its number, also within tuples.
    Raises InputError, which calls it `what`, where two of its kind cannot be told apart or are not equal to themselves.

    >>> import numpy as np
    >>> symbol((np.array(1.5), "a"), "it") == (1.5, "a")
    True
    """
    if isinstance(value, tuple | frozenset):
        parts = [symbol(x, what) for x in value]
        kept = all(a is b for a, b in zip(parts, value))
        return value if kept else tuple(parts) if isinstance(value, tuple) else frozenset(parts)
    try:
        out = _scalar(value)
        same = out == out
        hash(out)
    except Exception as e:
        raise InputError(f"{what}, {value!r}, cannot be compared for equality: {type(e).__name__}: {e}") from e
    if not isinstance(same, bool | np.bool_) or not same:
        raise InputError(f"{what}, {value!r}, cannot be compared for equality")
    return out


def symbols(values, name: str = "element {}") -> list[Hashable]:
    """The elements of a string, list, tensor … as symbols. name: what messages call one, with its place."""
    if isinstance(values, str):
        return list(values)
    quick = str, int
    return [x if type(x) in quick else symbol(x, name.format(i)) for i, x in enumerate(elements(values))]
