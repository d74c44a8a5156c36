"""What was certified of a model's algorithms: kept as `certificates.json` beside its weights.

A record holds for the weights, the program, the machine and the kernel it was made of; `standing` says whether these
are at hand.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from algorithms import registry
from algorithms.machine.library import FOLDER, source_version
from neural_exec.errors import ModelError
from neural_exec.files import need_format, read_json, write
from neural_exec.plain_executor import PlainExecutor

__all__ = [
    "CERTIFIED", "DEFINITION", "FILE", "FORMAT", "MISSING", "REFUTED", "STALE", "keep", "kernel_here", "read",
    "standing", "weights_of",
]  # fmt: skip

FILE, FORMAT, DEFINITION = "certificates.json", 1, "definition"
_NEEDED = {"weights", "program", "kernel", "ok"}
CERTIFIED, REFUTED, STALE, MISSING = "certified", "refuted", "stale", "missing"


def weights_of(executor: PlainExecutor, name: str) -> str:
    """What an algorithm's certificate belongs to, as 16 hexadecimal digits: the network's weights, the codes that it
    was trained with (of an algorithm added later, all), the algorithm's machine."""
    h = hashlib.sha256(json.dumps(executor.machines[name].to_dict(), sort_keys=True).encode())
    for key, tensor in sorted(executor.step.state_dict().items()):
        known = len(tensor) if name in executor.additions or key != "codes" else executor.base
        h.update(key.encode() + tensor[:known].cpu().contiguous().numpy().tobytes())
    return h.hexdigest()[:16]


def kernel_here() -> str:
    """Which kernel is here, compiled or not, as 8 hexadecimal digits."""
    return f"{source_version(FOLDER):08x}"


def standing(executor: PlainExecutor, name: str) -> str:
    """`certified`; `refuted`, where a run was wrong; `stale`: of other weights, another program or another kernel (what
    was run as it is defined holds for each); `missing`.

    >>> import neural_exec
    >>> executor = neural_exec.train(algorithms=["minimum"], traces=40)
    >>> standing(executor, "minimum")
    'missing'
    """
    record = executor.certificates.get(name)
    if record is None:
        return MISSING
    here = weights_of(executor, name), registry.fingerprint(name)
    if (record["weights"], record["program"]) != here or record["kernel"] not in (DEFINITION, kernel_here()):
        return STALE
    return CERTIFIED if record["ok"] else REFUTED


def read(directory: Path) -> dict[str, dict]:
    """The records in a model's directory: algorithm -> record. Raises ModelError where the file is damaged or of
    another format."""
    path, remedy = directory / FILE, "delete it, and certify again"
    if not path.exists():
        return {}
    try:
        held = read_json(path)
    except ModelError as e:
        raise ModelError(f"{e}; {remedy}") from e
    need_format(path, held.get("format"), FORMAT, remedy)
    records = held.get("algorithms")
    if not isinstance(records, dict) or not all(isinstance(r, dict) and r.keys() >= _NEEDED for r in records.values()):
        raise ModelError(f"{path} is damaged: a record is incomplete; {remedy}")
    return records


def keep(directory: Path, records: dict[str, dict]) -> Path:
    """Write records beside the weights; those of other algorithms stay."""
    path = directory / FILE
    kept = dict(format=FORMAT, algorithms=dict(sorted({**read(directory), **records}.items())))
    write(path, (json.dumps(kept, indent=1, allow_nan=False) + "\n").encode())
    return path
