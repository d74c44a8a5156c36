"""Layers are exact, their gradients solutions; losses follow from the value."""

import copy
import io
import itertools
import pickle

import networkx as nx
import numpy as np
import pytest
import torch
from torch import nn

import neural_exec
from algorithms import registry
from neural_exec.errors import ArgumentError, GradientError, GraphError, InputError
from neural_exec.nn import EditDistance, ExecutorLayer, Rank, ShortestPath, Sort, SpanningTree, losses

SIDE = 4
GRID = torch.tensor(list(nx.convert_node_labels_to_integers(nx.grid_2d_graph(SIDE, SIDE)).edges())).T
LAST = SIDE * SIDE - 1


def weights(batch, m, low=1.0, seed=0):
    return torch.rand(batch, m, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) * 8 + low


def paths(edges, source, target, directed):
    """Indicators of all simple paths."""
    graph = (nx.DiGraph if directed else nx.Graph)(edges.T.tolist())
    place = {e: i for i, e in enumerate(map(tuple, edges.T.tolist()))}
    out = []
    for p in nx.all_simple_paths(graph, source, target):
        y = torch.zeros(edges.shape[1], dtype=torch.float64)
        y[[place.get(e, place.get(e[::-1])) for e in itertools.pairwise(p)]] = 1
        out.append(y)
    return torch.stack(out)


@pytest.mark.parametrize("kind", ["edge", "undirected", "node"])
def test_shortest_path_is_the_least_of_all(kind):
    layer = ShortestPath(GRID, 0, LAST, weights=kind)
    w = weights(5, SIDE * SIDE if kind == "node" else GRID.shape[1])
    every = paths(GRID, 0, LAST, kind != "undirected")
    if kind == "node":
        every = torch.zeros(len(every), SIDE * SIDE, dtype=torch.float64).index_add(1, GRID[1], every)
        every[:, 0] = 1
    value, best = (w @ every.T).min(1)
    torch.testing.assert_close(layer.value(w), value, rtol=1e-14, atol=0)
    assert torch.equal(layer.solution(w), every[best])
    assert torch.equal(layer(w[:2]), layer.value(w)[:2])  # another size of batch


def test_paths_may_have_negative_weights_where_there_is_no_cycle():
    layer, w = ShortestPath(GRID, 0, LAST), weights(4, GRID.shape[1], low=-4.0)
    assert torch.allclose(layer.value(w), (w @ paths(GRID, 0, LAST, True).T).min(1).values)
    with pytest.raises(InputError, match=r"weight of edge 3 in graph 1 of the batch is -1.0; .*softplus"):
        bad = weights(2, GRID.shape[1])
        bad[1, 3] = -1
        ShortestPath(GRID, 0, LAST, weights="undirected").value(bad)
    with pytest.raises(InputError, match=r"cost of node 2 in graph 0 of the batch is nan"):
        ShortestPath(GRID, 0, LAST, weights="node").value(
            torch.full((1, 16), 1.0).index_fill(1, torch.tensor([2]), torch.nan)
        )


def test_the_parents_path_is_what_the_run_was_made_of():
    """What is logged of the same run comes to the same; edges in any order, some targets out of reach."""
    rng = np.random.default_rng(0)
    for n, m, target in ((6, 9, 4), (30, 90, 29), (30, 60, 7), (1, 0, 0)):
        pairs = [(u, v) for u in range(n) for v in range(n) if u != v]
        edges = np.array([pairs[i] for i in rng.permutation(len(pairs))[:m]], np.int64).reshape(-1, 2).T
        layer = ShortestPath(edges, 0, target, n)
        logged = ExecutorLayer("bellman_ford", edges, n, at=target, source=0)
        w = rng.random((8, m))
        for a, b in zip(layer.solve(w), logged.solve(w)):
            assert np.array_equal(a, b)


def test_unreachable_target():
    layer, w = ShortestPath(GRID.flip(0), 0, LAST), weights(2, GRID.shape[1])
    assert layer.value(w).isinf().all() and not layer.solution(w).any()


