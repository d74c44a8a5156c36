"""A certificate tested: every decision altered, one at a time, and the inputs that meet its context run again.

An alteration that some run of the small worlds shows is *killed*. One that passes them is either *harmless*, because
every run that meets it goes through the same states, or a *hole* in the small worlds, where a larger random input shows
it, or where only such inputs meet its context.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from algorithms.machine.compiled import Program
from algorithms.machine.definition import Decisions
from algorithms.machine.engine import Bound
from algorithms.machine.program import Group, Machine
from algorithms.saturated import Missing
from algorithms.spec import Spec

__all__ = ["Mutation", "Worlds", "changes", "changes_of"]

_FIRST = 4  # inputs of a context that an alteration is tried on before all others
_TOGETHER = 256  # inputs whose changes are held at once
_SHOWN = 20


@dataclass
class Mutation:
    """alterations: in all, of as many contexts; killed: shown by the small worlds; holes: passed by these, shown at
    random; unmet: of contexts that only random inputs meet, and passed; harmless: passed, through the same states
    everywhere; of these by_context: the context itself says so (the register holds the value). survivors: the first of
    those passed that are no such, in words. kernel: by which that was found."""

    contexts: int = 0
    alterations: int = 0
    killed: int = 0
    holes: int = 0
    unmet: int = 0
    harmless: int = 0
    by_context: int = 0
    survivors: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    kernel: str = ""

    def __str__(self) -> str:
        return (
            f"altered: {self.alterations} decisions of {self.contexts} contexts; {self.killed} killed, {self.harmless} "
            f"harmless ({self.by_context} by their context alone), {self.holes} holes in the small worlds, closed at "
            f"random, {self.unmet} of contexts that only random inputs meet, passed"
        )


def changes(bound: Bound, program: Program, *state: np.ndarray, **options) -> tuple[bytes, ...]:
    """All changes of state in runs of one program or another of the same machine: tick, row, register, and what it is
    then. state, options: as `Bound.run` takes them; without a state, from that of the bound instance."""
    kept, bound.program = bound.program, program
    if not state:
        bound.load()
    try:
        bound.forget()
        bound.run(*state, log=True, **options)
    finally:
        bound.program = kept
    return changes_of(bound)


def changes_of(bound: Bound) -> tuple[bytes, ...]:
    """All changes since the last `forget`."""
    log = bound.log()
    ticks = np.searchsorted(log.ends, np.arange(len(log.rows)), "right")
    order = np.lexsort((log.registers, log.rows, ticks))
    return tuple(x[order].tobytes() for x in (ticks, log.rows, log.registers, log.values)) + (log.ends.tobytes(),)


class _Frozen(Decisions):
    """What a network has answered so far; nothing more is asked."""

    def __init__(self, machine: Machine, answers: dict[str, dict[int, tuple | int]]):
        self.machine, self.answers = machine, {g: dict(known) for g, known in answers.items()}

    def ask(self, group: str, codes: list[int]) -> None:
        raise Missing(f"{self.machine.name}: a run comes to what no run has met")


@dataclass
class _Topology:
    """Inputs that are laid out alike. states: of each, (ints, scalars, weights)."""

    bound: Bound
    states: list[tuple] = field(default_factory=list)

    def state(self, places: list[int]) -> tuple[np.ndarray, ...]:
        """Of some of them, stacked, to be run in place."""
        return tuple(np.stack([self.states[i][k] for i in places]) for k in range(3))


class Worlds:
    """Inputs, and which contexts each of them meets."""

    def __init__(self, network: Program, spec: Spec):
        self.network, self.spec = network, spec
        self.topologies: dict[bytes, _Topology] = {}
        self.inputs: list[tuple[_Topology, int]] = []
        self.meeting: dict[tuple[str, int], list[int]] = defaultdict(list)
        self._at: tuple[str, int] | None = None
        self._some: list[_Batch] = []

    def add(self, bound: Bound, met: dict[str, set[int]]) -> None:
        """An input, bound; what it met."""
        x = bound.instance
        parts = [
            x.kind.tobytes(),
            str(x.sizes).encode(),
            *(a.tobytes() for r in x.relations.values() for a in (r.src, r.dst)),
        ]
        at = self.topologies.setdefault(hashlib.sha256(b"|".join(parts)).digest(), _Topology(bound))
        bound.load()
        at.states.append((bound.ints.copy(), bound.scalars.copy(), bound.weights))
        for g, codes in met.items():
            for code in codes:
                self.meeting[g, code].append(len(self.inputs))
        self.inputs.append((at, len(at.states) - 1))

    def alter(self, larger: Worlds, report: Callable[[str, int, int], None]) -> Mutation:
        """Every decision that these inputs, or larger ones, meet, altered."""
        out, machine = Mutation(), self.network.decisions.machine
        program = Program(_Frozen(machine, self.network.decisions.answers), self.spec)
        contexts = sorted(self.meeting.keys() | larger.meeting.keys())
        for done, (g, code) in enumerate(contexts):
            report(f"{self.spec.name}, altered", done, len(contexts))
            out.contexts += 1
            for decision in _others(machine.groups[g], program.decisions.answers[g][code]):
                out.alterations += 1
                with program.altered(g, code, decision) as other:
                    if not other:
                        out.harmless, out.by_context = out.harmless + 1, out.by_context + 1
                    elif self._shows(program, g, code):
                        out.killed += 1
                    elif larger._shows(program, g, code):
                        out.holes += 1
                        self._note(out.shown, machine.groups[g], code, decision)
                    else:
                        met = bool(self.meeting.get((g, code)))
                        out.harmless, out.unmet = out.harmless + met, out.unmet + (not met)
                        self._note(out.survivors, machine.groups[g], code, decision)
        return out

    @staticmethod
    def _note(where: list[str], group: Group, code: int, decision: tuple | int) -> None:
        if len(where) < _SHOWN:
            where.append(f"{group.name} where ({group.describe(code)}): {_words(group, decision)}")

    def _shows(self, program: Program, group: str, code: int) -> bool:
        """Does one of the inputs that meet this context go another way?"""
        if self._at != (group, code):
            self._at, self._some = (group, code), self._batches(self.meeting.get((group, code), []))
        for place, batch in enumerate(self._some):
            if batch.differs(program, self.network):
                self._some.insert(0, self._some.pop(place))  # likely to show the next one too
                return True
        return False

    def _batches(self, inputs: list[int]) -> list[_Batch]:
        """A few inputs, each alone, then all others, those of one topology together."""
        rest: dict[int, tuple[_Topology, list[int]]] = {}
        for i in inputs[_FIRST:]:
            at, one = self.inputs[i]
            rest.setdefault(id(at), (at, []))[1].append(one)
        first = [_Batch(at, [one]) for at, one in (self.inputs[i] for i in inputs[:_FIRST])]
        return first + [
            _Batch(at, places[i : i + _TOGETHER])
            for at, places in rest.values()
            for i in range(0, len(places), _TOGETHER)
        ]


@dataclass
class _Batch:
    """Inputs of one topology; right: a digest of how they change, and the most ticks of one, once that is known."""

    at: _Topology
    places: list[int]
    right: tuple[bytes, int] | None = None

    def differs(self, program: Program, network: Program) -> bool:
        """Does one of them change in another way?"""
        if self.right is None:
            self.right = self._digest(network)
        digest, most = self.right
        try:
            return self._digest(program, cap=most + 1)[0] != digest
        except Missing:
            return True

    def _digest(self, program: Program, **options) -> tuple[bytes, int]:
        ticks = np.zeros(len(self.places), np.int64)
        parts = changes(self.at.bound, program, *self.at.state(self.places), ticks=ticks, **options)
        return hashlib.sha256(b"".join(hashlib.sha256(x).digest() for x in parts)).digest(), int(ticks.max())


def _others(group: Group, decision: tuple | int) -> Iterator[tuple | int]:
    """Every other decision that is one register away: of edges, every other mask."""
    if isinstance(decision, int):
        yield from (mask for mask in range(1 << len(group.registers)) if mask != decision)
        return
    now = dict(decision)
    for register, op in np.argwhere(group.valid).tolist():
        if op != now.get(register, 0):
            changed = {**now, register: op}
            yield tuple((r, o) for r, o in sorted(changed.items()) if o)


def _words(group: Group, decision: tuple | int) -> str:
    if isinstance(decision, int):
        chosen = [head for bit, (_, head) in enumerate(group.registers) if decision >> bit & 1]
        return f"selected by {', '.join(chosen) or 'none'}"
    return ", ".join(f"{group.registers[r][1]} {group.operation_text(o)}" for r, o in decision) or "keep all"
