"""Does a processor learn a new algorithm sooner because others are known? Writes TRANSFER.md, transfer.json and
docs/transfer.png.

    python benchmarks/transfer/transfer.py                 # some 30 minutes on one core
    python benchmarks/transfer/transfer.py --minutes 5     # stops early, and says what is missing
    python benchmarks/transfer/transfer.py --resume        # goes on with what is missing
    python benchmarks/transfer/transfer.py --report        # the page again, from transfer.json

Chapters are held out in turn: processors are trained on all other algorithms, then each held-out one is fitted on k of
its traces. How a fit is made (rates, the spread of new codes at its start) is chosen for each on geometry and greedy,
and kept elsewhere.
  scratch            the same network, from random weights
  codes per algorithm, shared names, permuted names    trained on the others; all shared weights and own names tuned
  + random programs  the same with random programs mixed in; tuned
  frozen: …          the shared weights as they are, fewer than 1,000 numbers fitted; `untrained` is a random processor
  table, tree, oracle    no network; see benchmarks/transfer/learners.py
Wrong contexts: of all that 240 traces show, those in which the choice of some register is not the program's; at k = 50
and 150 of those that the 90 traces show which no fit sees. Needs scikit-learn.
"""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import click
import numpy as np
import torch
from cells import BUDGETS, FOUR, WIDE
from learners import Drawn, OwnNames, PermutedNames, oracle, table_or_keep, tree
from page import write

from algorithms import registry
from neural_exec.adding.fit import Plan, extend, fit, plan, wrong_in
from neural_exec.evaluation import evaluate
from neural_exec.examples import Examples
from neural_exec.executor import Executor
from neural_exec.network.meaning import Names, is_symbol, meanings_of
from neural_exec.network.step import Step
from neural_exec.training.random_mix import Mixing, draw_programs
from neural_exec.training.trainer import Recipe, Trainer

HERE = Path(__file__).parent
KS, SEEDS, FEW, MANY = [1, 2, 4, 8, 16, 32, 50, 150], 3, (1, 2, 4), (8, 16, 50, 150)
PROGRAMS, MIXED = 250, 1500
SPREADS, QUICK = (1.0, 0.3), (9e-3, 2e-2, 4e-2)
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
SEEDED = ("shared names", "permuted names")  # draw by draw on processors of two seeds; the others on one


@dataclass(frozen=True)
class How:
    """How a fit is made. shared, codes: rates of the shared weights (0: frozen) and of codes; spread: of the codes of
    new names, the machine's symbols aside, at the start; copies: private ones of known names, at most."""

    shared: float = 3e-3
    codes: float = 9e-3
    spread: float = 1.0
    copies: int = 41
    updates: int = 200
    settle: int = 15


FROZEN = How(shared=0.0, codes=4e-2, updates=1500, settle=30)


