"""Finding algorithms; the package stands on numpy and networkx alone."""

import doctest
import importlib
import pkgutil
import subprocess
import sys

import pytest

import algorithms
from algorithms import registry
from algorithms.errors import AuthorError, NeuralExecError, UnknownAlgorithmError

MODULES = ["algorithms", *(m.name for m in pkgutil.walk_packages(algorithms.__path__, "algorithms."))]


def test_no_module_imports_torch():
    code = f"import sys\nfor name in {MODULES!r}:\n    __import__(name)\nprint(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout
    assert "'algorithms.sorting.quicksort'" in loaded and "'networkx'" in loaded
    for name in ("torch", "torch_geometric", "scipy", "safetensors", "neural_exec"):
        assert f"'{name}'" not in loaded, name


@pytest.mark.parametrize("module", [m for m in MODULES if m.count(".") < 2])
def test_examples_of_modules_run(module):
    assert doctest.testmod(importlib.import_module(module)).failed == 0


def test_names_are_the_files_of_the_chapters():
    chapters = algorithms.chapters()
    assert {"graphs", "searching", "sorting"} <= chapters.keys()
    assert [n for names in chapters.values() for n in names] == algorithms.names()
    assert {"binary_search", "minimum"} <= set(chapters["searching"])
    assert not [n for n in algorithms.names() if n.startswith("_")]
    for chapter, names in chapters.items():
        for name in names:
            spec = algorithms.get(name)
            assert (spec.name, spec.chapter) == (name, chapter)


def test_suites_hold_algorithms_once_each():
    for suite in registry.SUITES:
        names = registry.suite(suite)
        assert len(set(names)) == len(names) and set(names) <= set(algorithms.names())
    assert registry.suite("all") == algorithms.names()
    assert len(registry.suite("clrs30")) == 30
    with pytest.raises(UnknownAlgorithmError, match="no suite 'cor'; did you mean 'core'"):
        registry.suite("cor")


@pytest.mark.parametrize(
    "name, words",
    [
        ("dijsktra", "no algorithm 'dijsktra'; did you mean 'dijkstra'?"),
        ("prim", "did you mean 'mst_prim'"),
        ("sort", "'heapsort'"),
        ("zzz", "known: activity_selector, "),
        ("_search", "no algorithm '_search'"),
        (3, "no algorithm 3"),
        (["bfs"], "no algorithm ['bfs']"),
    ],
)
@pytest.mark.parametrize(
    "call", [algorithms.get, lambda n: algorithms.run(n, [1.0]), lambda n: algorithms.trace(n, [1.0])]
)
def test_an_unknown_name_gets_the_nearest(call, name, words):
    with pytest.raises(UnknownAlgorithmError) as error:
        call(name)
    assert words in str(error.value) and isinstance(error.value, NeuralExecError)


def test_a_file_without_its_program_is_refused(monkeypatch):
    monkeypatch.setattr(registry, "_files", lambda: {"paths": "algorithms.graphs._paths"})
    with pytest.raises(AuthorError, match=r"algorithms\.graphs\._paths must hold a program 'paths'"):
        algorithms.get("paths")
