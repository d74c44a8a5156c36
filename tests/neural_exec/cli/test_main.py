import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import pytest
from click.testing import CliRunner

import algorithms
import neural_exec
from algorithms import drawing
from algorithms.checking.checker import Check
from algorithms.trace import Trace
from neural_exec.cli import main as cli
from neural_exec.cli.display import TrainingDisplay, describe_outputs, plain, table
from neural_exec.runner import Outcome, Runner
from neural_exec.training.train import Interrupted
from neural_exec.training.trainer import TrainingProgress

WEIGHTED = "a b 4.0\na c 1.0\nc b 2.0\n"


@pytest.fixture
def call(monkeypatch, tmp_path):
    """Runs a command in an empty directory; checks its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code: int = 0, stdin: str | None = None):
        result = CliRunner().invoke(cli.main, list(map(str, arguments)), input=stdin)
        assert result.exit_code == code, result.output
        assert isinstance(result.exception, SystemExit | None), result.output
        return result

    return run


@pytest.fixture
def inexact(trained_dir):
    """A trained executor that says of itself that it is not exact."""
    executor = neural_exec.load(trained_dir)
    executor.info["inexact"] = ["bfs"]
    return executor


# -------------------------------------------------------------------------------------------------------------- help
def test_version(call):
    assert call("--version").stdout == f"neural-exec, version {neural_exec.__version__}\n"


@pytest.mark.parametrize("command", sorted(cli.main.commands))
def test_help_has_an_example(call, command):
    assert f"\n  neural-exec {command}" in call(command, "--help").stdout


# -------------------------------------------------------------------------------------------------------------- list
def test_list(call, trained_dir):
    text = call("list", trained_dir).stdout
    assert "\nsorting\n" in text and "\n  heapsort " in text and "parameters that all share: " in text


def test_list_json(call, trained_dir):
    records = json.loads(call("list", trained_dir, "--json").stdout)
    assert {r["name"] for r in records} == {"bfs", "dijkstra", "minimum", "insertion_sort", "heapsort"}
    by_name = {r["name"]: r for r in records}
    assert by_name["bfs"]["chapter"] == "graphs" and by_name["bfs"]["source"].startswith("Introduction")
    assert by_name["bfs"]["inputs"] == ["graph", "source"] and by_name["bfs"]["outputs"] == ["parent", "reached"]
    executor = neural_exec.load(trained_dir)
    assert by_name["bfs"]["parameters"] == executor.parameters_of("bfs")


def test_list_needs_no_network(call, monkeypatch):
    """Seconds sooner; of what there is the default model knows all."""
    monkeypatch.setattr("neural_exec.cli.options.one_thread", lambda: pytest.fail("torch is imported"))
    records = json.loads(call("list", "--json").stdout)
    assert [r["name"] for r in records] == algorithms.names() and not any(r["parameters"] for r in records)
    assert "own" not in call("list").stdout


def test_list_of_a_model_that_is_none(call):
    assert "error: no model 'nosuch'" in call("list", "nosuch", code=2).stderr


# ------------------------------------------------------------------------------------------------------------- trace
def test_trace(call):
    text = call("trace", "bfs", "path:3", "--source", "0").stdout
    assert "bfs on 3 nodes and 2 edges: 5 steps" in text and "\n   2       1  yes\n" in text


def test_trace_json_is_the_trace(call):
    shown = json.loads(call("trace", "dijkstra", "karate", "--source", "33", "--json").stdout)
    assert shown == algorithms.trace("dijkstra", nx.karate_club_graph(), source=33).to_dict()


def test_trace_files(call, tmp_path):
    call("trace", "heapsort", "3,1,2", "--out", "t.npz", "--plot", "t.png")
    assert Trace.load("t.npz").to_dict() == algorithms.trace("heapsort", [3.0, 1.0, 2.0]).to_dict()
    assert Path("t.png").read_bytes().startswith(b"\x89PNG")


def test_made_up_weights_are_said_on_stderr(call):
    result = call("trace", "mst_prim", "cycle:4", "--source", "0", "--seed", "5", "--json")
    assert "random" in result.stderr and "seed 5" in result.stderr
    assert json.loads(result.stdout)["algorithm"] == "mst_prim"


# --------------------------------------------------------------------------------------------------------------- run
def test_run(call, trained_dir):
    text = call("run", "dijkstra", "-", "--source", "a", "--model", trained_dir, stdin=WEIGHTED).stdout
    assert "halted after 9 steps; 0 of " in text and "contexts unseen in training" in text
    assert text.endswith("node  distance  parent\na            0  -\nb            3  c\nc            1  a\n")


def test_run_json(call, trained_dir):
    shown = json.loads(
        call("run", "dijkstra", "-", "--source=a", f"--model={trained_dir}", "--json", stdin="a b 1\nc c 1").stdout
    )
    assert shown["outputs"] == {
        "distance": {"a": 0.0, "b": 1.0, "c": "inf"},
        "parent": {"a": None, "b": "a", "c": None},
    }
    assert shown["halted"] is True and shown["num_steps"] == 7 and shown["unseen_contexts"] == 0


def test_run_lists(call, trained_dir):
    text = call("run", "insertion_sort", "-", "--model", trained_dir, stdin="[2.5, -1, 2]").stdout
    assert text.endswith("order: 1, 2, 0\nvalues: -1, 2, 2.5\n")
    assert call("run", "minimum", "--model", trained_dir, "--", "-1,4").stdout.endswith("index: 0\nvalue: -1\n")


def test_run_labels_of_files(call, trained_dir):
    Path("edges.txt").write_text("0 1\n1 2\n")
    nx.write_graphml(nx.path_graph(3), "path.graphml")
    for graph, parent in (
        ("edges.txt", {"0": 1, "1": None, "2": 1}),
        ("path.graphml", {"0": "1", "1": None, "2": "1"}),
    ):
        shown = json.loads(call("run", "bfs", graph, "--source", "1", "--model", trained_dir, "--json").stdout)
        assert shown["outputs"]["parent"] == parent


def test_run_directed(call, trained_dir):
    arguments = ("run", "bfs", "-", "--source", "1", "--model", trained_dir, "--json")
    assert json.loads(call(*arguments, stdin="0 1\n").stdout)["outputs"]["reached"] == {"0": True, "1": True}
    directed = json.loads(call(*arguments, "--directed", stdin="0 1\n").stdout)
    assert directed["outputs"]["reached"] == {"0": False, "1": True}


def test_run_files_are_the_predicted_trace(call, trained_dir):
    call("run", "bfs", "grid:3x3", "--source", "4", "--model", trained_dir, "--out", "t.npz", "--plot", "t.svg")
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(3, 3))
    assert Trace.load("t.npz").to_dict() == neural_exec.load(trained_dir).run("bfs", graph, source=4).trace.to_dict()
    assert "<svg" in Path("t.svg").read_text()


def test_run_that_does_not_halt(call, trained_dir, monkeypatch):
    monkeypatch.setattr("algorithms.machine.engine.CAP", 0)
    result = call("run", "bfs", "path:40", "--source", "0", "--model", trained_dir, "--json", code=1)
    assert json.loads(result.stdout)["halted"] is False
    assert result.stderr == "bfs did not halt within 8 steps; its outputs are those of an unfinished run\n"


# ------------------------------------------------------------------------------------------------------------ errors
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("run bfss karate --model MODEL", "no algorithm 'bfss'; did you mean 'bfs'"),
        ("run dfs karate --model MODEL", "this executor does not know 'dfs'"),
        ("run bfs karate --source 0 --model nosuch", "no model 'nosuch'"),
        ("run bfs karate --model MODEL", "bfs needs source=…"),
        ("run bfs karate --source 99 --model MODEL", "bfs: source '99' is not in the graph"),
        (
            "run bfs karat --source 0 --model MODEL",
            "'karat' is neither a file nor a named graph; did you mean 'karate'?",
        ),
        ("trace bfs - --source 0", "standard input, line 1: 'x' is no edge"),
        ("trace bfs karate --source 0 --input source=1", "source is given twice"),
        ("trace bfs karate --source 0 --input colour=3", "bfs takes no argument 'colour'"),
        ("trace bfs karate --source 0 --weight cost", "bfs takes no argument 'weight'"),
        ("trace bfs karate --source 0 --plot x.xyz", "cannot draw x.xyz"),
        ("trace bfs path:2000 --source 0 --plot x.png", "cannot draw 2000 nodes"),
        ("trace bfs path:2 --source 0 --out none/x.npz", "cannot write none/x.npz: there is no directory none"),
        ("run bfs path:2 --source 0 --out x.png", "cannot write x.png: it is written as .npz"),
        ("run bfs path:2 --source 0 --plot none/x.png", "cannot write none/x.png: there is no directory none"),
        ("run bfs", "bfs needs graph=…; it is called with graph, source"),
        ("run bfs karate --input graph=karate", "bfs: graph is given twice"),
        ("run optimal_bst", "optimal_bst needs p=…"),
        ('run task_scheduling {"weight":[1]} --input weight=1', "task_scheduling: weight is given twice"),
        ("run kmp_matcher ab --input text=ab --input pattern=b", "kmp_matcher: text is given twice"),
        ("run heapsort 3,,2", "'3,,2' is no file and no list of numbers, such as 3,1,2 (the list: element 1 is empty"),
        ("run bfs - --source 1e400", "standard input, line 1: 'x' is no edge"),
        ("trace dijkstra karate --source 0 --weight cost", "dijkstra: edge (0, 1) has no attribute 'cost'"),
        ("trace topological_sort karate", "topological_sort needs a directed graph"),
        ("trace minimum []", "minimum: the list is empty"),
        ("trace minimum nan", "'nan' is no file and no list of numbers, such as 3,1,2 (the list: element 0 is 'nan'"),
        (
            "trace minimum [NaN]",
            "'[NaN]' is no file and no list of numbers, such as 3,1,2 (the list: a number is 'NaN'",
        ),
        ("trace binary_search 2,1 --input target=1", "binary_search needs an ascending list"),
        ("check nosuch", "no algorithm 'nosuch'"),
        ("train --suite cor", "no suite 'cor'; did you mean 'core'?"),
        ("train --algorithms bfss", "no algorithm 'bfss'"),
        ("train --resume", "nothing to resume in runs/core-0"),
        ("evaluate nosuch", "no model 'nosuch'"),
        ("evaluate MODEL --algorithms dfs", "this executor does not know 'dfs'"),
        ("evaluate MODEL --sizes 0", "sizes are [0]"),
    ],
)
def test_bad_input_is_one_line(call, trained_dir, arguments, message):
    words = [str(trained_dir) if w == "MODEL" else w for w in arguments.split()]
    result = call(*words, code=2, stdin="x\n")
    assert result.stdout == "" and result.stderr.startswith(f"error: {message}") and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        "nosuch",
        "run",
        "run bfs karate --sorce 0",
        "run bfs karate --input source",
        "evaluate --sizes a",
        "evaluate --json --csv",
        "train --seed x",
    ],
)
def test_usage_errors(call, arguments):
    assert call(*arguments.split(), code=2).stderr.startswith("Usage: ")


def test_a_message_of_several_lines_becomes_one(call, monkeypatch):
    def refuse(spec, runs, report):
        raise neural_exec.NeuralExecError("first,\n  second")

    monkeypatch.setattr(cli, "check_program", refuse)
    assert call("check", "minimum", code=2).stderr == "error: first, second\n"


def test_as_a_program():
    """No traceback, also where the reader of a pipe has gone."""
    program = f"{sys.executable} -W ignore -m neural_exec trace minimum"
    script = f"{program} x; echo $?; {program} 3,1,2 --json | true"
    environment = dict(os.environ, PYTHONPATH=str(Path(neural_exec.__file__).parents[1]))
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment)
    assert done.stdout == "2\n" and done.stderr.startswith("error: 'x' is no file") and done.stderr.count("\n") == 1


# ------------------------------------------------------------------------------------------------------------- check
def test_check(call):
    assert call("check", "minimum", "--runs", "40").stdout.startswith("minimum: ok (61 runs, ")
    (verdict,) = json.loads(call("check", "minimum", "--runs", "40", "--json").stdout)
    assert verdict["algorithm"] == "minimum" and verdict["ok"] is True and verdict["conflicts"] == []


@pytest.mark.parametrize("words", ["minimum bfs", "minimum,bfs", "minimum,bfs bfs"])
def test_several_algorithms_are_words_or_a_list(call, trained_dir, monkeypatch, words):
    checked = json.loads(call("check", *words.split(), "--runs", "60", "--json").stdout)
    assert [v["algorithm"] for v in checked] == ["minimum", "bfs"]
    asked = []
    monkeypatch.setattr(neural_exec, "certify", lambda executor, names, *rest: asked.append(names) or {})
    call("certify", *words.split(), "--model", trained_dir)
    assert asked == [["minimum", "bfs"]]


def test_check_all(call, monkeypatch):
    asked = []

    def pretend(spec, runs, report):
        name = spec.name
        asked.append((name, runs))
        report(runs, "the last one")
        return Check(name, conflicts=["a conflict"] if name == "bfs" else [])

    monkeypatch.setattr(cli, "check_program", pretend)
    result = call("check", "all", "--runs", "7", code=1)
    assert asked == [(name, 7) for name in algorithms.names()]
    assert "bfs: NOT OK" in result.stdout and result.stderr == "not ok: bfs\n"


# ------------------------------------------------------------------------------------------------------------- train
def test_train(call, monkeypatch):
    monkeypatch.setattr(cli, "QUICK", dict(sizes=(16,), graphs=7))
    text = call("train", "--algorithms", "minimum", "--traces", "40", "--seed", "2").stdout
    assert "minimum" in text and "7/7" in text and text.endswith("The model is in runs/minimum-2\n")
    again = json.loads(call("train", "--algorithms=minimum", "--traces=40", "--seed=2", "--resume", "--json").stdout)
    assert again["model"] == "runs/minimum-2" and again["info"]["seed"] == 2 and again["info"]["inexact"] == []
    assert {r["algorithm"] for r in again["evaluation"]} == {"minimum"}
    assert neural_exec.load("runs/minimum-2").algorithms == ["minimum"]


def test_train_that_is_not_exact(call, monkeypatch, inexact):
    monkeypatch.setattr(neural_exec, "train", lambda **plan: inexact)
    result = call("train", "--no-evaluation", "--json", code=1)
    assert result.stderr == "not exact: bfs\n" and json.loads(result.stdout)["evaluation"] is None


@pytest.mark.parametrize("saved", [True, False])
def test_train_interrupted(call, monkeypatch, saved):
    def train(**plan):
        plan["drawing"]("minimum", 0, 1)
        raise Interrupted(plan["out"] if saved else None)

    monkeypatch.setattr(neural_exec, "train", train)
    result = call("train", "--algorithms", "minimum", "--traces", "9", "--seed", "4", "--out", "my model", code=130)
    again = "neural-exec train --algorithms minimum --seed 4 --traces 9 --out 'my model'" + " --resume" * saved
    assert result.stderr == f"interrupted; go on with: {again}\n"


def test_progress_of_training_in_lines(monkeypatch, capsys):
    monkeypatch.setattr("neural_exec.progress._LINE_EVERY", -1.0)
    with TrainingDisplay(max_updates=1000) as display:
        display.drawing("bfs", 0, 2)
        display.drawing("", 2, 2)
        display.report(TrainingProgress(updates=20, wrong={"bfs": 32, "dfs": 32}, seconds=10.0))
        display.report(TrainingProgress(updates=40, wrong={"bfs": 0, "dfs": 8}, seconds=40.0))
    assert capsys.readouterr().err.splitlines() == [
        "drawing traces 0/2, 0:00:00: bfs",
        "drawing traces 2/2, 0:00:00: ",
        "exact 0/2, 0:00:00: 20 updates, 64 wrong contexts",
        "exact 1/2, 0:00:00, about 0:00:40 left: 40 updates, 8 wrong contexts",
    ]


# ---------------------------------------------------------------------------------------------------------- evaluate
def test_evaluate(call, trained_dir):
    arguments = ("evaluate", trained_dir, "--algorithms", "bfs,minimum", "--sizes", "8,16", "--graphs", "9")
    text = call(*arguments, "--plot", "x.png").stdout
    assert "n = 8" in text and "n = 16" in text and text.count("9/9") == 4 and "dijkstra" not in text
    assert Path("x.png").exists()
    records = json.loads(call(*arguments, "--seeds", "3,4", "--json").stdout)
    assert {r["seed"] for r in records} == {3, 4} and all(r["exact"] == r["graphs"] for r in records)
    lines = list(csv.DictReader(io.StringIO(call(*arguments, "--csv").stdout)))
    assert {line["algorithm"] for line in lines} == {"bfs", "minimum"} and json.loads(lines[0]["outputs"])


def test_evaluate_quick(call, trained_dir, monkeypatch):
    asked = []

    def evaluate(executor, names, sizes, graphs, seeds, report, workers):
        asked.append((list(sizes), graphs))
        return neural_exec.Report()

    monkeypatch.setattr(neural_exec, "evaluate", evaluate)
    for options in ([], ["--quick"], ["--quick", "--sizes", "8"]):
        call("evaluate", trained_dir, *options)
    assert asked == [([16, 64, 256], None), ([16, 32, 64], 18), ([8], 18)]


def test_evaluate_that_is_not_exact(call, trained_dir, monkeypatch):
    monkeypatch.setattr("algorithms.machine.engine.CAP", 0)
    result = call("evaluate", trained_dir, "--algorithms", "insertion_sort", "--sizes", "9", "--graphs", "7", code=1)
    assert "!" in result.stdout and result.stderr == "not exact: insertion_sort\n"


def test_evaluate_beside_the_baseline(call, trained_dir, monkeypatch):
    class Baseline(Runner):
        """Answers as the executor does, but never halts."""

        algorithms = ("bfs", "dfs")

        def __init__(self, directory):
            assert directory.parts[-2:] == ("baselines", "mpnn")
            self.executor = neural_exec.load(trained_dir)

        def execute(self, lays):
            return [Outcome(r.outputs, False, r.num_steps, r.instance) for r in self.executor.execute(lays)]

    monkeypatch.setattr("neural_exec.gnn.mpnn.Baseline.load", Baseline)
    options = ("--algorithms", "bfs,minimum", "--sizes", "8,65", "--graphs", "9", "--baseline", "--json")
    records = json.loads(call("evaluate", trained_dir, *options).stdout)  # its failures do not count
    rows = {(r["model"], r["algorithm"], r["size"]) for r in records}
    assert {row for row in rows if row[0] == "mpnn"} == {("mpnn", "bfs", 8)} and len(rows) == 5


# ----------------------------------------------------------------------------------------------------------- display
def test_what_an_alignment_leaves_out():
    outputs = {"distance": 2.0, "alignment": [(0, None), (1, 0), (None, 1)]}
    shown = describe_outputs(algorithms.get("edit_distance"), ("ab", "bc"), outputs)
    assert shown == "distance: 2\nalignment: 0-none, 1-0, none-1"


def test_table():
    assert table(["name", "n", "x"], [["a", 1, 2.5], ["bc", 20, None]]) == "name   n    x\na      1  2.5\nbc    20    -"
    assert table(["a", "b"], []) == "a  b"


def test_plain():
    assert plain({(0, 1): float("inf"), "x": (1, None, True)}) == {"(0, 1)": "inf", "x": [1, None, True]}


@pytest.mark.parametrize(
    "line, remedy",
    [
        ("train --algorithms bfs minimum dfs", "--algorithms bfs,minimum,dfs"),
        ("evaluate core --sizes 16 64", "--sizes 16,64"),
        ("evaluate --algorithms bfs minimum", "--algorithms bfs,minimum"),
        ("evaluate --algorithms bfs minimum dfs", "--algorithms bfs,minimum,dfs"),
        ("evaluate bfs,minimum", "--algorithms bfs,minimum"),
        ("evaluate bfs", "--algorithms bfs"),
    ],
)
def test_a_list_without_commas_is_told_of_them(call, line, remedy):
    assert call(*line.split(), code=2).stderr.endswith(f"; a list is one word, with commas: {remedy}\n")
    assert "commas" not in call("train", "minimum", code=2).stderr


@pytest.mark.parametrize("line", ["trace bfs path:3 --source 0", "trace bfs path:3 --source 0 --json"])
def test_a_trace_is_recorded_once(call, monkeypatch, line):
    runs, record = [], drawing.record
    monkeypatch.setattr(drawing, "record", lambda *a, **k: runs.append(1) or record(*a, **k))
    monkeypatch.setattr(sys.modules["algorithms.trace"], "record", lambda *a, **k: pytest.fail("it is recorded again"))
    said = call(*line.split()).stdout
    assert len(runs) == 1 and ("reached" in said or '"color"' in said)
