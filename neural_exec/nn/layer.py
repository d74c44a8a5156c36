r"""One algorithm as a `torch.nn.Module` on fixed problems: `ExecutorLayer`.

For an optimum d(w) = min over solutions y of w·y the solution is the gradient (Danskin): y(w) = ∇d(w). So `solution` is
one run and one pass back, and the losses of `neural_exec.nn.losses` need `value` alone.
"""

from __future__ import annotations

import copy

import networkx as nx
import numpy as np
import torch
from torch import Tensor, nn

from algorithms import registry
from algorithms.answers import Chain, Order, Position, Scalars, Value
from algorithms.cells import Table, TwoSequences, ValueAt
from algorithms.flows import Flow, Network
from algorithms.spec import Spec
from algorithms.structures import Graph, Sequence, inputs_of_hub
from neural_exec.calls import no_gradient, scalars
from neural_exec.checkpoint import everything
from neural_exec.errors import ArgumentError, GraphError, InputError
from neural_exec.executor import Executor
from neural_exec.meaning import meanings_of
from neural_exec.policy import Policy
from neural_exec.prepared import Prepared
from neural_exec.problems import REMEDY, Call, edge_index_of, numbers, problem_of_graph, problem_of_list, whole
from neural_exec.tensors_out import Reader, differentiable

__all__ = ["ExecutorLayer"]

KEPT = 4  # layouts, by batch size

# what each value is an optimum of, over solutions y: "min" of w·y or "max" of w·y. (A maximal flow is a minimal cut.)
SENSES = dict.fromkeys(
    ["bellman_ford", "dijkstra", "dag_shortest_paths", "floyd_warshall", "mst_prim", "mst_kruskal", "mst_boruvka",
     "max_flow", "huffman", "optimal_bst", "edit_distance", "minimum"], "min",
) | {"find_maximum_subarray_kadane": "max"}  # fmt: skip


