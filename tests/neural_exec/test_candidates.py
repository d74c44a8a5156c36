"""Algorithms that wait for the next training of the suite: checked, learned together by one network, exact."""

import doctest
import importlib

import pytest

import neural_exec
from algorithms import registry
from algorithms.checking.checker import check
from algorithms.rooms import HOME

FILES = [p for p in sorted((HOME / "candidates").glob("*/*.py")) if not p.stem.startswith("_")]


@pytest.fixture(scope="module")
def registered():
    return [registry.register(p) for p in FILES]


@pytest.fixture(scope="module")
def executor(registered):
    return neural_exec.train(algorithms=registered, seed=0)


@pytest.mark.parametrize("place", range(len(FILES)), ids=[p.stem for p in FILES])
def test_the_machine_can_learn_it(registered, place):
    verdict = check(registry.get(registered[place]))
    assert verdict.ok, str(verdict)


@pytest.mark.parametrize("place", range(len(FILES)), ids=[p.stem for p in FILES])
def test_its_example_runs(registered, place):
    module = importlib.import_module(f"algorithms.candidates.{FILES[place].parent.name}.{FILES[place].stem}")
    failed, run = doctest.testmod(module)
    assert run and not failed


@pytest.mark.parametrize("place", range(len(FILES)), ids=[p.stem for p in FILES])
def test_exact_on_fresh_inputs_of_every_family(executor, registered, place):
    name = registered[place]
    families = sum(registry.get(name).families.values(), ())
    report = neural_exec.evaluate(executor, [name], sizes=(1, 7, 64), graphs=len(families), seeds=[31])
    assert not report.failures and executor.parameters_of(name)["own"] < 1000
    assert [r for r in report.rows if r.same < r.graphs] == []
