"""Does a processor learn a new algorithm sooner because others are known? Writes TRANSFER.md, transfer.json and
docs/transfer.png.

    python benchmarks/transfer.py                 # some 35 minutes on one core
    python benchmarks/transfer.py --minutes 5     # stops early, and says what is missing
    python benchmarks/transfer.py --resume        # goes on with what is missing
    python benchmarks/transfer.py --report        # the page again, from transfer.json

Chapters are held out in turn: processors are trained on all other algorithms, then each held-out one is fitted on k of
its traces. The rate of the shared weights in a tuned fit is chosen on geometry and greedy, and kept elsewhere.
  scratch            the same network, from random weights
  codes per algorithm, shared names, permuted names    trained on the others; all shared weights and own names tuned
  + random programs  the same with random programs mixed in; tuned
  frozen: …          the shared weights as they are, fewer than 1,000 numbers fitted; `untrained` is a random processor
  table, tree, oracle    no network; see benchmarks/transfer_learners.py
Wrong contexts: of all that 240 traces show, those in which the choice of some register is not the program's. Needs
scikit-learn.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import click
import numpy as np
import torch
from transfer_learners import Drawn, OwnNames, PermutedNames, oracle, table_or_keep, tree
from transfer_page import write

from algorithms import registry
from neural_exec.evaluation import evaluate
from neural_exec.executor import Executor
from neural_exec.fitting import extend, fit, plan, wrong_in
from neural_exec.meaning import Names, meanings_of
from neural_exec.mixing import Mixing, draw_programs
from neural_exec.step import Step
from neural_exec.training import Recipe, Trainer
from neural_exec.transitions import Examples

HERE = Path(__file__).parent
KS, SEEDS, FEW = [1, 2, 4, 8, 16, 32, 150], 3, (1, 2, 4)
PROGRAMS, MIXED = 250, 1500
RATES = (1e-3, 3e-3)
KEY = ("fold", "arm", "algorithm", "k", "seed")
SIBLINGS = {
    "quickselect": "quicksort", "kmp_matcher": "naive_string_matcher", "edit_distance": "lcs_length",
    "mst_prim": "dijkstra", "articulation_points": "bridges", "strongly_connected_components": "topological_sort",
}  # fmt: skip
GRAPHS = (
    "bfs",
    "bellman_ford",
    "dag_shortest_paths",
    "dijkstra",
    "k_core",
    "max_flow",
    "mst_kruskal",
    "topological_sort",
)
FOLDS = {  # held out -> those of them that are tested
    "geometry, greedy": ("geometry", "greedy"),
    "siblings": tuple(SIBLINGS),
    "sorting, searching": ("sorting", "searching"),
    "dynamic, strings": ("dynamic", "strings"),
    "graphs": ("graphs",),
}
KINDS = {"codes per algorithm": OwnNames, "shared names": Names, "permuted names": PermutedNames}
MIX = "random programs"


class Bench:
    """Cells that are done, in the order of their making; tables and programs in memory."""

    def __init__(self, path: Path, minutes: float, resume: bool):
        self.path, self.end, self.start = path, time.monotonic() + 60 * minutes, time.monotonic()
        self.data: dict = dict(rows=[], rates={}, processors=[], exact=[], seconds=0)
        if resume:
            self.data = json.loads(path.read_text())
        self.data["cut"], self.before = [], self.data["seconds"]
        self.done = {tuple(r[x] for x in KEY) for r in self.data["rows"]}
        self.trained: dict[tuple[str, str], tuple[Step, Names]] = {}
        self.drawn: dict[str, Drawn] = {}
        self.programs: list = []

    def out_of_time(self, what: str) -> bool:
        late = time.monotonic() > self.end
        if late:
            self.data["cut"].append(what)
        return late

    def save(self) -> None:
        self.data["seconds"] = self.before + round(time.monotonic() - self.start)
        self.path.write_text(json.dumps(self.data) + "\n")

    def traces(self, name: str) -> Drawn:
        if name not in self.drawn:
            self.drawn[name] = Drawn(name, KS, SEEDS)
        return self.drawn[name]

    def processor(self, fold: str, held_out: list[str], kind: str) -> tuple[Step, Names]:
        """Trained on all other algorithms, until they are exact."""
        if (fold, kind) in self.trained:
            return self.trained[fold, kind]
        start, examples, mixed = time.monotonic(), [], kind == MIX
        for a in registry.names():
            if a not in held_out:
                d = self.traces(a)
                examples.append(Examples(a, d.machine, d.truth, d.truth, 0, 0))
        if mixed and not self.programs:
            self.programs = draw_programs(PROGRAMS)
        mixing = Mixing(updates=MIXED)
        names = KINDS.get(kind, Names)()
        trainer = Trainer(examples, 0, Recipe(max_updates=2000), self.programs if mixed else [], mixing, names)
        progress = trainer.run()
        executor = trainer.executor({})
        self.data["processors"].append(
            dict(fold=fold, kind=kind, known=len(examples), updates=progress.updates,
                 wrong=sum(progress.wrong.values()), seconds=round(time.monotonic() - start, 1))
        )  # fmt: skip
        self.trained[fold, kind] = executor.step, executor.names
        click.echo(f"{fold}, {kind}: after {time.monotonic() - self.start:.0f} s", err=True)
        return self.trained[fold, kind]

    def one(self, fold: str, arm: str, name: str, k: int, seed: int, trained: Callable | None, rate: float):
        """One fit and its figures. trained: makes the processor it starts from; rate: of shared weights; 0: frozen."""
        if (fold, arm, name, k, seed) in self.done:
            return
        drawn, trained = self.traces(name), trained and trained()
        torch.manual_seed(1000 + seed)
        step, names = copy.deepcopy(trained[0]) if trained else Step(Names()), trained[1] if trained else Names()
        names = type(names)(names.names)
        chosen = plan(drawn.machine, names, 41)
        rows = extend(step, names, chosen, torch.Generator().manual_seed(seed))
        meanings, few = meanings_of(drawn.machine, names), drawn.supports[seed, k]
        limits = dict(updates=200, settle=15) if rate else dict(updates=600, settle=30)
        done = fit(step, [(m, few[g]) for g, m in meanings.items()], rows, shared=rate, **limits)
        wrong = 0
        with torch.no_grad():
            for g, m in meanings.items():
                t = drawn.truth[g]
                if len(t.codes):
                    wrong += int(wrong_in(step([(m, m.tokens(t.codes))])[0], torch.from_numpy(t.consistent)).sum())
        own = step.config.code * len(rows)
        numbers = own + (sum(p.numel() for p in step.shared_parameters()) if rate else 0)
        self.row(fold, arm, name, k, seed, wrong, zero=done.zero, updates=done.updates, numbers=numbers)
        if k == max(KS) and fold != "siblings":
            self.execute(fold, arm, name, wrong, Executor(step, names, {name: drawn.machine}, {name: {
                g: t.codes for g, t in few.items()}}, {}))  # fmt: skip

    def row(self, fold: str, arm: str, name: str, k: int, seed: int, wrong: int, **more) -> None:
        self.done.add((fold, arm, name, k, seed))
        self.data["rows"].append(
            dict(fold=fold, arm=arm, algorithm=name, k=k, seed=seed, wrong=wrong, of=self.traces(name).contexts, **more)
        )

    def plain(self, fold: str, name: str, k: int, seed: int) -> None:
        """Learners without a network."""
        if (fold, "oracle", name, k, seed) not in self.done:
            few, truth = self.traces(name).supports[seed, k], self.traces(name).truth
            self.row(fold, "table", name, k, seed, table_or_keep(truth, few))
            self.row(fold, "tree", name, k, seed, tree(truth, few, seed))
            self.row(fold, "oracle", name, k, seed, oracle(truth, few))

    def execute(self, fold: str, arm: str, name: str, wrong: int, executor: Executor) -> None:
        """Fresh graphs at n = 16, 64; a fit with more than three wrong contexts counts as failed, and is not run."""
        for n in (16, 64):
            if wrong > 3:
                right, graphs = 0, 3
            else:
                rows = evaluate(executor, [name], [n], 3, seconds=20).rows
                right, graphs = sum(r.exact for r in rows), sum(r.graphs for r in rows)
            self.data["exact"].append(dict(fold=fold, arm=arm, algorithm=name, n=n, right=right, graphs=graphs))

    # -------------------------------------------------------- what is compared
    def choose(self, held_out: list[str], processors: dict) -> None:
        """The rate of shared weights, for each arm, where fewest contexts are wrong at one and four traces."""
        for kind, trained in processors.items():
            sums = {}
            for rate in RATES:
                for name in held_out:
                    for k in (1, 4):
                        self.one("choice", f"{kind} {rate}", name, k, 0, trained, rate)
                rows = [r for r in self.data["rows"] if r["arm"] == f"{kind} {rate}"]
                sums[rate] = sum(r["wrong"] for r in rows)
            self.data["rates"][kind] = dict(chosen=min(sums, key=sums.get), wrong={str(r): s for r, s in sums.items()})
        self.data["rows"] = [r for r in self.data["rows"] if r["fold"] != "choice"]

    def fold(self, fold: str) -> None:
        if self.out_of_time(f"all of {fold}"):
            return
        chapters = registry.chapters()
        siblings = fold == "siblings"
        held_out = list(SIBLINGS) if siblings else [a for c in FOLDS[fold] for a in chapters[c]]
        tested = list(GRAPHS) if fold == "graphs" else held_out
        kinds = ["shared names", "permuted names"] if siblings else [*KINDS, MIX]
        processors = {k: partial(self.processor, fold, held_out, k) for k in kinds}
        if not self.data["rates"]:
            self.choose(held_out, processors)
        rate = lambda kind: self.data["rates"][kind]["chosen"]
        ks = [k for k in KS if k <= 32] if siblings else FEW
        for k in ks:
            for name in tested:
                for seed in range(SEEDS):
                    self.one(fold, "scratch", name, k, seed, None, 3e-3)
                    for kind, trained in processors.items():
                        self.one(fold, kind, name, k, seed, trained, rate(kind))
                    self.plain(fold, name, k, seed)
            self.save()
        click.echo(f"{fold}: few traces after {time.monotonic() - self.start:.0f} s", err=True)
        if siblings:
            return

        @cache
        def untrained() -> tuple[Step, Names]:
            torch.manual_seed(0)
            names = processors["shared names"]()[1]
            return Step(names), names

        frozen = {
            "frozen: random programs": processors[MIX],
            "frozen: shared names": processors["shared names"],
            "frozen: untrained": untrained,
        }
        for k in (150, 16, 1):
            for arm, trained in frozen.items():
                for name in tested:
                    if not self.out_of_time(f"{arm}, {k} traces, {name}"):
                        self.one(fold, arm, name, k, 0, trained, 0.0)
            self.save()
        click.echo(f"{fold}: frozen after {time.monotonic() - self.start:.0f} s", err=True)
        for k in (8, 16, 150):
            for name in tested:
                if not self.out_of_time(f"{k} traces of {name}, tuned"):
                    self.one(fold, "scratch", name, k, 0, None, 3e-3)
                    for kind in ("shared names", MIX):
                        self.one(fold, kind, name, k, 0, processors[kind], rate(kind))
                    self.plain(fold, name, k, 0)
            self.save()
        click.echo(f"{fold}: done after {time.monotonic() - self.start:.0f} s", err=True)


@click.command()
@click.option("--minutes", default=40.0, show_default=True, help="No new cell begins after these.")
@click.option("--resume", is_flag=True, help="Go on with transfer.json.")
@click.option("--report", "only_report", is_flag=True, help="Write the page from transfer.json.")
@click.option("--out", type=click.Path(path_type=Path), default=HERE / "transfer.json")
def main(minutes: float, resume: bool, only_report: bool, out: Path) -> None:
    torch.set_num_threads(1)
    if not only_report:
        bench = Bench(out, minutes, resume)
        for fold in FOLDS:
            bench.fold(fold)
        bench.save()
    write(json.loads(out.read_text()), SIBLINGS)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
