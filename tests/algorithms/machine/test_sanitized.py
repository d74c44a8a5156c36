"""The kernel under the address and undefined-behaviour sanitizers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"]  # which leaves more to find

# What is allocated while modules are imported is not looked at: Python itself leaks, and each report costs time.
BEFORE = """
import ctypes
ctypes.CDLL(None).__lsan_disable()
from pathlib import Path
from algorithms.machine import library
library.FOLDER = Path({folder!r})
ctypes.CDLL(None).__lsan_enable()
"""
AFTER = "\nctypes.CDLL(None).__lsan_do_recoverable_leak_check()\n"


@pytest.fixture
def sanitized_library(building, compiler):
    """A function: from a folder to the kernel compiled in it with the sanitizers."""

    def compile_in(folder, source=None):
        source = source or building.MACHINE
        (folder / "kernel.c").write_bytes((source / "kernel.c").read_bytes())
        return building.compile_kernel(folder, source=folder, flags=[*building.FLAGS, *SANITIZE])

    return compile_in


@pytest.fixture
def run_sanitized(compiler):
    """A function: a script of Python run with `library.load()` the sanitized library of a folder."""
    asked = subprocess.run([*compiler, "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    if not Path(asked).is_absolute():
        pytest.skip("the compiler has no libasan.so")

    def run(script: str, folder: Path) -> subprocess.CompletedProcess:
        environment = {
            **os.environ,
            "LD_PRELOAD": asked,
            "ASAN_OPTIONS": "leak_check_at_exit=0",
            "PYTHONPATH": str(ROOT),
        }
        code = BEFORE.format(folder=str(folder)) + script + AFTER
        return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)

    return run


def leaks(said: str) -> list[str]:
    """The reports of memory never freed that the kernel's code had asked for."""
    return [r for r in said.split("\n\n") if "leak of" in r and "kernel.c:" in r]


def wrong(folder, body) -> Path:
    """A folder with a small kernel.c that has a function `wrong`."""
    broken = folder / "broken"
    broken.mkdir()
    version = "int kernel_version(void) { return KERNEL_VERSION; }"
    (broken / "kernel.c").write_text(
        f"#include <stdint.h>\n#include <stdlib.h>\n{version}\nint wrong(int i) {{ {body} }}\n"
    )
    return broken


@pytest.mark.parametrize(
    "body, finding",
    [
        ("int *volatile p = malloc(4 * sizeof(int)); int x = p[4 + i]; free(p); return x;", "heap-buffer-overflow"),
        ("return INT32_MAX + i + 1;", "signed integer overflow"),
    ],
)
def test_finds(sanitized_library, run_sanitized, tmp_path, body, finding):
    sanitized_library(tmp_path, source=wrong(tmp_path, body))
    done = run_sanitized("library.load().wrong(0)", tmp_path)
    assert done.returncode != 0 and finding in done.stderr


def test_finds_leaks(sanitized_library, run_sanitized, tmp_path):
    sanitized_library(tmp_path, source=wrong(tmp_path, "return !malloc(1234 + i);"))
    assert "1234 byte(s)" in "".join(leaks(run_sanitized("library.load().wrong(0)", tmp_path).stderr))


def test_runs_are_clean(sanitized_library, run_sanitized, tmp_path):
    """Random answers; many states a call, small slices, versions and logs; tables altered, where they still verify."""
    sanitized_library(tmp_path)
    done = run_sanitized(
        f"""
import sys
sys.path.insert(0, {str(ROOT / "tests" / "support")!r})
assert library.load().kernel_version() == library.source_version(library.FOLDER)
import hard
hard.random()
hard.altered()
""",
        tmp_path,
    )
    assert done.returncode == 0 and not leaks(done.stderr), done.stderr
    assert all(int(ticks) > 1000 for ticks in done.stdout.split()) and len(done.stdout.split()) == 2
