"""Compiles the kernel, `algorithms/machine/kernel.c`, to a shared library.

The compiler is that of $CC, else cc, gcc or clang, else Zig's, which comes as the Python package `ziglang`. On Windows
it is that of $CC, else Zig's. `python building/kernel.py` compiles in place.
"""

from __future__ import annotations

import importlib.util
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

MACHINE = Path(__file__).resolve().parents[1] / "algorithms" / "machine"
FLAGS = ["-std=c99", "-O3", "-fPIC", "-shared", "-ffp-contract=off", "-fno-fast-math", "-Wall", "-Wextra"]
ZIG = [sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline"]  # Zig would compile for this very processor
TRIAL = "#include <math.h>\n#include <stdint.h>\n#include <stdlib.h>\nint32_t f(double x) { return (int32_t)floor(x); }"


class CompileError(Exception):
    """No compiler, or one that failed; the message holds what it said."""


def _library():
    """`algorithms.machine.library` by its file: the package itself needs numpy, which a build has not."""
    spec = importlib.util.spec_from_file_location("_kernel_library", MACHINE / "library.py")
    assert spec is not None and spec.loader is not None  # as of every file of Python's
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


library = _library()


def run_compiler(command: list[str], source: Path, target: Path, flags: list[str]) -> None:
    """Compile a file; else a `CompileError`."""
    command = [*command, *flags, str(source), "-o", str(target), "-lm"]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise CompileError(f"{command[0]} cannot be run: {error}") from error
    if done.returncode:
        raise CompileError(f"{shlex.join(command)} failed:\n{done.stdout}{done.stderr}")
    sys.stderr.write(done.stderr)


def find_compiler() -> list[str] | None:
    """The command of the machine's own compiler: the first that compiles a few lines. None where none does."""
    names = [] if sys.platform == "win32" else ["cc", "gcc", "clang"]
    given = os.environ.get("CC")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "trial.c"
        source.write_text(TRIAL)
        for name in [given, *names] if given else names:
            try:
                run_compiler(shlex.split(name), source, Path(folder) / "trial.so", FLAGS)
            except CompileError:
                continue
            return shlex.split(name)
    return None


def compile_kernel(folder: Path, *, source: Path = MACHINE, flags: list[str] = FLAGS) -> Path:
    """Compile the kernel.c of `source` to the library in `folder`, in place of what was there: its path.

    Raises `CompileError` where that fails; then no library is there.
    """
    target = folder / library.LIBRARY
    target.unlink(missing_ok=True)
    version = f"-DKERNEL_VERSION={library.source_version(source)}"
    with tempfile.TemporaryDirectory(dir=folder) as aside:
        made = Path(aside) / library.LIBRARY
        run_compiler(find_compiler() or ZIG, source / library.SOURCE, made, [*flags, version])
        os.replace(made, target)  # at once: never half a library
    return target


if __name__ == "__main__":
    try:
        print(compile_kernel(MACHINE))
    except CompileError as error:
        sys.exit(f"{error}\nNo compiler? Install one (cc, gcc, clang), or `pip install ziglang`.")
