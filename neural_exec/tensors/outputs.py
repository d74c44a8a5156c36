"""Answers as tensors, by the form of the answer: which cells a scalar answer reads, what a discrete one looks like.

`cells_of` names the scalar cells that a form reads (they carry gradients), `shaped` makes the answer of them;
`discrete` reads all other forms into integers and booleans; `value_of` makes a number that has a gradient from the
inputs and a discrete solution (`chosen`), where the outputs hold none: the weight of the chosen edges, the keys in
their order.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from algorithms.answers import Answer, Entries, Listed, TellsEdges
from algorithms.machine.probes import CELL, EDGE, GRAPH, NODE
from algorithms.machine.state import Instance
from algorithms.spec import spec_of
from neural_exec.tensors.problems import Call

__all__ = ["Reader", "differentiable", "scalar_outputs", "shaped", "value_of"]


def scalar_outputs(spec) -> list[str]:
    """The outputs of an algorithm that are scalars."""
    return [name for name, form in spec.outputs.items() if form.has_gradient(spec)]


def differentiable(spec) -> list[str]:
    """The outputs that carry gradients: scalars, or `value` where the solution gives it one (`value_of`). None where
    the algorithm takes no numbers: no weights, or symbols that are compared for equality alone."""
    if not spec.structure.numeric:
        return []
    return scalar_outputs(spec) or (["value"] if _solution(spec) else [])


def _solution(spec) -> Answer | None:
    """The output that `value_of` goes by: keys in an order, or one of them; edges that have weights."""
    valued = spec.structure.valued
    return next((form for form in spec.outputs.values() if valued and form.solves == valued), None)


class Reader:
    """Reads the final state of a call's joined instance.

    Nodes are counted through the whole batch, as in edge_index; positions of a list within that list. Answers of
    different lengths are padded with -1 (tables of scalars with inf) to the longest.
    """

    def __init__(self, call: Call, x: Instance):
        self.call, self.x, self.count = call, x, len(call.problems)
        nodes = np.array([p.nodes for p in call.problems])
        self.first_row = np.array([np.searchsorted(x.graph, g) for g in range(self.count)])
        self.ptr = call.ptr
        self.rows = np.concatenate([r + np.arange(n) for r, n in zip(self.first_row, nodes)])
        self.node = np.full(x.size + 1, -1)  # of a row
        base = self.ptr[:-1] if call.is_graph else np.zeros(self.count, np.int64)
        self.node[self.rows] = np.concatenate([b + np.arange(n) for b, n in zip(base, nodes)])

    def cells_of(self, form: Entries) -> tuple[str, np.ndarray]:
        """The register, and the rows, whose scalars a form reads: of its nodes, cells, graphs, or edges' arcs."""
        return form.name, form.cells(self.x, self._rows(form.location))

    def _rows(self, location: str) -> np.ndarray:
        if location == EDGE:
            return self._arc_of_edge()
        return self.x.hubs if location == GRAPH else self.x.rows(location)

    def _arc_of_edge(self) -> np.ndarray:
        """The arc's row of each edge of the caller's; nil for a self-loop."""
        arcs, (tail, head) = self.x.rows("edge"), self.call.ends
        keys = self.node[self.x.static["tail"][arcs]] * self.ptr[-1] + self.node[self.x.static["head"][arcs]]
        order, wanted = np.argsort(keys), tail * self.ptr[-1] + head
        at = np.minimum(np.searchsorted(keys[order], wanted), len(arcs) - 1)
        return np.where(keys[order][at] == wanted, arcs[order][at], -1) if len(arcs) else np.full(len(tail), -1)

    def discrete(self, form: Answer) -> Tensor:
        """int64 or bool."""
        if isinstance(form, Listed):
            return self._padded([torch.tensor(self._listed(form, g), dtype=torch.int64) for g in range(self.count)])
        if isinstance(form, TellsEdges) and form.location == EDGE:
            return torch.from_numpy(self.edge_mask(form))
        assert isinstance(form, Entries)
        entries = form.at(self.x, self._rows(form.location))
        stored = form.stored(self.x.spec)
        if stored == "pointer":
            entries = self.node[entries]
        return shaped(self.call, form, torch.from_numpy(entries.astype(np.int64) if stored == "scalar" else entries))

    def _padded(self, lists: list[Tensor]) -> Tensor:
        if not self.call.batched:
            return lists[0]
        size = [max(t.shape[d] for t in lists if t.dim() == max(u.dim() for u in lists)) for d in range(lists[0].dim())]
        out = torch.full((len(lists), *size), -1, dtype=torch.int64)
        for row, t in zip(out, lists):
            row[tuple(slice(n) for n in t.shape)] = t
        return out

    def _listed(self, form: Listed, g: int) -> list:
        """The answer about one graph as nested lists of numbers."""
        places = form.places(_View(self.x, g, int(self.first_row[g]), self.call.problems[g].nodes))
        base = int(self.ptr[g]) if self.call.is_graph else 0
        return [base + v for v in places] if base else places

    def edge_mask(self, form: TellsEdges) -> np.ndarray:
        """(E,) bool over the caller's edges: those that a form chooses, in either direction of an undirected one."""
        total = int(self.ptr[-1])
        tail, head = self.node[form.edges(self.x)].T
        u, v = self.call.ends
        if spec_of(self.x).structure.directed is False:
            tail, head = np.minimum(tail, head), np.maximum(tail, head)
            u, v = np.minimum(u, v), np.maximum(u, v)
        return np.isin(u * total + v, tail * total + head)

    def chosen(self) -> Tensor:
        """The solution that `value_of` takes: places of keys, int64; or which inputs it is made of, (P,) bool."""
        form = _solution(spec_of(self.x))
        assert form is not None
        if not isinstance(form, TellsEdges) or form.solves == NODE:
            return self.discrete(form)
        out = np.zeros(self.call.starts[-1], bool)
        out[self.call.edge_input[self.edge_mask(form)]] = True
        return torch.from_numpy(out)


