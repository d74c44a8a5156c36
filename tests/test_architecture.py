"""What the layout promises: who may know whom."""

import ast
import re
from pathlib import Path

import pytest

import algorithms

ROOT = Path(__file__).resolve().parents[1]
NO_ALGORITHM = [
    *sorted((ROOT / "algorithms" / "machine").glob("*.py")),
    *(ROOT / "algorithms" / f"{m}.py" for m in ("terms", "recorder", "proxies", "contexts", "checker")),
    *(ROOT / "neural_exec" / f"{m}.py" for m in ("meaning", "step", "transitions", "training", "policy")),
    *(ROOT / "neural_exec" / f"{m}.py" for m in ("prepared", "calls", "problems", "tensors_in", "tensors_out")),
]


def code_words(path: Path) -> set[str]:
    """Names, attributes and strings of a module, docstrings left out."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None
    }
    words = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.Attribute):
            words.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            words |= set(node.value.replace("=", " ").split())
    return words


@pytest.mark.parametrize("path", NO_ALGORITHM, ids=lambda p: p.stem)
def test_engine_names_no_algorithm(path):
    # `minimum` is also the machine's operation of that name
    assert not code_words(path) & (set(algorithms.names()) - {"minimum"})


def test_the_kernel_names_no_algorithm():
    text = (ROOT / "algorithms" / "machine" / "kernel.c").read_text()
    assert not set(re.findall(r"\w+", text)) & set(algorithms.names())


def test_nothing_is_evaluated_from_text():
    for folder in ("algorithms", "neural_exec", "benchmarks"):
        for path in (ROOT / folder).rglob("*.py"):
            calls = [
                n.func.id
                for n in ast.walk(ast.parse(path.read_text()))
                if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
            ]
            assert not {"eval", "exec"} & set(calls), path


@pytest.mark.parametrize("path", sorted((ROOT / "algorithms").rglob("*.py")), ids=lambda p: p.stem)
def test_algorithms_know_no_network(path):
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text()))
        for name in (
            [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not imported & {"torch", "torch_geometric", "neural_exec"}
