"""The package is built with the kernel in it: with a compiler and without one, from a clone and from an sdist."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from algorithms.machine import library

ROOT = Path(__file__).resolve().parents[3]
IN_WHEEL = "algorithms/machine/"

pytestmark = pytest.mark.slow


@pytest.fixture
def clone(tmp_path):
    """A copy of what the package is built from; no library in it."""
    folder = tmp_path / "clone"
    leave_out = shutil.ignore_patterns("*.so", "__pycache__", "models", "baselines")
    for name in ("algorithms", "neural_exec", "building"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
    for name in ("pyproject.toml", "MANIFEST.in", "README.md", "LICENSE", "constraints.txt"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def pip(*arguments, **environment) -> str:
    """What pip said; skipped where it reaches no package index."""
    command = [sys.executable, "-m", "pip", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    said = done.stdout + done.stderr
    if "No matching distribution found" in said:
        pytest.skip("no package index to build with")
    assert done.returncode == 0, said
    return said


def hook(name: str, clone: Path, says: str = "") -> Path:
    """What a hook of the build backend made, by the setuptools that is here."""
    pytest.importorskip("setuptools", "77")
    code = (
        "import sys; sys.path.insert(0, 'building'); import backend; print(getattr(backend, sys.argv[1])(sys.argv[2]))"
    )
    command = [sys.executable, "-c", code, name, clone.parent]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    assert done.returncode == 0 and says in done.stderr + done.stdout, done.stderr
    return clone.parent / done.stdout.split()[-1]


def build_wheel(clone, **environment) -> tuple[Path, str]:
    """The wheel's path, what pip said."""
    out = clone.parent / "wheels"
    said = pip("wheel", "--no-deps", "-v", "-w", out, clone, **environment)
    (wheel,) = out.glob("*.whl")
    return wheel, said


def unpack(wheel) -> Path:
    """The machine's folder of a wheel."""
    with zipfile.ZipFile(wheel) as z:
        z.extractall(wheel.parent)
    return wheel.parent / IN_WHEEL


def test_wheel(clone, compiler):
    wheel, said = build_wheel(clone)
    assert "ziglang" not in said
    tags = wheel.stem.split("-")[2:]
    assert tags[:2] == ["py3", "none"] and tags[2] != "any"
    assert library.open_library(unpack(wheel)).kernel_version() == library.source_version(ROOT / IN_WHEEL)
    assert not list((clone / IN_WHEEL).glob("*.so"))  # the clone stays as it was


def test_no_compiler_from_an_sdist(clone, building):
    (clone / IN_WHEEL / library.LIBRARY).write_bytes(b"of another platform")  # must not travel
    shutil.unpack_archive(hook("build_sdist", clone), clone.parent)
    (unpacked,) = clone.parent.glob("neural_exec-*/")
    assert not list(unpacked.rglob("*.so"))
    wheel, said = build_wheel(unpacked, PATH="", CC="")
    assert "ziglang" in said
    assert library.open_library(unpack(wheel)).kernel_version() == library.source_version(ROOT / IN_WHEEL)


def test_editable(clone, compiler):
    hook("build_editable", clone)
    assert library.open_library(clone / IN_WHEEL).kernel_version() > 0


def test_nothing_compiles(clone):
    (clone / IN_WHEEL / "kernel.c").write_text("int32_t kernel_version(void) {\n")
    wheel = hook("build_wheel", clone, says="THE KERNEL IS NOT COMPILED; programs will run in Python")
    assert [p.name for p in unpack(wheel).glob("kernel*")] == ["kernel.c"]
