"""What does not fit together is refused where it is declared, and what would fit is said."""

import re

import pytest

from algorithms.answers import IsValue, Order, Pointers, Position, Scalars, Value
from algorithms.author import (
    EDGE,
    GRAPH,
    HINT,
    INPUT,
    MASK_ONE,
    NODE,
    OUTPUT,
    POINTER,
    SCALAR,
    Graph,
    Probe,
    Sequence,
    argmin,
)
from algorithms.errors import AuthorError
from algorithms.recording.record import Recording, record
from algorithms.trace import lay_out

KEY = Probe("key", INPUT, NODE, SCALAR)
LIST = dict(structure=Sequence())


def program(hub, nodes):
    yield "init"


BAD = {
    "a type": (dict(probes=[Probe("u", HINT, NODE, "foo")]), "probe 'u': no type 'foo'"),
    "a type that is near": (dict(probes=[Probe("u", HINT, NODE, "scaler")]), "did you mean 'scalar'"),
    "a stage": (dict(probes=[Probe("u", "hints", NODE, SCALAR)]), "no stage 'hints'; did you mean 'hint'"),
    "a location": (dict(probes=[Probe("u", HINT, "nodes", SCALAR)]), "its locations are node, graph"),
    "no name": (dict(probes=[Probe("the end", HINT, NODE, SCALAR)]), "a word of letters"),
    "edges of a list": (LIST | dict(probes=[KEY, Probe("x", HINT, EDGE, SCALAR)]), "no such rows"),
    "edges of a graph without": (dict(probes=[Probe("x", HINT, EDGE, SCALAR)]), "no such rows"),
    "a list without its key": (LIST | dict(probes=[Probe("u", HINT, NODE, SCALAR)]), "lays down 'key'"),
    "a weight of its own": (
        dict(structure=Graph(weighted=True), probes=[Probe("weight", HINT, NODE, SCALAR)]),
        "`u.weight` would be an edge's, along in_edges",
    ),
    "no register": (dict(probes=[KEY], outputs={"p": Pointers("parnt")}), "reads 'parnt', which is not declared"),
    "a scalar as a pointer": (dict(probes=[KEY], outputs={"p": Pointers("key")}), "'key' is a scalar of node rows"),
    "a node's as the hub's": (dict(probes=[KEY], outputs={"v": Value("key")}), "reads a scalar of hub rows"),
    "the hub's as a node's": (
        dict(probes=[Probe("x", OUTPUT, GRAPH, SCALAR)], outputs={"x": Scalars("x")}),
        "'x' is a scalar of hub rows",
    ),
    "a pointer of nodes as the hub's": (
        dict(probes=[Probe("p", OUTPUT, NODE, POINTER)], outputs={"p": Position("p")}),
        "reads a pointer of hub rows",
    ),
    "the hub's as an order": (
        dict(probes=[Probe("p", OUTPUT, NODE, MASK_ONE)], outputs={"p": Order("p")}),
        "reads a pointer of node rows",
    ),
    "a value that it never has": (
        dict(probes=[Probe("m", OUTPUT, NODE, "mask")], outputs={"m": IsValue("m", ("yes",))}),
        "'m' is never 'yes'",
    ),
    "no form of answer": (dict(probes=[KEY], outputs={"p": "key"}), "output 'p' is 'key'; a form of answer such as"),
    "a sense": (dict(sense="least"), 'sense=\'least\'; "min", "max", or none is needed'),
    "no structure": (dict(structure="graph", probes=[]), "a structure such as Graph"),
}


@pytest.mark.parametrize("given, said", BAD.values(), ids=BAD)
def test_refused_where_it_is_declared(make_spec, given, said):
    with pytest.raises(AuthorError, match=re.escape(said)):
        make_spec(program, **given)


@pytest.mark.parametrize("name", ["self", "nil", "src", "dst", "phase", "hub", "nodes", "hubs"])
def test_the_machines_own_names(make_spec, name):
    with pytest.raises(AuthorError, match=f"probe '{name}' has a name of the machine's own"):
        make_spec(program, probes=[Probe(name, HINT, NODE, SCALAR)])


@pytest.mark.parametrize(
    "structure, name",
    [(Sequence(), n) for n in ("first", "last", "middle", "next", "prev", "left", "right", "index")]
    + [(Graph(), n) for n in ("in_edges", "out_edges", "index")],
)
def test_names_of_what_a_structure_lays_down(make_spec, structure, name):
    with pytest.raises(AuthorError, match=f"probe '{name}' has the name of a (static pointer|static scalar|relation)"):
        make_spec(program, structure=structure, probes=[KEY, Probe(name, HINT, NODE, SCALAR)])


@pytest.mark.parametrize("name", ["a_total_b", "x_by_y", "nodes_by_key"])
def test_a_key_may_be_called_what_its_author_likes(make_spec, name):
    def least(hub, nodes):
        for v in nodes:
            setattr(v, name, 0.0 - v.key)
        yield "copy"
        hub.u = argmin(nodes, key=lambda v: getattr(v, name))
        yield "take"

    probes = [KEY, Probe(name, HINT, NODE, SCALAR), Probe("u", OUTPUT, NODE, MASK_ONE)]
    spec = make_spec(least, structure=Sequence(), probes=probes, outputs={"u": Position("u")})
    recording = Recording(spec)
    run = record(spec, lay_out(spec, [1.0, 3.0, 2.0], {}), recording)
    (head,) = recording.machine().heads.values()
    assert (head.relation, head.key.name, head.total) == ("nodes", name, False)
    assert run.instance.pointers["u"][run.instance.hubs[0]] == 1
