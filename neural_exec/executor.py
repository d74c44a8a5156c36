"""An executor: a trained processor, to be called on tensors too, and taught new algorithms."""

from __future__ import annotations

from torch import Tensor

from neural_exec.adding.add import Addition, add
from neural_exec.defaults import eager
from neural_exec.plain_executor import PlainExecutor
from neural_exec.prepared_graph import PreparedGraph
from neural_exec.tensors.call import call

__all__ = ["Executor"]


class Executor(PlainExecutor):
    """A trained processor. Made by `neural_exec.load` or `neural_exec.train`. It runs on graphs and lists (`run`, of
    `PlainExecutor`, which says what it holds), on tensors where it is called, and learns more (`add`).

    >>> import networkx as nx, neural_exec
    >>> executor = neural_exec.load()
    >>> executor.run("bfs", nx.path_graph(3), source=0).outputs["parent"]
    {0: None, 1: 0, 2: 1}
    """

    def __call__(self, name: str, data=None, **inputs) -> dict[str, Tensor]:
        """Execute on tensors, with gradients from every scalar output to weights, keys and other scalar inputs.

        data: for graphs a PyG `Data`, a `Batch` or a list of `Data`: `edge_index` (2, E); weights (E,) under `weight`,
        `edge_weight` or `edge_attr` (or `weight=` a tensor, an attribute's name, or None for 1 each; `capacity` of
        networks); nodes such
        as `source=` counted within each graph, one for all or one for each. An algorithm for undirected graphs takes
        each edge once, or all in both directions with equal weights (the gradient is then shared by the two). For
        lists a tensor (n,) or (B, n), a list of tensors, or a `Data` with `key` or `x`; lists by name as tensors.

        Returns the outputs in the order of the caller's nodes and edges: scalars float64; pointers int64, nodes of the
        batch (positions of a list), -1 for none; sets of nodes and of edges as masks, bool. Lists (B, …), padded with
        -1. Where no output is a scalar but the solution has a value, that is `value`: the weight of the chosen edges
        (B,), the keys in order (B, n), the key at a position: float64, or int64 where whole numbers were given that are
        no float64 (an algorithm that does more than compare them takes none). An unreachable node is inf, its gradient
        0.

        Raises UnknownAlgorithmError; ArgumentError, GraphError and InputError outside the contract; GradientError for
        inputs that require a gradient where no output has one; NotHaltedError where a run does not end.

        >>> import neural_exec, torch
        >>> from torch_geometric.data import Data
        >>> w = torch.tensor([4.0, 1.0, 2.0], requires_grad=True)
        >>> graph = Data(edge_index=torch.tensor([[0, 0, 2], [1, 2, 1]]), weight=w, num_nodes=3)
        >>> out = neural_exec.load()("dijkstra", graph, source=0)
        >>> out["distance"].tolist(), out["parent"].tolist()
        ([0.0, 3.0, 1.0], [-1, 2, 0])
        >>> torch.autograd.grad(out["distance"][1], w)[0].tolist()
        [0.0, 1.0, 1.0]
        """
        return self._call(name, data, inputs)

    @eager
    def _call(self, name: str, data, inputs: dict) -> dict[str, Tensor]:
        return call(self.spec(name), self.policy(name), data, inputs)

    def prepare(self, name: str, graph=None, **inputs) -> PreparedGraph:
        """Lay out a networkx graph once, to run an algorithm on it many times: with other sources, say, or new weights.
        It is read now, and not again: what becomes of it later is not seen. inputs: those that all runs share, the name
        of the edges' attribute among them; each run gives the others, or new ones.

        Raises UnknownAlgorithmError, and ArgumentError, GraphError and InputError outside the algorithm's contract.

        >>> import networkx as nx, neural_exec
        >>> roads = neural_exec.load().prepare("dijkstra", nx.path_graph(3), weight=None)
        >>> roads.run(source=2).outputs["distance"], roads.run(source=0, weight=[1.5, 2.0]).outputs["distance"]
        ({0: 2.0, 1: 1.0, 2: 0.0}, {0: 0.0, 1: 1.5, 2: 3.5})
        >>> [rollout.outputs["parent"][1] for rollout in roads.run_batch(source=[0, 2])]
        [0, 2]
        """
        return PreparedGraph(self, name, graph, inputs)

    def add(self, algorithm, traces=150, freeze_processor: bool = True, **options) -> Addition:
        """Teach it one more algorithm: a name, a file that holds one, or a Spec; the report says how that went.

        traces: how many to draw, or a list of (data, arguments) to take them from, each perhaps with its Trace, which
        is then checked. With the processor frozen only codes of the new algorithm's names are fitted, fewer than 1,000
        numbers (unless more than 41 names are new): unknown names get new codes, known ones a private copy, so that all
        other answers stay the same bit for bit; `save_addition` keeps them. Otherwise everything is tuned while all
        known answers are replayed. options: seed; sizes and graphs, on which it is then tried; report, called with
        progress.

        Raises AuthorError where the algorithm clashes with one that is known, InputError where a trace is malformed,
        ForgottenError where tuning changes a known answer; the executor is then as it was.

        >>> import neural_exec
        >>> executor = neural_exec.load("core")  # which does not know it yet
        >>> report = executor.add("bubble_sort", traces=60, sizes=[16])
        >>> report.ok, report.numbers < 1000, executor.run("bubble_sort", [3.0, 1.0, 2.0]).outputs
        (True, True, {'order': [1, 2, 0]})
        """
        return add(self, algorithm, traces, freeze_processor, **options)
