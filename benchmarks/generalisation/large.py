"""Executors at n = 10,000 and 100,000, trained at n <= 16; writes LARGE.md and large.json.

    python benchmarks/generalisation/large.py

One fresh input of each size, judged by the algorithm's independent reference. The algorithms are those whose textbook
program takes at most some millions of steps there; the others take the square or more, or (Kruskal) look through all
edges in every step.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
import torch

import neural_exec
from neural_exec.examples import rng_of
from neural_exec.files import digest

HERE = Path(__file__).parent
SIZES = (10_000, 100_000)
ALGORITHMS = (
    "bfs", "connected_components", "bellman_ford", "eccentricity", "dag_shortest_paths", "max_flow",
    "topological_sort", "dfs", "dijkstra", "floyd_cycle_detection",
    "minimum", "binary_search",
    "heapsort", "merge_sort", "quicksort", "naive_string_matcher", "kmp_matcher",
)  # fmt: skip


def measure(executor, name: str, n: int) -> dict:
    spec, rng = executor.spec(name), rng_of("large", name, n)
    family = next(f for f in ("erdos_renyi", "uniform", *spec.families["training"]) if f in spec.families["training"])
    data, arguments = spec.sample(rng, n, family)
    start = time.process_time()
    rollout = executor.run(name, data, **arguments)
    seconds = time.process_time() - start
    right = spec.check(rollout.outputs, data, **arguments)
    return dict(
        algorithm=name,
        n=n,
        family=family,
        exact=rollout.halted and all(map(all, right.values())),
        ticks=rollout.num_steps,
        unseen=rollout.unseen_contexts,
        seconds=seconds,
    )


def page(rows: list[dict], model: str) -> str:
    exact = sum(r["exact"] for r in rows)
    lines = [
        f"Trained at n <= 16, executed at n = {' and '.join(f'{n:,}' for n in SIZES)}: **{exact} of {len(rows)} inputs "
        "with every output right**.",
        "",
        f"Made by `python benchmarks/generalisation/large.py` on the weights `{model}` ({digest(model)[:16]}…), "
        "one core; one fresh input each, judged by the algorithm's independent reference.",
        "",
        "| algorithm | family | n | exact | ticks | unseen contexts | CPU s |",
        "|" + " --- |" * 7,
    ]
    lines += [
        f"| `{r['algorithm']}` | {r['family']} | {r['n']:,} | {'yes' if r['exact'] else 'NO'} | {r['ticks']:,} "
        f"| {r['unseen']} | {r['seconds']:.1f} |"
        for r in rows
    ]
    return "\n".join([*lines, ""])


@click.command()
@click.option("--model", default="all", show_default=True, help="a bundled model, or a directory")
def main(model: str) -> None:
    torch.set_num_threads(1)
    executor, rows = neural_exec.load(model), []
    for n in SIZES:
        for name in ALGORITHMS:
            rows.append(measure(executor, name, n))
            click.echo(rows[-1])
            (HERE / "large.json").write_text(json.dumps(rows, indent=1) + "\n")
            (HERE / "LARGE.md").write_text(page(rows, model))


if __name__ == "__main__":
    main()
