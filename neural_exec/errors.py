"""Errors of the network's side; those of inputs and authors are `algorithms.errors`. One base, `NeuralExecError`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from algorithms.errors import (  # fmt: skip
    ArgumentError,
    AuthorError,
    GraphError,
    InputError,
    NeuralExecError,
    UnknownAlgorithmError,
    did_you_mean,
)

__all__ = [
    "ArgumentError", "AuthorError", "ChainError", "DidNotHaltError", "ForgottenError", "GradientError", "GraphError",
    "InputError", "ModelError", "NeuralExecError", "NotHaltedError", "NothingLeftError", "UnknownAlgorithmError",
    "UnknownModelError", "did_you_mean", "said_of",
]  # fmt: skip


class ModelError(NeuralExecError):
    """A model's files are damaged, foreign, of another version, or do not fit the algorithms at hand."""


class UnknownModelError(ModelError):
    """No bundled model of that name and no such directory."""


class GradientError(NeuralExecError, TypeError):
    """A gradient asked of what has none: an output that is no scalar."""


class NotHaltedError(NeuralExecError, RuntimeError):
    """A run met its cap: its outputs would be those of an unfinished run, and are not given."""


class ChainError(ArgumentError):
    """A chain whose stages do not fit; the message names both ends and what would fit."""


class NothingLeftError(InputError):
    """A chain left no node, or no element, for its next stage."""


class DidNotHaltError(NotHaltedError):
    """A stage of a chain met its cap. name, place: of the stage; stages: those executed, it the last."""

    def __init__(self, message: str, name: str, place: int, stages: list):
        super().__init__(message)
        self.name, self.place, self.stages = name, place, stages


class ForgottenError(ModelError):
    """Tuning a processor for a new algorithm cost it an answer of one that it knew."""


@contextmanager
def said_of(where: str) -> Iterator[None]:
    """Errors made on purpose begin with where they come from, "graph 3 of the batch", say."""
    try:
        yield
    except NeuralExecError as e:
        e.args = (f"{where}: {e}",) if where else e.args
        raise
