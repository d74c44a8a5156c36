"""Numbers are read exactly: two that differ never become equal; what is compared for equality is compared by value."""

import math
from decimal import Decimal
from fractions import Fraction
from functools import cache

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import algorithms
from algorithms import answers
from algorithms.answers import FlowDict, PairTable, ValueAt
from algorithms.contexts import draw
from algorithms.errors import ArgumentError, InputError
from algorithms.inputs.cells import Ranges, TwoSequences
from algorithms.inputs.exact import fits, floats, ranks, real, symbol
from algorithms.inputs.graphs import Graph
from algorithms.inputs.lists import Sequence
from algorithms.inputs.networks import Network
from algorithms.inputs.records import Points, Records
from algorithms.machine.probes import INPUT
from algorithms.machine.terms import Number, Op, Set, Sign
from algorithms.recording.record import Recording

BIG = 2**53


def numeric(spec) -> bool:
    """Is it called with numbers, other than costs and a share?"""
    structure = spec.structure
    return isinstance(structure, Sequence | Records | Points | Ranges | Network) or getattr(
        structure, "weighted", False
    )


NUMERIC = [n for n in algorithms.names() if numeric(algorithms.get(n))]
COMPARED = [n for n in NUMERIC if getattr(algorithms.get(n).structure, "compared", False)]
ON_POINTS = [n for n in NUMERIC if isinstance(algorithms.get(n).structure, Points)]
ADDED = [n for n in NUMERIC if n not in COMPARED + ON_POINTS]


def taken_apart(spec, data, arguments):
    """A sample's numbers, and `f(numbers)` that puts others in their place: (data, arguments)."""
    structure, by_name = spec.structure, getattr(spec.structure, "by_name", False)
    if isinstance(structure, Graph | Network):
        key = "capacity" if isinstance(structure, Network) else "weight"
        edges = list(data.edges())

        def graph(numbers):
            out = data.copy()
            for (u, v), x in zip(edges, numbers):
                out[u][v][key] = x
            return out, arguments

        return [data[u][v][key] for u, v in edges], graph
    lists = {n: arguments[n] for n in structure.lists} if by_name else {"": data}
    further = [n for n in arguments if n not in lists]
    points = isinstance(structure, Points)
    flat = [x for given in lists.values() for x in given]
    flat = [x for point in flat for x in point] if points else flat

    def put(numbers):
        rest = list(numbers)
        take = lambda: rest.pop(0)
        if points:
            return [(take(), take()) for _ in data], arguments
        new = {n: [take() for _ in given] for n, given in lists.items()}
        args = {n: take() for n in further}
        return (None, new | args) if by_name else (new[""], args)

    return [*flat, *(arguments[n] for n in further)], put


def sampled(spec, seed, n=8):
    families = spec.families["training"]
    data, arguments = spec.sample(np.random.default_rng(seed), n, families[seed % len(families)])
    return taken_apart(spec, data, arguments)


# ---------------------------------------------------------------- what is declared is so
@cache
def only_compared(name) -> bool:
    """Are the numbers that an algorithm is called with only compared with one another, in all that was recorded of it?
    Then no expression, no total and no answer reads them, or a copy of them, and no other number is compared with them
    but an infinity."""
    spec = algorithms.get(name)
    recording, rng = Recording(spec), np.random.default_rng(0)
    for families in spec.families.values():
        for family in families:
            for n in (1, 2, 5, 9):
                draw(spec, recording, rng, n, family, states=False)
    machine = recording.machine()
    held = {p.name for p in spec.probes if p.stage == INPUT and p.register == "scalar"} | {"weight"}

    def reads(x):
        return any(a.name in held or a.name.startswith("+") for a in x.atoms())

    def fine(x):  # one of the numbers, or an infinity
        if isinstance(x, Op):
            return x.op in ("minimum", "maximum") and fine(x.a) and fine(x.b)
        return math.isinf(x.value) if isinstance(x, Number) else x.name in held

    while True:  # what may hold a copy
        before = set(held)
        for group in machine.groups.values():
            if any(isinstance(o, Set) and reads(o.value) for o in group.operations):
                held |= {register for kind, register in group.registers if kind == "scalar"}
        if held == before:
            break
    for group in machine.groups.values():
        scalars = {register for kind, register in group.registers if kind == "scalar"}
        if scalars & held and not all(fine(o.value) for o in group.operations if isinstance(o, Set)):
            return False
        for c in group.columns:
            if isinstance(c, Sign) and (reads(c.a) or reads(c.b)) and not (fine(c.a) and fine(c.b)):
                return False
    for head in machine.heads.values():
        if head.key is not None and reads(head.key) and (head.total or not fine(head.key)):
            return False
    if any(
        p.name in held and p.init is not None and not math.isinf(p.init) for p in spec.probes if p.register == "scalar"
    ):
        return False
    numbers = answers.Scalars | answers.Value | ValueAt | PairTable | FlowDict
    return not any(isinstance(f, numbers) and f.name in held for f in spec.outputs.values())


