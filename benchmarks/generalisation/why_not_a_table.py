"""Is the learned step a lookup table? Measures the figures of `docs/why-not-a-table.md`.

    python benchmarks/generalisation/why_not_a_table.py            writes the page's figures
    python benchmarks/generalisation/why_not_a_table.py --quick    a smoke run: prints, and leaves the page alone

For each seed traces of every algorithm are drawn once, and all learners are given the same contexts:
  network        the shared network, trained on all algorithms together
  tree           a decision tree for each register, of all algorithms together that write one of that name on that kind
                 of row; features: the columns by their text, their values as the network knows them, the algorithm
  …, alone       the same, one for each algorithm
  table or keep  the contexts it was given; elsewhere every register is kept and no edge is eligible
  table          the same; a run that meets any other context counts as failed

The network is trained on sets: every operation that agreed with all traces is right. Trees and tables need one target:
of these operations the one that is consistent with most contexts of that register. Columns and operations (the machine)
are recorded from all traces, so that contexts are the same for all learners; which contexts a learner is given varies.
A choice is right where all traces drawn for the seed agree with it, in every register. Needs scikit-learn.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from sklearn.feature_extraction import DictVectorizer
from sklearn.tree import DecisionTreeClassifier

from algorithms import registry
from algorithms.contexts import Contexts, Table, draw
from algorithms.machine.definition import Decisions
from algorithms.machine.engine import execute
from algorithms.machine.program import Group, Machine
from algorithms.machine.terms import FieldIs, Keep
from algorithms.recording.record import Recording
from algorithms.spec import Spec
from algorithms.trace import lay_out, read_outputs
from neural_exec.evaluation import evaluate
from neural_exec.examples import MAX_NODES, Examples, rng_of
from neural_exec.network.meaning import value_names
from neural_exec.training.train import TRACES
from neural_exec.training.trainer import Recipe, Trainer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "why-not-a-table.md"

Tables = dict[str, dict[str, Table]]  # algorithm -> group -> contexts
Choose = Callable[[str, Group, np.ndarray], np.ndarray]  # algorithm, group, contexts (n,) -> operations (n, R)
Figures = dict[str, dict[str, float]]  # row -> column -> number


class Drawn:
    """A seed's traces. first: k -> contexts of the first k traces of each algorithm; known: of all traces."""

    def __init__(self, seed: int, ks: list[int]):
        self.machines: dict[str, Machine] = {}
        self.first: dict[int, Tables] = {k: {} for k in ks}
        self.known = self.first[max(ks)]
        for a in registry.suite("core"):
            spec, rng = registry.get(a), rng_of("traces", a, seed)
            recording, families, runs = Recording(spec), spec.families["training"], []
            for i in range(max(ks)):
                n = int(rng.integers(1, MAX_NODES + 1))
                runs.append(draw(spec, recording, rng, n, families[i % len(families)])[0])
            self.machines[a] = machine = recording.machine()
            contexts = Contexts(machine)
            for i, run in enumerate(runs, 1):
                contexts.add([run], i)
                if i in self.first:
                    self.first[i][a] = {g: contexts.table(g) for g in machine.groups}


def part(table: Table, rows: np.ndarray) -> Table:
    return Table(table.group, table.codes[rows], table.consistent[rows], table.counts[rows])


def size(tables: Tables) -> int:
    return sum(len(t.codes) for groups in tables.values() for t in groups.values())


def train(machines: dict[str, Machine], tables: Tables, seed: int) -> Trainer:
    """Train a network until it is right on all contexts of these tables, or for 1,500 updates."""
    examples = [Examples(a, machines[a], t, t, 0, 0) for a, t in tables.items()]
    trainer = Trainer(examples, seed, Recipe(max_updates=1500))
    trainer.run()
    return trainer


def network(machines: dict[str, Machine], tables: Tables, seed: int) -> Choose:
    trainer = train(machines, tables, seed)

    @torch.no_grad()
    def choose(algorithm: str, group: Group, codes: np.ndarray) -> np.ndarray:
        meaning = trainer.meanings[algorithm][group.name]
        return trainer.average([(meaning, meaning.tokens(codes))])[0].argmax(2).numpy()

    return choose


