"""Is a program one that the machine can learn? A verdict in seconds, without a network.

Collects (context -> update) from many small runs and reports *conflicts* (one context, updates that no operation
reconciles: the program looks at something that its row cannot see), contexts still *new* at larger n (draw more, or
test less), *undecided* registers (several operations agree on all that was seen), the number of contexts, and
agreement with the algorithm's independent reference on every family of samples.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field

import numpy as np

from algorithms import registry
from algorithms.contexts import Contexts, collect, draw
from algorithms.recorder import Recording
from algorithms.spec import Spec
from algorithms.trace import read_outputs
from algorithms.vocabulary import VOCABULARY, suggest

__all__ = ["Check", "check"]


@dataclass
class Check:
    """The verdict on one program. `ok`: no conflict, nothing new at larger n, every answer right."""

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
    own_names: dict[str, str] = field(default_factory=dict)  # register names outside the vocabulary -> nearest known
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.conflicts and not self.wrong and not any(self.new.values())

    def to_dict(self) -> dict:
        return dict(asdict(self), ok=self.ok)

    def __str__(self) -> str:
        new = ", ".join(f"{c} at n = {n}" for n, c in self.new.items())
        verdict = "ok" if self.ok else "NOT OK"
        lines = [
            f"{self.algorithm}: {verdict} ({self.runs} runs, {self.ticks} ticks, {self.seconds:.1f} s)",
            f"  contexts: {sum(self.contexts.values())} ({', '.join(f'{k} {v}' for k, v in self.contexts.items())})",
            f"  new at larger n: {new}; undecided registers: {self.undecided}",
            f"  conflicts: {len(self.conflicts)}; answers that the reference rejects: {len(self.wrong)}",
        ]
        lines += [f"  conflict: {c}" for c in self.conflicts[:5]]
        lines += [f"  new: {c}" for c in self.new_examples[:5]]
        lines += [f"  wrong: {w}" for w in self.wrong[:5]]
        lines += [f"  name {n!r} is not in the vocabulary{s}" for n, s in self.own_names.items()]
        return "\n".join(lines)


def check(algorithm: str | Spec, runs: int = 200, sizes: tuple[int, ...] = (16, 32, 64), seed: int = 0) -> Check:
    """Check an algorithm (a name or a Spec): `runs` runs of n <= 12, then a few at each of `sizes`.

    >>> from algorithms.checker import check
    >>> check("minimum", runs=40, sizes=(16,)).ok
    True
    """
    spec = registry.get(algorithm) if isinstance(algorithm, str) else algorithm
    start, rng, recording, out = time.perf_counter(), np.random.default_rng(seed), Recording(spec), Check(spec.name)
    families = [*spec.families["training"], *spec.families["held_out"]]
    out.own_names = {p.name: suggest(p.name) for p in spec.probes if p.name not in VOCABULARY}

    def one(n: int, family: str):
        run, data, arguments = draw(spec, recording, rng, n, family)
        for name, right in spec.check(read_outputs(run.instance), data, **arguments).items():
            if not all(right):
                out.wrong.append(f"output {name!r} on a {family!r} sample of n = {n}: {data!r} {arguments!r}")
        out.runs, out.ticks = out.runs + 1, out.ticks + run.ticks
        return run

    small = [one(int(rng.integers(1, 13)), families[i % len(families)]) for i in range(runs)]
    large = {n: [one(n, f) for f in families] for n in sizes}
    machine = recording.machine()
    known = collect(machine, small)
    for name, group in machine.groups.items():
        table = known.table(name)
        out.contexts[name], out.operations[name] = len(table.codes), len(group.operations)
        out.undecided += int((table.consistent.sum(2) > 1).sum())
    every = [*small, *(run for runs in large.values() for run in runs)]
    out.conflicts = _conflicts(collect(machine, every), every)
    for n in sizes:
        met = collect(machine, large[n])
        fresh = {(g, c) for g, seen in met.seen.items() for c, _ in seen} - {
            (g, c) for g, seen in known.seen.items() for c, _ in seen
        }
        out.new[n] = len(fresh)
        out.new_examples += [f"n = {n}, {g}: {machine.groups[g].describe(c)}" for g, c in sorted(fresh)[:3]]
    out.seconds = time.perf_counter() - start
    return out


def _conflicts(contexts: Contexts, runs: list) -> list[str]:
    """Each context in which some register has no consistent operation, with two transitions that disagree."""
    out = []
    for name in contexts.machine.groups:
        table = contexts.table(name)
        group = table.group
        for i, r in np.argwhere(~table.consistent.any(2)):
            code, register = int(table.codes[i]), group.registers[r][1]
            shape, examples = group.valid.shape, {}
            for (c, packed), (_, place) in contexts.seen[name].items():
                if c == code:
                    mask = np.unpackbits(np.frombuffer(packed, np.uint8))[: shape[0] * shape[1]].reshape(shape)[r]
                    examples.setdefault(mask.tobytes(), (mask, place))
            pair = [_what_happened(group, register, mask, runs[k], t, row) for mask, (k, t, row) in examples.values()]
            out.append(f"{name}.{register} where ({group.describe(code)}): " + "; but ".join(pair[:3]))
    return out


def _what_happened(group, register: str, mask: np.ndarray, run, tick: int, row: int) -> str:
    if group.relation:
        return {(1, 0): "not eligible", (0, 1): "eligible", (0, 0): "not asked"}.get(tuple(mask), "not decided")
    lines = [line for n, rows, _, line, _ in run.lines[tick] if n == register and row in np.atleast_1d(rows)]
    ops = [group.operation_text(o) for o in np.flatnonzero(mask)]
    what = " or ".join(ops[:3]) if ops else "a value that no recorded operation gives"
    if register == "phase":  # written by no line, but by where the program goes
        return what
    return f"{what} (line {lines[0]})" if lines else f"{what} (not written)"
