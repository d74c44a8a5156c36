"""The tests run on the kernel of this clone: where it is not compiled, or from an older text, it is compiled first."""

import importlib.util
import warnings
from pathlib import Path

from algorithms.machine import library

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config):
    if hasattr(config, "workerinput") or ROOT not in Path(library.__file__).parents:
        return  # done before the workers started; or it is an installed package that is tested
    try:
        library.open_library(library.FOLDER)
    except OSError:
        spec = importlib.util.spec_from_file_location("building_kernel", ROOT / "building" / "kernel.py")
        building = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(building)
        try:
            building.compile_kernel(library.FOLDER)
        except building.CompileError as error:
            warnings.warn(f"tested without the kernel: {error}", RuntimeWarning, stacklevel=1)
