"""What runs a layer inside torch: `value`, `solution`, `order`, `soft_solution`, float64; see `tensors.gradients`.

A value's derivative is a row of numbers, a constant as long as the run stays the same. So the pass back is made of
torch's own operations, and what `vmap` adds to the batch is run in one. (`executor(…)` has many outputs of one run and
keeps its `History` instead, `tensors.gradients`; a layer has one value a problem, of which a row is less.) What is kept
is told by a number in a tensor, `which`, so that transforms can take it along.

`layer.value` calls `value`, that the function `_Value`, that `layer.solve`, which runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.autograd.forward_ad import _set_fwd_grad_enabled, unpack_dual

from neural_exec.defaults import own_defaults
from neural_exec.errors import GradientError, InputError
from neural_exec.tensors.gradients import array_of, no_second, seen, signed

__all__ = ["Kept", "order", "rounded", "soft_solution", "solution", "value"]


@dataclass(frozen=True)
class Kept:
    """Derivatives (B, m) of the values of B problems, as compressed rows. linear: is the value, as the run went, a sum
    of its numbers? (Else, with products, its derivative is no constant.)"""

    width: int
    starts: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    linear: bool

    @classmethod
    def of(cls, rows: np.ndarray, linear: bool = True) -> Kept:
        where, columns = np.nonzero(rows)
        starts = np.searchsorted(where, np.arange(len(rows) + 1)).astype(np.int32)
        return cls(rows.shape[1], starts, columns.astype(np.int32), rows[where, columns], linear)

    @property
    def nbytes(self) -> int:
        """What is kept between the run and the pass back."""
        return self.starts.nbytes + self.columns.nbytes + self.values.nbytes

    def rows(self, which: np.ndarray) -> np.ndarray:
        """Those of the problems `which` (k,) -> (k, m)."""
        out, counts = np.zeros((len(which), self.width)), np.diff(self.starts)[which]
        at = np.repeat(self.starts[which] - np.r_[0, np.cumsum(counts)[:-1]], counts) + np.arange(counts.sum())
        out[np.repeat(np.arange(len(which)), counts), self.columns[at]] = self.values[at]
        return out


class Solver(Protocol):
    """What a layer gives to its functions."""

    name: str

    def solve(self, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]: ...
    def solution(self, w: Tensor) -> Tensor: ...
    def clip(self, w: Tensor) -> Tensor: ...


class Orders(Protocol):
    """What a layer gives that orders its numbers."""

    name: str

    def solve_order(self, numbers: np.ndarray) -> np.ndarray: ...


def _together(info, dims: tuple, *tensors: Tensor) -> list[Tensor]:
    """Tensors of a `vmap`, with the dimension that it adds before the others, joined to the first of these."""
    moved = [x.expand(info.batch_size, *x.shape) if d is None else x.movedim(d, 0) for x, d in zip(tensors, dims)]
    return [x.flatten(0, 1) for x in moved]


class _Value(torch.autograd.Function):
    """w (B, m) float64 -> value (B,), which (B,) of the rows that are kept, and these."""

    @staticmethod
    @signed
    @own_defaults()
    def forward(w: Tensor, layer: Solver):
        found, rows, linear = layer.solve(array_of(w, layer.name))
        out = torch.from_numpy(found).to(w.device)
        return out, torch.arange(len(found), device=w.device), Kept.of(rows, linear)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        (w, layer), (_, which, kept) = inputs, output
        ctx.mark_non_differentiable(which)
        ctx.set_materialize_grads(False)
        ctx.kept, ctx.name = kept, layer.name
        saved = (which,) if kept.linear else (which, w)
        ctx.save_for_backward(*saved)
        ctx.save_for_forward(*saved)

    @staticmethod
    def _rows(ctx, forward_mode: bool = False) -> Tensor:
        which, *w = ctx.saved_tensors
        if w and forward_mode:  # its own tangent is the one that is asked for
            w = [unpack_dual(w[0]).primal]
        return _Rows.apply(which, w[0] if w else None, ctx.kept, ctx.name)

    @staticmethod
    def backward(ctx, gradient: Tensor | None, *_):
        if gradient is None:
            return None, None
        rows = _Value._rows(ctx)
        gradient = gradient[:, None].expand_as(rows).masked_fill(rows == 0, 0.0)  # also of an infinite value
        return gradient * rows, None

    @staticmethod
    def jvp(ctx, tangent: Tensor | None, *_):
        with _set_fwd_grad_enabled(True):  # see `neural_exec.tensors.gradients`
            return None if tangent is None else (tangent * _Value._rows(ctx, True)).sum(1), None, None

    @staticmethod
    def vmap(info, dims, w: Tensor, layer: Solver):
        (flat,) = _together(info, dims, w)
        found, which, kept = _Value.apply(flat, layer)
        shape = info.batch_size, -1
        return (found.view(shape), which.view(shape), kept), (0, 0, None)


class _Rows(torch.autograd.Function):
    """which (B,) -> rows (B, m) float64 of what is kept, a constant; w (B, m) where it is none."""

    @staticmethod
    @signed
    def forward(which: Tensor, w: Tensor | None, kept: Kept, name: str) -> Tensor:
        return torch.from_numpy(kept.rows(which.cpu().numpy())).to(which.device)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        ctx.name = inputs[3]
        if inputs[1] is None:
            ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx, gradient):
        no_second(ctx.name)

    @staticmethod
    def jvp(ctx, *_):
        return _Rows.backward(ctx, None)

    @staticmethod
    def vmap(info, dims, which: Tensor, w: Tensor | None, kept: Kept, name: str):
        flat, *at = _together(info, dims, *(x for x in (which, w) if x is not None))
        return _Rows.apply(flat, at[0] if at else None, kept, name).unflatten(0, (info.batch_size, -1)), 0


class _Order(torch.autograd.Function):
    """w (B, n) float64 -> which key each place holds (B, n) int64."""

    @staticmethod
    @signed
    @own_defaults()
    def forward(w: Tensor, layer: Orders) -> Tensor:
        return torch.from_numpy(layer.solve_order(array_of(w, layer.name))).to(w.device)

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        ctx.mark_non_differentiable(output)

    @staticmethod
    def backward(ctx, gradient):
        return None, None

    @staticmethod
    def jvp(ctx, *_):
        return None

    @staticmethod
    def vmap(info, dims, w: Tensor, layer: Orders):
        (flat,) = _together(info, dims, w)
        return _Order.apply(flat, layer).unflatten(0, (info.batch_size, -1)), 0


class _Soft(torch.autograd.Function):
    """w (B, m), noise (B, S, m) float64 -> the mean solution (B, m)."""

    @staticmethod
    def forward(w: Tensor, noise: Tensor, layer: Solver, step: float) -> Tensor:
        return _mean_solution(w[None], noise, layer)[0]

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        w, noise, ctx.layer, ctx.step = inputs
        ctx.save_for_backward(w, noise)

    @staticmethod
    def backward(ctx, gradient: Tensor):
        return _Difference.apply(*ctx.saved_tensors, gradient, ctx.layer, ctx.step), None, None, None

    @staticmethod
    def jvp(ctx, *_):
        raise GradientError("the mean solution has no derivative in forward mode; take it backward")

    @staticmethod
    def vmap(info, dims, w: Tensor, noise: Tensor, layer: Solver, step: float):
        flat = _together(info, dims, w, noise)
        return _Soft.apply(*flat, layer, step).unflatten(0, (info.batch_size, -1)), 0


class _Difference(torch.autograd.Function):
    """The central difference of the mean solution, along a gradient g (B, m)."""

    @staticmethod
    def forward(w: Tensor, noise: Tensor, g: Tensor, layer: Solver, step: float) -> Tensor:
        top = g.abs().amax(1, keepdim=True)
        size = step * w.abs().mean(1, keepdim=True) / torch.where(top > 0, top, 1.0)
        plus, minus = _mean_solution(torch.stack([w + size * g, w - size * g]), noise, layer)
        return (plus - minus) / (2 * torch.where(size > 0, size, 1.0))

    @staticmethod
    def setup_context(ctx, inputs, output) -> None:
        pass

    @staticmethod
    def backward(ctx, gradient):
        raise GradientError("the mean solution has one derivative, a difference, and no second one")

    @staticmethod
    def jvp(ctx, *_):
        return _Difference.backward(ctx, None)

    @staticmethod
    def vmap(info, dims, w: Tensor, noise: Tensor, g: Tensor, layer: Solver, step: float):
        flat = _together(info, dims, w, noise, g)
        return _Difference.apply(*flat, layer, step).unflatten(0, (info.batch_size, -1)), 0


def _mean_solution(w: Tensor, noise: Tensor, layer: Solver) -> Tensor:
    """w (K, B, m), noise (B, S, m) -> (K, B, m), in one batch of K · B · S."""
    many = (w[:, :, None] * noise).flatten(0, 2)
    return layer.solution(layer.clip(many)).view(len(w), *noise.shape).mean(2)


def value(w: Tensor, layer: Solver) -> Tensor:
    """w (B, m) float64 -> value (B,) float64, differentiable."""
    return _Value.apply(w, layer)[0]


def solution(w: Tensor, layer: Solver) -> Tensor:
    """w (B, m) float64 -> the value's derivative (B, m) float64, a constant."""
    _, which, kept = _Value.apply(w.detach(), layer)
    return _Rows.apply(which, None, kept, layer.name)


def rounded(found: Tensor, dtype: torch.dtype, layer: Solver) -> Tensor:
    """Values (B,) float64 in another dtype. Raises InputError for one that is too large for it."""

    def check(values: np.ndarray) -> None:
        lost = np.flatnonzero(np.isfinite(values) & (np.abs(values) > torch.finfo(dtype).max))
        if len(lost):
            i = int(lost[0])
            raise InputError(f"{layer.name}: the value of instance {i} is {values[i]}, too large for {dtype}")

    return found if dtype == torch.float64 else seen(found, check, layer.name).to(dtype)


def order(w: Tensor, layer: Orders) -> Tensor:
    """w (B, n) float64 -> which key each place holds (B, n) int64."""
    return _Order.apply(w.detach(), layer)


def soft_solution(w: Tensor, noise: Tensor, layer: Solver, step: float) -> Tensor:
    """w (B, m), noise (B, S, m) float64 -> the mean solution (B, m), differentiable in w."""
    return _Soft.apply(w, noise, layer, step)
