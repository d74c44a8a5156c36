"""The author's guide: every structure and every form of answer is there, with a file that uses it."""

import inspect
import re
from pathlib import Path

import pytest

from algorithms import sampling
from algorithms.answers import Answer, edges, lists, nodes
from algorithms.inputs import cells, graphs, networks, records, structure
from algorithms.inputs import lists as sequences

ROOT = Path(__file__).resolve().parents[1]
SAMPLERS = sorted({*sampling.__all__} - {"GRAPHS", "SEQUENCES"})
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


@pytest.mark.parametrize("name", [*(c.__name__ for c in CLASSES), *SAMPLERS])
def test_listed_with_a_recipe_that_uses_it(name):
    rows = [row for row in ROWS if re.search(rf"`{name}\(", row.split(" | ")[0])]
    assert rows, f"CONTRIBUTING.md lists no {name}"
    for row in rows:
        files = re.findall(r"`(\w+/\w+\.py)`", row)
        assert files and all((ROOT / "algorithms" / f).exists() for f in files)
        assert any(re.search(rf"\b{name}\(", (ROOT / "algorithms" / f).read_text()) for f in files), files


def test_forms_have_their_contract():
    assert all(issubclass(c, Answer | structure.Structure) for c in CLASSES)
