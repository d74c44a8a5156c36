"""`Executor.__call__`: tensors in, tensors out, with gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from algorithms.answers import Entries
from algorithms.machine.derivatives import Growing
from algorithms.spec import Spec
from neural_exec.errors import ArgumentError, GradientError
from neural_exec.network.decisions import Policy
from neural_exec.tensors.gradients import Found, apply
from neural_exec.tensors.inputs import read
from neural_exec.tensors.outputs import Reader, differentiable, shaped, value_of
from neural_exec.tensors.prepared import Prepared

__all__ = ["call", "no_gradient"]


def no_gradient(spec: Spec, output: str | None = None) -> GradientError:
    """The error that says which output has a gradient."""
    has = differentiable(spec)
    if not has:
        return GradientError(f"no output of {spec.name} has a gradient; detach its inputs")
    what = f"output {output!r} of {spec.name} is discrete"
    return GradientError(f"{what} and has no gradient; {', '.join(map(repr, has))} has one")


def call(spec: Spec, policy: Policy, data, inputs: dict) -> dict[str, Tensor]:
    """See `neural_exec.Executor.__call__`."""
    asked = read(spec, data, inputs)
    if not asked.problems:
        raise ArgumentError(f"{spec.name}: the batch is empty")
    has = differentiable(spec)
    forms = {n: f for n, f in spec.outputs.items() if isinstance(f, Entries) and f.has_gradient(spec)}
    if asked.inputs.requires_grad and not has:
        raise no_gradient(spec)
    logged = bool(forms) and _may_be_differentiated(asked.inputs)
    valued = has == ["value"] and "value" not in spec.outputs
    lengths = {}  # scalar output -> how many scalars it is

    def run(values: np.ndarray) -> Found:
        asked.check(values)
        policy.warm()
        prepared = Prepared(policy, asked.problems, logged)
        reader = Reader(asked, prepared.instance)
        cells = {name: reader.cells_of(form) for name, form in forms.items()}
        lengths.update({name: len(rows) for name, (_, rows) in cells.items()})
        flat = [*cells.values()]
        prepared.run(asked.laid_out(values))
        scalars = np.concatenate([np.zeros(0), *(prepared.scalars(*cell) for cell in flat)])
        history = None if len(scalars) else Growing().terms().keep(np.zeros(0, np.int64), len(values))
        if logged:
            history = prepared.history(flat)
        discrete = [reader.discrete(form) for name, form in spec.outputs.items() if name not in forms]
        return Found(scalars, history, discrete + ([reader.chosen()] if valued else []))

    scalars, discrete = apply(asked.inputs, run, spec.name)
    parts = list(scalars.split([lengths[name] for name in forms]))
    out = {}
    for name, form in spec.outputs.items():
        if name in forms:
            out[name] = shaped(asked, form, parts.pop(0))
        else:
            out[name] = discrete.pop(0)
    if valued:
        out["value"] = value_of(asked, discrete.pop(0))
    return out


def _may_be_differentiated(inputs: Tensor) -> bool:
    """Also by a transform of `torch.func`, or in forward mode."""
    forward_mode = torch.autograd.forward_ad._current_level >= 0
    return inputs.requires_grad or forward_mode or torch._C._are_functorch_transforms_active()
