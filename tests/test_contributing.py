"""The author's guide: every structure and every form of answer is there, with a file that uses it."""

import inspect
import re
from pathlib import Path

import pytest

from algorithms.answers import Answer, edges, lists, nodes
from algorithms.inputs import cells, graphs, networks, records, structure
from algorithms.inputs import lists as sequences

ROOT = Path(__file__).resolve().parents[1]
ROWS = [line for line in (ROOT / "CONTRIBUTING.md").read_text().splitlines() if line.startswith("| `")]
MODULES = (edges, lists, nodes, cells, graphs, networks, records, sequences)
CLASSES = [
    c
    for module in MODULES
    for _, c in inspect.getmembers(module, inspect.isclass)
    if c.__module__ == module.__name__
    and not c.__name__.startswith("_")
    and (hasattr(c, "reads") or hasattr(c, "kinds"))
]


@pytest.mark.parametrize("form", CLASSES, ids=lambda c: c.__name__)
def test_listed_with_a_recipe_that_uses_it(form):
    assert issubclass(form, Answer | structure.Structure)
    rows = [row for row in ROWS if re.search(rf"`{form.__name__}\(", row.split(" | ")[0])]
    assert rows, f"CONTRIBUTING.md lists no {form.__name__}"
    for row in rows:
        files = re.findall(r"`(\w+/\w+\.py)`", row)
        assert files and all((ROOT / "algorithms" / f).exists() for f in files)
        assert any(re.search(rf"\b{form.__name__}\(", (ROOT / "algorithms" / f).read_text()) for f in files), files
