"""What executors are called with as tensors: PyG graphs, or tensors of numbers, read into problems and a vector."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import torch
from torch import Tensor

from algorithms.inputs.structure import GraphStructure, PairStructure, inputs_of_hub
from algorithms.spec import Spec, given_by_name
from neural_exec.errors import ArgumentError, GraphError, InputError
from neural_exec.tensors.gradients import fixed_array, seen
from neural_exec.tensors.problems import (
    Call,
    edge_index_of,
    joined,
    numbers,
    problem_of_graph,
    problem_of_list,
    problem_of_pair,
    whole,
)

if TYPE_CHECKING:
    from torch_geometric.data import Data

__all__ = ["read"]


def read(spec: Spec, data, inputs: dict) -> Call:
    """A caller's data and further inputs. Raises ArgumentError, GraphError and InputError."""
    data, inputs = given_by_name(spec, data, inputs)
    if isinstance(spec.structure, GraphStructure):
        return _read_graphs(spec, data, dict(inputs))
    return _read_lists(spec, data, dict(inputs))


def _is_pyg(data, kind: str = "Data") -> bool:
    """Is it PyG's `Data`, or its `Batch`? Where nobody has imported PyG, which takes seconds, nothing is."""
    known = getattr(sys.modules.get("torch_geometric.data"), kind, None)
    return known is not None and isinstance(data, known)


# ---------------------------------------------------------------- graphs
def _one_batch(spec: Spec, data) -> tuple[Data, bool]:
    if isinstance(data, list | tuple) and data and all(map(_is_pyg, data)):
        kinds = [tuple(sorted(k for k, v in x.to_dict().items() if v is not None)) for x in data]
        for i, kind in enumerate(kinds):
            if kind != kinds[0]:
                raise ArgumentError(
                    f"{spec.name}: the graphs of a batch differ in kind: graph 0 has {', '.join(kinds[0])}, graph {i} "
                    f"has {', '.join(kind)}"
                )
        from torch_geometric.data import Batch

        return Batch.from_data_list(list(data)), True
    if not _is_pyg(data) or data.edge_index is None:
        remedy = f"; executor.run({spec.name!r}, graph) takes a networkx graph" if isinstance(data, nx.Graph) else ""
        raise ArgumentError(
            f"{spec.name} is called with a torch_geometric Data or Batch that has an edge_index, or a list of Data, "
            f"not with {type(data).__name__}" + remedy
        )
    return data, _is_pyg(data, "Batch")


def _edge_numbers(spec: Spec, data: Data, argument: str, inputs: dict) -> Tensor:
    """Weights or capacities (E,), as `numbers` gives them."""
    given, count = inputs.pop(argument, ""), data.edge_index.shape[1]
    if given is None:
        return torch.ones(count, dtype=torch.float64)
    if isinstance(given, str):
        names = [given] if given else dict.fromkeys([argument, "weight", "edge_weight", "edge_attr"])
        given = next((data[n] for n in names if n in data), None)
        if given is None:
            raise InputError(f"{spec.name}: the graph has no attribute {' or '.join(map(repr, names))}")
    found = numbers(given, f"{spec.name}: {argument}", spec.structure.compared)
    if found.numel() != count:
        raise InputError(
            f"{spec.name}: {argument} has shape {tuple(found.shape)}; one number for each of {count} edges"
        )
    return found.reshape(-1)


def _nodes(spec: Spec, name: str, given, count: int) -> list:
    """A node of each graph, counted within it."""
    what = f"{spec.name}: {name}"
    if isinstance(given, Tensor | np.ndarray | np.generic):
        given = fixed_array(torch.as_tensor(given), what).tolist()
        given = given[0] if isinstance(given, list) and len(given) == 1 else given
    out = list(given) if isinstance(given, list | tuple) else [given] * count
    out = [whole(v, what) if isinstance(v, float | np.number | np.ndarray | Tensor) else v for v in out]
    if len(out) != count:
        raise ArgumentError(f"{name} has {len(out)} entries for {count} graphs; give one for each, or one for all")
    return out


