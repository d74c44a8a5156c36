"""Errors of the network's side; those of inputs and authors are `algorithms.errors`. One base, `NeuralExecError`."""

from __future__ import annotations

from algorithms.errors import (
    ArgumentError,
    AuthorError,
    GraphError,
    InputError,
    NeuralExecError,
    UnknownAlgorithmError,
    did_you_mean,
)  # fmt: skip

__all__ = [
    "ArgumentError", "AuthorError", "GradientError", "GraphError", "InputError", "ModelError", "NeuralExecError",
    "NotHaltedError", "UnknownAlgorithmError", "UnknownModelError", "did_you_mean",
]  # fmt: skip


class ModelError(NeuralExecError):
    """A model's files are damaged, foreign, of another version, or do not fit the algorithms at hand."""


class UnknownModelError(ModelError):
    """No bundled model of that name and no such directory."""


class GradientError(NeuralExecError, TypeError):
    """A gradient asked of what has none: an output that is no scalar."""


class NotHaltedError(NeuralExecError, RuntimeError):
    """A run met its cap: its outputs would be those of an unfinished run, and are not given."""
