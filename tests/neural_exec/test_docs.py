"""The examples in docstrings run, and say what is so."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import neural_exec

MODULES = [
    m.name
    for m in pkgutil.walk_packages(neural_exec.__path__, "neural_exec.")
    if not m.ispkg and ">>> " in Path(m.module_finder.path, m.name.split(".")[-1] + ".py").read_text()
]


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_docstrings_run(module):
    results = doctest.testmod(importlib.import_module(module))
    assert results.attempted and not results.failed
