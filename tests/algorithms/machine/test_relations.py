"""Edges between rows, as they are given and laid out."""

from contextlib import nullcontext
from unittest.mock import patch

import networkx as nx
import numpy as np
import pytest
from dice import Dice, machine_of
from hypothesis import given
from hypothesis import strategies as st

import algorithms
from algorithms.errors import ArgumentError
from algorithms.machine.bytecode import Bytecode
from algorithms.machine.engine import execute
from algorithms.machine.relations import Arcs, Block, Relation, made_plain
from algorithms.trace import lay_out


def test_a_relation_is_sorted_by_receiver_then_sender_and_ends_in_nil():
    r = Relation.of(Arcs.of([2, 0, 1, 0], [1, 1, 0, 2], [5.0, 6.0, 7.0, 8.0], 4))
    assert len(r) == 4
    assert r.src.tolist() == [1, 0, 2, 0, -1] and r.dst.tolist() == [0, 1, 1, 2, -1]
    assert r.weight[:-1].tolist() == [7.0, 6.0, 5.0, 8.0] and np.isnan(r.weight[-1])
    assert r.ptr.tolist() == [0, 1, 3, 4, 4]
    assert np.isnan(Relation.of(Arcs.of([0], [1], None, 2)).weight).all()


@st.composite
def arcs(draw):
    """Edges between few rows: parallel ones, loops, weights that are -0.0 or NaN, one way or both."""
    size = draw(st.integers(1, 5))
    ends = draw(st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=12))
    numbers = st.lists(st.sampled_from([-0.0, 1.0, np.nan, -np.nan, 2.5]), min_size=len(ends), max_size=len(ends))
    ends, both = np.array(ends, int).reshape(-1, 2), draw(st.booleans())
    return Arcs.of(*(np.sort(ends, 1) if both else ends).T, draw(st.none() | numbers), size, both)


@pytest.mark.parametrize("compiled", [True, False])
@given(arcs())
def test_edges_are_laid_out_by_receiver_then_sender_then_place(compiled, given):
    with nullcontext() if compiled else patch("algorithms.machine.relations.load", lambda: None):
        r = Relation.of(given)
    weight = [np.nan] * len(given.src) if given.weight is None else given.weight
    edges = list(zip(given.src, given.dst, weight))
    edges += [(v, u, w) for u, v, w in edges if given.both and u != v]
    src, dst, weight = np.array([*sorted(edges, key=lambda e: (e[1], e[0])), (-1, -1, np.nan)]).T
    assert len(r) == len(given) == len(edges)
    assert (r.src == src).all() and (r.dst == dst).all() and r.weight.tobytes() == made_plain(weight.copy()).tobytes()
    assert (r.ptr == np.searchsorted(dst[:-1], np.arange(given.size + 1))).all()
    without = np.zeros(len(r), np.int32)
    given.lay(np.zeros_like(without), without, np.zeros(0), np.zeros(given.size + 1, np.int32))
    assert (without == dst[:-1]).all()


def test_an_edge_that_leads_out_is_refused():
    for ends in ([-1, 0], [0, 3]):
        with pytest.raises(ArgumentError, match="leads out"):
            Arcs.of(ends, [0, 0], None, 3)


def test_the_kernel_gets_the_weights_that_a_program_reads():
    reads = {
        name: Bytecode(machine_of(name), algorithms.get(name)).weighed for name in ("bfs", "dijkstra", "mst_kruskal")
    }
    assert reads == {"bfs": [], "dijkstra": ["in_edges"], "mst_kruskal": ["edges"]}


def test_a_block_is_held_instead_of_what_it_was_made_of():
    graph = nx.Graph([(0, 1, {"weight": 2.0}), (2, 0, {"weight": 1.0}), (1, 1, {"weight": 3.0})])
    x = lay_out(algorithms.get("dijkstra"), graph, {"source": 1})
    before, names = dict(x.relations.copy()), ["nodes", "in_edges", "out_edges"]
    block = Block(x.relations, names, 2, x.size)
    assert np.shares_memory(x.relations["in_edges"].weight, block.weights)
    assert block.start.tolist() == [0, 4, 10, 16] and len(block.source) == 17 and len(block.weights) == 11
    for name, first, into in zip(names, block.start, block.into):
        r, at = before[name], slice(1 + first, 1 + first + len(before[name]))
        assert (block.source[at] == r.src[:-1]).all() and (block.target[at] == r.dst[:-1]).all()
        assert (into - first == r.ptr).all()
    nil = [0, *block.start[1:]]
    assert (
        (block.source[nil] == -1).all() and (block.target[nil] == -1).all() and np.isnan(block.weights[nil[:3]]).all()
    )
    for released in (False, True):
        if released:
            block.release(x.relations)
            assert isinstance(x.relations.held("in_edges"), Arcs) and isinstance(x.relations.held("nodes"), Arcs)
        for name, r in before.items():
            for part in ("src", "dst", "weight", "ptr"):
                np.testing.assert_array_equal(getattr(x.relations.copy()[name], part), getattr(r, part))


def test_a_run_leaves_an_instance_with_what_it_was_given():
    graph = nx.gnp_random_graph(9, 0.4, seed=1, directed=True)
    x = lay_out(algorithms.get("bfs"), graph, {"source": 0})
    execute(Dice(machine_of("bfs"), 1, 0.5), x)
    arcs = x.relations.held("in_edges")
    assert isinstance(arcs, Arcs) and arcs.src.base is None and sorted(zip(arcs.src, arcs.dst)) == sorted(graph.edges)


def test_edges_both_ways_are_given_from_the_lower_row():
    with pytest.raises(ArgumentError, match="lower row"):
        Arcs.of([1], [0], None, 2, both=True)
