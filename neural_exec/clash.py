"""PyPI has another package called `algorithms`, which installs a folder of that name as this one does. Who has both is
told: one of the two folders hides the other, or their files lie in one."""

from __future__ import annotations

import warnings
from importlib import metadata
from importlib.abc import InspectLoader
from importlib.util import find_spec
from pathlib import Path

__all__ = ["check_algorithms"]

_MARK = 'PART_OF = "neural-exec"'  # a line of our `algorithms/__init__.py`
_REMEDY = "pip uninstall algorithms, then install this package again; or use an environment for each"


def check_algorithms() -> None:
    """Raises ImportError where `algorithms` is another package than the one that comes with this, or has another's
    files in its folder. Warns where another is installed elsewhere, and hidden. Nothing is imported."""
    try:
        other = Path(str(metadata.distribution("algorithms").locate_file("algorithms")))
    except metadata.PackageNotFoundError:
        other = None
    try:
        spec = find_spec("algorithms")
        loader = spec.loader if spec else None
        source = loader.get_source("algorithms") if isinstance(loader, InspectLoader) else None
    except (ValueError, ImportError, SyntaxError):
        spec, source = None, ""
    if not (spec and spec.origin):
        raise ImportError("neural_exec finds no package `algorithms`, which comes with it; install it again")
    where = Path(spec.origin).parent
    if source is not None and _MARK not in source:
        remedy = _REMEDY if other else "rename that one, or start Python where it is not found"
        raise ImportError(
            f"neural_exec needs the package `algorithms` that comes with it, not the one at {spec.origin}; {remedy}"
        )
    if other and other.resolve() == where.resolve():
        raise ImportError(
            f"PyPI's package `algorithms` and the one that comes with neural_exec lie in one folder, {where}; {_REMEDY}"
        )
    if other:
        warnings.warn(
            f"PyPI's package `algorithms`, in {other}, is hidden by the one that comes with neural_exec, in {where}; "
            "use an environment for each",
            stacklevel=3,
        )
