"""Time and memory of single runs from 64 to 100,000 nodes, beside what a user would take; writes SCALE.md and
scale.json.

    python benchmarks/speed/scale.py            # some ten minutes
    python benchmarks/speed/scale.py --sizes 1000000  # a million nodes, of one family; longer, and some GB

What was measured at other sizes, with the same weights and kernel, stays on the page.

One thread. Ours is `executor.run` on a networkx graph never seen before: checks, layout, the run and the answer in the
caller's labels. networkx is called on the same graph; scipy and rustworkx on graphs of their own, which are made before
the clock starts. Every answer is compared in full. Times are the least of a few; ratios are of one process. Memory is
what the process holds at most while ours runs, beyond what it held before, over the edges; from 100,000 nodes on.
"""

from __future__ import annotations

import ctypes
import gc
import json
import math
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import click
import networkx as nx
import numpy as np
import torch

import neural_exec
from neural_exec.certificates import kernel_here
from neural_exec.files import digest

HERE = Path(__file__).parent
FIGURES = HERE / "scale.json"
GRAPHS = (
    "bfs", "connected_components", "bellman_ford", "dijkstra", "mst_prim", "mst_kruskal", "dfs", "topological_sort",
)  # fmt: skip
LARGEST = 1_000_000  # nodes; of one family
SORTS = ("heapsort", "merge_sort", "quicksort")
FAMILIES = ("erdos_renyi", "barabasi_albert", "grid", "path", "star")
SOURCES = {"bfs": "source", "bellman_ford": "source", "dijkstra": "source", "mst_prim": "source"}


def graph_of(family: str, n: int, seed: int) -> tuple[nx.Graph, int]:
    """A weighted graph of degree about 8 (where the family leaves it open), and a node of its largest component."""
    rng, side = np.random.default_rng(seed), math.isqrt(n)
    graph = {
        "erdos_renyi": lambda: nx.fast_gnp_random_graph(n, 8 / n, seed=seed),
        "barabasi_albert": lambda: nx.barabasi_albert_graph(n, 4, seed=seed),
        "grid": lambda: nx.convert_node_labels_to_integers(nx.grid_2d_graph(side, side)),
        "path": lambda: nx.path_graph(n),
        "star": lambda: nx.star_graph(n - 1),
    }[family]()
    for (_, _, data), w in zip(graph.edges(data=True), (rng.random(graph.number_of_edges()) + 0.01).tolist()):
        data["weight"] = w
    return graph, min(max(nx.connected_components(graph), key=len))


def networkx_call(name: str, graph: nx.Graph, source: int) -> Callable:
    return {
        "bfs": lambda: dict(nx.bfs_predecessors(graph, source)),
        "connected_components": lambda: list(nx.connected_components(graph)),
        "bellman_ford": lambda: nx.bellman_ford_predecessor_and_distance(graph, source)[1],
        "dijkstra": lambda: nx.dijkstra_predecessor_and_distance(graph, source)[1],
        "mst_prim": lambda: list(nx.minimum_spanning_edges(graph, algorithm="prim", data=True)),
        "mst_kruskal": lambda: list(nx.minimum_spanning_edges(graph, algorithm="kruskal", data=True)),
        "dfs": lambda: list(nx.dfs_edges(graph)),
        "topological_sort": lambda: list(nx.topological_sort(graph)),
    }[name]


def same(name: str, ours: dict, theirs, graph: nx.Graph, source: int) -> bool:
    """Is our answer right, held against networkx's in full?"""
    if name in ("dijkstra", "bellman_ford"):
        found = ours["distance"]
        return all(found[v] == theirs.get(v, math.inf) for v in graph)
    if name == "connected_components":
        return all(len({ours["component"][v] for v in nodes}) == 1 for nodes in theirs) and len(theirs) == len(
            {*ours["component"].values()}
        )
    if name == "bfs":
        depth = nx.single_source_shortest_path_length(graph, source)
        parent = ours["parent"]
        return all(depth[v] == depth[parent[v]] + 1 for v in depth if v != source) and len(depth) == sum(
            ours["reached"].values()
        )
    if name == "topological_sort":
        place = {v: i for i, v in enumerate(ours["order"])}
        return len(place) == len(graph) and all(place[u] < place[v] for u, v in graph.edges)
    if name == "dfs":
        return sum(p is not None for p in ours["parent"].values()) == len(theirs)
    chosen = ours["edges"] if "edges" in ours else [(u, v) for v, u in ours["parent"].items() if u not in (None, v)]
    if name == "mst_prim":  # of the source's component
        reached = nx.node_connected_component(graph, source)
        theirs = [e for e in theirs if e[0] in reached]
    weight, least = math.fsum(graph.edges[e[:2]]["weight"] for e in chosen), math.fsum(d["weight"] for *_, d in theirs)
    return len(chosen) == len(theirs) and math.isclose(weight, least, rel_tol=1e-12)


