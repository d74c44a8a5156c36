"""Training: the same seed gives the same weights, bit for bit, however often it is interrupted; it learns; it is honest."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from safetensors import safe_open
from safetensors.torch import load, save

import neural_exec
from neural_exec.cli.main import main
from neural_exec.errors import ArgumentError, ModelError, UnknownAlgorithmError
from neural_exec.examples import draw_examples
from neural_exec.training import train as runs
from neural_exec.training.train import Interrupted
from neural_exec.training.trainer import Recipe, Trainer, right

NAMES = ["minimum", "bfs"]
PLAN = dict(algorithms=NAMES, seed=5, traces=10)
# never exact: always all 30 updates; of some algorithms and rows only, so that every draw matters
LONG = Recipe(max_updates=30, clean_checks=10**6, check_every=5, algorithms=1, rows=4)


@pytest.fixture(scope="module")
def drawn():
    return [draw_examples(a, seed=5, traces=10, held_out=2) for a in NAMES]


@pytest.fixture(scope="module")
def harder():
    """A little more to learn."""
    return [draw_examples(a, seed=0, traces=12, held_out=8) for a in ("dijkstra", "insertion_sort", "quicksort")]


def weights(trainer):
    return {k: v for k, v in trainer.average.state_dict().items()}


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def stop_after(trainer, updates):
    return lambda: trainer.progress.updates >= updates


def written(trainer):
    """The trainer's state, as it comes back from a file."""
    tensors, record = trainer.state()
    return load(save({k: v.contiguous() for k, v in tensors.items()})), json.loads(json.dumps(record))


# ---------------------------------------------------------------- the trainer
def test_the_same_seed_gives_the_same_weights_bit_for_bit(drawn):
    a, b, c = (Trainer(drawn, seed, LONG) for seed in (1, 1, 2))
    torch.manual_seed(99)  # nothing outside matters
    a.run()
    np.random.seed(3)
    b.run()
    c.run()
    assert same(weights(a), weights(b)) and same(a.step.state_dict(), b.step.state_dict())
    assert not same(weights(a), weights(c))


@pytest.mark.parametrize("at", [0, 1, 5, 17, 29])
def test_interrupted_and_resumed_comes_to_the_same_weights(drawn, at):
    whole = Trainer(drawn, 1, LONG)
    whole.run()
    first = Trainer(drawn, 1, LONG)
    first.run(stop=stop_after(first, at))
    assert first.progress.updates == at
    second = Trainer(drawn, 1, LONG)
    second.update()  # what it did before is forgotten
    second.load_state(*written(first))
    second.run()
    assert second.progress.updates == 30
    assert same(weights(second), weights(whole)) and same(second.step.state_dict(), whole.step.state_dict())
    assert second.progress.wrong == whole.progress.wrong
    assert all((second.heat[k] == whole.heat[k]).all() for k in whole.heat)


def test_state_forgets_nothing_that_matters(drawn):
    """Each part of the state, left out, leads elsewhere: the test above can fail."""
    whole = Trainer(drawn, 1, LONG)
    whole.run()
    first = Trainer(drawn, 1, LONG)
    first.run(stop=stop_after(first, 15))
    for part in ("optimizer.", "average.", "step.", "heat.", "rng", "nothing"):
        (tensors, record), second = written(first), Trainer(drawn, 1, LONG)
        fresh, fresh_record = written(second)
        tensors = {k: fresh.get(k, torch.zeros_like(v)) if k.startswith(part) else v for k, v in tensors.items()}
        if part == "rng":
            record["rng"] = fresh_record["rng"]
        second.load_state(tensors, record)
        second.run()
        assert same(weights(second), weights(whole)) == (part == "nothing"), part


def test_it_learns_until_every_known_context_is_right(harder):
    trainer = Trainer(harder, 0)
    seen = []
    progress = trainer.run(report=lambda p: seen.append((p.updates, sum(p.wrong.values()), p.clean)))
    assert trainer.exact and progress.exact == list(trainer.examples)
    assert [u for u, _, _ in seen] == list(range(20, progress.updates + 1, 20))
    assert seen[0][1] > 0 and [w for _, w, _ in seen[-2:]] == [0, 0]
    assert [c for _, _, c in seen[-2:]] == [1, 2], "it stops after as many clean checks as the recipe says"
    for (a, g), (tokens, consistent) in trainer.known.items():
        if len(tokens):
            with torch.no_grad():
                assert right(trainer.average([(trainer.meanings[a][g], tokens)])[0], consistent).all()


