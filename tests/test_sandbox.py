"""The sandbox of benchmarks/transfer/without_traces.py does what the executor does."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import neural_exec
from algorithms import get
from neural_exec.examples import rng_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks" / "transfer"))
from sandbox import Programs, Sandbox, entries


@pytest.mark.parametrize("name", ["bfs", "mst_prim", "binary_search", "kmp_matcher", "articulation_points"])
@pytest.mark.parametrize("damage", [0.0, 0.3])
def test_the_likeliest_program_is_the_executors(name, damage):
    """Also where the codes are damaged, so that answers are wrong and runs do not halt."""
    executor, spec = neural_exec.load("all"), get(name)
    with torch.no_grad():
        executor.step.codes += damage * torch.randn(
            executor.step.codes.shape, generator=torch.Generator().manual_seed(0)
        )
    rng = rng_of("sandbox", name)
    inputs = [spec.sample(rng, n, spec.families["training"][0]) for n in (1, 2, 3, 5, 7)]
    machine = executor.machines[name]
    sandbox = Sandbox(spec, machine, inputs, 2)
    programs = Programs(executor.step, executor.names, spec, machine, torch.tensor([1]), 2, np.random.default_rng(0))
    programs.begin(1.0)
    share, halted = sandbox.run(programs)
    assert share.shape == halted.shape == (2, len(inputs))
    if not damage:
        assert share[0].min() == 1.0 and halted[0].all()
    for i, (data, arguments) in enumerate(inputs):
        rollout = executor.run(name, data, **arguments)
        assert rollout.halted or not halted[0, i]  # the sandbox's cap is the lower one
        if halted[0, i]:
            for k, form in enumerate(sandbox.forms):
                got, want = sandbox.entries(k)[0, sandbox.graphs[k] == i], entries(form, rollout.instance)
                assert np.array_equal(got, want, equal_nan=got.dtype == np.float64)


def test_other_programs_are_drawn_from_the_softmax():
    executor, spec = neural_exec.load("all"), get("minimum")
    inputs, machine = [([3.0, 1.0, 2.0], {})], executor.machines["minimum"]
    right = {}
    for heat in (1e-3, 1e3):
        programs = Programs(
            executor.step, executor.names, spec, machine, torch.tensor([1]), 200, np.random.default_rng(0)
        )
        programs.begin(heat)
        share, _ = Sandbox(spec, machine, inputs, 200).run(programs)
        right[heat] = share[1:].mean()
        assert share[0] == 1.0
    assert right[1e-3] == 1.0 and right[1e3] < 0.5
