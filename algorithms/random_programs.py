"""Random programs for the machine: random registers, tests and decision lists, in the form in which authors write.

`random_program(seed)` writes the source of a small program and makes a `Spec` of it, run and recorded as any other is.
They compute nothing of use: they are there for a processor to learn what steps are like, beyond textbooks. Every loop
walks a list to its end, or takes a node that it marks, so that every program halts.

The names of registers, values and phases are each program's own; what the structure gives (`next`, `key`, `in_edges` …)
has the names that it has everywhere.

>>> from algorithms.random_programs import random_program
>>> spec = random_program(3)
>>> spec.name, random_program(3).program is spec.program
('random_3', True)
"""

from __future__ import annotations

import linecache
from functools import cache
from importlib.abc import InspectLoader
from types import ModuleType

import numpy as np

from algorithms import sampling
from algorithms.answers import Pointers, Position
from algorithms.contexts import Contexts
from algorithms.errors import AuthorError
from algorithms.inputs.graphs import Graph
from algorithms.inputs.lists import Sequence
from algorithms.machine.probes import CATEGORICAL, GRAPH, HINT, INPUT, MASK_ONE, NODE, OUTPUT, POINTER, SCALAR, Probe
from algorithms.recording.asking import argmin, first, maximum, minimum
from algorithms.recording.record import Recording, record
from algorithms.spec import Spec
from algorithms.trace import lay_out, read_outputs

__all__ = ["SIZE", "random_program", "source_of"]

SIZE = 8  # of the inputs on which a drawn program is tried
_TRIALS = 10


