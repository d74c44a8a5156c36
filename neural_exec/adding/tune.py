"""Tuning a whole processor for one more algorithm, while every answer that it gives now is replayed.

What is replayed needs no traces: of each known algorithm, the contexts that it was trained on, with the executor's own
choices as the only right ones.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from algorithms.contexts import Table
from neural_exec.adding.fit import wrong_in
from neural_exec.errors import ForgottenError
from neural_exec.examples import rng_of
from neural_exec.network.meaning import Meaning, meanings_of
from neural_exec.network.step import Step, joint_loss
from neural_exec.plain_executor import PlainExecutor

__all__ = ["RECIPE", "tune"]


@dataclass(frozen=True)
class Recipe:
    """How a processor is tuned."""

    updates: int = 1500
    check_every: int = 20
    algorithms: int = 6
    rows: int = 64
    lr: float = 1e-3
    average: float = 0.95


RECIPE = Recipe()


def tune(
    executor: PlainExecutor,
    step: Step,
    meanings: dict[str, Meaning],
    fitted: dict[str, Table],
    seed: int,
    report: Callable[[int, int], None],
) -> tuple[int, int | None]:
    """Tune a step, in place, on the tables of a new algorithm and on what the executor answers now.

    Returns the updates made, and the first check at which no new context was wrong. Raises ForgottenError where, at the
    end, an answer of the executor has changed.
    """
    r, rng = RECIPE, rng_of("replay", seed)
    old = {}
    for a, machine in executor.machines.items():
        for g, m in meanings_of(machine, executor.names).items():
            seen = executor.trained[a].get(g)
            if seen is not None and len(seen):
                tokens = m.tokens(seen)
                with torch.no_grad():
                    best = executor.step([(m, tokens)])[0].argmax(2)
                old[a, g] = m, tokens, nn.functional.one_hot(best, len(m.group.operations)).bool()
    new = [(m, m.tokens(fitted[g].codes), torch.from_numpy(fitted[g].consistent)) for g, m in meanings.items()]
    new = [x for x in new if len(x[1])]
    heat = {k: np.zeros(len(x[1])) for k, x in old.items()}
    weights, codes = step.shared_parameters(), step.codes
    groups = [dict(params=weights, rate=r.lr), dict(params=[codes], rate=3 * r.lr)]
    optimizer = torch.optim.AdamW(groups, lr=r.lr, weight_decay=1e-4, betas=(0.9, 0.98))
    average, zero, clean, done = copy.deepcopy(step), None, 0, 0
    known, forgotten = list(executor.machines), dict[str, int]()
    while done < r.updates and clean < 2:
        drawn = [known[i] for i in rng.choice(len(known), min(r.algorithms, len(known)), replace=False)]
        batch, targets = [(m, t) for m, t, _ in new], [y for _, _, y in new]
        for k in (k for k in old if k[0] in drawn):
            m, tokens, y = old[k]
            if len(tokens) > r.rows:
                odds = 1.0 + 8.0 * heat[k]
                rows = torch.from_numpy(rng.choice(len(tokens), r.rows, replace=False, p=odds / odds.sum()))
                tokens, y = tokens[rows], y[rows]
            batch.append((m, tokens))
            targets.append(y)
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * min(1.0, (done + 1) / 20)
        optimizer.zero_grad()
        joint_loss(step(batch), targets).backward()
        nn.utils.clip_grad_norm_(step.parameters(), 1.0)
        optimizer.step()
        done += 1
        with torch.no_grad():
            keep = min(r.average, (1 + done) / (10 + done))
            torch._foreach_lerp_(list(average.parameters()), list(step.parameters()), 1 - keep)
        if done % r.check_every == 0:
            report(done, r.updates)
            with torch.no_grad():
                wrong = sum(int(wrong_in(x, y).sum()) for x, (_, _, y) in zip(average([x[:2] for x in new]), new))
                forgotten = {}
                for k, x in zip(old, average([x[:2] for x in old.values()])):
                    bad = wrong_in(x, old[k][2]).numpy()
                    heat[k] = np.where(bad, 1.0, 0.5 * heat[k])
                    if bad.any():
                        forgotten[k[0]] = forgotten.get(k[0], 0) + int(bad.sum())
            zero = done if not wrong and zero is None else zero
            clean = clean + 1 if not wrong and not forgotten else 0
    if done == 0 or forgotten:
        what = ", ".join(f"{a} ({n} contexts)" for a, n in sorted(forgotten.items()))
        raise ForgottenError(
            f"after {done} updates the processor no longer answers as before: {what}. The executor is as it was; add "
            "with freeze_processor=True, or train anew with all algorithms"
        )
    step.load_state_dict(average.state_dict())
    return done, zero
