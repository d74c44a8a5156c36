r"""Losses for layers whose value is an optimum, made of `value` alone.

Equations are for d(w) = min over y of w·y, with y* the true solution (the indicator in the shape of w); where the
layer's `sense` is "max" signs are turned. Each is convex in w, and its gradient is a difference of solutions.

| what is known | take |
| --- | --- |
| true numbers c (and so y*) | `spo_plus`, or the squared error of w against c where the model can be right about them |
| clean solutions y* | `hinge` |
| noisy solutions y* | `fenchel_young`, or `hinge` |
| to compare with | `perceptron`: it is content with w = 0, and with ties |

Where negative numbers are outside the algorithm's contract what a loss hands in is clipped just above 0, the gradient
passing straight through (`ExecutorLayer.clip`). Every loss takes `reduction`: "mean" (default), "sum" or "none", is
computed in float64 and comes in w's dtype.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from neural_exec.errors import ArgumentError
from neural_exec.nn.given import dtype_of, float64
from neural_exec.nn.layer import ExecutorLayer
from neural_exec.tensors.gradients import seen

__all__ = ["fenchel_young", "hinge", "perceptron", "spo_plus"]


def _sign(layer: ExecutorLayer) -> float:
    if layer.sense not in ("min", "max"):
        raise ArgumentError(
            f"the value of {layer.name} is no optimum of a sum w·y over solutions y; losses need one that is"
        )
    return 1.0 if layer.sense == "min" else -1.0


def _match(layer: ExecutorLayer, w: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
    for x in others:
        if x.shape != w.shape:
            raise ArgumentError(
                f"{layer.name}: w has shape {tuple(w.shape)}, what it is compared with {tuple(x.shape)}"
            )
    return float64(w, f"{layer.name}: w"), *(x.to(w.device, torch.float64) for x in others)


def _reduce(loss: Tensor, reduction: str, dtype: torch.dtype) -> Tensor:
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError(f"reduction={reduction!r}; 'mean', 'sum' or 'none' is needed")
    return (loss if reduction == "none" else getattr(loss, reduction)()).to(dtype)


def perceptron(layer: ExecutorLayer, w: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """w·y* − d(w): how much better the solution found is, by the numbers predicted, than the true one.

    w (B, m) predicted, y (B, m) true solutions -> (), or (B,). At least 0. A baseline: it pulls w to 0.
    Source: Collins, Discriminative Training Methods for Hidden Markov Models, EMNLP 2002.

    >>> from neural_exec.nn import ShortestPath
    >>> layer = ShortestPath(torch.tensor([[0, 0, 2], [1, 2, 1]]), source=0, target=1)
    >>> w, y = torch.tensor([[4.0, 1.0, 2.0]], requires_grad=True), torch.tensor([[1.0, 0.0, 0.0]])
    >>> loss = perceptron(layer, w, y)
    >>> loss.item(), torch.autograd.grad(loss, w)[0].tolist()
    (1.0, [[1.0, -1.0, -1.0]])
    """
    s, dtype = _sign(layer), dtype_of(w)
    w, y = _match(layer, w, y)
    return _reduce(s * ((w * y).sum(1) - layer.value(layer.clip(w))), reduction, dtype)


def hinge(layer: ExecutorLayer, w: Tensor, y: Tensor, margin: float = 1.0, reduction: str = "mean") -> Tensor:
    """w·y* − d(w − m(1 − 2y*)) + m·Σy*: 0 once y* is better than every y by m times the places where they differ.

    w (B, m) predicted, y (B, m) true solutions, of 0 and 1 -> (), or (B,). At least 0, where nothing had to be clipped.
    margin m: the scale that w takes on; about a tenth of the mean of w to begin with. For clean solutions. Raises
    ArgumentError for solutions of other numbers (ranks, lengths of codes): between them nothing counts such places.
    Source: Taskar, Guestrin, Koller, Max-Margin Markov Networks, NeurIPS 2003.

    >>> from neural_exec.nn import ShortestPath
    >>> layer = ShortestPath(torch.tensor([[0, 0, 2], [1, 2, 1]]), source=0, target=1)
    >>> hinge(layer, torch.tensor([[4.0, 1.0, 2.0]]), torch.tensor([[1.0, 0.0, 0.0]]), margin=0.5).item()
    2.5
    """
    s, dtype = _sign(layer), dtype_of(w)
    w, y = _match(layer, w, y)

    def indicators(y: np.ndarray) -> None:
        if ((y != 0) & (y != 1)).any():
            raise ArgumentError(f"{layer.name}: hinge takes solutions of 0 and 1; fenchel_young and spo_plus take any")

    y = seen(y, indicators, layer.name)
    found = layer.value(layer.clip(w - s * margin * (1 - 2 * y)))
    return _reduce(s * ((w * y).sum(1) - found) + margin * y.sum(1), reduction, dtype)


def fenchel_young(
    layer: ExecutorLayer, w: Tensor, y: Tensor, samples: int = 1, sigma: float = 1.0, reduction: str = "mean"
) -> Tensor:
    """w·y* − mean over z ~ N(0, 1) of d(w + σz); its gradient is y* minus the mean solution under noise.

    w (B, m) predicted, y (B, m) true solutions, or means of several -> (), or (B,); up to a constant. samples: draws
    from torch's generator, in one batch; 1 does as well as 10 over many steps. sigma: the scale that w takes on; where
    w is bounded, some .15 of its mean. For noisy solutions.
    Source: Berthet et al., Learning with Differentiable Perturbed Optimizers, NeurIPS 2020.

    >>> from neural_exec.nn import ShortestPath
    >>> layer = ShortestPath(torch.tensor([[0, 0, 2], [1, 2, 1]]), source=0, target=1)
    >>> w, y = torch.tensor([[4.0, 1.0, 2.0]], requires_grad=True), torch.tensor([[1.0, 0.0, 0.0]])
    >>> torch.autograd.grad(fenchel_young(layer, w, y, sigma=0.01), w)[0].tolist()
    [[1.0, -1.0, -1.0]]
    """
    s, dtype = _sign(layer), dtype_of(w)
    w, y = _match(layer, w, y)
    if samples < 1:
        raise ArgumentError(f"samples={samples}; at least one is needed")
    noise = torch.randn(samples, *w.shape, dtype=torch.float64, device=w.device)
    found = layer.value(layer.clip((w + sigma * noise).flatten(0, 1))).view(samples, -1).mean(0)
    return _reduce(s * ((w * y).sum(1) - found), reduction, dtype)


def spo_plus(layer: ExecutorLayer, w: Tensor, c: Tensor, y: Tensor | None = None, reduction: str = "mean") -> Tensor:
    """2w·y* − c·y* − d(2w − c): a convex bound on the regret c·y(w) − c·y*.

    w (B, m) predicted, c (B, m) true numbers, y (B, m) their solutions (found if not given) -> (), or (B,). Where
    2w − c is clipped it is no strict bound. For known numbers.
    Source: Elmachtoub, Grigas, Smart "Predict, then Optimize", Management Science 68(1), 2022.

    >>> from neural_exec.nn import ShortestPath
    >>> layer = ShortestPath(torch.tensor([[0, 0, 2], [1, 2, 1]]), source=0, target=1)
    >>> spo_plus(layer, w=torch.tensor([[4.0, 1.0, 2.0]]), c=torch.tensor([[1.0, 2.0, 2.0]])).item()
    5.0
    """
    s, dtype = _sign(layer), dtype_of(w)
    y = layer.solution(c) if y is None else y
    w, c, y = _match(layer, w, c, y)
    found = layer.value(layer.clip(2 * w - c))
    return _reduce(s * ((2 * w * y).sum(1) - (c * y).sum(1) - found), reduction, dtype)
