"""Runs inside torch: where numbers leave it, and come back with derivatives (`algorithms.machine.derivatives`).

Numbers are read in one place, `forward` of an autograd function; there they are under every transform (`torch.func`,
`vmap`, forward mode), since torch takes its wrappers off before. Derivatives are linear maps that hang on nothing but
the run: they are functions of their own, each the other's transpose, so that there are derivatives of any order. Where
inputs were multiplied the first derivative is no constant; a second one is refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor
from torch._subclasses.functional_tensor import FunctionalTensor
from torch.autograd.forward_ad import _set_fwd_grad_enabled

from algorithms.machine.derivatives import History
from neural_exec.defaults import own_defaults
from neural_exec.errors import ArgumentError, GradientError

__all__ = ["Found", "apply", "array_of", "fixed_array", "no_second", "readable", "seen", "signed"]


@dataclass
class Found:
    """What a run on inputs (P,) came to. scalars (Q,) float64; history: of these, None where no gradient is asked for;
    discrete: further tensors."""

    scalars: np.ndarray
    history: History | None
    discrete: list[Tensor]


def signed(forward: Callable) -> Callable:
    """Decorator of an autograd function's `forward`: its signature is found once; torch asks for it at every call."""
    vars(forward)["__signature__"] = inspect.signature(forward)
    return forward


class _Run(torch.autograd.Function):
    """Inputs (P,) float64 -> scalars (Q,), which () of the histories that are kept, these, and what is discrete."""

    @staticmethod
    @signed
    @own_defaults()
    def forward(inputs: Tensor, run: Callable[[np.ndarray], Found], name: str):
        out = run(array_of(inputs, name))
        back = lambda x: x.to(inputs.device)
        which = torch.zeros((), dtype=torch.int64, device=inputs.device)
        return back(torch.from_numpy(out.scalars)), which, [out.history], *map(back, out.discrete)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        _, which, ctx.kept, *discrete = output
        ctx.mark_non_differentiable(which, *discrete)
        ctx.set_materialize_grads(False)
        linear = all(h is None or h.linear for h in ctx.kept)
        ctx.save_for_backward(which, *(() if linear else inputs[:1]))
        ctx.save_for_forward(which, *(() if linear else inputs[:1]))
        ctx.name, ctx.discrete = inputs[2], len(discrete)

    @staticmethod
    def backward(ctx, gradient: Tensor | None, *_):
        if gradient is None:
            return None, None, None
        which, *inputs = ctx.saved_tensors
        if torch._C._functorch.is_legacy_batchedtensor(gradient):  # autograd.functional's vectorize=True: no numbers
            if inputs and torch.is_grad_enabled():
                no_second(ctx.name)
            (history,) = ctx.kept
            rows = np.stack([history.backward(row) for row in np.eye(len(history.outputs))])
            return (gradient[:, None] * torch.from_numpy(rows).to(gradient.device)).sum(0), None, None
        return _Pull.apply(gradient, which, inputs[0] if inputs else None, ctx.kept, ctx.name), None, None

    @staticmethod
    def jvp(ctx, tangent: Tensor | None, *_):
        which, *inputs = ctx.saved_tensors
        out = (
            None if tangent is None else _Push.apply(tangent, which, inputs[0] if inputs else None, ctx.kept, ctx.name)
        )
        return out, None, None, *[None] * ctx.discrete

    @staticmethod
    def vmap(info, dims, inputs: Tensor, run: Callable, name: str):
        done = [_Run.apply(x, run, name) for x in inputs.movedim(dims[0], 0)]
        kept, whiches = list[History | None](), list[Tensor]()
        for _, which, histories, *_ in done:
            whiches.append(which + len(kept))
            kept += histories
        rest = list(zip(*(d[3:] for d in done)))
        if any(x.shape != xs[0].shape for xs in rest for x in xs):
            raise ArgumentError(f"{name}: answers of several shapes do not make one tensor under vmap; give a batch")
        parts = [torch.stack(list(x)) for x in ([d[0] for d in done], whiches, *rest)]
        return (*parts[:2], kept, *parts[2:]), (0, 0, None, *[0] * len(rest))


class _Linear(torch.autograd.Function):
    """A history as a map of x, each way the other's transpose; `inputs` where the map itself hangs on them."""

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        _, which, _, ctx.kept, ctx.name = inputs
        ctx.save_for_backward(which)
        ctx.save_for_forward(which)

    @classmethod
    def _vmap(cls, info, dims, x: Tensor, which: Tensor, inputs: Tensor | None, kept: list, name: str):
        each = lambda t, d: [t] * info.batch_size if t is None or d is None else t.movedim(d, 0)
        rows = zip(each(x, dims[0]), each(which, dims[1]), each(inputs, dims[2]))
        return torch.stack([cls.apply(*row, kept, name) for row in rows]), 0


