"""An unseen algorithm from inputs and outputs alone, processor frozen: a search over codes, fewer than 1,000 numbers.

    python benchmarks/transfer/without_traces.py             # some 30 minutes on one core; the section in TRANSFER.md
    python benchmarks/transfer/without_traces.py --resume    # goes on with what is missing in without_traces.json
    python benchmarks/transfer/without_traces.py --quick     # a smoke run: prints, and leaves page and figures alone

One processor is trained on traces of all algorithms but the targets; the control is the same network with random
weights. Told of a target: its machine (columns, registers, operations, selections), the author's bound on ticks, and
outputs of random inputs (of the sizes `SIZES`, the larger where the smaller are all right). Not told: any state
in between, any selection, the phase, the number of ticks.

Programs are drawn from the processor's softmax, one operation for each register in each context for a whole run, and
run on all inputs. The codes follow the policy gradient (reward: the share of output entries right; half where a run
does not halt; a bonus where all is right; its mean is the baseline), and the likelihood of what the best program so far
did. A program differs from the likeliest one in one, two, then four decisions, on average: the temperature is chosen
so, or, in every other update, any decisions are changed. Where nothing improves for long the search begins again: near
the best codes, or with new names at codes of known ones.
"""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import torch
from page import write
from sandbox import Programs, Sandbox
from torch import Tensor, nn
from transfer import SIBLINGS

from algorithms import registry
from algorithms.machine.program import Machine
from neural_exec.adding.fit import Plan, extend, plan
from neural_exec.evaluation import evaluate
from neural_exec.examples import draw_examples, rng_of
from neural_exec.executor import Executor
from neural_exec.network.meaning import Names, is_symbol
from neural_exec.network.step import Step
from neural_exec.parallel import each
from neural_exec.training.trainer import Recipe, Trainer

HERE = Path(__file__).parent
FIGURES = HERE / "without_traces.json"
TARGETS = ("bfs", "activity_selector", "minimum", "binary_search", "bubble_sort", *SIBLINGS)
SIZES = ((1, 2, 3, 4, 5, 6) * 4, (4, 6, 8, 10, 12) * 4, (8, 12, 16) * 12)  # of the inputs told, level by level
PROGRAMS, UPDATES, PATIENCE, SEEDS = 256, 3000, (150, 300, 600), 2
LR, RATES, IMITATION, UNHALTED, BONUS = 0.03, (1, 2, 4), 0.3, 0.5, 0.5


def processors(quick: bool) -> dict[str, tuple[Step, Names]]:
    """The trained one, that knows all algorithms but the targets, and the control."""
    known = [a for a in registry.names() if a not in TARGETS]
    examples = [draw_examples(a, 0, traces=20 if quick else 120, held_out=0 if quick else 40) for a in known]
    trainer = Trainer(examples, 0, Recipe(max_updates=40 if quick else 2000))
    progress = trainer.run()
    click.echo(f"processor of {len(known)}: {progress.updates} updates, {progress.seconds:.0f} s", err=True)
    trained = trainer.executor({})
    torch.manual_seed(0)
    return {"trained": (trained.step, trained.names), "untrained": (Step(trained.names), trained.names)}


@dataclass
class Best:
    """The codes kept: those whose likeliest program came furthest. level: input sizes that were all right before."""

    codes: Tensor
    level: int = 0
    score: float = -1.0
    update: int = 0