class Bench:
    """Cells that are done, in the order of their making; tables and programs in memory."""

    def __init__(self, path: Path, minutes: float, resume: bool):
        self.path, self.end, self.start = path, time.monotonic() + 60 * minutes, time.monotonic()
        self.data: dict = dict(rows=[], quick=[], chosen={}, processors=[], exact=[], seconds=0)
        if resume:
            self.data = json.loads(path.read_text())
        self.data["cut"], self.before = [], self.data["seconds"]
        self.done = {tuple(r[x] for x in KEY) for r in self.data["rows"]}
        self.trained: dict[tuple[str, str, int], tuple[Step, Names]] = {}
        self.drawn: dict[str, Drawn] = {}
        self.programs: list = []

    def say(self, what: str) -> None:
        click.echo(f"{time.monotonic() - self.start:.0f} s: {what}", err=True)

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

    def processor(self, fold: str, kind: str, seed: int = 0) -> tuple[Step, Names] | None:
        """Trained on all other algorithms, until they are exact; there is none for scratch."""
        seed = seed % 2 if kind in SEEDED else 0
        if kind == "scratch" or (fold, kind, seed) in self.trained:
            return self.trained.get((fold, kind, seed))
        if kind == "untrained":
            torch.manual_seed(0)
            names = self.processor(fold, "shared names")[1]
            self.trained[fold, kind, 0] = Step(names), names
            return self.trained[fold, kind, 0]
        held_out = held(fold)
        start, examples, mixed = time.monotonic(), [], kind == MIX
        for a in registry.names():
            if a not in held_out:
                d = self.traces(a)
                examples.append(Examples(a, d.machine, d.truth, d.truth, 0, 0))
        if mixed and not self.programs:
            self.programs = draw_programs(PROGRAMS)
        mixing = Mixing(updates=MIXED)
        names = KINDS.get(kind, Names)()
        trainer = Trainer(examples, seed, Recipe(max_updates=2000), self.programs if mixed else [], mixing, names)
        progress = trainer.run()
        executor = trainer.executor({})
        came = dict(
            fold=fold, kind=kind, seed=seed, known=len(examples), updates=progress.updates,
            wrong=sum(progress.wrong.values()), seconds=round(time.monotonic() - start, 1),
        )  # fmt: skip
        others = [p for p in self.data["processors"] if (p["fold"], p["kind"], p["seed"]) != (fold, kind, seed)]
        self.data["processors"] = [*others, came]
        self.trained[fold, kind, seed] = executor.step, executor.names
        self.say(f"{fold}, {kind}, seed {seed}: trained")
        return executor.step, executor.names

    def fit(self, fold: str, kind: str, name: str, k: int, seed: int, how: How):
        """Step, names, places of the codes that are its own, meanings, and how the fit went."""
        drawn, trained = self.traces(name), self.processor(fold, kind, seed)
        torch.manual_seed(1000 + seed)
        step, names = copy.deepcopy(trained[0]) if trained else Step(Names()), trained[1] if trained else Names()
        names = type(names)(names.names)
        chosen = plan(drawn.machine, names, 41)
        chosen = Plan(chosen.new, dict(list(chosen.copies.items())[: how.copies]))
        rows = extend(step, names, chosen, torch.Generator().manual_seed(seed))
        with torch.no_grad():
            names_alone = [r for r, n in zip(rows.tolist(), chosen.new) if not is_symbol(n.removeprefix(f"{name}::"))]
            step.codes[names_alone] *= how.spread
        meanings, few = meanings_of(drawn.machine, names), drawn.supports[seed, k]
        done = fit(
            step, [(m, few[g]) for g, m in meanings.items()], rows, how.shared, how.updates, how.settle, how.codes,
            warm_up=1,
        )  # fmt: skip
        return step, names, rows, meanings, done

    def one(self, fold: str, arm: str, kind: str, name: str, k: int, seed: int, how: How, run: bool = False) -> None:
        """One fit and its figures; where it is run, on fresh graphs too."""
        if (fold, arm, name, k, seed) in self.done:
            return
        step, names, rows, meanings, done = self.fit(fold, kind, name, k, seed, how)
        drawn = self.traces(name)
        numbers = step.config.code * len(rows) + (sum(p.numel() for p in step.shared_parameters()) * (how.shared > 0))
        wrong = self.wrong(step, meanings, drawn.judged(k))
        self.row(fold, arm, name, k, seed, wrong, zero=done.zero, updates=done.updates, numbers=numbers)
        if run:
            few = {g: t.codes for g, t in drawn.supports[seed, k].items()}
            failed = self.wrong(step, meanings, drawn.truth) > 3
            self.execute(fold, arm, name, failed, Executor(step, names, {name: drawn.machine}, {name: few}, {}))

    @torch.no_grad()
    def wrong(self, step: Step, meanings: dict, tables: dict) -> int:
        """Contexts of the tables in which the step's choice is not the program's."""
        asked = [(m, tables[g]) for g, m in meanings.items() if len(tables[g].codes)]
        logits = step([(m, m.tokens(t.codes)) for m, t in asked])
        return sum(int(wrong_in(x, torch.from_numpy(t.consistent)).sum()) for x, (_, t) in zip(logits, asked))

    def quick(self, fold: str, kind: str, name: str, k: int, seed: int, codes: float) -> int:
        """Updates to zero training error, of a fit that ends there; a hundred where it never came there."""
        done = self.fit(fold, kind, name, k, seed, How(codes=codes, updates=100, settle=0))[-1]
        return done.updates if done.zero is None else done.zero

    def row(self, fold: str, arm: str, name: str, k: int, seed: int, wrong: int, **more) -> None:
        self.done.add((fold, arm, name, k, seed))
        of = sum(len(t.codes) for t in self.traces(name).judged(k).values())
        self.data["rows"].append(dict(fold=fold, arm=arm, algorithm=name, k=k, seed=seed, wrong=wrong, of=of, **more))

    def plain(self, fold: str, name: str, k: int, seed: int) -> None:
        """Learners without a network."""
        if (fold, "oracle", name, k, seed) not in self.done:
            few, truth = self.traces(name).supports[seed, k], self.traces(name).judged(k)
            self.row(fold, "table", name, k, seed, table_or_keep(truth, few))
            self.row(fold, "tree", name, k, seed, tree(truth, few, seed))
            self.row(fold, "oracle", name, k, seed, oracle(truth, few))

    def execute(self, fold: str, arm: str, name: str, failed: bool, executor: Executor) -> None:
        """Fresh graphs, where the fit did not fail (that is, left no more than three contexts wrong)."""
        for n in (16, 32, 64):
            right, graphs = 0, 3
            if not failed:
                rows = evaluate(executor, [name], [n], 3, seconds=20).rows
                right, graphs = sum(r.exact for r in rows), sum(r.graphs for r in rows)
            self.data["exact"].append(dict(fold=fold, arm=arm, algorithm=name, n=n, right=right, graphs=graphs))

    # -------------------------------------------------------- what is compared
    def choose(self, fold: str) -> None:
        """For each arm the spread of new codes that leaves fewest contexts wrong, at one and four traces, and the rate
        of codes that comes to zero training error soonest."""
        names = tested(fold)
        for kind in ("scratch", *KINDS, MIX):
            if kind in self.data["chosen"]:
                continue
            wrong, zero = {}, {}
            for spread in SPREADS:
                wrong[spread] = 0
                for name, k in product(names, (1, 4)):
                    step, _, _, meanings, _ = self.fit(fold, kind, name, k, 0, How(spread=spread))
                    wrong[spread] += self.wrong(step, meanings, self.traces(name).truth)
            for codes in QUICK:
                zero[codes] = float(np.mean([self.quick(fold, kind, a, k, 0, codes) for a, k in product(names, FEW)]))
            self.data["chosen"][kind] = dict(
                spread=min(wrong, key=wrong.get), codes=min(zero, key=zero.get), wrong=wrong, zero=zero
            )
            self.say(f"{kind}: {self.data['chosen'][kind]}")

    def tuned(self, fold: str, kind: str, name: str, k: int, seed: int) -> None:
        self.one(fold, kind, kind, name, k, seed, How(spread=self.data["chosen"][kind]["spread"]))

    def few(self, fold: str) -> None:
        for k, name in product(FEW, tested(fold)):
            if self.out_of_time(f"{k} traces of {name}"):
                continue
            for seed in range(SEEDS):
                for kind in ("scratch", *KINDS, MIX):
                    if seed == 0 or kind in ("scratch", *SEEDED):
                        self.tuned(fold, kind, name, k, seed)
                self.one(fold, WIDE, "scratch", name, k, seed, How())
                self.plain(fold, name, k, seed)
            for kind in ("scratch", *KINDS, MIX):
                key = dict(fold=fold, arm=kind, algorithm=name, k=k)
                if not any(key.items() <= q.items() for q in self.data["quick"]):
                    zero = self.quick(fold, kind, name, k, 0, self.data["chosen"][kind]["codes"])
                    self.data["quick"].append(dict(key, zero=zero))

    def frozen(self, fold: str, budget: str, kind: str) -> None:
        how, arm = replace(FROZEN, copies=BUDGETS[budget]), f"frozen: {kind}, {budget}"
        for k, name in product((*FEW, *MANY) if budget == FOUR else (150,), tested(fold)):
            if not self.out_of_time(f"{arm}, {k} traces of {name}"):
                self.one(fold, arm, kind, name, k, 0, how, run=k == 150)

    def siblings(self, fold: str) -> None:
        for k, name, seed in product([k for k in KS if k <= 32], SIBLINGS, range(SEEDS)):
            if not self.out_of_time(f"sibling {name}, {k} traces"):
                for kind in ("scratch", *SEEDED):
                    self.tuned(fold, kind, name, k, seed)

    def many(self, fold: str) -> None:
        for k, name in product(MANY, tested(fold)):
            if not self.out_of_time(f"{k} traces of {name}, tuned"):
                for kind in ("scratch", *KINDS, MIX):
                    self.tuned(fold, kind, name, k, 0)
                self.plain(fold, name, k, 0)

    def all(self) -> None:
        folds = [f for f in FOLDS if f != "siblings"]
        self.choose(folds[0])
        stages = [(self.few, f) for f in folds]
        for budget, kind in (
            ("new names", MIX),
            ("new names", "untrained"),
            ("and all copies", "untrained"),
            ("and all copies", MIX),
            ("new names", "shared names"),
        ):
            stages += [(self.frozen, f, budget, kind) for f in folds]
        stages += [(self.siblings, "siblings")]
        stages += [(self.frozen, f, "new names", "permuted names") for f in folds]
        for budget, kind in product((FOUR, "and two copies", "and one copy"), (MIX, "untrained")):
            stages += [(self.frozen, f, budget, kind) for f in folds]
        stages += [(self.many, f) for f in folds]
        for stage, *arguments in stages:
            stage(*arguments)
            self.save()
            self.say(f"{stage.__name__} {', '.join(arguments)}: done")


def held(fold: str) -> list[str]:
    """What is held out of a fold's processors."""
    chapters = registry.chapters()
    return list(SIBLINGS) if fold == "siblings" else [a for c in FOLDS[fold] for a in chapters[c]]


def tested(fold: str) -> list[str]:
    return list(GRAPHS) if fold == "graphs" else held(fold)


@click.command()
@click.option("--minutes", default=45.0, show_default=True, help="No new cell begins after these.")
@click.option("--resume", is_flag=True, help="Go on with transfer.json.")
@click.option("--report", "only_report", is_flag=True, help="Write the page from transfer.json.")
@click.option("--out", type=click.Path(path_type=Path), default=HERE / "transfer.json")
def main(minutes: float, resume: bool, only_report: bool, out: Path) -> None:
    torch.set_num_threads(1)
    if not only_report:
        bench = Bench(out, minutes, resume)
        bench.all()
    write(json.loads(out.read_text()), SIBLINGS)


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
