"""`Executor.__call__`: tensors in, tensors out, with gradients."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from algorithms.spec import Spec
from neural_exec import gradients
from neural_exec.errors import ArgumentError, GradientError
from neural_exec.policy import Policy
from neural_exec.prepared import Prepared
from neural_exec.tensors_in import read
from neural_exec.tensors_out import Reader, differentiable, scalar_outputs

__all__ = ["call", "no_gradient", "scalars"]


def no_gradient(spec: Spec, output: str | None = None) -> GradientError:
    """The error that says which output has a gradient."""
    has = differentiable(spec)
    if not has:
        return GradientError(f"no output of {spec.name} has a gradient; detach its inputs")
    what = f"output {output!r} of {spec.name} is discrete"
    return GradientError(f"{what} and has no gradient; {', '.join(map(repr, has))} has one")


def scalars(prepared: Prepared, inputs: Tensor, cells: list[tuple[str, np.ndarray]]) -> list[Tensor]:
    """Run on inputs (P,); the scalars in these cells (register, rows), each (k,), differentiable."""
    log = prepared.engine.log

    def run(values: np.ndarray):
        prepared.run(values)
        out = np.concatenate([prepared.instance.scalars[name][rows] for name, rows in cells])
        versions = np.concatenate([log.versions[name][rows] for name, rows in cells])
        versions[~np.isfinite(out)] = 0  # inf: unreachable, and constant
        return out, log.keep(versions)

    return list(gradients.apply(inputs, run).split([len(rows) for _, rows in cells]))


def call(spec: Spec, policy: Policy, data, inputs: dict) -> dict[str, Tensor]:
    """See `neural_exec.Executor.__call__`."""
    asked = read(spec, data, inputs)
    if not asked.problems:
        raise ArgumentError(f"{spec.name}: the batch is empty")
    asked.check()
    has = differentiable(spec)
    if asked.inputs.requires_grad and not has:
        raise no_gradient(spec)
    policy.warm()
    forms = {name: spec.outputs[name] for name in scalar_outputs(spec)}
    prepared = Prepared(policy, asked.problems, logged=bool(forms) and asked.inputs.requires_grad)
    reader = Reader(asked, prepared.instance)
    cells = {name: reader.cells_of(form) for name, form in forms.items()}
    if prepared.engine.log:
        flat = scalars(prepared, asked.inputs, [c for parts in cells.values() for c in parts])
    else:
        prepared.run(asked.laid_out)
        read_ = lambda name, rows: torch.from_numpy(prepared.instance.scalars[name][rows]).to(asked.inputs.device)
        flat = [read_(*c) for parts in cells.values() for c in parts]
    out = {}
    for name, form in spec.outputs.items():
        if name in forms:
            out[name] = reader.shaped(form, [flat.pop(0) for _ in cells[name]])
        else:
            out[name] = reader.discrete(form).to(asked.inputs.device)
    if has == ["value"] and "value" not in out:
        out["value"] = reader.value_of()
    return out
