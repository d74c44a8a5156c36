"""An algorithm is added to a frozen processor; the others do not notice."""

import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

import algorithms
import neural_exec
import neural_exec.adding.tune
from algorithms import registry
from neural_exec.cli.main import main
from neural_exec.errors import ArgumentError, AuthorError, ForgottenError, InputError, ModelError, UnknownAlgorithmError
from neural_exec.examples import draw_examples
from neural_exec.network.meaning import meanings_of
from neural_exec.training.random_mix import Mixing, draw_programs
from neural_exec.training.trainer import Recipe, Trainer

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (ROOT / "algorithms" / "searching" / "minimum.py").read_text()


@pytest.fixture(scope="module")
def added():
    executor = neural_exec.load("core")
    before = logits(executor, neural_exec.load("core").algorithms)
    report = executor.add("bubble_sort", traces=40, graphs=7)
    return executor, report, before


@pytest.fixture
def theirs(tmp_path):
    """An author's file outside the package."""
    path = tmp_path / "least.py"
    text = PROGRAM.replace("def minimum(", "def least(").replace(".min", ".least")
    path.write_text(text.replace('"min"', '"least"').replace('sense="least"', 'sense="min"'))
    yield path
    registry._REGISTERED.pop("least", None)


@torch.no_grad()
def logits(executor, names):
    out = {}
    for a in names:
        for g, m in meanings_of(executor.machines[a], executor.names).items():
            out[a, g] = executor.step([(m, m.tokens(executor.trained[a][g]))])[0]
    return out


def test_an_unseen_algorithm_is_executed_by_the_frozen_processor(added):
    executor, report, _ = added
    assert report.ok and report.exact == {16: [7, 7], 64: [7, 7]} and report.zero is not None
    assert report.numbers == executor.parameters_of("bubble_sort")["own"] < 1000
    assert "bubble_sort" not in neural_exec.load("core").algorithms
    assert executor.run("bubble_sort", [3.0, 1.0, 2.0]).outputs == {"order": [1, 2, 0]}
    assert report.contexts and report.undecided and report.settle >= 40 and "ok" in str(report)
    json.dumps(report.to_dict())


def test_other_answers_are_the_same_bit_for_bit(added):
    executor, _, before = added
    after = logits(executor, [a for a in executor.algorithms if a != "bubble_sort"])
    assert before.keys() == after.keys()
    assert all(torch.equal(before[k], after[k]) for k in before)
    fresh = neural_exec.load("core")
    same = executor.step.state_dict()
    assert all(torch.equal(v, same[k][: len(v)]) for k, v in fresh.step.state_dict().items())


def test_saved_and_loaded_beside_its_processor(added, tmp_path):
    executor, report, _ = added
    path = neural_exec.save_addition(executor, "bubble_sort", tmp_path)
    assert path.name == "bubble_sort.addition.safetensors" and path.stat().st_size < 30_000
    again = neural_exec.load("core", additions=[path])
    one, two = logits(executor, ["bubble_sort"]), logits(again, ["bubble_sort"])
    assert all(torch.equal(one[k], two[k]) for k in one)
    assert again.additions["bubble_sort"]["report"]["numbers"] == report.numbers
    with pytest.raises(AuthorError, match="clashes"):
        neural_exec.load("core", additions=[path, path])
    other = neural_exec.load("core")
    with torch.no_grad():
        other.step.codes[1] += 1e-3
    with pytest.raises(ModelError, match="another processor"):
        neural_exec.load_addition(other, path)
    (tmp_path / "broken.addition.safetensors").write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ModelError):
        neural_exec.load("core", additions=[tmp_path / "broken.addition.safetensors"])
    shutil.copytree(ROOT / "neural_exec" / "models" / "core", tmp_path / "core")
    shutil.copy(path, tmp_path / "core")
    assert "bubble_sort" in neural_exec.load(tmp_path / "core").algorithms
    with pytest.raises(ModelError, match="whole executor"):
        neural_exec.save_addition(executor, "bfs", tmp_path)


def test_a_changed_program_is_refused(added, tmp_path, monkeypatch):
    path = neural_exec.save_addition(added[0], "bubble_sort", tmp_path)
    real = registry.fingerprint
    monkeypatch.setattr(registry, "fingerprint", lambda n: "changed" if n == "bubble_sort" else real(n))
    with pytest.raises(ModelError, match="bubble_sort: its code"):
        neural_exec.load("core", additions=[path])