class Search:
    """One target on one frozen processor."""

    def __init__(self, name: str, machine: Machine, processor: tuple[Step, Names], seed: int):
        self.spec, self.machine, self.seed = registry.get(name), machine, seed
        self.rng = rng_of("without traces", name, seed)
        self.step, self.names = copy.deepcopy(processor[0]), Names(processor[1].names)
        self.known = list(self.names.names)
        self.plan: Plan = plan(machine, self.names, 41)
        self.rows = extend(self.step, self.names, self.plan, torch.Generator().manual_seed(seed))
        self.programs = Programs(self.step, self.names, self.spec, machine, self.rows, PROGRAMS, self.rng)
        self.first = self.programs.own.detach().clone()
        self.best = Best(self.first.clone())
        self.levels = [self._inputs(sizes) for sizes in SIZES]
        self.runs = self.updates = self.restarts = 0
        self._begin()

    def _inputs(self, sizes: tuple[int, ...]) -> Sandbox:
        rng, families = rng_of("told", self.spec.name, self.seed, sizes), self.spec.families["training"]
        drawn = [self.spec.sample(rng, n, families[i % len(families)]) for i, n in enumerate(sizes)]
        return Sandbox(self.spec, self.machine, drawn, PROGRAMS)

    def _begin(self) -> None:
        self.optimizer = torch.optim.Adam([self.programs.own], lr=LR, betas=(0.8, 0.98))
        self.level, self.since = 0, 0
        self._climb()

    def _climb(self) -> None:
        """Nothing is best yet, on these inputs."""
        self.top, self.elite, self.met = -1.0, {}, None

    @torch.no_grad()
    def _restart(self) -> None:
        """Near the best codes so far; or new names at codes of known ones of their sort (a value, or another word)."""
        own, programs = self.programs.own, self.programs
        word = lambda n: n.split("::")[-1]
        sort = lambda n: word(n).startswith("=")
        self.restarts += 1
        own.copy_(self.best.codes if self.restarts % 2 else self.first)
        if self.restarts % 2 == 0:
            for i, n in enumerate(self.plan.new):
                if word(n):
                    alike = [k for k, m in enumerate(self.known) if word(m) and not is_symbol(m) and sort(m) == sort(n)]
                    own[i] = programs.base[int(self.rng.choice(alike))]
        own += 0.3 * torch.from_numpy(self.rng.standard_normal(own.shape, dtype=np.float32))
        programs.forget()
        self._begin()

    def run(self, updates: int) -> Search:
        """Search until the likeliest program is right on all inputs of all sizes, or for so many updates."""
        for self.updates in range(1, updates + 1):
            score, solved = self._try()
            if solved:
                self.level += 1
                if self.level == len(self.levels):
                    self.best = Best(self.programs.own.detach().clone(), self.level, 1 + BONUS, self.updates)
                    break
                self._climb()
                continue
            self._update(score)
            self.since += 1
            if self.since > PATIENCE[self.restarts % len(PATIENCE)]:
                self._restart()
        return self

    def _try(self) -> tuple[np.ndarray, bool]:
        """Draw programs, run them: their scores; was the likeliest right on all inputs?"""
        p, sandbox = self.programs, self.levels[self.level]
        if self.met is None:
            p.begin(1.5)
        else:
            rate = RATES[self.updates % len(RATES)]
            decisions = sum(len(ids) * len(p.meanings[g].valid) for g, ids in self.met.items())
            p.begin(self._heat(rate), min(1.0, rate / decisions) if self.updates % 2 else 0.0)
        share, halted = sandbox.run(p)
        self.runs += share.size
        exact = (share == 1) & halted
        score = (np.where(halted, share, UNHALTED * share) + BONUS * exact).mean(1)
        self.met = {g: s[0].nonzero()[0] for g, s in p.seen.items()}
        if score.max() >= self.top:
            self.since = 0 if score.max() > self.top else self.since
            self.top = score.max()
            self.elite = p.did(int(self.rng.choice(np.flatnonzero(score == self.top))))  # drifts among equals
        if (self.level, score[0]) > (self.best.level, self.best.score):
            self.best = Best(p.own.detach().clone(), self.level, float(score[0]), self.updates)
        return score, bool(exact[0].all())

    def _heat(self, rate: int) -> float:
        """The temperature at which a program differs from the likeliest in so many of the decisions that this met, on
        average."""
        gaps, sizes = [], []
        for g, x in self.programs.logits().items():
            of_met = x.detach().numpy()[self.met[g]]
            valid = of_met > -1e8
            gaps.append((of_met - of_met.max(2, keepdims=True))[valid])
            sizes.append(valid.sum(2).ravel())
        gap, size = np.concatenate(gaps), np.concatenate(sizes)
        starts = np.cumsum(size) - size
        low, high = -3.0, 5.0
        for _ in range(14):
            middle = (low + high) / 2
            differs = (1 - 1 / np.add.reduceat(np.exp(gap / np.float32(np.exp(middle))), starts)).sum()
            low, high = (middle, high) if differs < rate else (low, middle)
        return float(np.exp(low))

    def _update(self, score: np.ndarray) -> None:
        """One step of Adam on the codes."""
        p, rest = self.programs, score[1:]
        gain = (rest - rest.mean()) / max(rest.std(), 0.03) / len(rest)
        loss = torch.zeros(())
        for g, x in p.logits().items():
            program, context = p.seen[g][1:].nonzero()
            contexts, registers, operations = x.shape
            first = np.arange(contexts * registers).reshape(contexts, registers) * operations
            did = first[context] + p.operations[g][program + 1, context]
            pull = np.bincount(did.ravel(), np.repeat(gain[program], registers), x.numel()).astype(np.float32)
            loss = loss - (torch.log_softmax(x / p.heat, 2) * torch.from_numpy(pull).view_as(x)).sum()
            if g in self.elite:
                met, best = self.elite[g]
                likely = torch.log_softmax(x[met], 2).gather(2, best[..., None])
                loss = loss - IMITATION * likely.clamp(max=-0.02).sum((1, 2)).mean()
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p.own], 1.0)
        self.optimizer.step()

    def executor(self, codes: Tensor) -> Executor:
        step = copy.deepcopy(self.step)
        step.codes = nn.Parameter(self.programs.base.index_copy(0, self.rows, codes))
        trained = {g: np.zeros(0, np.int64) for g in self.machine.groups}
        return Executor(step, self.names, {self.spec.name: self.machine}, {self.spec.name: trained}, {})


