"""The doors of an executor read what they are called with exactly, and every input by its name."""

import networkx as nx
import numpy as np
import pytest
import torch
from torch_geometric.data import Data

import algorithms
import neural_exec
from neural_exec.errors import ArgumentError, GraphError, InputError
from neural_exec.tensors.problems import numbers

BIG = 2**53
SORTS = ["insertion_sort", "bubble_sort", "merge_sort", "heapsort", "quicksort"]
KEYS = [BIG + 1, BIG, BIG + 3, BIG + 2]


@pytest.fixture(scope="module")
def everything():
    return neural_exec.load("all")


# ---------------------------------------------------------------- numbers that float64 cannot hold
@pytest.mark.parametrize("name", SORTS)
def test_sorts_of_whole_numbers_that_are_no_float64(everything, name):
    forms = (list, tuple, np.array, torch.tensor, lambda x: np.array(x, np.uint64), lambda x: [torch.tensor(x)],
             lambda x: torch.tensor(x, dtype=torch.uint64))  # fmt: skip
    for form in forms:
        out = everything(name, form(KEYS))
        assert out["order"].flatten().tolist() == [1, 0, 3, 2]
        assert out["value"].dtype == torch.int64 and out["value"].flatten().tolist() == sorted(KEYS)
    assert everything.run(name, KEYS).outputs["order"] == [1, 0, 3, 2]
    batch = everything(name, torch.tensor([KEYS, KEYS[::-1]]))
    assert batch["order"].tolist() == [[1, 0, 3, 2], [2, 3, 0, 1]] and batch["value"].tolist() == [sorted(KEYS)] * 2
    assert everything(name, torch.tensor([3, 1, 2]))["value"].dtype == torch.float64


def test_a_search_among_whole_numbers_that_are_no_float64(everything):
    keys = torch.tensor(sorted(KEYS))
    for i, target in enumerate(sorted(KEYS)):
        out = everything("binary_search", keys, target=target)
        assert out["index"].item() == i and out["value"].item() == target
    with pytest.raises(InputError, match=f"element 0, {BIG + 1}, is above the next, {BIG}"):
        everything("binary_search", torch.tensor(KEYS), target=0)
    with pytest.raises(InputError, match="fractions beside whole numbers"):
        everything("binary_search", keys, target=0.5)


@pytest.mark.parametrize("name", ["mst_kruskal", "mst_boruvka", "mst_prim"])
def test_spanning_trees_of_whole_weights_that_are_no_float64(everything, name):
    weight = torch.tensor([BIG + 1, BIG, BIG])
    more = {"source": 0} if name == "mst_prim" else {}
    once = Data(edge_index=torch.tensor([[0, 0, 1], [1, 2, 2]]), weight=weight, num_nodes=3)
    both = Data(
        edge_index=torch.cat([once.edge_index, once.edge_index.flip(0)], 1), weight=weight.repeat(2), num_nodes=3
    )
    for data in (once, both):
        out = everything(name, data, **more)
        assert out["value"].item() == 2 * BIG
        if "edges" in out:
            assert out["edges"][:3].tolist() == [False, True, True]
    both.weight[3] = BIG + 2
    with pytest.raises(InputError, match=f"weighs {BIG + 2}, its reverse {BIG + 1}"):
        everything(name, both, **more)
    with pytest.raises(InputError, match="too large, the sum is no int64"):
        everything(name, once, weight=torch.tensor([2**62, 2**62 + 1, 3]), **more)


@pytest.mark.parametrize("given", [torch.tensor([1, BIG + 1]), np.array([1, BIG + 1]), [1, BIG + 1], [torch.tensor(1), torch.tensor(BIG + 1)],
                                   torch.tensor([1, 2**64 - 1], dtype=torch.uint64)], ids=lambda x: type(x).__name__)  # fmt: skip
def test_what_is_added_names_the_first_whole_number_that_is_no_float64(everything, given):
    for name in ("huffman", "find_maximum_subarray_kadane"):
        with pytest.raises(InputError, match="which is no float64; the nearest is"):
            everything(name, given)
    with pytest.raises(InputError, match="weight.* which is no float64"):
        everything("dijkstra", Data(edge_index=torch.tensor([[0, 1], [1, 0]]), num_nodes=2), weight=given, source=0)


def test_numbers_of_any_real_type():
    from decimal import Decimal
    from fractions import Fraction

    assert numbers([Fraction(1, 3), Decimal("0.5"), 2], "it").tolist() == [1 / 3, 0.5, 2.0]
    assert numbers([torch.tensor(2, dtype=torch.float16), torch.tensor(3)], "it").tolist() == [2.0, 3.0]
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert numbers([x, x], "it").requires_grad
    for bad in ([1, "a"], [True], [[1], [1, 2]], "a", None, [1j], torch.tensor([1j]), [float("nan")] and [None]):
        with pytest.raises(InputError):
            numbers(bad, "it")
    with pytest.raises(InputError, match="fractions beside whole numbers"):
        numbers([torch.tensor(BIG + 1), torch.tensor(0.5)], "it", compared=True)


