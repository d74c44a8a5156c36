import math
from itertools import islice

import networkx as nx
import pytest

from algorithms import registry
from algorithms.errors import InputError
from algorithms.inputs.worlds import (
    LIMIT,
    canonical,
    graphs,
    orders,
    orders_with_zero,
    strings,
    weak_orders,
    weighted_graphs,
)
from algorithms.trace import lay_out

SOURCE = lambda n: [{"source": v} for v in range(n)]
NOTHING = lambda n: [{}]


def test_weak_orders_are_all_and_each_once():
    assert [orders(n) for n in range(8)] == [1, 1, 3, 13, 75, 541, 4683, 47293]  # the Fubini numbers
    for n in range(6):
        given = list(weak_orders(n))
        assert len(given) == len(set(given)) == orders(n)
    assert (0.0, 0.0, 0.0) in set(weak_orders(3))


def test_orders_with_zero_have_every_place_of_zero():
    assert sorted(orders_with_zero(1)) == [(-1.0,), (0.0,), (1.0,)]
    assert len(set(orders_with_zero(3))) == orders(4)


def test_strings_are_all_up_to_the_letters_names():
    pairs = strings(2, 2)
    shape = lambda word: tuple(word.index(c) for c in word)
    every = {
        (x, y)
        for x in ("", "a", "b", "c", *(p + q for p in "abc" for q in "abc"))
        for y in ("", "a", "b", "c", *(p + q for p in "abc" for q in "abc"))
    }
    assert {(len(x), shape(x + y)) for x, y in pairs} == {(len(x), shape(x + y)) for x, y in every}
    assert len(pairs) == len({(len(x), shape(x + y)) for x, y in pairs}) and not canonical("ac")


@pytest.mark.parametrize("directed", [False, True])
def test_graphs_are_all_labelled_ones(directed):
    world = graphs(3, directed, SOURCE)
    given = [(frozenset(g.edges), a["source"]) for g, a in world.inputs()]
    slots = 9 if directed else 6
    assert len(given) == len(set(given)) == world.count == 3 * 2**slots


def test_weights_come_in_every_order():
    (world,) = weighted_graphs(3, False, NOTHING, "weight", True, False)
    signature = lambda g: tuple(sorted((*e, w) for *e, w in g.edges(data="weight")))
    given = [signature(g) for g, _ in world.inputs()]
    assert len(given) == len(set(given)) == world.count == sum(math.comb(3, m) * orders(m) for m in range(4))
    (world,) = weighted_graphs(3, False, NOTHING, "weight", False, False)
    given = [signature(g) for g, _ in world.inputs()]
    assert len(given) == len(set(given)) == world.count and min(w for s in given for *_, w in s) == 0
    (world,) = weighted_graphs(3, False, NOTHING, "weight", False, True)
    assert any(w < 0 for g, _ in world.inputs() for *_, w in g.edges(data="weight"))


@pytest.mark.parametrize("name", registry.names())
def test_worlds_count_what_they_make_and_it_is_taken(name):
    spec, taken = registry.get(name), 0
    worlds = spec.structure.worlds(spec)
    assert worlds and sum(w.count for w in worlds) > 1000
    for world in worlds:
        assert 0 < world.count <= 2 * LIMIT
        made = list(islice(world.inputs(), 500))
        assert len(made) == min(world.count, 500), world.text
        for data, arguments in made[::3]:
            try:
                lay_out(spec, data, arguments)
                taken += 1
            except InputError:
                pass
    assert taken > 3


def test_a_world_begins_anew():
    spec = registry.get("bfs")
    world = spec.structure.worlds(spec)[2]
    assert [nx.to_dict_of_lists(g) for g, _ in world.inputs()] == [nx.to_dict_of_lists(g) for g, _ in world.inputs()]
