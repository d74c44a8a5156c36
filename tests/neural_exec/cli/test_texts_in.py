"""Texts as they come: no line, label or number is read as another one, or as none, without a word."""

import io
import sys

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algorithms.errors import InputError
from neural_exec.cli.texts_in import content, edge_list, graphml, json_of, number, numbers

MARKED = [
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
    ("utf-32-le", b"\xff\xfe\0\0"),
    ("utf-32-be", b"\0\0\xfe\xff"),
]


def read(text: str, where: str = "f.txt"):
    """(edges with their data, the note)"""
    graph, note = edge_list(text, where, True)
    return list(graph.edges(data=True)), note


def ends(text: str, where: str = "f.txt"):
    return [(u, v) for u, v, _ in read(text, where)[0]]


# ---------------------------------------------------------------------------------------------------- bytes and lines
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("encoding", "mark"), MARKED)
def test_marks_and_line_ends(tmp_path, monkeypatch, encoding, mark, end):
    raw = mark + f"é 1{end}1 2{end}".encode(encoding)
    (tmp_path / "x").write_bytes(raw)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    assert content("-") == ("é 1\n1 2\n", "standard input")
    assert content(str(tmp_path / "x"))[0] == "é 1\n1 2\n"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"0 1\n\xff 2", "byte 4 is no UTF-8"),
        ("0 1\n1 2".encode("utf-16-le"), "line 1 holds a NUL"),
        (b"0 1\n1 \x002", "line 2 holds a NUL"),
        (b"\xff\xfea", "byte 2 is no UTF-16"),
    ],
)
def test_bytes_that_are_no_text(tmp_path, raw, message):
    (tmp_path / "x").write_bytes(raw)
    with pytest.raises(InputError, match=message):
        content(str(tmp_path / "x"))


def test_standard_input_that_is_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="closed"):
        content("-")


def test_only_line_ends_end_lines():
    assert ends("a\x0bb c\x85\u2028d") == [("a\x0bb", "c\x85\u2028d")]


# ------------------------------------------------------------------------------------------------------------- labels
def test_comments_and_labels_with_a_hash():
    assert ends("a#b c\n# all\n  # all\nhttp://x/#y z  # 3\n") == [("a#b", "c"), ("http://x/#y", "z")]
    assert ends('"#b" "c # d"\n') == [("#b", "c # d")]
    assert ends("a,#b # c\n", "f.csv") == [("a", "#b")]
    with pytest.raises(InputError, match="line 1: 'a' is no edge"):
        read("a #b\n")


def test_quoted_fields():
    assert read('"New York, NY","say ""a""",4\n', "f.csv")[0] == [("New York, NY", 'say "a"', {"weight": 4})]
    assert read('"a b"   "c ""d"""  2\n')[0] == [("a b", 'c "d"', {"weight": 2})]
    for text in ('"a b', 'a "b"c', '"a"x,b', '"a,b'):
        with pytest.raises(InputError, match="line 1: .* has a quote"):
            read(text)


def test_labels_stay_what_they_are():
    digits = "9" * 5000
    assert ends(f"{digits} 007\n-3 +3\n9007199254740993 ٣\n1_0 0x1\n-0 0") == [
        (digits, "007"), (-3, "+3"), (9007199254740993, "٣"), ("1_0", "0x1"), ("-0", 0),
    ]  # fmt: skip


WORDS = st.text(st.characters(categories=("L", "N", "P", "S"), exclude_characters='"'), min_size=1, max_size=8)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6), st.sampled_from([" ", "\t", ",", ";", "   "]))
def test_every_quoted_line_is_an_edge(pairs, separator):
    """But for a heading, which is said."""
    graph, note = edge_list("\n".join(f'"{u}"{separator}"{v}"' for u, v in pairs), "f.csv", True)
    pairs = pairs[1:] if "taken for a heading" in note else pairs
    assert {(str(u), str(v)) for u, v in graph.edges} == {*pairs}


# ----------------------------------------------------------------------------------------------------------- headings
@pytest.mark.parametrize("separator", [",", ";", "\t", " "])
@pytest.mark.parametrize(
    "pair", ["source target", "x1 x2", "from to", "id1 id2", "id_1 id_2", "node_1 node_2", "u v", "Actor Film"]
)
def test_a_heading_over_numbers(pair, separator):
    head = pair.replace(" ", separator)
    edges, note = read(f"{head}\n0{separator}1\n1{separator}2\n")
    assert edges == [(0, 1, {}), (1, 2, {})] and note == f"f.txt, line 1: {head!r} is taken for a heading"


@pytest.mark.parametrize("head", ["source,target", "Source,Target", "from,to", "u,v", "id_1,id_2", "node1,node2"])
def test_a_heading_over_words(head):
    edges, note = read(f"{head}\na,b\nb,c\n")
    assert edges == [("a", "b", {}), ("b", "c", {})] and "heading" in note


@pytest.mark.parametrize(
    "text",
    ["from to\nto be\n", "u,v\nv,w\n", "u v\nx y\n", "a b\n0 1\nb 2\n", "source,target,3\na,b,4\n", "a,b\nb,c\n"],
)
def test_a_first_edge_is_no_heading(text):
    graph, _ = edge_list(text, "f.txt", False)
    assert graph.number_of_edges() == text.count("\n")


