"""Where to draw the nodes of a graph: distances in the picture like those in the graph (Kamada and Kawai's criterion,
minimised by stress majorization), one component beside the other. Needs numpy alone, and no seed."""

from __future__ import annotations

import networkx as nx
import numpy as np

__all__ = ["layout"]

_FEW, _SWEEPS = 200, (200, 30)  # up to so many nodes; sweeps for few, for many
_PIVOTS = 50  # nodes that the start looks at
_GAP = 1.2  # between components, in edges


def layout(n: int, edges: list[tuple[int, int]]) -> np.ndarray:
    """Places (n, 2) of nodes 0..n-1.

    >>> layout(2, [(0, 1)])[:, 0].round(2).tolist()
    [-0.5, 0.5]
    """
    graph = nx.empty_graph(n)
    graph.add_edges_from(edges)
    parts = [graph.subgraph(c) for c in sorted(nx.connected_components(graph), key=lambda c: (-len(c), min(c)))]
    out = np.zeros((n, 2))
    for part, place in zip(parts, _packed([_component(part) for part in parts])):
        out[list(part)] = place
    return out - (out.min(0) + out.max(0)) / 2


def _component(graph: nx.Graph) -> np.ndarray:
    """Places of a connected graph's nodes, in their order: minimise the sum over pairs of ((|x_i - x_j| - d_ij) /
    d_ij)^2, from a start by the distances to a few of them."""
    n = len(graph)
    index, wanted = {v: i for i, v in enumerate(graph)}, np.zeros((n, n))
    for u, near in nx.all_pairs_shortest_path_length(graph):
        wanted[index[u], [index[v] for v in near]] = list(near.values())
    squares = wanted[:, np.linspace(0, n - 1, min(n, _PIVOTS)).astype(int)] ** 2
    squares = squares - squares.mean(0) - squares.mean(1, keepdims=True) + squares.mean()
    x = np.zeros((n, 2))
    vectors = np.linalg.eigh(squares.T @ squares)[1][:, -2:]
    x[:, : vectors.shape[1]] = squares @ vectors
    x += 0.01 * np.abs(x).max(initial=1.0) * np.random.default_rng(0).standard_normal(x.shape)  # none on another
    np.fill_diagonal(wanted, 1.0)
    pull = wanted**-2.0
    np.fill_diagonal(pull, 0.0)
    inverse = np.linalg.inv(np.diag(pull.sum(1)) - pull + 1 / n)
    for _ in range(_SWEEPS[n > _FEW]):
        gaps = np.maximum(np.linalg.norm(x[:, None] - x[None], axis=2), 1e-9)
        ratio = pull * wanted / gaps
        x = inverse @ (ratio.sum(1)[:, None] * x - ratio @ x)
    x = x - x.mean(0)
    if n > 1:  # its long way from left to right, its first node to the left and above
        x = x @ np.linalg.svd(x, full_matrices=False)[2].T
    return x * [-1 if x[0, 0] > 0 else 1, -1 if x[0, 1] < 0 else 1]


def _packed(places: list[np.ndarray]) -> list[np.ndarray]:
    """Moved side by side, in rows from the top, the large ones first."""
    spans = [np.ptp(p, axis=0) + _GAP for p in places]
    width = max(1.4 * np.sqrt(sum(s.prod() for s in spans)), max(s[0] for s in spans))
    out, corner, height = [], np.zeros(2), 0.0
    for place, span in zip(places, spans):
        if corner[0] + span[0] > width + 1e-9:
            corner, height = np.array([0.0, corner[1] - height]), 0.0
        out.append(place - [place[:, 0].min(), place[:, 1].max()] + corner)
        corner, height = corner + [span[0], 0.0], max(height, span[1])
    return out
