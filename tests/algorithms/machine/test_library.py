"""The kernel is compiled, loaded and checked; what cannot be used is refused in words."""

import subprocess
import sys
import warnings

import pytest

from algorithms.machine import library


@pytest.fixture
def load(monkeypatch):
    """`library.load`, from a folder, as if it were called for the first time."""

    def from_folder(folder):
        monkeypatch.setattr(library, "FOLDER", folder)
        library.load.cache_clear()
        return library.load()

    yield from_folder
    library.load.cache_clear()


def refused(load, folder, reason):
    remedy = r"`pip install \.`.*building/kernel\.py"
    with pytest.warns(RuntimeWarning, match=rf"run in Python, slower: .*{reason}.*{remedy}"):
        assert load(folder) is None


def test_loads(compiled, load):
    with warnings.catch_warnings(action="error"):
        kernel = load(compiled)
    assert kernel.kernel_version() == library.source_version(compiled) != 0


def test_loaded_once(compiled, load):
    assert load(compiled) is library.load()


def test_missing(tmp_path, load):
    refused(load, tmp_path, "there is no .*kernel.c.so")
    with warnings.catch_warnings(action="error"):
        assert library.load() is None  # said once


def test_stale(compiled, load):
    with (compiled / "kernel.c").open("a") as f:
        f.write("/* changed */\n")
    refused(load, compiled, "another kernel.c")


def test_compiled_without_the_build(building, compiler, compiled, load):
    building.run_compiler(compiler, compiled / "kernel.c", compiled / library.LIBRARY, [*building.FLAGS, "-O0"])
    refused(load, compiled, "another kernel.c")


def test_another_library(building, compiler, compiled, load):
    (compiled / "other.c").write_text("int other(void) { return 0; }\n")
    building.run_compiler(compiler, compiled / "other.c", compiled / library.LIBRARY, building.FLAGS)
    refused(load, compiled, "is no kernel")


@pytest.mark.parametrize("content", [b"", b"no library", b"\x7fELF"])
def test_damaged(compiled, load, content):
    (compiled / library.LIBRARY).unlink()
    (compiled / library.LIBRARY).write_bytes(content)
    refused(load, compiled, "kernel.c.so")


def test_failed_compiling_leaves_no_library(building, compiled):
    (compiled / "kernel.c").write_text("int32_t kernel_version(void) {\n")
    with pytest.raises(building.CompileError, match="error"):
        building.compile_kernel(compiled, source=compiled)
    assert [p.name for p in compiled.iterdir()] == ["kernel.c"]


def test_compiles_without_a_warning(building, compiler, tmp_path):
    building.compile_kernel(tmp_path, flags=[*building.FLAGS, "-Werror", "-pedantic"])


def test_compiler_is_the_one_asked_for(building, compiler, monkeypatch):
    monkeypatch.setenv("CC", f"{compiler[0]} -O1")
    assert building.find_compiler() == [compiler[0], "-O1"]
    monkeypatch.setenv("CC", "no-such-compiler")
    assert building.find_compiler() == compiler
    monkeypatch.setenv("PATH", "")
    assert building.find_compiler() is None


def test_module_of_the_same_name_is_not_seen(compiled):
    code = "import pkgutil, sys; print([m.name for m in pkgutil.iter_modules(sys.argv[1:])])"
    done = subprocess.run([sys.executable, "-c", code, compiled], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