def tree(machines: dict[str, Machine], tables: Tables, seed: int) -> Choose:
    x, y, fitted = {}, {}, {}
    for a, t in ((a, t) for a, groups in tables.items() for t in groups.values() if len(t.codes)):
        rows, chosen = features(a, t.group, t.codes), targets(t)
        for r, register in enumerate(t.group.registers):
            x.setdefault((t.group.name, register), []).extend(rows)
            y.setdefault((t.group.name, register), []).extend(t.group.operation_text(o) for o in chosen[:, r])
    for key in x:
        v = DictVectorizer()
        fitted[key] = v, DecisionTreeClassifier(random_state=seed).fit(v.fit_transform(x[key]), y[key])

    def choose(algorithm: str, group: Group, codes: np.ndarray) -> np.ndarray:
        out = np.zeros((len(codes), len(group.registers)), int)
        rows = features(algorithm, group, codes)
        for r, register in enumerate(group.registers):
            if (group.name, register) in fitted:
                v, model = fitted[group.name, register]
                place = {text: i for i, text in enumerate(model.classes_)}
                places = [place.get(group.operation_text(o), -1) for o in range(len(group.operations))]
                p = np.pad(model.predict_proba(v.transform(rows)), ((0, 0), (0, 1)))  # the last: never seen, 0
                out[:, r] = np.where(group.valid[r], p[:, places], -1).argmax(1)
        return out

    return choose


def features(algorithm: str, group: Group, codes: np.ndarray) -> list[dict]:
    def name(c: int, value: int) -> str:
        column, word = group.columns[c], group.value_name(c, value)
        return "/".join(value_names(algorithm, column.name, word)) if isinstance(column, FieldIs) and value else word

    texts, rows = [c.text for c in group.columns], group.values(codes).tolist()
    return [dict(algorithm=algorithm, **{t: name(c, v) for c, (t, v) in enumerate(zip(texts, row))}) for row in rows]


def targets(table: Table) -> np.ndarray:
    """(n, R): of each register's consistent operations the one that is consistent with most contexts."""
    return np.where(table.consistent, table.consistent.sum(0), -1).argmax(2)


def table(machines: dict[str, Machine], tables: Tables, seed: int) -> Choose:
    known = {(a, g, c): row for a, x in tables.items() for g, t in x.items() for c, row in zip(t.codes, targets(t))}

    def choose(algorithm: str, group: Group, codes: np.ndarray) -> np.ndarray:
        keep = np.zeros(len(group.registers), int)  # operation 0 is keep; of edges, not eligible
        return np.array([known.get((algorithm, group.name, c), keep) for c in codes])

    return choose


def alone(fit: Callable) -> Callable:
    """The same learner, fitted on each algorithm by itself."""

    def fit_each(machines: dict[str, Machine], tables: Tables, seed: int) -> Choose:
        models = {a: fit(machines, {a: t}, seed) for a, t in tables.items()}
        return lambda algorithm, *asked: models[algorithm](algorithm, *asked)

    return fit_each


JOINT = {"network": network, "tree": tree}
LEARNERS = JOINT | {f"{k}, alone": alone(fit) for k, fit in JOINT.items()} | {"table or keep": table}


def withheld(drawn: Drawn, seed: int, share: float) -> Figures:
    """Per cent right on a random share of all contexts, kept from training. `that act`: contexts where keeping every
    register (no edge eligible) would be wrong. Those where any operation agrees with the traces are not counted."""
    rng, rest, tests = rng_of("withheld", seed, share), {}, []
    for a, groups in drawn.known.items():
        rest[a] = {}
        for g, t in groups.items():
            hidden = rng.random(len(t.codes)) < share
            rest[a][g] = part(t, ~hidden)
            test = part(t, hidden & ~(t.consistent == t.group.valid).all((1, 2)))
            if len(test.codes):
                tests.append((a, test, f"{share:.0%} of {'edges' if t.group.relation else 'rows'}"))
    right: dict[str, dict[str, list]] = {}
    for learner, fit in LEARNERS.items():
        choose = fit(drawn.machines, rest, seed)
        for a, test, kind in tests:
            chosen = choose(a, test.group, test.codes)
            good = np.take_along_axis(test.consistent, chosen[:, :, None], 2)[:, :, 0].all(1)
            acts = ~test.consistent[:, :, 0].all(1)
            for row, these in ((kind, good), (f"{kind} that act", good[acts])):
                right.setdefault(row, {}).setdefault(learner, []).extend(these.tolist())
    percent = lambda x: 100 * sum(x) / len(x) if x else np.nan
    return {r: {"contexts": len(x["tree"])} | {k: percent(v) for k, v in x.items()} for r, x in right.items()}


class Rules(Decisions):
    """A learner as an engine asks it (in the place of `neural_exec.network.decisions.Policy`)."""

    def __init__(self, machine: Machine, choose: Choose):
        self.machine, self.choose = machine, choose
        self.answers: dict[str, dict] = {g: {} for g in machine.groups}

    def ask(self, name: str, codes: list[int]) -> None:
        group = self.machine.groups[name]
        chosen = self.choose(self.machine.name, group, np.array(codes, np.int64)).tolist()
        for code, ops in zip(codes, chosen):
            writes = tuple((r, o) for r, o in enumerate(ops) if not isinstance(group.operations[o], Keep))
            self.answers[name][code] = sum(o << head for head, o in writes) if group.relation else writes


def exact(rules: Rules, spec: Spec, data, arguments: dict) -> bool:
    """Does it halt, with every output right?"""
    engine = execute(rules, lay_out(spec, data, arguments))
    return engine.halted and all(map(all, spec.check(read_outputs(engine.instance), data, **arguments).values()))


