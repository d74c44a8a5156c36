"""Is what a model's files say true? Each part is looked up or measured before anything is made of it.

Machines are verified by `algorithms/verify.py`, against their algorithms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path

import torch
from torch import Tensor

from algorithms import registry
from algorithms.errors import NeuralExecError, UnknownAlgorithmError
from algorithms.fingerprint import with_machine
from algorithms.machine.program import Group, Machine
from algorithms.verify import verify
from neural_exec.errors import ModelError
from neural_exec.network.meaning import Names, meanings_of
from neural_exec.network.step import StepConfig

__all__ = ["check_tensors", "code_of", "differences", "info_of", "machine_of", "reading", "sizes_of", "words"]

_LARGEST = 4096  # of the sizes of a step
_INFO = dict(algorithms=list, seed=int, traces=int, updates=int, ticks=int, inexact=list, seconds=dict, recipe=dict)


@contextmanager
def reading(what: str | Path) -> Iterator[None]:
    """What is not as it should be in here is a ModelError."""
    try:
        yield
    except ModelError:
        raise
    except NeuralExecError as e:
        raise ModelError(f"{what} does not hold what this package writes: {e}") from e
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError, ArithmeticError) as e:
        raise ModelError(f"{what} does not hold what this package writes: {type(e).__name__}: {e}") from e


def need(true: bool, what: str) -> None:
    if not true:
        raise ValueError(what)


def words(names) -> list[str]:
    """Names in the order of their codes; the first is the empty one."""
    need(isinstance(names, list) and all(isinstance(n, str) for n in names), "names are no list of words")
    need(names[:1] == [""] and len(set(names)) == len(names), "names are not one each, after an empty one")
    return names


def sizes_of(record) -> StepConfig:
    """The sizes of a step."""
    need(isinstance(record, dict) and record.keys() == {f.name for f in fields(StepConfig)}, "step: other sizes")
    for name, size in record.items():
        need(type(size) is int and 0 < size <= _LARGEST, f"step: {name} is {size!r}")
    return StepConfig(**record)


def info_of(record) -> dict:
    """What is told of a model; what the package reads of it has its type."""
    need(isinstance(record, dict), "info is no record")
    for name, kind in _INFO.items():
        value = record.get(name, kind())
        need(isinstance(value, kind) and not isinstance(value, bool), f"info: {name} is {value!r}")
    for name in ("algorithms", "inexact"):
        need(all(isinstance(x, str) for x in record.get(name, ())), f"info: {name} are no words")
    for name, value in record.get("seconds", {}).items():
        need(type(value) in (int, float), f"info: seconds of {name} are {value!r}")
    return record


def machine_of(name: str, record, names: Names) -> Machine:
    """What was recorded of an algorithm, verified; all that it is made of is among the names."""
    machine = verify(registry.get(name), Machine.from_dict(record))
    known = Names(names.names)
    meanings_of(machine, known)
    need(len(known) == len(names), f"{name}: lacks the name {known.names[-1]!r}")
    return machine


def check_tensors(file: Path, tensors: dict[str, Tensor], like: dict[str, Tensor], contexts: dict[str, Group]) -> None:
    """Raises ModelError unless all tensors are there, and no other: of the type and shape of `like`, and finite, or
    codes of contexts (n,) int64 that a group has."""

    def fits(name: str) -> bool:
        t = tensors.get(name)
        if t is None or not (name in like or name in contexts):
            return False
        if name in like:
            return (t.dtype, t.shape) == (like[name].dtype, like[name].shape) and bool(t.isfinite().all())
        if t.dtype != torch.int64 or t.ndim != 1:
            return False
        return contexts[name].are_contexts(t.numpy())

    if wrong := sorted(k for k in tensors.keys() | like.keys() | contexts.keys() if not fits(k)):
        raise ModelError(f"{file} does not fit its config: {', '.join(wrong[:5])}")


def code_of(name: str, machine: dict, names: list[str]) -> str:
    """What a weight file belongs to: what the algorithm executes, the machine that was recorded of it, its names."""
    return with_machine(registry.fingerprint(name), machine, names)


def differences(name: str, record: dict, names: list[str]) -> list[str]:
    """What is not as it was when the model was trained. record: of an algorithm, its probes, code and machine."""
    try:
        now = {p["name"]: p for p in registry.get(name).describe()}
    except UnknownAlgorithmError:
        return [f"{name} does not exist (if it is in a file of its own, algorithms.register that first)"]
    then = {p["name"]: p for p in record["probes"]}
    changed = sorted(n for n in now.keys() | then.keys() if now.get(n) != then.get(n))
    if changed:
        return [f"{name}: probe{'s' * (len(changed) > 1)} {', '.join(changed)}"]
    return [] if code_of(name, record["machine"], names) == record["code"] else [f"{name}: its code"]
