"""What holds for every algorithm there is, by the program and by the learned executor alike: ties, one node, batches,
other names, and input outside the contract. Inputs are the samplers' own, changed by what their structure allows."""

import copy
import importlib
import math
from collections import deque
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import algorithms
from algorithms.inputs.cells import Ranges, TwoSequences
from algorithms.inputs.graphs import Graph
from algorithms.inputs.lists import Sequence
from algorithms.inputs.networks import Network
from algorithms.inputs.records import Points, Records, Text
from neural_exec import plain_executor as executors
from neural_exec.errors import ArgumentError, GraphError, InputError, NeuralExecError
from neural_exec.examples import rng_of

NAMES = algorithms.names()
OWN = algorithms.get
ON_LISTS = [a for a in NAMES if isinstance(OWN(a).structure, Sequence)]
ON_GRAPHS = [a for a in NAMES if isinstance(OWN(a).structure, Graph | Network)]


def families(name):
    return sum(OWN(name).families.values(), ())


def sampled(name, size, family, *seed):
    """(data, arguments)."""
    return OWN(name).sample(rng_of("every", name, size, family, *seed), size, family)


def assert_right(everything, name, data, arguments):
    """The executor does as the program does, and an independent reference agrees."""
    outputs, rollout = algorithms.run(name, data, **arguments), everything.run(name, data, **arguments)
    assert rollout.halted and rollout.outputs == outputs, (data, arguments)
    assert all(all(v) for v in OWN(name).check(outputs, data, **arguments).values()), (data, arguments, outputs)
    return rollout


# ---------------------------------------------------------------- input inside the contract
@pytest.mark.parametrize("name", NAMES)
def test_smallest_input(everything, name):
    for family in families(name):
        assert_right(everything, name, *sampled(name, 1, family))


def levelled(name, data, arguments, value):
    """The same with every number, letter, weight or point the same."""
    structure, data, arguments = OWN(name).structure, copy.deepcopy(data), dict(arguments)
    if isinstance(structure, Network) or getattr(structure, "weighted", False):
        nx.set_edge_attributes(data, value, "capacity" if isinstance(structure, Network) else "weight")
    elif isinstance(structure, Records):
        for place, column in enumerate(structure.lists):
            arguments[column] = [value + place] * len(arguments[column])
    elif isinstance(structure, Ranges) and structure.lists:
        arguments = {column: [value] * len(numbers) for column, numbers in arguments.items()}
    elif isinstance(structure, Sequence | Ranges):
        data = [value] * len(data)
    elif isinstance(structure, Points):
        data = [(value, -value)] * len(data)
    elif isinstance(structure, Text):
        data, arguments["pattern"] = "a" * len(data), "a" * len(arguments["pattern"])
    elif isinstance(structure, TwoSequences):
        data = tuple("a" * len(s) for s in data)
    return data, arguments


@pytest.mark.parametrize("value", [1.0, 3.0])
@pytest.mark.parametrize("name", NAMES)
def test_ties(everything, name, value):
    for family in families(name)[::2]:
        assert_right(everything, name, *levelled(name, *sampled(name, 9, family, "ties"), value))


@pytest.mark.parametrize("name", [a for a in NAMES if a not in ("matrix_chain_order", "activity_selector")])
def test_zeros(everything, name):
    data, arguments = sampled(name, 9, families(name)[0], "zeros")
    if name.startswith("task_scheduling"):
        arguments["weight"] = [0.0] * len(arguments["weight"])
    else:
        data, arguments = levelled(name, data, arguments, 0.0)
    assert_right(everything, name, data, arguments)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_is_its_members_one_by_one(everything, name):
    drawn = [sampled(name, n, family) for n, family in zip((1, 7, 12), families(name))]
    inputs = {k: [arguments[k] for _, arguments in drawn] for k in drawn[0][1]}
    batch = everything.run_batch(name, [data for data, _ in drawn], **inputs)
    assert len(batch) == 3
    for (data, arguments), ours in zip(drawn, batch):
        alone = everything.run(name, data, **arguments)
        assert ours.outputs == alone.outputs and ours.num_steps == alone.num_steps and ours.halted
        assert (ours.contexts, ours.unseen_contexts) == (alone.contexts, alone.unseen_contexts)