def other_calls(name: str, graph: nx.Graph, source: int) -> dict[str, Callable]:
    """scipy's and rustworkx's, on graphs of their own."""
    out = {}
    from scipy.sparse import csgraph

    if name not in ("topological_sort", "mst_prim"):
        sparse = nx.to_scipy_sparse_array(graph, format="csr")
        out |= {
            "bfs": {"scipy": lambda: csgraph.breadth_first_order(sparse, source, directed=False)},
            "connected_components": {"scipy": lambda: csgraph.connected_components(sparse, directed=False)},
            "dijkstra": {"scipy": lambda: csgraph.dijkstra(sparse, indices=source)},
            "mst_kruskal": {"scipy": lambda: csgraph.minimum_spanning_tree(sparse)},
            "dfs": {"scipy": lambda: csgraph.depth_first_order(sparse, source, directed=False)},
        }.get(name, {})
    try:
        import rustworkx as rx
    except ImportError:
        return out
    other = (rx.PyDiGraph if graph.is_directed() else rx.PyGraph)()
    other.add_nodes_from(range(len(graph)))
    other.add_edges_from([(u, v, d.get("weight", 1.0)) for u, v, d in graph.edges(data=True)])
    call = {
        "bfs": lambda: rx.bfs_search(other, [source], rx.visit.BFSVisitor()),
        "connected_components": lambda: rx.connected_components(other),
        "bellman_ford": lambda: rx.bellman_ford_shortest_path_lengths(other, source, float),
        "dijkstra": lambda: rx.dijkstra_shortest_path_lengths(other, source, float),
        "mst_kruskal": lambda: rx.minimum_spanning_edges(other, float),
        "dfs": lambda: rx.dfs_edges(other),
        "topological_sort": lambda: rx.topological_sort(other),
    }.get(name)
    return out | ({"rustworkx": call} if call else {})


def seconds(call: Callable, n: int) -> tuple[float, object]:
    """The least of some calls, and what the last one gave."""
    best, out = math.inf, None
    for _ in range(30 if n <= 1000 else 3 if n <= 10_000 else 1):
        if n > 1000:
            out = None
            gc.collect()
        start = time.perf_counter()
        out = call()
        best = min(best, time.perf_counter() - start)
    return best, out


def resident() -> int:
    """Bytes of memory that the process holds at most from now on; what it has freed is given back before."""
    gc.collect()
    with suppress(OSError, AttributeError):  # Linux alone
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")
    return most()


def most() -> int:
    """Bytes of memory that the process held at most since `resident`."""
    with suppress(OSError):
        return next(1024 * int(x.split()[1]) for x in Path("/proc/self/status").open() if x.startswith("VmHWM"))
    return 0


def measure(executor, name: str, family: str, n: int) -> dict:
    graph, source = graph_of(family, n, seed=n)
    if name == "topological_sort":
        dag = nx.DiGraph()
        dag.add_nodes_from(graph)
        dag.add_edges_from(graph.edges)
        graph = dag
    inputs = {SOURCES[name]: source} if name in SOURCES else {}
    before = resident()
    ours, rollout = seconds(lambda: executor.run(name, graph, **inputs), n)
    held = most() - before
    theirs, answer = seconds(networkx_call(name, graph, source), n)
    row = dict(
        algorithm=name, family=family, n=len(graph), edges=graph.number_of_edges(), ticks=rollout.num_steps, ours=ours,
        networkx=theirs, exact=rollout.halted and same(name, rollout.outputs, answer, graph, source),
        unseen=rollout.unseen_contexts, bytes_an_edge=held / max(1, graph.number_of_edges()),
    )  # fmt: skip
    del rollout, answer
    return row | {who: seconds(call, n)[0] for who, call in other_calls(name, graph, source).items()}


