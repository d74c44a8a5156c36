"""Errors. Every one derives from `NeuralExecError`; each message says what was given, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "ArgumentError",
    "AuthorError",
    "GraphError",
    "InputError",
    "MachineError",
    "NeuralExecError",
    "UnknownAlgorithmError",
    "did_you_mean",
]


class NeuralExecError(Exception):
    """Base of every error that this project raises on purpose."""


class UnknownAlgorithmError(NeuralExecError):
    """No algorithm of that name."""


class InputError(NeuralExecError, ValueError):
    """An input outside an algorithm's contract: a value, a weight, a key."""


class GraphError(InputError):
    """A graph of the wrong kind: empty, directed where undirected is needed, cyclic, a multigraph."""


class ArgumentError(NeuralExecError, TypeError):
    """An unknown, missing or unexpected argument."""


class AuthorError(NeuralExecError):
    """A program that the machine cannot run as it is written; the message names the line and the remedy."""


class MachineError(NeuralExecError, ValueError):
    """A machine, read from a file, that is not one of its algorithm."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`"; did you mean 'bfs'?"` where something is near, else the list of what is known."""
    known = sorted(known)
    near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.5)
    if near:
        return "; did you mean " + " or ".join(repr(x) for x in near) + "?"
    return "; known: " + ", ".join(known)
