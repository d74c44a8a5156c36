import io
import json

import networkx as nx
import pytest

from algorithms import get
from algorithms.errors import ArgumentError, InputError
from neural_exec.cli.graphs_in import EXAMPLES, read_arguments, read_data, read_graph, read_numbers


@pytest.fixture
def written(tmp_path):
    """A file with this text."""

    def write(text: str, name: str = "given.txt"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture
def typed(monkeypatch):
    """Standard input with this text."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


# ------------------------------------------------------------------------------------------------------------- named
@pytest.mark.parametrize("text", EXAMPLES)
def test_named_graphs(text):
    graph = read_graph(text, seed=3)
    assert len(graph) > 1 and graph.number_of_edges()
    assert list(graph.edges) == list(read_graph(text, seed=3).edges)
    assert all(isinstance(v, int) for v in graph)


def test_named_graphs_have_the_size_that_is_written():
    assert len(read_graph("grid:3x5")) == 15
    assert len(read_graph("star:10")) == len(read_graph("path:10")) == len(read_graph("er:10:1")) == 10
    assert read_graph("er:10:1").number_of_edges() == 45
    assert nx.is_directed_acyclic_graph(read_graph("dag:20:0.4"))


def test_seed_decides_random_graphs():
    assert not nx.utils.edges_equal(read_graph("er:30:0.2", seed=0).edges, read_graph("er:30:0.2", seed=1).edges)


@pytest.mark.parametrize(
    "text", ["grid:8", "karate:3", "karate:", "path", "path:-3", "er:30:3", "er:30:1.5", "er:x:0.2"]
)
def test_a_name_that_is_miswritten(text):
    with pytest.raises(InputError, match="write it as"):
        read_graph(text)


@pytest.mark.parametrize("text", ["ba:2:30", "tree:0", f"path:{10**20}"])
def test_a_name_that_makes_no_graph(text):
    with pytest.raises(InputError, match="makes no graph"):
        read_graph(text)


def test_unknown_name_has_the_nearest():
    with pytest.raises(InputError, match="did you mean 'karate'"):
        read_graph("karat")


def test_unweighted_named_graphs_get_weights_where_needed():
    graph, note = read_data(get("dijkstra"), "cycle:5", seed=7)
    again, _ = read_data(get("dijkstra"), "cycle:5", seed=7)
    other, _ = read_data(get("dijkstra"), "cycle:5", seed=8)
    assert "random" in note and "seed 7" in note
    assert list(graph.edges(data=True)) == list(again.edges(data=True)) != list(other.edges(data=True))
    assert all(0 < w < 10 for *_, w in graph.edges(data="weight"))


@pytest.mark.parametrize(("algorithm", "text"), [("bfs", "cycle:5"), ("dijkstra", "karate")])
def test_nothing_is_made_up_where_nothing_is_missing(algorithm, text):
    graph, note = read_data(get(algorithm), text)
    assert note == "" and list(graph.edges(data=True)) == list(read_graph(text).edges(data=True))


# ------------------------------------------------------------------------------------------------------------- files
def test_unweighted_named_graphs_get_capacities_where_needed():
    graph, note = read_data(get("max_flow"), "dag:6:0.9")
    assert note.startswith("dag:6:0.9 has no capacities: random ones")
    assert all(0.1 <= c <= 9.9 for *_, c in graph.edges(data="capacity"))


def test_edge_list(written):
    graph = read_graph(written("# a comment\n\n0 1 2.5\n1 b   # and another\n\tb  -3 1e-2\n007 7\n"))
    assert list(graph) == [0, 1, "b", -3, "007", 7]
    assert graph.edges[0, 1] == {"weight": 2.5} and graph.edges[1, "b"] == {} and graph.edges["b", -3]["weight"] == 0.01
    assert not graph.is_directed()


def test_csv(written):
    graph = read_graph(written("source,target,weight\nNew York, Boston , 4\nBoston,3\n", "edges.csv"))
    assert list(graph.edges(data="weight")) == [("New York", "Boston", 4.0), ("Boston", 3, None)]


def test_directed(written):
    graph = read_graph(written("0 1\n1 0\n"), directed=True)
    assert graph.is_directed() and list(graph.edges) == [(0, 1), (1, 0)]


def test_edge_list_on_standard_input(typed):
    typed("a b\n")
    assert list(read_graph("-").edges) == [("a", "b")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0 1\n2\n", "line 2: '2' is no edge"),
        ("0 1 2 3\n", "line 1: '0 1 2 3' is no edge"),
        ("0,,1\n", "line 1: '0,,1' is no edge"),
        ("\n0 1 x\n", "line 2: the weight is 'x'"),
        ("0 1 2\n# again\n1 0 3\n", r"line 3: edge \(1, 0\) is on line 1 with another weight"),
    ],
)
def test_malformed_lines_are_named(written, text, message):
    with pytest.raises(InputError, match=message):
        read_graph(written(text))


def test_an_edge_may_be_given_both_ways(written):
    assert read_graph(written("0 1 2\n1 0 2\n")).number_of_edges() == 1
    assert read_graph(written("0 1 2\n1 0 3\n"), directed=True).number_of_edges() == 2


def test_graphml(tmp_path):
    given = nx.DiGraph()
    given.add_edge("s", "1", weight=2.0)
    nx.write_graphml(given, tmp_path / "g.graphml")
    graph = read_graph(str(tmp_path / "g.graphml"))
    assert graph.is_directed() and list(graph.edges(data="weight")) == [("s", "1", 2.0)]


def test_files_that_cannot_be_read(written, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00\xd8")
    for path in (tmp_path, tmp_path / "binary"):
        with pytest.raises(InputError, match="cannot read"):
            read_graph(str(path))
    for text in ("no XML", "<a/>"):
        with pytest.raises(InputError, match="no GraphML"):
            read_graph(written(text, "x.graphml"))
    with pytest.raises(InputError, match="neither a file nor a named graph"):
        read_graph(str(tmp_path / "missing.txt"))


def test_directed_is_for_edge_lists(written):
    for text in ("karate", written("", "x.graphml")):
        with pytest.raises(ArgumentError, match="edge list"):
            read_graph(text, directed=True)
    with pytest.raises(ArgumentError, match="no direction"):
        read_data(get("minimum"), "3,1", directed=True)


# ------------------------------------------------------------------------------------------------------------- lists
@pytest.mark.parametrize("text", ["3,1,2", "3 1 2", "3, 1, 2,", "[3, 1, 2]", "3\n1\n2\n"])
def test_numbers(text, written, typed):
    assert read_numbers(text) == read_numbers(written(text)) == [3, 1, 2]
    typed(text)
    assert read_numbers("-") == [3, 1, 2]


def test_numbers_that_are_none(written):
    with pytest.raises(InputError, match="no file and no list of numbers"):
        read_numbers("karate")
    with pytest.raises(InputError, match="no JSON list"):
        read_numbers("[3, 1")
    with pytest.raises(InputError, match=r"given.txt, line 2: element 1 is 'x'"):
        read_numbers(written("3\nx\n"))


def test_a_long_list_is_no_file_name():
    numbers = list(range(5000))
    assert read_numbers(json.dumps(numbers)) == read_numbers(",".join(map(str, numbers))) == numbers


# --------------------------------------------------------------------------------------------------------- arguments
def test_labels_match_as_they_are_typed():
    bfs = get("bfs")
    assert read_arguments(bfs, nx.Graph([(0, 1)]), {"source": "0"}) == {"source": 0}
    assert read_arguments(bfs, nx.Graph([("0", "1")]), {"source": "0"}) == {"source": "0"}
    assert read_arguments(bfs, nx.Graph([("0", "1")]), {"source": "5"}) == {"source": "5"}


def test_numbers_and_names_among_the_arguments():
    assert read_arguments(get("binary_search"), [1.0], {"target": "2.5"}) == {"target": 2.5}
    costs = {"delete": "1,2.5", "insert": "2", "replace": "[[1, 2], [3, 4]]"}
    assert read_arguments(get("edit_distance"), ["ab", "cd"], costs) == {
        "delete": [1, 2.5],
        "insert": 2,
        "replace": [[1, 2], [3, 4]],
    }
    for text in ("x", "1,", "1;2", "[1,2"):
        with pytest.raises(InputError, match="a number or a list of numbers is needed"):
            read_arguments(get("edit_distance"), ["ab", "cd"], {"delete": text})
    assert read_arguments(get("dijkstra"), nx.Graph(), {"weight": "cost"}) == {"weight": "cost"}
    assert read_arguments(get("max_flow"), nx.DiGraph(), {"capacity": "weight"}) == {"capacity": "weight"}
    assert read_arguments(get("bfs"), nx.Graph(), {"color": "3"}) == {"color": "3"}  # refused later, by name
    with pytest.raises(InputError, match="binary_search: target is 'x'"):
        read_arguments(get("binary_search"), [1.0], {"target": "x"})
