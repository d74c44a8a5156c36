"""The build backend: setuptools', which compiles the kernel on the way and asks for a compiler where there is none.

Where compiling fails the package is built all the same, without the library: programs then run in Python.
"""

from __future__ import annotations

from pathlib import Path

import kernel
from setuptools import build_meta
from setuptools.build_meta import *  # noqa: F403  the hooks that are not below
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py


def _compiler() -> list[str]:
    return [] if kernel.find_compiler() else ["ziglang>=0.13"]


def get_requires_for_build_wheel(config_settings=None) -> list[str]:
    return [*build_meta.get_requires_for_build_wheel(config_settings), *_compiler()]


def get_requires_for_build_editable(config_settings=None) -> list[str]:
    return [*build_meta.get_requires_for_build_editable(config_settings), *_compiler()]


class BuildPy(build_py):
    """Puts the library beside kernel.c: in the built package, or in the clone where the install is editable."""

    def run(self):
        super().run()
        folder = kernel.MACHINE if self.editable_mode else Path(self.build_lib) / "algorithms" / "machine"
        try:
            kernel.compile_kernel(folder)
        except kernel.CompileError as error:
            self.warn(f"THE KERNEL IS NOT COMPILED; programs will run in Python, slower.\n{error}")


class BdistWheel(bdist_wheel):
    """One wheel for a platform, whatever the Python: the library is loaded by ctypes and knows of none."""

    def finalize_options(self):
        self.distribution.has_ext_modules = lambda: True  # it holds machine code
        super().finalize_options()

    def get_tag(self) -> tuple[str, str, str]:
        return "py3", "none", super().get_tag()[2]
