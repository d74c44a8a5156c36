"""No result hangs on what torch is set to: every entrance of the network, under every setting."""

from contextlib import ExitStack, contextmanager
from itertools import chain

import networkx as nx
import numpy as np
import pytest
import torch
from torch._subclasses import FakeTensorMode
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch_geometric.data import Data

import neural_exec
from neural_exec.defaults import own_defaults
from neural_exec.evaluation import evaluate
from neural_exec.gnn.mpnn import Baseline, train_baseline
from neural_exec.nn import EditDistance, Rank, ShortestPath, Sort, SpanningTree, losses

EDGES = torch.tensor([[0, 0, 1, 2, 1], [1, 2, 3, 3, 2]])
W = torch.tensor([[1.0, 4.0, 5.0, 1.0, 1.0]])
GRAPH = nx.Graph([(0, 1, {"weight": 1.0}), (1, 2, {"weight": 2.0}), (0, 2, {"weight": 5.0})])


def switched(get, set_, value):
    @contextmanager
    def manager():
        before = get()
        set_(value)
        try:
            yield
        finally:
            set_(before)

    return manager


class Halves(TorchFunctionMode):
    """A user's mode under which what is drawn and multiplied is half as exact."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        rough = getattr(function, "__name__", "") in ("linear", "matmul", "__matmul__", "randn", "normal_", "relu")
        return out.to(torch.bfloat16).to(out.dtype) if rough else out


class Zeros(TorchDispatchMode):
    """A user's mode under which products are 0."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        return torch.zeros_like(out) if "mm" in str(function) else out


@contextmanager
def flushed():
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


SETTINGS = {
    "float64": switched(torch.get_default_dtype, torch.set_default_dtype, torch.float64),
    "float16": switched(torch.get_default_dtype, torch.set_default_dtype, torch.float16),
    "meta": switched(lambda: None, torch.set_default_device, "meta"),
    "with meta": lambda: torch.device("meta"),
    "two threads": switched(torch.get_num_threads, torch.set_num_threads, 2),
    "inference": torch.inference_mode,
    "no grad": torch.no_grad,
    "deterministic": switched(
        torch.are_deterministic_algorithms_enabled, torch.use_deterministic_algorithms, True
    ),
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "anomaly": torch.autograd.detect_anomaly,
    "flushed": flushed,
    "medium": switched(torch.get_float32_matmul_precision, torch.set_float32_matmul_precision, "medium"),
    "function mode": Halves,
    "dispatch mode": Zeros,
    "numpy raises": lambda: np.errstate(all="raise"),
}  # fmt: skip
SEVERAL = [  # at once, where a run takes long
    ["float64", "meta", "deterministic", "flushed", "medium", "dispatch mode"],
    ["float16", "with meta", "inference", "anomaly"],
    ["two threads", "no grad", "autocast", "function mode", "numpy raises"],
    ["fake"],  # here nothing of the caller's is a tensor
]


@contextmanager
def at_once(names):
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(FakeTensorMode() if name == "fake" else SETTINGS[name]())
        yield


def test_all_settings_are_among_those_at_once():
    assert sorted(chain.from_iterable(SEVERAL)) == sorted(["fake", *SETTINGS])


pytestmark = pytest.mark.filterwarnings("ignore:Anomaly Detection")


@own_defaults()
def bits(module):
    return {k: v.numpy().tobytes() for k, v in module.state_dict().items()}


@pytest.fixture(scope="module")
def plain():
    return {name: f() for name, f in TRAINED.items()}


def trained():
    executor = neural_exec.train(algorithms=["minimum"], seed=1, traces=30)
    fresh = executor.add("quickselect", traces=30, sizes=[8], graphs=1)
    return bits(executor.step), fresh.updates, executor.run("minimum", [3.0, 1.0, 2.0]).outputs


def trained_baseline():
    updates = iter(range(4))
    model = train_baseline(["minimum"], seed=1, seconds=1e9, traces=10, progress=lambda p: next(updates, 3) == 3)
    return bits(model)


TRAINED = {"executor": trained, "baseline": trained_baseline}


@pytest.mark.parametrize("settings", SEVERAL, ids=" ".join)
@pytest.mark.parametrize("what", TRAINED)
def test_trains_to_the_same_bits(plain, settings, what):
    state = torch.get_rng_state()
    with at_once(settings):
        found = TRAINED[what]()
    assert found == plain[what]
    assert torch.equal(state, torch.get_rng_state()), "the caller's generator is left alone"