def test_what_may_be_a_heading_is_said():
    edges, note = read("city_a,city_b\nRome,Oslo\n")
    assert len(edges) == 2 and note.endswith(
        "'city_a,city_b' is taken for an edge, not for a heading, which would begin with #"
    )
    assert read("city_a,city_b\nRome,city_a\n")[1] == read("a b\nc d\n")[1] == ""
    assert read("# city_a,city_b\nRome,Oslo\n") == ([("Rome", "Oslo", {})], "")


def test_columns_by_their_names():
    assert read("weight,target,source\n3,b,a\n4,c,b")[0] == [("a", "b", {"weight": 3}), ("b", "c", {"weight": 4})]
    edges, note = read("Source,Target,Type,Id,Label,Weight\n0,1,Undirected,0,,2.5\n")
    assert edges == [(0, 1, {"Type": "Undirected", "Id": 0, "weight": 2.5})]
    assert note.endswith("a heading, of attributes Type, Id, Label, weight")
    assert read(",source,target\n0,a,b\n1,b,c")[0] == [("a", "b", {}), ("b", "c", {})]
    assert read("here,there,km\nOslo,Rome,3\nRome,Bonn,4")[0][0] == ("Oslo", "Rome", {"km": 3})
    assert read("source,target,weight\na,b,\nb,c,2")[0] == [("a", "b", {}), ("b", "c", {"weight": 2})]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id1,id2,weight\n1,2,3,4", "line 2: '1,2,3,4' is no edge"),
        ("source,target,weight\na,b,c", "line 2: the weight is 'c'"),
        (",x,y\n0,1,2\n1,2,3", "line 1: ',x,y' is no heading; name each column"),
        ("weight,x,y\n1,2,3\n4,5,6", "is no heading"),
        ("source,target,a,a\n1,2,3,4", "is no heading"),
        ("a,b\nc\n", "line 2: 'c' is no edge"),
        ("0 1\n1,2\n", "line 2: '1,2' is no edge"),
        ("0 1 1/3\n", "line 1: the weight is '1/3'"),
    ],
)
def test_lines_that_do_not_fit(text, message):
    with pytest.raises(InputError, match=message):
        read(text)


def test_a_label_that_holds_a_blank_is_said():
    assert read("a,b 4.0\na,c 1.0\n")[1].endswith("separates by ',', so that 'b 4.0' is one label")
    assert read("New York,Boston\nBoston,Rome\n", "cities.csv")[1] == ""


# ------------------------------------------------------------------------------------------------------------ numbers
@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "inf",
        "-inf",
        "1e400",
        "-1e400",
        "1e-400",
        "0x10",
        "1_000",
        "1/3",
        "１２",
        "9" * 5000,
        "",
        "1,5",
        "--1",
        "1e",
        ".",
    ],
)
def test_what_is_no_number(text):
    with pytest.raises(InputError, match="^the weight is '"):
        number(text, "the weight")


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_as_they_are(whole, real):
    assert numbers(f"{whole},{real!r}", "x") == json_of(f"[{whole}, {real!r}]", "x") == [whole, real]
    assert type(number(str(whole), "x")) is int


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3,,2", "x: element 1 is empty"),
        (",3", "x: element 0 is empty"),
        ("3,1,,", "x: element 2 is empty"),
        ("3\n1,,2\n", "x, line 2: element 2 is empty"),
        ("3\nnan\n", "x, line 2: element 1 is 'nan'"),
        ("[1, NaN]", "x: a number is 'NaN'"),
        ("[1e400]", "x: a number is '1e400'; it is too large"),
        ("[" * 100_000, "nested too deep"),
        ("[1, 2", "x is no JSON list"),
    ],
)
def test_lists_that_are_none(text, message):
    with pytest.raises(InputError, match=message):
        numbers(text, "x")


def test_a_record_says_each_name_once():
    with pytest.raises(InputError, match="'p' is given twice"):
        json_of('{"p": [1], "p": [2]}', "x")


# ------------------------------------------------------------------------------------------------------------ GraphML
GRAPHML = """<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="w" for="edge" attr.name="weight" attr.type="double"><default>2.5</default></key>
<graph edgedefault="undirected"><node id="1"/><node id="2"/><node id="3"/>
<edge source="1" target="2"/><edge source="2" target="3"><data key="w">4</data></edge></graph>MORE</graphml>"""


def test_graphml_has_its_defaults(tmp_path):
    path = tmp_path / "g.graphml"
    path.write_text(GRAPHML.replace("MORE", ""))
    assert list(graphml(str(path)).edges(data="weight")) == [("1", "2", 2.5), ("2", "3", 4.0)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GRAPHML.replace("MORE", '<graph edgedefault="directed"/>'), "holds 2 graphs"),
        (GRAPHML.replace("MORE", "").replace(' target="2"', ""), "no source or no target"),
        (GRAPHML.replace("MORE", "").replace(">4<", f">{'9' * 5000}x<"), "is no GraphML"),
        ('<?xml version="1.0" encoding="nosuch"?><graphml/>', "is no GraphML"),
        ("", "is no GraphML"),
    ],
)
def test_graphml_that_is_none(tmp_path, text, message):
    path = tmp_path / "g.graphml"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        graphml(str(path))


def test_other_formats_are_no_edge_lists(tmp_path):
    from neural_exec.cli.graphs_in import read_graph

    nx.write_gml(nx.path_graph(3), tmp_path / "g.gml")
    with pytest.raises(InputError, match="is no edge list, by its name"):
        read_graph(str(tmp_path / "g.gml"))