def test_a_check_counts_wrong_contexts_and_heats_them(drawn):
    trainer = Trainer(drawn, 0)
    trainer.check()
    wrong = dict.fromkeys(NAMES, 0)
    for (a, g), (tokens, consistent) in trainer.known.items():
        for i in range(len(tokens)):
            with torch.no_grad():
                best = trainer.average([(trainer.meanings[a][g], tokens[i : i + 1])])[0][0].argmax(1)
            wrong[a] += not all(consistent[i, r, o] for r, o in enumerate(best.tolist()))
    assert trainer.progress.wrong == wrong and sum(wrong.values()) > 0
    assert trainer.progress.clean == 0 and not trainer.exact
    heated = sum(int((h == 1).sum()) for h in trainer.heat.values())
    assert 0 < heated <= sum(wrong.values())
    trainer.heat = {k: np.ones_like(h) for k, h in trainer.heat.items()}
    trainer.run()
    assert all((h < 1).all() for h in trainer.heat.values()), "what became right cools down"


def test_held_out_contexts_are_checked_but_not_trained_on(monkeypatch):
    recipe = Recipe(max_updates=4, rows=10**6)
    trainer, seen = Trainer([draw_examples("heapsort", seed=0, traces=3, held_out=20, sought=0)], 0, recipe), set()
    step = trainer.step.forward

    def spy(batch):
        for m, tokens in batch:
            seen.update((m.algorithm, m.group.name, *row) for row in tokens.tolist())
        return step(batch)

    monkeypatch.setattr(trainer.step, "forward", spy)
    trainer.run()
    trained, known = (
        {(a, g, *row) for (a, g), (tokens, _) in table.items() for row in tokens.tolist()}
        for table in (trainer.train, trainer.known)
    )
    assert seen == trained < known


FEW = Recipe(max_updates=160, clean_checks=10**6, check_every=5, patience=2)


@pytest.fixture(scope="module")
def too_few():
    """Three traces do not show enough of heapsort; of `minimum` they do."""
    return [draw_examples("minimum", 0, 10, 5), draw_examples("heapsort", seed=0, traces=3, held_out=20, sought=0)]


def test_held_out_contexts_that_stay_wrong_are_learned_as_well(too_few):
    trainer, seen = Trainer(too_few, 0, FEW), []
    trainer.run(report=lambda p: seen.append((p.stuck, list(p.learned), sum(p.wrong.values()))))
    assert trainer.progress.learned == ["heapsort"], "those that are wrong, no others, and once"
    at = next(i for i, (_, learned, _) in enumerate(seen) if learned)
    assert [stuck for stuck, _, _ in seen[at - 1 : at + 1]] == [1, 0] and seen[at][2] > 0
    assert seen[-1][2] == 0, "then they are learned"
    known, train = too_few[1].known, too_few[1].train
    trained = trainer.executor({}).trained
    assert any(len(known[g].codes) > len(train[g].codes) for g in known)
    assert all(trained["heapsort"][g] is known[g].codes for g in known), "nor are they unseen any more"
    assert all(trained["minimum"][g] is too_few[0].train[g].codes for g in too_few[0].train)


def test_patience_is_only_for_what_training_cannot_know(too_few):
    trainer = Trainer(too_few[1:], 0, Recipe(max_updates=10, check_every=1, patience=2))
    trainer.run()
    assert trainer.progress.learned == [] and sum(trainer.progress.wrong.values()) > 0, "it has not learned its own yet"


@pytest.mark.parametrize("after", [False, True])
def test_interrupted_before_or_after_that_it_comes_to_the_same_weights(too_few, after):
    whole = Trainer(too_few, 0, FEW)
    whole.run()
    first = Trainer(too_few, 0, FEW)
    first.run(stop=lambda: bool(first.progress.learned) if after else first.progress.stuck == 1)
    assert bool(first.progress.learned) == after and 0 < first.progress.updates < 160
    second = Trainer(too_few, 0, FEW)
    second.load_state(*written(first))
    second.run()
    assert same(weights(second), weights(whole)) and second.progress.learned == ["heapsort"]


def test_the_average_follows_the_weights(drawn):
    trainer = Trainer(drawn, 0, LONG)
    before = weights(trainer)
    before = {k: v.clone() for k, v in before.items()}
    trainer.update()
    keep = (1 + 1) / (10 + 1)
    for k, v in trainer.step.state_dict().items():
        torch.testing.assert_close(trainer.average.state_dict()[k], keep * before[k] + (1 - keep) * v)


