"""Terms as words and as JSON."""

import json

import networkx as nx
import numpy as np
import pytest

from algorithms import get
from algorithms.machine.definition import View
from algorithms.machine.terms import (
    Atom,
    Const,
    Eligible,
    Equal,
    FieldIs,
    Head,
    Keep,
    Nil,
    NilTest,
    Number,
    Op,
    Orientation,
    Point,
    Set,
    Sign,
    from_json,
    to_json,
)
from algorithms.trace import lay_out

KEY = Atom(("parent",), "key")
TERMS = {
    "parent.key": KEY,
    "key": Atom((), "key"),
    "1.5": Number(1.5),
    "-inf": Number(float("-inf")),
    "(parent.key + 1.5)": Op("+", KEY, Number(1.5)),
    "abs((key - parent.key))": Op("abs", Op("-", Atom((), "key"), KEY)),
    "minimum(key, 2)": Op("minimum", Atom((), "key"), Number(2.0)),
    "hub.color": FieldIs(("hub",), "color"),
    "color": FieldIs((), "color"),
    "parent.next?": NilTest(("parent", "next")),
    "hub.u == self": Equal(("hub", "u"), ()),
    "key vs parent.key": Sign(Atom((), "key"), KEY),
    "orientation of hub.p, hub.q, self": Orientation(("hub", "p"), ("hub", "q"), ()),
    "keep": Keep(),
    "color = #2": Const("color", 2),
    "nil": Nil(),
    "hub.u": Point(("hub", "u")),
    "in_edges_by_weight": Point(("@in_edges_by_weight",)),
    "self": Point(()),
    "weight": Set(Atom((), "weight")),
    "eligible": Eligible(True),
    "not eligible": Eligible(False),
}


@pytest.mark.parametrize("text, term", TERMS.items(), ids=TERMS)
def test_a_term_is_told_in_words(text, term):
    assert term.text == text


@pytest.mark.parametrize("term", TERMS.values(), ids=TERMS)
def test_a_term_survives_json(term):
    back = from_json(json.loads(json.dumps(to_json(term))))
    assert back == term and hash(back) == hash(term) and type(back) is type(term)


def test_json_of_a_term_is_nested_lists():
    assert to_json(Set(KEY)) == ["Set", ["Atom", ["parent"], "key"]]
    assert from_json(None) is None


@pytest.mark.parametrize("term", [t for t in TERMS.values() if hasattr(t, "slots")], ids=lambda t: t.text)
def test_a_term_has_as_many_slots_as_its_kind(term):
    slots = term.slots()
    assert len(slots) == (7 if slots[0].startswith("column:") else 8) and all(isinstance(s, str) for s in slots)


def test_slots_name_the_register_and_the_way_to_it():
    assert FieldIs((), "color").slots()[:3] == ["column:own", "", "color"]
    assert FieldIs(("hub",), "color").slots()[:3] == ["column:field", "hub", "color"]
    assert Equal(("hub", "u"), ()).slots()[:5] == ["column:equal", "hub", "u", "", "self"]
    assert Point(("hub", "u")).slots()[:3] == ["op:jump", "hub", "u"]
    turn = Orientation(("hub", "p"), ("q",), ())
    assert turn.slots() == ["column:orientation", "hub", "p", "", "q", "", "self"]
    assert Set(Op("+", KEY, Atom((), "key"))).slots()[:5] == ["op:add", "parent", "key", "", "key"]
    assert Set(Number(2.0)).slots()[-1] == "number:2"
    assert Const("color", 2).slots()[-1] == "=2"


@pytest.mark.parametrize(
    "key, name",
    [
        (None, "in_edges"),
        (Atom(("src",), "weight"), "in_edges_by_weight"),
        (Op("+", Atom(("src",), "distance"), Atom(("src",), "weight")), "in_edges_by_distance_plus_weight"),
        (Op("abs", Op("-", Atom(("src",), "index"), Atom(("hub",), "mean"))), "in_edges_by_abs_index_minus_hub_mean"),
    ],
)
def test_a_selection_is_named_by_its_relation_and_key(key, name):
    assert Head("in_edges", key).name == name


def test_terms_mean_what_their_text_says():
    """On rows and on edges: the cheapest way into node 1 of a path is from node 0."""
    graph = nx.DiGraph([(0, 1, {"weight": 2.0}), (2, 1, {"weight": 5.0})])
    x = lay_out(get("dijkstra"), graph, {"source": 0})
    x.scalars["distance"][:3] = [7.0, 8.0, 9.0]
    heads = {"in_edges_by_weight": Head("in_edges", Atom(("src",), "weight"))}
    view = View(x, heads, {"in_edges_by_weight": np.array([-1, 0, -1, -1, -1])})
    assert view.value(Atom(("@in_edges_by_weight",), "weight"), 1) == 2.0
    assert view.place(("@in_edges_by_weight",), 1) == 0 and view.place(("@in_edges_by_weight",), 0) == -1
    assert view.value(Atom(("src",), "weight"), np.array([0, 1]), "in_edges").tolist() == [2.0, 5.0]
    assert view.value(Atom(("src",), "distance"), np.array([0, 1]), "in_edges").tolist() == [7.0, 9.0]
    assert view.value(Atom(("dst",), "distance"), np.array([0, 1]), "in_edges").tolist() == [8.0, 8.0]
    assert view.column(FieldIs(("hub",), "phase"), np.array([0, 1]), "in_edges").tolist() == [1, 1]
    assert view.result(Point(("@in_edges_by_weight",)), 1) == 0
