"""The command line's doors: what may be given by name, what is refused before the run, what can always be written."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from click.testing import CliRunner

import algorithms
import neural_exec
from algorithms import registry
from neural_exec.cli import main as cli
from neural_exec.cli.display import plain
from neural_exec.cli.graphs_in import read_call
from neural_exec.errors import InputError, ModelError, UnknownAlgorithmError

ROOT = Path(neural_exec.__file__).parents[1]


@pytest.fixture
def call(monkeypatch, tmp_path):
    """Runs a command in an empty directory; checks its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, code: int = 0, stdin: str | bytes | None = None):
        result = CliRunner().invoke(cli.main, list(map(str, arguments)), input=stdin)
        assert result.exit_code == code, result.output
        assert isinstance(result.exception, SystemExit | None), result.output
        return result

    return run


def program(command: str, folder: Path, **environment) -> subprocess.CompletedProcess:
    """A line of a shell in which `$EXEC` is the program."""
    environment = dict(
        os.environ, PYTHONPATH=str(ROOT), EXEC=f"{sys.executable} -W ignore -m neural_exec", **environment
    )
    return subprocess.run(["bash", "-c", command], capture_output=True, cwd=folder, env=environment)


# ----------------------------------------------------------------------------------------------------- inputs by name
def typed(name: str) -> dict[str, str]:
    """Every input that the algorithm's spec names, as it would be typed."""
    spec = registry.get(name)
    data, given = spec.sample(np.random.default_rng(0), 6, spec.families["training"][0])
    if isinstance(data, nx.Graph):
        nx.write_graphml(data, "g.graphml")
        attribute = {"weight": "weight", "capacity": "capacity"}
        return {"graph": "g.graphml", **{k: str(given.get(k, attribute.get(k))) for k in spec.inputs[1:]}}
    if data is not None:
        given = {spec.inputs[0]: data, **given}
    given |= {k: 1 for k in spec.inputs if k not in given}  # costs, of two sequences
    return {k: v if isinstance(v, str) else json.dumps(v, default=float) for k, v in given.items()}


@pytest.mark.parametrize("name", algorithms.names())
def test_every_input_may_be_given_by_its_name(call, name):
    given = typed(name)
    assert {*given} == {*registry.get(name).inputs}
    options = [word for k, v in given.items() for word in ("--input", f"{k}={v}")]
    named = call("trace", name, *options, "--json").stdout
    spec = registry.get(name)
    if lists := getattr(spec.structure, "lists", ()):
        first = json.dumps({k: json.loads(given.pop(k)) for k in lists})
    else:
        first = given.pop(spec.inputs[0])
    options = [word for k, v in given.items() for word in ("--input", f"{k}={v}")]
    assert call("trace", name, first, *options, "--json").stdout == named


def test_lists_by_name_and_in_one_record():
    spec, want = registry.get("activity_selector"), (None, {"start": [1, 2], "finish": [2, 3]}, "")
    assert read_call(spec, '{"start": [1, 2]}', {"finish": "2,3"}) == want
    assert read_call(spec, None, {"start": "[1, 2]", "finish": "2 3"}) == want


def test_chains_take_their_data_by_name(call):
    arguments = ("--input", "pattern=b", "--json")
    by_name = json.loads(call("chain", "kmp_matcher", "--input", "text=ab", *arguments).stdout)
    assert by_name == json.loads(call("chain", "kmp_matcher", "--graph", "ab", *arguments).stdout)
    assert json.loads(call("chain", "reverse", "minimum", "--input", "values=3,1", "--json").stdout)["stages"]
    assert json.loads(call("chain", "tour", "--input", "graph=complete:4", "--json").stdout)["stages"]
    for parts in (("dfs",), ("tour",), ("minimum",), ("keys", "minimum")):
        assert "needs" in call("chain", *parts, code=2).stderr
    for parts in (("dfs", "--input", "graph=karate"), ("tour", "--input", "graph=karate")):
        assert "graph is given twice" in call("chain", *parts, "--graph", "karate", code=2).stderr


