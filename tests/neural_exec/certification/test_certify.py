import copy
import json
import shutil

import pytest
import torch
from click.testing import CliRunner

import neural_exec
from algorithms.inputs import worlds
from algorithms.trace import lay_out
from neural_exec.certificates import FILE, keep, standing
from neural_exec.certification import certify as certification
from neural_exec.certification.alterations import Worlds
from neural_exec.certification.certify import Certificate, _Runs, certify
from neural_exec.cli.main import main
from neural_exec.errors import ModelError, UnknownAlgorithmError


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Lists of up to 5 numbers, and fewer random inputs."""
    monkeypatch.setattr(worlds, "LIMIT", 600)
    monkeypatch.setattr(certification, "QUIET", 40)


@pytest.fixture()
def model(trained_dir, tmp_path):
    return shutil.copytree(trained_dir, tmp_path / "model")


@pytest.fixture()
def executor(model):
    return neural_exec.load(model)


def test_every_input_is_run_and_counted(executor):
    said = []
    certificate = certify(executor, ["minimum"], report=lambda name, done, total: said.append((name, total)))["minimum"]
    assert certificate.ok and not certificate.wrong
    assert [w["count"] for w in certificate.worlds] == [1, 3, 13, 75, 541]
    random = certificate.random["inputs"]
    assert certificate.inputs == 633 + random and random - certificate.random["last_new"] >= 40
    assert certificate.recorded >= 200 and certificate.ticks > certificate.inputs
    assert {g: c["never"] for g, c in certificate.contexts.items()} == {"hub": 0}
    assert said and set(said) == {("minimum", 633)}


def forge(executor, name, group, forged):
    """Have the network decide otherwise in some contexts: forged(group, code, decision) -> decision or None."""
    policy = executor.policy(name)
    policy.warm()
    machine_group = policy.machine.groups[group]
    for code, decision in sorted(policy.answers[group].items()):
        other = forged(machine_group, code, decision)
        if other is not None and other != decision:
            policy.answers[group][code] = other
            policy.__dict__.pop("_program", None)
            return machine_group.describe(code)
    raise AssertionError("nothing to forge")


@pytest.mark.parametrize("rare", [0, 1, 2])
def test_a_forged_decision_of_a_row_is_found(executor, rare):
    seen = []

    def forged(group, code, decision):
        text = group.describe(code)
        if "scan" not in text or "undefined" in text:
            return None
        seen.append(text)
        register = group.registers.index(("pointer", "min"))
        if len(seen) <= rare:
            return None
        point = next(o for o, op in enumerate(group.operations) if op.text == "i" and group.valid[register, o])
        kept = tuple(x for x in decision if x[0] != register)
        return kept if kept != decision else tuple(sorted((*kept, (register, point))))

    forge(executor, "minimum", "hub", forged)
    certificate = certify(executor, ["minimum"])["minimum"]
    assert not certificate.ok and "differs from the program's run" in certificate.wrong[0]
    assert standing(executor, "minimum") == "refuted"


def test_a_forged_mask_of_edges_is_found(executor):
    forge(executor, "bfs", "relation:in_edges", lambda group, code, mask: mask ^ 1 if mask else None)
    assert not certify(executor, ["bfs"])["bfs"].ok


def test_a_forged_answer_that_no_world_meets_is_said_to_be_unmet(executor):
    policy = executor.policy("minimum")
    odd = next(c for c in range(10_000) if c not in policy.trained["hub"])
    policy.trained["hub"] = policy.trained["hub"] | {odd}
    contexts = certify(executor, ["minimum"])["minimum"].contexts["hub"]
    assert contexts["never"] == 1 and contexts["reached"] == contexts["trained"] - 1


def test_alterations_are_killed_or_harmless(executor):
    certificate = certify(executor, ["minimum"], mutate=True)["minimum"]
    m = certificate.mutation
    assert m["contexts"] == certificate.contexts["hub"]["reached"]
    assert m["alterations"] == m["killed"] + m["holes"] + m["unmet"] + m["harmless"] and m["killed"] > 100
    assert not m["holes"] and not m["unmet"]
    assert m["by_context"] < m["harmless"] == m["by_context"] + len(m["survivors"]) < 20
    assert certify(executor, ["minimum"])["minimum"].mutation == m  # of the same weights, program and worlds
    executor.certificates["minimum"]["worlds"].pop()
    assert certify(executor, ["minimum"])["minimum"].mutation is None


def test_worlds_too_small_leave_holes(executor):
    out = Certificate("minimum", "", "", "")
    runs = _Runs(executor, out)
    tiny, larger = Worlds(runs.network, runs.spec), Worlds(runs.network, runs.spec)
    for values, world in (([1.0], tiny), ([1.0, 2.0], larger), ([2.0, 1.0], larger), ([1.0, 1.0], larger)):
        runs.one(lay_out(runs.spec, values, {}), values, {}, False, world)
    mutation = tiny.alter(larger, lambda *_: None)
    assert out.ok and mutation.killed and mutation.holes and mutation.shown
    assert mutation.alterations == mutation.killed + mutation.holes + mutation.unmet + mutation.harmless
    assert "altered:" in str(mutation)


def test_a_certificate_is_of_its_weights(model, executor):
    assert {standing(executor, name) for name in executor.algorithms} == {"missing"}
    certificates = certify(executor, ["minimum"])
    assert standing(executor, "minimum") == "certified" and standing(executor, "bfs") == "missing"
    keep(model, {name: c.to_dict() for name, c in certificates.items()})
    again = neural_exec.load(model)
    assert standing(again, "minimum") == "certified"
    assert standing(copy.deepcopy(again), "minimum") == "certified"
    for kernel, expected in (("definition", "certified"), ("0123abcd", "stale")):
        again.certificates["minimum"] = dict(certificates["minimum"].to_dict(), kernel=kernel)
        assert standing(again, "minimum") == expected
    again = neural_exec.load(model)
    with torch.no_grad():
        next(again.step.parameters()).view(-1)[0] += 1e-3
    assert standing(again, "minimum") == "stale"


def test_records_of_other_algorithms_stay(model):
    keep(model, {"bfs": dict(weights="", program="", kernel="", ok=True)})
    keep(model, {"minimum": dict(weights="", program="", kernel="", ok=True)})
    executor = neural_exec.load(model)
    assert set(executor.certificates) == {"bfs", "minimum"} and standing(executor, "bfs") == "stale"


DAMAGED = [{}, {"algorithms": []}, {"algorithms": {"bfs": {}}}, {"algorithms": {"bfs": 3}}]


@pytest.mark.parametrize("text", ["{", "[]", *(json.dumps({"format": 1, **x}) for x in DAMAGED)])
def test_damaged_records_are_refused(model, text):
    (model / FILE).write_text(text)
    with pytest.raises(ModelError, match=r"certificates\.json is .*; delete it, and certify again"):
        neural_exec.load(model)


def test_an_unknown_algorithm_is_refused_before_any_work(executor):
    with pytest.raises(UnknownAlgorithmError):
        certify(executor, ["minimum", "mimimum"])


@pytest.mark.slow
def test_workers_give_the_same(executor, monkeypatch):
    monkeypatch.undo()
    strip = lambda made: {n: dict(c.to_dict(), seconds=0) for n, c in made.items()}
    assert strip(certify(executor, ["minimum"], workers=2)) == strip(certify(executor, ["minimum"]))


def test_command(model):
    result = CliRunner().invoke(main, ["certify", "minimum", "--model", str(model), "--json"])
    assert result.exit_code == 0, result.output
    (record,) = json.loads(result.stdout)
    assert record["ok"] and json.loads((model / FILE).read_text())["algorithms"]["minimum"] == record
    result = CliRunner().invoke(main, ["list", str(model), "--json"])
    assert {r["name"]: r["certificate"] for r in json.loads(result.stdout)} == {
        **dict.fromkeys(neural_exec.load(model).algorithms, "missing"),
        "minimum": "certified",
    }
    assert "certified" in CliRunner().invoke(main, ["list", str(model)]).output


def test_command_says_what_is_refuted(model):
    executor = neural_exec.load(model)
    with torch.no_grad():
        for p in executor.step.shared_parameters():
            p.normal_()
    neural_exec.save(executor, model)
    result = CliRunner().invoke(main, ["certify", "minimum", "--model", str(model)])
    assert result.exit_code == 1 and "refuted: minimum" in result.output and "REFUTED" in result.output