@pytest.mark.parametrize("connected", [True, False])
def test_spanning_tree(connected):
    edges = GRID if connected else torch.cat([GRID, GRID + LAST + 1], 1)
    n = LAST + 1 if connected else 2 * LAST + 2
    layer, w = SpanningTree(edges, n), weights(3, edges.shape[1], low=-2.0)
    for row, value, y in zip(w, layer.value(w), layer.solution(w)):
        graph = nx.Graph()
        graph.add_weighted_edges_from((u, v, x) for (u, v), x in zip(edges.T.tolist(), row.tolist()))
        tree = {frozenset(e) for e in nx.minimum_spanning_tree(graph).edges()}
        assert y.tolist() == [float(frozenset(e) in tree) for e in edges.T.tolist()]
        assert value.item() == pytest.approx((row * y).sum().item(), abs=1e-12)


def test_sort_and_rank():
    w = torch.randn(3, 9, dtype=torch.float64, requires_grad=True)
    layer = Sort()
    assert torch.equal(layer(w), w.sort(1).values)
    assert torch.equal(Rank()(w), w.argsort(1).argsort(1) + 1.0)
    (gradient,) = torch.autograd.grad((layer(w) * torch.arange(9.0)).sum(), w)
    assert torch.equal(gradient, w.argsort(1).argsort(1).double())
    c = torch.tensor([3.0, 1.0, 2.0])
    assert Sort(c).value(torch.tensor([[5.0, 4.0, 6.0]])).item() == 3 * 4 + 5 + 2 * 6
    assert Rank().soft(w, samples=3).shape == w.shape


OPTIMA = {
    "bellman_ford": dict(edge_index=GRID, source=0, at=LAST),
    "dijkstra": dict(edge_index=GRID, source=0, at=LAST),
    "dag_shortest_paths": dict(edge_index=GRID, source=0, at=LAST),
    "floyd_warshall": dict(edge_index=GRID, at=(0, LAST)),
    "mst_prim": dict(edge_index=GRID, source=0),
    "mst_kruskal": dict(edge_index=GRID),
    "mst_boruvka": dict(edge_index=GRID),
    "max_flow": dict(edge_index=GRID, source=0, sink=LAST),
    "huffman": {},
    "optimal_bst": dict(shapes=dict(p=(3,), q=(4,))),
    "edit_distance": dict(shapes=dict(sequences=(1, 3))),
    "minimum": {},
    "find_maximum_subarray_kadane": {},
}


@pytest.mark.parametrize("name", OPTIMA)
def test_losses_of_every_optimum(name):
    """At least 0, 0 at the truth; their gradients are differences of solutions."""
    layer = ExecutorLayer(name, **OPTIMA[name])
    m = GRID.shape[1] if layer.is_graph else 7
    c, w = weights(4, m), weights(4, m, seed=1).requires_grad_()
    y = layer.solution(c)
    s = 1.0 if layer.sense == "min" else -1.0
    assert torch.allclose((c * y).sum(1), layer.value(c))  # linear
    regret = s * ((c * layer.solution(w)).sum(1) - (c * y).sum(1))
    assert (regret >= -1e-9).all()
    loss = losses.perceptron(layer, w, y, reduction="none")
    assert (loss >= -1e-9).all()
    assert torch.allclose(torch.autograd.grad(loss.sum(), w)[0], s * (y - layer.solution(w)))
    assert losses.perceptron(layer, c, y).abs() < 1e-9 and losses.spo_plus(layer, c, c).abs() < 1e-9
    if {*y.unique().tolist()} <= {0.0, 1.0}:
        assert losses.hinge(layer, w, y, margin=1e-9).item() == pytest.approx(loss.mean().item(), abs=1e-6)
    else:
        assert name in ("huffman", "optimal_bst")
    if not layer.nonnegative:
        assert (losses.spo_plus(layer, w, c, reduction="none") >= regret - 1e-9).all()
        hinge = losses.hinge(layer, w, y, margin=0.5, reduction="none")
        assert (hinge >= loss - 1e-9).all()
    torch.manual_seed(0)
    young = losses.fenchel_young(layer, w, y, samples=3, sigma=0.1)
    torch.autograd.grad(young, w)


