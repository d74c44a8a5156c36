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
from torch import nn

from algorithms import registry
from algorithms.errors import AuthorError
from neural_exec.defaults import own_defaults
from neural_exec.errors import ModelError
from neural_exec.files import find, load_tensors, need_format, read_config, write_tensors
from neural_exec.network.meaning import Names
from neural_exec.network.verify import check_tensors, code_of, differences, machine_of, need, reading
from neural_exec.network.verify import words as words_of
from neural_exec.plain_executor import PlainExecutor, alone

__all__ = ["SUFFIX", "load_addition", "processor_fingerprint", "register_files", "save_addition"]

SUFFIX = ".addition.safetensors"
FORMAT = 1


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
    as they were.

    Raises ModelError where one is gone or has changed, and what `load` does where the model is none.
    """
    directory = find(name_or_path)
    config = read_config(directory)
    with reading(directory / "config.json"):
        files = {a: (d["file"], d["digest"]) for a, d in config.get("algorithms", {}).items() if "file" in d}
    for path in [*sorted(directory.glob(f"*{SUFFIX}")), *additions]:
        with reading(path):
            record = json.loads(load_tensors(Path(path))[1]["addition"])
            need_format(path, record.get("format"), FORMAT, "add the algorithm again")
            files |= {record["algorithm"]: (record["file"], record["digest"])} if "file" in record else {}
    out = []
    for name, (file, digest) in files.items():
        with reading(f"{directory}: the place of {name}"):
            need(isinstance(file, str) and isinstance(digest, str), f"{file!r}, {digest!r} are no words")
        if not registry.is_known(name):
            state = "is gone" if not Path(file).is_file() else "has changed since"
            if registry.digest(file) != digest:
                remedy = "add it again, or give the path of its file for its name"
                raise ModelError(f"{name} was recorded from {file}, which {state}: {remedy}")
            out.append((registry.register(file), file))
    return out


@alone
@own_defaults()
def load_addition(executor: PlainExecutor, path: str | Path) -> str:
    """Add an algorithm to the executor from a file that `save_addition` wrote; its name. The other answers stay.

    An algorithm that is not the package's has to be registered (`algorithms.register`): no code is run from this file.
    Raises ModelError where the file is damaged, was fitted to another processor, or is of a program that has changed;
    AuthorError where the executor knows an algorithm of that name.
    """
    path = Path(path)
    tensors, metadata = load_tensors(path)
    with reading(path):
        record = json.loads(metadata["addition"])
        need_format(path, record.get("format"), FORMAT, "add the algorithm again")
        name, report = record["algorithm"], dict(record["report"])
        words = words_of(["", *record["names"]])[1:]
        need(isinstance(name, str) and report["frozen"] is True, "it is of nothing added to a frozen processor")
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