def test_stop_is_asked_before_every_update(drawn):
    trainer, asked = Trainer(drawn, 0, LONG), []
    trainer.run(stop=lambda: asked.append(trainer.progress.updates) or len(asked) > 4)
    assert asked == [0, 1, 2, 3, 4] and trainer.progress.updates == 4


# ---------------------------------------------------------------- train(...)
@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    executor = neural_exec.train(**PLAN, out=out, recipe=LONG)
    assert executor.info["updates"] == 30
    return out


def model(directory):
    return (directory / "model.safetensors").read_bytes()


def at_update(n, action):
    return lambda progress: action() if progress.updates == n else None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_a_checkpoint_that_goes_on_to_the_same_weights(uninterrupted, tmp_path, number):
    before = signal.getsignal(number)
    with pytest.raises(Interrupted, match="--resume") as e:
        neural_exec.train(**PLAN, out=tmp_path, recipe=LONG, report=at_update(10, lambda: os.kill(os.getpid(), number)))
    assert e.value.directory == tmp_path and str(tmp_path) in str(e.value)
    assert isinstance(e.value, KeyboardInterrupt)
    assert signal.getsignal(number) == before, "the caller's handlers are back"
    assert (tmp_path / "training.safetensors").is_file() and not (tmp_path / "model.safetensors").exists()
    assert resumed(tmp_path) == [15, 20, 25, 30], "it goes on where it was"
    assert model(tmp_path) == model(uninterrupted)


SCRIPT = """
import sys, torch
torch.set_num_threads(1)
import neural_exec
from neural_exec.training.trainer import Recipe
def report(p):
    if p.updates == 15:
        print("ready", flush=True)
        sys.stdin.readline()  # until the parent has sent its signal
neural_exec.train(algorithms=["minimum", "bfs"], seed=5, traces=10, out=sys.argv[1], report=report,
                  recipe=Recipe(max_updates=30, clean_checks=10**6, check_every=5, algorithms=1, rows=4))
"""


def resumed(out):
    updates = []
    neural_exec.train(**PLAN, out=out, recipe=LONG, resume=True, report=lambda p: updates.append(p.updates))
    return updates


def test_a_terminated_process_leaves_a_checkpoint_that_goes_on_to_the_same_weights(uninterrupted, tmp_path):
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert child.stdout.readline() == "ready\n", child.stderr.read()
    child.send_signal(signal.SIGTERM)
    _, errors = child.communicate("\n", timeout=60)
    assert child.returncode != 0 and "Interrupted" in errors
    assert not (tmp_path / "model.safetensors").exists()
    assert resumed(tmp_path) == [20, 25, 30]
    assert model(tmp_path) == model(uninterrupted)


def test_a_killed_process_leaves_a_checkpoint_that_goes_on_to_the_same_weights(uninterrupted, tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "_SAVE_EVERY", -1.0)
    child = os.fork()
    if not child:
        try:
            kill = at_update(15, lambda: os.kill(os.getpid(), signal.SIGKILL))
            neural_exec.train(**PLAN, out=tmp_path, recipe=LONG, report=kill)
        finally:
            os._exit(1)  # not killed
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert not (tmp_path / "model.safetensors").exists()
    assert resumed(tmp_path) == [15, 20, 25, 30], "from the checkpoint of update 10"
    assert model(tmp_path) == model(uninterrupted)


def test_killed_before_the_first_save_there_is_a_checkpoint_all_the_same(uninterrupted, tmp_path):
    class Killed(BaseException):
        pass

    def kill():
        raise Killed  # nothing is cleaned up, as after kill -9

    with pytest.raises(Killed):
        neural_exec.train(**PLAN, out=tmp_path, recipe=LONG, report=at_update(5, kill))
    assert resumed(tmp_path) == [5, 10, 15, 20, 25, 30]
    assert model(tmp_path) == model(uninterrupted)


def test_interrupted_while_traces_are_drawn_it_goes_on_from_nothing(tmp_path):
    with pytest.raises(Interrupted) as e:
        neural_exec.train(
            **PLAN, out=tmp_path, recipe=LONG,
            drawing=lambda name, done, total: os.kill(os.getpid(), signal.SIGINT) if done == 1 else None,
        )  # fmt: skip
    assert e.value.directory == tmp_path
    resumed = neural_exec.train(**PLAN, out=tmp_path, recipe=LONG, resume=True)
    fresh = neural_exec.train(**PLAN, recipe=LONG)
    assert torch.equal(resumed.step.codes, fresh.step.codes)


def test_training_without_a_directory_can_be_interrupted_too():
    with pytest.raises(Interrupted) as e:
        neural_exec.train(**PLAN, recipe=LONG, report=lambda p: os.kill(os.getpid(), signal.SIGINT))
    assert e.value.directory is None and str(e.value) == "interrupted"