class Thing:
    """A name that only knows itself."""


@pytest.mark.parametrize("name", ON_GRAPHS)
def test_nodes_of_any_name_and_in_another_order(everything, name):
    for family in families(name)[::3]:
        graph, arguments = sampled(name, 10, family, "names")
        names = {v: (Thing(), f"v{v}", (v, None), v + 0.5)[v % 4] for v in graph}
        renamed = nx.relabel_nodes(graph, names)
        assert_right(everything, name, renamed, {k: names.get(v, v) for k, v in arguments.items()})
        other = type(graph)()
        other.add_nodes_from(sorted(graph, key=lambda v: (7 * v) % len(graph)))
        other.add_edges_from(list(graph.edges(data=True))[::-1])
        assert_right(everything, name, other, arguments)


REFUSE_LOOPS = {"bipartite_matching", "dag_shortest_paths", "eulerian_circuit", "floyd_cycle_detection",
                "topological_sort"}  # fmt: skip


@pytest.mark.parametrize("name", ON_GRAPHS)
def test_self_loops_and_nodes_apart(everything, name):
    for family in families(name)[::3]:
        graph, arguments = sampled(name, 8, family, "apart")
        apart, looped = graph.copy(), graph.copy()
        apart.add_nodes_from(["x", "y"])
        looped.add_edges_from(((v, v) for v in graph), weight=0.5, capacity=0.5)
        for changed, refused in (
            (apart, name in ("eulerian_circuit", "floyd_cycle_detection")),
            (looped, name in REFUSE_LOOPS),
        ):
            if refused:
                for run in (algorithms.run, everything.run):
                    with pytest.raises(GraphError):
                        run(name, changed, **arguments)
            else:
                assert_right(everything, name, changed, arguments)


@pytest.mark.parametrize("name", [a for a in NAMES if isinstance(OWN(a).structure, Text | TwoSequences)])
def test_letters_of_any_kind(everything, name):
    other = lambda s: [{"a": "a", "b": 1, "c": (None,), "d": frozenset()}[c.lower()] for c in s]
    if isinstance(OWN(name).structure, Text):
        plain, ours = (("abcadab", {"pattern": "cad"}), (other("abcadab"), {"pattern": deque(other("cad"))}))
    else:
        plain, ours = ((("abcadab", "cadb"), {}), ((other("abcadab"), deque(other("cadb"))), {}))
    a, b = (everything.run(name, data, **arguments).outputs for data, arguments in (plain, ours))
    assert b == {k: other(v) if k == "subsequence" else v for k, v in a.items()}


@pytest.mark.parametrize("name", [a for a in NAMES if a not in ON_GRAPHS])
@pytest.mark.parametrize("form", [tuple, deque, np.array])
def test_any_sequence_is_a_list(everything, name, form):
    data, arguments = sampled(name, 6, families(name)[0], "forms")
    formed = lambda x: (
        form(list(x)) if isinstance(x, list | str) else tuple(map(formed, x)) if isinstance(x, tuple) else x
    )
    plain = lambda x: list(x) if isinstance(x, str) else tuple(map(plain, x)) if isinstance(x, tuple) else x
    ours = everything.run(name, formed(data), **{k: formed(v) for k, v in arguments.items()})
    assert ours.outputs == algorithms.run(name, plain(data), **arguments)


numbers = st.sampled_from([0.0, -0.0, 1.0, 1, 2.0, -1.0, 1e-300, -5e-324]) | st.floats(-1e9, 1e9)