class _Writer:
    """Draws the text of one program."""

    def __init__(self, rng: np.random.Generator):
        self.rng, self.phases, self.loops = rng, 0, 0
        self.lines: list[str] = []
        self.marked = [False, False]
        self.graph = rng.random() < 0.4
        count = lambda low, high: int(rng.integers(low, high + 1))
        self.hub_pointers = [f"p{i}" for i in range(count(2, 4))]
        self.hub_scalars = [f"s{i}" for i in range(count(0, 2))]
        self.fields = {f"f{i}": [f"v{j}" for j in range(count(2, 3))] for i in range(count(1, 2))}
        self.scalars = [f"x{i}" for i in range(count(int(self.graph), 2))]
        self.pointers = [f"q{i}" for i in range(count(1, 2))]
        self.walkers = ["w0", "w1"]
        self.links = self.pointers + ([] if self.graph else ["next", "prev", "left", "right"])
        self.numbers = self.scalars + (["index"] if self.graph else ["key", "index"])

    def one(self, items):
        return items[int(self.rng.integers(len(items)))]

    def chance(self, p: float) -> bool:
        return self.rng.random() < p

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def tick(self, depth: int) -> None:
        self.put(depth, f'yield "t{self.phases}"')
        self.phases += 1

    # -------------------------------------------------------- what the hub does
    def place(self) -> str:
        return "hub." + self.one(self.hub_pointers + self.walkers[: self.loops])

    def number(self) -> str:
        if self.hub_scalars and self.chance(0.4):
            return "hub." + self.one(self.hub_scalars)
        return f"{self.place()}.{self.one(self.numbers)}"

    def hub_test(self) -> str:
        kind = self.one(["nil", "nil", "equal", "sign", "sign", "field"])
        if kind == "nil":
            return ("not " if self.chance(0.5) else "") + self.place()
        if kind == "equal":
            return f"{self.place()} == {self.place()}"
        if kind == "sign":
            return f"{self.number()} {self.one(['<', '>', '<='])} {self.number()}"
        name = self.one(list(self.fields))
        return f'{self.place()}.{name} == "{self.one(self.fields[name])}"'

    def expression(self, number) -> str:
        a = number()
        if self.chance(0.5):
            return a
        b = number()
        return self.one([f"{a} + {b}", f"{a} - {b}", f"minimum({a}, {b})", f"maximum({a}, {b})", f"abs({a} - {b})"])

    def hub_writes(self, depth: int, done: set) -> None:
        """Of the hub's own registers, each once."""
        before = len(self.lines)
        for _ in range(int(self.rng.integers(1, 4))):
            scalar = bool(self.hub_scalars) and self.chance(0.35)
            name = self.one(self.hub_scalars if scalar else self.hub_pointers)
            if name in done:
                continue
            done.add(name)
            if scalar:
                self.put(depth, f"hub.{name} = {self.expression(self.number)}")
            else:
                jump = f"{self.place()}.{self.one(self.links)}"
                start = self.place() if self.graph else self.one(["hub.first", "hub.last", self.place()])
                value = "None" if self.chance(0.15) else jump if self.chance(0.5) else start
                self.put(depth, f"hub.{name} = {value}")
        if len(self.lines) == before:
            self.put(depth, "pass")

    def remote_write(self, depth: int) -> None:
        at = self.place()
        self.put(depth, f"if {at}:")
        kind = self.one(["field", "field", "pointer"] + ["scalar"] * bool(self.scalars))
        if kind == "field":
            name = self.one(list(self.fields))
            self.put(depth + 1, f'{at}.{name} = "{self.one(self.fields[name])}"')
        elif kind == "pointer":
            value = "None" if self.chance(0.15) else self.place()
            self.put(depth + 1, f"{at}.{self.one(self.pointers)} = {value}")
        else:
            self.put(depth + 1, f"{at}.{self.one(self.scalars)} = {self.number()}")

    def hub_step(self, depth: int) -> None:
        """A decision list over the hub's own registers, and perhaps a write to another row, in one tick."""
        done: set = set()
        if self.chance(0.3):
            self.hub_writes(depth, done)
        tests = int(self.rng.integers(0, 3))
        for i in range(tests):
            self.put(depth, f"{'elif' if i else 'if'} {self.hub_test()}:")
            self.hub_writes(depth + 1, set(done))
        if tests and self.chance(0.6):
            self.put(depth, "else:")
            self.hub_writes(depth + 1, set(done))
        if self.chance(0.6) or not tests:
            self.remote_write(depth)
        self.tick(depth)

    # -------------------------------------------------------- what all nodes do at once
    def node_step(self, depth: int) -> None:
        field = self.one(list(self.fields))
        value = self.one(self.fields[field])
        self.put(depth, "for v in nodes:")
        seen = self.graph and self.chance(0.7)
        if seen:
            where = f"lambda u: u == {self.place()}" if self.chance(0.4) else f'lambda u: u.{field} == "{value}"'
            key = self.one([f"u.{self.one(self.scalars)}", "u.weight", f"u.{self.one(self.scalars)} + u.weight"])
            if self.chance(0.5):
                self.put(depth + 1, f"u = first(v.in_edges, where={where})")
            else:
                self.put(depth + 1, f"u = argmin(v.in_edges, key=lambda u: {key}, where={where})")
        number = lambda: self.one(
            [f"v.{self.one(self.numbers)}", f"{self.place()}.{self.one(self.numbers)}"]
            + [f"hub.{s}" for s in self.hub_scalars[:1]]
            + (["u.weight", f"u.{self.one(self.scalars)}"] if seen else [])
        )
        for i in range(int(self.rng.integers(1, 4))):
            other = self.one(list(self.fields))
            test = self.one(
                [f"v == {self.place()}", f'v.{other} == "{self.one(self.fields[other])}"', f"{number()} < {number()}"]
                + [f"v.{self.one(self.pointers)}"]
                + ["u", "not u"] * seen
            )
            self.put(depth + 1, f"{'elif' if i else 'if'} {test}:")
            done: set = set()
            for _ in range(int(self.rng.integers(1, 3))):
                kind = self.one(["field", "field", "pointer"] + ["scalar"] * 2 * bool(self.scalars))
                name = self.one({"field": list(self.fields), "pointer": self.pointers, "scalar": self.scalars}[kind])
                if name in done:
                    continue
                done.add(name)
                if kind == "field":
                    self.put(depth + 2, f'v.{name} = "{self.one(self.fields[name])}"')
                elif kind == "pointer":
                    self.put(depth + 2, f"v.{name} = {self.one([self.place(), 'v', 'None'] + ['u', 'u'] * seen)}")
                else:
                    self.put(depth + 2, f"v.{name} = {self.expression(number)}")
        self.tick(depth)

    # -------------------------------------------------------- loops, each of which comes to an end
    def block(self, depth: int) -> None:
        if self.loops == 2 or self.chance(0.25):
            return self.step(depth)
        walker = f"hub.w{self.loops}"
        if self.graph or self.chance(0.3):
            self.take(depth, walker)
        else:
            forth = self.chance(0.6)
            inner = self.loops and self.chance(0.5)
            step = "next" if forth else "prev"
            start = f"hub.w{self.loops - 1}.{step}" if inner else "hub.first" if forth else "hub.last"
            self.put(depth, f"{walker} = {start}")
            self.tick(depth)
            self.put(depth, f"while {walker}:")
            self.body(depth + 1)
            self.put(depth + 1, f"{walker} = {walker}.{step}")
            self.hub_writes(depth + 1, set())
            self.tick(depth + 1)

    def take(self, depth: int, walker: str) -> None:
        """Take a node that is not marked (or, the next time, one that is), until none is left; nothing else writes the
        mark."""
        mark, (before, after) = f"m{self.loops}", ("yes", "no") if self.marked[self.loops] else ("no", "yes")
        self.marked[self.loops] = not self.marked[self.loops]
        key = "" if self.chance(0.4) else f"key=lambda v: v.{self.one(self.numbers)}, "
        select = "argmin" if key else "first"
        self.put(depth, "while True:")
        self.put(depth + 1, f'{walker} = {select}(nodes, {key}where=lambda v: v.{mark} == "{before}")')
        self.tick(depth + 1)
        self.put(depth + 1, f"if not {walker}:")
        self.put(depth + 2, "break")
        self.put(depth + 1, f'{walker}.{mark} = "{after}"')
        self.tick(depth + 1)
        self.body(depth + 1)

    def body(self, depth: int) -> None:
        self.loops += 1
        for _ in range(int(self.rng.integers(1, 3))):
            self.block(depth) if self.chance(0.25) else self.step(depth)
        self.loops -= 1

    def step(self, depth: int) -> None:
        self.node_step(depth) if self.chance(0.45 if self.graph else 0.2) else self.hub_step(depth)

    def program(self, name: str) -> str:
        self.put(0, f"def {name}(hub, nodes):")
        for p in self.hub_pointers:
            if not self.graph and self.chance(0.6):
                self.put(1, f"hub.{p} = {self.one(['hub.first', 'hub.last', 'hub.middle'])}")
            elif self.graph and self.chance(0.6):
                self.put(1, f"hub.{p} = hub.origin")
        self.tick(1)
        for _ in range(int(self.rng.integers(1, 4))):
            self.block(1)
        return "\n".join(self.lines) + "\n"

    def probes(self) -> list[Probe]:
        out = [Probe(p, OUTPUT if i == 0 else HINT, NODE, MASK_ONE) for i, p in enumerate(self.hub_pointers)]
        out += [Probe(s, HINT, GRAPH, SCALAR) for s in self.hub_scalars]
        out += [Probe(w, HINT, NODE, MASK_ONE) for w in self.walkers]
        out += [Probe(f, HINT, NODE, CATEGORICAL, tuple(values)) for f, values in self.fields.items()]
        out += [Probe(f"m{i}", HINT, NODE, CATEGORICAL, ("no", "yes")) for i in range(2)]
        out += [Probe(x, HINT, NODE, SCALAR) for x in self.scalars]
        out += [Probe(q, OUTPUT if i == 0 else HINT, NODE, POINTER) for i, q in enumerate(self.pointers)]
        first = Probe("origin", INPUT, NODE, MASK_ONE) if self.graph else Probe("key", INPUT, NODE, SCALAR)
        return [first, *out]