@pytest.mark.parametrize("layer", [Sort(), Rank(), ExecutorLayer("huffman")], ids=["Sort", "Rank", "huffman"])
def test_hinge_takes_solutions_of_0_and_1(layer):
    w = weights(2, 5)
    with pytest.raises(ArgumentError, match="hinge takes solutions of 0 and 1"):
        losses.hinge(layer, w, layer.solution(w))
    assert losses.perceptron(layer, w, layer.solution(w)).abs() < 1e-9


@pytest.mark.parametrize("name", OPTIMA)
def test_solutions_at_ties_are_optimal(name):
    layer = ExecutorLayer(name, **OPTIMA[name])
    m = GRID.shape[1] if layer.is_graph else 7
    c = torch.randint(1, 4, (6, m), generator=torch.Generator().manual_seed(0)).double()
    y = layer.solution(c)
    assert torch.equal((c * y).sum(1), layer.value(c)) and torch.equal(y, y.round())


def test_optima_are_all_tested():
    assert set(OPTIMA) == {n for n in registry.names() if registry.get(n).sense}


def test_edit_distance():
    """Against the algorithm on letters; costs of letters are learned from alignments."""
    layer, executor = EditDistance(6, 4), neural_exec.load("all")
    torch.manual_seed(0)
    x, y, true = torch.randint(4, (5, 6)), torch.randint(4, (5, 4)), torch.rand(4, 4, dtype=torch.float64)
    table = 1.0 - torch.eye(4, dtype=torch.float64)
    plain = [executor.run("edit_distance", (a.tolist(), b.tolist())).outputs for a, b in zip(x, y)]
    replace = table[x[:, :, None], y[:, None]]
    assert layer(replace).tolist() == [p["distance"] for p in plain]
    truth = layer.pack(true[x[:, :, None], y[:, None]], 0.4, 0.4)
    solution = layer.solution(truth)
    faced, deleted, inserted = layer.unpack(solution)
    assert torch.equal(faced.sum(2) + deleted, torch.ones(5, 6).double())
    assert torch.equal(faced.sum(1) + inserted, torch.ones(5, 4).double())
    cost = torch.nn.Parameter(torch.full((4, 4), 0.5, dtype=torch.float64))
    predicted = lambda: layer.pack(cost[x[:, :, None], y[:, None]], 0.4, 0.4)
    assert (truth * layer.solution(predicted())).sum() > (truth * solution).sum()
    optimizer = torch.optim.SGD([cost], lr=0.05)
    for _ in range(60):
        optimizer.zero_grad()
        losses.hinge(layer, predicted(), solution, margin=0.01).backward()
        optimizer.step()
    regret = (truth * layer.solution(predicted())).sum(1) - layer.value(truth)
    assert torch.allclose(regret, torch.zeros(5).double())
    assert EditDistance(0, 0)(torch.ones(2, 0, 0)).tolist() == [0.0, 0.0]
    assert EditDistance(2, 0)(torch.ones(1, 2, 0)).tolist() == [2.0]


def test_soft_solution_and_its_central_difference():
    layer, w = ShortestPath(GRID, 0, LAST, weights="undirected"), weights(2, GRID.shape[1]).requires_grad_()
    assert torch.equal(layer.soft(w, samples=2, sigma=0.0), layer.solution(w))
    torch.manual_seed(3)
    soft = layer.soft(w, samples=5, sigma=0.5, step=0.2)
    assert ((soft >= 0) & (soft <= 1)).all()
    g = torch.randn_like(soft)
    (gradient,) = torch.autograd.grad(soft, w, g)
    torch.manual_seed(3)
    noise = torch.exp(0.5 * torch.randn(5, *w.shape, dtype=torch.float64) - 0.125)
    size = 0.2 * w.detach().mean(1, keepdim=True) / g.abs().amax(1, keepdim=True)
    mean = lambda x: torch.stack([layer.solution(layer.clip(x * z)) for z in noise]).mean(0)
    x = w.detach()
    expected = (mean(x + size * g) - mean(x - size * g)) / (2 * size)
    assert torch.allclose(gradient, expected, atol=1e-3)


