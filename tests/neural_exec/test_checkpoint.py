"""Models on disk: what is saved comes back the same; what is damaged, foreign or out of date is refused by name."""

import ast
import contextlib
import json
import shutil
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save, save_file

import neural_exec
from algorithms import registry
from algorithms.machine.program import Machine
from neural_exec import checkpoint, files
from neural_exec.errors import AuthorError, ModelError, NeuralExecError, UnknownAlgorithmError, UnknownModelError
from neural_exec.training.trainer import Recipe

ROOT = Path(neural_exec.__file__).parent


@pytest.fixture
def copy(trained_dir, tmp_path):
    """A copy of the trained model, to be damaged."""
    return Path(shutil.copytree(trained_dir, tmp_path / "model"))


def edit(directory, change):
    """Change the config in place by `change(config)`."""
    path = directory / "config.json"
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))


def forge(directory, change, code=False):
    """`edit`, with the checksum made anew (and with `code` what binds algorithms, machines and names)."""
    edit(directory, change)
    config = json.loads((directory / "config.json").read_text())
    if code:
        for name, record in config["algorithms"].items():
            if name in registry.names():
                record["code"] = checkpoint.code_of(name, record["machine"], config["names"])
        (directory / "config.json").write_text(json.dumps(config))
    path = directory / "model.safetensors"
    with safe_open(path, framework="pt") as f:
        tensors = {k: f.get_tensor(k) for k in f.keys()}
    save_file(tensors, path, metadata={"config": checkpoint._digest(config)})


def edit_tensors(directory, change):
    path = directory / "model.safetensors"
    with safe_open(path, framework="pt") as f:
        tensors, metadata = {k: f.get_tensor(k) for k in f.keys()}, f.metadata()
    change(tensors)
    save_file(tensors, path, metadata=metadata)


def refused(directory, *said):
    with pytest.raises(ModelError) as e:
        neural_exec.load(directory)
    assert isinstance(e.value, NeuralExecError) and not isinstance(e.value, UnknownModelError)
    for word in (str(directory), *said):
        assert word in str(e.value)


# ---------------------------------------------------------------- round trip
def test_saved_and_loaded_is_the_same(trained, trained_dir, tmp_path):
    neural_exec.save(trained, tmp_path / "again")
    again = neural_exec.load(tmp_path / "again")
    for name in ("model.safetensors", "config.json"):
        assert (tmp_path / "again" / name).read_bytes() == (trained_dir / name).read_bytes()
    for (k, a), (_, b) in zip(trained.step.state_dict().items(), again.step.state_dict().items()):
        assert torch.equal(a, b), k
    assert again.names.names == trained.names.names and again.info == trained.info
    assert {a: m.to_dict() for a, m in again.machines.items()} == {a: m.to_dict() for a, m in trained.machines.items()}
    for a, groups in trained.trained.items():
        assert {g: c.tolist() for g, c in groups.items()} == {g: c.tolist() for g, c in again.trained[a].items()}


def test_a_loaded_executor_does_what_the_trained_one_did(tmp_path):
    made = neural_exec.train(algorithms=["bfs", "minimum"], seed=2, traces=10, out=tmp_path)
    loaded = neural_exec.load(str(tmp_path))
    graph = nx.barabasi_albert_graph(30, 2, seed=0)
    a, b = (x.run("bfs", graph, source=3) for x in (made, loaded))
    assert a.outputs == b.outputs and repr(a) == repr(b) and (a.evaluations, a.contexts) == (b.evaluations, b.contexts)
    for x, y in zip(a.trace.hints.values(), b.trace.hints.values()):
        np.testing.assert_array_equal(x.data, y.data)
    policies = [x.policy("bfs") for x in (made, loaded)]
    assert policies[0].answers == policies[1].answers and policies[0].answers["node"]


def test_one_algorithm_is_loaded_alone_and_does_the_same(trained, copy):
    """What else is in the model may have changed; what is asked for may not."""
    forge(copy, lambda config: config["algorithms"]["minimum"].update(code="of another program"))
    refused(copy, "minimum: its code")
    graph = nx.barabasi_albert_graph(30, 2, seed=0)
    one = checkpoint.load_one("bfs", copy)
    a, b = (x.run("bfs", graph, source=3) for x in (trained, one))
    assert one.algorithms == ["bfs"] and a.outputs == b.outputs and repr(a) == repr(b)
    assert one.policy("bfs").answers == trained.policy("bfs").answers
    with pytest.raises(ModelError, match="minimum: its code"):
        checkpoint.load_one("minimum", copy)


