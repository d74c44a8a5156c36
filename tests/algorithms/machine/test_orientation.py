"""Which way three points turn: right for every float64, and for what two of them hold; the same for one and for many."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithms.machine.orientation import ORIENTATIONS, orientation, split

FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-8, 8).map(float),
    st.integers(2**53 - 4, 2**53 + 4).map(float),
    st.sampled_from([0.0, -0.0, 5e-324, -5e-324, 1e-308, 1.7e308, -1.7e308, 1e-160, 1e160, 0.1, 0.3, 1 + 2**-52]),
)
POINT = st.tuples(FLOATS, FLOATS)
BIG = st.integers(-(2**100), 2**100)


def truth(p, q, r):
    (px, py), (qx, qy), (rx, ry) = (map(Fraction, point) for point in (p, q, r))
    cross = (qx - px) * (ry - py) - (qy - py) * (rx - px)
    return "straight" if cross == 0 else "left" if cross > 0 else "right"


def laid(points):
    """Positions as rows, the nil row last."""
    parts = [split(column) for column in zip(*points)]
    return [np.array([*column[i], np.nan]) for i in (0, 1) for column in parts]


def both_ways(points, a, b, c):
    x, y, rest_x, rest_y = laid(points)
    one = orientation(x, y, rest_x, rest_y, a, b, c)
    many = orientation(x, y, rest_x, rest_y, np.array([a, a]), b, np.array([c, c]))
    assert type(one) is int and many.tolist() == [one, one]
    return ORIENTATIONS[one]


@given(POINT, POINT, POINT)
def test_right_for_every_float(p, q, r):
    assert both_ways([p, q, r], 0, 1, 2) == truth(p, q, r)


@given(POINT, POINT, st.floats(-2, 2), st.sampled_from([0, 0, 1, -1]))
def test_right_beside_a_line(p, q, t, ulp):
    r = (p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1]))
    if np.isfinite(r).all():
        r = (r[0], float(np.nextafter(r[1], ulp * np.inf)) if ulp else r[1])
        if np.isfinite(r).all():
            assert both_ways([p, q, r], 0, 1, 2) == truth(p, q, r)


@given(st.lists(st.tuples(BIG, BIG), min_size=3, max_size=3), st.booleans())
def test_right_for_whole_numbers_that_two_floats_hold(points, narrow):
    points = [(x % 2**56, y % 2**56) for x, y in points] if narrow else points
    if not np.isnan(laid(points)[2:])[:, :-1].any():
        assert both_ways(points, 0, 1, 2) == truth(*points)


def test_undefined_through_nil():
    points = [(0, 0), (1, 0), (0, 1)]
    assert both_ways(points, 0, 1, 2) == "left" and both_ways(points, 1, 0, 2) == "right"
    for rows in ((-1, 1, 2), (0, -1, 2), (0, 1, -1)):
        assert both_ways(points, *rows) is None


@pytest.mark.parametrize("value", [2**53 + 1, -(2**80) - 1, 0.1, Fraction(1, 2**60)])
def test_what_two_floats_hold(value):
    (at, _), (rest, _) = split([value, 1])
    assert Fraction(at) + Fraction(rest) == Fraction(value)


THIRDS = st.integers(-6, 6).map(lambda i: Fraction(i, 3))


@given(st.lists(st.tuples(THIRDS, THIRDS), min_size=3, max_size=3))
def test_fractions_turn_as_they_do(points):
    assert both_ways(points, 0, 1, 2) == truth(*points)


@pytest.mark.parametrize("value", [2**200 + 2**100 + 1, Fraction(1, 3**99), 10**400])
def test_what_they_do_not(value):
    assert np.isnan(split([value, 1])[1]).any()
