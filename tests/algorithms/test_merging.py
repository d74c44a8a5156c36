"""No algorithm takes parallel edges, and what the message names in their place has the same answer."""

import itertools
from functools import partial

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms import merge_parallel, subdivide_parallel
from algorithms.answers import close
from algorithms.errors import ArgumentError, GraphError, InputError, NeuralExecError
from algorithms.inputs.graphs import Graph
from algorithms.inputs.networks import Network

ON_GRAPHS = [n for n in algorithms.names() if isinstance(algorithms.get(n).structure, Graph | Network)]
MERGED = [n for n in ON_GRAPHS if algorithms.get(n).structure.merges in ("least", "sum", "any")]
SUBDIVIDED = [n for n in ON_GRAPHS if algorithms.get(n).structure.merges == "subdivide"]
NEVER = [n for n in ON_GRAPHS if algorithms.get(n).structure.merges == "never"]


def sampled(name, seed):
    """A sample with parallel edges: (multigraph, arguments)."""
    spec, rng = algorithms.get(name), np.random.default_rng(seed)
    families = spec.families["training"]
    graph, arguments = spec.sample(rng, 7, families[seed % len(families)])
    key = "capacity" if isinstance(spec.structure, Network) else "weight"
    out = nx.MultiDiGraph(graph) if graph.is_directed() else nx.MultiGraph(graph)
    for u, v, d in list(graph.edges(data=True)):
        for _ in range(rng.integers(3)):
            more = {key: d[key] + float(rng.integers(-2, 3))} if key in d else {}
            if name in ("dijkstra", "max_flow") or not graph.is_directed():
                more = {k: abs(x) for k, x in more.items()}
            out.add_edge(u, v, **more)
    return out, arguments


def distances(graph, source):
    """Networkx takes the least of parallel edges, too."""
    return nx.single_source_bellman_ford_path_length(graph, source)


def least_cut(graph, source, sink):
    """By trying all cuts."""
    others = [v for v in graph if v not in (source, sink)]
    best = []
    for k in range(len(others) + 1):
        for some in itertools.combinations(others, k):
            side = {source, *some}
            best.append(sum(c for u, v, c in graph.edges(data="capacity") if u in side and v not in side))
    return min(best)


def weighs(graph, edges):
    """Each edge at its least."""
    return sum(min(d["weight"] for d in graph[u][v].values()) for u, v in edges)


def check_paths(outputs, graph, source):
    want = distances(graph, source)
    return all(close(d, want.get(v, float("inf"))) for v, d in outputs["distance"].items())


def check_forest(outputs, graph):
    best = nx.minimum_spanning_tree(graph).size("weight")
    return close(weighs(graph, outputs["edges"]), best)


def check_prim(outputs, graph, source):
    part = graph.subgraph(nx.node_connected_component(graph, source))
    edges = [(u, v) for v, u in outputs["parent"].items() if u is not None]
    return len(edges) == len(part) - 1 and close(weighs(graph, edges), nx.minimum_spanning_tree(part).size("weight"))


def check_all_pairs(outputs, graph):
    return all(check_paths({"distance": row}, graph, u) for u, row in outputs["distance"].items())


def check_flow(outputs, graph, source, sink):
    return close(outputs["value"], least_cut(graph, source, sink))


def check_bridges(outputs, graph):
    return {frozenset(e) for e in outputs["edges"]} == {frozenset(e) for e in nx.bridges(graph)}


def check_circuit(outputs, graph):
    return len(outputs["circuit"]) == graph.number_of_edges() + 1


def check_cores(outputs, graph):
    """By taking out, again and again, a node with the fewest edges."""
    rest, k, want = graph.copy(), 0, {}
    rest.remove_edges_from(list(nx.selfloop_edges(rest)))
    while len(rest):
        v = min(rest, key=rest.degree)
        k = want[v] = max(k, rest.degree(v))
        rest.remove_node(v)
    return outputs["core_number"] == want


def check_pagerank(outputs, graph, alpha):
    """Networkx counts parallel edges, too."""
    want = nx.pagerank(graph, alpha=alpha, weight=None)
    return all(abs(outputs["score"][v] - x) < 1e-6 for v, x in want.items())


def check_other(name, outputs, graph, **arguments):
    """By the algorithm's own check, of the multigraph."""
    right = algorithms.get(name).check(outputs, graph, **arguments)
    return all(all(x) for x in right.values())


CHECKS = dict.fromkeys(["bellman_ford", "dijkstra", "dag_shortest_paths"], check_paths) | {
    "mst_kruskal": check_forest, "mst_boruvka": check_forest, "mst_prim": check_prim,
    "floyd_warshall": check_all_pairs, "max_flow": check_flow,
    "bridges": check_bridges, "eulerian_circuit": check_circuit, "k_core": check_cores, "pagerank": check_pagerank,
}  # fmt: skip


def test_every_algorithm_to_which_parallel_edges_matter_has_a_check():
    assert {*CHECKS} == {n for n in ON_GRAPHS if algorithms.get(n).structure.merges != "any"}


@pytest.mark.parametrize("name", MERGED)
def test_merged_as_the_message_says_the_answer_is_that_of_the_multigraph(name):
    done = 0
    for seed in range(8):
        graph, arguments = sampled(name, seed)
        with pytest.raises(GraphError, match=f"{name}: a multigraph; algorithms.merge_parallel\\('{name}', graph\\) "):
            algorithms.run(name, graph, **arguments)
        simple = merge_parallel(name, graph)
        assert list(simple) == list(graph) and not simple.is_multigraph()
        try:
            outputs = algorithms.run(name, simple, **arguments)
        except NeuralExecError:  # a negative cycle, by the edges put in
            continue
        done += 1
        assert CHECKS.get(name, partial(check_other, name))(outputs, graph, **arguments)
    assert done > 2