def test_a_text_may_be_a_file_or_standard_input(call):
    Path("x.txt").write_bytes(b"\xef\xbb\xbfabcab\r\n")
    for arguments, stdin in (
        (["x.txt"], None),
        (["-"], "abcab\n"),
        (["abcab"], None),
        (["--input", "text=abcab"], None),
    ):
        result = call("trace", "kmp_matcher", *arguments, "--input", "pattern=ca", "--json", stdin=stdin)
        assert len(json.loads(result.stdout)["labels"]) == 7 and ("the text is what" in result.stderr) == (
            arguments[0] in ("x.txt", "-")
        )
    assert "a text of 1:" in call("trace", "kmp_matcher", "--input", "text=-", "--input", "pattern=ca").stdout


def test_json_may_be_a_file_or_standard_input(call):
    text = "[[0, 0], [1, 0], [0, 1]]"
    Path("x.json").write_text(text)
    shown = [call("trace", "graham_scan", x, "--json", stdin=text).stdout for x in ("x.json", "-", text)]
    assert shown[0] == shown[1] == shown[2]


@pytest.mark.parametrize("words", [["-3,1,2"], ["--", "-3,1,2"], ["--input", "values=-3,1,2"], ["[-3, 1, 2]"]])
def test_a_list_may_begin_with_a_minus(call, words):
    options = [] if "--" in words else ["--json"]
    assert call("trace", "heapsort", *words, *options).stdout
    assert "-.5" not in call("trace", "heapsort", "-.5,1", "--json").stderr


def test_whole_numbers_are_kept(call):
    data, arguments, _ = read_call(registry.get("heapsort"), "9007199254740993,9007199254740992", {})
    assert data == [2**53 + 1, 2**53] and arguments == {}


# ------------------------------------------------------------------------------------------------- before the run
REFUSED = [
    "run bfs karate --source 0 --out PATH",
    "run bfs karate --source 0 --plot PATH",
    "trace bfs karate --source 0 --out PATH",
    "trace bfs karate --source 0 --plot PATH",
    "evaluate --plot PATH",
    "chain bfs --graph karate --source 0 --out PATH",
    "train --out PATH",
    "add bubble_sort --model core --out PATH",
    "add bubble_sort --model core --tune --out PATH",
]


@pytest.fixture
def nothing_runs(monkeypatch):
    fail = lambda *a, **k: pytest.fail("it ran")
    for where in ("main", "add", "run", "chain"):
        monkeypatch.setattr(f"neural_exec.cli.{where}.load", fail)
    monkeypatch.setattr("neural_exec.cli.run.ran", fail)
    monkeypatch.setattr(neural_exec, "train", fail)


@pytest.mark.parametrize("line", REFUSED)
def test_what_cannot_be_written_is_refused_before_the_run(call, nothing_runs, monkeypatch, line):
    Path("file").write_text("")
    Path("folder.png").mkdir()
    Path("folder.npz").mkdir()
    kind = ".png" if "--plot" in line else ".npz"
    of_files = line.startswith(("run", "trace", "evaluate"))
    paths = [f"none/x{kind}", f"folder{kind}", "x.xyz", "file/x" + kind] if of_files else ["file/x"]
    for path in paths:
        assert re.search("cannot (write|draw)|is a directory", call(*line.replace("PATH", path).split(), code=2).stderr)
    monkeypatch.setattr(os, "access", lambda *a: False)
    path = f"x{kind}" if of_files else "new"
    assert "no permission" in call(*line.replace("PATH", path).split(), code=2).stderr
    assert sorted(p.name for p in Path().iterdir()) == ["file", "folder.npz", "folder.png"]


