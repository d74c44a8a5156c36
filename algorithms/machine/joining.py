"""Several graphs as one: `join` lays instances side by side."""

from __future__ import annotations

import numpy as np

from algorithms.errors import ArgumentError
from algorithms.machine.relations import Relation, Relations
from algorithms.machine.state import Instance

__all__ = ["join"]


def join(instances: list[Instance]) -> Instance:
    """The disjoint union of instances of one spec, in their present states; rows of the first come first.

    Of the result: `graph` (N,) says whose each row is, `hubs` (B,) are the hubs' rows, `labels` and `sizes` have an
    entry for each graph, relations are sorted by receiver as ever. Its arrays are copies. Raises ArgumentError for none
    at all and for instances of different specs.

    >>> import networkx as nx
    >>> from algorithms import get
    >>> from algorithms.trace import lay_out
    >>> both = join([lay_out(get("dfs"), nx.path_graph(n), {}) for n in (3, 2)])
    >>> both.hubs.tolist(), both.graph.tolist()
    ([3, 6], [0, 0, 0, 0, 1, 1, 1])
    """
    if not instances:
        raise ArgumentError("join needs at least one instance")
    specs = {x.spec.name for x in instances}
    if len(specs) > 1:
        raise ArgumentError(f"join takes instances of one algorithm, not of {', '.join(sorted(specs))}")
    starts = np.cumsum([0] + [x.size for x in instances])
    shifts = list(zip(instances, starts.tolist()))
    one, out = instances[0], object.__new__(Instance)
    out.spec, out.kinds, out.size = one.spec, one.kinds, int(starts[-1])
    out.kind = np.concatenate([x.kind for x in instances])
    out.graph = np.repeat(np.arange(len(instances)), [x.size for x in instances])
    out.hubs = np.concatenate([x.hubs + s for x, s in shifts])
    out.labels = [labels for x in instances for labels in x.labels]
    out.sizes = [sizes for x in instances for sizes in x.sizes]
    out.int_names, out.float_names = one.int_names, one.float_names
    is_pointer = np.array([n in one.pointers for n in one.int_names])[:, None]
    ints = [np.where(is_pointer & (x.ints >= 0), x.ints + s, x.ints)[:, :-1] for x, s in shifts]
    nil = np.full((len(one.int_names), 1), -1), np.full((len(one.float_names), 1), np.nan)
    floats = [x.floats[:, :-1] for x in instances]
    out._blocks(np.concatenate([*ints, nil[0]], 1), np.concatenate([*floats, nil[1]], 1))
    out.static = {n: _pointers([(x.static.get(n), x.size, s) for x, s in shifts]) for n in _names(instances, "static")}
    out.constants = {
        n: np.append(np.concatenate([x.constants.get(n, np.full(x.size + 1, np.nan))[:-1] for x in instances]), np.nan)
        for n in _names(instances, "constants")
    }
    out.relations = Relations({n: _relation([(x.relations[n], s) for x, s in shifts], out.size) for n in one.relations})
    return out


def _names(instances: list[Instance], kind: str) -> list[str]:
    return list(dict.fromkeys(n for x in instances for n in getattr(x, kind)))


def _pointers(parts: list) -> np.ndarray:
    """Static pointers, moved; nil where an instance has no such pointer."""
    moved = [np.full(n, -1) if a is None else np.where(a[:-1] >= 0, a[:-1] + s, -1) for a, n, s in parts]
    return np.append(np.concatenate(moved), -1)


def _relation(parts: list, size: int) -> Relation:
    end = lambda name, nil: np.append(np.concatenate([getattr(r, name)[:-1] + s for r, s in parts]), nil)
    edges = np.cumsum([0] + [len(r) for r, _ in parts])
    ptr = np.concatenate([r.ptr[:-1] + e for (r, _), e in zip(parts, edges.tolist())])
    weight = np.append(np.concatenate([r.weight[:-1] for r, _ in parts]), np.nan)
    return Relation(end("src", -1), end("dst", -1), weight, np.append(ptr, edges[-1]))
