"""Layers on `ExecutorLayer`: `ShortestPath`, `SpanningTree`, `Sort`, `Rank`, `EditDistance`."""

from __future__ import annotations

import networkx as nx
import numpy as np
import torch
from torch import Tensor

from neural_exec.defaults import eager, own_defaults
from neural_exec.errors import ArgumentError, InputError
from neural_exec.executor import Executor
from neural_exec.nn import functions
from neural_exec.nn.given import constant, dtype_of, ends_of, float64
from neural_exec.nn.layer import ExecutorLayer
from neural_exec.tensors.gradients import readable, seen
from neural_exec.tensors.outputs import Reader
from neural_exec.tensors.prepared import Prepared
from neural_exec.tensors.problems import REMEDY, numbers, whole

__all__ = ["EditDistance", "Rank", "ShortestPath", "Sort", "SpanningTree"]


class ShortestPath(ExecutorLayer):
    """The length of the shortest path from `source` to `target`, on a fixed graph, by the learned Bellman-Ford.

    edge_index (2, E). weights says what w are:
    - "edge": (B, E), a weight for each directed edge of edge_index;
    - "undirected": (B, E), edge_index has each edge once, which may be walked either way;
    - "node": (B, n), costs of nodes; a path costs what its nodes do, both ends included. Edges as in edge_index.

    `value` (B,), inf where the target is out of reach; `solution` the path's indicator, in the shape of w. Negative
    weights are allowed where the graph has no cycle; elsewhere they raise InputError.

    >>> layer = ShortestPath(torch.tensor([[0, 0, 2], [1, 2, 1]]), source=0, target=1)
    >>> w = torch.tensor([[4.0, 1.0, 2.0]], requires_grad=True)
    >>> layer.value(w).tolist(), layer.solution(w).tolist()
    ([3.0], [[0.0, 1.0, 1.0]])
    """

    @own_defaults()
    def __init__(
        self,
        edge_index: Tensor,
        source: int,
        target: int,
        num_nodes: int | None = None,
        weights: str = "edge",
        executor: Executor | None = None,
    ):
        if weights not in ("edge", "undirected", "node"):
            raise ArgumentError(f"weights={weights!r}; 'edge', 'undirected' or 'node' is needed")
        edges = ends_of(edge_index, "ShortestPath")
        num_nodes = int(num_nodes if num_nodes is not None else edges.max() + 1)
        m = edges.shape[1]
        gather = np.arange(m)
        if weights == "undirected":
            proper = edges[0] != edges[1]
            edges, gather = np.c_[edges, edges[::-1, proper]], np.r_[gather, gather[proper]]
        super().__init__("bellman_ford", edges, num_nodes, at=whole(target, "target"), executor=executor, source=source)
        self.weights, self.width = weights, num_nodes if weights == "node" else m
        self.nonnegative = not self.acyclic
        pairs = edges[0] * num_nodes + edges[1]
        self._by_pair = np.argsort(pairs)
        self._pairs = pairs[self._by_pair]
        self.gather = edges[1] if weights == "node" else gather  # (m,): which of w's numbers is each edge's weight

    @property
    def _logged(self) -> bool:
        return False

    def _read(
        self, prepared: Prepared, reader: Reader, w: np.ndarray, free: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, bool]:
        """As any layer's; the derivative is the path that the parents show."""
        found, path = prepared.scalars(*self._cells(reader)), np.zeros(w.shape)
        parent = reader.discrete(self.spec.outputs["parent"]).numpy().reshape(len(w), -1)
        graph, node = np.arange(len(w)), np.full(len(w), self.at)
        for _ in range(self.num_nodes):  # more edges no path has
            before = parent[graph, node] - graph * self.num_nodes
            going = before >= 0
            if not going.any():
                break
            graph, node, before = graph[going], node[going], before[going]
            path[graph, self._by_pair[np.searchsorted(self._pairs, before * self.num_nodes + node)]] = 1.0
            node = before
        return found, path, True

    @eager
    def value(self, w: Tensor) -> Tensor:
        """w (B, E), or (B, n) of node costs -> (B,) in w's dtype."""
        given = self._given(w)
        out = functions.value(self._of_edges(given), self)
        out = out + given[:, self.nodes["source"]] if self.weights == "node" else out
        return functions.rounded(out, dtype_of(w), self)

    @eager
    def solution(self, w: Tensor) -> Tensor:
        """w (B, E), or (B, n) of node costs -> the path's indicator, in w's shape and dtype."""
        given = self._given(w).detach()
        out = functions.solution(of_edges := self._of_edges(given), self)
        if self.weights != "edge":
            out = torch.zeros_like(given).index_add(1, self._gather(w), out)
        if self.weights == "node":
            reached = functions.value(of_edges, self).isfinite()[:, None]
            out = out + reached * (torch.arange(self.width, device=w.device) == self.nodes["source"])
        return out.to(dtype_of(w))

    def _of_edges(self, given: Tensor) -> Tensor:
        return given if self.weights == "edge" else given[:, self._gather(given)]

    def _gather(self, w: Tensor) -> Tensor:
        return torch.from_numpy(self.gather).to(w.device)

    def _given(self, w: Tensor) -> Tensor:
        """Raises InputError in the caller's terms: of node costs, or of edges that are given once."""
        readable(w, f"{self.name}: w")
        if w.dim() != 2 or w.shape[1] != self.width:
            raise ArgumentError(f"w has shape {tuple(w.shape)}; (B, {self.width}) is needed: weights={self.weights!r}")
        given = float64(w, f"{self.name}: w")
        return given if self.weights == "edge" else seen(given, self._check_given, self.name)

    def _check_given(self, w: np.ndarray) -> None:
        bad = ~np.isfinite(w) | ((w < 0) if self.nonnegative else False)
        if bad.any():
            i, j = np.argwhere(bad)[0].tolist()
            what = f"the cost of node {j}" if self.weights == "node" else f"the weight of edge {j}"
            need = f"at least 0 is needed{REMEDY}" if self.nonnegative else "finite numbers are needed"
            raise InputError(f"{what} in graph {i} of the batch is {float(w[i, j])}; {need}")