@pytest.mark.parametrize("name", SUBDIVIDED)
def test_subdivided_as_the_message_says_the_answer_is_that_of_the_multigraph(name):
    done = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        graph = nx.MultiGraph(nx.gnp_random_graph(5, 0.5, seed=seed))
        graph.add_edges_from([e for e in list(graph.edges()) if rng.random() < 0.6])
        if rng.random() < 0.3 and name == "bridges":
            graph.add_edges_from([(0, 0)] * 3)
        if name == "eulerian_circuit" and not nx.is_eulerian(graph):
            continue
        done += 1
        with pytest.raises(GraphError, match=f"{name}: a multigraph; .*algorithms.subdivide_parallel"):
            algorithms.run(name, graph)
        with pytest.raises(GraphError, match="subdivide_parallel"):
            merge_parallel(name, graph)
        outputs = algorithms.run(name, subdivide_parallel(graph))
        if name == "bridges":
            assert {frozenset(e) for e in outputs["edges"]} == {frozenset(e) for e in nx.bridges(graph)}
        else:
            walk = [v for v in outputs["circuit"] if v in graph]
            taken = sorted(tuple(sorted(e)) for e in nx.utils.pairwise(walk))
            assert taken == sorted(tuple(sorted(e[:2])) for e in graph.edges()) and walk[0] == walk[-1]
    assert done > 2


@pytest.mark.parametrize("name", NEVER)
def test_where_nothing_keeps_the_answer_none_is_offered(name):
    graph, arguments = sampled(name, 0)
    for call in (lambda: algorithms.run(name, graph, **arguments), lambda: merge_parallel(name, graph)):
        with pytest.raises(GraphError, match=f"{name}: .*parallel edges count one by one") as error:
            call()
        assert "algorithms." not in str(error.value)


@pytest.mark.parametrize("name", NEVER + SUBDIVIDED)
def test_merged_by_hand_the_answer_would_be_another(name):
    triangles = nx.MultiGraph([(0, 1), (0, 1), (0, 1), (1, 2), (2, 0)])
    if name != "eulerian_circuit":  # its degrees would not be even
        triangles = nx.MultiGraph(nx.barbell_graph(3, 0))
        triangles.add_edges_from([(0, 1), (2, 3), (2, 3)])
    arguments = {"alpha": 0.85} if name == "pagerank" else {}
    outputs = algorithms.run(name, nx.Graph(triangles), **arguments)
    assert not CHECKS[name](outputs, triangles, **arguments)


UNDIRECTED = [n for n in MERGED if algorithms.get(n).structure.directed is False]


@pytest.mark.parametrize("name", UNDIRECTED)
def test_opposite_edges_are_parallel_where_no_directions_are_taken(name):
    graph, arguments = sampled(name, 1)
    rng = np.random.default_rng(0)
    directed = nx.MultiDiGraph()
    directed.add_nodes_from(graph)
    for u, v, d in graph.edges(data=True):
        directed.add_edge(*((u, v) if rng.random() < 0.5 else (v, u)), **d)
    assert algorithms.run(name, merge_parallel(name, directed), **arguments) == algorithms.run(
        name, merge_parallel(name, graph), **arguments
    )
    with pytest.raises(GraphError, match=f"algorithms.merge_parallel\\('{name}', graph\\) makes it one"):
        algorithms.run(name, nx.DiGraph(directed), **arguments)


def test_what_is_kept_is_the_edge_with_all_that_it_holds():
    graph = nx.MultiGraph(name="roads")
    graph.add_node("a", x=1)
    graph.add_edge("b", "a", weight=4, by="road")
    graph.add_edge("a", "b", weight=1, by="rail")
    graph.add_edge("a", "b", weight=1, by="ship")
    least = merge_parallel("dijkstra", graph)
    assert least.edges["a", "b"] == {"weight": 1, "by": "rail"} and least.nodes["a"] == {"x": 1}
    assert least.graph == {"name": "roads"} and graph.number_of_edges() == 3
    arcs = nx.MultiDiGraph()
    arcs.add_edges_from([(0, 1, {"capacity": 0.1}), (0, 1, {"capacity": 2, "c": 5}), (1, 0, {"capacity": 7})])
    assert merge_parallel("max_flow", arcs).edges[0, 1]["capacity"] == 2.1
    assert merge_parallel("max_flow", arcs, capacity=None).edges[0, 1]["capacity"] == 2
    assert algorithms.run("max_flow", merge_parallel("max_flow", arcs), source=0, sink=1)["value"] == 2.1


def test_what_cannot_be_merged_is_refused():
    graph = nx.MultiGraph([(0, 1), (0, 1)])
    with pytest.raises(InputError, match="no attribute 'weight'"):
        merge_parallel("dijkstra", graph)
    with pytest.raises(ArgumentError, match="takes no argument 'capacity'"):
        merge_parallel("dijkstra", graph, capacity="c")
    for name, data in (("heapsort", graph), ("bfs", [1])):
        with pytest.raises(ArgumentError):
            merge_parallel(name, data)


def test_new_nodes_have_new_names():
    graph = nx.MultiGraph([(("parallel", 0), 1), (("parallel", 0), 1)])
    assert set(subdivide_parallel(graph)) == {("parallel", 0), 1, ("parallel", 1)}
