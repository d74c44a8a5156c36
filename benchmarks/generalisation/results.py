"""Makes `benchmarks/generalisation/RESULTS.md`, the table and the picture of the README.

    python benchmarks/generalisation/results.py            # some 20 minutes on one core
    python benchmarks/generalisation/results.py --quick    # a look, in two minutes; writes nothing

Trains the core suite anew from several seeds, evaluates the bundled weights and the MPNN baseline on the same fresh
graphs, and measures speed.
"""

from __future__ import annotations

import datetime
import platform
import resource
import time
from pathlib import Path

import click
import networkx
import torch
import torch_geometric

import neural_exec
from algorithms import registry
from algorithms.contexts import draw
from algorithms.recording.record import Recording
from neural_exec.evaluation import Report, evaluate
from neural_exec.examples import draw_examples, rng_of
from neural_exec.gnn.mpnn import Baseline
from neural_exec.plotting import plot_report
from neural_exec.training.trainer import Trainer

ROOT = Path(__file__).resolve().parents[2]
SPEED = ("bfs", "bellman_ford", "dijkstra", "dfs", "mst_kruskal", "heapsort", "insertion_sort")


def seeds_table(seeds: range, graphs: int) -> list[str]:
    """Seconds to exact, from nothing, and exactness on fresh graphs, for each seed."""
    lines = ["| seed | traces s | training s | updates | exact at n = 16 | 32 | 64 | not exact |", "|" + " --- |" * 8]
    for seed in seeds:
        executor = neural_exec.train(seed=seed)
        report = evaluate(executor, sizes=(16, 32, 64), graphs=graphs, seeds=[seed])
        share = [
            f"{sum(r.exact for r in report.rows if r.size == n)}/{sum(r.graphs for r in report.rows if r.size == n)}"
            for n in (16, 32, 64)
        ]
        failed = sorted({r.algorithm for r in report.failures} | set(executor.info["inexact"]))
        s = executor.info["seconds"]
        cells = [seed, s["traces"], s["training"], executor.info["updates"], *share, ", ".join(failed) or "none"]
        lines.append("| " + " | ".join(str(c) for c in cells) + " |")
        click.echo(lines[-1])
    return lines


def generalisation(report: Report, baseline: Report, sizes: list[int]) -> list[str]:
    """Graph-level exactness by algorithm and size, the baseline's beside it."""
    theirs = sorted({r.size for r in baseline.rows})
    head = ["algorithm", *(f"n = {n}" for n in sizes), "the program's own run", "unseen contexts"]
    head += [f"MPNN, n = {n} (nodes)" for n in theirs]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for name in registry.suite("core"):
        rows = [r for r in report.rows if r.algorithm == name]
        cells = [name]
        for n in sizes:
            here = [r for r in rows if r.size == n]
            cells.append(f"{sum(r.exact for r in here)}/{sum(r.graphs for r in here)}")
        compared = [r for r in rows if r.same is not None]
        cells.append(f"{sum(r.same for r in compared)}/{sum(r.graphs for r in compared)}")
        cells.append(str(sum(r.unseen for r in rows)))
        for n in theirs:
            here = [r for r in baseline.rows if r.algorithm == name and r.size == n]
            graphs = sum(r.graphs for r in here)
            nodes = sum(r.nodes * r.graphs for r in here) / max(1, graphs)
            cells.append(f"{sum(r.exact for r in here)}/{graphs} ({100 * nodes:.0f} %)" if here else "-")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def speed_table(executor: neural_exec.Executor, sizes: tuple[int, ...]) -> list[str]:
    """Ticks a second in execution, by algorithm and n, on one sparse random graph (or random list) each."""
    lines = [f"| ticks a second | {' | '.join(f'n = {n}' for n in sizes)} |", "|" + " --- |" * (len(sizes) + 1)]
    for name in SPEED:
        spec, cells = executor.spec(name), [name]
        for n in sizes:
            data, arguments = spec.sample(rng_of("speed", name, n), n, spec.families["training"][0])
            start = time.perf_counter()
            steps = executor.run(name, data, **arguments).num_steps
            cells.append(f"{steps / (time.perf_counter() - start):,.0f}")
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def other_speeds() -> list[str]:
    """Traces drawn and updates made a second."""
    start, runs = time.perf_counter(), 0
    for name in registry.suite("core"):
        spec = registry.get(name)
        recording, rng = Recording(spec), rng_of("speed of traces", name)
        for family in spec.families["training"] * 4:
            draw(spec, recording, rng, 16, family)
            runs += 1
    traces = runs / (time.perf_counter() - start)
    trainer = Trainer([draw_examples(a, 0, 60, 15) for a in registry.suite("core")], 0)
    start = time.perf_counter()
    for _ in range(100):
        trainer.update()
    updates = 100 / (time.perf_counter() - start)
    return [f"- traces of n = 16 a second, all algorithms alike: {traces:,.0f}", f"- updates a second: {updates:,.0f}"]


