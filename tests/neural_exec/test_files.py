"""Files that are saved: readable as the umask says, and there whole or not at all."""

import os
import stat

import networkx as nx
import pytest

import algorithms
import neural_exec
from neural_exec.files import write
from neural_exec.gnn.mpnn import Baseline
from neural_exec.plotting import plot_trace
from neural_exec.training.trainer import Recipe

SHORT = dict(traces=4, recipe=Recipe(max_updates=1))


@pytest.fixture(params=[0o022, 0o027, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_all_that_is_written_is_readable_as_the_umask_says(umask, tmp_path):
    executor = neural_exec.train(algorithms=["minimum"], out=tmp_path / "model", **SHORT)  # and what resumes it
    executor.add("bubble_sort", traces=2, sizes=[])
    neural_exec.save_addition(executor, "bubble_sort", tmp_path)
    Baseline(["minimum"], hidden=8).save(tmp_path / "baseline")
    graph = nx.path_graph(3)
    trace = algorithms.trace("bfs", graph, source=0)
    trace.save(tmp_path / "trace.npz")
    plot_trace(trace, tmp_path / "plot.png")
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert len(files) >= 8 and {p.name for p in files} >= {"training.safetensors", "config.json", "model.safetensors"}
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in files} == dict.fromkeys(
        (p.name for p in files), 0o666 & ~umask
    )


def test_a_file_is_there_whole(tmp_path, monkeypatch):
    path = tmp_path / "x"
    write(path, b"before")
    monkeypatch.setattr(os, "replace", lambda *a: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write(path, b"after")
    assert path.read_bytes() == b"before"
