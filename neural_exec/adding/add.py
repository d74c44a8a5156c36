"""A new algorithm for a trained processor, told in a few hundred numbers: the codes of its names.

With the processor frozen nothing that the other algorithms use is touched, so that their answers stay the same bit for
bit. Without, everything is tuned, and every answer that was known is replayed beside it; where one of them changes, the
executor stays as it was and `ForgottenError` names the algorithms. What the report says is measured: on contexts of
traces that were not fitted, and on fresh graphs.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from algorithms import registry
from algorithms.contexts import Contexts, Table
from algorithms.course import Changes
from algorithms.errors import ArgumentError, AuthorError, InputError, NeuralExecError
from algorithms.machine.engine import cap_of
from algorithms.machine.program import Machine
from algorithms.recording.record import Recording, Run, record
from algorithms.spec import Spec
from algorithms.trace import Trace, lay_out
from neural_exec.adding.fit import extend, fit, plan, wrong_in
from neural_exec.adding.tune import tune
from neural_exec.defaults import training_defaults
from neural_exec.evaluation import evaluate
from neural_exec.examples import MAX_NODES, rng_of
from neural_exec.network.meaning import Meaning, Names, meanings_of
from neural_exec.plain_executor import PlainExecutor, alone

__all__ = ["MOST", "AddingProgress", "Addition", "add"]

MOST = 1000  # an algorithm is told in fewer numbers than these
_HELD_OUT = 3  # a third as many traces again are drawn, and not fitted


@dataclass
class Addition:
    """What came of `Executor.add`.

    numbers: fitted for this algorithm alone. new_names, copied_names: what they are codes of. updates: made; zero:
    after how many no fitted context was wrong (None: never). wrong: contexts, in words, of fitted or held-out traces,
    in which the answer is not the program's. rare: contexts visited fewer than twice in the traces; undecided: where
    several operations agree on all that was seen, (context, register, operations). settle: an estimate of how many
    traces would show every context (Chao's, from those that one or two traces show); exact: size -> [graphs with every
    output right, graphs], fresh ones; endless: size -> [graphs on which it did not halt, the cap of one such input].
    """

    algorithm: str
    traces: int
    frozen: bool
    numbers: int = 0
    new_names: list[str] = field(default_factory=list)
    copied_names: list[str] = field(default_factory=list)
    updates: int = 0
    zero: int | None = None
    contexts: int = 0
    wrong: list[str] = field(default_factory=list)
    rare: list[str] = field(default_factory=list)
    undecided: list[tuple[str, str, list[str]]] = field(default_factory=list)
    settle: int = 0
    exact: dict[int, list[int]] = field(default_factory=dict)
    endless: dict[int, list[int]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """No context wrong, every fresh graph right."""
        return not self.wrong and all(right == graphs for right, graphs in self.exact.values())

    def to_dict(self) -> dict:
        named = lambda counts: {str(n): x for n, x in counts.items()}
        return dict(asdict(self), exact=named(self.exact), endless=named(self.endless), ok=self.ok)

    def __str__(self) -> str:
        exact = ", ".join(f"{right}/{graphs} at n = {n}" for n, (right, graphs) in self.exact.items())
        how = "processor frozen" if self.frozen else "everything tuned, known answers replayed"
        zero = f"no fitted context wrong after {self.zero}" if self.zero is not None else "fitted contexts stayed wrong"
        lines = [
            f"{self.algorithm}: {'ok' if self.ok else 'NOT OK'} ({self.traces} traces, {how}, {self.seconds:.1f} s)",
            f"  {self.numbers} numbers: codes of {len(self.new_names)} new names and private copies of "
            f"{len(self.copied_names)} known ones; {self.updates} updates, {zero}",
            f"  contexts: {self.contexts}, wrong: {len(self.wrong)}, visited once: {len(self.rare)}; "
            f"registers undecided: {len(self.undecided)}",
            f"  traces that would show every context, by estimate: {self.settle}",
            f"  fresh graphs right: {exact or 'not asked'}",
        ]
        lines += [
            f"  n = {n}: {many} of {self.exact[n][1]} did not halt, cap {cap} (of one); is `ticks` right?"
            for n, (many, cap) in self.endless.items()
        ]
        lines += [f"  wrong: {x}" for x in self.wrong[:5]]
        lines += [f"  visited once: {x}" for x in self.rare[:5]]
        lines += [f"  undecided: {r} where ({x}): {' or '.join(o[:4])}" for x, r, o in self.undecided[:5]]
        return "\n".join(lines)


@dataclass
class AddingProgress:
    """What a display shows: drawing or fitting, how far."""

    stage: str
    done: int
    total: int


@alone
@training_defaults()
def add(
    executor: PlainExecutor,
    algorithm: str | Path | Spec,
    traces: int | Iterable = 150,
    freeze_processor: bool = True,
    seed: int = 0,
    sizes: Iterable[int] = (16, 64),
    graphs: int = 9,
    report: Callable[[AddingProgress], None] = lambda progress: None,
) -> Addition:
    """Teach an executor one more algorithm; see `Executor.add`."""
    start, sizes = time.monotonic(), list(sizes)
    spec = _spec_of(executor, algorithm)
    machine, runs, held_out = _runs(spec, traces, seed, report)
    out = Addition(spec.name, len(runs), bool(freeze_processor))
    fitted, known, once, twice = _tables(machine, runs, held_out)
    chosen = plan(machine, executor.names, (MOST - 1) // executor.step.config.code)
    out.new_names, out.copied_names = chosen.new, list(chosen.copies.values())
    out.numbers = len(chosen.names) * executor.step.config.code
    step, names = copy.deepcopy(executor.step), Names(executor.names.names)
    rows = extend(step, names, chosen, torch.Generator().manual_seed(seed))
    meanings = meanings_of(machine, names)
    if len(names) != len(step.codes):
        raise AuthorError(f"{spec.name}: its names cannot be told from those of an algorithm that is known")
    report(AddingProgress("fitting", 0, 1))
    if freeze_processor:
        done = fit(step, [(m, fitted[g]) for g, m in meanings.items()], rows, lr=4e-2, warm_up=1)
        out.updates, out.zero = done.updates, done.zero
    else:
        tell = lambda done, total: report(AddingProgress("fitting", done, total))
        out.updates, out.zero = tune(executor, step, meanings, fitted, seed, tell)
    _judge(out, step, meanings, known, once, twice, len(runs) + len(held_out))
    executor.take(step, names, machine, {g: t.codes for g, t in fitted.items()})
    report(AddingProgress("evaluating", 0, 1))
    for size in sizes:
        rows_ = evaluate(executor, [spec.name], [size], graphs).rows
        out.exact[size] = [sum(r.exact for r in rows_), sum(r.graphs for r in rows_)]
        if endless := out.exact[size][1] - sum(r.halted for r in rows_):
            data, arguments = spec.sample(rng_of("cap", spec.name, size), size, spec.families["training"][0])
            out.endless[size] = [endless, cap_of(lay_out(spec, data, arguments))]
    out.seconds = round(time.monotonic() - start, 2)
    executor.additions[spec.name] = dict(names=chosen.names, report=out.to_dict())
    return out


def _spec_of(executor: PlainExecutor, algorithm: str | Path | Spec) -> Spec:
    """Register what is not the package's; refuse what clashes with what is known."""
    if isinstance(algorithm, Spec | Path) or str(algorithm).endswith(".py"):
        known = algorithm.name if isinstance(algorithm, Spec) else Path(algorithm).stem
        if known in executor.machines:
            raise AuthorError(f"{known} clashes: this executor knows an algorithm of that name; rename the new one")
        algorithm = registry.register(algorithm)
    spec = registry.get(algorithm)
    if spec.name in executor.machines:
        raise AuthorError(f"{spec.name} clashes: this executor knows an algorithm of that name; rename the new one")
    return spec


