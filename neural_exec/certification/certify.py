"""Certificates: an algorithm run on every input of small worlds, then at random, each run held against the program's.

The network runs by the engine. Its run is the program's own, tick by tick, where both have the same decision in every
context that the run met. Where they do not (*keep* is as good as writing the same value), both are run and all changes
compared. The program's decisions are those of its recorded runs (`algorithms.saturated`): where they have none, or the
two runs differ, the input is recorded, and the recorded run is the judge; so is it on a sample besides. Every answer is
judged by the algorithm's independent reference as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace

import numpy as np

from algorithms import registry
from algorithms.errors import ArgumentError, AuthorError, InputError
from algorithms.machine.compiled import program_of
from algorithms.machine.engine import Bound, cap_of, execute
from algorithms.machine.library import load
from algorithms.machine.state import Instance
from algorithms.recording.record import record
from algorithms.saturated import Missing, Saturated
from algorithms.trace import lay_out, read_outputs
from neural_exec.certificates import DEFINITION, kernel_here, weights_of
from neural_exec.certification.alterations import Mutation, Worlds, changes, changes_of
from neural_exec.examples import rng_of
from neural_exec.executor import Executor
from neural_exec.parallel import each

__all__ = ["QUIET", "SAMPLE", "SIZES", "Certificate", "certify"]

SAMPLE = 200  # inputs of an algorithm's worlds that the recorder runs too
SIZES = (8, 16, 32, 64)  # of random inputs
QUIET = 200  # so many of them in a row meet no new context
MOST = 5000
_WRONG = 5  # so many wrong runs are enough to know


@dataclass
class Certificate:
    """What was run of one algorithm, and what came of it.

    weights, program, kernel: what it holds for. worlds: of each its text, count, and how many inputs were outside the
    algorithm's contract. inputs, ticks: run in all. recorded: how many of them the recorder ran too; compared: how many
    were run by the program's own table. random: how many inputs, how many of them until the last new context. wrong:
    the first wrong runs, in words. contexts: group -> how many were met in training, in the worlds, in all, and never
    but in training. mutation: see `Mutation`; None where that was not asked for, nor found before, of the same weights,
    program and worlds.
    """

    algorithm: str
    weights: str
    program: str
    kernel: str
    worlds: list[dict] = field(default_factory=list)
    inputs: int = 0
    ticks: int = 0
    recorded: int = 0
    compared: int = 0
    random: dict = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    contexts: dict[str, dict[str, int]] = field(default_factory=dict)
    mutation: dict | None = None
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        return not self.wrong

    def to_dict(self) -> dict:
        return dict(asdict(self), ok=self.ok)

    def __str__(self) -> str:
        total = {k: sum(c[k] for c in self.contexts.values()) for k in ("trained", "worlds", "reached", "never")}
        inputs, random = f"{self.inputs:,} inputs", self.random.get("inputs", 0)
        out = [
            f"{self.algorithm}: {'certified' if self.ok else 'REFUTED'} ({inputs}, {random:,} of them at random, "
            f"{self.ticks:,} ticks; {total['reached']} contexts, {total['worlds']} of them in the small worlds; "
            f"{total['never']} of training never met; {self.seconds:.1f} s)"
        ]
        out += [f"  wrong: {x}" for x in self.wrong]
        return "\n".join([*out, *([f"  {Mutation(**self.mutation)}"] if self.mutation else [])])


def certify(
    executor: Executor,
    algorithms: Iterable[str] | None = None,
    mutate: bool = False,
    workers: int = 1,
    report: Callable[[str, int, int], None] = lambda name, done, total: None,
    finished: Callable[[Certificate], None] = lambda certificate: None,
) -> dict[str, Certificate]:
    """Certify algorithms of an executor (default: all that it knows); they are put into `executor.certificates`.

    mutate: test the certificate itself, by altering every decision, one at a time. workers: how many processes, by
    joblib (`neural_exec.parallel`). report(name, done, total): called now and then, of the small worlds' inputs (with
    one worker); finished: called with every certificate.

    Raises UnknownAlgorithmError.

    >>> import neural_exec
    >>> certificate = certify(neural_exec.load(), ["minimum"])["minimum"]
    >>> certificate.ok, certificate.worlds[2]
    (True, {'text': 'all weak orders of 3 numbers', 'count': 13, 'refused': 0})
    """
    if not isinstance(executor, Executor):
        raise ArgumentError(f"certify takes an Executor, not {type(executor).__name__}")
    names, out = list(algorithms) if algorithms is not None else executor.algorithms, {}
    for name in names:
        executor.spec(name)
    tell = (report,) if workers == 1 else ()
    for certificate in each(_certify, ((executor, name, mutate, *tell) for name in names), workers):
        out[certificate.algorithm] = certificate
        finished(certificate)
    executor.certificates = {**executor.certificates, **{name: out[name].to_dict() for name in names}}
    return {name: out[name] for name in names}


def _certify(
    executor: Executor, name: str, mutate: bool, report: Callable[[str, int, int], None] = lambda *_: None
) -> Certificate:
    start = time.perf_counter()
    kernel = DEFINITION if load() is None else kernel_here()
    out = Certificate(name, weights_of(executor, name), registry.fingerprint(name), kernel)
    try:
        _Runs(executor, out).all(mutate, report)
    except AuthorError as e:  # the program's own runs contradict each other
        out.wrong.append(str(e))
    before = executor.certificates.get(name, {})
    if out.ok and all(before.get(k) == getattr(out, k) for k in ("weights", "program", "worlds")):
        out.mutation = out.mutation or before.get("mutation")
    out.seconds = round(time.perf_counter() - start, 2)
    return out


class _Runs:
    """All runs of one certificate."""

    def __init__(self, executor: Executor, out: Certificate):
        self.spec, self.policy, self.out = executor.spec(out.algorithm), executor.policy(out.algorithm), out
        self.policy.warm()
        self.network = program_of(self.policy, self.spec)
        self.table = Saturated(self.spec, self.policy.machine, runs=60)
        self.reached: dict[str, set[int]] = {g: set() for g in self.policy.machine.groups}
        self._compare()

    def all(self, mutate: bool, report: Callable[[str, int, int], None]) -> None:
        out, kept = self.out, Worlds(self.network, self.spec) if mutate else None
        worlds = self.spec.structure.worlds(self.spec)
        total, done = sum(w.count for w in worlds), 0
        every = max(1, total // SAMPLE)
        for world in worlds:
            refused = 0
            for data, arguments in world.inputs():
                if done % 100 == 0:
                    report(out.algorithm, done, total)
                done += 1
                try:
                    instance = lay_out(self.spec, data, arguments)
                except InputError:
                    refused += 1
                    continue
                self.one(instance, data, arguments, out.inputs % every == 0, kept)
                if len(out.wrong) >= _WRONG:
                    break
            out.worlds.append(dict(text=world.text, count=world.count, refused=refused))
        small = {g: len(codes) for g, codes in self.reached.items()}
        larger = self.random(kept)
        for g, codes in self.reached.items():
            trained = self.policy.trained[g]
            never = len(trained - codes)
            out.contexts[g] = dict(trained=len(trained), worlds=small[g], reached=len(codes), never=never)
        if kept is not None and larger is not None and out.ok:
            out.mutation = asdict(replace(kept.alter(larger, report), kernel=out.kernel))

    def random(self, kept: Worlds | None) -> Worlds | None:
        """Random inputs of every family, until QUIET of them in a row meet no new context."""
        out, rng = self.out, rng_of("certificate", self.spec.name)
        families = [*self.spec.families["training"], *self.spec.families["held_out"]]
        larger = Worlds(self.network, self.spec) if kept is not None else None
        count = last = 0
        while count - last < QUIET and count < MOST and len(out.wrong) < _WRONG:
            n = SIZES[count % len(SIZES)]
            data, arguments = self.spec.sample(rng, n, families[count // len(SIZES) % len(families)])
            before = sum(map(len, self.reached.values()))
            instance = lay_out(self.spec, data, arguments)
            self.one(instance, data, arguments, count % 20 == 0, larger)
            count += 1
            if sum(map(len, self.reached.values())) > before:
                last = count
        out.random = dict(inputs=count, last_new=last, sizes=list(SIZES), quiet=count - last)
        return larger

    def one(self, instance: Instance, data, arguments: dict, sampled: bool, kept: Worlds | None) -> None:
        """Run one input, laid out; the instance is left in the state that it starts from."""
        out, met = self.out, {g: set[int]() for g in self.reached}
        bound = Bound(self.network, instance)
        ticks = int(bound.run(met=met, log=True)[0])
        out.inputs, out.ticks = out.inputs + 1, out.ticks + ticks
        for g, codes in met.items():
            self.reached[g] |= codes
        final = instance.copy()
        self._store(bound, final)
        halted = final.fields["phase"][final.hubs[0]] == self.policy.machine.halt()
        what = "" if halted else f"does not halt within {cap_of(instance)} ticks"
        what = what or self._not_the_programs(bound, instance, met, sampled) or self._rejected(final, data, arguments)
        if what:
            out.wrong.append(f"{what}: {data!r:.200} {arguments!r:.200}")
        if kept is not None:
            kept.add(bound, met)

    @staticmethod
    def _store(bound: Bound, into: Instance) -> None:
        kept, bound.instance = bound.instance, into
        bound.store()
        bound.instance = kept

    def _rejected(self, final: Instance, data, arguments: dict) -> str:
        right = self.spec.check(read_outputs(final), data, **arguments)
        wrong = [name for name, elements in right.items() if not all(elements)]
        return f"the reference rejects {', '.join(wrong)}" if wrong else ""

    # ------------------------------------------------------------ held against the program
    def _compare(self) -> None:
        """group -> contexts in which the network does what the program's table does."""
        does, ours = self.network.number, self.policy.answers
        self.same = {
            g: {c for c, d in theirs.items() if c in ours[g] and does(g, c, ours[g][c]) == does(g, c, d)}
            for g, theirs in self.table.answers.items()
        }

    def _not_the_programs(self, bound: Bound, instance: Instance, met: dict, sampled: bool) -> str:
        if any(not codes <= self.table.answers[g].keys() for g, codes in met.items()):
            return self._recorded(instance, True)
        if sampled:
            return self._recorded(instance, False)
        if all(codes <= self.same[g] for g, codes in met.items()):
            return ""
        self.out.compared += 1
        try:
            if changes_of(bound) == changes(bound, program_of(self.table, self.spec)):
                return ""
        except Missing:
            pass
        return self._recorded(instance, True)

    def _recorded(self, instance: Instance, add: bool) -> str:
        """Is the run the recorded program's own, state by state? add: take what was seen into the program's table."""
        self.out.recorded += 1
        run = record(self.spec, instance.copy(), self.table.recording)
        differs: list[int] = []

        def watch(ticks: int, x: Instance) -> None:
            if not differs and (ticks >= len(run.states) or not same_state(x, run.states[ticks])):
                differs.append(ticks)

        ticks = execute(self.policy, instance.copy(), watch).ticks
        if add:
            self.table.add([run])
            self._compare()
        if differs:
            return f"differs from the program's run in tick {differs[0]}"
        return "" if ticks == run.ticks else f"ends after {ticks} ticks, the program after {run.ticks}"


def same_state(x: Instance, state: tuple[np.ndarray, np.ndarray]) -> bool:
    ints, floats = state
    return bool((x.ints == ints).all() and np.array_equal(x.floats, floats, equal_nan=True))
