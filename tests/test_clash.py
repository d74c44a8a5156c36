"""Another package `algorithms` beside ours: whoever has both is told, in a sentence."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def imports(*path: Path, cwd: Path) -> tuple[int, str]:
    """Exit code, and the last line on stderr, of an import where these are searched."""
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(map(str, path)))
    code = "import neural_exec, algorithms; algorithms.get('minimum')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=cwd)
    return done.returncode, done.stderr


@pytest.fixture
def theirs(tmp_path):
    """A folder in which PyPI's package is installed."""
    for name in ("__init__.py", "sort/__init__.py", "strings/__init__.py", "strings/rabin_karp.py"):
        file = tmp_path / "theirs" / "algorithms" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("raise RuntimeError('it is imported')\n")
    return tmp_path / "theirs"


def installed(folder: Path) -> None:
    (folder / "algorithms-1.0.dist-info").mkdir()
    (folder / "algorithms-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: algorithms\nVersion: 1.0\n"
    )


def ours(folder: Path) -> None:
    for name in ("algorithms", "neural_exec"):
        ignore = shutil.ignore_patterns("__pycache__", "models", "baselines")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore, dirs_exist_ok=True)


def test_nothing_is_said_where_there_is_no_other(tmp_path):
    assert imports(ROOT, cwd=tmp_path) == (0, "")


@pytest.mark.parametrize("by_pip", [True, False])
def test_theirs_before_ours(theirs, tmp_path, by_pip):
    if by_pip:
        installed(theirs)
    code, said = imports(theirs, ROOT, cwd=tmp_path)
    last = said.splitlines()[-1]
    assert code == 1 and last.startswith(
        "ImportError: neural_exec needs the package `algorithms` that comes with it, not the one at "
    )
    assert str(theirs) in last and ("pip uninstall algorithms" if by_pip else "rename that one") in last


def test_a_module_of_that_name_where_python_starts(tmp_path):
    (tmp_path / "algorithms.py").write_text("print('mine')\n")
    code, said = imports(ROOT, cwd=tmp_path)
    assert code == 1 and "algorithms.py; rename that one" in said.splitlines()[-1]


@pytest.mark.parametrize("last", ["ours", "theirs"])
def test_both_in_one_folder(theirs, tmp_path, last):
    """Whichever was laid over the other."""
    if last == "theirs":
        ours(tmp_path / "site")
        shutil.copytree(theirs, tmp_path / "site", dirs_exist_ok=True)
    else:
        shutil.copytree(theirs, tmp_path / "site")
        ours(tmp_path / "site")
    installed(tmp_path / "site")
    code, said = imports(tmp_path / "site", cwd=tmp_path)
    assert code == 1 and said.splitlines()[-1].startswith("ImportError: ") and "pip uninstall algorithms" in said


def test_theirs_hidden_by_ours(theirs, tmp_path):
    installed(theirs)
    code, said = imports(ROOT, theirs, cwd=tmp_path)
    assert code == 0 and "UserWarning: PyPI's package `algorithms`, in " in said and "is hidden by" in said


def test_a_folder_of_notes_hides_nothing(tmp_path):
    (tmp_path / "algorithms").mkdir()
    assert imports(ROOT, cwd=tmp_path) == (0, "")
    assert imports(tmp_path, cwd=tmp_path)[0] == 1
