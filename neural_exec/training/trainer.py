"""Training: contexts of random transitions, all algorithms jointly, until every known context is right.

An update draws a few algorithms (those already right less often), of each of their groups some contexts (those found
wrong at the last check more often), and descends the loss of `network.step`. The moving average of the weights is
what is checked, kept and executed. No time step is unrolled: a transition is an example of its own.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import reduce

import numpy as np
import torch
from torch import nn

from neural_exec.examples import Examples, rng_of
from neural_exec.executor import Executor
from neural_exec.network.meaning import Meaning, Names, meanings_of
from neural_exec.network.step import Step, joint_loss, loss
from neural_exec.network.verify import need
from neural_exec.training.random_mix import Mixing, Mixture

__all__ = ["Recipe", "Trainer"]


@dataclass(frozen=True)
class Recipe:
    """How a processor is trained. lr is constant after the warm-up, and falls for good to `cool_rate` * lr once at
    most `cool_at` contexts are wrong. Training stops when `clean_checks` checks in a row find none."""

    lr: float = 3e-3
    lr_codes: float = 3.0  # times lr
    weight_decay: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.98)
    clip: float = 1.0
    warm_up: int = 20
    average: float = 0.98
    algorithms: int = 6  # per update
    rows: int = 64  # per group and update
    solved_weight: float = 0.3
    wrong_weight: float = 9.0
    cool_at: int = 10
    cool_rate: float = 0.3
    check_every: int = 20
    clean_checks: int = 2
    patience: int = 15  # checks; then contexts that only held-out traces show, and that stay wrong, are learned as well
    max_updates: int = 6000


@dataclass
class TrainingProgress:
    """Where training stands; what a progress display shows."""

    updates: int = 0
    wrong: dict[str, int] = field(default_factory=dict)  # algorithm -> wrong contexts at the last check
    clean: int = 0  # checks without a wrong context, in a row
    stuck: int = 0  # checks, in a row, in which only contexts of held-out traces were wrong
    learned: list[str] = field(default_factory=list)  # algorithms whose held-out traces were added to training
    cooled: bool = False
    seconds: float = 0.0

    @property
    def exact(self) -> list[str]:
        return [a for a, w in self.wrong.items() if not w]


class Trainer:
    """Trains a `Step` on some algorithms' examples. `state` and `load_state` make it resumable to the same weights."""

    def __init__(
        self,
        examples: list[Examples],
        seed: int,
        recipe: Recipe | None = None,
        programs: Sequence[Examples] = (),
        mixing: Mixing | None = None,
        names: Names | None = None,
    ):
        torch.manual_seed(seed)
        self.recipe, self.names, self.examples = (
            recipe or Recipe(),
            names or Names(),
            {e.algorithm: e for e in examples},
        )
        self.meanings = {e.algorithm: meanings_of(e.machine, self.names) for e in examples}
        self.mixture = Mixture(programs, self.names, mixing) if programs else None
        self.step = Step(self.names)
        self.average = copy.deepcopy(self.step)
        self.rng = rng_of("training", seed)
        self.progress = TrainingProgress()
        r = self.recipe
        groups = [
            dict(params=[self.step.codes], scale=r.lr_codes),
            dict(params=self.step.shared_parameters(), scale=1.0),
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=r.lr, weight_decay=r.weight_decay, betas=r.betas)
        self.train, self.known, self.heat = {}, {}, {}
        for a, e in self.examples.items():
            for g, m in self.meanings[a].items():
                self.train[a, g] = _tensors(m, e.train[g])
                self.known[a, g] = _tensors(m, e.known[g])
                self.heat[a, g] = np.zeros(len(self.train[a, g][0]))

    @property
    def exact(self) -> bool:
        """Were all known contexts right, often enough in a row (and random programs mixed in for long enough)?"""
        return self.progress.clean >= self.recipe.clean_checks and self.mixed(1.0)

    def mixed(self, share: float) -> bool:
        """Have random programs been mixed in for this share of the updates that they are to have?"""
        return self.mixture is None or self.progress.updates >= share * self.mixture.mixing.updates

    def run(
        self, report: Callable[[TrainingProgress], None] = lambda p: None, stop: Callable[[], bool] = lambda: False
    ) -> TrainingProgress:
        """Train until exact, or for `max_updates`. `report` is called after every check; `stop` is asked before every
        update, and ends the training where it says True."""
        p, start, before = self.progress, time.monotonic(), self.progress.seconds
        while not self.exact and p.updates < self.recipe.max_updates and not stop():
            self.update()
            p.seconds = before + time.monotonic() - start
            if p.updates % self.recipe.check_every == 0:
                self.check()
                report(p)
        return p

    def update(self) -> None:
        """One step of AdamW on a fresh draw of contexts."""
        r, p, rng = self.recipe, self.progress, self.rng
        names = list(self.examples)
        weight = np.array([1.0 if p.wrong.get(a, 1) else r.solved_weight for a in names])
        drawn = rng.choice(len(names), min(r.algorithms, len(names)), replace=False, p=weight / weight.sum())
        batch, targets = [], []
        for a in (names[i] for i in sorted(drawn)):
            for g, m in self.meanings[a].items():
                tokens, consistent = self.train[a, g]
                if len(tokens) > r.rows:
                    odds = 1.0 + (r.wrong_weight - 1.0) * self.heat[a, g]
                    rows = torch.from_numpy(rng.choice(len(tokens), r.rows, replace=False, p=odds / odds.sum()))
                    tokens, consistent = tokens[rows], consistent[rows]
                if len(tokens):
                    batch.append((m, tokens))
                    targets.append(consistent)
        lr = r.lr * (r.cool_rate if p.cooled else 1.0) * min(1.0, (p.updates + 1) / r.warm_up)
        for group in self.optimizer.param_groups:
            group["lr"] = lr * group["scale"]
        self.optimizer.zero_grad()
        self._backward(batch, targets)
        nn.utils.clip_grad_norm_(self.step.parameters(), r.clip)
        self.optimizer.step()
        p.updates += 1
        with torch.no_grad():
            keep = min(r.average, (1 + p.updates) / (10 + p.updates))
            torch._foreach_lerp_(list(self.average.parameters()), list(self.step.parameters()), 1 - keep)

    def _backward(self, batch: list, targets: list) -> None:
        """Gradients of the loss; of a random program's own codes by the few contexts alone that it may fit them on."""
        mixed = self.mixture.draw(self.rng) if self.mixture else []
        logits = self.step([*batch, *(x[:2] for x in mixed)])
        theirs = logits[len(batch) :]
        total = joint_loss(logits, targets)
        if self.mixture is None or not mixed:
            total.backward()
            return
        (total + joint_loss(theirs, [every for _, _, every, _, _ in mixed])).backward(retain_graph=True)
        parts = (loss(x[f], y[f]).sum() / max(1, int(f.sum())) for x, (_, _, _, y, f) in zip(theirs, mixed))
        own = torch.autograd.grad(reduce(torch.add, parts), self.step.codes)[0][self.mixture.first :]
        assert self.step.codes.grad is not None
        self.step.codes.grad[self.mixture.first :] = own

    @torch.no_grad()
    def check(self) -> None:
        """Count wrong contexts, of training and held-out traces, under the averaged weights."""
        p, r = self.progress, self.recipe
        keys = [k for k in self.known if len(self.known[k][0])]
        p.wrong = dict.fromkeys(self.examples, 0)
        logits = self.average([(self.meanings[a][g], self.known[a, g][0]) for a, g in keys])
        for (a, g), x in zip(keys, logits):
            p.wrong[a] += int((~right(x, self.known[a, g][1])).sum())
        keys, learning = [k for k in self.train if len(self.train[k][0])], 0
        logits = self.average([(self.meanings[a][g], self.train[a, g][0]) for a, g in keys])
        for key, x in zip(keys, logits):
            wrong = ~right(x, self.train[key][1]).numpy()
            learning += int(wrong.sum())
            self.heat[key] = np.where(wrong, 1.0, 0.5 * self.heat[key])
        total = sum(p.wrong.values())
        p.stuck = p.stuck + 1 if total and not learning else 0
        if p.stuck >= r.patience:
            self.learn_held_out([a for a, w in p.wrong.items() if w])
        p.cooled = p.cooled or (total <= r.cool_at and self.mixed(0.8))
        p.clean = p.clean + 1 if total == 0 else 0

    def learn_held_out(self, algorithms: list[str]) -> None:
        """Train on the held-out traces of these algorithms too: they show contexts that the others do not."""
        self.progress.learned += algorithms
        self.progress.stuck = 0
        for a in algorithms:
            for g in self.meanings[a]:
                self.train[a, g] = self.known[a, g]
                self.heat[a, g] = np.zeros(len(self.train[a, g][0]))

    def executor(self, info: dict) -> Executor:
        """The averaged weights, ready to run."""
        machines = {a: e.machine for a, e in self.examples.items()}
        seen = {a: e.known if a in self.progress.learned else e.train for a, e in self.examples.items()}
        trained = {a: {g: t.codes for g, t in tables.items()} for a, tables in seen.items()}
        step, names = copy.deepcopy(self.average), self.names
        if self.mixture:
            names = type(names)(names.names[: self.mixture.first])
            step.codes = nn.Parameter(step.codes.detach()[: len(names)].clone())
        return Executor(step, names, machines, trained, info)

    def state(self) -> tuple[dict[str, torch.Tensor], dict]:
        """Everything that the next update depends on: tensors, and a record that JSON takes."""
        tensors = {f"step.{k}": v for k, v in self.step.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.state_dict().items()}
        for i, s in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{i}.{k}": torch.as_tensor(v) for k, v in s.items()}
        tensors |= {f"heat.{a}.{g}": torch.from_numpy(h) for (a, g), h in self.heat.items()}
        return tensors, dict(progress=asdict(self.progress), rng=self.rng.bit_generator.state)

    def load_state(self, tensors: dict[str, torch.Tensor], record: dict) -> None:
        """Raises ValueError, KeyError or TypeError where that is no state of this training."""
        progress = self._progress(record["progress"])
        self.learn_held_out(progress.learned)
        like = {k: v for k, v in self.state()[0].items() if not k.startswith("optimizer.")}
        parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
        for i, p in enumerate(parameters if progress.updates else ()):
            like |= {f"optimizer.{i}.exp_avg": p, f"optimizer.{i}.exp_avg_sq": p}
            like[f"optimizer.{i}.step"] = torch.zeros((), dtype=torch.float32)
        need(tensors.keys() == like.keys(), "other tensors than this training's")
        for k, t in tensors.items():
            fits = (t.dtype, t.shape) == (like[k].dtype, like[k].shape) and bool(t.isfinite().all())
            need(fits, f"{k} is not of its type and shape, or not finite")
        part = lambda prefix: {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
        self.step.load_state_dict(part("step."))
        self.average.load_state_dict(part("average."))
        state = self.optimizer.state_dict() | {"state": {}}
        for k, v in part("optimizer.").items():
            place, name = k.split(".", 1)
            state["state"].setdefault(int(place), {})[name] = v
        self.optimizer.load_state_dict(state)
        self.heat = {(a, g): tensors[f"heat.{a}.{g}"].numpy().copy() for a, g in self.heat}
        self.progress = progress
        self.rng.bit_generator.state = record["rng"]

    def _progress(self, record: dict) -> TrainingProgress:
        """Where a training stood, verified."""
        progress, fresh = TrainingProgress(**record), TrainingProgress()
        for f in fields(TrainingProgress):
            value = getattr(progress, f.name)
            need(type(value) is type(getattr(fresh, f.name)), f"progress: {f.name} is {value!r}")
            need(not isinstance(value, int | float) or value >= 0, f"progress: {f.name} is {value!r}")
        counts = all(a in self.examples and type(n) is int and n >= 0 for a, n in progress.wrong.items())
        need(counts and len(set(progress.learned)) == len(progress.learned), "progress: of other algorithms")
        need(set(progress.learned) <= self.examples.keys(), "progress: of other algorithms")
        return progress


def _tensors(meaning: Meaning, table) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens (n, C) and consistent operations (n, R, O) of a table."""
    return meaning.tokens(table.codes), torch.from_numpy(table.consistent)


def right(logits: torch.Tensor, consistent: torch.Tensor) -> torch.Tensor:
    """(n,) bool: is the best operation of every register a consistent one?"""
    return consistent.gather(2, logits.argmax(2, keepdim=True))[:, :, 0].all(1)