class _Pull(_Linear):
    """d/d scalars (Q,) -> d/d inputs (P,)."""

    @staticmethod
    def forward(x: Tensor, which: Tensor, inputs: Tensor | None, kept: list, name: str) -> Tensor:
        return torch.from_numpy(kept[int(which)].backward(x.cpu().numpy())).to(x.device)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        if ctx.needs_input_grad[2]:
            no_second(ctx.name)
        return _Push.apply(gradient, *ctx.saved_tensors, None, ctx.kept, ctx.name), None, None, None, None

    @staticmethod
    def jvp(ctx, x: Tensor | None, _, inputs: Tensor | None, *__):
        if inputs is not None:
            no_second(ctx.name)
        return None if x is None else _Pull.apply(x, *ctx.saved_tensors, None, ctx.kept, ctx.name)

    @staticmethod
    def vmap(*of):
        return _Pull._vmap(*of)


class _Push(_Linear):
    """A tangent of the inputs (P,) -> of the scalars (Q,)."""

    @staticmethod
    def forward(x: Tensor, which: Tensor, inputs: Tensor | None, kept: list, name: str) -> Tensor:
        return torch.from_numpy(kept[int(which)].forward(x.cpu().numpy())).to(x.device)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        if ctx.needs_input_grad[2]:
            no_second(ctx.name)
        return _Pull.apply(gradient, *ctx.saved_tensors, None, ctx.kept, ctx.name), None, None, None, None

    @staticmethod
    def jvp(ctx, x: Tensor | None, _, inputs: Tensor | None, *__):
        if inputs is not None:
            no_second(ctx.name)
        return None if x is None else _Push.apply(x, *ctx.saved_tensors, None, ctx.kept, ctx.name)

    @staticmethod
    def vmap(*of):
        return _Push._vmap(*of)


class _Seen(torch.autograd.Function):
    @staticmethod
    @signed
    @own_defaults()
    def forward(x: Tensor, check: Callable[[np.ndarray], None], name: str) -> Tensor:
        check(array_of(x, name))
        return x.clone()

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        """Nothing is kept."""

    @staticmethod
    def backward(ctx, gradient: Tensor):
        return gradient, None, None

    @staticmethod
    def jvp(ctx, tangent: Tensor | None, *_):
        with _set_fwd_grad_enabled(True):  # torch takes it away here, and forward mode of forward mode with it
            return None if tangent is None else tangent.clone()

    @staticmethod
    def vmap(info, dims, x: Tensor, check: Callable, name: str):
        return torch.stack([_Seen.apply(one, check, name) for one in x.movedim(dims[0], 0)]), 0


def apply(inputs: Tensor, run: Callable[[np.ndarray], Found], name: str) -> tuple[Tensor, list[Tensor]]:
    """Inputs (P,) float64 -> scalars (Q,) float64, differentiable by way of the run's history, and what is discrete.
    name: of the algorithm, for messages."""
    scalars, _, _, *discrete = _Run.apply(inputs, run, name)
    return scalars, discrete


def seen(x: Tensor, check: Callable[[np.ndarray], None], name: str) -> Tensor:
    """x as it is, once `check` has seen its numbers and raised nothing; each of them where `vmap` makes it several."""
    return _Seen.apply(x, check, name)


def array_of(x: Tensor, name: str) -> np.ndarray:
    """A tensor's numbers, which leave torch here. Raises ArgumentError where it has none, or is being traced."""
    readable(x, name)
    return x.detach().cpu().numpy()


def fixed_array(x: Tensor, what: str) -> np.ndarray:
    """Numbers that no derivative is asked of, a graph's or a node's. Raises ArgumentError where `vmap` makes them
    several, or there are none."""
    readable(x, what)
    while torch._C._functorch.is_functorch_wrapped_tensor(x):
        if torch._C._functorch.is_batchedtensor(x):
            raise ArgumentError(f"{what} differs under vmap; it is the same for all there, or give a batch instead")
        x = torch._C._functorch.get_unwrapped(x)
    with own_defaults():
        return x.detach().cpu().numpy()


def no_second(name: str) -> None:
    """Raises GradientError."""
    raise GradientError(f"{name} multiplies its numbers: it has a first derivative, and no second one here")


def readable(x: Tensor, name: str) -> None:
    """Raises ArgumentError where no numbers can be read: of what is no tensor, and while torch traces."""
    if not isinstance(x, Tensor):
        raise ArgumentError(f"{name}: a tensor is needed, not {type(x).__name__}")
    if torch.jit.is_tracing():
        raise ArgumentError(f"{name} cannot be traced by torch.jit: what is done hangs on its numbers; call it instead")
    if x.device.type == "meta" or isinstance(x, FakeTensor | FunctionalTensor):
        raise ArgumentError(f"{name} needs numbers; a {type(x).__name__} on {x.device} has none (export makes such)")