def test_clipping_lets_the_gradient_pass():
    layer = ShortestPath(GRID, 0, LAST, weights="undirected")
    w = weights(1, GRID.shape[1], low=-4.0).requires_grad_()
    assert (layer.clip(w) > 0).all()
    assert torch.autograd.grad(layer.clip(w).sum(), w)[0].eq(1).all()
    assert losses.spo_plus(layer, w, weights(1, GRID.shape[1])).isfinite()


def test_is_a_module_without_a_state():
    layer, w = ShortestPath(GRID, 0, LAST), weights(2, GRID.shape[1])
    value = layer.value(w)
    assert [*layer.modules()] == [layer] and not [*layer.parameters(), *layer.buffers()] and not layer.state_dict()
    net = nn.Sequential(nn.Linear(3, GRID.shape[1]), nn.Softplus(), layer)
    net.apply(lambda m: [nn.init.zeros_(p) for p in m.parameters()])
    assert layer(w).tolist() == value.tolist()
    for change in ("half", "double", "eval", "train", "share_memory", lambda m: m.to_empty(device="cpu")):
        (getattr(net, change) if isinstance(change, str) else lambda change=change: change(net))()
        assert torch.equal(layer(w), value), change
    net.load_state_dict(net.state_dict())
    old = net.state_dict() | {"2.processor.codes": torch.zeros(3)}
    with pytest.raises(RuntimeError, match="Unexpected key.*2.processor.codes"):
        net.load_state_dict(old)
    net.load_state_dict(old, strict=False)
    replica = layer._replicate_for_data_parallel()
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), saved(layer), replica):
        assert torch.equal(other.value(w), value)


def saved(x):
    buffer = io.BytesIO()
    torch.save(x, buffer)
    buffer.seek(0)
    return torch.load(buffer, weights_only=False)


def test_a_layer_comes_back_with_its_own_executor(trained):
    """What answers is the network: one without weights takes no step, or a wrong one, also when it comes back."""
    broken, w = copy.deepcopy(trained), weights(1, GRID.shape[1])
    with torch.no_grad():
        for p in broken.step.parameters():
            p.zero_()
    layer = ExecutorLayer("dijkstra", GRID, source=0, at=LAST, executor=broken)
    for one in (layer, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer)), saved(layer)):
        with pytest.raises(neural_exec.NeuralExecError):
            one.value(w)
    layer = ExecutorLayer("dijkstra", GRID, source=0, at=LAST, executor=trained)
    assert saved(layer).executor.algorithms == trained.algorithms
    assert torch.equal(saved(layer)(w), ShortestPath(GRID, 0, LAST)(w))


def test_what_a_layer_was_made_of_may_change():
    edges, c, w = GRID.clone(), torch.tensor([1.0, 2.0, 4.0]), weights(2, GRID.shape[1])
    layer, sort = ShortestPath(edges, 0, LAST), Sort(c)
    value = layer(w)
    edges.zero_(), c.zero_()
    assert torch.equal(copy.deepcopy(layer)(w), value) and sort.value(torch.ones(1, 3)).item() == 7.0
    layer.edge_index.zero_()
    assert torch.equal(copy.deepcopy(layer)(w), value)


LAYERS = {
    "edge": lambda: ShortestPath(GRID, 0, LAST),
    "undirected": lambda: ShortestPath(GRID, 0, LAST, weights="undirected"),
    "node": lambda: ShortestPath(GRID, 0, LAST, weights="node"),
    "tree": lambda: SpanningTree(GRID),
    "Sort": lambda: Sort(torch.tensor([1.0, 2.0, 4.0, 7.0])),
    "Rank": Rank,
    "EditDistance": lambda: EditDistance(2, 1),
    "huffman": lambda: ExecutorLayer("huffman"),
    "matrix_chain_order": lambda: ExecutorLayer("matrix_chain_order"),
    "minimum": lambda: ExecutorLayer("minimum"),
    "optimal_bst": lambda: ExecutorLayer("optimal_bst", shapes=dict(p=(1,), q=(2,)), fixed=dict(q=torch.ones(2))),
}


