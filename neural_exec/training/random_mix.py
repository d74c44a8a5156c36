"""Random programs mixed into a training: a processor that has seen many programs, not only textbooks'.

Of each program the codes of its own names are fitted on a few traces alone, as those of a new algorithm would be, while
the shared part learns from all its contexts: it learns to be right where such codes have to generalise. All programs
stay live for the whole training; a small number of them is memorised, so there should be hundreds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from algorithms.errors import AuthorError
from algorithms.random_programs import SIZE, random_program
from neural_exec.examples import Examples, draw_examples
from neural_exec.network.meaning import Meaning, Names, meanings_of

__all__ = ["Mixing", "Mixture", "draw_programs"]


@dataclass(frozen=True)
class Mixing:
    """How programs are mixed in. traces: drawn of each; support: of these, how many its codes are fitted on (one of
    the numbers, at random); per_update: programs; rows: per group; updates: at least, before training may stop."""

    traces: int = 16
    support: tuple[int, ...] = (1, 1, 2, 3, 4)
    per_update: int = 6
    rows: int = 48
    updates: int = 2500


def draw_programs(count: int, seed: int = 0, mixing: Mixing | None = None, tick: Callable[[], None] = lambda: None):
    """`count` random programs: their examples, those of a few traces as `train`, those of all as `known`. One that
    fails on some input (a key that is undefined, say) is passed over."""
    mixing, out, i = mixing or Mixing(), list[Examples](), 100_000 * seed
    while len(out) < count:
        few, i = mixing.support[len(out) % len(mixing.support)], i + 1
        try:
            out.append(draw_examples(random_program(i), seed, few, mixing.traces - few, most=SIZE, sought=0))
        except AuthorError:
            continue
        tick()
    return out


class Mixture:
    """The programs of one training. `rows`: the places of the codes that are programs' own; they come last."""

    def __init__(self, examples: Sequence[Examples], names: Names, mixing: Mixing | None = None):
        self.mixing = mixing or Mixing()
        self.groups: list[list[tuple[Meaning, Tensor, Tensor, Tensor, Tensor]]] = []
        used = type(names)()
        for e in examples:
            meanings_of(e.machine, used)
        for n in used.names[1:]:
            if not used.owner(n):
                names(n)
        self.first = len(names)
        for e in examples:
            groups = []
            for g, m in meanings_of(e.machine, names).items():
                every, few = e.known[g], e.train[g]
                if len(every.codes):
                    fitted = torch.from_numpy(np.isin(every.codes, few.codes))
                    target = torch.from_numpy(every.consistent.copy())
                    target[fitted] = torch.from_numpy(few.consistent)
                    groups.append((m, m.tokens(every.codes), torch.from_numpy(every.consistent), target, fitted))
            self.groups.append(groups)

    def draw(self, rng: np.random.Generator) -> list[tuple[Meaning, Tensor, Tensor, Tensor, Tensor]]:
        """Contexts of some programs: meaning, tokens, what all traces allow, what the few allow, is it of the few."""
        out = []
        for i in rng.choice(len(self.groups), min(self.mixing.per_update, len(self.groups)), replace=False):
            for m, *tensors in self.groups[i]:
                if len(tensors[0]) > self.mixing.rows:
                    rows = torch.from_numpy(rng.choice(len(tensors[0]), self.mixing.rows, replace=False))
                    tensors = [t[rows] for t in tensors]
                out.append((m, *tensors))
        return out
