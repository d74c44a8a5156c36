"""Layers and calls under every transform of torch: right, or a typed error."""

import networkx as nx
import pytest
import torch
from torch import nn
from torch.func import grad, hessian, jacfwd, jacrev, jvp, vjp, vmap
from torch.utils.checkpoint import checkpoint
from torch_geometric.data import Data

import neural_exec
from neural_exec.errors import ArgumentError, GradientError, InputError
from neural_exec.nn import EditDistance, ExecutorLayer, Rank, ShortestPath, Sort, SpanningTree, losses

GRID = torch.tensor(list(nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 3)).edges())).T
M = GRID.shape[1]
LAYERS = {
    "edge": (lambda: ShortestPath(GRID, 0, 8), M),
    "undirected": (lambda: ShortestPath(GRID, 0, 8, weights="undirected"), M),
    "node": (lambda: ShortestPath(GRID, 0, 8, weights="node"), 9),
    "tree": (lambda: SpanningTree(GRID), M),
    "flow": (lambda: ExecutorLayer("max_flow", GRID, source=0, sink=8), M),
    "pairs": (lambda: ExecutorLayer("floyd_warshall", GRID, at=(0, 8)), M),
    "Sort": (lambda: Sort(torch.tensor([1.0, 2.0, 4.0])).value, 3),
    "minimum": (lambda: ExecutorLayer("minimum"), 4),
    "huffman": (lambda: ExecutorLayer("huffman"), 4),
    "kadane": (lambda: ExecutorLayer("find_maximum_subarray_kadane"), 4),
    "products": (lambda: ExecutorLayer("matrix_chain_order"), 4),
    "fixed": (lambda: ExecutorLayer("optimal_bst", shapes=dict(p=(1,), q=(2,)), fixed=dict(q=torch.ones(2))), 1),
    "edits": (lambda: EditDistance(2, 1).value, 5),
}


def weights(*shape, seed=0):
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed)) + 0.5


def plain(f, w):
    """The gradient of f(w).sum(), by a plain pass back."""
    w = w.clone().requires_grad_()
    return torch.autograd.grad(f(w).sum(), w)[0]


@pytest.mark.parametrize("name", LAYERS)
def test_layers_under_transforms(name):
    make, m = LAYERS[name]
    layer, w, t = make(), weights(3, m), weights(3, m, seed=1)
    total, gradient = (lambda x: layer(x).sum()), plain(layer, w)
    one = lambda x: layer(x[None])[0]
    assert torch.equal(grad(total)(w), gradient)
    assert torch.equal(vmap(one)(w), layer(w)) and torch.equal(vmap(one, in_dims=1)(w.T.contiguous()), layer(w))
    assert torch.equal(vmap(grad(one))(w), gradient) and torch.equal(grad(lambda x: vmap(one)(x).sum())(w), gradient)
    assert torch.equal(vmap(vmap(one))(w[None].expand(2, -1, -1)), layer(w).expand(2, -1))
    assert torch.equal(
        vmap(lambda x, c: one(x) * c, (None, 0))(w[0], c := torch.tensor([0.0, 2.0]).double()), layer(w[:1])[0] * c
    )
    jacobian = torch.autograd.functional.jacobian
    expected = jacobian(layer, w)
    for found in (jacobian(layer, w, vectorize=True), jacrev(layer)(w), jacfwd(layer)(w)):
        torch.testing.assert_close(found, expected, rtol=1e-14, atol=0)
    torch.testing.assert_close(jvp(layer, (w,), (t,))[1], (gradient * t).sum(1))
    assert torch.equal(vjp(layer, w)[1](torch.ones(3, dtype=torch.float64))[0], gradient)
    for reentrant in (True, False):
        x = w.clone().requires_grad_()
        checkpoint(layer, x, use_reentrant=reentrant).sum().backward()
        assert torch.equal(x.grad, gradient)
    with torch.autograd.detect_anomaly(check_nan=True):
        assert torch.equal(plain(layer, w), gradient)
    second = name != "products"
    assert torch.autograd.gradcheck(layer, w.clone().requires_grad_(), check_forward_ad=True, check_batched_grad=True)
    if second:
        assert torch.autograd.gradgradcheck(layer, w.clone().requires_grad_())
        assert not hessian(total)(w).any()
        squared = lambda x: layer(x * x).sum()
        expected = torch.diag(2 * plain(layer, w * w).flatten()).view(3, m, 3, m)
        for second in (hessian, lambda f: jacfwd(jacfwd(f)), lambda f: jacrev(jacfwd(f)), lambda f: jacrev(jacrev(f))):
            torch.testing.assert_close(second(squared)(w), expected)
    else:
        ways = (hessian, lambda f: jacfwd(jacfwd(f)), lambda f: jacrev(jacfwd(f)), lambda f: jacrev(jacrev(f)))
        for f in (
            *(lambda way=way: way(total)(w) for way in ways),
            lambda: torch.autograd.functional.hessian(total, w),
        ):
            with pytest.raises(GradientError, match="matrix_chain_order multiplies its numbers"):
                f()