@pytest.mark.parametrize("name", ON_LISTS)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(values=st.lists(numbers, min_size=1, max_size=7), target=numbers)
def test_lists_of_any_numbers(everything, name, values, target):
    if name == "huffman":
        values = [abs(x) for x in values]
    if name == "binary_search":
        assert_right(everything, name, sorted(values), {"target": target})
    else:
        assert_right(everything, name, values, {})


whole = st.integers(-2, 2) | st.integers(-(2**25), 2**25)  # cross products of these are exact
points = st.lists(st.tuples(whole, whole), min_size=4, max_size=7)


@pytest.mark.parametrize("name", [a for a in NAMES if isinstance(OWN(a).structure, Points)])
@settings(max_examples=15, deadline=None, derandomize=True)
@given(points=points)
def test_points_of_whole_numbers(everything, name, points):
    assert_right(everything, name, points[:4] if name == "segments_intersect" else points, {})


BORDERS = [[1e308, -1e308, 5e-324, -5e-324, 0.0], [-0.0, 0.0, -0.0], [7.0] * 6, [2**53, 2.0**53, -(2**53)]]


@pytest.mark.parametrize("name", ON_LISTS)
def test_numbers_at_the_borders(everything, name):
    for values in BORDERS:
        if name in ("huffman", "find_maximum_subarray_kadane"):  # whose sums may not overflow
            values = [abs(x) / 8 for x in values]
        if name == "binary_search":
            assert_right(everything, name, sorted(values), {"target": 0.0})
        else:
            assert_right(everything, name, values, {})


# ---------------------------------------------------------------- input outside the contract
@pytest.fixture
def no_work(monkeypatch):
    """Neither a program nor the network runs."""

    def runs(*_, **__):
        raise AssertionError("it ran")

    monkeypatch.setattr(importlib.import_module("algorithms.trace"), "record", runs)
    monkeypatch.setattr(executors, "execute", runs)


@pytest.fixture
def refuse(everything, no_work):
    """Both refuse."""

    def refuse(error, name, data, arguments):
        for run in (algorithms.run, everything.run):
            with pytest.raises(error) as caught:
                run(name, data, **arguments)
            assert isinstance(caught.value, NeuralExecError) and str(caught.value)

    return refuse


def by_name(name):
    return getattr(OWN(name).structure, "by_name", False)


def usual(name):
    """A sample that has every place for a number in it, as lists."""
    for seed in range(9):
        data, arguments = sampled(name, 8, families(name)[0], seed)
        if isinstance(OWN(name).structure, Text):
            return list(data), {"pattern": [*arguments["pattern"], "a"]}
        if isinstance(OWN(name).structure, TwoSequences):
            return tuple([*s, "a"] for s in data), {}
        if not isinstance(data, nx.Graph) or data.size():
            return data, arguments
    raise AssertionError("no sample with an edge")


def required(name):
    if isinstance(OWN(name).structure, TwoSequences):
        return []
    return [k for k in OWN(name).inputs[not by_name(name) :] if k not in ("weight", "capacity") or by_name(name)]


def takes(name, value) -> bool:
    """What is only compared may be any real number."""
    return getattr(OWN(name).structure, "compared", False) and isinstance(value, int | Fraction) and value > 1


NO_DATA = [None, 3.0, object(), {1.0, 2.0}, {1.0: 2.0}, iter([1.0]), np.array(1.0), list, nx.Graph, 10**400, b"12", len]