def width(name):
    return {"node": LAST + 1, "EditDistance": 5, "optimal_bst": 1}.get(
        name, GRID.shape[1] if name in ("edge", "undirected", "tree") else 4
    )


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.int32])
def test_values_come_in_the_dtype_of_the_numbers(name, dtype):
    """Run in float64 on the numbers as they are, and rounded once; also by a default that is not torch's."""
    layer, w = LAYERS[name](), (weights(3, width(name)) * 3).to(dtype)
    out = dtype if dtype.is_floating_point else torch.float64
    exact, found = w.double(), w.clone().requires_grad_(dtype.is_floating_point)
    for f in ("value", "solution"):
        assert getattr(layer, f)(w).dtype == out
        assert torch.equal(getattr(layer, f)(w), getattr(layer, f)(exact).to(out))
    if dtype.is_floating_point:
        (gradient,) = torch.autograd.grad(layer.value(found).sum(), found)
        assert gradient.dtype == dtype and torch.equal(gradient, layer.solution(w))
        assert layer.soft(w, samples=1).dtype == dtype
        loss = torch.nn.functional.huber_loss(layer.value(found), torch.ones(3, dtype=dtype))
        (nn.Linear(3, 1).to(dtype)(layer.value(found)).sum() + loss).backward()
    if layer.sense and name != "Rank":
        y = layer.solution(w)
        for loss in (losses.perceptron, losses.spo_plus, losses.fenchel_young):
            assert loss(layer, w, y).dtype == out
    if name == "EditDistance":
        assert layer(torch.ones(1, 2, 1).to(dtype)).dtype == out


def test_a_value_that_its_dtype_cannot_hold_is_refused():
    layer = ShortestPath(torch.tensor([[0, 1], [1, 2]]), 0, 2)
    with pytest.raises(InputError, match=r"value of instance 1 is 80000.0, too large for torch.float16"):
        layer(torch.tensor([[1.0, 1.0], [4e4, 4e4]], dtype=torch.float16))
    assert layer(torch.tensor([[4e4, 4e4]])).item() == 8e4
    for bad in ([[1.0, 1.0]], None):
        with pytest.raises(ArgumentError, match="a tensor is needed"):
            layer(bad)
    with pytest.raises(InputError, match="truth values"):
        layer(torch.ones(1, 2, dtype=torch.bool))


def test_the_layer_learns():
    """Weights that give the observed paths are found."""
    torch.manual_seed(0)
    layer = ShortestPath(GRID, 0, LAST)
    y = layer.solution(weights(1, GRID.shape[1], seed=5))
    w = torch.nn.Parameter(torch.ones(1, GRID.shape[1], dtype=torch.float64))
    optimizer = torch.optim.SGD([w], lr=0.1)
    for _ in range(40):
        optimizer.zero_grad()
        loss = losses.hinge(layer, w, y, margin=0.5)
        loss.backward()
        optimizer.step()
    assert torch.equal(layer.solution(w), y)


