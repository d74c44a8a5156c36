"""Fitting one algorithm to a step that others have shaped: which of its names get numbers of their own, and which.

A name that the processor does not know (an algorithm's own, a standard name no known algorithm uses) gets a new code,
drawn at random. A standard name that it knows gets a *private copy*, for this algorithm alone: it starts at the known
code and is free to leave it, so that no other algorithm's answers move. Symbols of the machine that are known stay.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from algorithms.contexts import Table
from algorithms.machine.program import Machine
from neural_exec.network.meaning import Meaning, Names, is_symbol, meanings_of
from neural_exec.network.step import Step, join, joint_loss

__all__ = ["Fit", "Plan", "extend", "fit", "plan", "wrong_in"]

_DECAY, _AVERAGE = 1e-4, 0.9  # of weights; how much of what was fitted before stays in what is kept


@dataclass(frozen=True)
class Plan:
    """The new names of an algorithm: new ones, and private copies (name -> the known name it starts from)."""

    new: list[str]
    copies: dict[str, str]

    @property
    def names(self) -> list[str]:
        return [*self.new, *self.copies]


def plan(machine: Machine, known: Names, most: int) -> Plan:
    """What to fit of an algorithm, at most `most` names; where that is too few for all, the copies of names that its
    terms use least are left out (these names are then shared, as they are)."""
    used = type(known)()
    uses: Counter = Counter()
    for meaning in meanings_of(machine, used).values():
        for ids in (meaning.columns, meaning.token_value, meaning.registers, meaning.operations):
            uses.update(ids.flatten().tolist())
    new, copies = [], []
    for i, name in enumerate(used.names):
        if not i:
            continue
        private = name if used.owner(name) else f"{machine.name}::{name}"
        if name not in known.index:
            new.append(private)
        elif not is_symbol(name):
            copies.append((-uses[i], private, name))
    return Plan(new, {private: name for _, private, name in sorted(copies)[: max(0, most - len(new))]})


@torch.no_grad()
def extend(step: Step, names: Names, chosen: Plan, generator: torch.Generator) -> Tensor:
    """Give the planned names codes at the table's end; their places. New ones are N(0, 1), the program's own is 0."""
    first = len(names)
    rows = [names(n) for n in chosen.names]
    fresh = torch.randn(len(chosen.new), step.config.code, generator=generator, dtype=torch.float32)
    fresh[[i for i, n in enumerate(chosen.new) if n.endswith("::")]] = 0.0
    copied = step.codes[[names.index[n] for n in chosen.copies.values()]]
    step.codes = nn.Parameter(torch.cat([step.codes.detach()[:first], fresh, copied]))
    return torch.tensor(rows, dtype=torch.long)


@dataclass(frozen=True)
class Fit:
    """How a fit went. updates: made; zero: the first at which no training context was wrong (None: never)."""

    updates: int
    zero: int | None


def fit(
    step: Step,
    tables: list[tuple[Meaning, Table]],
    rows: Tensor,
    shared: float = 0.0,
    updates: int = 1000,
    settle: int = 30,
    lr: float = 9e-3,
    warm_up: int = 10,
) -> Fit:
    """Fit the codes at `rows` (and, with a rate `shared`, all shared weights) to an algorithm's tables, in place.

    All contexts are in every update; it ends where none was wrong in `settle` updates in a row, or after `updates`. The
    moving average of what was fitted is kept.
    """
    tables = [(m, t) for m, t in tables if len(t.codes)]
    joined = join([(m, m.tokens(t.codes)) for m, t in tables])
    targets = [torch.from_numpy(t.consistent) for _, t in tables]
    base, own = step.codes.detach(), nn.Parameter(step.codes.detach()[rows])
    weights = step.shared_parameters() if shared else []
    for p in step.parameters():
        p.requires_grad_(False)
    for p in weights:
        p.requires_grad_(True)
    groups = [dict(params=[own], rate=lr)] + ([dict(params=weights, rate=shared)] if shared else [])
    optimizer = torch.optim.AdamW(groups, lr=lr, weight_decay=_DECAY, betas=(0.9, 0.98), foreach=True)
    everything = [own, *weights]
    kept = [p.detach().clone() for p in everything]
    zero, clean, done = None, 0, 0
    for done in range(1, updates + 1):
        logits = step.score(joined, base.index_copy(0, rows, own))
        right = not any(wrong_in(x, y).any() for x, y in zip(logits, targets))
        zero = done - 1 if right and zero is None else zero
        clean = clean + 1 if right else 0
        if clean > settle:
            break
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * min(1.0, done / warm_up)
        optimizer.zero_grad()
        joint_loss(logits, targets).backward()
        nn.utils.clip_grad_norm_(everything, 1.0)
        optimizer.step()
        torch._foreach_lerp_(kept, [p.detach() for p in everything], 1 - min(_AVERAGE, done / (10 + done)))
    with torch.no_grad():
        for p, x in zip(weights, kept[1:]):
            p.copy_(x)
        step.codes = nn.Parameter(base.index_copy(0, rows, kept[0]))
    for p in step.parameters():
        p.requires_grad_(True)
    return Fit(done, zero)


def wrong_in(logits: Tensor, consistent: Tensor) -> Tensor:
    """(n,) bool: is the best operation of some register not a consistent one?"""
    return ~consistent.gather(2, logits.argmax(2, keepdim=True))[:, :, 0].all(1)
