"""CLRS-30's instances as this project's inputs, and this project's answers as CLRS-30's output probes.

A task: `give(x)` takes one instance's input probes {name: array} and returns what the executor is called with, (data,
arguments); `read` takes the answers off the final state (the algorithm's own outputs, but for the arrows of LCS and
the predecessors of all pairs, which are output registers); `put(answers, x)` returns the output probes {name: array},
in the shapes and conventions of the benchmark: a node without a predecessor points at itself, the first of a sorted
list too, a string that is not found is at the head of the needle, a target above all elements at the last of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import networkx as nx
import numpy as np

from algorithms import registry
from algorithms.machine.state import Instance
from algorithms.trace import lay_out, read_outputs

__all__ = ["TASKS", "Task", "original"]


def original(name: str) -> str:
    """What the benchmark calls it."""
    return name.removesuffix("_clrs30")


@dataclass(frozen=True)
class Task:
    give: Callable
    put: Callable
    read: Callable = read_outputs
    prepare: Callable = lambda instance, x: None  # changes the laid-out input, where its form is not the project's

    def lay_out(self, name: str, x: dict) -> Instance:
        data, arguments = self.give(x)
        instance = lay_out(registry.get(name), data, arguments)
        self.prepare(instance, x)
        return instance


# ---------------------------------------------------------------- graphs
def graph(x: dict, directed: bool, weighted: bool) -> nx.Graph:
    matrix = x["A"]
    out = (nx.DiGraph if directed else nx.Graph)()
    out.add_nodes_from(range(len(matrix)))
    tails, heads = np.nonzero(matrix)
    for u, v in zip(tails.tolist(), heads.tolist()):
        if directed or u <= v:
            out.add_edge(u, v, **({"weight": float(matrix[u, v])} if weighted else {}))
    return out


def source(x: dict) -> dict:
    return {"source": int(np.argmax(x["s"]))}


def pointers(parent: dict) -> np.ndarray:
    """{node: node or None} -> places; None is the node itself."""
    return np.array([v if p is None else p for v, p in parent.items()])


def matrix_of(edges, n: int) -> np.ndarray:
    out = np.zeros((n, n))
    for u, v in edges:
        out[u, v] = out[v, u] = 1
    return out


def one(place: int, n: int) -> np.ndarray:
    return np.eye(n)[place]


def marked(places, n: int) -> np.ndarray:
    return np.isin(np.arange(n), list(places)).astype(float)


def _paths(directed: bool, weighted: bool = True) -> Task:
    return Task(lambda x: (graph(x, directed, weighted), source(x)), lambda a, x: {"pi": pointers(a["parent"])})


def _bridges(a: dict, x: dict) -> dict:
    on = x["adj"] > 0
    return {"is_bridge": np.where(on, matrix_of(a["edges"], len(on)), -1.0)}  # -1: not an edge, not scored


def _topological(a: dict, x: dict) -> dict:
    order, n = a["order"], len(x["A"])
    after = np.arange(n)
    after[order[:-1]] = order[1:]
    return {"topo": after, "topo_head": one(order[0], n)}


def _loops(instance: Instance, x: dict) -> None:
    """The benchmark's matrix has a self-loop's weight on the diagonal, where the textbook has 0."""
    n = len(x["A"])
    instance.scalars["weight"][n + np.arange(n) * (n + 1)] = np.diag(x["A"])


def _predecessors(instance: Instance) -> dict:
    """(n, n): of (i, j) the node before j, i where there is none."""
    n = len(instance.labels[0])
    parent = instance.pointers["parent"][instance.rows("cell")].reshape(n, n)
    return {"Pi": np.where(parent >= 0, parent, np.arange(n)[:, None])}


# ---------------------------------------------------------------- lists, strings, points
def _sorted(a: dict, x: dict) -> dict:
    order = np.array(a["order"])
    before = np.arange(len(order))
    before[order[1:]] = order[:-1]
    return {"pred": before}


def _keys(x: dict) -> tuple:
    return x["key"].tolist(), {}


def _two(x: dict) -> tuple[list, list]:
    letters, second = x["key"].argmax(-1), x["string"].astype(bool)
    return letters[~second].tolist(), letters[second].tolist()


def _match(a: dict, x: dict) -> dict:
    text, pattern = _two(x)
    return {"match": one(len(text) if a["index"] is None else a["index"], len(text) + len(pattern))}


def _arrows(instance: Instance) -> dict:
    """(n, n, 4): for letters i of the first and j of the second 0 diagonal, 1 up, 2 left; elsewhere masked."""
    n, static, parent = len(instance.labels[0]), instance.static, instance.pointers["parent"]
    arrows = np.full((n, n, 4), -1.0)
    for cell in instance.rows("cell").tolist():
        i, j = int(static["row"][cell]), int(static["column"][cell])
        if i >= 0 and j >= 0:
            way = [static[name][cell] for name in ("diagonal", "up", "left")].index(parent[cell])
            arrows[i, j] = np.eye(4)[way]
    return {"b": arrows}


def _points(x: dict) -> tuple:
    return list(zip(x["x"].tolist(), x["y"].tolist())), {}


def _places(table: dict, n: int) -> np.ndarray:
    out = np.zeros((n, n))
    for place, k in table.items():
        out[place] = k
    return out


_SORT = Task(_keys, _sorted)
_MATCH = Task(lambda x: (_two(x)[0], {"pattern": _two(x)[1]}), _match)
_HULL = Task(_points, lambda a, x: {"in_hull": marked(a["hull"], len(x["x"]))})

TASKS: dict[str, Task] = {
    "activity_selector": Task(
        lambda x: (None, {"start": x["s"].tolist(), "finish": x["f"].tolist()}),
        lambda a, x: {"selected": marked(a["selected"], len(x["s"]))},
    ),
    "articulation_points": Task(
        lambda x: (graph(x, False, False), {}), lambda a, x: {"is_cut": marked(a["nodes"], len(x["A"]))}
    ),
    "bellman_ford": _paths(False),
    "bfs": _paths(False, weighted=False),
    "binary_search": Task(
        lambda x: (x["key"].tolist(), {"target": float(x["target"])}),
        lambda a, x: {"return": one(len(x["key"]) - 1 if a["index"] is None else a["index"], len(x["key"]))},
    ),
    "bridges": Task(lambda x: (graph(x, False, False), {}), _bridges),
    "bubble_sort": _SORT,
    "dag_shortest_paths": _paths(True),
    "dfs": Task(lambda x: (graph(x, True, False), {}), lambda a, x: {"pi": pointers(a["parent"])}),
    "dijkstra": _paths(False),
    "find_maximum_subarray_kadane": Task(
        _keys, lambda a, x: {name: one(a[name], len(x["key"])) for name in ("start", "end")}
    ),
    "floyd_warshall": Task(lambda x: (graph(x, False, True), {}), lambda a, x: a, read=_predecessors, prepare=_loops),
    "graham_scan": _HULL,
    "heapsort": _SORT,
    "insertion_sort": _SORT,
    "jarvis_march": _HULL,
    "kmp_matcher": _MATCH,
    "lcs_length": Task(lambda x: (_two(x), {}), lambda a, x: a, read=_arrows),
    "matrix_chain_order": Task(
        lambda x: (x["p"].tolist(), {}),  # there matrices count from 1
        lambda a, x: {"s": _places({(i + 1, j + 1): k + 1 for (i, j), k in a["split"].items()}, len(x["p"]))},
    ),
    "minimum": Task(_keys, lambda a, x: {"min": one(a["index"], len(x["key"]))}),
    "mst_kruskal": Task(
        lambda x: (graph(x, False, True), {}), lambda a, x: {"in_mst": matrix_of(a["edges"], len(x["A"]))}
    ),
    "mst_prim": _paths(False),
    "naive_string_matcher": _MATCH,
    "optimal_bst": Task(
        lambda x: (None, {"p": x["p"][:-1].tolist(), "q": x["q"].tolist()}),
        lambda a, x: {"root": _places({(i, j + 1): r for (i, j), r in a["root"].items()}, len(x["q"]))},
    ),
    "quickselect": Task(_keys, lambda a, x: {"median": one(a["index"], len(x["key"]))}),
    "quicksort": _SORT,
    "segments_intersect": Task(_points, lambda a, x: {"intersect": np.array(float(a["intersect"]))}),
    "strongly_connected_components": Task(
        lambda x: (graph(x, True, False), {}), lambda a, x: {"scc_id": pointers(a["component"])}
    ),
    "task_scheduling_clrs30": Task(
        lambda x: (None, {"deadline": x["d"].tolist(), "weight": x["w"].tolist()}),
        lambda a, x: {"selected": marked(a["selected"], len(x["d"]))},
    ),
    "topological_sort": Task(lambda x: (graph(x, True, False), {}), _topological),
}
