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
    "ArgumentError", "AuthorError", "ForgottenError", "GraphError", "InputError", "ModelError", "NeuralExecError",
    "UnknownAlgorithmError", "UnknownModelError", "did_you_mean",
]  # fmt: skip


class ModelError(NeuralExecError):
    """A model's files are damaged, foreign, of another version, or do not fit the algorithms at hand."""


class UnknownModelError(ModelError):
    """No bundled model of that name and no such directory."""


class ForgottenError(ModelError):
    """Tuning a processor for a new algorithm cost it an answer of one that it knew."""
