"""How little has to be told? Writes SUPERVISION.md: exactness at n = 64 against what training sees.

    python benchmarks/supervision/supervision.py                      all rungs, all trace counts; writes the page
    python benchmarks/supervision/supervision.py --only states        one part; the other figures stay as they were
    python benchmarks/supervision/supervision.py --quick              a smoke run: prints, and leaves the page alone

Of each algorithm the same random traces of at most 16 nodes are drawn for all rungs:
  whole       states (every register, the hub's phase too) and selections: the default
  states      states; which edges were selected, and whether any was asked for, is hidden
  no-phase    selections, and states without the hub's phase; how many phases there are is hidden too
  outputs     inputs, outputs and the number of ticks; no state in between
Given in the first three is the machine: which columns a context has, which registers and operations there are, which
selections (a relation and a key each). It is recorded from all traces drawn, those kept from training among them.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import click
import end_to_end
import inference
import torch

from algorithms import registry
from algorithms.contexts import Contexts, draw
from algorithms.machine.program import Machine
from algorithms.recording.record import Recording, Run
from algorithms.spec import Spec
from neural_exec.examples import MAX_NODES, Examples, rng_of
from neural_exec.training.trainer import Recipe, Trainer, right

HOME = Path(__file__).parent
PAGE, FIGURES = HOME / "SUPERVISION.md", HOME / "supervision.json"
TRACES, KEPT, SIZE = (3, 6, 12, 25, 50), 60, 64
RUNGS = ("whole", "states", "no-phase", "outputs")
INTRODUCTION = """
Made by `python benchmarks/supervision/supervision.py --seed 0 --seed 1`. One network learns all algorithms jointly,
from k traces of each, n ≤ 16; nothing else is held out to stop by, and nothing else is seen. It is executed on fresh
graphs at n = 64, of all families, those outside the training mix among them; exact is a run that halts with
every output right.

What is told:
- `whole`: every register after every tick, the hub's phase, which selections were asked for and what they chose.
- `states`: every register after every tick, the phase. Not: selections (neither what was chosen, nor whether any was
  asked for).
- `no-phase`: every register but the phase, and the selections. Not: the phase of any tick, or how many phases there
  are; only that a run has begun, and has ended.
- `outputs`: the input, the output, the number of ticks (in execution too). Another network, the MPNN baseline of
  `neural_exec.gnn.mpnn`, steps as often as the program and is compared at the end alone; the 14 algorithms of the core
  suite, 300 inputs of each that end within 40 ticks, 360 s of wall time on one core, one seed. A lower bound: what
  the usual method gives in this time, not what could be had.

What is built in, in the first three: the machine. Its columns (what a context tests), registers, operations and
selections (a relation and a key each; the order of candidates follows from it) are recorded from the program, here from
110 traces; and a selection takes the first eligible candidate. So these rungs hide what a program *does when*, not what
it can do. In `no-phase` the phase column is there, its values are the network's own.

How the hidden part is found (`inference.py`), before the network trains on it as it does on what is told:
- `states`: a row's choice among its candidates is a latent variable. Expectation and maximisation over two tables,
  which edge contexts are eligible and which operation a row's context takes; 60 steps, from random eligibility, one
  selection at a time, until no context conflicts (at most three rounds; see `notes.rounds` in `supervision.json`).
- `no-phase`: the hub's phases are the states of a small automaton, found by state merging on the tree of all runs: two
  ticks may share a phase if no context that both met was answered differently, nor any that follows. Eight ways to
  choose what is merged first are tried; the one is kept that conflicts least with the selections that execution would
  make, and of these the one with fewest contexts. With the first way alone 34 of 42 were exact on seed 0; the others
  were added after that was seen, so that seed 0 is no clean test of them. Seed 1 was first run when all was done.

Programs with totals are left out (42 algorithms remain).

*Conflicts* are contexts that no operation explains in all transitions (the most frequent one is then taught). *Contexts
right* is measured on 60 traces of each algorithm kept from training. Seconds are of one process: CPU time.
"""


@dataclass
class Drawn:
    """An algorithm's traces: those for training, and those kept from it."""

    machine: Machine
    runs: list[Run]
    kept: list[Run]


def draw_runs(algorithm: str, seed: int, traces: int) -> Drawn:
    spec, rng = registry.get(algorithm), rng_of("traces", algorithm, seed)
    recording, families, runs = Recording(spec), spec.families["training"], []
    for i in range(traces + KEPT):
        n = int(rng.integers(1, MAX_NODES + 1))
        runs.append(draw(spec, recording, rng, n, families[i % len(families)])[0])
    return Drawn(recording.machine(), runs[:traces], runs[traces:])