class ExecutorLayer(nn.Module):
    """An algorithm on problems of one shape, differentiable in its numbers w (B, m).

    name: the algorithm. On a graph: edge_index (2, m), num_nodes and the nodes that it is called with (`source=0`); w
    are the edges' weights, or capacities, in the order of edge_index (of an undirected algorithm each edge once). On
    lists: w is the list; of several lists (`shapes={"p": (3,), "q": (4,)}`) one after another, but for those in
    `fixed={"deadline": tensor (k,)}`. output: which scalar output, where there are several; at: the node (or pair of
    nodes) of an output per node (per pair). executor: whose processor runs, `neural_exec.load()` if not said.

    The processor is a submodule, frozen: part of the `state_dict`, never trained by a loss. Runs are those of the
    learned step, on the CPU in float64; gradients and values come back on w's device, float64.

    sense: "min" or "max" where the value is an optimum of w·y over the solutions y, else None. nonnegative: are
    negative numbers outside the contract?

    Raises UnknownAlgorithmError, ArgumentError for what does not fit, GradientError for an output without gradient; its
    methods InputError for numbers outside the contract and NotHaltedError.

    >>> import torch
    >>> layer = ExecutorLayer("find_maximum_subarray_kadane")
    >>> w = torch.tensor([[1.0, -3.0, 2.0, 2.0]])
    >>> layer.value(w).tolist(), layer.solution(w).tolist()
    ([4.0], [[0.0, 0.0, 1.0, 1.0]])
    """

    def __init__(
        self,
        name: str,
        edge_index: Tensor | None = None,
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
        executor = executor or everything()
        executor.spec(name)
        self.name, self.at = name, at
        self.output = self._output(output)
        self.processor = copy.deepcopy(executor.step).requires_grad_(False).eval()
        self._machine, self._trained, self._names = executor.machines[name], executor.trained[name], executor.names
        self.sense = SENSES.get(name)
        self.shapes, self.fixed = dict(shapes or {}), dict(fixed or {})
        self.is_graph = isinstance(self.spec.structure, Graph | Network)
        if self.is_graph != (edge_index is not None) or (nodes and not self.is_graph):
            raise ArgumentError(f"{name} needs {'an edge_index and its nodes' if self.is_graph else 'no graph'}")
        if self.is_graph:
            self.register_buffer("edge_index", edge_index_of(edge_index), persistent=False)
            self.num_nodes = int(num_nodes if num_nodes is not None else self.edge_index.max() + 1)
            self.nodes = {n: whole(v, f"{name}: {n}") for n, v in nodes.items()}
            if set(self.nodes) != set(inputs_of_hub(self.spec)):
                raise ArgumentError(f"{name} is called with {', '.join(inputs_of_hub(self.spec))}, not {list(nodes)}")
            self._check_graph()
        self._check_shapes()
        self.nonnegative = self._forbids_negative()
        self.acyclic = self.is_graph and nx.is_directed_acyclic_graph(nx.DiGraph(self.edge_index.T.tolist()))
        self._reset()
        self.register_load_state_dict_post_hook(_forget)

    @property
    def spec(self) -> Spec:
        return registry.get(self.name)

    def _output(self, output: str | None) -> str:
        has = differentiable(self.spec)
        if not has or (output is not None and output not in has):
            if output is not None and output not in self.spec.outputs:
                raise ArgumentError(
                    f"{self.name} has no output {output!r}; with a gradient: {', '.join(has) or 'none'}"
                )
            raise no_gradient(self.spec, output)
        output = output or ("value" if "value" in has else has[0])
        form = self.spec.outputs.get(output)
        if isinstance(form, Flow):
            raise ArgumentError(f"output {output!r} of {self.name} is a number per edge; output='value' is one")
        if isinstance(form, Scalars | Table) and self.at is None:
            what = "node" if isinstance(form, Scalars) else "pair of nodes"
            raise ArgumentError(f"output {output!r} of {self.name} is a number per {what}; say which with at=…")
        return output

    def _check_graph(self) -> None:
        """Raises GraphError, InputError and ArgumentError."""
        edges, n = self.edge_index.cpu().numpy(), self.num_nodes
        if edges.size and (edges.min() < 0 or edges.max() >= n):
            raise GraphError(f"{self.name}: edge_index names nodes from {edges.min()} to {edges.max()}, of {n}")
        pairs = np.sort(edges, 0) if getattr(self.spec.structure, "directed", True) is False else edges
        if len(np.unique(pairs, axis=1).T) < edges.shape[1]:
            raise GraphError(f"{self.name}: an edge is given twice; edge_index needs each edge once")
        wrong = [v for v in np.atleast_1d(self.at if self.at is not None else []).tolist() if not 0 <= v < n]
        if wrong:
            raise ArgumentError(f"{self.name}: at={self.at!r}; the graph has the nodes 0 to {n - 1}")
        self._problem().check(np.ones(edges.shape[1]))

    def _check_shapes(self) -> None:
        """Raises ArgumentError where `shapes` and `fixed` are none of this algorithm."""
        if unknown := {*self.fixed, *self.shapes} - {*self.spec.inputs}:
            what, takes = ", ".join(sorted(unknown)), ", ".join(self.spec.inputs)
            raise ArgumentError(f"{self.name} takes no {what}; it takes {takes}")
        for name, shape in self.shapes.items():
            if not isinstance(shape, list | tuple) or not all(isinstance(k, int) and k >= 0 for k in shape):
                raise ArgumentError(f"{self.name}: shapes[{name!r}] is {shape!r}; a tuple of lengths is needed")
            if name in self.fixed and tuple(self.fixed[name].shape) != tuple(shape):
                raise ArgumentError(
                    f"{self.name}: shapes[{name!r}] is {shape!r}, what is fixed is {tuple(self.fixed[name].shape)}"
                )
        pair = isinstance(self.spec.structure, TwoSequences)
        if pair and (self.fixed or {*self.shapes} - {"sequences"} or len(self.shapes.get("sequences", (0, 0))) != 2):
            raise ArgumentError(
                f"{self.name} takes the lengths of its sequences alone, shapes={{'sequences': (n, m)}}; all its costs "
                "go in w"
            )

    def _forbids_negative(self) -> bool:
        """Does the contract refuse a number below zero, whatever the others are?"""
        if self.is_graph:
            problem = problem_of_graph(self.spec, 2, np.array([[0, 1]]), dict(zip(self.nodes, (0, 1))))
        elif isinstance(self.spec.structure, Sequence) or self.shapes:
            problem = problem_of_list(self.spec, self.shapes or {"values": (2,)})
        else:
            return False
        try:
            problem.check(np.where(np.arange(problem.numbers) == 0, -1.0, 1.0))
        except InputError:
            return True
        return False

    # ---------------------------------------------------------------- what is laid out
    def _reset(self) -> None:
        self._policy: Policy | None = None
        self._prepared: dict[tuple, tuple] = {}

    def __getstate__(self) -> dict:
        """Without what is laid out, which is made again when it is needed."""
        state = self.__dict__.copy()
        state["_policy"], state["_prepared"] = None, {}
        return state

    def policy(self) -> Policy:
        """The learned step of the algorithm, on the CPU, with the answers that it has given."""
        if self._policy is None:
            step = copy.deepcopy(self.processor).to("cpu", torch.float32)
            self._policy = Policy(step, self._machine, meanings_of(self._machine, self._names), self._trained)
            self._policy.warm()
        return self._policy

    def _problem(self, width: int = 0):
        if self.is_graph:
            return problem_of_graph(self.spec, self.num_nodes, self.edge_index.cpu().numpy().T, self.nodes)
        shapes = self.shapes or self._shapes(width)
        return problem_of_list(self.spec, shapes)

    def _shapes(self, width: int) -> dict[str, tuple[int, ...]]:
        """Where nothing is said: lists of one length, as long as the numbers reach."""
        structure = self.spec.structure
        if isinstance(structure, TwoSequences):
            raise ArgumentError(f"{self.name}: say how long its sequences are, shapes={{'sequences': (n, m)}}")
        lists = structure.lists if getattr(structure, "by_name", False) else (structure.data,)
        hub = [n for n in inputs_of_hub(self.spec) if n not in self.fixed]
        free = [n for n in lists if n not in self.fixed]
        left = width - len(hub)
        if not free or left % len(free):
            raise ArgumentError(f"{self.name}: {width} numbers do not make {' and '.join(free)}; say shapes=…")
        n = left // len(free)
        shape = (n // 2, 2) if structure.data == "points" else (n,)
        return {name: tuple(self.fixed[name].shape) if name in self.fixed else shape for name in lists}

    def _laid_out(self, count: int, width: int) -> tuple[Prepared, list]:
        """Problems for a batch, and the cells of the output; the last few are kept."""
        key = count, width
        if key not in self._prepared:
            if len(self._prepared) >= KEPT:
                self._prepared.pop(next(iter(self._prepared)))
            problem = self._problem(width)
            prepared = Prepared(self.policy(), [problem] * count, logged=self.output in self.spec.outputs)
            edges = None
            if self.is_graph:
                shift = np.arange(count)[:, None, None] * self.num_nodes
                edges = (self.edge_index.cpu().numpy()[None] + shift).transpose(1, 0, 2).reshape(2, -1)
            call = Call(self.spec, [problem] * count, torch.zeros(0), True, edges)
            call.edge_input = np.arange(0 if edges is None else edges.shape[1])
            self._prepared[key] = prepared, Reader(call, prepared.instance)
        return self._prepared[key]

    def _cells(self, reader: Reader) -> list[tuple[str, np.ndarray]]:
        form = self.spec.outputs[self.output]
        ((register, rows),) = reader.cells_of(form)
        if isinstance(form, Value | ValueAt):
            return [(register, rows)]
        i, j = (self.at, 0) if isinstance(form, Scalars) else self.at
        here = int(i) if isinstance(form, Scalars) else int(i) * reader.call.problems[0].nodes + int(j)
        return [(register, rows.reshape(reader.count, -1)[:, here])]

    def _numbers(self, w: Tensor) -> Tensor:
        """w (B, m) with what is fixed put in, (B, P / B) float64; checked."""
        if w.dim() != 2 or (self.is_graph and w.shape[1] != self.edge_index.shape[1]):
            m = self.edge_index.shape[1] if self.is_graph else "m"
            raise ArgumentError(f"{self.name}: w has shape {tuple(w.shape)}; (B, {m}) is needed")
        w = numbers(w, f"{self.name}: w")
        if self.shapes and w.shape[1] != (m := self._problem().numbers - self._count_fixed()):
            raise ArgumentError(f"{self.name}: w has shape {tuple(w.shape)}; (B, {m}) is needed")
        values = self._with_fixed(w)
        self._check(values, w.shape[1])
        return values

    def _count_fixed(self) -> int:
        return sum(torch.as_tensor(x).numel() for x in self.fixed.values())

    def _with_fixed(self, w: Tensor) -> Tensor:
        if not self.fixed:
            return w
        shapes = self.shapes or self._shapes(w.shape[1])
        parts, at = [], 0
        for name, size in [(n, int(np.prod(s))) for n, s in shapes.items()] + [
            (n, 1) for n in (inputs_of_hub(self.spec) if isinstance(self.spec.structure, Sequence) else ())
        ]:
            if name in self.fixed:
                given = torch.as_tensor(self.fixed[name], dtype=torch.float64, device=w.device).reshape(1, -1)
                parts.append(given.expand(len(w), -1))
            else:
                parts.append(w[:, at : at + size])
                at += size
        return torch.cat(parts, 1)

    def _check(self, values: Tensor, width: int) -> None:
        """Raises InputError for the first number outside the contract."""
        values = values.detach()
        bad = ~torch.isfinite(values)
        if self.nonnegative:
            bad = bad | (values < 0)
        if bad.any():
            i, j = bad.nonzero()[0].tolist()
            what, of = f"number {j}", "list"
            if self.is_graph:
                u, v = self.edge_index[:, j].tolist()
                what, of = f"the weight of edge {j} ({u}, {v})", "graph"
            need = "numbers of at least 0 are needed" if self.nonnegative else "finite numbers are needed"
            remedy = REMEDY if self.nonnegative else ""
            raise InputError(f"{self.name}: {what} in {of} {i} of the batch is {float(values[i, j])}; {need}{remedy}")
        large = ~torch.isfinite(values.abs().sum(1))
        if large.any():
            raise InputError(
                f"{self.name}: numbers too large in instance {int(large.nonzero()[0])}, the sum is no float64"
            )
        if self.is_graph and self.spec.structure.requires and not self.acyclic:
            for i in (values < 0).any(1).nonzero().flatten().tolist():  # a negative cycle, perhaps
                try:
                    self._problem().check(values[i].cpu().numpy())
                except (GraphError, InputError) as e:
                    raise type(e)(f"graph {i} of the batch: {e}") from None
        if not self.is_graph and (self.spec.structure.requires if hasattr(self.spec.structure, "requires") else ()):
            problem = self._problem(width)
            for i, row in enumerate(values.cpu().numpy()):
                try:
                    problem.check(row)
                except InputError as e:
                    raise type(e)(f"list {i} of the batch: {e}") from None

    # ---------------------------------------------------------------- values and solutions
    def value(self, w: Tensor) -> Tensor:
        """w (B, m) -> (B,) float64, exact; its gradient is that of the run. inf, with gradient 0, where there is no
        solution (an unreachable node)."""
        values = self._numbers(w)
        if not len(values):
            return values.sum(1)
        prepared, reader = self._laid_out(*w.shape)
        if self.output in self.spec.outputs:
            return scalars(prepared, values.reshape(-1), self._cells(reader))[0]
        return (values * self._chosen(prepared, reader, values)).sum(1)

    def _chosen(self, prepared: Prepared, reader: Reader, values: Tensor) -> Tensor:
        """The indicator (B, m) of a discrete solution: of its edges, or of the key at its position."""
        prepared.run(values.detach().cpu().numpy().reshape(-1))
        forms = self.spec.outputs.values()
        if self.is_graph:
            mask = torch.from_numpy(reader.edge_mask(next(iter(forms)))).view(values.shape)
            return mask.to(values.device, torch.float64)
        places = reader.discrete(next(f for f in forms if isinstance(f, Position | Order | Chain)))
        if places.dim() == 2:
            raise ArgumentError(f"{self.name} orders its keys; neural_exec.nn.Sort makes a value of them")
        return nn.functional.one_hot(places, values.shape[1]).to(values.device, torch.float64)

    def solution(self, w: Tensor) -> Tensor:
        """w (B, m) -> (B, m) float64: the gradient of `value`; where that is an optimum, the optimal solution."""
        with torch.enable_grad():
            w = (w if w.is_floating_point() else numbers(w, f"{self.name}: w")).detach().requires_grad_()
            return torch.autograd.grad(self.value(w).sum(), w)[0].double()

    def forward(self, w: Tensor) -> Tensor:
        """The value."""
        return self.value(w)

    def soft(self, w: Tensor, samples: int = 4, sigma: float = 0.3, step: float = 0.2) -> Tensor:
        r"""w (B, m) -> (B, m): the mean solution under noise, differentiable in w.

        ȳ(w) = mean over z ~ N(0, 1)ᵐ of y(w · exp(σz − σ²/2)), with `samples` draws from torch's generator. Backward is
        a central difference with the same noise: (ȳ(w + λg) − ȳ(w − λg)) / 2λ for a gradient g, with λ = step · mean|w|
        / max|g| of each instance; 2 · samples further runs. Source: Berthet et al., Learning with Differentiable
        Perturbed Optimizers, NeurIPS 2020 (the perturbation); Domke, Implicit Differentiation by Perturbation, NeurIPS
        2010 (the difference).
        """
        if samples < 1:
            raise ArgumentError(f"samples={samples}; at least one is needed")
        return _Soft.apply(w, self, samples, sigma, step)

    def clip(self, w: Tensor) -> Tensor:
        """w, at least a millionth of its mean size where negative numbers are outside the contract; the gradient passes
        straight through (cutting it off as well leaves numbers stuck below)."""
        if not self.nonnegative:
            return w
        return w + (w.clamp(min=1e-6 * float(w.detach().abs().mean())) - w).detach()

    def extra_repr(self) -> str:
        return f"{self.name!r}, output={self.output!r}, sense={self.sense!r}"


def _forget(layer: ExecutorLayer, incompatible_keys) -> None:
    """Other weights answer otherwise."""
    layer._reset()


class _Soft(torch.autograd.Function):
    @staticmethod
    def forward(ctx, w: Tensor, layer: ExecutorLayer, samples: int, sigma: float, step: float) -> Tensor:
        noise = torch.randn(samples, *w.shape, dtype=torch.float64, device=w.device)
        ctx.layer, ctx.step = layer, step
        noise = torch.exp(sigma * noise - sigma**2 / 2)
        ctx.save_for_backward(w, noise)
        return _mean_solution(layer, w.detach().double()[None], noise)[0].to(w.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, gradient: Tensor):
        w, noise = ctx.saved_tensors
        w, g = w.detach().double(), gradient.double()
        top = g.abs().amax(1, keepdim=True)
        size = ctx.step * w.abs().mean(1, keepdim=True) / torch.where(top > 0, top, 1.0)
        plus, minus = _mean_solution(ctx.layer, torch.stack([w + size * g, w - size * g]), noise)
        out = (plus - minus) / (2 * torch.where(size > 0, size, 1.0))
        return out.to(gradient.dtype), None, None, None, None


def _mean_solution(layer: ExecutorLayer, w: Tensor, noise: Tensor) -> Tensor:
    """w (K, B, m), noise (S, B, m) -> (K, B, m), in one batch of K · S · B."""
    many = layer.clip((w[:, None] * noise[None]).flatten(0, 2))
    return layer.solution(many).view(len(w), len(noise), *w.shape[1:]).mean(1)
