"""A weight file belongs to what is executed: what changes a fingerprint, and what does not."""

import linecache
import sys
from dataclasses import dataclass

import numpy as np
import pytest

import algorithms
from algorithms import fingerprint as module
from algorithms import registry
from algorithms.author import Sequence, argmin, first, maximum, minimum, total
from algorithms.contexts import collect
from algorithms.errors import AuthorError
from algorithms.fingerprint import SEMANTICS, fingerprint, with_machine
from algorithms.inputs.structure import Structure
from algorithms.machine.definition import ARITHMETIC
from algorithms.machine.state import Instance
from algorithms.random_programs import random_program

FILE = '''"""A search."""

from algorithms import sampling
from algorithms.answers import Position
from algorithms.author import HINT, INPUT, MASK_ONE, NODE, OUTPUT, SCALAR, Probe, Sequence, algorithm, first
import helpers_of_a_search
from helpers_of_a_search import advance

LIMIT = 2.0


def fine(values, arguments):
    """Precondition."""


def sample(rng, n, family):
    return sampling.numbers(rng, n, family), {}


def check(outputs, data):
    return {"index": [outputs["index"] == 0]}


def settle(hub):
    hub.v = hub.u
    yield "settle"


@algorithm(
    source="a test",
    structure=Sequence(requires=(fine,)),
    probes=[
        Probe("key", INPUT, NODE, SCALAR),
        Probe("u", HINT, NODE, MASK_ONE),
        Probe("v", OUTPUT, NODE, MASK_ONE),
    ],
    outputs={"index": Position("v")},
    ticks=lambda n, m: n + 4,
    families=sampling.SEQUENCES,
    sample=sample,
    check=check,
)
def a_search(hub, nodes, over=LIMIT):
    """Finds."""
    hub.u = hub.first
    yield "start"  # here
    while hub.u and hub.u.key <= LIMIT:
        advance(hub)
        yield "advance"
    yield from settle(hub)
    if hub.u:
        hub.u = first(nodes, where=lambda v: v.key == helpers_of_a_search.ONE)
        yield "one"
'''
HELPERS = '''"""Helpers."""

ONE, OTHER = 1.0, 5.0
WAY = "next"


def advance(hub):
    hub.u = getattr(hub.u, WAY)
'''