@pytest.mark.parametrize("name", [n for n in NUMERIC if hasattr(algorithms.get(n).structure, "compared")])
def test_the_algorithms_that_only_compare_numbers_are_those_that_say_so(name):
    assert only_compared(name) == algorithms.get(name).structure.compared


# ---------------------------------------------------------------- numbers that float64 cannot hold
def far_apart(numbers, kind):
    """Others in the same order, that float64 could not tell apart."""
    places = [int(r) for r in ranks(numbers)]
    if kind == "int":
        return [BIG + r for r in places]
    if kind == "uint64":
        return [np.uint64(2**63 + r) for r in places]
    if kind == "decimal":
        return [Decimal("0.1") + r * Decimal(10) ** -25 for r in places]
    return [Fraction(1, 3) + Fraction(r, 10**30) for r in places]


@pytest.mark.parametrize("kind", ["int", "uint64", "decimal", "fraction"])
@pytest.mark.parametrize("name", COMPARED)
def test_what_is_only_compared_may_be_any_real_numbers(name, kind):
    spec = algorithms.get(name)
    for seed in range(4):
        numbers, put = sampled(spec, seed)
        data, arguments = put(numbers)
        other, further = put(far_apart(numbers, kind))
        assert algorithms.run(name, other, **further) == algorithms.run(name, data, **arguments)


@pytest.mark.parametrize("name", [n for n in ADDED if n not in ON_POINTS])
def test_what_is_added_names_the_first_whole_number_that_is_no_float64(name):
    spec = algorithms.get(name)
    for seed in range(3):
        numbers, put = sampled(spec, seed)
        if not numbers:
            continue
        k = seed % len(numbers)
        numbers = [abs(x) for x in numbers]
        numbers[k] = 2**60 + 1
        data, arguments = put(numbers)
        with pytest.raises(InputError, match=f"is {2**60 + 1}, which is no float64; the nearest is {2**60}"):
            algorithms.run(name, data, **arguments)


@pytest.mark.parametrize("name", ADDED)
def test_what_is_added_may_be_rounded_but_not_to_one_number(name):
    spec = algorithms.get(name)
    if name.startswith("task_scheduling"):
        pytest.skip("deadlines are whole")
    numbers, put = sampled(spec, 1)
    thirds = [Fraction(i + 1, 3) for i in range(len(numbers))]
    data, arguments = put(thirds)
    near, same = put([float(x) for x in thirds])
    if getattr(spec.structure, "requires", ()) == () or name in ("dijkstra", "huffman", "max_flow"):
        assert algorithms.run(name, data, **arguments) == algorithms.run(name, near, **same)
    data, arguments = put([*thirds[:-1], thirds[0] + Fraction(1, 10**30)])
    with pytest.raises(InputError, match="are two numbers, .* with one nearest float64"):
        algorithms.run(name, data, **arguments)


