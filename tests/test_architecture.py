"""What the layout promises: who may know whom."""

import ast
from pathlib import Path

import pytest

import algorithms

ROOT = Path(__file__).resolve().parents[1]
NO_ALGORITHM = [
    *(
        ROOT / "algorithms" / f"{m}.py"
        for m in ("machine/__init__", "terms", "recorder", "proxies", "contexts", "checker")
    ),
    *(ROOT / "neural_exec" / f"{m}.py" for m in ("meaning", "step", "transitions", "training", "policy", "rollout")),
    *(
        ROOT / "neural_exec" / f"{m}.py"
        for m in ("batch", "batch_edges", "batch_rows", "gradients", "prepared", "calls")
    ),
    *(ROOT / "neural_exec" / f"{m}.py" for m in ("problems", "tensors_in", "tensors_out")),
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
