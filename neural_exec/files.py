"""Files written whole: whoever reads one finds what was there before or all of what is new, as the umask lets them."""

from __future__ import annotations

import os
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

__all__ = ["write", "write_tensors"]


def write(path: Path, data: bytes) -> None:
    """Write a file beside its place, then put it there. (safetensors' own writer lets nobody but the owner read.)"""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(data)
    os.replace(new, path)


def write_tensors(path: Path, tensors: dict[str, Tensor], metadata: dict[str, str] | None = None) -> None:
    """A safetensors file."""
    write(path, save({k: v.contiguous() for k, v in tensors.items()}, metadata))
