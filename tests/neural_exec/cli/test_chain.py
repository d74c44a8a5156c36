"""`neural-exec chain`: says what the chain says, in Python."""

import json
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner

import neural_exec
from algorithms.trace import Trace
from neural_exec import Chain
from neural_exec.chains.adapters import keys, output, permute, subgraph
from neural_exec.cli import main as cli
from neural_exec.cli.display import plain

WEIGHTED = "a b 4.0\na c 1.0\nc b 2.0\nb d 0.5\n"
GRAPH = nx.Graph()
GRAPH.add_weighted_edges_from([("a", "b", 4.0), ("a", "c", 1.0), ("c", "b", 2.0), ("b", "d", 0.5)])


@pytest.fixture(scope="module")
def executor():
    return neural_exec.load("all")


@pytest.fixture
def call(monkeypatch, tmp_path, executor):
    """Runs a chain in an empty directory, on weights that are loaded already; checks its exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("neural_exec.cli.chain.load", lambda model: executor)

    def run(line: str, code: int = 0, stdin: str = WEIGHTED):
        result = CliRunner().invoke(cli.main, ["chain", *line.split()], input=stdin)
        assert result.exit_code == code, result.output
        assert isinstance(result.exception, SystemExit | None), result.output
        return result

    return run


def test_text(call):
    text = call("bridges subgraph:edges,false connected_components --graph -").stdout
    assert text.startswith("stage 0, bridges on 4 nodes: halted after ") and "\nedges: b-d\n" in text
    assert text.endswith("node  component\na     a\nb     a\nc     a\nd     d\n\n")
    assert call("bfs:source=a restrict:reached --graph -").stdout.endswith("\n\nlabels\na\nb\nc\nd\n")
    text = call("dijkstra keys:distance heapsort permute:order,first=2 --graph - --source a").stdout
    assert "stage 1, heapsort on 4 elements: " in text and text.endswith(
        "labels  values\na            0\nc            1\n"
    )


@pytest.mark.parametrize(
    ("line", "parts", "inputs"),
    [
        ("bridges subgraph:edges,value=false connected_components", ["bridges", subgraph("edges", False), "connected_components"], {}),
        ("dijkstra keys:distance heapsort permute:output=order,first=2 --source a", ["dijkstra", keys("distance"), "heapsort", permute("order", 2)], {"source": "a"}),
        ("dijkstra:source=d bfs:source=@source", [("dijkstra", {"source": "d"}), ("bfs", {"source": output("source")})], {}),
        ("dijkstra:source=d dijkstra graham_scan:x=@distance.0,y=@distance.1 --input source=a", [("dijkstra", {"source": "d"}), "dijkstra", ("graham_scan", {"x": output("distance", 0), "y": output("distance", 1)})], {"source": "a"}),
        ("keys heapsort", [keys(), "heapsort"], {}),
    ],
)  # fmt: skip
def test_json_is_what_the_chain_says(call, executor, line, parts, inputs):
    shown = json.loads(call(f"{line} --graph - --json").stdout)
    run = Chain(parts, executor).run(GRAPH, **inputs)
    assert [s["outputs"] for s in shown["stages"]] == plain(run.outputs)
    assert (shown["labels"], shown.get("values")) == (plain(run.labels), run.values)
    assert [s["num_steps"] for s in shown["stages"]] == [s.num_steps for s in run.stages]


def test_lists_texts_and_numbers(call):
    shown = json.loads(call("heapsort permute:order binary_search:target=2 --graph 3,1,2 --json").stdout)
    assert [s["outputs"] for s in shown["stages"]] == [{"order": [1, 2, 0]}, {"index": 2}]
    shown = json.loads(call("kmp_matcher --graph xabab --input pattern=ab --json").stdout)
    assert shown["stages"][0]["outputs"] == {"index": 1}
    shown = json.loads(call("reverse minimum --graph 3,1,2 --json").stdout)
    assert shown["stages"][0]["outputs"] == {"index": 1} and shown["labels"] == [2, 1, 0]


def test_traces_are_saved(call, executor):
    call("bridges subgraph:edges connected_components --graph karate --out traces")
    graph = nx.karate_club_graph()
    run = Chain(["bridges", subgraph("edges"), "connected_components"], executor).run(graph)
    files = ["traces/0-bridges.npz", "traces/1-connected_components.npz"]
    assert sorted(map(str, Path("traces").iterdir())) == files
    assert [Trace.load(f).to_dict() for f in files] == [t.to_dict() for t in run.traces]


def test_ready_made(call, executor):
    text = call("single_linkage --graph - --input k=2").stdout
    assert text.startswith("stage 0, mst_kruskal on 4 nodes: ") and text.endswith("\n\nclusters\na, c\nb, d\n")
    shown = json.loads(call("nearest_facilities --graph - --source a --input facilities=b,d --input k=2 --json").stdout)
    assert shown["nodes"] == [["b", 3.0], ["d", 3.5]] and len(shown["stages"]) == 2
    text = call("nearest_facilities --graph - --source a --input facilities=b,d").stdout
    assert text.endswith("nodes  distance\nb             3\n")
    result = call("tour --graph complete:5 --json")
    assert "complete:5 has no weights: random ones" in result.stderr
    assert sorted(json.loads(result.stdout)["nodes"]) == [0, 1, 2, 3, 4]
    assert call("critical_path --graph - --directed", stdin="a b 2\nb c 3\n").stdout.endswith("length: 5\n")


def test_a_stage_that_does_not_halt(call, monkeypatch):
    monkeypatch.setattr("algorithms.machine.engine.CAP", 0)
    result = call("bfs dfs --graph path:40 --source 0 --json", code=1)
    assert result.stderr == "stage 0, bfs, of 2 did not halt within 8 steps; the chain ends there\n"
    assert [s["halted"] for s in json.loads(result.stdout)["stages"]] == [False]
    assert "DID NOT HALT after 8 steps" in call("bfs dfs --graph path:40 --source 0", code=1).stdout


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("bfss --graph -", "this executor does not know 'bfss'; did you mean 'bfs'"),
        ("subgraf:edges --graph -", "an argument of subgraf is written subgraf:key=value"),
        ("bfs:0 --graph -", "'bfs:0': an argument of bfs is written bfs:key=value"),
        ("bfs tree --graph - --source a", "'tree': tree needs a name, such as tree:parent"),
        ("bfs tree:parent,up=true --graph -", "'tree:parent,up=true': tree takes output, directed"),
        ("bfs:source=a,source=b --graph -", "'bfs:source=a,source=b': an argument is given twice"),
        ("bfs reverse:parent --graph -", "'reverse:parent': reverse takes nothing"),
        ("bfs tree:distance --graph - --source a", "gives no 'distance'; of bfs would fit: parent"),
        ("mst_prim topological_sort --graph -", "between them would fit tree('parent', directed=True)"),
        ("bfs --graph -", "the chain needs source=…, for stage 0, bfs"),
        ("bfs --graph - --source z", "stage 0, bfs: source 'z' is not in the graph"),
        ("bfs --graph - --source a --input source=b", "source is given twice"),
        ("bfs --graph - --source a --weight cost", "the chain takes no argument 'weight'"),
        ("bfs --graph - --source a --input colour=3", "the chain takes no argument 'colour'"),
        ("dijkstra --graph - --source a --weight cost", "has no attribute 'cost'"),
        ("bfs --graph nosuch --source a", "'nosuch' is neither a file nor a named graph"),
        ("heapsort --graph 1,2 --directed", "a list has no direction"),
        ("reverse heapsort --graph 1,2 --directed", "a list has no direction"),
        ("single_linkage --graph -", "single_linkage needs k=…"),
        ("single_linkage --graph - --input k=x", "k is 'x'; a whole number is needed"),
        ("single_linkage --graph - --input k=9", "a number of clusters from 1 to 4 is needed"),
        ("tour --graph - --input k=2", "tour takes no argument 'k'"),
        ("tour --graph -", "a tour needs a complete graph; 'a' and 'd' have no edge"),
        ("nearest_facilities --graph - --source a --input facilities=z", "'z' is not in the graph"),
    ],
)
def test_bad_input_is_one_line(call, line, message):
    result = call(line, code=2)
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1 and message in result.stderr
    assert not result.stdout


def test_examples_of_its_help_run(call):
    examples = [line.strip() for line in cli.main.commands["chain"].help.splitlines() if "neural-exec chain" in line]
    assert len(examples) == 3
    for line in examples:
        call(line.removeprefix("neural-exec chain "))