@pytest.mark.parametrize("name", ["edge", "node", "tree", "minimum"])
def test_solutions_and_losses_under_transforms(name):
    make, m = LAYERS[name]
    layer, w, c = make(), weights(3, m), weights(3, m, seed=1)
    y = layer.solution(c)
    assert torch.equal(vmap(lambda x: layer.solution(x[None])[0])(w), layer.solution(w))
    assert not layer.solution(w.clone().requires_grad_()).requires_grad
    for loss in (losses.perceptron, losses.hinge, losses.spo_plus):
        each = lambda x, z: loss(layer, x[None], z[None], reduction="none")[0]
        if loss is not losses.hinge:  # what it clips at is a share of the batch's mean
            torch.testing.assert_close(vmap(each)(w, y), loss(layer, w, y, reduction="none"))
        torch.testing.assert_close(grad(lambda x: loss(layer, x, y))(w), plain(lambda x: loss(layer, x, y), w))
    with pytest.raises(ArgumentError, match="hinge takes solutions of 0 and 1"):
        vmap(lambda x, z: losses.hinge(layer, x[None], z[None]))(w, 2 * y)
    with pytest.raises(InputError):
        vmap(layer)(torch.full((2, 1, m), torch.nan))
    soft = lambda x: layer.soft(x, samples=2, sigma=1e-9)
    assert torch.equal(vmap(lambda x: soft(x[None])[0], randomness="different")(w), layer.solution(w))
    g = weights(3, m, seed=2)
    for f in (soft, lambda x: vmap(lambda r: soft(r[None])[0], randomness="different")(x)):
        assert plain(lambda x: f(x) * g, w).isfinite().all()
    x = w.clone().requires_grad_()
    (first,) = torch.autograd.grad((soft(x) * g).sum(), x, create_graph=True)
    with pytest.raises(GradientError, match="no second one"):
        first.sum().backward()
    with pytest.raises(GradientError, match="forward mode"):
        jvp(soft, (w,), (g,))


def test_orders_under_transforms():
    w = weights(3, 5)
    for layer in (Sort(), Rank()):
        assert torch.equal(vmap(lambda x: layer(x[None])[0])(w), layer(w))
        assert torch.equal(vmap(lambda x: layer.order(x[None])[0])(w), layer.order(w))
    assert torch.equal(jvp(Sort(), (w,), (w,))[1], Sort()(w))
    assert torch.equal(grad(lambda x: (Sort()(x) * torch.arange(5)).sum())(w), Rank()(w) - 1)


def test_an_unreachable_node_has_no_derivative_anywhere():
    layer, w = ShortestPath(GRID.flip(0), 0, 8), weights(2, M)
    assert (
        not plain(lambda x: layer(x) ** 2, w).any()
        and not jacfwd(layer)(w).any()
        and not hessian(lambda x: layer(x).sum())(w).any()
    )


def test_compiled_and_traced():
    layer, w = ShortestPath(GRID, 0, 8, weights="undirected"), weights(2, M)
    net = nn.Sequential(nn.Linear(M, M), nn.Softplus(), layer).double()
    for f in (layer, net, lambda x: losses.hinge(layer, x, layer.solution(w)), EditDistance(3, 4)):
        x = w if not isinstance(f, EditDistance) else w.view(2, 3, 4)
        torch._dynamo.reset()
        compiled = torch.compile(f, backend="aot_eager")
        torch.testing.assert_close(compiled(x), f(x))
        torch.testing.assert_close(plain(compiled, x), plain(f, x))
    for make in (
        lambda: torch.jit.trace(layer, w),
        lambda: layer(w.to("meta")),
        lambda: ShortestPath(GRID.to("meta"), 0, 8),
    ):
        with pytest.raises(ArgumentError, match="traced|needs numbers"):
            make()
    with torch._subclasses.FakeTensorMode() as mode, pytest.raises(ArgumentError, match="needs numbers"):
        layer(mode.from_tensor(w))
    with pytest.raises(Exception, match="needs numbers|disable"):
        torch.export.export(layer, (w,))


