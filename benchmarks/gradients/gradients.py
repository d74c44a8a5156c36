"""Time and memory of values and gradients; prints the table of docs/gradients.md.

    python benchmarks/gradients/gradients.py

CPU milliseconds of one thread, the least of several runs; a batch of 32 graphs with random weights. Beside the layer:
scipy's Dijkstra, called once for each graph (values alone), and Bellman-Ford unrolled in torch under autograd, told
after how many rounds to stop, or left to do the n - 1 rounds that are always enough.
"""

from __future__ import annotations

import time

import networkx as nx
import numpy as np
import torch
from torch import Tensor

from neural_exec.nn import ShortestPath

BATCH = 32


def grid(side: int, diagonals: bool) -> Tensor:
    """edge_index (2, m) of a grid, each edge once, from lower to higher nodes."""
    graph = nx.grid_2d_graph(side, side)
    if diagonals:
        for i in range(side - 1):
            graph.add_edges_from(((i, j), (i + 1, j + d)) for j in range(side) for d in (-1, 1) if 0 <= j + d < side)
    return torch.tensor(list(nx.convert_node_labels_to_integers(graph).edges())).sort(1).values.T


def milliseconds(f, runs: int = 9) -> float:
    f()
    taken = []
    for _ in range(runs):
        start = time.process_time()
        f()
        taken.append(time.process_time() - start)
    return 1e3 * min(taken)


def kept_of(value: Tensor):
    """What a value keeps for its pass back."""
    node = value.grad_fn
    while not hasattr(node, "kept"):
        node = node.next_functions[0][0]
    return node.kept


def unrolled(src: Tensor, dst: Tensor, w: Tensor, n: int, rounds: int) -> tuple[Tensor, int]:
    """Distances of the last node (B,) from w (E, B), and the bytes that autograd keeps."""
    kept = {}
    hooks = torch.autograd.graph.saved_tensors_hooks(
        lambda t: (kept.update({t.data_ptr(): t.nbytes}), t)[1], lambda t: t
    )
    with hooks:
        distance = torch.full((n, w.shape[1]), torch.inf, dtype=w.dtype)
        distance[0] = 0
        to = dst[:, None].expand(-1, w.shape[1])
        for _ in range(rounds):
            distance = distance.scatter_reduce(0, to, distance[src] + w, "amin")
    return distance[-1], sum(kept.values())


def scipy_once_each(edges: np.ndarray, w: np.ndarray, n: int) -> None:
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    for row in w:
        dijkstra(csr_matrix((row, (edges[0], edges[1])), shape=(n, n)), indices=0)


def measure(side: int, diagonals: bool, both: bool) -> dict:
    edges, n = grid(side, diagonals), side * side
    layer = ShortestPath(edges, 0, n - 1, weights="undirected" if both else "edge")
    w = (torch.rand(BATCH, edges.shape[1], dtype=torch.float64) * 8 + 1).requires_grad_()
    arcs, gather = layer.edge_index, layer.gather
    value = layer.value(w)
    rounds = int(layer._prepared[BATCH, arcs.shape[1]][0].ticks.max()) - 2
    transposed = w.detach()[:, gather].T.contiguous().requires_grad_()
    check, tape = unrolled(*arcs, transposed, n, rounds)
    assert torch.equal(check, value)
    back = lambda f, x: torch.autograd.grad(f().sum(), x)
    return {
        "grid": f"{side} × {side}{', diagonals' if diagonals else ''}{', both ways' if both else ''}",
        "value": milliseconds(lambda: layer.value(w.detach())),
        "value and gradient": milliseconds(lambda: back(lambda: layer.value(w), w)),
        "scipy, values": milliseconds(lambda: scipy_once_each(arcs.numpy(), w.detach()[:, gather].numpy(), n)),
        "unrolled, told when to stop": milliseconds(
            lambda: back(lambda: unrolled(*arcs, transposed, n, rounds)[0], transposed)
        ),
        "unrolled, n - 1 rounds": milliseconds(
            lambda: back(lambda: unrolled(*arcs, transposed, n, n - 1)[0], transposed), 3
        ),
        "kept, kB": kept_of(value).nbytes / 1e3,
        "unrolled keeps, kB": tape / 1e3,
    }


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = [measure(5, False, False), measure(12, True, True), measure(24, True, True)]
    print("| " + " | ".join(rows[0]) + " |\n|" + " --- |" * len(rows[0]))
    for row in rows:
        print("| " + " | ".join(x if isinstance(x, str) else f"{x:,.1f}" for x in row.values()) + " |")


if __name__ == "__main__":
    main()
