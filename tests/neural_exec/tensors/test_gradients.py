"""Tensors in, tensors out: the values are those of a plain run, the gradients those of the solution."""

import math

import networkx as nx
import numpy as np
import pytest
import torch
from torch_geometric.data import Batch, Data
from torch_geometric.utils import to_networkx

import neural_exec
from algorithms import get, registry
from algorithms.inputs.graphs import Graph
from algorithms.inputs.networks import Network
from neural_exec.errors import ArgumentError, GradientError, GraphError, InputError, NotHaltedError
from neural_exec.nn import ExecutorLayer, ShortestPath
from neural_exec.tensors.outputs import differentiable

LISTS = {
    "values": lambda rng, n: {"values": rng.normal(size=n)},
    "matrix_chain_order": lambda rng, n: {"values": rng.uniform(1, 9, size=max(3, n // 3))},
    "optimal_bst": lambda rng, n: {"p": rng.uniform(size=n // 3), "q": rng.uniform(size=n // 3 + 1)},
    "huffman": lambda rng, n: {"values": rng.uniform(1, 9, size=n)},
    "task_scheduling": lambda rng, n: {
        "deadline": rng.integers(1, n + 1, size=n).astype(float), "weight": rng.uniform(1, 9, size=n)
    },
    "task_scheduling_clrs30": lambda rng, n: {
        "deadline": rng.integers(1, n + 1, size=n).astype(float), "weight": rng.uniform(1, 9, size=n)
    },
    "binary_search": lambda rng, n: {"values": np.sort(rng.normal(size=n)), "target": np.array(0.3)},
}  # fmt: skip


@pytest.fixture(scope="module")
def executor():
    return neural_exec.load("all")


@pytest.fixture(params=["kernel", "definition"])
def way(request, monkeypatch):
    """Where no kernel can be loaded, all comes to the same."""
    if request.param == "definition":
        for module in ("compiled", "derivatives"):
            monkeypatch.setattr(f"algorithms.machine.{module}.load", lambda: None)
        registry_of_programs = neural_exec.load("all")
        monkeypatch.setattr("neural_exec.load", lambda *_: registry_of_programs)


def is_graph(name):
    return isinstance(get(name).structure, Graph | Network)


def draw_graphs(name, rng, n, count):
    """A Batch with generic weights (both directions of undirected edges alike), the places of its nodes, and the same
    as networkx graphs."""
    spec, datas, graphs, nodes = get(name), [], [], {}
    kind = "capacity" if isinstance(spec.structure, Network) else "weight"
    for i in range(count):
        graph, arguments = spec.sample(rng, n, spec.families["training"][i % len(spec.families["training"])])
        place = {v: j for j, v in enumerate(graph)}
        for _, _, d in graph.edges(data=True):
            d[kind] = float(rng.uniform(1, 2))
        both = graph if graph.is_directed() else graph.to_directed()
        ends = [(place[u], place[v]) for u, v in both.edges()]
        datas.append(Data(edge_index=torch.tensor(ends).reshape(-1, 2).T.long(), num_nodes=len(graph)))
        if kind == "capacity" or spec.structure.weighted:
            datas[-1][kind] = torch.tensor([d[kind] for *_, d in both.edges(data=True)], dtype=torch.float64)
        for k, v in arguments.items():
            if k not in ("weight", "capacity"):
                nodes.setdefault(k, []).append(place[v] if get(name).by_name[k].register == "pointer" else v)
        graphs.append((graph, {k: v for k, v in arguments.items() if k not in ("weight", "capacity")}))
    return Batch.from_data_list(datas), kind, nodes, graphs


def plain_value(output, form, labels):
    if isinstance(output, dict) and output and isinstance(next(iter(output.values())), dict):
        return [[output[u][v] for v in labels] for u in labels]
    return [output[v] for v in labels] if isinstance(output, dict) else output


WEIGHTED = [
    "bellman_ford",
    "dijkstra",
    "dag_shortest_paths",
    "floyd_warshall",
    "max_flow",
    "mst_prim",
    "mst_kruskal",
    "mst_boruvka",
]
SUMMED = [
    "matrix_chain_order", "optimal_bst", "huffman", "task_scheduling", "task_scheduling_clrs30",
    "find_maximum_subarray_kadane",
]  # fmt: skip
SORTS = ["bubble_sort", "heapsort", "insertion_sort", "merge_sort", "quicksort"]
PICKS = ["minimum", "quickselect", "binary_search"]


def test_every_algorithm_with_a_gradient_is_tested():
    has = {a for a in registry.names() if differentiable(get(a))}
    assert has == {*WEIGHTED, *SUMMED, *SORTS, *PICKS, "edit_distance"}
    assert sorted(registry.chapters()["sorting"]) == SORTS


def walk(parent, v):
    """The edges (u, v) on the way back from v."""
    while parent[v] >= 0:
        yield parent[v], v
        v = parent[v]


def indicator(name, batch, out):
    """From the discrete solution: how often each edge counts in the sum of all finite outputs."""
    ends = batch.edge_index.T.tolist()
    count = dict.fromkeys(map(tuple, ends), 0.0)
    if name == "floyd_warshall":
        for first, table in zip(batch.ptr.tolist(), out["parent"].tolist()):
            for i, row in enumerate(table):
                for v in range(len(row)):
                    while v != i and row[v] >= 0:
                        count[row[v], v + first] += 1
                        v = row[v] - first
    elif name.startswith("mst"):
        parent = out.get("parent")
        chosen = out["edges"].tolist() if parent is None else [parent[v] == u or parent[u] == v for u, v in ends]
        count = {(u, v): 0.5 * c for (u, v), c in zip(ends, chosen)}
    else:
        parent = out["parent"].tolist()
        for v in range(batch.num_nodes):
            for edge in walk(parent, v):
                count[edge] += 1
    return torch.tensor([count[tuple(e)] for e in ends], dtype=torch.float64)


def total(t):
    return t[torch.isfinite(t)].sum()


def check_graphs(executor, name, n, count, seed=0):
    batch, kind, nodes, graphs = draw_graphs(name, np.random.default_rng(seed), n, count)
    w = batch[kind].requires_grad_()
    out = executor(name, batch, **nodes)
    for i, (graph, arguments) in enumerate(graphs):
        plain, labels = executor.run(name, graph, **arguments).outputs, list(graph)
        first, last = batch.ptr[i : i + 2].tolist()
        if "distance" in out:
            mine = (
                out["distance"][i, : len(labels), : len(labels)]
                if name == "floyd_warshall"
                else out["distance"][first:last]
            )
            assert mine.tolist() == plain_value(plain["distance"], None, labels)
        elif name == "max_flow":
            assert out["value"][i].item() == plain["value"]
            place = {v: j + first for j, v in enumerate(labels)}
            wanted = {(place[u], place[v]): f for u, to in plain["flow"].items() for v, f in to.items()}
            assert all(
                wanted[u, v] == f
                for (u, v), f in zip(batch.edge_index.T.tolist(), out["flow"].tolist())
                if (u, v) in wanted
            )
    output = differentiable(get(name))[0]
    (gradient,) = torch.autograd.grad(total(out[output]), w)
    if name == "max_flow":  # a minimal cut: 0 or 1, of the flow's value, and saturated
        assert set(gradient.tolist()) <= {0.0, 1.0}
        assert torch.isclose(gradient @ w, out["value"].sum()) and ((out["flow"] == w) | (gradient == 0)).all()
    else:
        assert torch.equal(gradient, indicator(name, batch, out))
    return batch, kind, nodes, output, gradient


def differences(f, w, gradient, places, twin=None, h=1e-6):
    """Central differences at some places (an edge with its twin, half to each)."""
    for j in places:
        there = [j] if twin is None or twin[j] is None else [j, twin[j]]
        up, down = w.detach().clone(), w.detach().clone()
        up[there] += h
        down[there] -= h
        assert (f(up) - f(down)).item() / (2 * h) == pytest.approx(gradient[there].sum().item(), abs=1e-4)


@pytest.mark.parametrize("name", WEIGHTED)
def test_graphs(executor, name, way):
    batch, kind, nodes, output, gradient = check_graphs(executor, name, 16, 4)
    ends, twin = [tuple(e) for e in batch.edge_index.T.tolist()], None
    if getattr(get(name).structure, "directed", True) is False:
        place = {e: j for j, e in enumerate(ends)}
        twin = [place[v, u] for u, v in ends]

    def f(w):
        batch[kind] = w
        return total(executor(name, batch, **nodes)[output])

    differences(f, batch[kind], gradient, range(0, len(ends), max(1, len(ends) // 4)), twin)


@pytest.mark.slow
@pytest.mark.parametrize("name", WEIGHTED)
def test_large_graphs(executor, name):
    check_graphs(executor, name, 256, 2, seed=1)


def draw_lists(name, rng, n, count):
    make = LISTS.get(name, LISTS["values"])
    rows = [make(rng, n) for _ in range(count)]
    return {k: torch.tensor(np.stack([r[k] for r in rows])) for k in rows[0]}


def run_lists(executor, name, given):
    named = dict(given)
    data = named.pop("values", None)
    return executor(name, data, **named) if data is not None else executor(name, **named)


def depths(root, i, j, level, p, q):
    """How often each key's and each gap's probability counts in the cost of the search tree of keys i … j."""
    if j < i:
        q[i] += level
        return
    r = root[i, j]
    p[r] += level
    depths(root, i, r - 1, level + 1, p, q)
    depths(root, r + 1, j, level + 1, p, q)


def check_sums(executor, name, n, count):
    given = draw_lists(name, np.random.default_rng(3), n, count)
    for t in given.values():
        t.requires_grad_()
    out = run_lists(executor, name, given)
    output = differentiable(get(name))[0]
    for i in range(count):
        one = {k: (t[i].tolist()) for k, t in given.items()}
        data = one.pop("values", None)
        plain = executor.run(name, data, **one).outputs
        assert out[output][i].item() == plain[output]
    leaves = list(given.values())
    gradients = dict(zip(given, torch.autograd.grad(out[output].sum(), leaves)))
    for i in range(count):
        mine = {k: g[i] for k, g in gradients.items()}
        if name == "huffman":
            assert torch.equal(mine["values"], out["length"][i].double())
        elif name.startswith("task_scheduling"):
            assert torch.equal(mine["weight"], (~out["selected"][i]).double()) and not mine["deadline"].any()
        elif name == "find_maximum_subarray_kadane":
            inside = torch.zeros(n, dtype=torch.float64)
            inside[out["start"][i] : out["end"][i] + 1] = 1
            assert torch.equal(mine["values"], inside)
        elif name == "matrix_chain_order":
            p = given["values"][i].detach().requires_grad_()
            s = out["split"][i].tolist()
            cost = lambda a, b: (
                0.0 if a == b else cost(a, s[a][b]) + cost(s[a][b] + 1, b) + p[a] * p[s[a][b] + 1] * p[b + 1]
            )
            torch.testing.assert_close(mine["values"], torch.autograd.grad(cost(0, len(p) - 2), p)[0])
    return given, output, gradients, out


@pytest.mark.parametrize("name", SUMMED)
def test_sums(executor, name, way):
    given, output, gradients, _ = check_sums(executor, name, 16, 3)
    for k in given:
        if k == "deadline":
            continue

        def f(x, k=k):
            return run_lists(executor, name, given | {k: x.view(given[k].shape)})[output].sum()

        flat = given[k].detach().reshape(-1)
        differences(f, flat, gradients[k].reshape(-1), range(0, len(flat), max(1, len(flat) // 5)))


@pytest.mark.slow
@pytest.mark.parametrize("name", SUMMED)
def test_large_sums(executor, name):
    check_sums(executor, name, 256, 2)


def test_search_tree_gradient_counts_depths(executor):
    p, q = (torch.rand(2, k, dtype=torch.float64, requires_grad=True) for k in (5, 6))
    out = executor("optimal_bst", p=p, q=q)
    gp, gq = torch.autograd.grad(out["cost"].sum(), (p, q))
    for i in range(2):
        x, y = [0.0] * 5, [0.0] * 6
        root = executor.run("optimal_bst", p=p[i].tolist(), q=q[i].tolist()).outputs["root"]
        depths(root, 0, 4, 1, x, y)
        assert (gp[i].tolist(), gq[i].tolist()) == (x, y)


@pytest.mark.parametrize("n", [16, 256])
@pytest.mark.parametrize("name", [*SORTS, *PICKS])
def test_orders(executor, name, n):
    given = draw_lists(name, np.random.default_rng(4), n, 3)
    x = given["values"].requires_grad_()
    out = run_lists(executor, name, given)
    c = torch.arange(1.0, n + 1, dtype=torch.float64) if name in SORTS else torch.ones((), dtype=torch.float64)
    (gradient,) = torch.autograd.grad((out["value"] * c).sum(), x)
    places = out.get("order", out.get("index"))
    for i in range(3):
        plain = executor.run(name, x[i].tolist(), **({"target": 0.3} if name == "binary_search" else {})).outputs
        assert places[i].tolist() == plain.get("order", plain.get("index"))
    if name in SORTS:
        assert torch.equal(out["value"], x.sort(1).values)
        assert torch.equal(gradient, torch.zeros_like(x).scatter(1, x.argsort(1), c.expand(3, -1)))
    else:
        assert torch.equal(gradient, torch.nn.functional.one_hot(places, n).double())


def test_every_discrete_output_is_an_integer_or_boolean(executor):
    rng = np.random.default_rng(0)
    for name in registry.names():
        spec = get(name)
        if not is_graph(name) or name in WEIGHTED:
            continue
        batch, _, nodes, graphs = draw_graphs(name, rng, 9, 3)
        out = executor(name, batch, **nodes)
        for output, form in spec.outputs.items():
            if name not in ("eccentricity", "pagerank"):
                assert not out[output].is_floating_point()
            for i, (graph, arguments) in enumerate(graphs):
                plain, first = executor.run(name, graph, **arguments).outputs[output], int(batch.ptr[i])
                place = {v: first + j for j, v in enumerate(graph)}
                if isinstance(plain, dict) and type(form).__name__ == "Pointers":
                    assert [place.get(v, -1) for v in plain.values()] == out[output][first : batch.ptr[i + 1]].tolist()
                elif isinstance(plain, set):
                    assert {place[v] for v in plain} == {
                        v for v in out[output].nonzero().flatten().tolist() if first <= v < batch.ptr[i + 1]
                    }
                elif isinstance(plain, list) and out[output].dtype == torch.bool:
                    chosen = {frozenset((place[u], place[v])) for u, v in plain}
                    mine = {
                        frozenset(e)
                        for e in batch.edge_index.T[out[output]].tolist()
                        if first <= e[0] < batch.ptr[i + 1]
                    }
                    assert mine == chosen
                elif isinstance(plain, list):
                    assert [place[v] for v in plain] == [v for v in out[output][i].tolist() if v >= 0]


@pytest.mark.parametrize("n", [0, 1, 16, pytest.param(256, marks=pytest.mark.slow)])
def test_edit_distance(executor, n):
    """The value at costs is the plain run's; the gradient says which operations the alignment takes."""
    m, count, rng = n - n // 3, 2 if n > 99 else 4, torch.Generator().manual_seed(n)
    x, y = (torch.randint(3, (count, k), generator=rng) for k in (n, m))
    draw = lambda *shape: torch.rand(count, *shape, generator=rng, dtype=torch.float64).requires_grad_()
    costs = {"delete": draw(n), "insert": draw(m), "replace": draw(n, m)}
    out = executor("edit_distance", (x, y), **costs)
    gradients = dict(zip(costs, torch.autograd.grad(out["distance"].sum(), list(costs.values()))))
    taken = {k: torch.zeros_like(c) for k, c in costs.items()}
    for b in range(count):
        one = {k: c[b].tolist() for k, c in costs.items()}
        plain = executor.run("edit_distance", (x[b].tolist(), y[b].tolist()), **one).outputs
        assert out["distance"][b].item() == plain["distance"]
        for i, j in plain["alignment"]:
            if i is None or j is None:
                taken["insert" if i is None else "delete"][b, j if i is None else i] = 1
            elif x[b, i] != y[b, j]:
                taken["replace"][b, i, j] = 1
    assert all(torch.equal(gradients[k], taken[k]) for k in costs)
    for k, c in costs.items() if n == 16 else ():
        f = lambda z, k=k: executor("edit_distance", (x, y), **costs | {k: z.view(costs[k].shape)})["distance"].sum()
        flat = c.detach().reshape(-1)
        differences(f, flat, gradients[k].reshape(-1), range(0, len(flat), max(1, len(flat) // 4)))


def test_edit_distance_at_one_cost_for_all(executor):
    two = (torch.tensor([[1, 2, 3], [1, 1, 1]]), torch.tensor([[2, 4], [2, 2]]))
    cost = torch.tensor(2.0, requires_grad=True)
    out = executor("edit_distance", two, replace=cost, delete=torch.tensor([[0.5, 1, 1], [1, 1, 1]]))
    assert out["distance"].tolist() == [2.5, 5.0]
    (gradient,) = torch.autograd.grad(out["distance"].sum(), cost)
    steps = [executor.run("edit_distance", tuple(s[b].tolist() for s in two), replace=2.0) for b in range(2)]
    assert gradient.item() == sum(
        i is not None and j is not None and two[0][b, i] != two[1][b, j]
        for b, run in enumerate(steps)
        for i, j in run.outputs["alignment"]
    )
    for bad in (torch.ones(4), torch.ones(3, 3), torch.ones(2, 4)):
        with pytest.raises(InputError, match="delete has shape"):
            executor("edit_distance", two, delete=bad)
    with pytest.raises(InputError, match="list 1 of the batch.*nan"):
        executor("edit_distance", two, insert=torch.tensor([[1.0, 1.0], [1.0, math.nan]]))


def test_python_numbers_are_read_as_float64(executor):
    two, costs = ("abc", "bd"), dict(delete=[0.1, 0.2, 0.3], insert=0.1, replace=[[0.7, 0.7]] * 3)
    assert (
        executor("edit_distance", two, **costs)["distance"].item()
        == (executor.run("edit_distance", two, **costs).outputs["distance"])
    )
    assert executor("minimum", [0.2, 0.1])["value"].item() == 0.1
    assert executor("minimum", [1.0 + 1e-12, 1.0])["index"].item() == 1


def test_weights_of_any_form(executor):
    edges, weight = torch.tensor([[0, 0, 2], [1, 2, 1]]), [4.0, 0.1, 0.2]
    for form in (
        weight,
        np.array(weight),
        torch.tensor(weight, dtype=torch.float64),
        [torch.tensor(w, dtype=torch.float64) for w in weight],
    ):
        inside, apart = Data(edge_index=edges, num_nodes=3, weight=form), Data(edge_index=edges, num_nodes=3)
        for out in (executor("dijkstra", inside, source=0), executor("dijkstra", apart, source=0, weight=form)):
            assert out["distance"].tolist() == [0.0, 0.1 + 0.2, 0.1]
    for bad, said in (
        ([4.0, "x", 1.0], "weight, number 1, is 'x'; a real number"),
        (1.0, "one number for each"),
        ("km", "no attribute 'km'"),
    ):
        with pytest.raises(InputError, match=said):
            executor("dijkstra", Data(edge_index=edges, num_nodes=3), source=0, weight=bad)


def test_a_list_of_tensors_keeps_its_gradient(executor):
    costs = [torch.tensor(x, requires_grad=True) for x in (0.5, 1.0, 1.0)]
    out = executor("edit_distance", ("abc", "b"), delete=costs)["distance"]
    assert [g.item() for g in torch.autograd.grad(out, costs)] == [1.0, 0.0, 1.0]


@pytest.mark.parametrize("bad", ["2", None, {}, 1j, [[1.0, 2.0], [3.0]], torch.ones(3) * 1j, np.ones(3) * 1j])
def test_what_are_no_real_numbers(executor, bad):
    for call in (
        lambda: executor("edit_distance", ("abc", "bd"), delete=bad),
        lambda: executor("binary_search", torch.tensor([1.0, 2.0]), target=bad),
    ):
        with pytest.raises(InputError, match="real"):
            call()


def test_lists_without_numbers(executor):
    out = executor("edit_distance", (torch.tensor([1, 2, 3]), torch.tensor([2, 3])))
    assert out["distance"].item() == 1.0 and out["alignment"].tolist() == [[0, -1], [1, 0], [2, 1]]
    assert executor("lcs_length", ("ABC", "BC"))["subsequence"].tolist() == [1, 2]
    assert executor("kmp_matcher", torch.tensor([1, 2, 3]), pattern=torch.tensor([2, 3]))["index"].item() == 1
    points = torch.tensor([[0.0, 0], [2, 0], [1, 1], [1, 3]])
    assert sorted(executor("graham_scan", points)["hull"].tolist()) == [0, 1, 3]


# ---------------------------------------------------------------- bad input, and its edges
TRIANGLE = torch.tensor([[0, 0, 2], [1, 2, 1]])


def graph(weight, edges=TRIANGLE, n=3):
    return Data(edge_index=edges, weight=torch.as_tensor(weight, dtype=torch.float64), num_nodes=n)


def test_unreachable_is_inf_with_gradient_zero(executor):
    g = graph([4.0, 1.0, 2.0], n=4)
    g.weight.requires_grad_()
    distance = executor("bellman_ford", g, source=0)["distance"]
    assert distance[3] == math.inf
    assert torch.autograd.grad(distance[3], g.weight)[0].tolist() == [0.0, 0.0, 0.0]


def test_bad_weights_name_the_first_offender_its_graph_and_a_remedy(executor):
    with pytest.raises(InputError, match=r"graph 1 of the batch: .*\(0, 2\).*-1.*softplus"):
        executor("dijkstra", [graph([1.0, 1, 1]), graph([1.0, -1, 1])], source=0)
    with pytest.raises(InputError, match=r"graph 0 of the batch: .*\(2, 1\).*nan"):
        executor("bellman_ford", [graph([1.0, 1, math.nan])], source=0)
    with pytest.raises(InputError, match="inf"):
        executor("heapsort", torch.tensor([1.0, math.inf]))


def test_graphs_that_differ_in_kind(executor):
    once, both = graph([1.0, 1, 1]), graph([1.0] * 6, torch.cat([TRIANGLE, TRIANGLE.flip(0)], 1))
    with pytest.raises(GraphError, match="differ in kind"):
        executor("mst_prim", [once, both], source=0)
    with pytest.raises(ArgumentError, match="differ in kind: graph 0 has .*weight, graph 1 has"):
        executor("bfs", [once, Data(edge_index=TRIANGLE, num_nodes=3)], source=0)
    with pytest.raises(InputError, match="edge 3 .* weighs 2.0, its reverse 1.0"):
        executor("mst_prim", graph([1.0, 1, 1, 2, 1, 1], both.edge_index), source=0)
    with pytest.raises(GraphError, match="parallel"):
        executor("bfs", graph([1.0, 1], torch.tensor([[0, 0], [1, 1]])), source=0)


def test_no_gradient_of_a_discrete_output(executor):
    points = torch.rand(5, 2, requires_grad=True)
    with pytest.raises(GradientError, match="graham_scan"):
        executor("graham_scan", points)
    with pytest.raises(GradientError, match="'parent' of dijkstra is discrete.*'distance' has one"):
        ExecutorLayer("dijkstra", TRIANGLE, source=0, output="parent", at=1)


def test_a_run_that_does_not_halt_is_an_error():
    layer = ShortestPath(torch.tensor([[0, 1], [1, 0]]), 0, 1)
    layer.nonnegative, layer.acyclic = False, True  # so that nothing is refused beforehand
    with pytest.raises(NotHaltedError, match="bellman_ford did not halt"):
        layer.value(torch.tensor([[1.0, -2.0]]))


def test_arguments(executor):
    with pytest.raises(ArgumentError, match="needs source"):
        executor("bfs", graph([1.0, 1, 1]))
    with pytest.raises(ArgumentError, match="no argument 'sauce'"):
        executor("bfs", graph([1.0, 1, 1]), source=0, sauce=1)
    with pytest.raises(InputError, match="source 7 is not in the graph"):
        executor("bfs", graph([1.0, 1, 1]), source=7)
    with pytest.raises(InputError, match="no attribute 'length'"):
        executor("dijkstra", graph([1.0, 1, 1]), source=0, weight="length")
    with pytest.raises(ArgumentError, match="edge_index"):
        executor("bfs", torch.ones(3), source=0)


def test_history_is_small(executor):
    """At most 16 bytes a node and graph between a shortest path's run and its pass back."""
    batch, kind, nodes, _ = draw_graphs("bellman_ford", np.random.default_rng(2), 64, 4)
    batch[kind].requires_grad_()
    out = executor("bellman_ford", batch, **nodes)["distance"]
    node = out.grad_fn
    while not hasattr(node, "kept"):
        node = node.next_functions[0][0]
    assert sum(history.nbytes for history in node.kept) <= 16 * batch.num_nodes


def test_an_argument_of_a_graph_may_be_a_number(executor):
    edges, alphas = torch.tensor([[0, 0, 2, 3], [1, 2, 1, 0]]), torch.tensor([0.85, 0.3], dtype=torch.float64)
    data = [Data(edge_index=edges, num_nodes=4), Data(edge_index=edges[:, :2], num_nodes=3)]
    each = [executor.run("pagerank", to_networkx(x), alpha=a).outputs for x, a in zip(data, alphas.tolist())]
    expected = [v for out in each for v in out["score"].values()]
    for alpha in (alphas, alphas.tolist()):
        assert executor("pagerank", data, alpha=alpha)["score"].tolist() == expected
    assert executor("pagerank", data[0], alpha=alphas[0])["score"].tolist() == expected[:4]
    with pytest.raises(InputError, match="graph 1 of the batch: alpha is 1.5"):
        executor("pagerank", data, alpha=torch.tensor([0.5, 1.5]))
    with pytest.raises(ArgumentError, match="alpha has 3 entries for 2 graphs"):
        executor("pagerank", data, alpha=[0.1, 0.2, 0.3])
    with pytest.raises(GradientError, match="no output of pagerank has a gradient"):
        executor("pagerank", data, alpha=alphas.clone().requires_grad_())


@pytest.mark.parametrize("name", ["bellman_ford", "dijkstra"])
def test_at_ties_the_gradient_is_of_the_path_that_parent_shows(executor, name):
    generator = torch.Generator().manual_seed(0)
    grid = nx.convert_node_labels_to_integers(nx.grid_2d_graph(5, 5)).to_directed()
    edge_index = torch.tensor(list(grid.edges)).T
    place = {edge: i for i, edge in enumerate(grid.edges)}
    for _ in range(12):
        w = torch.randint(1, 4, (len(place),), generator=generator).double().requires_grad_()
        out = executor(name, Data(edge_index=edge_index, weight=w, num_nodes=25), source=0)
        for node in range(25):
            path, at = torch.zeros(len(place), dtype=torch.float64), node
            while at:
                parent = int(out["parent"][at])
                path[place[parent, at]], at = 1.0, parent
            (gradient,) = torch.autograd.grad(out["distance"][node], w, retain_graph=True)
            assert torch.equal(gradient, path)
