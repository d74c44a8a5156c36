"""A prepared graph does what `run` does on it: for every algorithm on graphs, with every argument, or the same error."""

import copy
import pickle
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
import torch

import algorithms
import neural_exec
from algorithms.inputs.structure import GraphStructure, inputs_of_hub
from neural_exec.errors import ArgumentError, GraphError, InputError, NeuralExecError, UnknownAlgorithmError
from neural_exec.examples import rng_of

ON_GRAPHS = [a for a in algorithms.names() if isinstance(algorithms.get(a).structure, GraphStructure)]
ON_LISTS = [a for a in algorithms.names() if a not in ON_GRAPHS]


def same(a, b):
    """Two rollouts."""
    assert a.outputs == b.outputs and repr(a) == repr(b) and a.halted and a.engine == b.engine
    assert a.num_steps == b.num_steps and (a.contexts, a.unseen_contexts) == (b.contexts, b.unseen_contexts)


def said(f):
    """What it raises."""
    with pytest.raises(NeuralExecError) as e:
        f()
    return type(e.value), str(e.value)


def arguments_of(spec, graph, rng):
    """Other arguments beside a graph."""
    names = list(inputs_of_hub(spec))
    nodes = iter([list(graph)[i] for i in rng.permutation(len(graph))])
    return {k: next(nodes) if spec.by_name[k].register == "pointer" else float(rng.uniform(0.1, 0.9)) for k in names}


@pytest.mark.parametrize("name", ON_GRAPHS)
def test_every_algorithm_runs_as_it_does_without(everything, name):
    spec, attribute = algorithms.get(name), algorithms.get(name).structure.attribute
    for place, family in enumerate(sum(spec.families.values(), ())):
        for size in (2, 3, 11):
            rng = rng_of("prepared", name, family, size)
            graph, given = spec.sample(rng, size, family)
            graph = nx.relabel_nodes(graph, {v: f"node {v}" for v in graph}) if place % 2 else graph
            prepared = everything.prepare(name, graph)
            calls = [arguments_of(spec, graph, rng) for _ in range(3)]
            rollouts = [prepared.run(**c) for c in calls]
            for call, rollout in zip(calls, rollouts):
                same(rollout, everything.run(name, graph, **call))
            assert rollouts[0].trace == everything.run(name, graph, **calls[0]).trace
            same(everything.prepare(name, graph, **calls[1]).run(), rollouts[1])
            if calls[0]:
                lists = {k: [c[k] for c in calls] for k in calls[0]}
                assert [r.outputs for r in prepared.run_batch(**lists)] == [r.outputs for r in rollouts]
            if attribute:
                numbers = rng.integers(0, 5, graph.number_of_edges()) / 2
                other = graph.copy()
                nx.set_edge_attributes(other, dict(zip(other.edges(), numbers.tolist())), attribute)
                same(prepared.run(**calls[0], **{attribute: numbers}), everything.run(name, other, **calls[0]))
                same(prepared.run(**calls[0]), rollouts[0])


def grid(weight=1.0):
    graph = nx.grid_2d_graph(3, 3)
    nx.set_edge_attributes(graph, weight, "km")
    return graph


def test_what_becomes_of_the_graph_is_not_seen(everything):
    graph = grid()
    prepared = everything.prepare("dijkstra", graph, weight="km")
    before = prepared.run(source=(0, 0)).outputs
    first = prepared.run(source=(0, 0))
    graph.remove_node((0, 1))
    nx.set_edge_attributes(graph, 7.0, "km")
    prepared.run(source=(2, 2))
    assert prepared.run(source=(0, 0)).outputs == before == first.outputs
    assert first.trace.num_steps == first.num_steps, "a rollout is of its own run"
    assert everything.run("dijkstra", graph, source=(0, 0), weight="km").outputs != before


def test_numbers_of_any_type(everything):
    graph = nx.cycle_graph(4)
    prepared = everything.prepare("mst_kruskal", graph, weight=None)
    for numbers in (
        [2**53 + 1, 2**53, 1, 2],
        [Fraction(1, 3), 1, 0.5, 2],
        torch.tensor([4.0, 1.0, 2.0, 3.0]),
        (3, 2, 1, 0),
    ):
        other = graph.copy()
        plain = numbers.tolist() if isinstance(numbers, torch.Tensor) else numbers
        nx.set_edge_attributes(other, dict(zip(other.edges(), plain)), "weight")
        same(prepared.run(weight=numbers), everything.run("mst_kruskal", other))
    paths = everything.prepare("bellman_ford", nx.DiGraph([(0, 1), (1, 2), (0, 2)]), weight=None)
    assert paths.run(source=0, weight=[4.0, 2.0, -3.0]).outputs["distance"] == {0: 0.0, 1: 4.0, 2: 1.0}
    same(paths.run(source=torch.tensor(1)), paths.run(source=np.int64(1)))