def test_a_checkpoint_is_replaced_whole(tmp_path, drawn, monkeypatch):
    """Killed while it is written, the one before is still there."""
    trainer = Trainer(drawn, 5, LONG)
    runs._save_state(trainer, tmp_path, {})
    before = (tmp_path / "training.safetensors").read_bytes()
    trainer.update()

    def half(path, data):
        path.open("wb").write(data[: len(data) // 2])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(OSError, match="disk full"):
        runs._save_state(trainer, tmp_path, {})
    assert (tmp_path / "training.safetensors").read_bytes() == before


def test_resuming_a_finished_training_returns_its_model(tmp_path, monkeypatch):
    first = neural_exec.train(**PLAN, out=tmp_path)
    assert first.info["inexact"] == [] and not (tmp_path / "training.safetensors").exists()
    before = model(tmp_path)
    monkeypatch.setattr(runs, "draw_examples", lambda *a, **k: pytest.fail("it draws traces again"))
    again = neural_exec.train(**PLAN, out=tmp_path, resume=True)
    assert model(tmp_path) == before and again.info == json.loads(json.dumps(first.info))
    assert same(again.step.state_dict(), first.step.state_dict())
    with pytest.raises(ModelError):
        neural_exec.train(**{**PLAN, "seed": 6}, out=tmp_path, resume=True)


@pytest.mark.parametrize("there", ["training.safetensors", "config.json", "model.safetensors"])
def test_nothing_is_overwritten_unasked(uninterrupted, tmp_path, there, monkeypatch):
    shutil.copy(uninterrupted / there, tmp_path)
    before = (tmp_path / there).read_bytes()
    monkeypatch.setattr(runs, "draw_examples", lambda *a, **k: pytest.fail("it works already"))
    kind = "an interrupted training" if there == "training.safetensors" else "a model"
    said = f"holds {kind}.*--resume .*another directory.*--overwrite"
    with pytest.raises(ModelError, match=said):
        neural_exec.train(**PLAN, out=tmp_path, recipe=LONG)
    given = ["train", "--algorithms", "minimum", "--out", str(tmp_path)]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 2 and re.search(said, result.stderr) and not result.stdout
    assert (tmp_path / there).read_bytes() == before and [p.name for p in tmp_path.iterdir()] == [there]
    with pytest.raises(ArgumentError, match="choose one"):
        neural_exec.train(**PLAN, out=tmp_path, resume=True, overwrite=True)


def test_an_overwritten_training_starts_from_nothing(uninterrupted, tmp_path):
    shutil.copytree(uninterrupted, tmp_path, dirs_exist_ok=True)
    updates = []
    neural_exec.train(**PLAN, out=tmp_path, recipe=LONG, overwrite=True, report=lambda p: updates.append(p.updates))
    assert updates == [5, 10, 15, 20, 25, 30] and model(tmp_path) == model(uninterrupted)


@pytest.mark.parametrize(
    "change, said",
    [
        (dict(seed=6), "seed"),
        (dict(algorithms=["minimum"]), "algorithms, code"),
        (dict(algorithms=["bfs", "minimum"]), "algorithms"),
        (dict(traces=11), "traces"),
        (dict(recipe=Recipe(lr=1e-3)), "recipe"),
        (dict(seed=6, traces=11), "seed, traces"),
    ],
)
def test_resuming_another_training_is_refused_by_what_differs(uninterrupted, change, said):
    with pytest.raises(ModelError, match=f"another training: {said} differ"):
        neural_exec.train(**{**PLAN, "recipe": LONG, **change}, out=uninterrupted, resume=True)


def test_resuming_after_an_algorithms_code_changed_is_refused(uninterrupted, monkeypatch):
    real = runs.registry.fingerprint
    monkeypatch.setattr(runs.registry, "fingerprint", lambda n: "changed" if n == "bfs" else real(n))
    with pytest.raises(ModelError, match="another training: code differ"):
        neural_exec.train(**PLAN, recipe=LONG, out=uninterrupted, resume=True)


def test_nothing_to_resume(tmp_path):
    with pytest.raises(ModelError, match="nothing to resume"):
        neural_exec.train(**PLAN, out=tmp_path / "nowhere", resume=True)
    with pytest.raises(ArgumentError, match="out="):
        neural_exec.train(**PLAN, resume=True)


def test_a_damaged_checkpoint_is_refused(uninterrupted, tmp_path):
    whole = (uninterrupted / "training.safetensors").read_bytes()
    for damaged in (whole[: len(whole) // 2], b"", b"garbage" * 100):
        (tmp_path / "training.safetensors").write_bytes(damaged)
        with pytest.raises(ModelError, match=r"training\.safetensors"):
            neural_exec.train(**PLAN, recipe=LONG, out=tmp_path, resume=True)


@pytest.mark.parametrize("forged", [False, True])
def test_a_mutated_checkpoint_is_refused_or_harmless(uninterrupted, tmp_path, forged):
    """Its record and its tensors, at random; with the checksum made anew too."""
    path, refused = tmp_path / "training.safetensors", 0
    with safe_open(uninterrupted / "training.safetensors", framework="pt") as f:
        whole, text = {k: f.get_tensor(k) for k in f.keys()}, f.metadata()["record"]
    for seed in range(30):
        rng, record, tensors = np.random.default_rng(seed), json.loads(text), dict(whole)
        for p in tmp_path.iterdir():
            p.unlink()
        name = sorted(tensors)[rng.integers(len(tensors))]
        if seed % 3 == 0:
            t = tensors.pop(name)
            changed = [None, t.double() if t.dtype == torch.float32 else t.float(), t[None], t * torch.nan][
                rng.integers(4)
            ]
            tensors |= {} if changed is None else {name: changed}
        else:
            at = record[("progress", "rng", "plan")[rng.integers(3)]]
            key = sorted(at)[rng.integers(len(at))]
            at[key] = [None, -1, "x", [], {}, 1.5, {"x": 1}, ["x"]][rng.integers(8)]
        new = json.dumps(record)
        digest = runs._digest(new if forged else text, tensors if forged else whole)
        path.write_bytes(save(tensors, dict(record=new, digest=digest)))
        try:
            neural_exec.train(**PLAN, recipe=LONG, out=tmp_path, resume=True)
        except ModelError as e:
            refused += 1
            assert "training.safetensors" in str(e) or "another training" in str(e)
        else:  # forged within its types: it is another state of the same training
            assert forged or (new == text and tensors.keys() == whole.keys()), seed
    assert refused >= 25


def test_a_foreign_safetensors_file_is_no_checkpoint(trained_dir, tmp_path):
    shutil.copy(trained_dir / "model.safetensors", tmp_path / "training.safetensors")
    with pytest.raises(ModelError, match=r"training\.safetensors: format None, .*start again"):
        neural_exec.train(**PLAN, recipe=LONG, out=tmp_path, resume=True)


def test_a_training_that_does_not_become_exact_says_which_algorithms_did_not(tmp_path):
    executor = neural_exec.train(**PLAN, out=tmp_path, recipe=Recipe(max_updates=3))
    assert executor.info["updates"] == 3
    assert executor.info["inexact"] == NAMES, "far from exact after so few updates"
    assert neural_exec.load(tmp_path).info["inexact"] == NAMES
    assert (tmp_path / "training.safetensors").is_file()


def test_info_says_how_it_was_trained(uninterrupted):
    info = neural_exec.load(uninterrupted).info
    assert (info["algorithms"], info["seed"], info["traces"], info["suite"]) == (NAMES, 5, 10, None)
    assert info["recipe"]["max_updates"] == 30 and set(info["code"]) == set(NAMES) and info["ticks"] > 0


def test_drawing_and_progress_are_reported():
    drawing, reports = [], []
    recipe = Recipe(max_updates=10, check_every=5)
    report = lambda p: reports.append(p.updates)
    neural_exec.train(**PLAN, recipe=recipe, drawing=lambda *a: drawing.append(a), report=report)
    assert drawing == [("minimum", 0, 2), ("bfs", 1, 2), ("", 2, 2)]
    assert reports == [5, 10]


def test_a_thread_can_train():
    out = []
    t = threading.Thread(target=lambda: out.append(neural_exec.train(**PLAN, recipe=Recipe(max_updates=2))))
    t.start()
    t.join(60)
    assert out and out[0].info["updates"] == 2


def test_what_cannot_be_trained():
    with pytest.raises(UnknownAlgorithmError, match="'bfs'"):
        neural_exec.train(algorithms=["bsf"])
    with pytest.raises(UnknownAlgorithmError, match="core"):
        neural_exec.train(suite="cor")
    with pytest.raises(ArgumentError, match="at least one"):
        neural_exec.train(algorithms=[])


def test_an_algorithm_named_twice_is_trained_once():
    executor = neural_exec.train(algorithms=["minimum", "minimum"], traces=4, recipe=Recipe(max_updates=1))
    assert executor.algorithms == ["minimum"]
