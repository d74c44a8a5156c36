"""Traces of one algorithm can be stacked, the program's and the predicted: the recipes of docs/traces.md, for all."""

import re
from pathlib import Path

import numpy as np
import pytest
from torch_geometric.loader import DataLoader

import algorithms
from algorithms import registry
from algorithms.trace import Trace

PAGE = Path(__file__).resolve().parents[2] / "docs" / "traces.md"


@pytest.fixture(scope="module")
def recipe():
    names = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(block, names)
    return names


def traces_of(executor, name, sizes) -> list[Trace]:
    """The program's and the predicted traces of inputs of several families and sizes. They are equal but where the run
    met contexts that training had not, and says so."""
    spec, out, rng = registry.get(name), [], np.random.default_rng(0)
    families = [*spec.families["training"], *spec.families["held_out"]]
    for i, n in enumerate(sizes):
        data, arguments = spec.sample(rng, n, families[i % len(families)])
        program, rollout = algorithms.trace(name, data, **arguments), executor.run(name, data, **arguments)
        assert program == rollout.trace or rollout.unseen_contexts
        out += [program, rollout.trace]
    return out


@pytest.mark.parametrize("name", registry.names())
def test_the_schema_of_every_trace_is_the_algorithms(everything, recipe, name):
    traces = traces_of(everything, name, (1, 2, 3, 5, 8, 4))
    for t in traces:
        assert t.schema == algorithms.schema(name)
        assert [list(t.schema[stage]) for stage in t.schema] == [list(s) for s in algorithms.schema(name).values()]
        assert t.edge_index.dtype == t.ends.dtype == t.cells.dtype == np.int64
        assert t.edge_index.ndim == t.ends.ndim == t.cells.ndim == 2
        assert (t.weight is None) == (traces[0].weight is None) and type(t.directed) is bool
        for p in t.hints.values():
            rows = {"node": len(t.labels), "edge": t.ends.shape[1], "cell": t.cells.shape[1], "graph": 1}
            assert p.data.shape == (t.num_steps + 1, 1 if p.type == "mask_one" else rows[p.location])
    steps = max(t.num_steps for t in traces)
    (batch,) = DataLoader([recipe["as_data"](t, steps) for t in traces], batch_size=len(traces))
    assert batch.num_nodes == sum(len(t.labels) for t in traces)
    for hint, p in traces[0].hints.items():
        rows = sum(t.hints[hint].data.shape[1] for t in traces)
        assert batch[f"hint_{hint}"].shape == (rows, steps + 1), hint
        assert batch[f"hint_{hint}"].numpy().dtype == p.data.dtype


@pytest.mark.parametrize("name", ["insertion_sort", "floyd_warshall", "lcs_length", "bfs"])
def test_traces_of_one_size_go_through_torchs_collation(everything, recipe, name):
    traces = [t for t in traces_of(everything, name, (6,) * 20)]
    shape = lambda t: {k: p.data.shape[1:] for k, p in t.hints.items()}
    traces = [t for t in traces if shape(t) == shape(traces[0])]
    assert len(traces) > 1
    steps = max(t.num_steps for t in traces)
    (batch,) = recipe["torch"].utils.data.DataLoader(
        [recipe["as_dict"](t, steps) for t in traces], batch_size=len(traces)
    )
    for hint, p in traces[0].hints.items():
        assert batch[f"hints_{hint}"].shape == (len(traces), steps + 1, p.data.shape[1])
