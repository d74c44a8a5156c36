"""Models on disk: `model.safetensors` (weights, codes, the contexts met in training) and `config.json` beside it.

The config carries all that rebuilds the model: format, package version, sizes, names, what was recorded of every
algorithm, its declaration and the fingerprint of its code, recipe, seed and the evaluation it was shipped with. What
does not fit the algorithms at hand is refused, with the names of what differs. The weights carry a digest of the
config that they were saved with: a model mixed of two is refused too.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from algorithms import registry
from algorithms.fingerprint import with_machine
from algorithms.machine import Machine
from neural_exec.defaults import Lock, own_defaults
from neural_exec.errors import AuthorError, ModelError, UnknownAlgorithmError, UnknownModelError, did_you_mean
from neural_exec.executor import Executor, alone
from neural_exec.files import write, write_tensors
from neural_exec.meaning import Names
from neural_exec.step import Step, StepConfig

__all__ = ["FORMAT", "bundled", "everything", "find", "load", "load_tensors", "read_json", "save"]

FORMAT = 2
_LOADING = Lock()
_MODELS = Path(__file__).parent / "models"
_WORD = re.compile(r"[@+]?\w*|[-+*]|-inf|relation:\w+")  # what a machine's terms, which become source, may hold


def bundled() -> list[str]:
    """Names of the models that come with the package."""
    return sorted(p.name for p in _MODELS.glob("*") if (p / "config.json").is_file())


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
    """Write a model; what `load` reads."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    tensors = {f"step.{k}": v for k, v in executor.step.state_dict().items()}
    for a, groups in executor.trained.items():
        tensors |= {f"contexts.{a}.{g}": torch.from_numpy(codes) for g, codes in groups.items()}
    config = dict(
        format=FORMAT,
        step=asdict(executor.step.config),
        names=executor.names.names,
        algorithms={
            a: dict(probes=executor.spec(a).describe(), code=code_of(a, record := m.to_dict()), machine=record)
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

    Raises UnknownModelError (with the names there are) and ModelError where the files are damaged, foreign, of another
    format, or made for other algorithms than those at hand.

    >>> import neural_exec
    >>> neural_exec.load().run("minimum", [3.0, 1.0, 2.0]).outputs
    {'index': 1}
    """
    with own_defaults():
        return _load(name_or_path, additions)


def _load(name_or_path: str | Path, additions: Iterable[str | Path]) -> Executor:
    directory = find(name_or_path)
    config = read_json(directory / "config.json")
    if config.get("format") != FORMAT:
        raise ModelError(f"{directory}: format {config.get('format')!r}, this version reads {FORMAT}; train it again")
    try:
        machines = {a: Machine.from_dict(plain_terms(d["machine"])) for a, d in config["algorithms"].items()}
        names, sizes, info = Names(config["names"]), StepConfig(**config["step"]), dict(config["info"])
        digest = _digest(config)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, AuthorError) as e:
        raise ModelError(f"{directory}/config.json is no config of this package: {type(e).__name__}: {e}") from e
    tensors, metadata = load_tensors(directory / "model.safetensors")
    if metadata.get("config") != digest:
        raise ModelError(
            f"{directory}: config.json is not the one that model.safetensors was saved with; train it again"
        )
    try:
        changed = [x for a, d in config["algorithms"].items() for x in differences(a, d)]
    except (KeyError, TypeError, AttributeError) as e:
        raise ModelError(f"{directory}/config.json is no config of this package: {type(e).__name__}: {e}") from e
    if changed:
        raise ModelError(
            f"{directory} was made for other algorithms than those at hand: {'; '.join(changed)}. Train it again"
        )
    step = Step(names, sizes)
    expected = {f"step.{k}": (v.dtype, v.shape) for k, v in step.state_dict().items()}
    contexts = {f"contexts.{a}.{g}" for a, m in machines.items() for g in m.groups}
    fits = lambda k, t: (
        t.dtype == torch.int64 and t.ndim == 1 if k in contexts else expected.get(k) == (t.dtype, t.shape)
    )
    wrong = sorted(
        k for k in tensors.keys() | expected.keys() | contexts if k not in tensors or not fits(k, tensors[k])
    )
    if wrong:
        raise ModelError(f"{directory}/model.safetensors does not fit its config: {', '.join(wrong[:5])}")
    weights = {k.removeprefix("step."): v for k, v in tensors.items() if k in expected}
    step.load_state_dict(weights)
    trained = {a: {g: tensors[f"contexts.{a}.{g}"].numpy() for g in m.groups} for a, m in machines.items()}
    executor = Executor(step, names, machines, trained, info)
    from neural_exec.additions import SUFFIX, load_addition

    for path in [*sorted(directory.glob(f"*{SUFFIX}")), *additions]:
        load_addition(executor, path)
    return executor


def find(name_or_path: str | Path) -> Path:
    """The directory of a bundled model, or of another. Raises UnknownModelError."""
    directory = _MODELS / str(name_or_path) if str(name_or_path) in bundled() else Path(name_or_path)
    if not directory.is_dir():
        raise UnknownModelError(
            f"no model {str(name_or_path)!r}: no such directory{did_you_mean(str(name_or_path), bundled())}"
        )
    return directory


def _digest(config: dict) -> str:
    """Of all in a config that its weights depend on."""
    parts = json.dumps([config[k] for k in ("step", "names", "algorithms")], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()


def plain_terms(machine: dict) -> dict:
    """A machine's record, if its terms, which become source, are made of words and signs. Else ValueError."""
    todo = [[[g["name"], g["columns"], g["operations"]] for g in machine["groups"]], list(machine["heads"].values())]
    while todo:
        x = todo.pop()
        if isinstance(x, list):
            todo += x
        elif isinstance(x, str) and not _WORD.fullmatch(x):
            raise ValueError(f"{x!r} is no name")
    return machine


def code_of(name: str, machine: dict) -> str:
    """What a weight file belongs to: what the algorithm executes, and the machine that was recorded of it."""
    return with_machine(registry.fingerprint(name), machine)


def differences(name: str, record: dict) -> list[str]:
    """What is not as it was when the model was trained. record: of an algorithm, its probes, code and machine."""
    try:
        now = {p["name"]: p for p in registry.get(name).describe()}
    except UnknownAlgorithmError:
        return [f"{name} does not exist (if it is in a file of its own, algorithms.register that first)"]
    then = {p["name"]: p for p in record["probes"]}
    changed = sorted(n for n in now.keys() | then.keys() if now.get(n) != then.get(n))
    if changed:
        return [f"{name}: probe{'s' * (len(changed) > 1)} {', '.join(changed)}"]
    return [] if code_of(name, record["machine"]) == record["code"] else [f"{name}: its code"]


def read_json(path: Path) -> dict:
    """Raises ModelError where the file is missing or no JSON record."""
    try:
        out = json.loads(path.read_text())
    except FileNotFoundError as e:
        raise ModelError(f"{path.parent} has no {path.name}: it is no model of this package") from e
    except (OSError, ValueError) as e:
        raise ModelError(f"{path} is damaged: {e}") from e
    if not isinstance(out, dict):
        raise ModelError(f"{path} is no record")
    return out


def load_tensors(path: Path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """All tensors of a safetensors file, and its metadata. Raises ModelError where it is missing or damaged."""
    try:
        with safe_open(path, framework="pt") as f:
            return {k: f.get_tensor(k) for k in f.keys()}, f.metadata() or {}
    except (OSError, SafetensorError) as e:
        raise ModelError(f"{path} is missing or damaged: {e}") from e