def test_bad_layers():
    with pytest.raises(GradientError, match="lcs_length"):
        ExecutorLayer("lcs_length")
    with pytest.raises(ArgumentError, match="sequences"):
        ExecutorLayer("edit_distance").value(torch.ones(1, 7))
    with pytest.raises(ArgumentError, match=r"\(B, 3, 2\)"):
        EditDistance(3, 2)(torch.ones(3, 2))
    with pytest.raises(ArgumentError, match="delete has shape"):
        EditDistance(3, 2)(torch.ones(1, 3, 2), delete=torch.ones(2))
    with pytest.raises(ArgumentError, match=r"\(B, 11\)"):
        EditDistance(3, 2).value(torch.ones(1, 6))
    with pytest.raises(InputError, match="nan"):
        EditDistance(3, 2)(torch.full((1, 3, 2), torch.nan))
    with pytest.raises(ArgumentError, match="at="):
        ExecutorLayer("dijkstra", GRID, source=0)
    with pytest.raises(ArgumentError, match="0 to 15"):
        ShortestPath(GRID, 0, 16)
    with pytest.raises(InputError, match="source 99"):
        ShortestPath(GRID, 99, 1)
    with pytest.raises(GraphError, match="given twice"):
        SpanningTree(torch.cat([GRID, GRID.flip(0)], 1))
    with pytest.raises(ArgumentError, match=r"\(B, 24\)"):
        ShortestPath(GRID, 0, LAST).value(torch.ones(3))
    with pytest.raises(ArgumentError, match="no optimum"):
        layer = ExecutorLayer("matrix_chain_order")
        losses.perceptron(layer, torch.ones(1, 4), torch.ones(1, 4))
    with pytest.raises(InputError, match="list 1 of the batch"):
        ExecutorLayer("huffman").value(torch.tensor([[1.0, 2.0], [1.0, -2.0]]))


def test_a_w_that_is_too_wide_or_too_narrow_is_refused():
    shapes = dict(p=(2,), q=(3,))
    for layer, m in (
        (ExecutorLayer("optimal_bst", shapes=shapes), 5),
        (ExecutorLayer("optimal_bst", shapes=shapes, fixed=dict(q=torch.ones(3))), 2),
        (ExecutorLayer("edit_distance", shapes=dict(sequences=(3, 2))), 11),
    ):
        assert layer.value(torch.ones(2, m)).shape == (2,)
        for wrong in (m - 1, m + 1):
            with pytest.raises(ArgumentError, match=rf"\(B, {m}\)"):
                layer.value(torch.ones(2, wrong))
    for bad in (
        dict(shapes=dict(sequences=(3,))),
        dict(shapes=dict(sequences=(3, 2)), fixed=dict(delete=torch.ones(3))),
    ):
        with pytest.raises(ArgumentError, match="sequences"):
            ExecutorLayer("edit_distance", **bad)
    with pytest.raises(ArgumentError, match=r"shapes\['q'\] is \(3,\), what is fixed is \(2,\)"):
        ExecutorLayer("optimal_bst", shapes=shapes, fixed=dict(q=torch.ones(2)))
    for bad in (3, (-1,), (1.5,), "3"):
        with pytest.raises(ArgumentError, match="a tuple of lengths is needed"):
            ExecutorLayer("huffman", shapes=dict(values=bad))
    with pytest.raises(ArgumentError, match=r"\(B, 11\)"):
        EditDistance(3, 2).unpack(torch.ones(1, 6))


def test_numbers_that_are_no_float_tensors():
    """Numbers of Python are float64, complex ones are refused, whole ones have a solution too."""
    layer, w = EditDistance(3, 2), torch.ones(1, 11, dtype=torch.int64)
    assert layer(torch.zeros(1, 3, 2).double(), delete=0.1).item() == 0.1
    assert torch.equal(layer.solution(w), layer.solution(w.double()))
    with pytest.raises(InputError, match="delete is None"):
        layer(torch.zeros(1, 3, 2), delete=None)
    for f in (layer.value, ShortestPath(torch.tensor([[0], [1]]), 0, 1).value, Sort().value, Rank().value):
        with pytest.raises(InputError, match="complex"):
            f(torch.ones(1, 1 if f != layer.value else 11) * 1j)
    for layer in (Sort(), Rank()):
        with pytest.raises(ArgumentError, match=r"\(B, m\)"):
            layer.value(torch.ones(3))


def test_what_is_fixed_is_put_in():
    deadline, w = torch.tensor([1.0, 2.0, 1.0]), torch.tensor([[5.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    layer = ExecutorLayer("task_scheduling", fixed=dict(deadline=deadline))
    assert layer.value(w).tolist() == [3.0, 1.0]
    assert layer.solution(w).tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


def test_sorting_agrees_with_numpy_at_a_larger_size():
    w = torch.from_numpy(np.random.default_rng(0).normal(size=(4, 64)))
    assert torch.equal(Sort()(w), w.sort(1).values)
