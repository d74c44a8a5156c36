"""Small programs made into specs."""

import networkx as nx
import pytest

from algorithms.author import (
    CATEGORICAL,
    GRAPH,
    HINT,
    INPUT,
    MASK,
    MASK_ONE,
    NODE,
    POINTER,
    SCALAR,
    Graph,
    Probe,
    algorithm,
)
from algorithms.recording.record import Recording, record
from algorithms.trace import lay_out

PROBES = [
    Probe("key", INPUT, NODE, SCALAR),  # of a graph's nodes it is undefined
    Probe("u", HINT, NODE, MASK_ONE),
    Probe("v", HINT, NODE, MASK_ONE),
    Probe("mean", HINT, GRAPH, SCALAR),
    Probe("color", HINT, NODE, CATEGORICAL, ("white", "grey", "black")),
    Probe("changed", HINT, NODE, MASK),
    Probe("parent", HINT, NODE, POINTER),
    Probe("label", HINT, NODE, SCALAR),
]


def make_spec(program, **given):
    """The spec of a program over a graph (or a list: `structure=Sequence()`), with the registers of PROBES."""
    default = dict(
        source="a test",
        structure=Graph(),
        probes=PROBES,
        outputs={},
        ticks=lambda n, m: 10 * n + 10,
        families={"training": ("path",), "held_out": ("cycle",)},
        sample=lambda rng, n, family: (nx.path_graph(n), {}),
        check=lambda outputs, data, **arguments: {},
    )
    return algorithm(**default | given)(program)


def record_program(program, data=None, **given):
    """One run, by default on the path 0 - 1 - 2 - 3: (run, recording)."""
    spec = make_spec(program, **given)
    recording = Recording(spec)
    return record(spec, lay_out(spec, nx.path_graph(4) if data is None else data, {}), recording), recording


def final_values(run, name) -> list:
    """What a register holds at the end, of all rows that have it."""
    x = run.instance
    return x.register(name)[x.rows(x.spec.by_name[name].kind)].tolist()


@pytest.fixture(name="make_spec")
def _make_spec():
    return make_spec


@pytest.fixture(name="record_program")
def _record_program():
    return record_program


@pytest.fixture(name="final")
def _final():
    return final_values