def test_where_one_algorithm_is_not_known_the_whole_model_says_so(trained, trained_dir):
    executor = checkpoint.load_one("pagerank", trained_dir)
    assert executor.algorithms == trained.algorithms
    with pytest.raises(UnknownAlgorithmError, match="does not know 'pagerank'; the bundled model 'all' may know it"):
        executor.run("pagerank", nx.path_graph(3))


def test_the_files_are_plain(trained_dir):
    assert {p.name for p in trained_dir.iterdir()} == {"model.safetensors", "config.json"}
    config = json.loads((trained_dir / "config.json").read_text())
    assert config["format"] == checkpoint.FORMAT and set(config["algorithms"]) == set(config["info"]["algorithms"])
    assert config["info"]["seed"] == 1 and config["info"]["recipe"]
    header = (trained_dir / "model.safetensors").read_bytes()
    assert header[8:9] == b"{", "safetensors: a length, then a JSON header"


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: p.stem)
def test_no_pickle_anywhere(path):
    banned = {"pickle", "dill", "cloudpickle", "shelve", "marshal"}
    assert not banned & {m.split(".")[0] for m in imported(path)}
    calls = {ast.unparse(n.func) for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)}
    assert not calls & {"torch.load", "torch.save", "torch.jit.load", "joblib.load", "joblib.dump"}


def test_every_machine_comes_back_from_json(examples):
    assert any('"-inf"' in json.dumps(e.machine.to_dict()) for e in examples.values()), "infinities among them"
    for e in examples.values():
        record = json.dumps(e.machine.to_dict(), allow_nan=False)
        again = Machine.from_dict(json.loads(record))
        assert again.to_dict() == e.machine.to_dict() and json.dumps(again.to_dict()) == record


# ---------------------------------------------------------------- names
def test_an_unknown_model_is_named_with_those_there_are(monkeypatch, tmp_path, trained_dir):
    for name in ("core", "tiny"):
        shutil.copytree(trained_dir, tmp_path / name)
    (tmp_path / "unfinished").mkdir()
    monkeypatch.setattr(files, "_MODELS", tmp_path)
    assert neural_exec.bundled() == ["core", "tiny"]
    assert neural_exec.load("tiny").algorithms == neural_exec.load("core").algorithms
    with pytest.raises(UnknownModelError, match="no model 'cor'.*did you mean 'core'"):
        neural_exec.load("cor")
    with pytest.raises(UnknownModelError, match="known: core, tiny"):
        neural_exec.load("/no/such/place")
    assert issubclass(UnknownModelError, ModelError)


def test_bundled_models_load_and_are_small():
    for name in neural_exec.bundled():
        directory = files._MODELS / name
        assert sum(p.stat().st_size for p in directory.iterdir()) < 5_000_000
        assert {p.name for p in directory.iterdir()} == {"model.safetensors", "config.json", "certificates.json"}
        assert neural_exec.load(name).algorithms


# ---------------------------------------------------------------- damaged
@pytest.mark.parametrize("part", [0.0, 0.01, 0.5, 0.999])
def test_truncated_weights(copy, part):
    path = copy / "model.safetensors"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(part * len(whole))])
    refused(copy, "model.safetensors")


@pytest.mark.parametrize("garbage", [b"\x80\x04pickle", b"garbage" * 1000, b"\xff" * 64, b"{}"])
def test_garbage_weights(copy, garbage):
    (copy / "model.safetensors").write_bytes(garbage)
    refused(copy, "model.safetensors", "damaged")


@pytest.mark.parametrize("garbage", [b"", b"{", b"[1, 2]", b"null", b"\xff\xfe", b"3"])
def test_garbage_config(copy, garbage):
    (copy / "config.json").write_bytes(garbage)
    refused(copy, "config.json")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_missing_file(copy, name):
    (copy / name).unlink()
    refused(copy, name)