def test_coordinates_that_are_squared_are_float64():
    for x, what in ((Fraction(1, 3), "1/3, which is no float64"), (2**53 + 1, "no float64"), (1e151, "too large")):
        with pytest.raises(InputError, match=f"closest_pair: y of point 1 is .*{what}"):
            algorithms.run("closest_pair", [(0, 0), (1, x)])


@pytest.mark.parametrize("name", [n for n in ON_POINTS if n != "closest_pair"])
def test_points_may_have_any_real_coordinates(name):
    spec = algorithms.get(name)
    for seed in range(8):
        numbers, put = sampled(spec, seed)
        small = [Fraction(round(8 * x)) for x in numbers]
        data, _ = put(small)
        right = algorithms.run(name, data)
        for times, plus in ((1, BIG**2 + 1), (Fraction(1, 3), Fraction(1, 7)), (BIG + 1, -BIG)):
            assert (
                algorithms.run(name, put([int(y) if (y := x * times + plus) == int(y) else y for x in small])[0])
                == right
            )
    with pytest.raises(
        InputError, match="x of point 1 is 26959946667150639794.*, which two float64 do not hold beside"
    ):
        algorithms.run(name, [(0, 0), (2**224 + 2**110 + 1, 0), (0, 1), (1, 1)])


def test_costs_that_are_no_float64():
    with pytest.raises(InputError, match=r"edit_distance: insert\[1\] is 9007199254740993, which is no float64"):
        algorithms.run("edit_distance", ("ab", "cd"), insert=[1, BIG + 1])
    assert algorithms.run("edit_distance", ("a", ""), delete=Fraction(1, 3))["distance"] == 1 / 3


reals = st.one_of(
    st.integers(-(2**70), 2**70),
    st.integers(BIG - 3, BIG + 3),
    st.floats(allow_nan=False, allow_infinity=False),
    st.fractions(),
    st.decimals(allow_nan=False, allow_infinity=False, places=20, min_value=-9, max_value=9),
    st.floats(width=16, allow_nan=False, allow_infinity=False).map(np.float16),
    st.integers(0, 2**64 - 1).map(np.uint64),
)


@settings(deadline=None)
@given(st.lists(reals, min_size=1, max_size=9))
def test_order_is_kept_and_equals_stay_equal(given):
    exact = [real(x, "it") for x in given]
    fractions = [Fraction(x.item() if isinstance(x, np.generic) else x) for x in given]
    laid = floats(exact, compared=True)
    for a, x in zip(fractions, laid):
        for b, y in zip(fractions, laid):
            assert (a < b, a == b) == (x < y, x == y)
    try:
        fits(exact, str)
    except InputError:
        return
    near = floats(exact)
    assert all((a == b) == (x == y) for a, x in zip(fractions, near) for b, y in zip(fractions, near))


@settings(deadline=None, max_examples=30)
@given(st.lists(reals, min_size=1, max_size=6))
def test_sorts_and_searches_of_any_numbers(given):
    exact = [real(x, "it") for x in given]
    least = min(range(len(exact)), key=exact.__getitem__)
    assert algorithms.run("minimum", given) == {"index": least}
    order = algorithms.run("insertion_sort", given)["order"]
    assert order == sorted(range(len(exact)), key=exact.__getitem__)
    ascending = [given[i] for i in order]
    for target in given:
        found = algorithms.run("binary_search", ascending, target=target)["index"]
        assert real(ascending[found], "it") == real(target, "it")
        assert found == 0 or real(ascending[found - 1], "it") < real(target, "it")


def test_an_unsorted_list_of_numbers_that_floats_do_not_tell_apart():
    with pytest.raises(InputError, match="element 0, 9007199254740993, is above the next, 9007199254740992"):
        algorithms.run("binary_search", [BIG + 1, BIG], target=0)


# ---------------------------------------------------------------- compared by value
SYMBOLS = ["lcs_length", "edit_distance", "kmp_matcher", "naive_string_matcher"]


def run_on(name, x, y):
    spec = algorithms.get(name)
    if isinstance(spec.structure, TwoSequences):
        out = algorithms.run(name, (x, y))
        return {n: v for n, v in out.items() if n != "subsequence"}
    return algorithms.run(name, x, pattern=y)