@pytest.fixture
def searched(tmp_path, monkeypatch):
    """The fingerprint of the search, with one piece of text replaced by another."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def take(old="", new=""):
        assert (FILE + HELPERS).count(old) or not old
        (tmp_path / "a_search.py").write_text(FILE.replace(old, new) if old else FILE)
        (tmp_path / "helpers_of_a_search.py").write_text(HELPERS.replace(old, new) if old else HELPERS)
        for file in ("a_search.py", "helpers_of_a_search.py"):  # written again within the clock's tick
            linecache.cache.pop(str(tmp_path / file), None)
        sys.modules.pop("helpers_of_a_search", None)
        return registry.fingerprint(registry.register(tmp_path / "a_search.py"))

    yield take
    sys.modules.pop("helpers_of_a_search", None)
    registry._REGISTERED.pop("a_search", None)
    registry.fingerprint.cache_clear()


@pytest.mark.parametrize(
    "old, new",
    [
        ('"""A search."""', '"""Another text."""\n# with a comment'),
        ('    """Finds."""\n', ""),
        ("  # here", ""),
        ('outputs["index"] == 0', 'outputs["index"] == 1'),
        ("return sampling.numbers(rng, n, family), {}", "return [float(n)], {}"),
        ('    """Precondition."""', "    values.append(1.0)"),
        ("OTHER = 1.0, 5.0", "OTHER = 1.0, 6.0"),
        ('yield "settle"', 'yield ("settle")'),
        ("hub.u = hub.first\n", "hub.u = (\n        hub.first\n    )\n"),
        ("def advance(hub):", "def advance(hub: object) -> None:"),
    ],
)
def test_what_does_not_count(searched, old, new):
    assert searched() == searched(old, new)


@pytest.mark.parametrize(
    "old, new",
    [
        ('yield "one"', 'yield "two"'),
        ("hub.u.key <= LIMIT", "hub.u.key < LIMIT"),
        ("    hub.v = hub.u\n", "    hub.v = hub.first\n"),
        ("LIMIT = 2.0", "LIMIT = 9.0"),
        ("ONE, OTHER = 1.0", "ONE, OTHER = 1.5"),
        ('WAY = "next"', 'WAY = "prev"'),
        ("hub.u = getattr(hub.u, WAY)", "hub.u = getattr(hub.u, WAY).next"),
        ("over=LIMIT", "over=3.0"),
        ('Probe("u", HINT', 'Probe("u", OUTPUT'),
    ],
)
def test_what_counts(searched, old, new):
    assert searched() != searched(old, new)


def walk(hub, nodes):
    hub.u = hub.first
    yield "start"
    while hub.u:
        for v in nodes:
            v.label = minimum(v.key, v.index)
        hub.u = hub.u.next
        yield "on"


@pytest.fixture
def spec(make_spec):
    return make_spec(walk, structure=Sequence())


def test_the_recorder_and_the_terms_count(spec, monkeypatch):
    before = fingerprint(spec)
    monkeypatch.setitem(ARITHMETIC, "minimum", np.maximum)
    assert fingerprint(spec) != before


def test_the_version_of_the_semantics_counts(spec, monkeypatch):
    before = fingerprint(spec)
    monkeypatch.setattr(module, "SEMANTICS", SEMANTICS + 1)
    assert fingerprint(spec) != before


def test_a_structure_counts_by_what_it_lays_out(make_spec):
    @dataclass(frozen=True)
    class Rewritten(Sequence):
        def build(self, spec, values, arguments):
            return super().build(spec, list(values), dict(arguments))

    @dataclass(frozen=True)
    class Ring(Sequence):
        def build(self, spec, values, arguments) -> Instance:
            out = super().build(spec, values, arguments)
            out.link("prev", 0, len(values) - 1)
            return out

    same, rewritten, ring = (fingerprint(make_spec(walk, structure=s)) for s in (Sequence(), Rewritten(), Ring()))
    assert same == rewritten != ring


def test_a_structure_needs_examples():
    class Bare(Structure):
        kinds = ("node", "hub")
        check = build = lambda *_: ()

    with pytest.raises(TypeError, match="abstract methods? .*examples"):
        Bare()


def test_a_program_whose_text_is_gone_is_refused(make_spec):
    names = {"__name__": __name__}
    exec("def gone(hub, nodes):\n    hub.u = hub.first\n    yield 'a'\n", names)
    with pytest.raises(AuthorError, match="gone: its text is not at hand"):
        fingerprint(make_spec(names["gone"], structure=Sequence()))


def test_what_surrounds_a_program_counts(make_spec):
    def program(way, step=None):
        step = step or (lambda hub: setattr(hub, "u", getattr(hub.u, way)))

        def go(hub, nodes):
            hub.u = hub.first
            yield "start"
            step(hub)
            yield "step"

        return fingerprint(make_spec(go, structure=Sequence()))

    back = lambda hub: setattr(hub, "u", hub.u.prev)
    assert program("next") == program("next")
    assert len({program("next"), program("prev"), program("prev", back)}) == 3


def test_random_programs_have_one_each():
    found = {fingerprint(random_program(seed)) for seed in range(4)}
    assert len(found) == 4 and fingerprint(random_program(0)) in found


def test_every_algorithm_runs_on_its_structures_examples():
    every = {name: module._executed(algorithms.get(name)) for name in algorithms.names()}
    refused = {name: last for name, (*_, last) in every.items() if isinstance(last, str)}
    assert not refused
    assert len({registry.fingerprint(name) for name in every}) == len(every)


def test_a_model_binds_it_to_its_machine():
    parts = [
        ("a", {"x": 1}, ["p", "q"]),
        ("b", {"x": 1}, ["p", "q"]),
        ("a", {"x": 2}, ["p", "q"]),
        ("a", {"x": 1}, ["q", "p"]),
    ]
    assert len({with_machine(*p) for p in parts}) == 4 and with_machine(*parts[0]) == with_machine(*parts[0])


# ---------------------------------------------------------------- what a step means
def everything(hub, nodes):
    """A term of every kind."""
    for v in nodes:
        v.label = maximum(v.key, v.index) - minimum(v.key, 2.0) * abs(v.key)
        v.parent = v
    yield "mixed"
    hub.u = argmin(nodes, key=lambda v: v.label, where=lambda v: v.color == "white")
    hub.mean = total(nodes, key=lambda v: v.key, where=lambda v: v.index > 0.0) + 0.5
    yield "chosen"
    for v in nodes:
        if hub.u == v:
            v.color = "grey"
            v.parent = None
        elif v.next:
            v.parent = v.next.next
        if v.key < hub.mean:
            v.changed = True
    yield "marked"
    hub.v = hub.u.next
    hub.u = first(nodes, where=lambda v: v.color == "grey")
    hub.u.color = "black"
    yield "far"


def test_semantics(make_spec, record_program, final):
    """Where this fails, models made before would be executed in another way: put SEMANTICS up, and mend the numbers."""
    assert SEMANTICS == 2
    run, recording = record_program(everything, [3.0, -1.0, 2.5, -1.0], structure=Sequence())
    assert final(run, "label") == [-3.0, 2.0, -2.5, 4.0]
    assert final(run, "parent") == [-1, 3, -1, 3]
    assert final(run, "color") == [2, 0, 0, 0]
    assert final(run, "changed") == [0, 1, 0, 1]
    assert (final(run, "u"), final(run, "v"), final(run, "mean")) == ([0], [1], [1.0])
    machine = recording.machine()
    contexts = collect(machine, [run])

    def told(name, phase):
        """What rows (or edges) read in a phase, and what of each register agrees with what was then done."""
        group, table, out = machine.groups[name], contexts.table(name), {}
        for code, consistent in zip(table.codes.tolist(), table.consistent):
            stands, _, rest = group.describe(code).partition(", ")
            if phase in stands:
                done = (" or ".join(group.operation_text(o) for o in np.flatnonzero(row)) for row in consistent)
                out[rest] = sorted(f"{register}: {text}" for (_, register), text in zip(group.registers, done))
        return out

    label = "label: keep"
    no, yes = "changed: keep", "changed: = True"
    assert told("node", "chosen") == {
        "hub.u == self: yes, next?: set, hub.mean vs key: smaller": [no, "color: = grey", label, "parent: nil"],
        "hub.u == self: no, next?: set, hub.mean vs key: greater": [
            yes, "color: keep", label, "parent: next.next",
        ],
        "hub.u == self: no, next?: set, hub.mean vs key: smaller": [
            no, "color: keep", label, "parent: nil or next.next",
        ],
        "hub.u == self: no, next?: nil, hub.mean vs key: greater": [
            yes, "color: keep", label, "parent: keep",
        ],
    }  # fmt: skip
    no, yes, open_ = "not eligible", "eligible", "not eligible or eligible"
    heads = ("nodes", "nodes_by_label", "nodes_total_key")
    assert told("relation:nodes", "mixed") == {
        "src.color: white, 0 vs src.index: equal": [f"{h}: {x}" for h, x in zip(heads, (no, yes, no))],
        "src.color: white, 0 vs src.index: smaller": [f"{h}: {x}" for h, x in zip(heads, (no, open_, yes))],
    }
