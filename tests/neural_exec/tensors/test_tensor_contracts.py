"""Input outside the contract, by way of tensors and layers: typed errors, no silent answers."""

import networkx as nx
import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, Data

import algorithms
import neural_exec
from neural_exec.errors import ArgumentError, GradientError, GraphError, InputError
from neural_exec.nn import ExecutorLayer, ShortestPath
from neural_exec.nn.losses import fenchel_young

PATH = torch.tensor([[0, 1], [1, 2]])


@pytest.fixture(scope="module")
def executor():
    return neural_exec.load("all")


def path(weight=(1.0, 1.0), edge_index=PATH):
    return Data(edge_index=edge_index, weight=torch.tensor(weight, dtype=torch.float64), num_nodes=3)


def test_a_negative_cycle_is_refused_by_layers(executor):
    for name, nodes, at in (("floyd_warshall", {}, (0, 1)), ("bellman_ford", {"source": 0}, 1)):
        layer = ExecutorLayer(name, [[0, 1], [1, 0]], at=at, executor=executor, **nodes)
        with pytest.raises((GraphError, InputError), match="cycle"):
            layer.value(torch.tensor([[1.0, -2.0]]))
    layer = ExecutorLayer("bellman_ford", PATH, at=2, executor=executor, source=0)
    assert layer.value(torch.tensor([[1.0, -2.0]])).tolist() == [-1.0]


def test_sums_beyond_float64_are_refused(executor):
    for name in ("dijkstra", "bellman_ford", "floyd_warshall"):
        nodes = {} if name == "floyd_warshall" else {"source": 0}
        with pytest.raises(InputError, match="too large"):
            executor(name, path((1e308, 1e308)), **nodes)
    with pytest.raises(InputError, match="too large"):
        ShortestPath(PATH, 0, 2, executor=executor).value(torch.full((1, 2), 1e308, dtype=torch.float64))


def test_nodes_and_edges_are_whole_numbers(executor):
    for source in (1.5, torch.tensor(1.5), torch.tensor([1.5])):
        with pytest.raises(InputError, match="whole number|not in the graph"):
            executor("dijkstra", path(), source=source)
    with pytest.raises(ArgumentError, match="int64"):
        executor("dijkstra", path(edge_index=torch.tensor([[0.5, 1.0], [1.0, 2.0]])), source=0)
    with pytest.raises(InputError, match="whole number"):
        ShortestPath(PATH, 0.5, 2, executor=executor)
    with pytest.raises(InputError, match="complex"):
        executor("dijkstra", Data(edge_index=PATH, weight=torch.ones(2, dtype=torch.complex64), num_nodes=3), source=0)


def test_pagerank_takes_a_tensor_and_has_no_gradient(executor):
    graph = Data(edge_index=PATH, num_nodes=3)
    one, other = (executor("pagerank", graph, alpha=a)["score"] for a in (torch.tensor(0.5), 0.5))
    assert torch.equal(one, other)
    with pytest.raises(GradientError, match="total|pagerank"):
        executor("pagerank", graph, alpha=torch.tensor(0.5, requires_grad=True))


def test_arguments_of_layers_and_losses_are_checked(executor):
    layer = ShortestPath(PATH, 0, 2, executor=executor)
    w = torch.ones(1, 2)
    for call in (lambda: layer.soft(w, samples=0), lambda: fenchel_young(layer, w, w, samples=0)):
        with pytest.raises(ArgumentError, match="samples"):
            call()
    with pytest.raises(ArgumentError, match="zz"):
        ExecutorLayer("minimum", fixed={"zz": [1.0]}, executor=executor)


@pytest.mark.parametrize(
    "node", [1, np.int64(1), np.array(1), torch.tensor(1), torch.tensor(1, dtype=torch.int8)], ids=repr
)
def test_nodes_are_given_in_any_form(executor, node):
    """Also as arrays and tensors without dimensions; a node that is one itself is that node."""
    graph, data = nx.path_graph(3), Data(edge_index=PATH, num_nodes=3)
    wanted = executor.run("bfs", graph, source=1).outputs
    assert executor.run("bfs", graph, source=node).outputs == algorithms.run("bfs", graph, source=node) == wanted
    assert executor.run_batch("bfs", [graph] * 2, source=[node, 1])[0].outputs == wanted
    assert neural_exec.Chain(["bfs"], executor).run(graph, source=node).outputs == [wanted]
    assert executor("bfs", data, source=node)["parent"].tolist() == executor("bfs", data, source=1)["parent"].tolist()
    assert executor("bfs", [data] * 2, source=[node, 1])["parent"].tolist()
    itself = nx.Graph([(node, "a")]) if not isinstance(node, np.ndarray) else nx.Graph([(1, "a")])
    assert executor.run("bfs", itself, source=node).outputs["parent"]["a"] == node
    assert executor.run("binary_search", [1.0, 2.0], target=torch.tensor(2.0)).outputs == {"index": 1}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.int8, torch.uint8, torch.int64])
def test_numbers_are_of_any_real_type(executor, dtype):
    graph = lambda w: Data(edge_index=PATH, weight=torch.tensor(w).to(dtype), num_nodes=3)
    assert executor("heapsort", torch.tensor([3, 1, 2]).to(dtype))["order"].tolist() == [1, 2, 0]
    assert executor("dijkstra", graph([3] * PATH.shape[1]), source=0)["distance"].dtype == torch.float64
    for bad in (torch.tensor([True, False]), torch.tensor([1j, 2])):
        with pytest.raises(InputError, match="truth values|complex"):
            executor("heapsort", bad)


def test_each_way_to_call_names_the_other(executor):
    graph, data = nx.path_graph(3), Data(edge_index=PATH, num_nodes=3)
    for call in (
        lambda: executor.run("bfs", data, source=0),
        lambda: executor.run_batch("bfs", [data], source=0),
        lambda: executor.run_batch("bfs", Batch.from_data_list([data]), source=0),
        lambda: executor.run("heapsort", Data(key=torch.ones(2))),
    ):
        with pytest.raises(ArgumentError, match=r"executor\('(bfs|heapsort)', data\) takes torch_geometric's data"):
            call()
    with pytest.raises(ArgumentError, match=r"executor.run\('bfs', graph\) takes a networkx graph"):
        executor("bfs", graph, source=0)
