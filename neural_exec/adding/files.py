"""An algorithm added to a frozen processor, on disk: one small file, `NAME.addition.safetensors`.

It holds the codes of the algorithm's names and the contexts that it was fitted on; its metadata, a JSON record, says
what was recorded of the algorithm, and binds it to the processor that it was fitted to and to the algorithm's code.
Files that lie beside a model are loaded with it.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

import torch
from torch import Tensor, nn

from algorithms import registry
from algorithms.errors import AuthorError
from neural_exec.defaults import own_defaults
from neural_exec.errors import ModelError
from neural_exec.files import find, load_tensors, need_format, read_config, write_tensors
from neural_exec.network.meaning import Names
from neural_exec.network.verify import check_tensors, code_of, differences, machine_of, need, reading
from neural_exec.network.verify import words as words_of
from neural_exec.plain_executor import PlainExecutor, alone

__all__ = [
    "SUFFIX",
    "addition_of",
    "load_addition",
    "processor_fingerprint",
    "register_files",
    "save_addition",
    "why_left_out",
]

SUFFIX = ".addition.safetensors"
FORMAT = 2  # 1 did not say what is looked at in a phase


def processor_fingerprint(executor: PlainExecutor) -> str:
    """Of the shared weights and of the names and codes that the processor had before anything was added."""
    digest = hashlib.sha256(json.dumps(executor.names.names[: executor.base]).encode())
    for name, tensor in sorted(executor.step.state_dict().items()):
        tensor = tensor[: executor.base] if name == "codes" else tensor
        digest.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


@alone
@own_defaults()
def save_addition(executor: PlainExecutor, name: str, path: str | Path) -> Path:
    """Write what was fitted for one added algorithm: to a file, or into a directory as `NAME.addition.safetensors`.

    Raises ModelError where the algorithm was not added with the processor frozen: then save the whole executor.
    """
    if name not in executor.additions or not executor.additions[name]["report"]["frozen"]:
        raise ModelError(f"{name} was not added to a frozen processor; save the whole executor: neural_exec.save")
    path = Path(path)
    path = path if path.name.endswith(SUFFIX) else path / f"{name}{SUFFIX}"
    path.parent.mkdir(parents=True, exist_ok=True)
    added = executor.additions[name]
    rows = [executor.names.index[n] for n in added["names"]]
    tensors = {"codes": executor.step.codes.detach()[rows]}
    tensors |= {f"contexts.{g}": torch.as_tensor(codes) for g, codes in executor.trained[name].items()}
    record = dict(
        format=FORMAT,
        algorithm=name,
        processor=processor_fingerprint(executor),
        code=code_of(name, machine := executor.machines[name].to_dict(), added["names"]),
        probes=executor.spec(name).describe(),
        machine=machine,
        **added,
        **registry.file_of(name),
    )
    write_tensors(path, tensors, {"addition": json.dumps(record)})
    return path


def register_files(name_or_path: str | Path, additions: Iterable[str | Path] = ()) -> list[tuple[str, str]]:
    """Register the algorithms of a model, and of additions, that are not the package's, from the files that they were
    recorded from: (name, file) of each that was not known. `load` runs no code; this imports those files, if they are
    as they were, and passes the others by (`why_left_out`). Raises what `load` does where the model is none.
    """
    directory = find(name_or_path)
    config = read_config(directory)
    with reading(directory / "config.json"):
        records = dict(config.get("algorithms", {}))
    for path in [*sorted(directory.glob(f"*{SUFFIX}")), *additions]:
        record = addition_of(path)[1]
        records[record["algorithm"]] = record
    out = []
    for name, record in records.items():
        with reading(f"{directory}: the place of {name}"):
            as_it_was = why_left_out(name, record) and registry.digest(record["file"]) == record["digest"]
        if as_it_was:
            out.append((registry.register(record["file"]), record["file"]))
    return out


def why_left_out(name: str, record: dict) -> str:
    """Why an algorithm of a model is not to be had: it was recorded from a file of its own, and is not registered; and
    what to do. Empty where it is known, or the package's. record: what the model says of it."""
    if registry.is_known(name) or "file" not in record:
        return ""
    file, digest = record["file"], record["digest"]
    need(isinstance(file, str) and isinstance(digest, str), f"{file!r}, {digest!r} are no words")
    if registry.digest(file) == digest:
        return f"it is the program in {file}; algorithms.register that, then load again"
    state = "has changed since" if Path(file).is_file() else "is gone"
    remedy = "add it again; or, where the file lies elsewhere, algorithms.register that, then load again"
    return f"it was recorded from {file}, which {state}; {remedy} (on the command line: its path for its name)"


def addition_of(path: str | Path) -> tuple[dict[str, Tensor], dict]:
    """Tensors and record of a file that `save_addition` wrote. Raises ModelError where it is damaged."""
    tensors, metadata = load_tensors(Path(path))
    with reading(path):
        record = json.loads(metadata["addition"])
        need_format(path, record.get("format"), FORMAT, "add the algorithm again")
        need(isinstance(record["algorithm"], str), "its algorithm is no word")
    return tensors, record


@alone
@own_defaults()
def load_addition(executor: PlainExecutor, path: str | Path) -> str:
    """Add an algorithm to the executor from a file that `save_addition` wrote; its name. The other answers stay.

    An algorithm that is not the package's has to be registered (`algorithms.register`): no code is run from this file.
    Raises ModelError where the file is damaged, was fitted to another processor, or is of a program that has changed;
    AuthorError where the executor knows an algorithm of that name.
    """
    path = Path(path)
    tensors, record = addition_of(path)
    with reading(path):
        name, report = record["algorithm"], dict(record["report"])
        words = words_of(["", *record["names"]])[1:]
        need(report["frozen"] is True, "it is of nothing added to a frozen processor")
    if name in executor.machines:
        raise AuthorError(f"{name} clashes: this executor knows an algorithm of that name")
    if record["processor"] != processor_fingerprint(executor):
        raise ModelError(f"{path} was fitted to another processor; add {name} again to this one")
    with reading(path):
        differ = differences(name, record, words)
    if differ:
        raise ModelError(f"{path} was made for another program than the one at hand: {'; '.join(differ)}. Add it again")
    if any(executor.names.owner(w) != name or w in executor.names.index for w in words):
        raise ModelError(f"{path}: its names are not {name}'s own; add {name} again")
    names = Names([*executor.names.names, *words])
    with reading(path):
        machine = machine_of(name, record["machine"], names)
    step = copy.deepcopy(executor.step)
    like = {"codes": step.codes.detach().new_empty(len(words), step.config.code)}
    check_tensors(path, tensors, like, {f"contexts.{g}": group for g, group in machine.groups.items()})
    step.codes = nn.Parameter(torch.cat([step.codes, tensors["codes"]]))
    trained = {g: tensors[f"contexts.{g}"].numpy() for g in machine.groups}
    executor.take(step, names, machine, trained)
    executor.additions[name] = dict(names=words, report=report)
    return name
