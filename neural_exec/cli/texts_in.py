"""Texts from a file, from standard input, or as they are typed: edge lists, lists of numbers, JSON, GraphML.

An edge list has a line `u v` or `u v weight` for each edge, separated by commas, semicolons, tabs or blanks, as its
first line is. A comment is a `#` at the start of a line or after a blank, and all that follows; a field in double
quotes may hold anything. Labels that read as whole numbers are numbers.

The first line is a heading if its two labels occur in no other line and either they are words such as `source` and
`target`, or all other lines' labels (or weights) are numbers and nothing in it is. A heading's columns, but for the
ends, are attributes of edges. Everything that cannot be read raises InputError, which says where.
"""

from __future__ import annotations

import csv
import json
import math
import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx

from algorithms.errors import InputError

__all__ = ["content", "edge_list", "graphml", "is_file", "json_of", "number", "numbers", "quoted"]

_MARKS = (  # how a text of each encoding may begin; the long ones first
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_WORD = re.compile(r'"((?:[^"]|"")*)"(?=[ \t]|$)|([^ \t]+)')  # quoted, or not
_UV = ("u", "v")  # likely labels too, where a line is no row of a table
_ENDS = [
    ("source", "target"), ("from", "to"), ("src", "dst"), ("tail", "head"), _UV,
    *((f"{word}{blank}1", f"{word}{blank}2") for word in ("id", "node", "vertex") for blank in ("", "_", " ")),
]  # fmt: skip
"""What headings call the two ends of an edge."""


def is_file(text: str) -> bool:
    """Is it `-`, for standard input, or the name of a file that is there?"""
    return text == "-" or os.path.exists(text)


def quoted(text: str, most: int = 60) -> str:
    """For a message."""
    return repr(text if len(text) <= most else text[:most] + "…")


def content(text: str) -> tuple[str, str]:
    """The text of a file or of standard input (`-`), its lines ended by a line feed, and what to call it in a message.

    UTF-8, or what a byte order mark says: UTF-8, UTF-16, UTF-32."""
    where = "standard input" if text == "-" else text
    if text == "-" and sys.stdin is None:
        raise InputError("standard input is closed")
    try:
        raw = sys.stdin.buffer.read() if text == "-" else Path(text).read_bytes()
    except OSError as e:
        raise InputError(f"cannot read {where}: {e.strerror or e}") from e
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    try:
        out = raw.decode(encoding)
    except UnicodeDecodeError as e:
        raise InputError(f"cannot read {where}: byte {e.start} is no {encoding.upper()}; save it as UTF-8") from e
    out = out.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in out:
        line = out[: out.index("\0")].count("\n") + 1
        raise InputError(f"cannot read {where}: line {line} holds a NUL; it is no text, or no UTF-8")
    return out, where


def number(text: str, what: str) -> int | float:
    """A whole number as it is, exactly; another as the nearest float64. what: for the message."""
    if not _NUMBER.fullmatch(text):
        raise InputError(f"{what} is {quoted(text)}; a number is needed")
    try:
        return int(text)
    except ValueError:  # no whole number, or more digits than Python reads
        out = float(text)
    if not math.isfinite(out) or (out == 0 and re.search(r"[1-9]", re.split("[eE]", text)[0])):
        raise InputError(f"{what} is {quoted(text)}; it is too {'small' if out == 0 else 'large'} for a float64")
    return out


def numbers(text: str, where: str) -> list:
    """Numbers separated by commas or blanks, on any number of lines, or a JSON list."""
    if text.lstrip().startswith("["):
        return json_of(text, where)
    out: list = []
    for i, line in enumerate(text.split("\n"), 1):
        place = f"{where}, line {i}" if "\n" in text.strip() else where
        words = [w.split() for w in line.split(",")]
        if not words[-1]:  # a comma may end a line
            words.pop()
        for parts in words:
            if not parts:
                raise InputError(f"{place}: element {len(out)} is empty; there is nothing between two commas")
            for word in parts:
                out.append(number(word, f"{place}: element {len(out)}"))
    return out


def json_of(text: str, where: str):
    """What a text of JSON says. Raises InputError where it is none, or holds what no float64 is, or a name twice."""
    refuse = lambda x: number(x, f"{where}: a number")

    def record(pairs: list) -> dict:
        if len(out := dict(pairs)) < len(pairs):
            twice = next(k for k, _ in pairs if [key for key, _ in pairs].count(k) > 1)
            raise InputError(f"{where}: {twice!r} is given twice")
        return out

    try:
        return json.loads(text, parse_float=refuse, parse_constant=refuse, parse_int=refuse, object_pairs_hook=record)
    except InputError:
        raise
    except RecursionError as e:
        raise InputError(f"{where}: the lists are nested too deep") from e
    except ValueError as e:
        raise InputError(f"{where} is no JSON{' list' * text.lstrip().startswith('[')}: {e}") from e


def graphml(path: str) -> nx.Graph:
    """The graph in a GraphML file, each attribute that an edge leaves out with the default that the file declares."""
    try:
        root = ElementTree.parse(path).getroot()
        graph = nx.read_graphml(path)
    except OSError as e:
        raise InputError(f"cannot read {path}: {e.strerror or e}") from e
    except Exception as e:  # a file of another kind trips the reader anywhere
        raise InputError(f"{path} is no GraphML: {e or type(e).__name__}") from e
    tags = lambda elements, name: [x for x in elements if x.tag.rpartition("}")[2] == name]
    if len(graphs := tags(root, "graph")) > 1:
        raise InputError(f"{path} holds {len(graphs)} graphs; one is needed")
    for edge in tags(root.iter(), "edge"):
        if None in (edge.get("source"), edge.get("target")):
            raise InputError(f"{path}: edge {dict(edge.attrib)} has no source or no target")
    for name, value in graph.graph.get("edge_default", {}).items():
        for _, _, data in graph.edges(data=True):
            data.setdefault(name, value)
    return graph


def edge_list(text: str, where: str, directed: bool) -> tuple[nx.Graph, str]:
    """The graph, and a note on what had to be decided ("" if nothing)."""
    graph = nx.DiGraph() if directed else nx.Graph()
    lines = [(i, line) for i, line in enumerate(map(_uncommented, text.split("\n")), 1) if line.strip(" \t")]
    if not lines:
        return graph, ""
    start, first = lines[0]
    place = f"{where}, line {start}: {quoted(first.strip())}"
    unquoted = re.sub(r'"([^"]|"")*"', "", first)
    separator = next((s for s in ",;\t" if s in unquoted), " ")
    rows = [_fields(line, separator, f"{where}, line {i}") for i, line in lines]
    head, rest, notes = rows[0], rows[1:], []
    heading = _ends_of_heading(head, rest, separator)
    if heading:
        ends, columns, most = heading, _attributes(head, heading, place), len(head)
        lines, rows = lines[1:], rest
        notes.append(f"is taken for a heading{', of attributes ' * bool(columns)}{', '.join(columns.values())}")
    else:
        ends, columns, most = (0, 1), {2: "weight"}, 3
        if separator != " " and rest and _alone(head, rest) and not any(map(_NUMBER.fullmatch, head)):
            notes.append("is taken for an edge, not for a heading, which would begin with #")
    before: dict = {}  # edge -> its line
    for (i, line), row in zip(lines, rows):
        whole = max(ends) < len(row) <= most and all(row[k] for k in (ends if heading else range(len(row))))
        if not whole:
            raise InputError(f"{where}, line {i}: {quoted(line.strip())} is no edge; write it as 'u v' or 'u v weight'")
        u, v = (_label(row[k]) for k in ends)
        given = {name: row[k] for k, name in columns.items() if k < len(row) and row[k]}
        data = {name: _attribute(name, word, f"{where}, line {i}: the {name}") for name, word in given.items()}
        key = (u, v) if directed else frozenset((u, v))
        if key in before and graph[u][v] != data:
            raise InputError(f"{where}, line {i}: edge ({u!r}, {v!r}) is on line {before[key]} with another weight")
        before.setdefault(key, i)
        graph.add_edge(u, v, **data)
    blanks = [] if separator == " " or where.lower().endswith(".csv") else [v for v in graph if " " in str(v)]
    if blanks:
        notes.append(f"separates by {separator!r}, so that {quoted(blanks[0])} is one label")
    return graph, f"{place} {' and '.join(notes)}" if notes else ""


def _uncommented(line: str) -> str:
    is_quoted = False
    for i, c in enumerate(line) if "#" in line else ():
        is_quoted ^= c == '"'
        if c == "#" and not is_quoted and (i == 0 or line[i - 1] in " \t"):
            return line[:i]
    return line


def _fields(line: str, separator: str, place: str) -> list[str]:
    if separator == " ":
        words = [(q.replace('""', '"'), word) for q, word in _WORD.findall(line)]
        bad = any(word.startswith('"') for _, word in words)
        out = [q or word for q, word in words]
    else:
        try:
            (out,) = csv.reader([line], delimiter=separator, skipinitialspace=separator != "\t", strict=True)
            bad = False
        except csv.Error:
            bad = True
    if bad:
        raise InputError(f"{place}: {quoted(line.strip())} has a quote that does not end where its field does")
    return [w.strip(" \t") for w in out]


def _ends_of_heading(head: list[str], rest: list[list[str]], separator: str) -> tuple[int, int] | None:
    """The columns of the two ends, where the first line is a heading; see the module."""
    names = [w.lower() for w in head]
    pairs = [p for p in _ENDS if {*p} <= {*names} and (p != _UV or separator != " ")]
    ends = (names.index(pairs[0][0]), names.index(pairs[0][1])) if pairs else (0, 1)
    are_numbers = lambda k: rest and len(head) > k and all(len(r) > k and _NUMBER.fullmatch(r[k]) for r in rest)
    likely = pairs or (are_numbers(0) and are_numbers(1)) or are_numbers(2)
    if not likely or any(map(_NUMBER.fullmatch, head)) or head[ends[0]] == head[ends[1]]:
        return None
    return ends if _alone([head[k] for k in ends], rest) else None


def _alone(labels: list[str], rest: list[list[str]]) -> bool:
    """Does no other line hold one of the two labels?"""
    return not {*labels[:2]} & {w for r in rest for w in r}


def _attributes(head: list[str], ends: tuple[int, int], place: str) -> dict[int, str]:
    """column -> name of the attribute that stands there."""
    names = {k: "weight" if w.lower() == "weight" else w for k, w in enumerate(head) if w}
    if not {*ends} <= names.keys() or "weight" in [names[k] for k in ends] or len({*names.values()}) < len(names):
        raise InputError(f"{place} is no heading; name each column once, those of the ends source and target")
    return {k: w for k, w in names.items() if k not in ends}


def _label(word: str) -> int | str:
    try:
        return int(word) if _WHOLE.fullmatch(word) else word
    except ValueError:  # more digits than Python reads
        return word


def _attribute(name: str, word: str, what: str) -> int | float | str:
    return number(word, what) if name == "weight" or _NUMBER.fullmatch(word) else word