def test_an_empty_directory_is_no_model(tmp_path):
    refused(tmp_path, "config.json")


# ---------------------------------------------------------------- foreign, or of another version
def test_a_foreign_config(copy):
    (copy / "config.json").write_text(json.dumps(dict(model_type="bert", hidden_size=768)))
    refused(copy, "format None")


@pytest.mark.parametrize("version", [0, checkpoint.FORMAT + 1, str(checkpoint.FORMAT), None])
def test_another_format(copy, version):
    edit(copy, lambda c: c.update(format=version))
    refused(copy, f"format {version!r}", "train it again")


@pytest.mark.parametrize("key", ["step", "names", "algorithms", "info"])
@pytest.mark.parametrize("value", [None, 3, "x", {"x": 1}, [3]])
def test_a_config_of_another_form(copy, key, value):
    if key == "info" and isinstance(value, dict):
        value = "x"  # any record will do
    edit(copy, lambda c: c.update({key: value}))
    refused(copy)
    edit(copy, lambda c: c.pop(key))
    refused(copy, key)


@pytest.mark.parametrize("term", [["Number"], ["Set", ["Number"]], ["Atom"], ["Number", "x"], ["Number", []], 3])
def test_a_machine_of_another_form(copy, term):
    edit(copy, lambda c: c["algorithms"]["bfs"]["machine"]["groups"][0]["operations"].append(term))
    refused(copy, "config")


def nested(config):
    """All places in a config: paths of keys."""
    out, todo = [], [((), config)]
    while todo:
        path, value = todo.pop()
        out += [path] if path else []
        if isinstance(value, dict | list):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            todo += [((*path, k), v) for k, v in items]
    return sorted(out, key=str)


VALUES = [
    None,
    0,
    -1,
    2,
    10**6,
    10**30,
    1.5,
    True,
    "x",
    "hub",
    "",
    "@nodes",
    [],
    {},
    ["x"],
    [[]],
    ["Nil"],
    ["Number", "nan"],
]


def mutate(config, rng):
    """Change one to three places: drop, replace, retype, double, swap or reverse."""
    for _ in range(int(rng.integers(1, 4))):
        places = nested(config)
        # a section each as likely, then any of its places
        section = [p for p in places if p[0] == list(config)[rng.integers(len(config))]] or places
        path = section[rng.integers(len(section))]
        at = config
        for k in path[:-1]:
            at = at[k]
        key, old = path[-1], at[path[-1]]
        kind = rng.integers(7)
        if kind == 0:
            del at[key]
        elif kind == 1:
            at[key] = copy_of(VALUES[rng.integers(len(VALUES))])
        elif kind == 2:  # another of the same type, from anywhere
            other = places[rng.integers(len(places))]
            there = config
            for k in other:
                there = (
                    there[k]
                    if isinstance(there, dict | list) and (k in there if isinstance(there, dict) else k < len(there))
                    else old
                )
            at[key] = copy_of(there)
        elif kind == 3 and isinstance(at, list):
            at.insert(int(rng.integers(len(at) + 1)), copy_of(old))
        elif kind == 4 and isinstance(at, list):
            i = int(rng.integers(len(at)))
            at[key], at[i] = at[i], at[key]
        elif kind == 5 and isinstance(old, list):
            old.reverse()
        else:
            at[key] = {str: str, int: float, float: str, bool: int}.get(type(old), repr)(old)


copy_of = lambda x: json.loads(json.dumps(x))


def answers(executor):
    """What it does on some inputs."""
    graph = nx.barabasi_albert_graph(12, 2, seed=0)
    nx.set_edge_attributes(graph, {e: 1.0 + (7 * i) % 5 for i, e in enumerate(graph.edges)}, "weight")
    calls = {
        "bfs": (graph, dict(source=3)), "dijkstra": (graph, dict(source=3)), "dfs": (graph, {}),
        "minimum": ([3.0, 1.0, 2.0], {}), "heapsort": ([3.0, 1.0, 2.0, 1.0], {}),
        "insertion_sort": ([3.0, 1.0, 2.0, 1.0], {}),
    }  # fmt: skip
    out = {}
    for name in executor.algorithms:
        rollout = executor.run(name, calls[name][0], **calls[name][1])
        out[name] = rollout.outputs, rollout.halted, rollout.num_steps, rollout.contexts, rollout.unseen_contexts
    return out


