"""Traces a second beside dm-clrs's samplers, for all of CLRS-30; writes CLRS_SPEED.md and clrs_speed.json.

    pip install -e '.[clrs]'
    python benchmarks/clrs_speed.py

Both on one core, in one process, in turn. dm-clrs: `build_sampler(name, k)`, which draws, runs and batches k instances.
Here: the same instances laid out and run by the recorder, every state kept. Each is given at least half a second, after
a first run that is not counted.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from statistics import geometric_mean

import click
import clrs
import torch
from clrs30 import NAMES, split
from clrs_tasks import TASKS, original
from rich.progress import track

from algorithms import registry
from algorithms.recording.record import Recording, record

HERE = Path(__file__).parent
SECONDS = 0.5


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


def ours(name: str, n: int) -> float:
    """Traces a second."""
    inputs, _, _ = split(name, seed=4, samples=1, length=n)
    rows = [dict(zip(inputs, row)) for row in zip(*inputs.values())]
    spec = registry.get(name)
    recording, k, start = Recording(spec), 0, None
    while start is None or time.process_time() - start < SECONDS:
        record(spec, TASKS[name].lay_out(name, rows[k % len(rows)]), recording)
        if start is None:
            start = time.process_time()
        else:
            k += 1
    return k / (time.process_time() - start)


def page(rows: list[dict]) -> str:
    ratio = lambda r: r["ours"] / r["theirs"]
    slower = [r for r in rows if ratio(r) < 1]
    sizes = sorted({r["n"] for r in rows})
    means = ", ".join(f"{geometric_mean(ratio(r) for r in rows if r['n'] == n):.2f} at n = {n}" for n in sizes)
    lines = [
        f"Traces a second beside dm-clrs's samplers, one core: geometric mean of the ratios {means}; slower on "
        f"{len(slower)} of {len(rows)}.",
        "",
        "Made by `python benchmarks/clrs_speed.py`, which says what is timed. A trace here has a state for every tick, "
        "a step that reads a few registers; a hint of dm-clrs covers up to a whole inner loop: the two are not the "
        "same amount of supervision.",
        "",
        "| algorithm | " + " | ".join(f"dm-clrs, n = {n} | here | ratio" for n in sizes) + " |",
        "| --- |" + " --- | --- | --- |" * len(sizes),
    ]
    for name in NAMES:
        cells = []
        for r in (r for r in rows if r["algorithm"] == name):
            cells.append(f"{r['theirs']:.1f} | {r['ours']:.1f} | {ratio(r):.2f}{'' if ratio(r) >= 1 else ' !'}")
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


@click.command()
def main() -> None:
    torch.set_num_threads(1)
    rows = []
    for name in track(NAMES, "timing"):
        for n in (16, 64):
            rows.append(dict(algorithm=name, n=n, theirs=theirs(name, n), ours=ours(name, n)))
    (HERE / "clrs_speed.json").write_text(json.dumps(rows, indent=1) + "\n")
    (HERE / "CLRS_SPEED.md").write_text(page(rows))
    click.echo(page(rows).splitlines()[0])


if __name__ == "__main__":
    main()
