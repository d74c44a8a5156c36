"""Which weights a page was made with."""

import hashlib
from pathlib import Path

import neural_exec

__all__ = ["sha256"]


def sha256(model: str) -> str:
    """Of a bundled model's weights, or of those in a directory."""
    bundled = Path(neural_exec.__file__).parent / "models" / model
    home = bundled if model in neural_exec.bundled() else Path(model)
    return hashlib.sha256((home / "model.safetensors").read_bytes()).hexdigest()
