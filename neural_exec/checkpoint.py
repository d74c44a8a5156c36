"""Models on disk: `model.safetensors` (weights, codes, the contexts met in training) and `config.json` beside it.

The config carries all that rebuilds the model: format, package version, sizes, names, what was recorded of every
algorithm, its declaration and the fingerprint of its code, recipe, seed and the evaluation it was shipped with. What
does not fit the algorithms at hand is refused, with the names of what differs. The weights carry a digest of the
config that they were saved with: a model mixed of two is refused too.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path

import torch

from algorithms import registry
from neural_exec.adding.files import SUFFIX, addition_of, load_addition, why_left_out
from neural_exec.certificates import read as read_certificates
from neural_exec.defaults import Lock, own_defaults
from neural_exec.errors import ModelError
from neural_exec.executor import Executor
from neural_exec.files import FORMAT, bundled, find, load_tensors, read_config, write, write_tensors
from neural_exec.network.meaning import Names
from neural_exec.network.step import Step
from neural_exec.network.verify import (
    check_tensors,
    code_of,
    differences,
    info_of,
    machine_of,
    reading,
    sizes_of,
    words,
)
from neural_exec.plain_executor import alone

__all__ = ["FORMAT", "bundled", "everything", "load", "load_one", "need_whole", "save"]

_LOADING = Lock()


def everything() -> Executor:
    """The default model, loaded once: what chains and layers take where no executor is given."""
    with _LOADING:
        return _everything()


@cache
def _everything() -> Executor:
    return load()


@alone
@own_defaults()
def save(executor: Executor, directory: str | Path) -> None:
    """Write a model; what `load` reads. Raises ModelError where an algorithm was left out as it was loaded."""
    need_whole(executor)
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    tensors = {f"step.{k}": v for k, v in executor.step.state_dict().items()}
    for a, groups in executor.trained.items():
        tensors |= {f"contexts.{a}.{g}": torch.from_numpy(codes) for g, codes in groups.items()}
    names = list(executor.names.names)
    config = dict(
        format=FORMAT,
        step=asdict(executor.step.config),
        names=names,
        algorithms={
            a: dict(probes=executor.spec(a).describe(), code=code_of(a, record := m.to_dict(), names), machine=record)
            | registry.file_of(a)
            for a, m in executor.machines.items()
        },
        info=executor.info,
    )
    write_tensors(directory / "model.safetensors", tensors, {"config": _digest(config)})
    write(directory / "config.json", (json.dumps(config, indent=1) + "\n").encode())


def load(name_or_path: str | Path = "all", additions: Iterable[str | Path] = ()) -> Executor:
    """An executor from a bundled model's name, or from a directory that `train` or `save` wrote. Works offline.

    additions: files of algorithms added to that processor (`Executor.add`); those beside the model come by themselves.
    No author's code is run: an algorithm of the model that is from a file of its own, and not registered, is left out,
    with a warning; asked for it the executor says what to do (`left_out`: name -> why).

    Raises UnknownModelError (with the names there are) and ModelError where the files are damaged, foreign, of another
    format, or made for other algorithms than those at hand.

    >>> import neural_exec
    >>> neural_exec.load().run("minimum", [3.0, 1.0, 2.0]).outputs
    {'index': 1}
    """
    with own_defaults():
        return _load(name_or_path, additions)


def load_one(algorithm: str, name_or_path: str | Path = "all", additions: Iterable[str | Path] = ()) -> Executor:
    """`load`, of one algorithm alone, in a fraction of the time: what else the model and the additions hold is not
    verified, and not known. Where they do not hold the algorithm, all of them.

    >>> from neural_exec.checkpoint import load_one
    >>> load_one("minimum").algorithms
    ['minimum']
    """
    with own_defaults():
        executor = _load(name_or_path, additions := list(additions), algorithm)
        return executor if executor.algorithms else _load(name_or_path, additions)


def _load(name_or_path: str | Path, additions: Iterable[str | Path], only: str | None = None) -> Executor:
    directory = find(name_or_path)
    config = read_config(directory)
    with reading(f"{directory}/config.json"):
        digest = _digest(config)
    tensors, metadata = load_tensors(directory / "model.safetensors")
    if metadata.get("config") != digest:
        raise ModelError(
            f"{directory}: config.json is not the one that model.safetensors was saved with; train it again"
        )
    with reading(f"{directory}/config.json"):
        every, names = dict(config["algorithms"]), Names(words(config["names"]))
        records = {a: d for a, d in every.items() if only in (None, a)}
        left_out = {a: why for a, d in records.items() if (why := why_left_out(a, d))}
        records = {a: d for a, d in records.items() if a not in left_out}
        sizes, info = sizes_of(config["step"]), info_of(config["info"])
        changed = [x for a, d in records.items() for x in differences(a, d, config["names"])]
    if changed:
        raise ModelError(
            f"{directory} was made for other algorithms than those at hand: {'; '.join(changed)}. Train it again"
        )
    with reading(f"{directory}/config.json"):
        machines = {a: machine_of(a, d["machine"], names) for a, d in records.items()}
    step = Step(names, sizes)
    like = {f"step.{k}": v for k, v in step.state_dict().items()}
    contexts = {f"contexts.{a}.{g}": group for a, m in machines.items() for g, group in m.groups.items()}
    of_others = tuple(f"contexts.{a}." for a in every.keys() - records.keys())
    tensors = {k: x for k, x in tensors.items() if not k.startswith(of_others)}
    check_tensors(directory / "model.safetensors", tensors, like, contexts)
    step.load_state_dict({k.removeprefix("step."): tensors[k] for k in like})
    trained = {a: {g: tensors[f"contexts.{a}.{g}"].numpy() for g in m.groups} for a, m in machines.items()}
    executor = Executor(step, names, machines, trained, info)
    executor.certificates = read_certificates(directory)
    for beside in sorted(directory.glob(f"*{SUFFIX}")):
        record = addition_of(beside)[1]
        if only not in (None, record["algorithm"]):
            continue
        with reading(beside):
            why = why_left_out(name := record["algorithm"], record)
        if why:
            left_out[name] = why
        else:
            load_addition(executor, beside)
    for path in additions:
        if only is None or addition_of(path)[1]["algorithm"] == only:
            load_addition(executor, path)
    executor.left_out = {a: why for a, why in left_out.items() if a not in executor.machines}
    for name, why in executor.left_out.items():
        warnings.warn(f"{directory}: {name} is left out: {why}", stacklevel=3)
    return executor


def need_whole(executor: Executor) -> None:
    """Raises ModelError where an algorithm of the executor's model was left out when it was loaded."""
    if executor.left_out:
        said = "; ".join(f"{name}: {why}" for name, why in executor.left_out.items())
        raise ModelError(f"not saved, what was left out at loading would be lost: {said}")


def _digest(config: dict) -> str:
    """Of all in a config that its weights depend on."""
    parts = json.dumps([config[k] for k in ("step", "names", "algorithms")], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()
