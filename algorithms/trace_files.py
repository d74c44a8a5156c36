"""Traces as `.npz` files and as JSON.

A file holds the arrays, and `meta`, a JSON text: the number of this format, the version that wrote it, what the arrays
are, and the labels in a form that gives them back as they were.
"""

from __future__ import annotations

import json
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import numpy as np

from algorithms.errors import InputError

__all__ = ["FORMAT", "json_label", "plain", "reading", "write"]

FORMAT = 3  # 1 had no number, and other probes in every file; 2 held states


def write(path: str | Path, arrays: dict[str, np.ndarray], labels: list, record: dict) -> None:
    coded = [_coded(v, i) for i, v in enumerate(labels)]
    meta = json.dumps(dict(format=FORMAT, version=_version(), labels=coded, **record))
    with open(path, "wb") as f:  # given a path, numpy would append .npz to it
        np.savez_compressed(f, meta=np.array(meta), **arrays)  # type: ignore[arg-type]  # none is `allow_pickle`


@contextmanager
def reading(path: str | Path) -> Iterator[tuple[Mapping, list, dict]]:
    """(arrays, labels, record) of what `write` wrote. What they turn out not to hold is told of the file."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            record = json.loads(str(arrays["meta"]))
            if record.get("format") != FORMAT:
                raise InputError(_of_another_format(path, record))
            yield arrays, [_label(v) for v in record["labels"]], record
    except InputError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error) as e:
        raise InputError(f"{path} is no trace saved by Trace.save: {e}") from e


def _of_another_format(path: str | Path, meta: dict) -> str:
    number = meta.get("format", 1)
    by = f"neural-exec {meta['version']}" if "version" in meta else "a version that did not number its files"
    return (
        f"{path} is a trace of format {number!r}, written by {by}; this version ({_version()}) reads format {FORMAT}: "
        "what they hold is laid out in another way. Make it again with algorithms.trace and save that"
    )


def _version() -> str:
    try:
        return metadata.version("neural-exec")
    except metadata.PackageNotFoundError:  # run from its folder
        return "not installed"


# ---------------------------------------------------------------- labels
def _coded(v, node: int):
    """A label as JSON that says its type: null, truth values and strings as they are, others as {type: text}."""
    if isinstance(v, np.generic):
        v = v.item()
    if v is None or type(v) in (bool, str):
        return v
    if type(v) is int:
        return {"int": hex(v)}  # of any size: decimal texts have a longest
    if type(v) is float:
        return {"float": v.hex()}
    if type(v) is bytes:
        return {"bytes": v.hex()}
    if type(v) is tuple:
        return [_coded(x, node) for x in v]
    raise InputError(
        f"the label of node {node}, {v!r}, is {type(v).__name__}, which no file of a trace holds; number the nodes "
        "first: networkx.convert_node_labels_to_integers(graph, label_attribute='name')"
    )


_DECODE = {"int": lambda s: int(s, 16), "float": float.fromhex, "bytes": bytes.fromhex}


def _label(v):
    """The inverse of `_coded`."""
    if isinstance(v, list):
        return tuple(_label(x) for x in v)
    if isinstance(v, dict):
        ((kind, text),) = v.items()
        return _DECODE[kind](text)
    return v


# ---------------------------------------------------------------- JSON
def plain(a: np.ndarray) -> list:
    if a.dtype == np.float64:
        return np.where(np.isfinite(a), a, np.char.mod("%g", a).astype(object)).tolist()
    return a.tolist()


def json_label(v, node: int):
    if isinstance(v, np.generic):
        v = v.item()
    if isinstance(v, tuple):
        return [json_label(x, node) for x in v]
    if isinstance(v, float) and not math.isfinite(v):
        return str(v)
    if v is None or isinstance(v, bool | int | float | str):
        return v
    raise InputError(
        f"the label of node {node}, {v!r}, is {type(v).__name__}, for which JSON has no form; number the nodes first: "
        "networkx.convert_node_labels_to_integers(graph, label_attribute='name')"
    )