def _runs(spec: Spec, traces: int | Iterable, seed: int, report: Callable) -> tuple[Machine, list[Run], list[Run]]:
    """The machine; runs to fit, and runs held out, all recorded here: of random inputs, or of those given."""
    recording, rng, families = Recording(spec), rng_of("added", spec.name, seed), spec.families["training"]
    given = [] if isinstance(traces, int) else list(traces)
    count = traces if isinstance(traces, int) else len(given)
    if count < 1:
        raise ArgumentError("traces is an int of at least 1, or a list of (data, arguments)")
    runs, total = [], count + max(4, count // _HELD_OUT)
    for i in range(total):
        report(AddingProgress("drawing", i, total))
        if i < len(given):
            runs.append(_given(spec, recording, i, given[i]))
            continue
        data, arguments = spec.sample(rng, int(rng.integers(1, MAX_NODES + 1)), families[i % len(families)])
        runs.append(record(spec, lay_out(spec, data, arguments), recording))
    return recording.machine(), runs[:count], runs[count:]


def _given(spec: Spec, recording: Recording, i: int, item) -> Run:
    """The run of an input that a caller gives, as (data, arguments) or (data, arguments, its trace)."""
    if not (isinstance(item, tuple | list) and len(item) in (2, 3) and isinstance(item[1], dict)):
        raise InputError(f"trace {i} is malformed: (data, arguments) or (data, arguments, Trace) is needed")
    try:
        instance = lay_out(spec, item[0], item[1])
    except NeuralExecError as e:
        raise InputError(f"trace {i} is malformed: {e}") from e
    changes = Changes(instance)
    run = record(spec, instance, recording, watch=changes.see)
    if len(item) == 3:
        if not isinstance(item[2], Trace):
            raise InputError(f"trace {i} is malformed: {type(item[2]).__name__} is no Trace")
        own = Trace.of(changes)
        if what := _differs(item[2], own):
            raise InputError(f"trace {i} is malformed: {what} is not what {spec.name} writes on that input")
    return run


def _differs(theirs: Trace, ours: Trace) -> str:
    """The first thing in which a given trace is not the program's own."""
    if theirs.algorithm != ours.algorithm or theirs.num_steps != ours.num_steps:
        return "its algorithm or its number of steps"
    for stage in ("inputs", "hints", "outputs"):
        a, b = getattr(theirs, stage), getattr(ours, stage)
        for name in sorted(a.keys() | b.keys()):
            if name not in a or name not in b or a[name] != b[name]:
                return f"{stage[:-1]} {name!r}"
    return ""


def _tables(machine: Machine, runs: list[Run], held_out: list[Run]):
    """Tables of the fitted and of all runs; how many contexts one run alone shows, and how many two do."""
    contexts, seen_in, before = Contexts(machine), dict[tuple[str, int], int](), dict[tuple[str, int], int]()
    for i, run in enumerate([*runs, *held_out]):
        if i == len(runs):
            fitted = {g: contexts.table(g) for g in machine.groups}
        contexts.add([run], i)
        now: dict[tuple[str, int], int] = {}
        for g in machine.groups:
            table = contexts.table(g)
            now |= {(g, code): count for code, count in zip(table.codes.tolist(), table.counts.tolist())}
        for key, count in now.items():
            if before.get(key) != count:
                seen_in[key] = seen_in.get(key, 0) + 1
        before = now
    known = {g: contexts.table(g) for g in machine.groups}
    visits = list(seen_in.values())
    return fitted, known, visits.count(1), visits.count(2)


@torch.no_grad()
def _judge(
    out: Addition, step, meanings: dict[str, Meaning], known: dict[str, Table], once: int, twice: int, traces: int
):
    """Fill in what is wrong, rare and undecided."""
    for g, m in meanings.items():
        table = known[g]
        out.contexts += len(table.codes)
        if not len(table.codes):
            continue
        logits = step([(m, m.tokens(table.codes))])[0]
        say = lambda i, g=g, t=table: f"{g}: {t.group.describe(int(t.codes[i]))}"
        out.wrong += [say(i) for i in torch.nonzero(wrong_in(logits, torch.from_numpy(table.consistent))).flatten()]
        out.rare += [say(i) for i in np.flatnonzero(table.counts < 2)]
        if not m.group.relation:
            for i, r in np.argwhere(table.consistent.sum(2) > 1):
                agree = [m.group.operation_text(o) for o in np.flatnonzero(table.consistent[i, r]).tolist()]
                out.undecided.append((say(i), m.group.registers[r][1], agree))
    unseen = once * once / (2 * twice) if twice else once * (once - 1) / 2  # Chao's estimate of how many
    more = traces * unseen / once * math.log(2 * unseen) if unseen > 0.5 and once else 0.0
    out.settle = traces + math.ceil(more)
