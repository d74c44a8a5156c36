"""What the layout promises: who may know whom."""

import ast
import re
from pathlib import Path

import networkx as nx
import pytest

import algorithms

ROOT = Path(__file__).resolve().parents[1]
# The rooms, in the order in which data flows: each imports only itself and those before it
ORDER = """
algorithms: errors rooms vocabulary sampling
    machine inputs answers statements phases spec recording fingerprint declared registry author CHAPTERS
    merging verify trace_files course probe_data trace tiles contexts saturated drawing random_programs checking .
neural_exec: clash errors files defaults progress parallel
    network examples tensors runner rollout plain_executor prepared_graph
    certificates evaluation adding executor checkpoint training certification
    nn chains gnn plotting . cli __main__
"""
ROOMS = [
    f"{package}.{room}".removesuffix("..")
    for package, rooms in re.findall(r"(\w+):([^:]*)(?=\n|$)", ORDER)
    for room in rooms.split()
]
FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("algorithms", "neural_exec")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
PLACE = {room: i for i, room in enumerate(ROOMS)}


def room_of(module: str) -> str:
    """The innermost room that holds a module."""
    parts = module.split(".")
    if parts[0] == "algorithms" and parts[1:] and parts[1] in algorithms.chapters():
        return "algorithms.CHAPTERS"
    return next(r for k in range(len(parts), 0, -1) if (r := ".".join(parts[:k])) in PLACE)


def imports_of(module: str) -> set[str]:
    """The package's modules that one imports, wherever in its text, for type checkers alone too."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text())):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {sub if (sub := f"{node.module}.{a.name}") in FILES else node.module for a in node.names}
    return found & FILES.keys()


@pytest.mark.parametrize("module", FILES)
def test_a_room_imports_only_rooms_before_it(module):
    mine = PLACE[room_of(module)]
    later = sorted(m for m in imports_of(module) if PLACE[room_of(m)] > mine)
    assert not later, f"{module}, in {room_of(module)}, imports {later}"


def test_no_modules_import_one_another():
    graph = nx.DiGraph((m, other) for m in FILES for other in imports_of(m) if m.count(".") and other.count("."))
    assert list(nx.simple_cycles(graph)) == []


@pytest.mark.parametrize("module", [m for m in FILES if room_of(m) == "algorithms.CHAPTERS"])
def test_a_chapter_imports_the_authors_door_alone(module):
    """`author`, what an algorithm is called with and answers, its helpers, another algorithm's sampler or check."""
    doors = {"algorithms.author", "algorithms.answers", "algorithms.sampling", "algorithms.errors"}
    beyond = {m for m in imports_of(module) if room_of(m) not in ("algorithms.CHAPTERS", "algorithms.inputs")} - doors
    assert not beyond


NO_ALGORITHM = [
    path
    for module, path in FILES.items()
    if room_of(module).removeprefix("algorithms.") in ("machine", "recording", "contexts", "checking")
    or room_of(module).removeprefix("neural_exec.") in ("network", "tensors", "training")
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
