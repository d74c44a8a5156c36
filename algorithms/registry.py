"""Finds algorithms: a file `algorithms/CHAPTER/NAME.py` that holds one `@algorithm`-decorated program is one."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from algorithms.errors import AuthorError, UnknownAlgorithmError, did_you_mean
from algorithms.spec import Probe, Spec

__all__ = ["SUITES", "algorithm", "chapters", "fingerprint", "get", "names", "suite"]

SUITES: dict[str, tuple[str, ...]] = {
    "core": (
        "bfs", "dfs", "connected_components", "bellman_ford", "dijkstra", "dag_shortest_paths", "mst_prim",
        "mst_kruskal", "topological_sort", "insertion_sort", "heapsort", "quicksort", "minimum", "binary_search",
    ),
    "clrs30": (
        "activity_selector", "articulation_points", "bellman_ford", "bfs", "binary_search", "bridges", "bubble_sort",
        "dag_shortest_paths", "dfs", "dijkstra", "find_maximum_subarray_kadane", "floyd_warshall", "graham_scan",
        "heapsort", "insertion_sort", "jarvis_march", "kmp_matcher", "lcs_length", "matrix_chain_order", "minimum",
        "mst_kruskal", "mst_prim", "naive_string_matcher", "optimal_bst", "quickselect", "quicksort",
        "segments_intersect", "strongly_connected_components", "task_scheduling", "topological_sort",
    ),
}  # fmt: skip

_HOME = Path(__file__).parent


def algorithm(
    *,
    source: str,
    structure,
    probes: list[Probe],
    outputs: dict,
    ticks: Callable[[int, int], int],
    families: dict[str, tuple[str, ...]],
    sample: Callable,
    check: Callable,
) -> Callable[[Callable], Spec]:
    """Decorator: a program becomes a `Spec`. Its name is the function's, its chapter the folder's.

    source: textbook and section. structure: `Graph(...)` or `Sequence(...)`. ticks: `f(n, m)`, a bound.
    families: of samples, as in `algorithms.sampling`. sample: `f(rng, n, family)` -> (data, arguments).
    check: `f(outputs, data, **arguments)` -> {output: list of bool}, by an independent reference.
    """

    def decorate(program: Callable) -> Spec:
        module = sys.modules[program.__module__]
        return Spec(
            name=program.__name__,
            chapter=program.__module__.split(".")[-2] if "." in program.__module__ else "",
            source=source,
            structure=structure,
            probes=tuple(probes),
            outputs=outputs,
            ticks=ticks,
            families=families,
            sample=sample,
            check=check,
            program=program,
            doc=inspect.cleandoc(module.__doc__ or ""),
        )

    return decorate


@cache
def _files() -> dict[str, str]:
    """name -> module, for every algorithm's file."""
    out = {}
    for path in sorted(_HOME.glob("*/*.py")):
        if not path.stem.startswith("_"):
            out[path.stem] = f"algorithms.{path.parent.name}.{path.stem}"
    return out


def names() -> list[str]:
    """All algorithms, by chapter and name."""
    return list(_files())


def chapters() -> dict[str, list[str]]:
    """chapter -> its algorithms."""
    out: dict[str, list[str]] = {}
    for name, module in _files().items():
        out.setdefault(module.split(".")[1], []).append(name)
    return out


def suite(name: str) -> list[str]:
    """The algorithms of a suite (`all`: every one there is). Raises UnknownAlgorithmError with the suites there are."""
    if name == "all":
        return names()
    if name not in SUITES:
        raise UnknownAlgorithmError(f"no suite {name!r}{did_you_mean(name, [*SUITES, 'all'])}")
    return list(SUITES[name])


@cache
def fingerprint(name: str) -> str:
    """Changes when an algorithm's code does (its file or a helper that it imports), not when a comment does."""
    get(name)
    digest, seen, todo = hashlib.sha256(), set(), [_files()[name]]
    while todo:
        module = todo.pop()
        tree = ast.parse((_HOME.parent / (module.replace(".", "/") + ".py")).read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.FunctionDef) and ast.get_docstring(node) is not None:
                node.body = node.body[1:] or [ast.Pass()]
            helper = getattr(node, "module", None) if isinstance(node, ast.ImportFrom) else None
            if helper and helper.split(".")[-1].startswith("_") and helper not in seen:
                seen.add(helper)
                todo.append(helper)
        digest.update(ast.unparse(tree).encode())
    return digest.hexdigest()[:16]


def get(name: str) -> Spec:
    """The spec of an algorithm. Raises UnknownAlgorithmError with the nearest names."""
    if not isinstance(name, str) or name not in _files():
        raise UnknownAlgorithmError(f"no algorithm {name!r}{did_you_mean(name, _files())}")
    module = importlib.import_module(_files()[name])
    spec = getattr(module, name, None)
    if not isinstance(spec, Spec):
        raise AuthorError(f"{module.__name__} must hold a program {name!r} decorated with @algorithm")
    return spec