@pytest.mark.parametrize("code", [False, True], ids=["its checksum made anew", "and what binds its parts"])
def test_a_mutated_config_is_refused_or_harmless(trained_dir, tmp_path, code):
    """Nothing but a ModelError comes out of `load`; what it lets through does what the model did before. (Who forges
    also what binds a machine to its algorithm may have another machine of the same algorithm: it runs.)"""
    copy, refusals = tmp_path / "model", 0
    shutil.copytree(trained_dir, copy)
    right, config = answers(neural_exec.load(copy)), json.loads((trained_dir / "config.json").read_text())
    for seed in range(100):
        changed = copy_of(config)
        mutate(changed, np.random.default_rng(seed))
        (copy / "config.json").write_text(json.dumps(changed))
        with contextlib.suppress(KeyError, TypeError, AttributeError):  # so damaged that nobody could
            forge(copy, lambda c: None, code)
        try:
            executor = neural_exec.load(copy)
        except ModelError:
            refusals += 1
            continue
        if code:
            answers(executor)
        else:
            assert answers(executor) == right, seed
    assert refusals > 50


# ---------------------------------------------------------------- weights that do not fit
@pytest.mark.parametrize(
    "change, said",
    [
        (lambda t: t.update({"step.codes": t["step.codes"][:-1].clone()}), "codes"),
        (lambda t: t.update({"step.processor.inp.weight": t["step.processor.inp.weight"].T.contiguous()}), "processor.inp.weight"),
        (lambda t: t.update({"step.processor.inp.bias": t["step.processor.inp.bias"].double()}), "processor.inp.bias"),
        (lambda t: t.pop("step.decoder.state.bias"), "decoder.state.bias"),
        (lambda t: t.update({"step.extra": torch.zeros(2)}), "extra"),
        (lambda t: t.update({"extra": torch.zeros(2)}), "extra"),
        (lambda t: t.pop("contexts.bfs.node"), "contexts.bfs.node"),
        (lambda t: t.update({"contexts.dfs.node": torch.zeros(2, dtype=torch.long)}), "contexts.dfs.node"),
        (lambda t: t.update({"contexts.bfs.node": t["contexts.bfs.node"].float()}), "contexts.bfs.node"),
        (lambda t: t.update({"contexts.bfs.node": t["contexts.bfs.node"][:, None].contiguous()}), "contexts.bfs.node"),
    ],
    ids=["short codes", "wrong shape", "wrong type", "missing", "extra in step", "extra", "contexts missing",
         "contexts of another", "contexts of floats", "contexts of another shape"],
)  # fmt: skip
def test_weights_that_do_not_fit_are_refused_by_name(copy, change, said):
    edit_tensors(copy, change)
    refused(copy, "does not fit", said)


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["step"].update(hidden=32),
        lambda c: c.update(names=["changed" if n == "parent" else n for n in c["names"]]),
        lambda c: c["names"].reverse(),
        lambda c: c["algorithms"].pop("minimum"),
        lambda c: c["algorithms"]["bfs"]["machine"]["domains"]["phase"].reverse(),
    ],
    ids=["sizes", "a name", "order of names", "an algorithm less", "order of phases"],
)
def test_a_config_that_the_weights_were_not_saved_with(copy, change):
    edit(copy, change)
    refused(copy, "not the one that model.safetensors was saved with")


def test_a_model_mixed_of_two_is_refused(copy, tmp_path):
    """Of the same shapes, even: the second is trained on other traces, its names may stand in another order."""
    other = tmp_path / "other"
    neural_exec.train(algorithms=["bfs"], seed=8, traces=4, out=other, recipe=Recipe(max_updates=1))
    shutil.copy(other / "config.json", copy)
    refused(copy, "not the one")


def test_what_is_told_of_a_model_may_be_edited(copy):
    edit(copy, lambda c: c["info"].update(evaluation="100 of 100"))
    assert neural_exec.load(copy).info["evaluation"] == "100 of 100"