def _scalars(spec: Spec, name: str, given, count: int, of: str) -> Tensor:
    """A number for each graph or list (count,), as `numbers` gives them."""
    given = numbers(given, f"{spec.name}: {name}", spec.structure.compared)
    if given.numel() == 1:
        return given.reshape(-1).expand(count)
    if given.numel() != count:
        raise ArgumentError(f"{name} has {given.numel()} entries for {count} {of}")
    return given.reshape(-1)


def _read_graphs(spec: Spec, data, inputs: dict) -> Call:
    data, batched = _one_batch(spec, data)
    weighted = spec.structure.attribute
    total = int(data.num_nodes)
    ptr = fixed_array(data.ptr, f"{spec.name}: ptr") if batched else np.array([0, total])
    count = len(ptr) - 1
    edges = fixed_array(edge_index_of(data.edge_index), f"{spec.name}: edge_index")
    if edges.size and (edges.min() < 0 or edges.max() >= total):
        wrong = edges.min() if edges.min() < 0 else edges.max()
        raise GraphError(f"{spec.name}: edge_index names node {wrong} of {total}")
    owner = np.searchsorted(ptr, edges[0], "right") - 1
    if (owner != np.searchsorted(ptr, edges[1], "right") - 1).any():
        raise GraphError(f"{spec.name}: an edge joins two graphs of the batch")
    hub, further = {}, {}
    for name in inputs_of_hub(spec):
        given = inputs.pop(name, data.get(name))
        if given is None:
            raise ArgumentError(f"{spec.name} needs {name}=…; it is called with {', '.join(spec.inputs)}")
        if spec.by_name[name].register == "scalar":
            further[name] = _scalars(spec, name, given, count, "graphs")
        else:
            hub[name] = _nodes(spec, name, given, count)
    given = _edge_numbers(spec, data, weighted, inputs) if weighted else None
    if inputs:
        raise ArgumentError(f"{spec.name} takes no argument {next(iter(inputs))!r}; it takes {', '.join(spec.inputs)}")
    undirected = spec.structure.directed is False
    first, edge_input = _undirected(spec, edges, owner, total) if undirected else _arcs(spec, edges)
    order = first[np.argsort(owner[first], kind="stable")]  # edges that are inputs, by graph
    place = np.empty(len(first), np.int64)
    place[np.argsort(owner[first], kind="stable")] = np.arange(len(first))
    edge_input = place[edge_input]
    flat, exact = torch.zeros(0, dtype=torch.float64), None
    if given is not None:
        flat, exact = joined([_merge(spec, given, edges, order, edge_input, owner)], spec.name)
        if exact is not None and sum(map(abs, exact.tolist())) >= 2**63:
            raise InputError(f"{spec.name}: {weighted}: too large, the sum is no int64")
    sizes = np.bincount(owner[order], minlength=count)
    stops = np.cumsum(sizes)
    problems = []
    for i in range(count):
        mine = order[stops[i] - sizes[i] : stops[i]]
        ends = edges[:, mine].T - ptr[i]
        at = {name: places[i] for name, places in hub.items()}
        problems.append(problem_of_graph(spec, int(ptr[i + 1] - ptr[i]), ends, at, tuple(further)))
    if further:  # of each graph, they come after its edges' numbers
        parts = flat.split(sizes.tolist()) if given is not None else [flat] * count
        flat = torch.cat([x for i, p in enumerate(parts) for x in (p, *(v[i : i + 1] for v in further.values()))])
        edge_input = edge_input + len(further) * owner
    return Call(spec, problems, flat, batched, edges, edge_input, exact)


_COALESCE = {
    "least": "torch_geometric.utils.coalesce(edge_index, weight, reduce='min') keeps the lightest of parallel edges",
    "sum": "torch_geometric.utils.coalesce(edge_index, capacity, reduce='sum') adds parallel edges up",
    "any": "torch_geometric.utils.coalesce(edge_index) keeps one of parallel edges",
}
_COUNTED = "merged parallel edges have another answer"


