"""Traces a second beside dm-clrs's samplers, for all of CLRS-30; writes SPEED.md and speed.json.

    pip install -e '.[clrs]'
    python benchmarks/clrs/speed.py

Both on one core, in one process, in turn, so that the ratios hold although a machine may be busy. dm-clrs:
`build_sampler(name, k)`, which draws, runs and batches k instances. Here: k of the same instances laid out as rows from
the same arrays and drawn (`algorithms.drawing.drawn`): all writes of each run, of which states are made when asked. k
doubles until a quarter of a second is spent. Of every thousand instances of a draw one is recorded too and compared,
which is counted so: in full of a draw of one instance, by whose time that of k is told from it. What is made once in a
process (the table of the program's decisions, and what it learns from a first draw of other instances) is not counted.
`states`: every state of every register is made as well, at n = 16.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import geometric_mean
from typing import TypeVar

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import click
import clrs
import numpy as np
from rich.progress import track
from tasks import TASKS, original

from algorithms import registry
from algorithms.drawing import EVERY, drawn
from algorithms.inputs.graphs import Graph
from algorithms.inputs.structure import inputs_of_hub
from algorithms.machine.state import Instance

HERE = Path(__file__).parent
NAMES = registry.SUITES["clrs30"]
SECONDS = 0.25
DIRECTED = ("dag_shortest_paths", "dfs", "strongly_connected_components", "topological_sort")
MOST = 256  # different instances
T = TypeVar("T")


def theirs(name: str, n: int) -> float:
    """Instances a second."""
    clrs.build_sampler(original(name), seed=4, num_samples=1, length=n)
    k, spent = 1, 0.0
    while spent < SECONDS:
        k *= 2
        start = time.process_time()
        clrs.build_sampler(original(name), seed=4, num_samples=k, length=n)
        spent = time.process_time() - start
    return k / spent


def instances(name: str, n: int, count: int, seed: int) -> list[dict]:
    """The benchmark's own, as input probes {name: array}."""
    sampler, spec = clrs.build_sampler(original(name), seed=seed, num_samples=count, length=n)
    _, batches = clrs.process_permutations(spec, iter([sampler.next(None)]), enforce_permutations=False)
    inputs = {p.name: np.asarray(p.data) for p in next(batches).features.inputs}
    return [dict(zip(inputs, row)) for row in zip(*inputs.values())]


def laid_out(name: str, x: dict) -> Instance:
    """One of the benchmark's instances as rows; a graph straight from its matrix."""
    spec = registry.get(name)
    if type(spec.structure) is not Graph:
        return TASKS[name].lay_out(name, x)
    ends = np.argwhere(x["A"] if name in DIRECTED else np.triu(x["A"]))
    weight = x["A"][ends[:, 0], ends[:, 1]] if spec.structure.weighted else None
    hub = {argument: int(np.argmax(x["s"])) for argument in inputs_of_hub(spec)}
    labels = list(range(len(x["A"])))
    instance = spec.structure.arrange(spec, labels, ends, weight, name in DIRECTED, hub)
    instance.make_plain()
    return instance


def ours(name: str, n: int, rate: float) -> dict[str, float]:
    """Traces a second, where dm-clrs draws instances at that rate; at n = 16 with all states as well."""
    draw = lambda rows, k: drawn(registry.get(name), [laid_out(name, rows[i % len(rows)]) for i in range(k)])
    before, rows = (instances(name, n, max(1, min(MOST, int(rate))), seed) for seed in (5, 4))
    draw(before, len(before))
    one, traces = timed(lambda: draw(rows, 1))
    k, more = 1, 0.0
    while more < SECONDS:
        k *= 2
        many, traces = timed(lambda: draw(rows, k))
        more = many - one
    each = more / (k - 1)
    each += max(0.0, one - each) / EVERY  # one is compared
    out = dict(ours=1 / each)
    if n == 16:
        some = traces[: min(k, 16)]
        stated, _ = timed(lambda: [p.data for trace in some for p in trace.hints.values()])
        out["states"] = 1 / (each + stated / len(some))
    return out


def timed(make: Callable[[], T]) -> tuple[float, T]:
    """The processor's time, and what was made."""
    start = time.process_time()
    made = make()
    return time.process_time() - start, made


def page(rows: list[dict]) -> str:
    ratio = lambda r: r["ours"] / r["theirs"]
    mean = geometric_mean(map(ratio, rows))
    slower = [r for r in rows if ratio(r) < 1]
    sizes = sorted({r["n"] for r in rows})
    means = ", ".join(f"{geometric_mean(ratio(r) for r in rows if r['n'] == n):.2f} at n = {n}" for n in sizes)
    stated = geometric_mean(r["states"] / r["theirs"] for r in rows if "states" in r)
    columns = [f"dm-clrs, n = {n} | here | ratio" for n in sizes]
    lines = [
        f"Traces a second beside dm-clrs's samplers, one core: geometric mean of the ratios {mean:.1f} ({means}); "
        f"slower on {len(slower)} of {len(rows)}.",
        "",
        "Made by `python benchmarks/clrs/speed.py`, which says what is timed. The machine had other work beside it: "
        "the two are timed in turn in one process, by its own processor time, and the ratios are what counts. A trace "
        "here has every tick, a step that reads a few registers, and holds its writes; a hint of dm-clrs is a state "
        "that covers up to a whole inner loop: the two are not the same amount of supervision. With every state of "
        f"every register made as well, the geometric mean at n = 16 is {stated:.2f}.",
        "",
        "| " + " | ".join(["algorithm", *columns, "here with states, n = 16"]) + " |",
        "| --- |" + " --- | --- | --- |" * len(sizes) + " --- |",
    ]
    for name in NAMES:
        cells = []
        for r in (r for r in rows if r["algorithm"] == name):
            cells.append(f"{r['theirs']:.1f} | {r['ours']:.1f} | {ratio(r):.2f}{'' if ratio(r) >= 1 else ' !'}")
        cells += [f"{r['states']:.1f}" for r in rows if r["algorithm"] == name and "states" in r]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


@click.command()
def main() -> None:
    rows = []
    for name in track(NAMES, "timing"):
        for n in (16, 64):
            rate = theirs(name, n)
            rows.append(dict(algorithm=name, n=n, theirs=rate, **ours(name, n, rate)))
    (HERE / "speed.json").write_text(json.dumps(rows, indent=1) + "\n")
    (HERE / "SPEED.md").write_text(page(rows))
    click.echo(page(rows).splitlines()[0])


if __name__ == "__main__":
    main()