@pytest.mark.parametrize("place", ["name", "path", "number", "relation", "key"])
def test_a_config_is_no_program(copy, place, tmp_path):
    """Terms become source that is evaluated: whatever is no word is refused, before it could run."""
    mark = tmp_path / "ran"
    evil = f"x] + __import__('pathlib').Path({str(mark)!r}).touch() + F_x["

    def change(config):
        machine = config["algorithms"]["bfs"]["machine"]
        groups = {g["name"]: g for g in machine["groups"]}
        column = next(c for c in groups["node"]["columns"] if c[0] == "FieldIs")
        if place == "name":
            column[2] = evil
        elif place == "path":
            column[1] = [evil]
        elif place == "number":
            groups["node"]["operations"].append(["Set", ["Number", evil]])
        elif place == "relation":
            groups["relation:in_edges"]["name"] = "relation:" + evil
        else:
            machine["heads"]["in_edges"][1] = ["Atom", ["src"], evil]

    forge(copy, change)
    refused(copy)
    assert not mark.exists()


# ---------------------------------------------------------------- other algorithms than those at hand
def test_a_changed_probe_is_named(copy):
    def change(config):
        probe = next(p for p in config["algorithms"]["bfs"]["probes"] if p["name"] == "color")
        probe["values"] = ["white", "black"]

    forge(copy, change)
    refused(copy, "bfs: probe color", "rain it again")


def test_probes_that_came_or_went_are_named(copy):
    def change(config):
        probes = config["algorithms"]["dijkstra"]["probes"]
        probes[:] = [p for p in probes if p["name"] != "u"]
        probes.append(dict(probes[0], name="older"))

    forge(copy, change)
    refused(copy, "dijkstra: probes older, u")


def test_changed_code_is_named(copy, monkeypatch):
    real = registry.fingerprint
    monkeypatch.setattr(registry, "fingerprint", lambda n: "0" * 16 if n in ("bfs", "heapsort") else real(n))
    refused(copy, "bfs: its code", "heapsort: its code")


def test_an_algorithm_that_is_no_more_is_named(copy):
    forge(copy, lambda c: c["algorithms"].update(bogosort=c["algorithms"].pop("heapsort")))
    refused(copy, "bogosort does not exist")


def test_everything_that_differs_is_named_at_once(copy):
    def change(config):
        config["algorithms"]["bfs"]["code"] = "other"
        config["algorithms"]["minimum"]["code"] = "other"

    forge(copy, change)
    refused(copy, "bfs: its code; minimum: its code")


# ---------------------------------------------------------------- files of additions, damaged
@pytest.fixture(scope="module")
def small(trained_dir, tmp_path_factory):
    """A model, and a file of what was added to it."""
    executor = neural_exec.load(trained_dir)
    executor.add("bubble_sort", traces=20, sizes=[])
    path = neural_exec.save_addition(executor, "bubble_sort", tmp_path_factory.mktemp("added"))
    return trained_dir, path, executor.run("bubble_sort", [3.0, 1.0, 2.0, 1.0])


@pytest.mark.parametrize("code", [False, True], ids=["its record", "and what binds its parts"])
def test_a_mutated_addition_is_refused_or_harmless(small, tmp_path, code):
    """Nothing but a ModelError comes out of `load`; what it lets through answers as before. (Who forges what binds its
    parts may have another machine of the same algorithm: it runs.)"""
    directory, file, right = small
    with safe_open(file, framework="pt") as f:
        tensors, text = {k: f.get_tensor(k) for k in f.keys()}, f.metadata()["addition"]
    path, refused = tmp_path / file.name, 0
    for seed in range(60):
        record, rng = json.loads(text), np.random.default_rng(seed)
        mutate(record, rng)
        if code:
            with contextlib.suppress(KeyError, TypeError):
                record["code"] = checkpoint.code_of("bubble_sort", record["machine"], record["names"])
        path.write_bytes(save(tensors, {"addition": json.dumps(record)}))
        try:
            executor = neural_exec.load(directory, [path])
        except (ModelError, AuthorError):  # it may clash with one that is known
            refused += 1
            continue
        rollout = executor.run("bubble_sort", [3.0, 1.0, 2.0, 1.0])
        neural_exec.save_addition(executor, "bubble_sort", tmp_path / "again")
        assert code or (rollout.outputs, rollout.num_steps) == (right.outputs, right.num_steps), seed
    assert refused > 30
