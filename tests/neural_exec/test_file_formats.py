"""Every file says its format; one of another format, older or newer, is refused with what to do."""

import json
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import save_file

import algorithms
import neural_exec
from algorithms import trace_files
from algorithms.errors import InputError
from neural_exec import certificates, files
from neural_exec.adding import files as additions
from neural_exec.adding.files import register_files
from neural_exec.errors import ModelError
from neural_exec.gnn import mpnn
from neural_exec.training import train as training
from neural_exec.training.trainer import Recipe

ROOT = Path(neural_exec.__file__).parents[1]
FORMATS = {
    "a model": files.FORMAT, "an addition": additions.FORMAT, "an interrupted training": training.FORMAT,
    "certificates": certificates.FORMAT, "the baseline": mpnn.FORMAT, "a trace": trace_files.FORMAT,
}  # fmt: skip
OTHERS = [0, 99, "1", 1.5, True, None]  # None: no number at all


def with_format(record, number):
    return {k: v for k, v in record.items() if k != "format"} | ({} if number is None else {"format": number})


def in_json(path, number):
    record = json.loads(path.read_text())
    assert type(record["format"]) is int
    path.write_text(json.dumps(with_format(record, number)))


def in_metadata(path, key, number):
    with safe_open(path, framework="pt") as f:
        tensors, metadata = {k: f.get_tensor(k) for k in f.keys()}, f.metadata()
    record = json.loads(metadata[key])
    assert type(record["format"]) is int
    save_file(tensors, path, metadata | {key: json.dumps(with_format(record, number))})


def refused(number, load, path, remedy):
    with pytest.raises(ModelError) as e:
        load()
    text = str(e.value)
    assert text.startswith(f"{path}: format {number!r}, this version reads ") and text.endswith(remedy), text
    assert ("update neural-exec, or" in text) == (number == 99)


@pytest.fixture(scope="module")
def minimum():
    return neural_exec.train(algorithms=["minimum"], traces=10)


@pytest.mark.parametrize("number", OTHERS)
def test_models_and_certificates(minimum, tmp_path, number):
    neural_exec.save(minimum, tmp_path)
    certificates.keep(tmp_path, {"minimum": dict(weights="", program="", kernel="", ok=True)})
    assert certificates.read(tmp_path) == neural_exec.load(tmp_path).certificates != {}
    in_json(tmp_path / "certificates.json", number)
    for load in (lambda: neural_exec.load(tmp_path), lambda: certificates.keep(tmp_path, {})):
        refused(number, load, tmp_path / "certificates.json", "delete it, and certify again")
    in_json(tmp_path / "config.json", number)
    for load in (lambda: neural_exec.load(tmp_path), lambda: register_files(tmp_path)):
        refused(number, load, tmp_path, "train it again")


@pytest.mark.parametrize("number", OTHERS)
def test_additions(number, tmp_path, added):
    executor, whole = added
    path = tmp_path / "x.addition.safetensors"
    path.write_bytes(whole)
    neural_exec.load("core", [path])
    in_metadata(path, "addition", number)
    for load in (lambda: neural_exec.load("core", [path]), lambda: register_files("core", [path])):
        refused(number, load, path, "add the algorithm again")


@pytest.fixture(scope="module")
def added(tmp_path_factory):
    executor = neural_exec.load("core")
    executor.add("bubble_sort", traces=10, sizes=[])
    path = neural_exec.save_addition(executor, "bubble_sort", tmp_path_factory.mktemp("added"))
    return executor, path.read_bytes()


@pytest.mark.parametrize("number", OTHERS)
def test_trainings(number, tmp_path):
    plan = dict(algorithms=["minimum"], traces=4, out=tmp_path, recipe=Recipe(max_updates=1))
    neural_exec.train(**plan)
    path = tmp_path / "training.safetensors"
    in_metadata(path, "record", number)
    refused(
        number, lambda: neural_exec.train(**plan, resume=True), path, "start again, with --overwrite (overwrite=True)"
    )


@pytest.mark.parametrize("number", OTHERS)
def test_the_baseline(number, tmp_path):
    mpnn.Baseline(["minimum"], hidden=4).save(tmp_path)
    assert mpnn.Baseline.load(tmp_path).algorithms == ["minimum"]
    in_json(tmp_path / "config.json", number)
    refused(number, lambda: mpnn.Baseline.load(tmp_path), tmp_path / "config.json", "train the baseline again")


def test_what_is_bundled_is_of_these_formats():
    assert json.loads((ROOT / "neural_exec/baselines/mpnn/config.json").read_text())["format"] == mpnn.FORMAT
    for name in neural_exec.bundled():
        assert json.loads((ROOT / f"neural_exec/models/{name}/config.json").read_text())["format"] == files.FORMAT


@pytest.mark.parametrize("number", [0, 99, "x"])
def test_traces(number, tmp_path):
    path = tmp_path / "t.npz"
    algorithms.trace("bfs", nx.path_graph(3), source=0).save(path)
    with np.load(path) as f:
        arrays = {k: f[k] for k in f.files}
    meta = json.loads(str(arrays["meta"]))
    np.savez(path, **arrays | {"meta": np.array(json.dumps(with_format(meta, number)))})
    with pytest.raises(InputError, match=rf"format {number!r}, .*reads format {trace_files.FORMAT}.*Make it again"):
        algorithms.Trace.load(path)


def test_the_page_says_which_formats_there_are():
    table = (ROOT / "docs" / "machine.md").read_text().split("## Files")[1]
    said = re.findall(r"^\| ([^:|]+): [^|]* \| (\d+) \|", table, re.MULTILINE)
    assert {name: int(number) for name, number in said} == FORMATS