def by_traces(drawn: Drawn, seed: int, ks: list[int], sizes: tuple[int, ...]) -> Figures:
    """How many algorithms execute exactly after k traces of each."""
    tests, out = {}, {}
    for spec in map(registry.get, drawn.machines):
        rng, families = rng_of("tests", spec.name, seed), sum(spec.families.values(), ())
        tests[spec.name] = [spec.sample(rng, n, f) for n in sizes for f in families]
    for k in ks:
        given = drawn.first[k]
        row = {"contexts met, %": 100 * size(given) / size(drawn.known)} | dict.fromkeys([*LEARNERS, "table"], 0)
        for learner, fit in LEARNERS.items():
            choose = fit(drawn.machines, given, seed)
            for a, machine in drawn.machines.items():
                rules = Rules(machine, choose)
                passed = all(exact(rules, registry.get(a), *test) for test in tests[a])
                row[learner] += passed
                if learner == "table or keep":
                    row["table"] += passed and all(m.keys() <= set(given[a][g].codes) for g, m in rules.answers.items())
        out[f"k = {k}"] = row
    return out


def saturation(drawn: Drawn, seed: int, traces: int, n: int) -> Figures:
    """Where the weights are; what the fully trained network meets in fresh runs at n nodes."""
    executor = train(drawn.machines, drawn.first[traces], seed).executor({})
    rows = evaluate(executor, sizes=[n], graphs=9, seeds=[seed]).rows
    parameters, known = [executor.parameters_of(a) for a in executor.algorithms], drawn.known.values()
    facts = {
        "parameters shared by all algorithms": parameters[0]["shared"],
        "parameters of one algorithm alone, mean": np.mean([p["own"] for p in parameters]),
        "the same, at most": max(p["own"] for p in parameters),
        "contexts in all traces, all algorithms": size(drawn.known),
        "choices in them, one for each register": sum(t.consistent[..., 0].size for x in known for t in x.values()),
        f"fresh runs of the fully trained network, n = {n}": sum(r.graphs for r in rows),
        "of these, not halted or an output wrong": sum(r.graphs - r.exact for r in rows),
        "contexts met in these runs, never in training": sum(r.unseen for r in rows),
    }
    return {fact: {"figure": number} for fact, number in facts.items()}


def markdown(title: str, seeds: list[Figures]) -> str:
    """Rows and columns with the seeds' mean and, where they differ, range."""

    def cell(values: list[float]) -> str:
        values = [v for v in values if v == v]
        show = lambda v: f"{v:,.0f}" if v >= 100 or v == round(v) else f"{v:,.1f}"
        span = f" ({show(min(values))}–{show(max(values))})" if min(values) != max(values) else ""
        return show(np.mean(values)) + span

    columns = list(next(iter(seeds[0].values())))
    lines = [f"**{title}**", "", f"| | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    lines += [f"| {r} | {' | '.join(cell([s[r][c] for s in seeds]) for c in columns)} |" for r in seeds[0]]
    return "\n".join(lines)


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--seeds", default=3, show_default=True, help="Each draws traces, weights and fresh inputs anew.")
@click.option("--quick", is_flag=True, help="One seed, few traces; prints the figures and leaves the page alone.")
def main(seeds: int, quick: bool) -> None:
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "The number of unique classes")  # of few contexts many may differ
    traces, ks, shares, sizes, large = TRACES, [1, 3, 6, 12, 25, 50], (0.1, 0.25, 0.5), (16, 32), 64
    if quick:
        seeds, traces, ks, shares, sizes, large = 1, 32, [6], (0.25,), (16,), 32
    facts, hidden, exactness = [], [], []
    for seed in track(range(seeds), "seeds", console=Console(stderr=True)):
        drawn = Drawn(seed, [*ks, traces, traces * 5 // 4])
        facts.append(saturation(drawn, seed, traces, large))
        hidden.append({k: row for share in shares for k, row in withheld(drawn, seed, share).items()})
        exactness.append(by_traces(drawn, seed, ks, sizes))
    total, at = len(drawn.machines), ", ".join(map(str, sizes))
    figures = "\n\n".join([
        f"{total} algorithms; mean over {seeds} seeds and, where they differ, the range.",
        markdown("Where the weights are, and what is met", facts),
        markdown("Right on withheld contexts, per cent", hidden),
        markdown(f"Algorithms of {total} exact on every fresh input after k traces, n = {at}", exactness),
    ])  # fmt: skip
    print(figures)
    if not quick:
        block = f"<!-- figures -->\n{figures}\n<!-- /figures -->"
        PAGE.write_text(re.sub("<!-- figures -->.*<!-- /figures -->", block, PAGE.read_text(), flags=re.DOTALL))


if __name__ == "__main__":
    main()