FORMS = [
    torch.tensor, np.array, pd.Series, tuple, bytes,
    lambda x: [torch.tensor(v) for v in x], lambda x: [np.array(v) for v in x], lambda x: [np.float32(v) for v in x],
    lambda x: [float(v) for v in x], lambda x: torch.tensor(x, dtype=torch.float16), lambda x: np.array(x, object),
    lambda x: pd.Series(x, index=[7] * len(x)),
]  # fmt: skip
FORMS_OF_LETTERS = [list, np.array, pd.Series, tuple, lambda x: [np.str_(v) for v in x], "".join]


@pytest.mark.parametrize("name", SYMBOLS)
def test_elements_are_compared_by_value_whatever_holds_them(name):
    x, y = [1, 2, 3, 2, 1], [2, 3]
    want = run_on(name, x, y)
    for form in FORMS:
        for other in FORMS:
            assert run_on(name, form(x), other(y)) == want
    for form in FORMS_OF_LETTERS:
        for other in FORMS_OF_LETTERS:
            assert run_on(name, form(list("abcba")), other(list("bc"))) == want
    nested = lambda form: ([(form(v), ("x", form(v))) for v in x], [(v, ("x", v)) for v in y])
    assert run_on(name, *nested(torch.tensor)) == run_on(name, *nested(np.array)) == want


class Odd:
    """Equal to nothing, or to all, in no bool."""

    def __init__(self, same):
        self.same = same

    def __eq__(self, other):
        if isinstance(self.same, Exception):
            raise self.same
        return self.same

    def __hash__(self):
        return 0


NO_SYMBOLS = [
    math.nan, (1, math.nan), ((math.nan,),), frozenset([math.nan]), pd.NA, pd.NaT, (pd.NA,), np.datetime64("NaT"),
    np.array(math.nan), torch.tensor(math.nan), torch.tensor([1, 2]), torch.tensor([1]), np.ones(2), (torch.ones(2),),
    [1], {}, Decimal("sNaN"), Odd("yes"), Odd(ValueError()), Odd(np.ones(2)), torch.ones((), device="meta"),
]  # fmt: skip


@pytest.mark.parametrize("bad", NO_SYMBOLS, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", SYMBOLS)
def test_what_cannot_be_compared_by_value_is_refused(name, bad):
    for x, y in (([1, bad], [2]), ([1], [bad])):
        with pytest.raises(InputError, match="cannot be compared for equality"):
            run_on(name, x, y)


@pytest.mark.parametrize("name", SYMBOLS)
def test_what_is_no_sequence_is_refused(name):
    for bad in (iter([1]), {1, 2}, {1: 2}, 3, np.array(1), torch.tensor(1), (x for x in "ab")):
        with pytest.raises(ArgumentError):
            run_on(name, bad, [1])


def test_a_symbol_keeps_what_needs_no_change():
    value = ("a", (1, 2.5), frozenset("b"))
    assert symbol(value, "it") is value and symbol(np.int64(3), "it") == symbol(True, "it") + 2


@pytest.mark.parametrize("name", [n for n in NUMERIC if isinstance(algorithms.get(n).structure, Sequence)])
def test_lists_of_numbers_in_any_form(name):
    spec = algorithms.get(name)
    numbers, put = sampled(spec, 3)
    numbers = [float(np.float32(x)) for x in numbers]
    if name == "binary_search":
        numbers[:-1] = sorted(numbers[:-1])
    data, arguments = put(numbers)
    want = algorithms.run(name, data, **arguments)
    forms = (np.array, torch.tensor, pd.Series, tuple, lambda x: [torch.tensor(v) for v in x],
             lambda x: [np.array(v) for v in x], lambda x: [Decimal(v) for v in x], lambda x: map_series(x))  # fmt: skip
    for form in forms:
        assert algorithms.run(name, form(data), **arguments) == want


def map_series(x):
    return pd.Series(x, index=range(len(x), 0, -1), dtype="Float64")
