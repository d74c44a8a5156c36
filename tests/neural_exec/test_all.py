"""The bundled model of all algorithms: each is exact on fresh inputs, and told in few numbers."""

import pytest

import algorithms
import neural_exec
from algorithms import registry
from neural_exec.certificates import CERTIFIED, standing
from neural_exec.files import _MODELS as MODELS


@pytest.fixture(scope="module")
def executor():
    return neural_exec.load("all")


def test_it_knows_every_algorithm(executor):
    assert sorted(executor.algorithms) == sorted(algorithms.names())
    assert set(registry.suite("clrs30")) <= set(executor.algorithms)


@pytest.mark.parametrize("name", algorithms.names())
def test_exact_on_fresh_inputs_of_every_family(executor, name):
    families = sum(algorithms.get(name).families.values(), ())
    report = neural_exec.evaluate(executor, [name], sizes=(1, 7, 20), graphs=len(families), seeds=[31])
    assert len(report.rows) == 3 * len(families)
    assert not report.failures
    assert [r for r in report.rows if r.same < r.graphs] == []


@pytest.mark.parametrize("name", algorithms.names())
def test_told_in_less_than_a_thousand_numbers(executor, name):
    assert 0 < executor.parameters_of(name)["own"] < 1000


def test_both_models_are_small():
    for name in neural_exec.bundled():
        home = MODELS / name
        assert sum(p.stat().st_size for p in home.iterdir()) < 5e6


@pytest.mark.parametrize("model", neural_exec.bundled())
def test_every_shipped_algorithm_is_certified(model):
    executor = neural_exec.load(model)
    assert {standing(executor, name) for name in executor.algorithms} == {CERTIFIED}