class SpanningTree(ExecutorLayer):
    """The weight of a minimum spanning tree (of each component) of a fixed undirected graph.

    edge_index (2, m), each edge once; w (B, m), negative ones allowed. `solution`: the indicator of the tree's edges.
    The learned Prim where the graph is connected, the learned Kruskal elsewhere.

    >>> layer = SpanningTree(torch.tensor([[0, 1, 0], [1, 2, 2]]))
    >>> layer.value(torch.tensor([[1.0, 2.0, 3.0]])).item(), layer.solution(torch.tensor([[1.0, 2.0, 3.0]])).tolist()
    (3.0, [[1.0, 1.0, 0.0]])
    """

    @own_defaults()
    def __init__(self, edge_index: Tensor, num_nodes: int | None = None, executor: Executor | None = None):
        edges = ends_of(edge_index, "SpanningTree")
        num_nodes = int(num_nodes if num_nodes is not None else edges.max() + 1)
        graph = nx.empty_graph(num_nodes)
        graph.add_edges_from(edges.T.tolist())
        connected = nx.is_connected(graph)
        if connected:
            super().__init__("mst_prim", edges, num_nodes, executor=executor, source=0)
        else:
            super().__init__("mst_kruskal", edges, num_nodes, executor=executor)


class Sort(ExecutorLayer):
    """Ascending order. forward: w (B, n) -> the keys in order (B, n), whose gradient is the permutation.

    `value` (B,) is the sum of c_i · sorted_i, with c (n,) = 1, 2, …, n if not given: for ascending c the maximum of
    Σ c_i · w_π(i) over permutations π. `solution`: c as it falls to the keys, so with the default c their ranks.
    `soft`: the mean of that under noise. algorithm: any of the learned sorts; equal keys stay in its order.

    >>> layer = Sort()
    >>> layer(torch.tensor([[3.0, 1.0, 2.0]])).tolist(), layer.solution(torch.tensor([[3.0, 1.0, 2.0]])).tolist()
    ([[1.0, 2.0, 3.0]], [[3.0, 1.0, 2.0]])
    """

    @own_defaults()
    def __init__(self, c: Tensor | None = None, algorithm: str = "merge_sort", executor: Executor | None = None):
        super().__init__(algorithm, executor=executor)
        self.c = None if c is None else constant(c, "c")
        steps = np.diff(self.c) if self.c is not None else np.ones(1)
        self.sense = "max" if (steps >= 0).all() else "min" if (steps <= 0).all() else None

    @eager
    def order(self, w: Tensor) -> Tensor:
        """w (B, n) -> (B, n) int64: which key each place holds."""
        return functions.order(self._numbers(w), self)

    def solve_order(self, w: np.ndarray) -> np.ndarray:
        """The same, on arrays."""
        self._check(w, w.shape[1])
        if not w.size:
            return np.zeros(w.shape, np.int64)
        prepared, reader = self._laid_out(*w.shape)
        with prepared.lock:
            prepared.run(w.reshape(-1))
            return reader.discrete(next(iter(self.spec.outputs.values()))).numpy()

    @eager
    def forward(self, w: Tensor) -> Tensor:
        return w.gather(1, self.order(w))

    @eager
    def value(self, w: Tensor) -> Tensor:
        ordered = (given := self._numbers(w)).gather(1, functions.order(given, self))
        return functions.rounded((ordered * self._places(w)).sum(1), dtype_of(w), self)

    @eager
    def solution(self, w: Tensor) -> Tensor:
        order = self.order(w)
        places = self._places(w).expand(order.shape)
        return torch.zeros_like(places).scatter(1, order, places).to(dtype_of(w))

    def _places(self, w: Tensor) -> Tensor:
        """What each place of the order counts, (n,) float64."""
        places = np.arange(1.0, w.shape[1] + 1) if self.c is None else self.c
        if len(places) != w.shape[1]:
            raise ArgumentError(f"w has shape {tuple(w.shape)}; c has {len(places)} numbers")
        return torch.from_numpy(places).to(w.device)


