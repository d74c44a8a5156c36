"""Several processes come to what one comes to; so do those of another back end of joblib's."""

from dataclasses import replace

import joblib
import pytest
import torch

import algorithms
import neural_exec
from neural_exec.parallel import each


def timeless(report) -> list:
    return [replace(row, seconds=0.0) for row in report.rows]


def test_jobs_keep_their_order():
    assert list(each(pow, [(2, n) for n in range(9)], workers=2)) == [2**n for n in range(9)]


def test_an_evaluation():
    executor = neural_exec.load("core")
    options = dict(algorithms=["bfs", "minimum"], sizes=[5, 9], graphs=7, seeds=[0, 1])
    told = []
    report = neural_exec.evaluate(executor, workers=2, report=told.append, **options)
    assert timeless(report) == timeless(neural_exec.evaluate(executor, **options)) and told == report.rows


def test_a_training():
    options = dict(algorithms=["bfs", "minimum"], seed=1, traces=30)
    one, two = (neural_exec.train(**options, workers=n) for n in (1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one.step.state_dict().values(), two.step.state_dict().values()))
    assert one.machines["bfs"].to_dict() == two.machines["bfs"].to_dict()


def test_an_algorithm_of_a_file(tmp_path):
    text = (algorithms.rooms.HOME / "searching" / "minimum.py").read_text().replace("def minimum(", "def elsewhere(")
    (file := tmp_path / "elsewhere.py").write_text(text)
    name = algorithms.register(file)
    assert neural_exec.train(algorithms=[name], traces=30, workers=2).info["inexact"] == []


def test_a_cluster_of_two():
    distributed = pytest.importorskip("distributed")
    executor, options = neural_exec.load("core"), dict(algorithms=["minimum"], sizes=[5, 9], graphs=7)
    one = neural_exec.evaluate(executor, **options)
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, distributed.Client(cluster), joblib.parallel_config("dask"):
        assert timeless(neural_exec.evaluate(executor, workers=2, **options)) == timeless(one)
