"""What the kernel's tests share: how it is compiled."""

import importlib.util
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def building():
    """The module `building/kernel.py`."""
    spec = importlib.util.spec_from_file_location("building_kernel", ROOT / "building" / "kernel.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def compiler(building):
    """The machine's own compiler; without one, what needs it is skipped."""
    return building.find_compiler() or pytest.skip("this machine has no C compiler")


@pytest.fixture(scope="session")
def compiled_once(building, compiler, tmp_path_factory):
    """A folder with kernel.c and the library compiled from it. Read only."""
    folder = tmp_path_factory.mktemp("compiled")
    (folder / "kernel.c").write_bytes((building.MACHINE / "kernel.c").read_bytes())
    building.compile_kernel(folder)
    return folder


@pytest.fixture
def compiled(compiled_once, tmp_path):
    """A copy of it."""
    shutil.copytree(compiled_once, tmp_path, dirs_exist_ok=True)
    return tmp_path