def source_of(seed: int, attempt: int = 0) -> str:
    """The text that a seed draws (its first attempt)."""
    return _Writer(np.random.default_rng([seed, attempt])).program(f"random_{seed}")


@cache
def random_program(seed: int) -> Spec:
    """The random program of a seed: a Spec, on lists or weighted graphs. It has run without error or conflict.

    Its `check` is the program itself: there is no other reference for it.
    """
    for attempt in range(100):
        spec = _spec(seed, attempt)
        if _runs(spec, np.random.default_rng([seed, attempt, 1])):
            return spec
    raise AuthorError(f"random program {seed}: no attempt runs")  # not met for any seed tried


class _Drawn(InspectLoader):
    """A drawn text, as a module's source."""

    def __init__(self, text: str, file: str):
        self.text, self.file = text, file

    def get_source(self, name: str) -> str:
        return self.text

    def get_code(self, name: str):
        return self.source_to_code(self.text, self.file)


def _spec(seed: int, attempt: int) -> Spec:
    writer = _Writer(np.random.default_rng([seed, attempt]))
    name, file = f"random_{seed}", f"<random program {seed}.{attempt}>"
    text = writer.program(name)
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    module = ModuleType(__name__)
    vars(module).update(first=first, argmin=argmin, minimum=minimum, maximum=maximum)
    _Drawn(text, file).exec_module(module)
    graph = writer.graph

    def sample(rng, n, family):
        if not graph:
            return sampling.numbers(rng, n, family), {}
        x = sampling.weigh(rng, sampling.graph(rng, n, family))
        return x, {"origin": sampling.node(rng, x)}

    def check(outputs, data, **arguments):
        instance = lay_out(spec, data, arguments)
        record(spec, instance, Recording(spec), states=False)
        return {k: [outputs[k] == v] for k, v in read_outputs(instance).items()}

    spec = Spec(
        name=name,
        chapter="random",
        source="drawn at random",
        structure=Graph(directed=False, weighted=True) if graph else Sequence(),
        probes=tuple(writer.probes()),
        outputs={"p": Position("p0"), "q": Pointers("q0")},
        ticks=lambda n, m: 40 * (n + 2) ** 2,
        families=sampling.GRAPHS if graph else sampling.SEQUENCES,
        sample=sample,
        check=check,
        program=getattr(module, name),
        doc=text,
    )
    return spec


def _runs(spec: Spec, rng: np.random.Generator) -> bool:
    """Does it run, is it of a fair size, and do its contexts decide what it does?"""
    recording, families, runs = Recording(spec), spec.families["training"], []
    try:
        for i in range(_TRIALS):
            data, arguments = spec.sample(rng, int(rng.integers(1, SIZE + 1)), families[i % len(families)])
            runs.append(record(spec, lay_out(spec, data, arguments), recording))
            if runs[-1].ticks > 40 * SIZE:
                return False
        machine = recording.machine()
        contexts = Contexts(machine)
        for i, run in enumerate(runs):
            contexts.add([run], i)
    except AuthorError:
        return False
    tables = [contexts.table(g) for g in machine.groups]
    return all(t.consistent.any(2).all() for t in tables) and sum(len(t.codes) for t in tables) >= 8
