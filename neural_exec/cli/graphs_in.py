"""What the command line is given, as an algorithm takes it: a named graph, a file, standard input, or a list of numbers
as it is typed. How texts are read is `neural_exec.cli.texts_in`. What cannot be read raises InputError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

from algorithms.errors import ArgumentError, InputError, did_you_mean
from algorithms.spec import Spec
from neural_exec.cli.texts_in import content, edge_list, graphml, is_file, json_of, number, numbers, quoted

__all__ = [
    "EXAMPLES", "read_arguments", "read_call", "read_data", "read_graph", "read_label", "read_numbers", "read_weighted",
]  # fmt: skip

# other formats, whose lines would read as edges
_FOREIGN = {".adjlist", ".dot", ".gexf", ".gml", ".gv", ".json", ".mtx", ".net"}


@dataclass(frozen=True)
class Named:
    """A graph that has a name. example: as it is written; arguments: what follows the name, each group a number;
    make: `f(seed, *numbers)`."""

    example: str
    arguments: str
    make: Callable[..., nx.Graph]


_SHARE = r"(0?\.\d+|0|1|1\.0+)"  # a number from 0 to 1


def _dag(seed: int, n: int, p: float) -> nx.DiGraph:
    """Every edge of a random graph points up a random order."""
    rank = np.random.default_rng(seed).permutation(n)
    out = nx.DiGraph()
    out.add_nodes_from(range(n))
    edges = nx.gnp_random_graph(n, p, seed=seed).edges()
    out.add_edges_from((u, v) if rank[u] < rank[v] else (v, u) for u, v in edges)
    return out


_NAMED = {
    "karate": Named("karate", "", lambda seed: nx.karate_club_graph()),
    "petersen": Named("petersen", "", lambda seed: nx.petersen_graph()),
    "grid": Named(
        "grid:8x8", r"(\d+)x(\d+)", lambda seed, a, b: nx.convert_node_labels_to_integers(nx.grid_2d_graph(a, b))
    ),
    "path": Named("path:10", r"(\d+)", lambda seed, n: nx.path_graph(n)),
    "cycle": Named("cycle:10", r"(\d+)", lambda seed, n: nx.cycle_graph(n)),
    "star": Named("star:10", r"(\d+)", lambda seed, n: nx.star_graph(n - 1)),
    "complete": Named("complete:6", r"(\d+)", lambda seed, n: nx.complete_graph(n)),
    "tree": Named("tree:20", r"(\d+)", lambda seed, n: nx.random_labeled_tree(n, seed=seed)),
    "er": Named("er:30:0.2", rf"(\d+):{_SHARE}", lambda seed, n, p: nx.gnp_random_graph(n, p, seed=seed)),
    "ba": Named("ba:30:2", r"(\d+):(\d+)", lambda seed, n, m: nx.barabasi_albert_graph(n, m, seed=seed)),
    "dag": Named("dag:20:0.2", rf"(\d+):{_SHARE}", _dag),
}

EXAMPLES = [named.example for named in _NAMED.values()]
"""How named graphs are written."""


def read_call(spec: Spec, text: str | None, given: dict[str, str], directed: bool = False, seed: int = 0) -> tuple:
    """(data, arguments, note): what an algorithm is called with, from what was typed. text: its data (None: they are
    among the arguments); given: arguments, as they were typed. Data and arguments are as `Executor.run` takes them.

    >>> from algorithms import get
    >>> read_call(get("binary_search"), None, {"values": "1,3,5", "target": "3"})
    ([1, 3, 5], {'target': 3}, '')
    """
    given, lists = dict(given), spec.structure.lists
    if lists:
        record, note = ({}, "") if text is None else read_data(spec, text, directed, seed)
        if not isinstance(record, dict):
            raise InputError(
                f"{spec.name} is called with {', '.join(lists)}; write a JSON record of them, or name each"
            )
        typed = {name: read_numbers(given.pop(name)) for name in lists if name in given}
        if twice := [*record.keys() & (typed.keys() | given.keys())]:
            raise ArgumentError(f"{spec.name}: {twice[0]} is given twice")
        return None, {**record, **typed, **read_arguments(spec, (), given)}, note
    name = spec.inputs[0]
    if name not in given and text is None:
        raise ArgumentError(f"{spec.name} needs {name}=…; it is called with {', '.join(spec.inputs)}")
    if name in given and text is not None:
        raise ArgumentError(f"{spec.name}: {name} is given twice, {quoted(text)} and {name}=…")
    if name == "text" and name in given:
        data, note = given.pop(name), ""  # the text itself, whatever files there are
    else:
        data, note = read_data(spec, given.pop(name) if text is None else text, directed, seed)
    return data, read_arguments(spec, data, given), note


def read_data(spec: Spec, text: str, directed: bool = False, seed: int = 0) -> tuple[Any, str]:
    """What an algorithm is called with, and a note on what was decided or made up for it ("" if nothing was).

    text: as for `read_graph`, or `read_numbers` where the algorithm takes a list. Else the text itself where it takes
    one, or JSON: a list (points, sequences), or a record of the lists that the algorithm takes by name; or a file that
    holds it, or `-` for standard input. A named graph without weights (or capacities) gets random ones, drawn from the
    seed, where the algorithm needs them.
    """
    kind = spec.structure.data
    if kind == "graph":
        name = _attribute(spec)
        return read_weighted(text, directed, seed, name if name in spec.inputs else None)
    if directed:
        raise ArgumentError(f"{spec.name} is called with {', '.join(spec.inputs)}; a list has no direction")
    if kind == "values":
        return read_numbers(text), ""
    said, where = content(text) if is_file(text) else (text, "")
    if kind == "text":
        note = f"the text is what {where} holds, without its last line's end" if where else ""
        return said.removesuffix("\n") if where else text, note
    try:
        return json_of(said, where or quoted(text)), ""
    except InputError as e:
        record = "{" + ", ".join(f'"{name}": …' for name in spec.inputs) + "}"
        shape = "[…]" if kind in ("points", "sequences") else record
        raise InputError(f"{spec.name} is called with {', '.join(spec.inputs)}; write JSON, {shape}: {e}") from e


def read_weighted(text: str, directed: bool, seed: int, name: str | None) -> tuple[nx.Graph, str]:
    """As `read_graph`, and a note; a named graph whose edges hold nothing gets random numbers under `name`, if any."""
    graph, note = _read(text, directed, seed)
    if name is None or not _is_named(text) or any(d for *_, d in graph.edges(data=True)):
        return graph, note
    rng = np.random.default_rng(seed)
    for _, _, d in graph.edges(data=True):
        d[name] = round(float(rng.uniform(0.1, 9.9)), 1)
    numbers = "capacities" if name == "capacity" else "weights"
    return graph, f"{text} has no {numbers}: random ones from 0.1 to 9.9 are used (seed {seed})"


def _attribute(spec: Spec) -> str:
    """The argument that names the attribute of edges that holds their numbers."""
    return spec.structure.attribute or "weight"


def read_arguments(spec: Spec, data: Any, given: dict[str, str]) -> dict[str, object]:
    """Arguments as they were typed -> as the algorithm takes them: numbers, and labels of the graph's own type.

    >>> import networkx as nx
    >>> from algorithms import get
    >>> read_arguments(get("bfs"), nx.path_graph(3), {"source": "2"})
    {'source': 2}
    """
    out: dict[str, object] = {}
    for name, text in given.items():
        probe = spec.by_name.get(name)
        what = f"{spec.name}: {name}"
        if name in spec.structure.optional:
            out[name] = _costs(what, text)
        elif name == _attribute(spec) and text == "none" and not _is_held(data, text):
            out[name] = None  # 1 each
        elif probe is None or name not in spec.inputs or name == _attribute(spec):
            out[name] = text
        elif probe.register == "scalar":
            out[name] = number(text, what)
        else:
            out[name] = read_label(data or (), text)
    return out


def _is_held(data: Any, attribute: str) -> bool:
    return isinstance(data, nx.Graph) and any(attribute in d for *_, d in data.edges(data=True))


def _costs(what: str, text: str) -> float | list:
    text = text.strip()
    try:
        if "," not in text and not text.startswith("["):
            return number(text, what)
        return json_of(text if text.startswith("[") else f"[{text}]", what)
    except InputError as e:
        raise InputError(f"{what} is {quoted(text)}; a number or a list of numbers is needed ({e})") from e


def read_label(labels: Iterable, text: str) -> object:
    """The label that reads so; the text itself where there is none."""
    return next((v for v in labels if str(v) == text), text)


def read_graph(text: str, directed: bool = False, seed: int = 0) -> nx.Graph:
    """A named graph (`karate`, `grid:8x8`), a `.graphml` file, a file that holds an edge list, or `-` for an edge list
    on standard input. directed: read an edge list as directed. seed: of named graphs that are random.

    >>> read_graph("grid:2x3").number_of_edges()
    7
    """
    return _read(text, directed, seed)[0]


def _read(text: str, directed: bool, seed: int) -> tuple[nx.Graph, str]:
    named = _is_named(text)
    if not (named or is_file(text)):
        raise InputError(f"{quoted(text)} is neither a file nor a named graph{did_you_mean(text, EXAMPLES)}")
    suffix = "" if named else Path(text).suffix.lower()
    if directed and (named or suffix == ".graphml"):
        raise ArgumentError(f"{text} has directions of its own or none; only an edge list can be read as directed")
    if suffix in _FOREIGN:
        raise InputError(f"{text} is no edge list, by its name; read it by networkx, and nx.write_graphml it")
    if named:
        return _make(text, seed), ""
    return (graphml(text), "") if suffix == ".graphml" else edge_list(*content(text), directed)


def read_numbers(text: str) -> list:
    """Numbers separated by commas or blanks (`3,1,2`), a JSON list, a file that holds either, or `-` for standard
    input. Whole numbers are ints, exactly.

    >>> read_numbers("3,1,2.5")
    [3, 1, 2.5]
    """
    if is_file(text):
        return numbers(*content(text))
    try:
        return numbers(text, "the list")
    except InputError as e:
        raise InputError(f"{quoted(text)} is no file and no list of numbers, such as 3,1,2 ({e})") from e


def _is_named(text: str) -> bool:
    return text.split(":")[0] in _NAMED


def _make(text: str, seed: int) -> nx.Graph:
    name, _, arguments = text.partition(":")
    named = _NAMED[name]
    match = re.fullmatch(named.arguments, arguments)
    if not match or (":" in text) != (":" in named.example):
        raise InputError(f"{text!r} is not how this graph is written; write it as {named.example}")
    try:
        return named.make(seed, *(float(x) if "." in x else int(x) for x in match.groups()))
    except (nx.NetworkXException, ValueError, OverflowError, MemoryError) as e:
        raise InputError(f"{quoted(text)} makes no graph: {e or type(e).__name__}") from e
