"""Graphs and lists from words: a named graph, a file, standard input, or a list of numbers as it is typed.

An edge list has a line `u v` or `u v weight` for each edge, separated by blanks or commas; `#` starts a comment, and a
first line `source,target,…` is taken for a heading. Labels that read as whole numbers are numbers. Everything that
cannot be read raises InputError, which names the line.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np

from algorithms.cells import TwoSequences
from algorithms.errors import ArgumentError, InputError, did_you_mean
from algorithms.flows import Network
from algorithms.spec import Spec

__all__ = ["EXAMPLES", "read_arguments", "read_data", "read_graph", "read_label", "read_numbers", "read_weighted"]


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


def read_data(spec: Spec, text: str, directed: bool = False, seed: int = 0) -> tuple[object, str]:
    """What an algorithm is called with, and a note on what was made up for it ("" if nothing was).

    text: as for `read_graph`, or `read_numbers` where the algorithm takes a list; the text itself where it takes one;
    else JSON: a list (points, sequences), or a record of the lists that the algorithm takes by name. A named graph
    without weights (or capacities) gets random ones, drawn from the seed, where the algorithm needs them.
    """
    if spec.structure.data == "values":
        if directed:
            raise ArgumentError(f"{spec.name} is called with a list of numbers; a list has no direction")
        return read_numbers(text), ""
    if spec.structure.data != "graph":
        return (text if spec.structure.data == "text" else _from_json(spec, text)), ""
    name = _attribute(spec)
    return read_weighted(text, directed, seed, name if name in spec.inputs else None)


def read_weighted(text: str, directed: bool, seed: int, name: str | None) -> tuple[nx.Graph, str]:
    """As `read_graph`, and a note; a named graph whose edges hold nothing gets random numbers under `name`, if any."""
    graph = read_graph(text, directed, seed)
    if name is None or not _is_named(text) or any(d for *_, d in graph.edges(data=True)):
        return graph, ""
    rng = np.random.default_rng(seed)
    for _, _, d in graph.edges(data=True):
        d[name] = round(float(rng.uniform(0.1, 9.9)), 1)
    numbers = "capacities" if name == "capacity" else "weights"
    return graph, f"{text} has no {numbers}: random ones from 0.1 to 9.9 are used (seed {seed})"


def _attribute(spec: Spec) -> str:
    """The argument that names the attribute of edges that holds their numbers."""
    return "capacity" if isinstance(spec.structure, Network) else "weight"


def _from_json(spec: Spec, text: str) -> list | dict:
    try:
        out = json.loads(text)
    except ValueError as e:
        record = "{" + ", ".join(f'"{name}": …' for name in spec.inputs) + "}"
        shape = "[…]" if spec.structure.data in ("points", "sequences") else record
        raise InputError(
            f"{spec.name} is called with {', '.join(spec.inputs)}; write JSON, {shape}, not {text!r}"
        ) from e
    return out


def _costs(spec: Spec, name: str, text: str) -> float | list:
    try:
        return json.loads(f"[{text}]" if "," in text and not text.lstrip().startswith("[") else text)
    except ValueError as e:
        raise InputError(f"{spec.name}: {name} is {text!r}; a number or a list of numbers is needed") from e


def read_arguments(spec: Spec, data: object, given: dict[str, str]) -> dict[str, object]:
    """Arguments as they were typed -> as the algorithm takes them: numbers, and labels of the graph's own type.

    >>> import networkx as nx
    >>> from algorithms import get
    >>> read_arguments(get("bfs"), nx.path_graph(3), {"source": "2"})
    {'source': 2}
    """
    out: dict[str, object] = {}
    for name, text in given.items():
        probe = spec.by_name.get(name)
        if isinstance(spec.structure, TwoSequences) and name in spec.inputs:
            out[name] = _costs(spec, name, text)
        elif probe is None or name not in spec.inputs or name == _attribute(spec):
            out[name] = text
        elif probe.register == "scalar":
            out[name] = _number(text, f"{spec.name}: {name}")
        else:
            out[name] = read_label(data or (), text)
    return out


def read_label(labels: Iterable, text: str) -> object:
    """The label that reads so; the text itself where there is none."""
    return next((v for v in labels if str(v) == text), text)


def read_graph(text: str, directed: bool = False, seed: int = 0) -> nx.Graph:
    """A named graph (`karate`, `grid:8x8`), a `.graphml` file, a file that holds an edge list, or `-` for an edge list
    on standard input. directed: read an edge list as directed. seed: of named graphs that are random.

    >>> read_graph("grid:2x3").number_of_edges()
    7
    """
    named = _is_named(text)
    if not (named or text == "-" or os.path.exists(text)):
        raise InputError(f"{text!r} is neither a file nor a named graph{did_you_mean(text, EXAMPLES)}")
    graphml = not named and text.lower().endswith(".graphml")
    if directed and (named or graphml):
        raise ArgumentError(f"{text} has directions of its own or none; only an edge list can be read as directed")
    if named:
        return _make(text, seed)
    if graphml:
        return _graphml(text)
    content, where = _content(text)
    return _edge_list(content, where, directed)


def read_numbers(text: str) -> list:
    """Numbers separated by commas or blanks (`3,1,2`), a JSON list, a file that holds either, or `-` for standard
    input.

    >>> read_numbers("3,1,2")
    [3.0, 1.0, 2.0]
    """
    if text == "-" or os.path.exists(text):
        return _numbers(*_content(text))
    try:
        return _numbers(text, "the list")
    except InputError as e:
        raise InputError(f"{text!r} is no file and no list of numbers, such as 3,1,2 ({e})") from e


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
    except (nx.NetworkXException, ValueError) as e:
        raise InputError(f"{text!r} makes no graph: {e}") from e


def _content(text: str) -> tuple[str, str]:
    """The text of a file or of standard input (`-`), and what to call it in a message."""
    where = "standard input" if text == "-" else text
    try:
        return (sys.stdin.read() if text == "-" else Path(text).read_text(encoding="utf-8-sig")), where
    except OSError as e:
        raise InputError(f"cannot read {where}: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise InputError(f"cannot read {where}: it is no text") from e


def _graphml(path: str) -> nx.Graph:
    try:
        return nx.read_graphml(path)
    except OSError as e:
        raise InputError(f"cannot read {path}: {e.strerror or e}") from e
    except (nx.NetworkXException, ParseError, ValueError, KeyError) as e:
        raise InputError(f"{path} is no GraphML: {e}") from e


def _edge_list(content: str, where: str, directed: bool) -> nx.Graph:
    out = nx.DiGraph() if directed else nx.Graph()
    lines: dict[frozenset | tuple, int] = {}  # edge -> where it was
    for i, line in enumerate(content.splitlines(), 1):
        line = line.partition("#")[0].strip()
        words = [w.strip() for w in line.split(",")] if "," in line else line.split()
        if not words or (i == 1 and [w.lower() for w in words[:2]] == ["source", "target"]):
            continue
        if len(words) not in (2, 3) or not all(words):
            raise InputError(f"{where}, line {i}: {line!r} is no edge; write it as 'u v' or 'u v weight'")
        u, v = (_label(w) for w in words[:2])
        data = {"weight": _number(words[2], f"{where}, line {i}: the weight")} if len(words) == 3 else {}
        if out.has_edge(u, v) and out[u][v] != data:
            first = lines[(u, v) if directed else frozenset((u, v))]
            raise InputError(f"{where}, line {i}: edge ({u!r}, {v!r}) is on line {first} with another weight")
        lines[(u, v) if directed else frozenset((u, v))] = i
        out.add_edge(u, v, **data)
    return out


def _label(word: str) -> int | str:
    return int(word) if re.fullmatch(r"0|-?[1-9][0-9]*", word) else word


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputError(f"{what} is {text!r}; a number is needed") from None


def _numbers(content: str, where: str) -> list:
    if content.lstrip().startswith("["):
        try:
            return json.loads(content)
        except ValueError as e:
            raise InputError(f"{where} is no JSON list: {e}") from e
    out = []
    for i, line in enumerate(content.splitlines(), 1):
        for word in line.replace(",", " ").split():
            out.append(_number(word, f"{where}, line {i}: an element" if "\n" in content else f"{where}: an element"))
    return out