def measure_sort(executor, name: str, n: int) -> dict:
    import heapq

    values = np.random.default_rng(n).random(n).tolist()
    ours, rollout = seconds(lambda: executor.run(name, values), n)

    def by_heap():
        heap = list(values)
        heapq.heapify(heap)
        return [heapq.heappop(heap) for _ in range(len(heap))]

    theirs, answer = seconds(by_heap, n)
    right = [values[i] for i in rollout.outputs["order"]] == answer
    return dict(
        algorithm=name, family="uniform", n=n, ticks=rollout.num_steps, ours=ours, heapq=theirs,
        exact=rollout.halted and right, unseen=rollout.unseen_contexts,
    )  # fmt: skip


def near(n: int, sizes: list[int]) -> bool:
    """Is this the number of nodes that a family has for one of the sizes? A grid has a square."""
    return any(math.isqrt(size) ** 2 <= n <= size for size in sizes)


def page(rows: list[dict], model: str) -> str:
    others = ("networkx", "scipy", "rustworkx", "heapq")
    lines = [
        "Time of single runs, trained at n <= 16, beside what a user would take. `executor.run` is timed whole: "
        "checks, layout, run, answer.",
        "",
        f"Made by `python benchmarks/speed/scale.py` on the weights `{model}` ({digest(model)[:16]}…), one thread; "
        f"{sum(r['exact'] for r in rows)} of {len(rows)} answers are right in full. Ratios above 1: we are slower.",
        "",
        "| algorithm | family | n | ticks | s | / networkx | / scipy | / rustworkx | / heapq | bytes an edge | exact |",
        "|" + " --- |" * 11,
    ]
    for r in rows:
        ratios = (f"{r['ours'] / r[who]:.2f}" if who in r else "" for who in others)
        held = f"{r['bytes_an_edge']:.0f}" if "bytes_an_edge" in r and r["n"] > 90_000 else ""
        cells = [f"`{r['algorithm']}`", r["family"], f"{r['n']:,}", f"{r['ticks']:,}", f"{r['ours']:.4f}", *ratios]
        lines.append(f"| {' | '.join([*cells, held, 'yes' if r['exact'] else 'NO'])} |")
    lines += ["", "Growth: time over n, fitted from n = 1,000 on.", "", "| algorithm | family | exponent |"]
    lines.append("| --- | --- | --- |")
    for name, family in dict.fromkeys((r["algorithm"], r["family"]) for r in rows):
        here = [r for r in rows if (r["algorithm"], r["family"]) == (name, family) and r["n"] >= 900]
        if len(here) > 1:
            fit = np.polyfit([math.log(r["n"]) for r in here], [math.log(r["ours"]) for r in here], 1)
            lines.append(f"| `{name}` | {family} | {fit[0]:.2f} |")
    return "\n".join([*lines, ""])


@click.command()
@click.option("--model", default="all", show_default=True, help="a bundled model, or a directory")
@click.option("--sizes", default="64,1000,10000,100000", show_default=True)
@click.option("--algorithms", default=",".join((*GRAPHS, *SORTS)), help="which of them")
@click.option("--families", default=",".join(FAMILIES), show_default=True)
@click.option("--write/--no-write", default=True, show_default=True, help="write the page")
def main(model: str, sizes: str, algorithms: str, families: str, write: bool) -> None:
    torch.set_num_threads(1)
    executor, chosen_sizes = neural_exec.load(model), [int(n) for n in sizes.split(",")]
    of = dict(weights=digest(model)[:16], kernel=kernel_here())
    rows = json.loads(FIGURES.read_text()) if write and FIGURES.exists() else []
    rows = [r for r in rows if r.items() >= of.items() and not near(r["n"], chosen_sizes)]
    for n in chosen_sizes:
        for name in algorithms.split(","):
            chosen = families.split(",") if n < LARGEST else ("erdos_renyi",)
            for family in chosen if name in GRAPHS else ("uniform",):
                row = measure(executor, name, family, n) if name in GRAPHS else measure_sort(executor, name, n)
                rows.append({**row, **of})
                click.echo(json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in rows[-1].items()}))
                if write:
                    FIGURES.write_text(json.dumps(rows, indent=1) + "\n")
                    (HERE / "SCALE.md").write_text(page(rows, model))


if __name__ == "__main__":
    main()