def test_a_file_from_the_command_line(theirs, tmp_path):
    out = tmp_path / "least.addition.safetensors"
    result = CliRunner().invoke(main, ["add", str(theirs), "--traces", "20", "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["ok"]
    registry._REGISTERED.pop("least")
    result = CliRunner().invoke(main, ["run", str(theirs), "3,1,2", "--addition", str(out), "--json"])
    assert json.loads(result.stdout)["outputs"] == {"index": 1}


def test_what_is_not_exact_is_written_only_where_asked(theirs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = ["add", "kmp_matcher", "--model", "core", "--traces", "1"]
    result = CliRunner().invoke(main, few)
    assert result.exit_code == 1 and "NOT OK" in result.output and "not written; --out DIRECTORY" in result.output
    assert not list(tmp_path.rglob("*.safetensors"))
    result = CliRunner().invoke(main, [*few, "--out", str(tmp_path), "--json"])
    assert result.exit_code == 1 and Path(json.loads(result.stdout)["file"]).exists()
    result = CliRunner().invoke(main, ["add", str(theirs), "--traces", "20", "--json"])
    assert json.loads(result.stdout)["file"] == str(Path("runs/all/least.addition.safetensors"))


def test_two_added_from_files_saved_whole_and_apart(theirs, tmp_path):
    executor = neural_exec.load("core")
    executor.add(theirs, traces=20, sizes=[])
    executor.add("bubble_sort", traces=20, sizes=[])
    paths = [neural_exec.save_addition(executor, n, tmp_path) for n in ("bubble_sort", "least")]
    neural_exec.save(executor, tmp_path / "whole")
    whole, apart = neural_exec.load(tmp_path / "whole"), neural_exec.load("core", paths)
    for again in (whole, apart):
        one, two = logits(executor, executor.algorithms), logits(again, executor.algorithms)
        assert all(torch.equal(one[k], two[k]) for k in one)
    registry._REGISTERED.pop("least")
    with pytest.raises(ModelError, match="least does not exist"):
        neural_exec.load("core", paths)
    assert algorithms.register(theirs) == "least" and "least" in neural_exec.load("core", paths).algorithms


def test_what_clashes_is_refused(theirs, tmp_path):
    executor = neural_exec.load("core")
    (tmp_path / "minimum.py").write_text(PROGRAM)
    (tmp_path / "empty.py").write_text("")
    with pytest.raises(AuthorError, match="clashes"):
        executor.add("minimum")
    with pytest.raises(AuthorError, match="clashes"):
        executor.add(tmp_path / "minimum.py")
    with pytest.raises(AuthorError, match="must hold a program"):
        executor.add(tmp_path / "empty.py")
    with pytest.raises(UnknownAlgorithmError):
        executor.add(str(tmp_path / "nowhere.py"))
    assert len(executor.names) == executor.base


def test_malformed_traces_are_named():
    executor, good = neural_exec.load("core"), ([3.0, 1.0], {}, algorithms.trace("bubble_sort", [3.0, 1.0]))
    for bad, why in (
        (([1.0, float("nan")], {}), "trace 1 is malformed"),
        (([4.0, 1.0], {}, good[2]), "key"),
        (([3.0, 1.0], {}, "a trace"), "no Trace"),
        (7, r"\(data, arguments\)"),
    ):
        with pytest.raises(InputError, match=why):
            executor.add("bubble_sort", traces=[good, bad])
    with pytest.raises(ArgumentError):
        executor.add("bubble_sort", traces=[])
    assert executor.add("bubble_sort", traces=[good], sizes=[]).traces == 1


def test_tuned_with_replay_or_refused(monkeypatch):
    executor = neural_exec.load("core")
    before = executor.step.state_dict()
    with monkeypatch.context() as patch:
        patch.setattr(neural_exec.adding.tune, "RECIPE", neural_exec.adding.tune.Recipe(updates=20, lr=0.1))
        with pytest.raises(ForgottenError, match="no longer answers as before"):
            executor.add("merge_sort", traces=10, freeze_processor=False)
    assert "merge_sort" not in executor.algorithms
    assert all(torch.equal(v, before[k]) for k, v in executor.step.state_dict().items())
    report = executor.add("bubble_sort", traces=30, freeze_processor=False, sizes=[16])
    assert report.ok and not report.frozen
    with pytest.raises(ModelError, match="whole executor"):
        neural_exec.save_addition(executor, "bubble_sort", ".")


def test_random_programs_are_mixed_in(monkeypatch):
    plan = dict(algorithms=["minimum"], traces=30, seed=1, random_programs=6)
    mixing = Mixing(updates=40, per_update=2)
    monkeypatch.setattr("neural_exec.training.random_mix.Mixing", lambda: mixing)
    executor = neural_exec.train(**plan)
    assert executor.info["random_programs"] == 6 and executor.info["updates"] >= 40 and not executor.info["inexact"]
    assert executor.algorithms == ["minimum"] and len(executor.names) == len(executor.step.codes)
    assert not any("random" in n for n in executor.names.names)
    again = neural_exec.train(**plan)
    assert all(torch.equal(v, executor.step.state_dict()[k]) for k, v in again.step.state_dict().items())


def test_the_codes_of_a_program_are_fitted_on_its_few_traces_alone():
    programs = draw_programs(2, 3)
    trainer = Trainer([draw_examples("minimum", 0, 20, 5)], 0, programs=programs, mixing=Mixing(per_update=2))
    for i, groups in enumerate(trainer.mixture.groups):  # with no trace to fit on, a program's codes stay
        trainer.mixture.groups[i] = [(m, x, y, z, torch.zeros_like(f)) for m, x, y, z, f in groups]
    trainer.recipe = Recipe(weight_decay=0.0)
    before = trainer.step.codes.detach().clone()
    trainer.optimizer.param_groups[0]["weight_decay"] = 0.0
    trainer.update()
    first = trainer.mixture.first
    assert torch.equal(trainer.step.codes[first:], before[first:])
    assert not torch.equal(trainer.step.codes[:first], before[:first])


def test_what_does_not_halt_is_said_to(theirs):
    """The learned steps are right; it is the author's bound that stops the run."""
    text = theirs.read_text()
    theirs.write_text(re.sub(r"ticks=lambda n, m: .*,\n", "ticks=lambda n, m: 3,\n", text))
    assert "n, m: 3," in theirs.read_text()
    report = neural_exec.load("core").add(theirs, traces=40, sizes=[16], graphs=7)
    assert not report.ok and report.exact[16][0] == 0 and report.endless == {16: [7, 14]}
    assert "n = 16: 7 of 7 did not halt, cap 14" in str(report)
    assert json.loads(json.dumps(report.to_dict()))["endless"] == {"16": [7, 14]}