def examples_of(algorithm: str, machine: Machine, runs: list[Run]) -> tuple[Examples, int]:
    """What the network trains on, and how many contexts no single choice of operations explains (see `settle`)."""
    contexts = Contexts(machine)
    contexts.add(runs)
    tables, conflicts = inference.settle(contexts)
    return Examples(algorithm, machine, tables, tables, len(runs), sum(r.ticks for r in runs)), conflicts


def train(examples: list[Examples], seed: int, updates: int) -> tuple[Trainer, dict]:
    start = time.process_time()
    trainer = Trainer(examples, seed, Recipe(max_updates=updates))
    trainer.run()
    wrong = {a: w for a, w in trainer.progress.wrong.items() if w}
    return trainer, dict(updates=trainer.progress.updates, seconds=time.process_time() - start, wrong=wrong)


def exact(run, spec: Spec, data, arguments: dict) -> bool:
    """Does it halt, with every output right? A run whose outputs are no answer at all (a cycle of `next`) is wrong."""
    try:
        rollout = run(spec.name, data, **arguments)
        return rollout.halted and all(map(all, spec.check(rollout.outputs, data, **arguments).values()))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return False


def exactness(run, algorithms: list[str], seed: int, graphs: int, size: int = SIZE) -> dict[str, list[int]]:
    """algorithm -> [exact graphs, graphs], fresh ones of all families in turn."""
    out = {}
    for a in algorithms:
        spec, rng = registry.get(a), rng_of("supervision", a, size, seed)
        families = sum(spec.families.values(), ())
        tests = [spec.sample(rng, size, families[i % len(families)]) for i in range(graphs)]
        out[a] = [sum(exact(run, spec, *test) for test in tests), graphs]
    return out


@torch.no_grad()
def contexts_right(trainer: Trainer, drawn: dict[str, Drawn]) -> list[int]:
    """[right, all] of the contexts that the kept traces show."""
    good = total = 0
    for a, d in drawn.items():
        tables = examples_of(a, d.machine, d.kept)[0].known
        for g, t in tables.items():
            if len(t.codes):
                m = trainer.meanings[a][g]
                good += int(right(trainer.average([(m, m.tokens(t.codes))])[0], torch.from_numpy(t.consistent)).sum())
                total += len(t.codes)
    return [good, total]


def measure(rung: str, k: int, drawn: dict[str, Drawn], seed: int, graphs: int, updates: int) -> dict:
    """One cell: train on k traces of each algorithm, told what the rung tells; execute."""
    start, examples, notes = time.process_time(), [], {}
    for a, d in drawn.items():
        machine, runs = d.machine, d.runs[:k]
        if rung == "states":
            runs, notes[a] = inference.infer_selections(machine, runs, rng_of("selections", a, seed))
        elif rung == "no-phase":
            machine, runs, notes[a] = inference.infer_phases(machine, runs)
        one, conflicts = examples_of(a, machine, runs)
        examples.append(one)
        notes.setdefault(a, {})["conflicts"] = conflicts
        if rung != "whole":
            click.echo(f"{rung} {a} {notes[a]} {time.process_time() - start:.0f} s", err=True)
    prepared = time.process_time() - start
    trainer, cost = train(examples, seed, updates)
    executor = trainer.executor({})
    result = dict(traces=k, seed=seed, prepare_seconds=prepared, training=cost, notes=notes)
    if rung == "whole":
        result["contexts"] = contexts_right(trainer, drawn)
    start = time.process_time()
    result["exact"] = exactness(executor.run, list(drawn), seed, graphs)
    result["execution_seconds"] = time.process_time() - start
    return result