def used(directory):
    """What is no tensor, of every entrance."""
    executor = neural_exec.load("all")
    neural_exec.save(executor, directory / "saved")
    executor = neural_exec.load(directory / "saved")
    tiny = [5e-324, 0.0, 1e-323]
    run = executor.run("dijkstra", GRAPH, source=0)
    clusters = neural_exec.single_linkage(GRAPH, 2)
    baseline = Baseline(["minimum"], seed=2)
    baseline.save(directory / "baseline")
    return (
        run.outputs, run.contexts, run.trace.num_steps, bits(executor.step), str(clusters),
        executor.run("heapsort", tiny).outputs, [r.outputs for r in executor.run_batch("merge_sort", [tiny] * 5)],
        [r.exact for r in evaluate(executor, ["minimum"], [8], 3).rows],
        Baseline.load(directory / "baseline").run("minimum", [3.0, 1.0]).num_steps,
        bits(baseline),
    )  # fmt: skip


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return used(tmp_path_factory.mktemp("plain"))


@pytest.mark.parametrize("settings", SEVERAL, ids=" ".join)
def test_runs_the_same(expected, settings, tmp_path):
    with at_once(settings):
        assert used(tmp_path) == expected


def layered(x, executor):
    """Layers made and called, losses and calls on tensors: their values."""
    y = torch.tensor([[1.0, 0.0, 0.0, 1.0, 1.0]], device="cpu", dtype=torch.float32)
    layer = ShortestPath(EDGES, 0, 3)
    out = [layer(x), layer.solution(x), layer.soft(x, samples=2, sigma=1e-9)]
    out += [ShortestPath(EDGES, 0, 3, weights=kind)(v) for kind, v in (("undirected", x), ("node", x[:, :4]))]
    out += [Sort()(x), Rank()(x), Sort(y[0]).value(x), SpanningTree(EDGES)(x)]
    out += [EditDistance(2, 1)(x[:, :2, None], x[:, :2], 0.5)]
    out += [f(layer, x, y) for f in (losses.perceptron, losses.hinge, losses.spo_plus)]
    out += executor("dijkstra", Data(edge_index=EDGES, weight=x[0], num_nodes=4), source=0).values()
    out += executor("merge_sort", x).values()
    out += executor("heapsort", [3.0, 1.0, 2.0]).values()
    out += executor("pagerank", Data(edge_index=EDGES, num_nodes=4), alpha=0.5).values()
    return out


@pytest.mark.parametrize("setting", SETTINGS)
def test_tensors_come_out_the_same(setting):
    executor = neural_exec.load("all")
    wanted = layered(W, executor)
    with SETTINGS[setting]():
        found = layered(W, neural_exec.load("all"))
    for a, b in zip(found, wanted, strict=True):
        assert (a.dtype, a.device, a.shape) == (b.dtype, b.device, b.shape)
        assert a.detach().clone().tolist() == b.tolist()
    # what was made and first used there serves outside, and the other way
    with SETTINGS[setting]():
        layers = [ShortestPath(EDGES, 0, 3, weights="undirected"), Sort(W[0])]
        values = [layer.value(W).tolist() for layer in layers]
    for layer, value in zip(layers, values):
        w = W.clone().requires_grad_()
        assert layer.value(w).tolist() == value
        assert torch.autograd.grad(layer.value(w).sum(), w)[0].tolist() == layer.solution(W).tolist()


def test_settings_are_put_back():
    for names in SEVERAL:
        with at_once(names):
            before = state()
            neural_exec.load("core").run("heapsort", [3.0, 1.0])
            Sort()
            assert state() == before, names


def state():
    return (
        torch.get_default_dtype(), torch.get_num_threads(), torch.is_inference_mode_enabled(), torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(), torch.is_autocast_enabled("cpu"), torch.is_anomaly_enabled(),
        torch.get_float32_matmul_precision(), (np.full(1, 5e-324) + 0.0)[0], str(np.geterr()),
        str(torch.get_default_device()), torch.autograd.forward_ad._is_fwd_grad_enabled(),
    )  # fmt: skip


def test_transforms_do_not_reach_a_run():
    executor = neural_exec.load("all")
    run = lambda x: executor.run("heapsort", [3.0, 1.0, 2.0]).outputs["order"] == [1, 2, 0] and x * 2
    assert torch.func.grad(lambda x: run(x).sum())(W).tolist() == [[2.0] * 5]
    assert torch.equal(torch.vmap(run)(W), W * 2)
