"""Files of models: where they are, how they are read and written.

They are written whole: whoever reads one finds what was there before or all of what is new, as the umask lets them.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from neural_exec.errors import ModelError, UnknownModelError, did_you_mean

__all__ = [
    "FORMAT",
    "bundled",
    "digest",
    "find",
    "load_tensors",
    "need_format",
    "read_config",
    "read_json",
    "write",
    "write_tensors",
]

FORMAT = 3  # of models; 2 did not say what is looked at in a phase
_MODELS = Path(__file__).parent / "models"


def write(path: Path, data: bytes) -> None:
    """Write a file beside its place, then put it there. (safetensors' own writer lets nobody but the owner read.)"""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(data)
    os.replace(new, path)


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """A safetensors file."""
    write(path, save({k: v.contiguous() for k, v in tensors.items()}, metadata))


def bundled() -> list[str]:
    """Names of the models that come with the package."""
    return sorted(p.name for p in _MODELS.glob("*") if (p / "config.json").is_file())


def find(name_or_path: str | Path) -> Path:
    """The directory of a bundled model, or of another. Raises UnknownModelError."""
    directory = _MODELS / str(name_or_path) if str(name_or_path) in bundled() else Path(name_or_path)
    if not directory.is_dir():
        raise UnknownModelError(
            f"no model {str(name_or_path)!r}: no such directory{did_you_mean(str(name_or_path), bundled())}"
        )
    return directory


def digest(name_or_path: str | Path) -> str:
    """SHA-256 of a model's weights: of which a page of figures is. Raises UnknownModelError."""
    return hashlib.sha256((find(name_or_path) / "model.safetensors").read_bytes()).hexdigest()


def need_format(path: str | Path, found: object, known: int, remedy: str) -> None:
    """Raises ModelError where a file's format is another than the one that this version writes, and reads."""
    if type(found) is int and found == known:
        return
    newer = type(found) is int and found > known
    remedy = f"update neural-exec, or {remedy}" if newer else remedy
    raise ModelError(f"{path}: format {found!r}, this version reads {known}; {remedy}")


def read_config(directory: Path) -> dict:
    """What a model's config.json says. Raises ModelError where it is missing, damaged, or of another format."""
    config = read_json(directory / "config.json")
    need_format(directory, config.get("format"), FORMAT, "train it again")
    return config


def read_json(path: Path) -> dict:
    """Raises ModelError where the file is missing or no JSON record."""
    try:
        out = json.loads(path.read_text())
    except RecursionError as e:
        raise ModelError(f"{path} is damaged: it is nested too deeply") from e
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
