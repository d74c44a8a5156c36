"""A training from start to end: traces, updates, a model. Interrupted and resumed, it comes to the same weights."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from algorithms import registry
from neural_exec.checkpoint import load, save
from neural_exec.defaults import training_defaults
from neural_exec.errors import ArgumentError, ModelError
from neural_exec.examples import draw_examples
from neural_exec.executor import Executor
from neural_exec.files import load_tensors, need_format, write_tensors
from neural_exec.network.verify import reading
from neural_exec.parallel import each
from neural_exec.training.random_mix import draw_programs
from neural_exec.training.trainer import Recipe, Trainer, TrainingProgress

__all__ = ["FORMAT", "TRACES", "Interrupted", "train"]

FORMAT = 1  # of what resumes a training
TRACES = 240  # an algorithm, of at most 16 nodes; a quarter as many again are held out
_SAVE_EVERY = 5.0  # seconds
_STATE = "training.safetensors"  # what resumes a training


class Interrupted(KeyboardInterrupt):
    """Training was interrupted; `directory` holds what resumes it (None where no directory was given)."""

    def __init__(self, directory: Path | None):
        super().__init__(f"interrupted; go on with --resume --out {directory}" if directory else "interrupted")
        self.directory = directory


@training_defaults()
def train(
    suite: str = "core",
    algorithms: Iterable[str] | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    resume: bool = False,
    overwrite: bool = False,
    traces: int = TRACES,
    recipe: Recipe | None = None,
    random_programs: int = 0,
    workers: int = 1,
    drawing: Callable[[str, int, int], None] = lambda name, done, total: None,
    report: Callable[[TrainingProgress], None] = lambda progress: None,
) -> Executor:
    """Train one processor on all algorithms of a suite (or on those named), from nothing.

    random_programs: how many random programs to mix in (hundreds, or none): the shared part then learns from more than
    these algorithms, for longer, and takes new ones (`Executor.add`) from fewer traces. They are not in the executor.
    out: a directory for the model, and for the checkpoints from which `resume=True` goes on; what lies there already
    is replaced with `overwrite=True` alone. workers: how many processes draw traces, by joblib
    (`neural_exec.parallel`). drawing(name, done, total) is called as traces are drawn, report(progress) after every
    check. The executor's `info` says the seed, updates and seconds, and in `inexact` which algorithms still
    had wrong contexts (none, if all went well).

    Raises UnknownAlgorithmError; ModelError where `out` would be overwritten, there is nothing to resume, or it was
    another training; Interrupted on Ctrl-C or a termination signal, with a checkpoint saved. Resuming a training that
    was finished returns its model.

    >>> import neural_exec
    >>> executor = neural_exec.train(algorithms=["minimum", "bfs"], seed=3, traces=60)
    >>> executor.info["inexact"]
    []
    """
    names = list(dict.fromkeys(algorithms)) if algorithms is not None else registry.suite(suite)
    if not names:
        raise ArgumentError("no algorithms to train on; name at least one")
    if resume and out is None:
        raise ArgumentError("resume=True needs out=, the directory of the training to resume")
    if resume and overwrite:
        raise ArgumentError("resume=True goes on with what is in out=, overwrite=True replaces it; choose one")
    for name in names:
        registry.get(name)
    directory = Path(out) if out is not None else None
    if directory and not (resume or overwrite):
        _must_be_free(directory)
    recipe = recipe or Recipe()
    plan = dict(
        algorithms=names,
        seed=seed,
        traces=traces,
        recipe={k: list(v) if isinstance(v, tuple) else v for k, v in asdict(recipe).items()},
        code={n: registry.fingerprint(n) for n in names},
    )
    if random_programs:
        plan["random_programs"] = random_programs
    if resume and directory and (done := _finished(directory, plan)):
        return done
    saved = _saved(directory, plan) if resume and directory else None
    if directory and not saved:
        _save_state(None, directory, plan)
    start = time.monotonic()
    with _signals() as interrupted:
        total, examples = len(names), []
        drawing(names[0], 0, total)
        draws = _draws(names, seed, traces, lambda: _stop(interrupted, directory), workers)
        for found in each(draw_examples, draws, workers):
            examples.append(found)
            _stop(interrupted, directory)
            if len(examples) < total:
                drawing(names[len(examples)], len(examples), total)
        if random_programs:
            drawing("random programs", total, total)
        programs = draw_programs(random_programs, seed, tick=lambda: _stop(interrupted, directory))
        drawing("", total, total)
        drawn = time.monotonic() - start
        trainer = Trainer(examples, seed, recipe, programs)
        if saved and directory:
            with reading(directory / _STATE):
                trainer.load_state(*saved)
        last = [time.monotonic()]

        def checked(progress: TrainingProgress) -> None:
            report(progress)
            if directory and time.monotonic() - last[0] > _SAVE_EVERY:
                _save_state(trainer, directory, plan)
                last[0] = time.monotonic()

        progress = trainer.run(checked, stop=lambda: bool(interrupted))
        if interrupted:
            if directory:
                _save_state(trainer, directory, plan)
            _stop(interrupted, directory)
    if not trainer.exact and progress.updates % recipe.check_every:
        trainer.check()
    info = dict(
        **plan,
        suite=suite if algorithms is None else None,
        updates=progress.updates,
        seconds=dict(traces=round(drawn, 2), training=round(progress.seconds, 2)),
        ticks=sum(e.ticks for e in examples),
        inexact=[a for a, w in progress.wrong.items() if w],
    )
    executor = trainer.executor(info)
    if directory:
        save(executor, directory)
        if trainer.exact:
            (directory / _STATE).unlink(missing_ok=True)
        else:
            _save_state(trainer, directory, plan)
    return executor


def _draws(names: list[str], seed: int, traces: int, tick: Callable[[], None], workers: int) -> list[tuple]:
    """What `draw_examples` is called with. Other processes have no tick."""
    return [(registry.get(name), seed, traces, traces // 4, *((tick,) if workers == 1 else ())) for name in names]


def _save_state(trainer: Trainer | None, out: Path, plan: dict) -> None:
    """One file, replaced whole: a kill in between leaves the checkpoint before. No trainer: nothing is trained yet."""
    out.mkdir(parents=True, exist_ok=True)
    tensors, record = trainer.state() if trainer else ({}, {})
    text = json.dumps(dict(format=FORMAT, plan=plan, **record))
    write_tensors(out / _STATE, tensors, dict(record=text, digest=_digest(text, tensors)))


def _digest(text: str, tensors: dict) -> str:
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(name.encode() + tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _must_be_free(out: Path) -> None:
    """No model may lie there, and no training."""
    holds = "an interrupted training" if (out / _STATE).exists() else "a model"
    if any((out / name).exists() for name in (_STATE, "config.json", "model.safetensors")):
        raise ModelError(
            f"{out} holds {holds}: go on with it by --resume (resume=True), choose another directory, or replace it by "
            "--overwrite (overwrite=True)"
        )


def _finished(out: Path, plan: dict) -> Executor | None:
    """The model, where this very training has come to its end before."""
    if (out / _STATE).exists() or not (out / "config.json").is_file():
        return None
    executor = load(out)
    whole = {"updates", "seconds", "inexact"} <= executor.info.keys()
    return executor if whole and all(executor.info.get(k) == v for k, v in plan.items()) else None


def _saved(out: Path, plan: dict) -> tuple[dict, dict] | None:
    """A training's tensors and record; None where it was interrupted before its first update."""
    if not (out / _STATE).is_file():
        raise ModelError(f"nothing to resume in {out}: it has no {_STATE}; train without resume first")
    tensors, metadata = load_tensors(out / _STATE)
    with reading(out / _STATE):
        record = json.loads(text := metadata.get("record", "{}"))
        need_format(out / _STATE, record.get("format"), FORMAT, "start again, with --overwrite (overwrite=True)")
        differ = sorted(k for k in plan if record.get("plan", {}).get(k) != plan[k])
    if differ:
        raise ModelError(
            f"{out} holds another training: {', '.join(differ)} differ; resume with the same, or choose another out"
        )
    if metadata.get("digest") != _digest(text, tensors):
        raise ModelError(f"{out / _STATE} is damaged: what it holds is not what was saved")
    return (tensors, record) if "progress" in record else None


@contextmanager
def _signals():
    """A list that is not empty once Ctrl-C or a termination signal came (outside the main thread: never)."""
    came: list[int] = []
    before = {}
    for s in (signal.SIGINT, signal.SIGTERM):
        try:
            before[s] = signal.signal(s, lambda number, frame: came.append(number))
        except ValueError:
            break
    try:
        yield came
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)


def _stop(interrupted: list[int], directory: Path | None) -> None:
    if interrupted:
        raise Interrupted(directory)
