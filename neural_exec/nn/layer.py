r"""One algorithm as a `torch.nn.Module` on fixed problems: `ExecutorLayer`.

For an optimum d(w) = min over solutions y of w·y the solution is the gradient (Danskin): y(w) = ∇d(w). So `solution` is
one run and one pass back, and the losses of `neural_exec.nn.losses` need `value` alone.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
import torch
from torch import Tensor, nn

from algorithms import registry
from algorithms.answers import Entries
from algorithms.inputs.structure import GraphStructure, inputs_of_hub
from algorithms.machine.probes import GRAPH, NODE
from algorithms.spec import Spec
from neural_exec.checkpoint import everything
from neural_exec.defaults import Lock, eager, own_defaults
from neural_exec.errors import ArgumentError, GraphError, InputError
from neural_exec.executor import Executor
from neural_exec.nn import functions
from neural_exec.nn.given import (
    check_graph,
    check_shapes,
    constant,
    dtype_of,
    ends_of,
    float64,
    forbids_negative,
    output_of,
)
from neural_exec.tensors.gradients import readable
from neural_exec.tensors.outputs import Reader
from neural_exec.tensors.prepared import Prepared
from neural_exec.tensors.problems import (
    REMEDY,
    Call,
    Problem,
    problem_of_graph,
    problem_of_list,
    whole,
)

__all__ = ["ExecutorLayer"]

KEPT = 4  # layouts, by batch size


class ExecutorLayer(nn.Module):
    """An algorithm on problems of one shape, differentiable in its numbers w (B, m).

    name: the algorithm. On a graph: edge_index (2, m), num_nodes and the nodes that it is called with (`source=0`); w
    are the edges' weights, or capacities, in the order of edge_index (of an undirected algorithm each edge once). On
    lists: w is the list; of several lists (`shapes={"p": (3,), "q": (4,)}`) one after another, but for those in
    `fixed={"deadline": tensor (k,)}`. output: which scalar output, where there are several; at: the node (or pair of
    nodes) of an output per node (per pair). executor: whose processor runs, `neural_exec.load()` if not said.

    A layer has no parameters, no buffers and no state: what moves, casts, freezes or initialises a module passes it by.
    Its executor is not trained; a copy, or one that comes back from a file, has the executor that was given, or else
    the bundled one that is there. (A state_dict of a time when layers held their processor is refused by strict
    loading, which names the entries `processor.…`: leave them out.) Several threads may call it.

    Values and solutions are in w's dtype (float64 for whole numbers) and on its device; runs are those of the learned
    step, on the CPU in float64. Derivatives of any order work, and `torch.func`, `vmap`, forward mode; only where an
    algorithm multiplies its numbers (`matrix_chain_order`) a second one is refused. `torch.compile` breaks its graph
    here; traces of `torch.jit`, `torch.export` and fake tensors are refused.

    sense: "min" or "max" where the value is an optimum of w·y over the solutions y, else None. nonnegative: are
    negative numbers outside the contract?

    Raises UnknownAlgorithmError, ArgumentError for what does not fit, GradientError for an output without gradient; its
    methods ArgumentError for a w of another shape or without numbers, InputError for numbers outside the contract and
    for a value that is too large for w's dtype, GradientError and NotHaltedError.

    >>> import torch
    >>> layer = ExecutorLayer("find_maximum_subarray_kadane")
    >>> w = torch.tensor([[1.0, -3.0, 2.0, 2.0]])
    >>> layer.value(w).tolist(), layer.solution(w).tolist()
    ([4.0], [[0.0, 0.0, 1.0, 1.0]])
    """

    @own_defaults()
    def __init__(
        self,
        name: str,
        edge_index: Tensor | np.ndarray | None = None,
        num_nodes: int | None = None,
        *,
        output: str | None = None,
        at=None,
        shapes: dict[str, tuple[int, ...]] | None = None,
        fixed: dict[str, Tensor] | None = None,
        executor: Executor | None = None,
        **nodes: int,
    ):
        super().__init__()
        self._executor = executor  # None: the bundled one
        self.executor.spec(name)
        self.name, self.at = name, at
        self.output = output_of(self.spec, output, at)
        self.sense = self.spec.sense
        self.shapes = dict(shapes or {})
        self.fixed = {k: constant(x, f"{name}: {k}") for k, x in (fixed or {}).items()}
        self.is_graph = isinstance(self.spec.structure, GraphStructure)
        if self.is_graph != (edge_index is not None) or (nodes and not self.is_graph):
            raise ArgumentError(f"{name} needs {'an edge_index and its nodes' if self.is_graph else 'no graph'}")
        self._lock = Lock()
        self._prepared: dict[tuple[int, int], tuple[Prepared, Reader]] = {}
        if self.is_graph:
            self.edges = ends_of(edge_index, name)
            self.num_nodes = int(num_nodes if num_nodes is not None else self.edges.max() + 1)
            self.nodes = {n: whole(v, f"{name}: {n}") for n, v in nodes.items()}
            check_graph(self.spec, self.edges, self.num_nodes, self.nodes, at)
        check_shapes(self.spec, self.shapes, self.fixed)
        self.nonnegative = forbids_negative(self.spec, self.shapes)
        self.acyclic = self.is_graph and nx.is_directed_acyclic_graph(nx.DiGraph(self.edges.T.tolist()))

    @property
    def executor(self) -> Executor:
        return self._executor or everything()

    @property
    def edge_index(self) -> Tensor:
        """(2, m) int64, a copy."""
        return torch.from_numpy(self.edges.copy())

    @property
    def spec(self) -> Spec:
        return registry.get(self.name)

    @property
    def _logged(self) -> bool:
        """Does the derivative come of what the run logs, not of the solution that it ends with?"""
        return self.output in self.spec.outputs

    # ---------------------------------------------------------------- what is laid out
    def __getstate__(self) -> dict:
        """Without what is laid out, which is made again when it is needed."""
        return {**self.__dict__, "_prepared": {}}

    def _problem(self, width: int = 0) -> Problem:
        if self.is_graph:
            return problem_of_graph(self.spec, self.num_nodes, self.edges.T, self.nodes)
        shapes = self.shapes or self._shapes(width)
        return problem_of_list(self.spec, shapes)

    def _shapes(self, width: int) -> dict[str, tuple[int, ...]]:
        """Where nothing is said: lists of one length, as long as the numbers reach."""
        structure = self.spec.structure
        if structure.data == "sequences":
            raise ArgumentError(f"{self.name}: say how long its sequences are, shapes={{'sequences': (n, m)}}")
        lists = structure.lists or (structure.data,)
        hub = [n for n in inputs_of_hub(self.spec) if n not in self.fixed]
        free = [n for n in lists if n not in self.fixed]
        left = width - len(hub)
        if not free or left % len(free):
            raise ArgumentError(f"{self.name}: {width} numbers do not make {' and '.join(free)}; say shapes=…")
        n, wide = left // len(free), structure.wide
        shape = (n // wide, wide) if wide > 1 else (n,)
        return {name: self.fixed[name].shape if name in self.fixed else shape for name in lists}

    def _laid_out(self, count: int, width: int) -> tuple[Prepared, Reader]:
        """Problems for a batch, and what reads their outputs; the last few are kept. One run at a time: hold its lock
        until all is read."""
        key = count, width
        with self._lock:
            if key not in self._prepared:
                if len(self._prepared) >= KEPT:
                    self._prepared.pop(next(iter(self._prepared)))
                problem, policy = self._problem(width), self.executor.policy(self.name)
                policy.warm()
                prepared = Prepared(policy, [problem] * count, self._logged)
                edges = None
                if self.is_graph:
                    shift = np.arange(count)[:, None, None] * self.num_nodes
                    edges = (self.edges[None] + shift).transpose(1, 0, 2).reshape(2, -1)
                call = Call(self.spec, [problem] * count, torch.zeros(0), True, edges)
                call.edge_input = np.arange(0 if edges is None else edges.shape[1])
                self._prepared[key] = prepared, Reader(call, prepared.instance)
            return self._prepared[key]

    def _cells(self, reader: Reader) -> tuple[str, np.ndarray]:
        form = self.spec.outputs[self.output]
        assert isinstance(form, Entries)
        register, rows = reader.cells_of(form)
        if form.location == GRAPH:
            return register, rows
        i, j = (0, self.at) if form.location == NODE else self.at
        here = int(i) * reader.call.problems[0].nodes + int(j)
        return register, rows.reshape(reader.count, -1)[:, here]

    def _numbers(self, w: Tensor) -> Tensor:
        """w (B, m) as float64, its shape checked."""
        readable(w, f"{self.name}: w")
        if w.dim() != 2 or (self.is_graph and w.shape[1] != self.edges.shape[1]):
            m = self.edges.shape[1] if self.is_graph else "m"
            raise ArgumentError(f"{self.name}: w has shape {tuple(w.shape)}; (B, {m}) is needed")
        w = float64(w, f"{self.name}: w")
        fixed = sum(x.size for x in self.fixed.values())
        if self.shapes and w.shape[1] != (m := self._problem().numbers - fixed):
            raise ArgumentError(f"{self.name}: w has shape {tuple(w.shape)}; (B, {m}) is needed")
        return w

    def _with_fixed(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """w (B, m) -> all numbers (B, P), and which of them w's are (m,)."""
        if not self.fixed:
            return w, np.arange(w.shape[1])
        shapes = self.shapes or self._shapes(w.shape[1])
        sizes = {n: int(np.prod(s)) for n, s in shapes.items()}
        if not self.is_graph:
            sizes |= dict.fromkeys(inputs_of_hub(self.spec), 1)
        of_w = np.concatenate([np.full(k, n not in self.fixed) for n, k in sizes.items()])
        out, free = np.empty((len(w), len(of_w))), np.flatnonzero(of_w)
        out[:, free] = w
        out[:, ~of_w] = np.concatenate([self.fixed[n].ravel() for n in sizes if n in self.fixed])
        return out, free

    def _check(self, values: np.ndarray, width: int) -> None:
        """Raises InputError for the first number outside the contract."""
        bad = ~np.isfinite(values)
        if self.nonnegative:
            bad |= values < 0
        if bad.any():
            i, j = np.argwhere(bad)[0].tolist()
            what, of = f"number {j}", "list"
            if self.is_graph:
                u, v = self.edges[:, j].tolist()
                what, of = f"the weight of edge {j} ({u}, {v})", "graph"
            need = "numbers of at least 0 are needed" if self.nonnegative else "finite numbers are needed"
            remedy = REMEDY if self.nonnegative else ""
            raise InputError(f"{self.name}: {what} in {of} {i} of the batch is {float(values[i, j])}; {need}{remedy}")
        large = ~np.isfinite(np.abs(values).sum(1))
        if large.any():
            i = int(np.flatnonzero(large)[0])
            raise InputError(f"{self.name}: numbers too large in instance {i}, the sum is no float64")
        doubtful = np.ones(len(values), bool)
        if self.is_graph:  # a negative cycle, perhaps
            doubtful &= False if self.acyclic else (values < 0).any(1)
        if not (self.spec.structure.requires and doubtful.any()):
            return
        problem = self._problem(width)
        for i in np.flatnonzero(doubtful).tolist():
            try:
                problem.check(values[i])
            except (GraphError, InputError) as e:
                raise type(e)(f"{'graph' if self.is_graph else 'list'} {i} of the batch: {e}") from None

    # ---------------------------------------------------------------- runs, on arrays
    def solve(self, w: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        """w (B, m) float64 -> values (B,), their derivatives (B, m), and whether these are constants."""
        values, free = self._with_fixed(w)
        self._check(values, w.shape[1])
        if not len(w):
            return np.zeros(0), np.zeros(w.shape), True
        prepared, reader = self._laid_out(*w.shape)
        with prepared.lock:
            prepared.run(values.reshape(-1))
            return self._read(prepared, reader, w, free)

    def _read(
        self, prepared: Prepared, reader: Reader, w: np.ndarray, free: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, bool]:
        """What `solve` gives, of a run of w. free (m,): which of the problem's numbers w's are."""
        if self.output not in self.spec.outputs:
            chosen = self._chosen(reader, w.shape)
            return np.where(chosen, w, 0.0).sum(1), chosen, True
        register, rows = self._cells(reader)
        found, history = prepared.scalars(register, rows), prepared.history([(register, rows)])
        derivative = history.backward(np.ones(len(found))).reshape(len(w), -1)[:, free]
        return found, derivative, history.linear

    def _chosen(self, reader: Reader, shape: tuple) -> np.ndarray:
        """The indicator (B, m) of a discrete solution: of its edges, or of the key at its position."""
        places = reader.chosen().numpy()
        if self.is_graph:
            return places.reshape(shape).astype(np.float64)
        if places.ndim == 2:
            raise ArgumentError(f"{self.name} orders its keys; neural_exec.nn.Sort makes a value of them")
        return (places[:, None] == np.arange(shape[1])).astype(np.float64)

    # ---------------------------------------------------------------- values and solutions, on tensors
    @eager
    def value(self, w: Tensor) -> Tensor:
        """w (B, m) -> (B,) in w's dtype, exact in float64 and rounded; its gradient is that of the run. inf, with
        gradient 0, where there is no solution (an unreachable node)."""
        return functions.rounded(functions.value(self._numbers(w), self), dtype_of(w), self)

    @eager
    def solution(self, w: Tensor) -> Tensor:
        """w (B, m) -> (B, m) in w's dtype: the gradient of `value`; where that is an optimum, the optimal solution. No
        gradient goes through it: it is constant near w."""
        return functions.solution(self._numbers(w), self).to(dtype_of(w))

    def forward(self, w: Tensor) -> Tensor:
        """The value."""
        return self.value(w)

    @eager
    def soft(self, w: Tensor, samples: int = 4, sigma: float = 0.3, step: float = 0.2) -> Tensor:
        r"""w (B, m) -> (B, m) in w's dtype: the mean solution under noise, differentiable in w, once.

        ȳ(w) = mean over z ~ N(0, 1)ᵐ of y(w · exp(σz − σ²/2)), with `samples` draws from torch's generator. Backward is
        a central difference with the same noise: (ȳ(w + λg) − ȳ(w − λg)) / 2λ for a gradient g, with λ = step · mean|w|
        / max|g| of each instance; 2 · samples further runs. Source: Berthet et al., Learning with Differentiable
        Perturbed Optimizers, NeurIPS 2020 (the perturbation); Domke, Implicit Differentiation by Perturbation, NeurIPS
        2010 (the difference).
        """
        if samples < 1:
            raise ArgumentError(f"samples={samples}; at least one is needed")
        values = self._given(w)
        noise = torch.randn(samples, *values.shape, dtype=torch.float64, device=values.device).transpose(0, 1)
        noise = torch.exp(sigma * noise - sigma**2 / 2)
        return functions.soft_solution(values, noise, self, step).to(dtype_of(w))

    def _given(self, w: Tensor) -> Tensor:
        """What the layer is called with, as float64."""
        return self._numbers(w)

    def clip(self, w: Tensor) -> Tensor:
        """w, at least a millionth of its mean size where negative numbers are outside the contract; the gradient passes
        straight through (cutting it off as well leaves numbers stuck below)."""
        if not self.nonnegative:
            return w
        return w + (torch.maximum(w, 1e-6 * w.abs().mean()) - w).detach()

    def extra_repr(self) -> str:
        return f"{self.name!r}, output={self.output!r}, sense={self.sense!r}"
