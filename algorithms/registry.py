"""Finds algorithms: a file `algorithms/CHAPTER/NAME.py` that holds one `@algorithm`-decorated program is one."""

from __future__ import annotations

import copyreg
import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

from algorithms import fingerprint as _fingerprint
from algorithms.declared import declared
from algorithms.errors import AuthorError, NeuralExecError, UnknownAlgorithmError, did_you_mean
from algorithms.machine.probes import Probe
from algorithms.rooms import HOME, ROOMS
from algorithms.spec import Spec

__all__ = [
    "SUITES", "algorithm", "chapters", "digest", "file_of", "fingerprint", "get", "is_known", "names", "register",
    "suite",
]  # fmt: skip

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
        "segments_intersect", "strongly_connected_components", "task_scheduling_clrs30", "topological_sort",
    ),
}  # fmt: skip

_REGISTERED: dict[str, tuple[Spec, Path | None]] = {}  # algorithms that are not the package's


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
    time: Callable[[int, int], float] | None = None,
    sense: str | None = None,
) -> Callable[[Callable], Spec]:
    """Decorator: a program becomes a `Spec`. Its name is the function's, its chapter the folder's.

    source: textbook and section. structure: `Graph(...)` or `Sequence(...)`. ticks: `f(n, m)`, a bound.
    families: of samples, as in `algorithms.sampling`. sample: `f(rng, n, family)` -> (data, arguments).
    check: `f(outputs, data, **arguments)` -> {output: list of bool}, by an independent reference.
    time: `f(n, m)`, the textbook's bound on time up to a factor, where it does not grow as `ticks`.
    sense: "min" or "max", where its value is an optimum, linear in its numbers: the least, or greatest, w·y over
    solutions y. (A maximal flow is a minimal cut.) Losses of layers go by it.
    """

    def decorate(program: Callable) -> Spec:
        module = sys.modules[program.__module__]
        spec = Spec(
            name=program.__name__,
            chapter=program.__module__.split(".")[-2] if "." in program.__module__ else "",
            source=source,
            structure=structure,
            probes=tuple(probes),
            outputs=outputs,
            ticks=ticks,
            time=time,
            sense=sense,
            families=families,
            sample=sample,
            check=check,
            program=program,
            doc=inspect.cleandoc(module.__doc__ or ""),
        )
        return declared(spec)

    return decorate


@cache
def _files() -> dict[str, str]:
    """name -> module, for every algorithm's file."""
    out = {}
    for path in sorted(HOME.glob("*/*.py")):
        if not path.stem.startswith("_") and path.parent.name not in ROOMS:
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


def register(algorithm: str | Path | Spec) -> str:
    """Make an algorithm known that is not the package's: a file that holds one, or a Spec. Its name, for `get`.

    A file registered again is read again. Raises UnknownAlgorithmError where there is no such file, AuthorError where
    it holds no algorithm of its name, cannot be imported, or takes the name of another algorithm.
    """
    path = None if isinstance(algorithm, Spec) else _file(algorithm)
    name = algorithm.name if isinstance(algorithm, Spec) else _file(algorithm).stem
    other = _REGISTERED.get(name, (None, path))
    if name in _files() or (other[1] != path if path else other[0] not in (None, algorithm)):
        raise AuthorError(f"{path or name}: another algorithm is called {name!r}; rename the file and its program")
    spec = algorithm if isinstance(algorithm, Spec) else _read(_file(algorithm))
    _REGISTERED[name] = spec, path
    fingerprint.cache_clear()
    return name


def _file(path: str | Path) -> Path:
    """A file that may hold an algorithm. Raises UnknownAlgorithmError where it is none."""
    file = Path(path).resolve()
    if not file.is_file() or file.suffix != ".py":
        raise UnknownAlgorithmError(f"{path}: no Python file of an algorithm is there")
    return file


def is_known(name: str) -> bool:
    """Is there an algorithm of that name, of the package or registered?"""
    return name in _REGISTERED or name in _files()


def _recall(name: str, file: str | None) -> Spec:
    """The algorithm that was pickled, in a process that need not know it yet."""
    if file and not is_known(name):
        register(file)
    return get(name)


def _reduce(spec: Spec) -> tuple:
    """A Spec, whose functions do not pickle, travels by its name, and that of its file."""
    if not is_known(spec.name) or get(spec.name) is not spec:
        raise AuthorError(f"{spec.name} is pickled by its name, and not registered; algorithms.register it first")
    return _recall, (spec.name, file_of(spec.name).get("file"))


copyreg.pickle(Spec, _reduce)


def file_of(name: str) -> dict[str, str]:
    """Where a registered algorithm is from, for a record: its file and the file's digest. Empty for others."""
    path = _REGISTERED.get(name, (None, None))[1]
    return dict(file=str(path), digest=digest(path)) if path else {}


def digest(file: str | Path) -> str:
    """Of a file's bytes; empty where there is none."""
    path = Path(file)
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def _read(path: Path) -> Spec:
    """The algorithm that a file outside the package holds."""
    name = f"algorithms.added.{path.stem}"
    loaded = importlib.util.spec_from_file_location(name, path)
    assert loaded is not None and loaded.loader is not None  # as of every file of Python's
    module = sys.modules[name] = importlib.util.module_from_spec(loaded)
    try:
        loaded.loader.exec_module(module)
    except NeuralExecError:
        raise
    except Exception as e:
        raise AuthorError(f"{path} cannot be imported: {type(e).__name__}: {e}") from e
    spec = getattr(module, path.stem, None)
    if not isinstance(spec, Spec):
        raise AuthorError(f"{path} must hold a program {path.stem!r} decorated with @algorithm")
    return spec


@cache
def fingerprint(name: str) -> str:
    """Of what an algorithm executes (`algorithms/fingerprint.py`): changes when that does, not when a comment does."""
    return _fingerprint.fingerprint(get(name))


def get(name: str) -> Spec:
    """The spec of an algorithm. Raises UnknownAlgorithmError with the nearest names."""
    if isinstance(name, str) and name in _REGISTERED:
        return _REGISTERED[name][0]
    if not isinstance(name, str) or name not in _files():
        raise UnknownAlgorithmError(f"no algorithm {name!r}{did_you_mean(name, _files())}")
    module = importlib.import_module(_files()[name])
    spec = getattr(module, name, None)
    if not isinstance(spec, Spec):
        raise AuthorError(f"{module.__name__} must hold a program {name!r} decorated with @algorithm")
    return spec