def _arcs(spec: Spec, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every edge is an input of its own."""
    _, counts = np.unique(edges, axis=1, return_counts=True)
    if (counts > 1).any():
        raise GraphError(f"{spec.name}: a multigraph; {_COALESCE.get(spec.structure.merges, _COUNTED)}")
    every = np.arange(edges.shape[1])
    return every, every


def _undirected(spec: Spec, edges: np.ndarray, owner: np.ndarray, total: int) -> tuple[np.ndarray, np.ndarray]:
    """(edges that stand for their pair (m,), of each edge which of these it belongs to (E,))."""
    _arcs(spec, edges)
    _, first, which, counts = np.unique(
        edges.min(0) * total + edges.max(0), return_index=True, return_inverse=True, return_counts=True
    )
    proper = edges[0] != edges[1]
    both = (counts[which] == 2)[proper]
    if both.any() and not both.all():
        a, b = np.flatnonzero(proper)[both][0], np.flatnonzero(proper)[~both][0]
        raise GraphError(
            f"{spec.name}: the graphs of a batch differ in kind: edge {b} ({edges[0, b]}, {edges[1, b]}) of graph "
            f"{owner[b]} is given once, edge {a} of graph {owner[a]} in both directions; give all one way or all both"
        )
    return first, which


def _merge(spec: Spec, given: Tensor, edges, order, edge_input, owner) -> Tensor:
    """The inputs: each edge's number; where both directions are given, which must be equal, their mean."""
    if len(order) == len(edge_input):
        return given[torch.from_numpy(order).to(given.device)]

    def alike(values: np.ndarray) -> None:
        other = values != values[order][edge_input]
        if (bad := np.flatnonzero(other & (values == values))).size:
            e = bad[0]
            raise InputError(
                f"{spec.name} needs an undirected graph: edge {e} ({edges[0, e]}, {edges[1, e]}) of graph {owner[e]} "
                f"weighs {values[e]}, its reverse {values[order][edge_input][e]}"
            )

    given = seen(given, alike, spec.name)
    if not given.is_floating_point():
        return given[torch.from_numpy(order).to(given.device)]
    index = torch.from_numpy(edge_input).to(given.device)
    counts = torch.bincount(index, minlength=len(order))
    return torch.zeros(len(order), dtype=torch.float64, device=given.device).index_add(0, index, given / counts[index])


# ---------------------------------------------------------------- lists
def _rows_of(value, name: str, wide: int = 1) -> tuple[list, bool]:
    """A list (or several) as tensors, one for each problem; were there several?"""
    if isinstance(value, Tensor):
        if value.dim() == wide:
            return [value], False
        if value.dim() == wide + 1:
            return list(value), True
        raise ArgumentError(
            f"{name} has shape {tuple(value.shape)}; {wide} dimensions are needed, or one more of a batch"
        )
    if isinstance(value, list | tuple) and value and all(isinstance(x, Tensor) and x.dim() >= wide for x in value):
        return list(value), True
    if isinstance(value, str | bytes | list | tuple | np.ndarray):
        return [value], False
    raise ArgumentError(f"{name} is a {type(value).__name__}; a tensor is needed")


def _fetch(spec: Spec, data, names: list[str], wide: int) -> tuple[list, bool]:
    """The main list out of a Data, a Batch, a list of Data, or what was given."""
    if isinstance(data, list | tuple) and data and all(map(_is_pyg, data)):
        return [_fetch(spec, x, names, wide)[0][0] for x in data], True
    if _is_pyg(data):
        found = next((data[n] for n in names if n in data), None)
        if found is None:
            raise InputError(f"{spec.name}: the data have no attribute {' or '.join(map(repr, names))}")
        found = found if found.dim() == wide else found.squeeze(-1)
        if _is_pyg(data, "Batch"):
            return list(found.split(data.ptr.diff().tolist())), True
        return [found], False
    return _rows_of(data, spec.inputs[0], wide)


def _read_lists(spec: Spec, data, inputs: dict) -> Call:
    structure = spec.structure
    if isinstance(structure, PairStructure):
        return _read_symbols(spec, data, inputs)
    wide = structure.wide
    if structure.by_name:
        columns = {}
        for name in structure.lists:
            if name not in inputs and not (_is_pyg(data) and name in data):
                raise ArgumentError(
                    f"{spec.name} takes its lists by name: {', '.join(f'{n}=…' for n in structure.lists)}"
                )
            given = inputs.pop(name) if name in inputs else data
            columns[name] = _fetch(spec, given, [name], wide)
    else:
        names = {"values": ["key", "x"], "points": ["points", "pos", "x"]}[structure.data]
        columns = {structure.data: _fetch(spec, data, names, wide)}
    counts = {name: len(rows) for name, (rows, _) in columns.items()}
    if len(set(counts.values())) > 1:
        raise ArgumentError(f"{spec.name}: its lists differ in number: {counts}")
    count, batched = next(iter(counts.values())), any(b for _, b in columns.values())
    scalars = {}
    for name in inputs_of_hub(spec):
        if name not in inputs:
            raise ArgumentError(f"{spec.name} needs {name}=…; it is called with {', '.join(spec.inputs)}")
        scalars[name] = _scalars(spec, name, inputs.pop(name), count, "lists")
    if inputs:
        raise ArgumentError(f"{spec.name} takes no argument {next(iter(inputs))!r}; it takes {', '.join(spec.inputs)}")
    problems, parts = [], []
    for i in range(count):
        rows = {name: numbers(r[i], f"{spec.name}: {name}", structure.compared) for name, (r, _) in columns.items()}
        problems.append(problem_of_list(spec, {n: tuple(r.shape) for n, r in rows.items()}))
        parts += [r.reshape(-1) for r in rows.values()] + [s[i : i + 1] for s in scalars.values()]
    flat, exact = joined(parts, spec.name)
    return Call(spec, problems, flat, batched, exact=exact)


def _read_symbols(spec: Spec, data, inputs: dict) -> Call:
    """Texts and sequences: their elements are compared for equality alone; what has a gradient is their costs."""
    pair = spec.structure.data == "sequences"
    if pair and not (isinstance(data, list | tuple) and len(data) == 2):
        raise ArgumentError(f"{spec.name} is called with a pair of sequences")
    if not pair and "pattern" not in inputs:
        raise ArgumentError(f"{spec.name} needs pattern=…; it is called with {', '.join(spec.inputs)}")
    two = data if pair else (data, inputs.pop("pattern"))
    if unknown := [name for name in inputs if name not in spec.inputs[1:]]:
        raise ArgumentError(f"{spec.name} takes no argument {unknown[0]!r}; it takes {', '.join(spec.inputs)}")
    (first, a), (second, b) = (_rows_of(x, spec.inputs[0]) for x in two)
    if len(first) != len(second):
        raise ArgumentError(
            f"{spec.name}: {len(first)} and {len(second)} sequences; as many of the one as of the other"
        )
    problems, parts, costs = [], [], spec.structure.optional
    for i, (x, y) in enumerate(zip(first, second)):
        x, y = (fixed_array(s, spec.name).tolist() if isinstance(s, Tensor) else s for s in (x, y))
        problems.append(problem_of_pair(spec, x, y))
        if costs:
            n, m, place = len(x), len(y), i if a or b else None
            for name, shape in (("delete", (n,)), ("insert", (m,)), ("replace", (n, m))):
                parts.append(_costs(spec, name, inputs.get(name, 1.0), shape, place, len(first)).reshape(-1))
    return Call(spec, problems, torch.cat(parts) if parts else torch.zeros(0, dtype=torch.float64), a or b)


def _costs(spec: Spec, name: str, given, shape: tuple, place: int | None, count: int) -> Tensor:
    """One number, or one for each; of several problems (the one at `place` of `count`) with one more dimension, or as a
    list of tensors. -> `shape`, float64."""
    is_one = lambda x: isinstance(x, Tensor) and x.dim() == len(shape)
    if place is not None and isinstance(given, list | tuple) and len(given) == count and all(map(is_one, given)):
        given = given[place]
    found = numbers(given, f"{spec.name}: {name}")
    if place is not None and found.dim() == len(shape) + 1 and len(found) == count:
        found = found[place]
    if found.shape not in ((), shape):
        more = f", or (B, {', '.join(map(str, shape))})" if place is not None else ""
        raise InputError(
            f"{spec.name}: {name} has shape {tuple(found.shape)}; one number is needed, or {shape}{more}, one for each"
        )
    return found.expand(shape)