@pytest.mark.parametrize("data", NO_DATA, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("name", NAMES)
def test_data_of_another_type(refuse, name, data):
    _, arguments = usual(name)
    if not by_name(name):
        if not (isinstance(data, bytes) and isinstance(OWN(name).structure, Text)):  # a text of numbers
            refuse(ArgumentError, name, data, arguments)
        return
    if data is not None:
        refuse(ArgumentError, name, data, arguments)
    for k in arguments:
        refuse(ArgumentError, name, None, arguments | {k: data})


@pytest.mark.parametrize("name", NAMES)
def test_arguments_missing_unexpected_or_of_another_type(refuse, name):
    data, arguments = usual(name)
    refuse(ArgumentError, name, data, arguments | {"wieght": 1})
    assert set(required(name)) == set(arguments)
    for k in arguments:
        refuse(ArgumentError, name, data, {other: v for other, v in arguments.items() if other != k})
        for value in (None, 10**400, object(), math.nan, ([0],), list):
            if not takes(name, value):
                refuse((ArgumentError, InputError), name, data, arguments | {k: value})
        if not isinstance(arguments[k], list):
            refuse(InputError, name, data, arguments | {k: [0]})
    for attribute in {"weight", "capacity"} & set(OWN(name).inputs) - set(arguments):
        for value in ([0], ([0],), {}):
            refuse(ArgumentError, name, data, arguments | {attribute: value})


@pytest.mark.parametrize("name", NAMES)
def test_empty_input(refuse, name):
    data, arguments = usual(name)
    if name in ON_GRAPHS:
        refuse(InputError, name, type(data)(), arguments)
    elif isinstance(OWN(name).structure, TwoSequences):
        refuse(ArgumentError, name, (), arguments)
    elif by_name(name):
        refuse(InputError, name, None, {k: [] for k in arguments})
    else:
        for empty in ([], (), np.zeros(0)):
            refuse(InputError, name, empty, arguments)


@pytest.mark.parametrize("name", [a for a in NAMES if by_name(a)])
def test_lists_of_different_lengths(refuse, name):
    _, arguments = usual(name)
    for k in arguments:
        refuse(InputError, name, None, arguments | {k: arguments[k][:-1]})
        refuse(InputError, name, None, arguments | {k: [*arguments[k], arguments[k][-1]]})


def spoilt(name, bad):
    """(data, arguments) with `bad` in one place for a number after another."""
    structure, (data, arguments) = OWN(name).structure, usual(name)
    if isinstance(structure, Graph | Network):
        attribute = "capacity" if isinstance(structure, Network) else "weight"
        for edge in [*data.edges][:1] if attribute in structure.arguments(OWN(name)) else ():
            changed = copy.deepcopy(data)
            changed.edges[edge][attribute] = bad
            yield changed, arguments
        return
    for k, v in arguments.items():
        yield data, arguments | {k: [*v[:-1], bad] if isinstance(v, list) else bad}
    if isinstance(structure, Points):
        yield from (([*data[:-1], point], arguments) for point in ((bad, 0.0), (0.0, bad)))
    elif isinstance(structure, TwoSequences):
        yield from (((data[0], [*data[1], bad]), arguments), (([bad, *data[0]], data[1]), arguments))
    elif data is not None:
        yield from (([*data[:-1], bad], arguments), ([bad, *data[1:]], arguments))


BAD_NUMBERS = [math.nan, math.inf, -math.inf, np.float32("nan"), "1", None, True, 1j, [1.0], 10**400, Fraction(10**400)]
NO_LETTERS = [math.nan, np.float32("nan"), 1j * math.nan, [1.0], ([1.0],), {}, np.zeros(2)]


@pytest.mark.parametrize("name", NAMES)
def test_no_number_in_the_place_of_one(refuse, name):
    for bad in NO_LETTERS if isinstance(OWN(name).structure, Text | TwoSequences) else BAD_NUMBERS:
        if takes(name, bad):
            continue
        for data, arguments in spoilt(name, bad):
            refuse(InputError, name, data, arguments)


@pytest.mark.parametrize("name", ON_GRAPHS)
def test_graphs_of_another_kind(refuse, name):
    graph, arguments = usual(name)
    refuse(InputError, name, nx.MultiDiGraph(graph), arguments)
    refuse(InputError, name, nx.MultiGraph(graph), arguments)
    directed = True if isinstance(OWN(name).structure, Network) else OWN(name).structure.directed
    if directed is not None:
        refuse(InputError, name, graph.to_undirected() if directed else graph.to_directed(), arguments)
    for k in arguments:
        for other in (-1, "0", math.nan, (0,)):
            refuse(InputError, name, graph, arguments | {k: other})