def test_what_is_written_is_said_and_readable(call):
    before = os.umask(0o027)
    try:
        result = call("trace", "bfs", "path:3", "--source", "0", "--out", "t.npz", "--plot", "t.png")
    finally:
        os.umask(before)
    assert result.stderr == "written: t.npz, written: t.png\n"
    assert [Path(p).stat().st_mode & 0o777 for p in ("t.npz", "t.png")] == [0o640, 0o640]


# ------------------------------------------------------------------------------------------------------------ writing
def test_labels_that_json_would_make_one():
    with pytest.raises(InputError, match="in JSON 1 and '1' are written alike"):
        plain({1: "a", "1": "b"})


def test_labels_outside_the_terminals_encoding(tmp_path):
    (tmp_path / "x").write_text("é ü 3\n")
    for arguments in ("x", "x --json", "nosuché"):
        done = program(f"$EXEC trace dfs {arguments}", tmp_path, LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert b"Traceback" not in done.stderr and done.stdout + done.stderr
        assert done.returncode == (2 if "nosuch" in arguments else 0)


@pytest.mark.parametrize("line", ["trace dfs path:3", "trace dfs path:3 --json", "list", "list --json"])
def test_pipes_and_closed_streams(tmp_path, line):
    for command in (
        f"$EXEC {line} | true",
        f"$EXEC {line} | head -1",
        f"$EXEC {line} >&-",
        f"$EXEC {line} > /dev/full",
    ):
        done = program(command, tmp_path, NO_COLOR="1")
        assert b"Traceback" not in done.stderr, done.stderr


def test_closed_standard_input(tmp_path):
    done = program("$EXEC trace dfs - <&-", tmp_path)
    assert done.returncode == 2 and done.stderr.startswith(b"error: ") and done.stderr.count(b"\n") == 1


# --------------------------------------------------------------------------------------------------------------- help
EXAMPLES = [
    line.strip()
    for name, command in cli.main.commands.items()
    if name != "add"
    for line in command.help.splitlines()
    if re.match(r'\s*(echo ".*" \| )?neural-exec ', line)
]


def test_every_help_has_an_example():
    assert all(any(f"neural-exec {name}" in line for line in EXAMPLES) for name in cli.main.commands if name != "add")


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_of_help_run(call, monkeypatch, everything, line):
    """But for what takes minutes: then only that it is understood."""
    typed, _, command = line.rpartition("| ")
    words = shlex.split(command)[1:]
    if words[0] in ("train", "evaluate", "certify") or words[:2] == ["check", "all"]:
        context = cli.main.commands[words[0]].make_context(words[0], words[1:])
        return context.close()
    call(*words, stdin=shlex.split(typed)[1] if typed else None)


def test_examples_of_add_run(call):
    lines = [line.strip() for line in cli.main.commands["add"].help.splitlines() if "neural-exec " in line]
    assert [call(*line.split()[1:]).exit_code for line in lines] == [0, 0]


# -------------------------------------------------------------------------------------------------------------- model
def test_the_default_model_is_all():
    """Of every command, and of `load`; it knows all there are."""
    for name, command in cli.main.commands.items():
        for p in command.params:
            assert p.name != "model" or p.default in ("all", None) or name == "list", name
    assert neural_exec.load().algorithms == neural_exec.load("all").algorithms
    assert {*neural_exec.load().algorithms} == {*algorithms.names()}


def test_no_message_names_a_package_that_is_not_ours():
    for path in [*ROOT.glob("neural_exec/**/*.py"), *ROOT.glob("algorithms/**/*.py")]:
        for name in re.findall(r"pip install ([\w-]+)", path.read_text()):
            assert name in ("matplotlib",), path


# -------------------------------------------------------------------------------------------------------------- added
@pytest.fixture
def mine(tmp_path):
    """A file of an author's own, in a directory of its own; shells run there."""
    text = (ROOT / "algorithms/searching/minimum.py").read_text()
    path = tmp_path / "own" / "least.py"
    path.parent.mkdir()
    path.write_text(text.replace("def minimum(", "def least("))
    return path


@pytest.fixture
def anew(call):
    """Runs a line of commands where nothing is known but what was written, as in a process of its own."""

    def run(line: str, code: int = 0):
        registry._REGISTERED.pop("least", None)
        return call(*line.split(), code=code)

    yield run
    registry._REGISTERED.pop("least", None)


def test_what_was_added_from_a_file_is_known_by_its_name(mine, anew, tmp_path, trained_dir):
    anew(f"add own/least.py --model {trained_dir} --traces 60 --out new")
    alone = program("$EXEC run least 3,1,2 --model new --json", tmp_path)  # in a process of its own
    assert json.loads(alone.stdout)["outputs"] == {"index": 1}, alone.stderr
    assert f"least is the program in {mine}" in alone.stderr.decode()
    assert "least" in [r["name"] for r in json.loads(anew("list new --json").stdout)]
    report = json.loads(anew("evaluate new --algorithms least --sizes 9 --graphs 7 --json").stdout)
    assert report[0]["algorithm"] == "least"
    chained = json.loads(anew("chain least --graph 3,1,2 --model new --json").stdout)
    assert chained["stages"][0]["outputs"] == {"index": 1}


@pytest.mark.parametrize("whole", [False, True])
def test_an_algorithm_whose_file_is_gone_is_left_out_and_no_other(mine, anew, tmp_path, trained_dir, whole):
    """Added beside the model, or saved whole with it."""
    anew(f"add own/least.py --model {trained_dir} --traces 30 --out new")
    if whole:
        model = neural_exec.load("new")
        Path("new/least.addition.safetensors").unlink()
        neural_exec.save(model, "new")
    registry._REGISTERED.pop("least")
    with pytest.warns(UserWarning, match="least is left out: it is the program in .*; algorithms.register that"):
        executor = neural_exec.load("new")  # runs no code
    assert executor.run("minimum", [3.0, 1.0]).outputs == {"index": 1} and "least" not in executor.algorithms
    with pytest.raises(UnknownAlgorithmError, match="least is left out: it is the program in .*algorithms.register"):
        executor.run("least", [3.0, 1.0])
    with pytest.raises(ModelError, match="not saved, what was left out at loading would be lost: least"):
        neural_exec.save(executor, "other")
    assert not Path("other").exists()

    mine.write_text(mine.read_text() + "\n")
    assert "least.py, which has changed since; add it again" in anew("run least 3,1,2 --model new", code=2).stderr
    mine.rename(tmp_path / "least.py")
    for line in ("run least 3,1,2", "chain least --graph 3,1,2", "certify least"):
        assert re.search("error: .*least.py, which is gone; add", anew(f"{line} --model new", code=2).stderr)
    assert "which is gone" in anew("evaluate new --algorithms least", code=2).stderr
    known = anew("run minimum 3,1,2 --model new --json")
    assert json.loads(known.stdout)["outputs"] == {"index": 1} and known.stderr == "", "it is not looked at"
    listed = anew("list new --json")
    assert [r["name"] for r in json.loads(listed.stdout)] == neural_exec.load(trained_dir).algorithms
    assert "least is left out: " in listed.stderr
    assert "least is left out" not in anew("run least.py 3,1,2 --model new").stderr
    assert json.loads(anew("run least.py 3,1,2 --model new --json").stdout)["outputs"] == {"index": 1}


def test_add_does_not_write_over_another_model(mine, call, trained_dir):
    Path("new").mkdir()
    Path("new/config.json").write_text("{}")
    Path("new/model.safetensors").write_text("")
    for tune in ([], ["--tune"]):
        result = call("add", "bubble_sort", "--model", trained_dir, "--out", "new", *tune, code=2)
        assert result.stderr == f"error: new holds another model than {trained_dir}; choose another --out\n"