def between(text: str, mark: str, lines: list[str]) -> str:
    """`text` with the lines between `<!-- mark -->` and `<!-- /mark -->` replaced."""
    before, rest = text.split(f"<!-- {mark} -->\n", 1)
    return (
        before + f"<!-- {mark} -->\n" + "\n".join(lines) + f"\n<!-- /{mark} -->" + rest.split(f"<!-- /{mark} -->", 1)[1]
    )


@click.command()
@click.option("--seeds", default="100,101,102,103,104", help="Seeds to train from.")
@click.option("--quick", is_flag=True, help="A few graphs, one seed; writes nothing.")
def main(seeds: str, quick: bool) -> None:
    torch.set_num_threads(1)
    chosen = [int(s) for s in seeds.split(",")]
    sizes = [16, 64] if quick else [16, 64, 256, 1024]
    executor, mpnn = neural_exec.load("core"), Baseline.load(ROOT / "neural_exec" / "baselines" / "mpnn")
    shared = executor.parameters_of("bfs")["shared"]
    own = [executor.parameters_of(a)["own"] for a in executor.algorithms]
    trained = seeds_table(chosen[:1] if quick else chosen, graphs=9)
    said = lambda r: click.echo(f"  {r.algorithm} {r.size} {r.family} {r.exact}/{r.graphs}")
    report = evaluate(executor, sizes=sizes, graphs=9 if quick else None, report=said)
    baseline = Report()
    for name in executor.algorithms:  # runs that do not halt take long: begin none after ten seconds
        baseline.rows += evaluate(mpnn, [name], sizes=(16, 64), graphs=9, model="MPNN", seconds=10.0).rows
    table = generalisation(report, baseline, sizes)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    packages = ", ".join(f"{m.__name__} {m.__version__}" for m in (torch, torch_geometric, networkx))
    packages = f"Python {platform.python_version()}, {packages}"
    weights = sum(p.numel() for p in mpnn.parameters())
    lines = [
        "# Results",
        "",
        f"Made by `python benchmarks/generalisation/results.py` on {datetime.date.today()}; one core; {packages}.",
        "",
        "## From nothing to exact",
        "",
        "All fourteen algorithms on one processor, traces of at most 16 nodes drawn and trained on, from seeds that no",
        "development used. Exactness on fresh graphs of every family: all outputs right, and halted.",
        "",
        *trained,
        "",
        f"Parameters: {shared:,} shared by all algorithms; {min(own)} to {max(own)} of each algorithm's own.",
        f"Greatest memory of the whole benchmark: {memory:.1f} GB.",
        "",
        "## Generalisation of the bundled weights",
        "",
        "Graphs with every output right, of all; families in and out of the training mix. *The program's own run*: as",
        "many ticks, the same selections, the same registers at the end (compared up to n = 256).",
        f"The MPNN ({weights:,} parameters, all algorithms jointly, the same samplers) was trained for",
        f"{mpnn.info['seconds']:.0f} s.",
        "",
        *table,
        "",
        "## Speed",
        "",
        *other_speeds(),
        "",
        *speed_table(executor, (16, 256) if quick else (16, 256, 1024, 4096)),
        "",
    ]
    click.echo("\n".join(lines))
    if not quick:
        (Path(__file__).parent / "RESULTS.md").write_text("\n".join(lines))
        readme = ROOT / "README.md"
        readme.write_text(between(readme.read_text(), "table", table))
        plot_report(Report(report.rows + baseline.rows), ROOT / "docs" / "exactness.png")


if __name__ == "__main__":
    main()
