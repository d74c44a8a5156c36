"""How training grows with the number of algorithms, and what sharing gives; writes GROWTH.md and growth.json.

    python benchmarks/training/growth.py            # some 40 minutes on one core
    python benchmarks/training/growth.py --seeds 1  # one seed

Joint: one processor from nothing on 4, 8, 16, 30 (CLRS-30) and all algorithms. Alone: the same network from nothing on
each algorithm by itself, with the same traces.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
import torch

import neural_exec
import neural_exec.training.train
from algorithms import registry
from neural_exec.evaluation import evaluate

HERE = Path(__file__).parent
CLRS30 = registry.SUITES["clrs30"]
GROUPS = {  # a few of every chapter first
    4: ("bfs", "insertion_sort", "binary_search", "activity_selector"),
    8: ("dijkstra", "heapsort", "minimum", "lcs_length"),
    16: ("dfs", "mst_prim", "kmp_matcher", "segments_intersect", "quicksort", "topological_sort", "bridges",
         "optimal_bst"),
}  # fmt: skip
FEW = 8  # traces an algorithm, where data are short


def suites() -> dict[str, list[str]]:
    out, names = {}, []
    for k, more in GROUPS.items():
        names = [*names, *more]
        out[str(k)] = names
    return out | {"30 (clrs30)": list(CLRS30), f"{len(registry.names())} (all)": registry.names()}


def joint(label: str, names: list[str], seed: int, graphs: int, traces: int) -> dict:
    """One processor on all of them: cost, size, and exactness at n = 64."""
    start = time.monotonic()
    executor = neural_exec.train(algorithms=names, seed=seed, traces=traces)
    seconds, info = time.monotonic() - start, executor.info
    own = [executor.parameters_of(n)["own"] for n in names]
    report = evaluate(executor, sizes=[64], graphs=graphs, seeds=[1000 + seed])
    return dict(
        label=label,
        algorithms=len(names),
        seed=seed,
        traces=traces,
        updates=info["updates"],
        drawing=info["seconds"]["traces"],
        training=info["seconds"]["training"],
        seconds=seconds,
        shared=executor.parameters_of(names[0])["shared"],
        own=sum(own) / len(own),
        inexact=info["inexact"],
        failed=sorted({r.algorithm for r in report.failures}),
        exact=sum(r.exact for r in report.rows),
        graphs=sum(r.graphs for r in report.rows),
    )


def page(rows: list[dict], alone: list[dict], few: list[dict]) -> str:
    lines = [
        "How training grows with the number of algorithms: one processor, from nothing, one core. Made by "
        "`python benchmarks/training/growth.py`.",
        "",
        "Exact: graphs with every output right at n = 64, on fresh graphs of all families. Numbers: shared by all, and "
        "of one algorithm's own (mean).",
        "",
        "| algorithms | seed | traces s | training s | updates | shared numbers | own numbers | exact | not exact |",
        "|" + " --- |" * 9,
    ]
    for r in rows:
        failed = ", ".join(sorted({*r["failed"], *r["inexact"]})) or "none"
        lines.append(
            f"| {r['label']} | {r['seed']} | {r['drawing']:.1f} | {r['training']:.1f} | {r['updates']} "
            f"| {r['shared']:,} | {r['own']:.0f} | {r['exact']}/{r['graphs']} | {failed} |"
        )
    together = [r for r in rows if r["label"].endswith("(all)")]
    lines += [
        "",
        "## Alone",
        "",
        f"Each of the {len(alone)} algorithms by itself, the same network from nothing, the same traces (seed 0): "
        f"{sum(r['updates'] for r in alone)} updates and {sum(r['training'] for r in alone):.0f} s of training in all "
        f"(jointly: {together[0]['updates']} updates, {together[0]['training']:.0f} s), "
        f"{sum(r['shared'] + r['own'] for r in alone):,.0f} numbers in all (jointly: "
        f"{together[0]['shared'] + together[0]['own'] * len(alone):,.0f}); exact on {sum(r['exact'] for r in alone)} "
        f"of {sum(r['graphs'] for r in alone)} graphs; not exact: "
        f"{', '.join(r['label'] for r in alone if r['failed'] or r['inexact']) or 'none'}.",
        "",
        f"With {FEW} traces an algorithm, where data decide: "
        + "; ".join(
            f"{kind}, exact algorithms at n = 64: {', '.join(str(x) for x in counts)} of {len(alone)}"
            for kind, counts in few
        )
        + " (one figure a seed).",
        "",
        "| algorithm | updates alone | training s |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{r['label']}` | {r['updates']} | {r['training']:.2f} |" for r in alone]
    return "\n".join([*lines, ""])


@click.command()
@click.option("--seeds", default=3, show_default=True)
@click.option("--graphs", default=18, show_default=True, help="graphs of each algorithm at n = 64")
def main(seeds: int, graphs: int) -> None:
    torch.set_num_threads(1)
    rows = []
    for label, names in suites().items():
        for seed in range(seeds):
            rows.append(joint(label, names, seed, graphs, neural_exec.training.train.TRACES))
            click.echo({k: v for k, v in rows[-1].items()})
    alone = [joint(n, [n], 0, graphs, neural_exec.training.train.TRACES) for n in registry.names()]
    click.echo(f"alone: {sum(r['updates'] for r in alone)} updates")
    exact = lambda r: len(set(r["failed"]))
    few = {"jointly": [], "alone": []}
    for seed in range(seeds):
        together = joint("few", registry.names(), seed, graphs, FEW)
        few["jointly"].append(len(registry.names()) - exact(together))
        few["alone"].append(sum(not exact(joint(n, [n], seed, graphs, FEW)) for n in registry.names()))
        click.echo(few)
    results = dict(joint=rows, alone=alone, few=list(few.items()))
    (HERE / "growth.json").write_text(json.dumps(results, indent=1) + "\n")
    (HERE / "GROWTH.md").write_text(page(rows, alone, list(few.items())))


if __name__ == "__main__":
    main()
