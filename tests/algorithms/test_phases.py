"""Phases are known from a program's text alone."""

import linecache
import sys

import networkx as nx
import numpy as np
import pytest

import algorithms
from algorithms.author import first
from algorithms.contexts import draw
from algorithms.errors import AuthorError
from algorithms.graphs import _search
from algorithms.graphs._unions import union
from algorithms.machine.probes import HALT, START
from algorithms.recording.record import Recording, record
from algorithms.trace import lay_out


def turn(hub, then=None, *, before=None):
    if before:
        yield from before()
    yield "turned"
    if then:
        yield from then(hub)


def last(hub, then=turn):
    yield from then(hub)
    yield (
        "over"  # in a line of its own
    )


def sites(make_spec, program) -> list[str]:
    phases = make_spec(program).phases
    assert phases[:2] == (START, HALT)
    return [p.removeprefix("program.") for p in phases[2:]]


# ---------------------------------------------------------------- what the text tells
def test_a_yield_counts_by_its_word_or_its_place_in_source_order(make_spec):
    def program(hub, nodes):
        while hub.u:
            yield "b"
            if hub.v:
                yield
        lambda: (yield "not this")
        yield "a"

    assert sites(make_spec, program) == ["b", "1", "a"]


def test_sub_programs_are_found_by_name_wherever_python_finds_them(make_spec):
    def program(hub, nodes):
        def inside(hub):
            yield "here"

        def closing():
            yield from inside(hub)

        yield from inside(hub)
        yield from turn(hub)
        yield from turn(hub, inside)
        yield from turn(hub, before=closing, then=_search.search)
        yield from last(hub)
        yield from _search.search(hub, closing=closing)

    search = ["search.discover", "search.scan", "search.look", "search.finish"]
    assert sites(make_spec, program) == [
        "0/inside.here",
        "1/turn.turned",
        "2/turn.turned", "2/turn.2/inside.here",
        "3/turn.0/closing.0/inside.here", "3/turn.turned", *(f"3/turn.2/{s}" for s in search),
        "4/last.0/turn.turned", "4/last.over",
        *(f"5/{s}" for s in [*search[:3], "search.3/closing.0/inside.here", search[3]]),
    ]  # fmt: skip


def test_a_parameter_hides_what_the_module_calls_so(make_spec):
    def program(hub, nodes):
        def sub(hub, union=None):
            yield "a"
            if union:
                yield from union(hub)

        yield from sub(hub)
        yield from union(hub, nodes)

    assert sites(make_spec, program) == ["0/sub.a", "1/union.ends", "1/union.roots", "1/union.mark"]


def test_a_program_may_be_a_closure(make_spec):
    def program_with(sub):
        def program(hub, nodes):
            yield from sub(hub)

        return program

    assert sites(make_spec, program_with(turn)) == ["0/turn.turned"]
    assert sites(make_spec, program_with(last)) == ["0/last.0/turn.turned", "0/last.over"]


def test_yields_over_several_lines_are_found_again(record_program):
    def program(hub, nodes):
        yield from last(
            hub,
            turn,
        )
        yield (
            "end"
        )  # fmt: skip

    run, recording = record_program(program)
    names = list(recording.phases)
    hub = run.instance.hubs[0]
    row = run.instance.int_names.index("phase")
    assert [names[ints[row, hub]] for ints, _ in run.states] == [
        "start", "program.0/last.0/turn.turned", "program.0/last.over", "program.end", "halt",
    ]  # fmt: skip


def test_phases_do_not_hang_on_what_a_run_meets(record_program):
    def program(hub, nodes):
        hub.u = first(nodes, where=lambda v: v.index > 9.0)
        yield "select"
        if hub.u:
            yield "found"

    small, large = (record_program(program, nx.path_graph(n))[1] for n in (2, 12))
    assert list(small.phases) == list(large.phases) == ["start", "halt", "program.select", "program.found"]
    assert small.machine().domains["phase"] == large.machine().domains["phase"]


def test_a_program_without_its_text_is_refused(make_spec):
    names = {}
    exec("def program(hub, nodes):\n    yield 'a'\n", names)
    with pytest.raises(AuthorError, match="text of 'program' is not at hand"):
        make_spec_in(make_spec, names["program"])


def make_spec_in(make_spec, program):
    program.__module__ = __name__
    return make_spec(program).phases


def test_a_text_from_elsewhere_counts(make_spec):
    text = "\n\ndef program(hub, nodes):\n    yield 'a'\n"
    linecache.cache["<made>"] = (len(text), None, text.splitlines(True), "<made>")
    names = {}
    exec(compile(text, "<made>", "exec"), names)
    assert make_spec_in(make_spec, names["program"]) == ("start", "halt", "program.a")


# ---------------------------------------------------------------- of all algorithms
@pytest.mark.parametrize("name", algorithms.names())
def test_every_phase_is_met_and_no_other(name):
    """A phase that no run meets costs a code; none of ours does."""
    spec, rng, met = algorithms.get(name), np.random.default_rng(0), set()
    families = [*spec.families["training"], *spec.families["held_out"]]
    for i in range(200):
        recording = Recording(spec)
        assert list(recording.phases) == list(spec.phases)
        run = draw(spec, recording, rng, 2 + i % 8, families[i % len(families)])[0]
        phase = np.stack([ints[0, run.instance.hubs[0]] for ints, _ in run.states])
        met |= set(phase.tolist())
        assert phase[0] == 0 and phase[-1] == 1
        if len(met) == len(spec.phases):
            return
    raise AssertionError(f"never met: {[p for i, p in enumerate(spec.phases) if i not in met]}")


@pytest.mark.parametrize("seed", range(5))
def test_random_programs_tell_theirs(seed):
    spec = algorithms.random_program(seed)
    data, arguments = spec.sample(np.random.default_rng(0), 6, spec.families["training"][0])
    run = record(spec, lay_out(spec, data, arguments), Recording(spec))
    words = spec.doc.count("yield")
    assert len(spec.phases) == 2 + words and run.states[-1][0][0, run.instance.hubs[0]] == 1
    assert sys.modules[spec.program.__module__].__name__ == "algorithms.random_programs"