class Rank(Sort):
    """Ranks, from 1. forward: w (B, n) -> (B, n) in w's dtype. Piecewise constant: use `soft` for gradients.

    >>> Rank()(torch.tensor([[3.0, 1.0, 2.0]])).tolist()
    [[3.0, 1.0, 2.0]]
    """

    def __init__(self, algorithm: str = "merge_sort", executor: Executor | None = None):
        super().__init__(None, algorithm, executor)

    def forward(self, w: Tensor) -> Tensor:
        return self.solution(w)


class EditDistance(ExecutorLayer):
    """The cheapest way to make a sequence of n elements into one of m, at costs that a model predicts.

    w (B, n + m + n · m): what it costs to delete each element of the first, to insert each of the second, to put the
    second's in the place of the first's; `pack` makes it of three tensors, `unpack` the three of it. Elements are known
    by their costs alone: 0 for two that are equal. `solution` (B, n + m + n · m): the indicator of the operations that
    are taken, so `unpack(solution(w))[0]` (B, n, m) is the alignment. Negative costs are allowed.

    forward: replace (B, n, m), delete (B, n), insert (B, m), or a number for all -> (B,), the value.

    >>> layer = EditDistance(3, 2)
    >>> different = torch.tensor([[a != b for b in "bd"] for a in "abc"]).double()[None]
    >>> layer(different).tolist(), layer.unpack(layer.solution(layer.pack(different)))[0].tolist()
    ([2.0], [[[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]])
    """

    def __init__(self, n: int, m: int, executor: Executor | None = None):
        n, m = whole(n, "n"), whole(m, "m")
        if n < 0 or m < 0:
            raise ArgumentError(f"n={n}, m={m}; lengths are at least 0")
        super().__init__("edit_distance", shapes={"sequences": (n, m)}, executor=executor)
        self.lengths = n, m

    def pack(self, replace: Tensor, delete: Tensor | float = 1.0, insert: Tensor | float = 1.0) -> Tensor:
        """replace (B, n, m), delete (B, n), insert (B, m), or a number for all -> w (B, n + m + n · m), in the dtype of
        replace."""
        return self._packed(replace, delete, insert).to(dtype_of(replace))

    def _packed(self, replace: Tensor, delete: Tensor | float, insert: Tensor | float) -> Tensor:
        (n, m), given = self.lengths, float64(replace, "replace")
        if given.dim() != 3 or given.shape[1:] != (n, m):
            raise ArgumentError(f"replace has shape {tuple(given.shape)}; (B, {n}, {m}) is needed")
        parts = []
        for name, costs, k in (("delete", delete, n), ("insert", insert, m)):
            costs = numbers(costs, name).to(given.device)
            if costs.shape not in ((), (k,), (len(given), k)):
                raise ArgumentError(f"{name} has shape {tuple(costs.shape)}; (B, {k}), ({k},) or one number is needed")
            parts.append(costs.expand(len(given), k))
        return torch.cat([*parts, given.flatten(1)], 1)

    def unpack(self, w: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """w (B, n + m + n · m) -> replace (B, n, m), delete (B, n), insert (B, m)."""
        n, m = self.lengths
        self._check_width(w)
        delete, insert, replace = w.split([n, m, n * m], 1)
        return replace.unflatten(1, (n, m)), delete, insert

    def _numbers(self, w: Tensor) -> Tensor:
        self._check_width(w)
        return super()._numbers(w)

    def _check_width(self, w: Tensor) -> None:
        readable(w, f"{self.name}: w")
        n, m = self.lengths
        if w.dim() != 2 or w.shape[1] != n + m + n * m:
            raise ArgumentError(f"w has shape {tuple(w.shape)}; (B, {n + m + n * m}) is needed; see pack")

    @eager
    def forward(self, replace: Tensor, delete: Tensor | float = 1.0, insert: Tensor | float = 1.0) -> Tensor:
        found = functions.value(self._packed(replace, delete, insert), self)
        return functions.rounded(found, dtype_of(replace), self)