# ---------------------------------------------------------------- executor(…)
@pytest.fixture(scope="module")
def executor():
    return neural_exec.load("all")


def calls(executor):
    graph = lambda w: Data(edge_index=GRID, weight=w, num_nodes=9)
    both = torch.cat([GRID, GRID.flip(0)], 1)
    two = lambda w: Data(edge_index=both, weight=torch.cat([w, w]), num_nodes=9)
    return {
        "distances": (lambda w: executor("dijkstra", graph(w), source=0)["distance"], M),
        "pairs": (lambda w: executor("floyd_warshall", graph(w))["distance"][0], M),
        "tree": (lambda w: executor("mst_prim", two(w), source=0)["value"][None], M),
        "edges": (lambda w: executor("mst_kruskal", two(w))["value"][None], M),
        "flow": (lambda w: executor("max_flow", Data(edge_index=GRID, capacity=w, num_nodes=9), source=0, sink=8)["flow"], M),
        "keys": (lambda w: executor("merge_sort", w)["value"], 5),
        "least": (lambda w: executor("minimum", w)["value"][None], 5),
        "costs": (lambda w: executor("edit_distance", ("abc", "bd"), delete=w[:3], insert=w[3:5], replace=w[5:].view(3, 2))["distance"][None], 11),
        "products": (lambda w: executor("matrix_chain_order", w)["cost"][None], 4),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["distances", "pairs", "tree", "edges", "flow", "keys", "least", "costs", "products"])
def test_calls_under_transforms(executor, name):
    f, m = calls(executor)[name]
    w, t = weights(m), weights(m, seed=1)
    finite = lambda x: (y := f(x)).masked_fill(y.isinf(), 0.0)
    gradient, jacobian = plain(finite, w), torch.autograd.functional.jacobian
    assert torch.equal(grad(lambda x: finite(x).sum())(w), gradient)
    expected = jacobian(f, w)
    for found in (jacobian(f, w, vectorize=True), jacrev(f)(w), jacfwd(f)(w)):
        torch.testing.assert_close(found, expected, rtol=1e-14, atol=0)
    many = weights(3, m, seed=2)
    assert torch.equal(vmap(f)(many), torch.stack([f(x) for x in many]))
    each = vmap(grad(lambda x: finite(x).sum()))
    torch.testing.assert_close(each(many), torch.stack([plain(finite, x) for x in many]))
    torch.testing.assert_close(vmap(jacfwd(f))(many), torch.stack([jacobian(f, x) for x in many]))
    torch.testing.assert_close(jvp(f, (w,), (t,))[1].masked_fill(f(w).isinf(), 0), expected @ t)
    with torch.no_grad():
        assert torch.equal(f(w), f(w.clone().requires_grad_()).detach())
    with torch.inference_mode():
        assert torch.equal(f(w), f(w.clone()))
    if name == "products":
        for way in (hessian, lambda f: jacfwd(jacfwd(f)), lambda f: jacrev(jacfwd(f)), lambda f: jacrev(jacrev(f))):
            with pytest.raises(GradientError, match="no second one"):
                way(lambda x: f(x).sum())(w)
    else:
        squared = lambda x: finite(x * x).sum()
        expected = torch.diag(2 * plain(finite, w * w))
        torch.testing.assert_close(hessian(squared)(w), expected)
        torch.testing.assert_close(torch.autograd.functional.hessian(squared, w), expected)
        torch.testing.assert_close(jacfwd(jacfwd(squared))(w), expected)


def test_calls_compiled_and_traced(executor):
    f, w = calls(executor)["distances"][0], weights(M)
    torch._dynamo.reset()
    assert torch.equal(torch.compile(f, backend="aot_eager")(w), f(w))
    assert torch.equal(plain(torch.compile(lambda x: f(x)[8], backend="aot_eager"), w), plain(lambda x: f(x)[8], w))
    for bad in (lambda: torch.jit.trace(f, w), lambda: f(w.to("meta"))):
        with pytest.raises(ArgumentError, match="traced|needs numbers"):
            bad()
    with pytest.raises(ArgumentError, match="several shapes"):
        vmap(
            lambda w: (
                executor("dag_shortest_paths", Data(edge_index=GRID, weight=w, num_nodes=9), source=0)["distance"].sum()
                + executor("mst_prim", Data(edge_index=GRID, weight=w, num_nodes=9), source=0)["value"]
                + executor("huffman", w)["cost"]
                + executor("edit_distance", ("ab", "bc"), replace=w[:4].view(2, 2))["alignment"].sum()
            )
        )(weights(2, M))
