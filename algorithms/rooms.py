"""The package's folders: rooms of its own, and chapters, which hold algorithms."""

from __future__ import annotations

from pathlib import Path

__all__ = ["HOME", "ROOMS", "is_own"]

HOME = Path(__file__).parent
ROOMS = ("machine", "inputs", "answers", "recording", "checking")
_OWN = {HOME, *(HOME / room for room in ROOMS)}


def is_own(file: str | Path) -> bool:
    """Is it a file of the package, and of no chapter? What stands in the others is an author's."""
    return Path(file).parent in _OWN