def fresh(executor: Executor, name: str, graphs: int) -> dict:
    """Of fresh inputs of all families at n = 16, 64: share of entries right, inputs with all right, of how many."""
    out = {}
    for n in (16, 64):
        rows = evaluate(executor, [name], [n], graphs, seconds=15).rows
        count = sum(r.graphs for r in rows)
        share = sum(r.nodes * r.graphs for r in rows) / count
        out[str(n)] = dict(share=share, exact=sum(r.exact for r in rows), graphs=count)
    return out


def cell(name: str, machine: Machine, kind: str, processor: tuple[Step, Names], seed: int, quick: bool) -> dict:
    """Figures of one search, and of what it found."""
    start = time.process_time()
    with np.errstate(all="ignore"):
        search = Search(name, machine, processor, seed).run(20 if quick else UPDATES)
    seconds, graphs = time.process_time() - start, 3 if quick else 12
    before = fresh(search.executor(search.first), name, graphs) if kind == "trained" else None
    return dict(
        solved=search.best.level == len(SIZES), told=search.best.score, updates=search.updates,
        runs=search.runs, restarts=search.restarts, seconds=seconds, numbers=search.first.numel(),
        level=search.best.level, before=before, after=fresh(search.executor(search.best.codes), name, graphs),
    )  # fmt: skip


@click.command()
@click.option("--resume", is_flag=True, help="Go on with without_traces.json.")
@click.option("--quick", is_flag=True, help="A smoke run of one target; writes nothing.")
@click.option("--seed", default=0, show_default=True, help="The first of the seeds.")
@click.option("--workers", default=1, show_default=True, help="How many processes.")
def main(resume: bool, quick: bool, seed: int, workers: int) -> None:
    torch.set_num_threads(1)
    data = json.loads(FIGURES.read_text()) if resume else dict(cells={}, updates=UPDATES, programs=PROGRAMS)
    if data.get("programs") != PROGRAMS:
        raise click.UsageError("without_traces.json is of another number of programs")
    made, jobs = processors(quick), {}
    for name in TARGETS[:1] if quick else TARGETS:
        machine = draw_examples(name, 0, traces=60, held_out=0, sought=0).machine
        for s in range(seed, seed + (1 if quick else SEEDS)):
            jobs |= {f"{name} {kind} {s}": (name, machine, kind, made[kind], s, quick) for kind in made}
    jobs = {key: job for key, job in jobs.items() if key not in data["cells"]}
    for key, found in zip(jobs, each(cell, jobs.values(), workers)):
        data["cells"][key] = found
        say = ", ".join(f"n = {n}: {x['exact']}/{x['graphs']}" for n, x in found["after"].items())
        click.echo(
            f"{key}: {found['updates']} updates, {found['runs'] / found['seconds']:,.0f} runs/s, {say}", err=True
        )
        if not quick:
            FIGURES.write_text(json.dumps(data, indent=1) + "\n")
    if not quick:
        write(json.loads((HERE / "transfer.json").read_text()), SIBLINGS)


if __name__ == "__main__":
    main()
