"""The kernel as a shared library: compiled from kernel.c by `building/kernel.py`, found beside it, loaded once.

What was compiled from another text than the kernel.c beside it is refused. Where there is no library to load, programs
run by their definition in Python: the same states, slower.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import warnings
from pathlib import Path

__all__ = ["load", "open_library", "source_version"]

FOLDER = Path(__file__).parent
SOURCE = "kernel.c"
LIBRARY = "kernel.c.so"  # on every platform; for the dot in its stem Python does not take it for a module
REMEDY = "compile it by `pip install .` (`-v` shows the compiler's words), or in a clone by `python building/kernel.py`"


def source_version(folder: Path) -> int:
    """What `kernel_version()` has to be: 31 bits of the hash of a folder's kernel.c."""
    return int.from_bytes(hashlib.sha256((folder / SOURCE).read_bytes()).digest()[:4], "big") >> 1


def open_library(folder: Path) -> ctypes.CDLL:
    """The library of a folder; its functions run without the GIL.

    Raises `OSError` where it is missing, damaged, or compiled from another kernel.c than the one beside it.
    """
    path = folder / LIBRARY
    if not path.exists():
        raise OSError(f"there is no {path}")
    library = ctypes.CDLL(str(path))
    if not hasattr(library, "kernel_version"):
        raise OSError(f"{path} is no kernel")
    library.kernel_version.argtypes, library.kernel_version.restype = (), ctypes.c_int32
    if library.kernel_version() != source_version(folder):
        raise OSError(f"{path} was compiled from another kernel.c than the one beside it")
    return library


@functools.cache
def load() -> ctypes.CDLL | None:
    """The kernel; None, after a warning that names the remedy, where it cannot be loaded. Looked for once.

    >>> kernel = load()
    >>> kernel is None or kernel.kernel_version() == source_version(FOLDER)
    True
    """
    try:
        return open_library(FOLDER)
    except OSError as error:
        warnings.warn(f"no kernel, so programs run in Python, slower: {error}; {REMEDY}", RuntimeWarning, stacklevel=2)
        return None