# ---------------------------------------------------------------- numbers
def shaped(call: Call, form: Answer, out: Tensor) -> Tensor:
    """An answer from its entries."""
    if form.location == EDGE:
        tail, head = call.ends
        loop = torch.from_numpy(tail == head).to(out.device)
        return out.masked_fill(loop, 0.0).clamp(min=0.0)
    if form.location == CELL:
        return _tables(call, out)
    if form.location == NODE:
        return _per_node(call, out)
    return out if call.batched else out[0]


def _per_node(call: Call, out: Tensor) -> Tensor:
    """(N,) of a graph or batch, or of one list; (B, n) of lists."""
    nodes = [p.nodes for p in call.problems]
    if call.is_graph or not call.batched:
        return out
    if len({*nodes}) == 1:
        return out.view(len(nodes), -1)
    index = np.full((len(nodes), max(nodes)), len(out))
    for row, first, n in zip(index, call.ptr.tolist(), nodes):
        row[:n] = first + np.arange(n)
    return torch.cat([out, out.new_full((1,), -1)])[torch.from_numpy(index).to(out.device)]


def _tables(call: Call, out: Tensor) -> Tensor:
    nodes = [p.nodes for p in call.problems]
    tables = [t.view(n, n) for t, n in zip(out.split([n * n for n in nodes]), nodes)]
    if not call.batched:
        return tables[0]
    nil = torch.inf if out.is_floating_point() else -1
    pad = lambda t: torch.nn.functional.pad(t, (0, max(nodes) - len(t)) * 2, value=nil)
    return torch.stack([pad(t) for t in tables])


def value_of(call: Call, chosen: Tensor) -> Tensor:
    """The value of a discrete solution, from the inputs: exact, its gradient the solution's indicator.

    Of chosen edges the sum of their weights (B,); of an order the keys so ordered (B, n); of a position its key.
    int64 where whole numbers were given that are no float64.
    """
    inputs, count = call.inputs, len(call.problems)
    if call.exact is not None:
        inputs = torch.tensor(call.exact.tolist(), device=inputs.device)
    if chosen.dtype != torch.bool:
        at = chosen.reshape(count, -1)
        first = torch.from_numpy(call.starts[:-1, None]).to(inputs.device)
        keys = inputs.gather(0, (at.clamp(min=0) + first).flatten()).view(at.shape)
        return keys.masked_fill(at < 0, torch.nan if inputs.is_floating_point() else -1).view(chosen.shape)
    owner = torch.from_numpy(np.repeat(np.arange(count), np.diff(call.starts))).to(inputs.device)
    out = torch.zeros(count, dtype=inputs.dtype, device=inputs.device)
    out = out.index_add(0, owner, inputs.masked_fill(~chosen, 0))
    return out if call.batched else out[0]


class _View:
    """One graph of a joined instance, as far as the forms of answers look; nodes are labelled 0 …."""

    def __init__(self, x: Instance, g: int, start: int, nodes: int):
        stop = start + int(np.count_nonzero(x.graph == g))
        move = lambda a: np.append(np.where(a[start:stop] >= 0, a[start:stop] - start, -1), -1)
        self.spec, self.nodes, self.size = x.spec, nodes, stop - start
        self.kinds, self.kind = x.kinds, x.kind[start:stop]
        self.hubs, self.labels = x.hubs[g : g + 1] - start, [list(range(nodes))]
        self.pointers = {n: move(a) for n, a in x.pointers.items()}
        self.static = {n: move(a) for n, a in x.static.items()}

    def rows(self, kind: str) -> np.ndarray:
        return np.flatnonzero(self.kind == self.kinds.index(kind))