def test_a_chain_does_not_take_ranks_for_numbers():
    from neural_exec import Chain
    from neural_exec.chains.adapters import keys, permute

    with pytest.raises(InputError, match="element 0 is 9007199254740993, which is no float64"):
        Chain(["heapsort", permute("order"), "heapsort"]).run([BIG + 1, BIG])
    graph = nx.Graph()
    graph.add_weighted_edges_from([(0, 1, BIG + 1), (1, 2, BIG)])
    with pytest.raises(InputError, match="which is no float64"):
        Chain([keys(), "heapsort"]).run(graph)


# ---------------------------------------------------------------- inputs by their names
def sampled(name):
    spec = algorithms.get(name)
    return spec.sample(np.random.default_rng(3), 6, spec.families["training"][0])


@pytest.mark.parametrize("name", algorithms.names())
def test_every_input_can_be_given_by_its_name(everything, name):
    spec = algorithms.get(name)
    data, arguments = sampled(name)
    given = arguments if data is None else {spec.structure.data: data, **arguments}
    assert set(given) <= set(spec.inputs)
    want = algorithms.run(name, data, **arguments)
    assert algorithms.run(name, **given) == want
    assert algorithms.trace(name, **given).num_steps == algorithms.trace(name, data, **arguments).num_steps
    assert everything.run(name, **given).outputs == want
    twice = {k: [v, v] for k, v in given.items()}
    assert [r.outputs for r in everything.run_batch(name, **twice)] == [want, want]
    if data is not None:
        for call in (algorithms.run, algorithms.trace, everything.run, everything.run_batch):
            with pytest.raises(ArgumentError, match=f"{name}: {spec.structure.data} is given twice"):
                call(name, data, **given)


def test_tensors_by_their_names(everything):
    values = torch.tensor([3.0, 1.0, 2.0])
    assert everything("heapsort", values=values)["order"].tolist() == [1, 2, 0]
    assert everything("kmp_matcher", text=torch.tensor([1, 2, 3]), pattern=[2, 3])["index"].item() == 1
    assert everything("lcs_length", sequences=("ab", "b"))["length"].item() == 1
    graph = Data(edge_index=torch.tensor([[0, 1], [1, 2]]), num_nodes=3)
    assert everything("bfs", graph=graph, source=0)["parent"].tolist() == [-1, 0, 1]
    with pytest.raises(ArgumentError, match="graph is given twice"):
        everything("bfs", graph, graph=graph, source=0)


def test_a_weight_that_is_none_is_one_for_each_edge(everything):
    graph = nx.path_graph(4)
    graph.edges[0, 1]["weight"] = "no number"
    assert everything.run("dijkstra", graph, source=0, weight=None).outputs["distance"] == {0: 0, 1: 1, 2: 2, 3: 3}
    assert len(algorithms.run("mst_kruskal", graph, weight=None)["edges"]) == 3
    arcs = nx.DiGraph([("s", "a"), ("s", "b"), ("a", "t"), ("b", "t")])
    assert everything.run("max_flow", arcs, source="s", sink="t", capacity=None).outputs["value"] == 2.0
    data = Data(edge_index=torch.tensor([[0, 1], [1, 2]]), num_nodes=3)
    assert everything("dijkstra", data, source=0, weight=None)["distance"].tolist() == [0.0, 1.0, 2.0]
    assert everything("max_flow", data, source=0, sink=2, capacity=None)["value"].item() == 1.0


# ---------------------------------------------------------------- remedies
@pytest.mark.parametrize(
    "name, words",
    [("dijkstra", "reduce='min'"), ("max_flow", "reduce='sum'"), ("bfs", "coalesce"), ("bridges", "another answer")],
)
def test_parallel_edges_in_tensors(everything, name, words):
    data = Data(edge_index=torch.tensor([[0, 0], [1, 1]]), weight=torch.ones(2), num_nodes=2)
    further = {"source": 0} if name != "bridges" else {}
    with pytest.raises(GraphError, match=f"{name}: a multigraph; .*{words}"):
        everything(name, data, **further, **({"sink": 1, "capacity": "weight"} if name == "max_flow" else {}))


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16])
@pytest.mark.parametrize("name", ["bellman_ford", "floyd_warshall"])
def test_negative_cycles_of_tensors_are_found_exactly(everything, name, dtype):
    weight = torch.tensor([2048.0, 3.0, -2048.0, -3.0, -0.0001], dtype=dtype)
    data = Data(edge_index=torch.tensor([[0, 1, 2, 3, 4], [1, 2, 3, 4, 0]]), weight=weight, num_nodes=5)
    further = {"source": 0} if name == "bellman_ford" else {}
    with pytest.raises(GraphError, match="the graph has a negative cycle"):
        everything(name, data, **further)
    data.weight[4] = 0.0
    assert everything(name, data, **further)["distance"].isfinite().all()
