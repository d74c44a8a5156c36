"""A machine read from a file is one of its algorithm, or refused with what is not."""

import json

import numpy as np
import pytest

import algorithms
from algorithms.contexts import draw
from algorithms.errors import MachineError, NeuralExecError
from algorithms.machine.program import Machine
from algorithms.recording.record import Recording
from algorithms.verify import verify


def recorded(name) -> dict:
    """An algorithm's machine, as it stands in a file."""
    spec, rng = algorithms.get(name), np.random.default_rng(0)
    recording = Recording(spec)
    for family in spec.families["training"]:
        for n in (2, 7):
            draw(spec, recording, rng, n, family, states=False)
    return json.loads(json.dumps(recording.machine().to_dict()))


@pytest.mark.parametrize("name", algorithms.names())
def test_what_is_recorded_is_verified(name):
    machine = Machine.from_dict(recorded(name))
    assert verify(algorithms.get(name), machine) is machine


def group(machine, name):
    return next(g for g in machine["groups"] if g["name"] == name)


def put(group_, part, term):
    return lambda m: group(m, group_)[part].append(term)


def sign(atom):
    return ["Sign", atom, ["Number", 1.0]]


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda m: m.update(name="bfs"), "is named 'bfs'"),
        (lambda m: m["domains"]["color"].pop(), "domains"),
        (lambda m: m["domains"]["phase"].reverse(), "domains"),
        (lambda m: m["domains"].update(extra=["a"]), "domains"),
        (lambda m: m["groups"].pop(), "has no group"),
        (lambda m: m["groups"].append(dict(group(m, "node"), name="cell")), "is no kind of its rows"),
        (lambda m: m["groups"].append(dict(group(m, "relation:nodes"), name="relation:edges")), "nothing is selected"),
        (lambda m: m["heads"].update(other=["Head", "out_edges", None, False]), "is called out_edges"),
        (lambda m: m["heads"].update(edges=["Head", "edges", None, False]), "'edges' is no relation"),
        (lambda m: m["heads"].update(nodes=["Head", "nodes", None, True]), "total of nothing"),
        (lambda m: m["heads"].update(nodes=["nodes", None]), "is no head"),
        (lambda m: group(m, "hub")["columns"].reverse(), "does not read the phase first"),
        (lambda m: group(m, "hub").update(looks=None), "does not say of each phase what is looked at"),
        (lambda m: group(m, "hub")["looks"].pop(), "does not say of each phase what is looked at"),
        (lambda m: group(m, "hub")["looks"][0].remove(0), "does not say of each phase what is looked at"),
        (lambda m: group(m, "hub")["looks"][0].append(99), "does not say of each phase what is looked at"),
        (lambda m: group(m, "hub")["columns"].append(group(m, "hub")["columns"][1]), "twice"),
        (lambda m: group(m, "hub")["registers"].remove(["phase", "phase"]), "does not write the phase"),
        (lambda m: group(m, "hub")["operations"].reverse(), "no `keep` first"),
        (lambda m: group(m, "relation:nodes")["operations"].reverse(), "selects by other operations"),
        (lambda m: group(m, "relation:nodes")["registers"].pop(), "does not select what its heads do"),
        (put("node", "registers", ["scalar", "time"]), "writes"),
        (put("node", "registers", ["pointer", "discovery"]), "writes"),
        (put("node", "registers", ["scalar", "discovery"]), "twice"),
        (put("node", "operations", ["Const", "color", 3]), "the value 3"),
        (put("node", "operations", ["Const", "color", True]), "the value True"),
        (put("node", "operations", ["Eligible", True]), "no operation of rows"),
        (put("node", "operations", ["Point", ["nowhere"]]), "'nowhere' is no pointer"),
        (put("node", "operations", ["Point", ["parent", "parent", "parent"]]), "no path of at most 2"),
        (put("node", "operations", ["Point", "parent"]), "no path"),
        (put("node", "operations", ["Point", ["@nodes"]]), "such a row selects nothing"),
        (put("hub", "operations", ["Point", ["@in_edges"]]), "asked for by nothing"),
        (put("hub", "operations", ["Set", ["Atom", [], "+nodes"]]), "asked for by nothing"),
        (put("hub", "operations", ["Set", ["Atom", [], "discovery"]]), "is on no row"),
        (put("hub", "operations", ["Set", ["Atom", ["u"], "color"]]), "nothing to read is called 'color'"),
        (put("hub", "operations", ["Set", ["Atom", ["u", "parent"], "index"]]), "at most 1"),
        (put("hub", "operations", ["Set", ["Number", "nan"]]), "is no number"),
        (put("hub", "operations", ["Set", ["Op", "/", ["Number", 1.0], ["Number", 2.0]]]), "'/' is no operation of 2"),
        (put("hub", "operations", ["Set", ["Op", "+", ["Number", 1.0], None]]), "'\\+' is no operation of 1"),
        (put("hub", "operations", ["Set", ["Op", "abs", ["Atom", ["u"], "x; y"], None]]), "nothing to read is called"),
        (put("hub", "operations", ["Set", None]), "None is no number"),
        (put("hub", "columns", ["NilTest", ["parent"]]), "such a row has no parent"),
        (put("hub", "columns", ["Equal", ["u"], ["missing"]]), "is no pointer"),
        (put("hub", "columns", sign(["Atom", ["u"], "weight"])), "nothing to read is called 'weight'"),
        (put("hub", "columns", ["Orientation", ["u"], ["u"], ["v"]]), "no position"),
        (put("hub", "columns", ["Keep"]), "nothing that can be tested"),
        (put("relation:nodes", "columns", ["NilTest", []]), "starts nowhere"),
        (put("relation:nodes", "columns", ["NilTest", ["src", "@nodes"]]), "asked for by nothing"),
        (put("relation:nodes", "columns", ["FieldIs", ["dst"], "color"]), "is on no row"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_algorithm_is_named(change, said):
    record = recorded("dfs")
    change(record)
    with pytest.raises(MachineError, match=f"dfs: .*{said}") as e:
        verify(algorithms.get("dfs"), Machine.from_dict(record))
    assert isinstance(e.value, NeuralExecError)


def test_an_expression_may_not_be_too_deep():
    record, deep = recorded("dfs"), ["Number", 1.0]
    for _ in range(40):
        deep = ["Op", "abs", deep, None]
    put("hub", "operations", ["Set", deep])(record)
    with pytest.raises(MachineError, match="too deep"):
        verify(algorithms.get("dfs"), Machine.from_dict(record))


@pytest.mark.parametrize("name, at", [("dijkstra", 2), ("pagerank", 2), ("pagerank", 3)])
def test_keys_and_totals_are_verified_too(name, at):
    record = recorded(name)
    head = next(h for h in record["heads"].values() if h[2])
    head[at] = ["Atom", ["src"], "nothing"] if at == 2 else not head[3]
    with pytest.raises(MachineError, match="nothing to read is called|is called|asked for by nothing"):
        verify(algorithms.get(name), Machine.from_dict(record))