def page(figures: dict) -> str:
    """The figures as tables, the seeds pooled."""
    cells: dict[tuple, list[dict]] = {}
    for key, cell in figures.items():
        rung, k, _ = key.split("/")
        cells.setdefault((rung, int(k)), []).append(cell)
    columns = sorted(cells, key=lambda c: (RUNGS.index(c[0]), c[1]))
    names = list(dict.fromkeys(a for c in columns for x in cells[c] for a in x["exact"]))
    lines = ["# How little has to be told", "", *INTRODUCTION.strip().splitlines(), ""]
    lines += ["| told | traces | seeds | algorithms exact | graphs exact | contexts right | conflicts |"]
    lines[-1] += " inference, s | training, s | updates |"
    lines += ["| --- |" + " ---: |" * 9]
    for rung, k in columns:
        here = cells[rung, k]
        per = [f"{sum(g == n for g, n in x['exact'].values())} of {len(x['exact'])}" for x in here]
        right, total = (sum(v[i] for x in here for v in x["exact"].values()) for i in (0, 1))
        known = [x["contexts"] for x in here if "contexts" in x]
        share = f"{100 * sum(x[0] for x in known) / sum(x[1] for x in known):.1f} %" if known else ""
        conflicts = "" if rung == "outputs" else sum(n["conflicts"] for x in here for n in x["notes"].values())
        cost = lambda f: ", ".join(f"{f(x):,.0f}" for x in here)
        row = [rung, end_to_end.TRACES if rung == "outputs" else k, len(here), ", ".join(per)]
        row += [f"{100 * right / total:.1f} %", share, conflicts, cost(lambda x: x["prepare_seconds"])]
        row += [cost(lambda x: x["training"]["seconds"]), cost(lambda x: x["training"]["updates"])]
        lines += ["| " + " | ".join(map(str, row)) + " |"]
    lines += ["", f"Exact graphs of all, n = {SIZE}; `·` is all of them.", ""]
    lines += ["| algorithm | " + " | ".join(f"{r}, {k}" if r != "outputs" else r for r, k in columns)]
    lines[-1] += " | outputs, n = 16 | phases, of the program |"
    lines += ["| --- |" + " ---: |" * (len(columns) + 2)]
    for a in names:
        row = [f"`{a}`"] + [_share([x["exact"].get(a) for x in cells[c]]) for c in columns]
        row += [_share([x["exact_16"].get(a) for c in columns for x in cells[c] if "exact_16" in x])]
        own = [x["notes"][a] for r, k in columns if r == "no-phase" and k == max(TRACES) for x in cells[r, k]]
        row += [", ".join(str(n["phases"]) for n in own) + f" of {own[0]['program']}" if own else ""]
        lines += ["| " + " | ".join(row) + " |"]
    return "\n".join([*lines, ""])


def _share(counts: list) -> str:
    counts = [c for c in counts if c]
    right, total = sum(c[0] for c in counts), sum(c[1] for c in counts)
    return "" if not counts else "·" if right == total else f"{right}/{total}"


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--seed", "seeds", multiple=True, default=[0], show_default=True, type=int)
@click.option("--only", multiple=True, type=click.Choice(RUNGS), help="These rungs alone.")
@click.option(
    "--traces", "counts", multiple=True, type=int, default=TRACES, help="Of each algorithm (not for `outputs`)."
)
@click.option("--suite", default="all", show_default=True)
@click.option("--graphs", default=9, show_default=True, help="Fresh ones of each algorithm, at n = 64.")
@click.option("--updates", default=3000, show_default=True, help="At most.")
@click.option("--quick", is_flag=True, help="Few algorithms and traces; prints the figures, leaves the page alone.")
def main(seeds, only, counts, suite, graphs, updates, quick) -> None:
    torch.set_num_threads(1)
    names = ["bfs", "minimum"] if quick else registry.suite(suite)
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() and not quick else {}
    for seed in seeds:
        needed = set(only or RUNGS) != {"outputs"}
        drawn = {a: draw_runs(a, seed, max(TRACES)) for a in names if needed}
        drawn = {
            a: d for a, d in drawn.items() if not any(head.total for head in d.machine.heads.values())
        }  # whose sums hide choices
        figures = {  # those of other algorithms were of other programs
            key: cell
            for key, cell in figures.items()
            if key.startswith("outputs") or not drawn or cell["exact"].keys() == drawn.keys()
        }
        for rung in only or RUNGS:
            for k in counts if rung != "outputs" else [end_to_end.TRACES]:
                if rung == "outputs":
                    cell = end_to_end.measure(seed, graphs, exactness, quick)
                else:
                    cell = measure(rung, k, drawn, seed, graphs, updates)
                figures[f"{rung}/{k}/{seed}"] = cell
                done = sum(x[0] == x[1] for x in cell["exact"].values())
                click.echo(f"{rung} k={k} seed={seed}: {done} of {len(cell['exact'])} exact; {cell}"[:1500], err=True)
                if not quick:
                    FIGURES.write_text(json.dumps(figures, indent=1))
    text = page(figures)
    click.echo(text)
    if not quick:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
