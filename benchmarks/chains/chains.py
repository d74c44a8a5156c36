"""Makes `benchmarks/chains/CHAINS.md` and `docs/chains.png`: are chains exact at every length?

    python benchmarks/chains/chains.py            # some five minutes on one core
    python benchmarks/chains/chains.py --quick    # a look, in a minute; writes nothing

Random type-correct chains of 1 to 8 algorithms, drawn with a seed from the whole suite, on inputs of n = 16 and 64; a
chain is exact where every stage halts and has every output of the textbook programs chained the same way, to the last
bit. Beside it the MPNN baseline, on chains of the core suite that it was trained on.
"""

from __future__ import annotations

import datetime
import statistics
import time
from collections import Counter
from pathlib import Path

import click
import numpy as np
import torch

import neural_exec
from algorithms import registry
from neural_exec.chains.chain import Chain
from neural_exec.chains.random_chains import Drawn, draw_chain, same_outputs
from neural_exec.errors import NeuralExecError
from neural_exec.gnn.mpnn import Baseline
from neural_exec.progress import Bar
from neural_exec.runner import Runner, Textbook

ROOT = Path(__file__).resolve().parents[2]
LENGTHS = range(1, 9)
Counts = dict[tuple[int, int], list[int]]  # (n, length) -> [exact, of]


def draw(executor, n: int, per_length: int, seed: int, used: Counter, algorithms=None) -> list[Drawn]:
    rng, out = np.random.default_rng([seed, n]), []
    with Bar(f"drawing chains, n = {n}", per_length * len(LENGTHS)) as bar:
        for _ in range(per_length):
            for length in LENGTHS:
                out.append(draw_chain(rng, n, length, executor, algorithms, used))
                bar.show(len(out), "")
    return out


class UntilWrong(Runner):
    """An executor whose chain ends with the first wrong stage: what comes after it is not waited for."""

    def __init__(self, executor: Runner, best: list[dict]):
        self.executor, self.best, self.stages = executor, best, []

    @property
    def algorithms(self):
        return self.executor.algorithms

    def execute(self, lays):
        self.stages += (done := self.executor.execute(lays))
        if not same_outputs([self.stages[-1].outputs], [self.best[len(self.stages) - 1]]):
            raise NeuralExecError("wrong")
        return done


def is_exact(executor, drawn: Drawn, best: list[dict]) -> tuple[bool, list]:
    """Exact, and the stages that were run."""
    until = UntilWrong(executor, best)
    chain = Chain(drawn.parts, until)
    try:
        chain.run(drawn.data, **drawn.inputs)
    except NeuralExecError:
        return False, until.stages
    return True, until.stages


def textbook(drawn: Drawn) -> list[dict]:
    return Chain(drawn.parts, Textbook()).run(drawn.data, **drawn.inputs).outputs


def measure(executor, chains: list[Drawn], n: int, counts: Counts, limit: float = 1e9) -> dict:
    """Count exact chains by length; begin none after `limit` seconds. Further figures of the runs."""
    start, begun, sizes, unseen, ticks, seconds, failed = time.monotonic(), 0, [], 0, 0, 0.0, []
    with Bar(f"chains, n = {n}", len(chains)) as bar:
        for drawn in chains:
            if time.monotonic() - start > limit:
                break
            best = textbook(drawn)
            began = time.perf_counter()
            exact, stages = is_exact(executor, drawn, best)
            seconds += time.perf_counter() - began
            cell = counts.setdefault((n, len(drawn.algorithms)), [0, 0])
            cell[0] += exact
            cell[1] += 1
            begun += len(drawn.algorithms)
            sizes += [len(s.instance.labels[0]) for s in stages[-1:]]
            unseen += sum(bool(s.unseen_contexts) for s in stages if s.unseen_contexts is not None)
            ticks += sum(s.num_steps for s in stages)
            if not exact:
                failed.append(repr(Chain(drawn.parts, executor)))
            bar.show(sum(c[1] for (size, _), c in counts.items() if size == n), f"{len(failed)} not exact")
    size = statistics.median(sizes) if sizes else 0
    return dict(stages=begun, size=size, unseen=unseen, ticks=ticks, seconds=seconds, failed=failed)


def table(named: list[tuple[str, Counts]]) -> list[str]:
    lines = ["| executor | n | " + " | ".join(f"length {k}" for k in LENGTHS) + " | all |"]
    lines.append("|" + " --- |" * (len(LENGTHS) + 3))
    for name, counts in named:
        for n in sorted({n for n, _ in counts}):
            row = [counts.get((n, k), [0, 0]) for k in LENGTHS]
            cells = [f"{e}/{of}" if of else "-" for e, of in [*row, [sum(c) for c in zip(*row)]]]
            lines.append(f"| {name} | {n} | {' | '.join(cells)} |")
    return lines


