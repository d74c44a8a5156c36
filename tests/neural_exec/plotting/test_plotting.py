import itertools
import sys

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms import registry
from algorithms.errors import InputError, NeuralExecError
from neural_exec.evaluation import Report, Row
from neural_exec.examples import rng_of
from neural_exec.plotting import MOST_NODES, plot_report, plot_trace, require
from neural_exec.plotting.layout import layout

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.filterwarnings("error:constrained_layout")


def row(model: str, algorithm: str, size: int, exact: int) -> Row:
    return Row(model, algorithm, size, "tree", True, 0, 10, exact, 10, 1.0, {}, None, 0, 5.0, 0.1)


@pytest.mark.parametrize("name", algorithms.names())
@pytest.mark.parametrize("n", [1, 12])
def test_every_algorithm_has_a_picture(name, n, tmp_path):
    spec = registry.get(name)
    data, arguments = spec.sample(rng_of("picture", name), n, spec.families["training"][0])
    plot_trace(algorithms.trace(name, data, **arguments), tmp_path / "picture.png")
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_pictures_say_what_they_show(tmp_path):
    graph = nx.Graph([("Rome", "Oslo", {"weight": 2.5})])
    plot_trace(algorithms.trace("dijkstra", graph, source="Rome"), tmp_path / "x.svg")
    svg = (tmp_path / "x.svg").read_text()
    for text in ("dijkstra: 2 nodes, 7 steps", "Rome", "Oslo", "2.5", "distance", "parent to child", "source"):
        assert f"<!-- {text} -->" in svg


def test_the_same_trace_makes_the_same_picture(tmp_path):
    trace = algorithms.trace("bfs", nx.karate_club_graph(), source=0)
    for name in ("a.png", "b.png"):
        plot_trace(trace, tmp_path / name)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_refusals(tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"\.png"):
        require("picture.xyz")
    with pytest.raises(InputError, match=f"at most {MOST_NODES}"):
        plot_trace(algorithms.trace("bfs", nx.empty_graph(MOST_NODES + 1), source=0), tmp_path / "x.png")
    with pytest.raises(InputError, match="without rows"):
        plot_report(Report(), tmp_path / "x.png")
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(NeuralExecError, match=r"pip install matplotlib"):
        require("picture.png")


def test_report(tmp_path):
    rows = [row("neural-exec", a, n, 10) for a in ("bfs", "dfs") for n in (16, 64, 256)]
    rows += [row("mpnn", "bfs", 16, 7), row("mpnn", "dfs", 16, 3), row("mpnn", "bfs", 64, 0)]
    plot_report(Report(rows), tmp_path / "x.svg")
    svg = (tmp_path / "x.svg").read_text()
    for text in ("neural-exec, 2 algorithms", "mpnn, 2 algorithms", "256", "mean", "bfs", "dfs"):
        assert f"<!-- {text} -->" in svg
    plot_report(Report(rows[:1]), tmp_path / "one.png")


# ------------------------------------------------------------------------------------------------------------ layout
def gaps(place: np.ndarray) -> np.ndarray:
    return np.array([np.linalg.norm(place[i] - place[j]) for i, j in itertools.combinations(range(len(place)), 2)])


@pytest.mark.parametrize("graph", [nx.path_graph(9), nx.cycle_graph(12), nx.grid_2d_graph(4, 4), nx.complete_graph(5)])
def test_distances_in_the_picture_are_like_those_in_the_graph(graph):
    graph = nx.convert_node_labels_to_integers(graph)
    place = layout(len(graph), list(graph.edges))
    wanted = [nx.shortest_path_length(graph, i, j) for i, j in itertools.combinations(graph, 2)]
    assert np.mean((gaps(place) / wanted - 1) ** 2) < 0.06


def test_components_do_not_overlap():
    graph = nx.disjoint_union_all([nx.cycle_graph(8), nx.path_graph(5), nx.star_graph(4), nx.empty_graph(3)])
    place = layout(len(graph), list(graph.edges))
    boxes = [(place[list(c)].min(0), place[list(c)].max(0)) for c in nx.connected_components(graph)]
    for (low, high), (other_low, other_high) in itertools.combinations(boxes, 2):
        assert (high < other_low).any() or (other_high < low).any()


def test_layout_of_next_to_nothing():
    assert layout(1, []).tolist() == [[0.0, 0.0]]
    assert gaps(layout(40, [(0, i) for i in range(1, 40)])).min() > 0.1


@pytest.mark.parametrize("label", ["$x", "$a_ b$", "\\frac", "$\\nosuch$", "<b>&", "{", "%s", ""])
def test_labels_are_drawn_as_they_are(tmp_path, label):
    plot_trace(algorithms.trace("dfs", nx.Graph([(label, label + "$y$"), ("_^$", label)])), tmp_path / "x.svg")