BAD = {
    "no source": dict(),
    "no such node": dict(source="x"),
    "no hashable node": dict(source=[(0, 0)]),
    "no such argument": dict(source=(0, 0), sourse=(0, 1)),
    "two dimensions": dict(source=np.zeros((1, 2))),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arguments_have_the_errors_of_run(everything, case):
    graph, given = grid(), BAD[case]
    prepared = everything.prepare("bfs", graph)
    assert said(lambda: prepared.run(**given)) == said(lambda: everything.run("bfs", graph, **given))


def test_other_preconditions_are_looked_at_in_every_run(everything):
    flow = everything.prepare("max_flow", nx.DiGraph([(0, 1), (1, 2)]), capacity=None, source=0)
    assert said(lambda: flow.run(sink=0))[0] is InputError and flow.run(sink=2).outputs["value"] == 1.0
    walk = everything.prepare("pagerank", grid())
    assert said(lambda: walk.run(alpha=0.99)) == said(lambda: everything.run("pagerank", grid(), alpha=0.99))
    paths = everything.prepare("dijkstra", nx.DiGraph([(0, 1), (1, 0)]), weight=None)
    kind, text = said(lambda: paths.run(source=0, weight=[1.0, -1.0]))
    assert kind is InputError and "edge (1, 0) has the negative weight -1" in text
    cycle = everything.prepare("bellman_ford", nx.DiGraph([(0, 1), (1, 0)]), weight=None)
    assert said(lambda: cycle.run(source=0, weight=[1.0, -2.0]))[0] is GraphError
    capacity = everything.prepare("max_flow", nx.DiGraph([(0, 1)]), capacity=None)
    kind, text = said(lambda: capacity.run(source=0, sink=1, capacity=[-2.0]))
    assert kind is InputError and "edge (0, 1) has the negative capacity -2" in text


@pytest.mark.parametrize(
    "weight, error",
    [
        ("km", ArgumentError), (None, ArgumentError), ({}, ArgumentError), ([1.0], InputError), ([1.0] * 12 + ["2"], InputError),
        ([1.0] * 11 + ["2"], InputError), ([1.0] * 11 + [float("nan")], InputError), ([1e308] * 12, InputError), (3.0, NeuralExecError),
        ([1.0] * 11 + [2**53 + 1], InputError),
    ],
)  # fmt: skip
def test_bad_weights(everything, weight, error):
    prepared = everything.prepare("dijkstra", grid(), weight="km")
    with pytest.raises(error, match="weight|dijkstra"):
        prepared.run(source=(0, 0), weight=weight)


@pytest.mark.parametrize("name", ["topological_sort", "bfs", "dijkstra", "max_flow", "bipartite_matching"])
@pytest.mark.parametrize(
    "graph", [nx.Graph(), nx.cycle_graph(3), nx.MultiGraph([(0, 1)]), nx.DiGraph([(0, 1), (1, 0)]), [1, 2], None]
)
def test_what_is_wrong_with_the_graph_is_said_when_it_is_prepared(everything, name, graph):
    spec = algorithms.get(name)
    nodes = list(graph)[:2] if graph else [0, 1]
    given = dict(zip(inputs_of_hub(spec), nodes))
    try:
        everything.run(name, graph, **given)
    except NeuralExecError as e:
        kind, text = type(e), str(e)
        assert said(lambda: everything.prepare(name, graph, **given)) == (kind, text)
    else:
        same(everything.prepare(name, graph, **given).run(), everything.run(name, graph, **given))


def test_what_cannot_be_prepared(everything):
    with pytest.raises(UnknownAlgorithmError, match="'bfss'; did you mean 'bfs'"):
        everything.prepare("bfss", grid())
    for name in ON_LISTS:
        with pytest.raises(ArgumentError, match=f"{name} takes no graph"):
            everything.prepare(name, [1.0, 2.0])
    with pytest.raises(InputError, match="has no attribute 'weight'"):
        everything.prepare("dijkstra", grid())
    for given in (dict(sourse=0), dict(source=99)):
        with pytest.raises((ArgumentError, InputError), match="sourse|99"):
            everything.prepare("bfs", graph=grid(), **given)


def test_a_batch_says_which_run_is_bad_before_any_work(everything):
    prepared = everything.prepare("bfs", grid())
    with pytest.raises(InputError, match=r"run 1 of the batch: bfs: source 'x' is not in the graph"):
        prepared.run_batch(source=[(0, 0), "x"])
    with pytest.raises(ArgumentError, match="an entry for each run, and there is none"):
        prepared.run_batch(source=(0, 0))
    assert prepared.run_batch(source=[]) == []
    flow = everything.prepare("max_flow", nx.DiGraph([(0, 1), (1, 2)]), capacity=None)
    assert [r.outputs["value"] for r in flow.run_batch(source=0, sink=[1, 2])] == [1.0, 1.0]
    with pytest.raises(ArgumentError, match="one length"):
        flow.run_batch(source=[0], sink=[1, 2])


def test_a_prepared_graph_goes_on_after_an_algorithm_is_added():
    executor = neural_exec.load("core")
    prepared = executor.prepare("bfs", grid())
    before = prepared.run(source=(0, 0))
    executor.add("bubble_sort", traces=20, sizes=[4])
    same(prepared.run(source=(0, 0)), before)


def test_copies(everything):
    prepared = everything.prepare("bfs", grid())
    rollout = prepared.run(source=(1, 1))
    for again in (pickle.loads(pickle.dumps(prepared)), copy.copy(prepared), copy.deepcopy(prepared)):
        assert again.run(source=(1, 1)).outputs == rollout.outputs == pickle.loads(pickle.dumps(rollout)).outputs
    assert repr(prepared) == "PreparedGraph('bfs', 9 nodes, 12 edges)"