def plot(named: list[tuple[str, Counts]], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.8), layout="constrained", dpi=120)
    FigureCanvasAgg(figure)
    ax = figure.subplots()
    colours = iter(("#0072B2", "#56B4E9", "#009E73", "#66C2A5", "#D55E00", "#E69F00"))
    for name, counts in named:
        for n, mark, line in zip(sorted({n for n, _ in counts}), "os", ("-", "--")):
            here = [(k, *counts[n, k]) for k in LENGTHS if (n, k) in counts]
            shares = [100 * e / of for _, e, of in here]
            ax.plot([k for k, *_ in here], shares, line, marker=mark, color=next(colours), label=f"{name}, n = {n}")
    ax.set_xlabel("algorithms in the chain")
    ax.set_ylabel("chains with every output right, %")
    ax.set_ylim(-4, 104)
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize=8, loc="center right")
    figure.savefig(path)


@click.command()
@click.option("--per-length", default="25,25", show_default=True, help="Chains of each length, at n = 16 and at 64.")
@click.option("--seed", default=0, show_default=True)
@click.option("--seconds", default=120.0, show_default=True, help="For the baseline, at each size.")
@click.option("--quick", is_flag=True, help="Few chains; writes nothing.")
def main(per_length: str, seed: int, seconds: float, quick: bool) -> None:
    torch.set_num_threads(1)
    executor, mpnn = neural_exec.load("all"), Baseline.load(ROOT / "neural_exec" / "baselines" / "mpnn")
    counts, seconds = ("2,2", 10.0) if quick else (per_length, seconds)
    ours, core, theirs, said, failed = {}, {}, {}, [], []
    for n, count in zip((16, 64), map(int, counts.split(","))):
        used: Counter = Counter()
        chains = draw(Textbook(), n, count, seed, used)
        told = measure(executor, chains, n, ours)
        algorithms = {a for d in chains for a in d.algorithms}
        stopped = [f"{k} ({v})" for k, v in used.items() if "halt" in k]
        failed += told["failed"]
        said.append(
            f"- n = {n}: {len(chains)} chains, {told['stages']} stages of {len(algorithms)} algorithms, "
            f"{told['ticks']:,} ticks in {told['seconds']:.0f} s; the last stage has {told['size']:.0f} rows (median); "
            f"{told['unseen']} stages met contexts that were never in training; redrawn because a stage met its cap: "
            f"{', '.join(stopped) or 'none'}."
        )
        chains = draw(Textbook(), n, min(count, 8), seed + 1, Counter(), registry.suite("core"))
        measure(mpnn, chains, n, theirs, seconds)
        begun = sum(of for (size, _), (_, of) in theirs.items() if size == n)
        failed += measure(executor, chains[:begun], n, core)["failed"]
        options = f"--per-length {counts} --seed {seed} --seconds {seconds:.0f}"
        write(ours, core, theirs, said, failed, options, quick)


def write(ours: Counts, core: Counts, theirs: Counts, said: list[str], failed: list[str], options: str, quick) -> None:
    named = [("neural-exec, whole suite", ours), ("neural-exec, core", core), ("MPNN, core", theirs)]
    lines = [
        "# Chains",
        "",
        f"Made by `python benchmarks/chains/chains.py {options}` on {datetime.date.today()}; one core; weights `all`.",
        "",
        "Chains with every output of every stage that of the textbook programs chained the same way, of all, by the",
        "number of their algorithms. *Whole suite*: drawn from all that there are. *Core*: drawn from the fourteen",
        "that the MPNN was trained on, the same chains for both; the MPNN begins none after so many seconds a size.",
        "",
        *table(named),
        "",
        *said,
        f"- not exact: {'; '.join(f'`{f}`' for f in failed) or 'none'}",
        "",
        "Inputs come from the samplers of the first algorithm, families in and out of the training mix. Algorithms on",
        "all pairs of a list's elements join a chain where 24 are left, or fewer.",
        "",
        "![Chains with every output right, against their length](../../docs/chains.png)",
        "",
    ]
    click.echo("\n".join(lines))
    if not quick:
        (Path(__file__).parent / "CHAINS.md").write_text("\n".join(lines))
        plot(named, ROOT / "docs" / "chains.png")


if __name__ == "__main__":
    main()
