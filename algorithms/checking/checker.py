"""Is a program one that the machine can learn? A verdict in seconds, without a network.

Collects (context -> update) from many small runs and reports *conflicts* (one context, updates that no operation
reconciles: the program looks at something that its row cannot see), contexts still *new* at larger n (draw more, or
test less), *undecided* registers (several operations agree on all that was seen), the number of contexts, runs longer
than the author's bound, how work grows beside the textbook's time (`growth.py`; it is told, and fails
nothing), and agreement with the algorithm's independent reference on every family of samples; and where that reference
itself leaves something out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import numpy as np

from algorithms import registry
from algorithms.checking.growth import Growth, growth
from algorithms.checking.judging import Judge
from algorithms.contexts import Contexts, transitions
from algorithms.recording.record import Recording, Run, record
from algorithms.spec import Spec
from algorithms.vocabulary import VOCABULARY, suggest

__all__ = ["Check", "check", "how_many"]

SIZES = (16, 32, 64)
_ENOUGH = 5  # so many wrong runs are enough to know


@dataclass
class Check:
    """The verdict on one program. `ok`: no conflict, nothing new at larger n, every answer right and within the bound,
    and a reference that looks at every output."""

    algorithm: str
    runs: int = 0
    ticks: int = 0
    contexts: dict[str, int] = field(default_factory=dict)  # group -> how many
    operations: dict[str, int] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    new: dict[int, int] = field(default_factory=dict)  # n -> contexts not met at the training sizes
    new_examples: list[str] = field(default_factory=list)
    undecided: int = 0  # (context, register) pairs with several consistent operations
    wrong: list[str] = field(default_factory=list)  # runs whose answer the reference rejects
    bound: dict[str, dict[int, float]] = field(default_factory=dict)  # family -> n -> the most ticks, of the bound
    growth: Growth | None = None  # of work and of the textbook's time, over the larger sizes
    over: list[str] = field(default_factory=list)  # runs with more ticks than the bound
    unchecked: list[str] = field(default_factory=list)  # what the reference leaves out, or accepts although it is wrong
    undefined: list[str] = field(default_factory=list)  # lines that store NaN; no fault in itself
    own_names: dict[str, str] = field(default_factory=dict)  # register names outside the vocabulary -> nearest known
    stopped: str = ""  # what the check did not go on to, because of what it had found
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not (self._failed or any(self.new.values()))

    @property
    def _failed(self) -> bool:
        return bool(self.conflicts or self.wrong or self.over or self.unchecked)

    def to_dict(self) -> dict:
        return dict(asdict(self), ok=self.ok)

    def __str__(self) -> str:
        new = ", ".join(f"{c} at n = {n}" for n, c in self.new.items())
        verdict = "ok" if self.ok else "NOT OK"
        most = max((x for by_n in self.bound.values() for x in by_n.values()), default=0.0)
        lines = [
            f"{self.algorithm}: {verdict} ({self.runs} runs, {self.ticks} ticks, {self.seconds:.1f} s)",
            f"  contexts: {sum(self.contexts.values())} ({', '.join(f'{k} {v}' for k, v in self.contexts.items())})",
            f"  new at larger n: {new or 'not looked at'}; undecided registers: {self.undecided}",
            f"  conflicts: {len(self.conflicts)}; answers that the reference rejects: {len(self.wrong)}; "
            f"ticks: at most {most:.0%} of the bound",
        ]
        lines += [f"  growth: {self.growth}"] if self.growth else []
        lines += [f"  stopped: {self.stopped}"] if self.stopped else []
        for what in ("conflict", "over", "unchecked", "wrong", "new", "undefined"):
            found = getattr(self, {"conflict": "conflicts", "new": "new_examples"}.get(what, what))
            lines += [f"  {what}: {x}" for x in found[:5]]
        lines += [f"  name {n!r} is not in the vocabulary{s}" for n, s in self.own_names.items()]
        return "\n".join(lines)


def how_many(spec: Spec, runs: int = 200, sizes: tuple[int, ...] = SIZES) -> int:
    """Of how many runs a check consists, where it is not stopped."""
    return runs + len(sizes) * sum(map(len, spec.families.values()))


def check(
    algorithm: str | Spec,
    runs: int = 200,
    sizes: tuple[int, ...] = SIZES,
    seed: int = 0,
    report: Callable[[int, str], None] = lambda done, what: None,
) -> Check:
    """Check an algorithm (a name or a Spec): `runs` runs of n <= 12, then a few at each of `sizes`.

    Stops early where it has found enough: five wrong runs, or, before the larger sizes, anything that fails. report is
    called before every run with how many are done and what comes. Raises AuthorError where the program asks for what
    the machine cannot do, and where its sampler or its reference raises or does not fit.

    >>> from algorithms.checking.checker import check
    >>> check("minimum", runs=40, sizes=(16,)).ok
    True
    """
    spec = registry.get(algorithm) if isinstance(algorithm, str) else algorithm
    start, recording, judge, out = time.perf_counter(), Recording(spec), Judge(spec, seed), Check(spec.name)
    families = [*spec.families["training"], *spec.families["held_out"]]
    out.own_names = {p.name: suggest(p.name) for p in spec.probes if p.name not in VOCABULARY}

    def some(todo: list[tuple[int, str]]) -> list[Run]:
        done = []
        for n, family in todo:
            if len(out.wrong) + len(out.over) >= _ENOUGH:
                out.stopped = f"after {out.runs} runs, {_ENOUGH} of them wrong"
                break
            report(out.runs, f"{spec.name}, n = {n}")
            done.append(_one(out, spec, recording, judge, n, family))
        return done

    small = some([(int(judge.rng.integers(1, 13)), families[i % len(families)]) for i in range(runs)])
    machine = recording.machine()
    contexts = _collect(machine, small)
    out.conflicts = _conflicts(contexts, small)
    out.unchecked = [*judge.left_out, *judge.accepted()]
    large: dict[int, list[Run]] = {}
    if not out._failed:
        large = {n: some([(n, f) for f in families]) for n in sizes}
        if recording.machine().to_dict() != machine.to_dict():
            machine = recording.machine()
            contexts = _collect(machine, small)
    elif sizes:
        out.stopped = out.stopped or f"before the runs of n = {', '.join(map(str, sizes))}; mend this first"
    known = {(g, c) for g, seen in contexts.seen.items() for c, _ in seen}
    for name, group in machine.groups.items():
        table = contexts.table(name)
        out.contexts[name], out.operations[name] = len(table.codes), len(group.operations)
        out.undecided += int((table.consistent.sum(2) > 1).sum())
    every = list(small)
    for n, runs_ in large.items():
        met = _collect(machine, runs_, len(every))
        every += runs_
        fresh = {(g, c) for g, seen in met.seen.items() for c, _ in seen} - known
        out.new[n] = len(fresh)
        out.new_examples += [f"n = {n}, {g}: {machine.groups[g].describe(c)}" for g, c in sorted(fresh)[:3]]
        for g, seen in met.seen.items():
            for key, entry in seen.items():
                contexts.seen.setdefault(g, {}).setdefault(key, entry)
    out.growth = growth(spec, [run for runs_ in large.values() for run in runs_])
    if large:
        out.conflicts = _conflicts(contexts, every)
    out.unchecked = [*judge.left_out, *judge.accepted()]
    out.undefined = [f"{name} is given NaN in line {line}" for name, line in sorted(recording.undefined)]
    out.seconds = time.perf_counter() - start
    return out


def _one(out: Check, spec: Spec, recording: Recording, judge: Judge, n: int, family: str) -> Run:
    instance, data, arguments = judge.sample(n, family)
    before = judge.read(instance)
    run, bound = record(spec, instance, recording), spec.bound(instance)
    out.runs, out.ticks = out.runs + 1, out.ticks + run.ticks
    at = f"a {family!r} sample of n = {n}"
    for name in judge.wrong(judge.read(instance), before, data, arguments):
        out.wrong.append(f"output {name!r} on {at}: {data!r} {arguments!r}")
    worst = out.bound.setdefault(family, {})
    worst[n] = max(worst.get(n, 0.0), run.ticks / max(bound, 1))
    if run.ticks > bound:
        sizes = ", ".join(f"{k} = {x}" for k, x in zip("nm", instance.sizes[0]))
        out.over.append(f"{run.ticks} ticks on {at}, where `ticks` says at most {bound:g} (of {sizes})")
    return run


def _collect(machine, runs: list[Run], number: int = 0) -> Contexts:
    contexts = Contexts(machine)
    contexts.add(runs, number)
    return contexts


def _conflicts(contexts: Contexts, runs: list) -> list[str]:
    """Each context in which some register has no consistent operation, with two transitions that disagree."""
    out = []
    for name in contexts.machine.groups:
        table = contexts.table(name)
        group = table.group
        for i, r in np.argwhere(~table.consistent.any(2)):
            code, register = int(table.codes[i]), group.registers[r][1]
            shape, examples = group.valid.shape, dict[bytes, tuple]()
            for (c, packed), (_, place) in contexts.seen[name].items():
                if c == code:
                    mask = np.unpackbits(np.frombuffer(packed, np.uint8))[: shape[0] * shape[1]].reshape(shape)[r]
                    examples.setdefault(mask.tobytes(), (mask, place))
            pair = [_what_happened(group, register, mask, runs[k], t, row) for mask, (k, t, row) in examples.values()]
            some = [runs[k] for _, (k, _, _) in list(examples.values())[:2]] + runs[:20]  # two by which it was seen
            remedy = _remedy(contexts.machine, group, code, r, list(examples)[:2], some)
            out.append(f"{name}.{register} where ({group.describe(code)}): " + "; but ".join(pair[:3]) + remedy)
    return out


def _remedy(machine, group, code: int, register: int, both: list[bytes], runs: list[Run]) -> str:
    """The hub's test that tells two updates (which operations fit them) of a context apart, where the row does not see
    it."""
    if group.name == "hub":
        return ""
    hub, seen = machine.groups["hub"], dict[bytes, set[int]]()
    found = transitions(machine, *runs)
    at = {found["hub"][2](i)[:2]: c for i, c in enumerate(found["hub"][0].tolist())}
    codes, masks, place = found[group.name]
    for i in np.flatnonzero(codes == code).tolist():
        seen.setdefault(masks[i, register].tobytes(), set()).add(at[place(i)[:2]])
    values = [hub.values(np.array(sorted(seen[mask]))) for mask in both]
    for c, column in enumerate(hub.columns if len(values) == 2 else ()):
        a, b = (set(v[:, c].tolist()) for v in values)
        if a.isdisjoint(b):
            told = ", ".join(" or ".join(hub.value_name(c, v) for v in sorted(x)) for x in (a, b))
            who = f"an edge of {group.relation}" if group.relation else f"a {group.name} row"
            return (
                f"; the hub's own test ({column.text}: {told}) tells them apart, which {who} does not see: "
                "`yield` with a name of its own in each branch, and write in the next step"
            )
    return ""


def _what_happened(group, register: str, mask: np.ndarray, run, tick: int, row: int) -> str:
    if group.relation:
        return {(1, 0): "not eligible", (0, 1): "eligible", (0, 0): "not asked"}.get(tuple(mask), "not decided")
    lines = [w.line for w in run.lines[tick] if w.name == register and row in np.atleast_1d(w.rows)]
    ops = [group.operation_text(o) for o in np.flatnonzero(mask)]
    what = " or ".join(ops[:3]) if ops else "a value that no recorded operation gives"
    if register == "phase":  # written by no line, but by where the program goes
        return what
    return f"{what} (line {lines[0]})" if lines else f"{what} (not written)"
