"""What was certified of a model's algorithms: kept as `certificates.json` beside its weights.

A record holds for the weights, the program and the machine it was made of; `standing` says whether these are at hand.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from algorithms import registry
from neural_exec.errors import ModelError
from neural_exec.files import write
from neural_exec.processor import Processor

__all__ = ["CERTIFIED", "FILE", "MISSING", "REFUTED", "STALE", "keep", "read", "standing", "weights_of"]

FILE = "certificates.json"
CERTIFIED, REFUTED, STALE, MISSING = "certified", "refuted", "stale", "missing"


def weights_of(executor: Processor, name: str) -> str:
    """What an algorithm's certificate belongs to, as 16 hexadecimal digits: the network's weights, the codes that it
    was trained with (of an algorithm added later, all), the algorithm's machine."""
    h = hashlib.sha256(json.dumps(executor.machines[name].to_dict(), sort_keys=True).encode())
    for key, tensor in sorted(executor.step.state_dict().items()):
        known = len(tensor) if name in executor.additions or key != "codes" else executor.base
        h.update(key.encode() + tensor[:known].cpu().contiguous().numpy().tobytes())
    return h.hexdigest()[:16]


def standing(executor: Processor, name: str) -> str:
    """`certified`; `refuted`, where a run was wrong; `stale`: of other weights or another program; `missing`.

    >>> import neural_exec
    >>> executor = neural_exec.train(algorithms=["minimum"], traces=40)
    >>> standing(executor, "minimum")
    'missing'
    """
    record = executor.certificates.get(name)
    if record is None:
        return MISSING
    if (record["weights"], record["program"]) != (weights_of(executor, name), registry.fingerprint(name)):
        return STALE
    return CERTIFIED if record["ok"] else REFUTED


def read(directory: Path) -> dict[str, dict]:
    """The records in a model's directory: algorithm -> record. Raises ModelError where the file is damaged."""
    path = directory / FILE
    if not path.exists():
        return {}
    try:
        records = json.loads(path.read_text())
        for record in records.values():
            if not {"weights", "program", "ok"} <= record.keys():
                raise ValueError("a record is incomplete")
    except (OSError, ValueError, AttributeError, RecursionError) as e:
        raise ModelError(f"{path} is damaged: {e}; delete it, and certify again") from e
    return records


def keep(directory: Path, records: dict[str, dict]) -> Path:
    """Write records beside the weights; those of other algorithms stay."""
    path = directory / FILE
    kept = dict(sorted({**read(directory), **records}.items()))
    write(path, (json.dumps(kept, indent=1, allow_nan=False) + "\n").encode())
    return path
