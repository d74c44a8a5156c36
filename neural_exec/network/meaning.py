"""What a context, a register, an operation *means*: the names it is made of, as indices into one table of codes.

A name is a symbol of the machine (`op:copy`, `sign:greater`), a standard name of `algorithms.vocabulary`, or an
algorithm's own (`heapsort:l`). Symbols and standard names have one code for all algorithms; only own names are codes
of a single algorithm, and they are all that belongs to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from algorithms.machine.probes import HALT, START
from algorithms.machine.program import Group, Machine
from algorithms.machine.terms import Const, FieldIs, Head
from algorithms.vocabulary import VOCABULARY

__all__ = ["Meaning", "Names", "is_symbol", "meanings_of"]

_SYMBOL = re.compile(r"^(column|op|register|kind|sign|test|number):|^(self|src|dst|nil)$")


_OF_HEADS = ("@", "+")  # what terms put before a selection's name, and before a total's


class Names:
    """Names in the order of their codes; entry 0 is the empty name, whose code is zero."""

    def __init__(self, names: list[str] | None = None):
        self.names = list(names or [""])
        self.index = {n: i for i, n in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def __call__(self, name: str) -> int:
        if name not in self.index:
            self.index[name] = len(self.names)
            self.names.append(name)
        return self.index[name]

    def of(self, algorithm: str, word: str | Head) -> int:
        """The code of a name as an algorithm uses it: of the algorithm's private copy, where there is one."""
        name = self.name(algorithm, word)
        private = f"{algorithm}::{name}"
        return self(private if name and private in self.index else name)

    def name(self, algorithm: str, word: str | Head) -> str:
        """How an algorithm's word stands in the table."""
        return scoped(algorithm, word)

    def owner(self, name: str) -> str:
        """The algorithm that alone uses a name; empty for shared ones."""
        if _SYMBOL.match(name) or "::" not in name:
            return ""
        return name.split("::")[0]

    def own(self, algorithm: str) -> list[int]:
        return [i for i, n in enumerate(self.names) if self.owner(n) == algorithm]

    def shared(self) -> list[int]:
        return [i for i, n in enumerate(self.names) if i and not self.owner(n)]

    def programs(self) -> list[int]:
        """The names of whole algorithms: what tells two of them apart where all else has the same name."""
        return [i for i, n in enumerate(self.names) if n.endswith("::")]


def is_symbol(name: str) -> bool:
    """Is it a symbol of the machine?"""
    return bool(_SYMBOL.match(name))


def scoped(algorithm: str, word: str | Head) -> str:
    """A name as it stands in the table: itself where it is shared, else with its algorithm before it. A head's is
    shared where its relation and all that its key reads have standard names."""
    if isinstance(word, Head):
        shared = all(w in VOCABULARY for w in word.words())
        return word.name if shared else f"{algorithm}::{word.name}"
    return word if not word or _SYMBOL.match(word) or word in VOCABULARY else f"{algorithm}::{word}"


def value_words(algorithm: str, field: str, value: str) -> tuple[str, str]:
    """The one or two words for a field's value. A phase of a sub-program has two: where it was called, where it is."""
    if field != "phase" or value in (START, HALT):
        return f"={value}", ""
    parts = ["=" + p.removeprefix(f"{algorithm}.") for p in value.split("/")]
    return parts[-1], parts[-2] if len(parts) > 1 else ""


def value_names(algorithm: str, field: str, value: str) -> tuple[str, str]:
    """The words for a field's value, as names."""
    words = value_words(algorithm, field, value)
    return scoped(algorithm, words[0]), scoped(algorithm, words[1])


SLOTS = 7  # of a column, and of an operation but for its value: its type, and three places of two names each


@dataclass
class Meaning:
    """A group's contexts, registers and operations as indices of names (int64; 0 = absent).

    columns (C, 7): role, three places "p.s". token_column (K,), token_value (K, 2): a token is a column with a value;
    token_base (C,): token of column c and value v is token_base[c] + v. registers (R, 2): type, name.
    operations (O, 9): type, three places, value. valid (R, O) bool. kind (2,): of the row, and the algorithm itself.
    """

    group: Group
    algorithm: str
    columns: Tensor
    token_column: Tensor
    token_value: Tensor
    token_base: Tensor
    registers: Tensor
    operations: Tensor
    valid: Tensor
    kind: Tensor

    def tokens(self, codes: np.ndarray) -> Tensor:
        """Context codes (n,) -> tokens (n, C), counted from the group's first; -1 where a column is not looked at."""
        tokens = torch.from_numpy(self.group.values(codes)) + self.token_base
        return tokens.where(torch.from_numpy(self.group.looked_at(codes)), -1)


def meaning_of(group: Group, algorithm: str, heads: dict[str, Head], names: Names) -> Meaning:
    ids = lambda words: [names.of(algorithm, heads[w[1:]] if w[:1] in _OF_HEADS else w) for w in words]
    token_column, token_value, base = list[int](), [], []
    for c, column in enumerate(group.columns):
        base.append(len(token_column))
        for v in range(group.radix[c]):
            word = group.value_name(c, v)
            if isinstance(column, FieldIs):
                pair = value_words(algorithm, column.name, word) if v else ("nil", "")
            else:
                pair = (f"test:{word}", "")
            token_column.append(c)
            token_value.append(ids(pair))
    operations = []
    for op in group.operations:
        slots = op.slots()
        value = (slots[SLOTS], "")
        if isinstance(op, Const):
            value = value_words(algorithm, op.name, group.domains[op.name][op.value])
        operations.append(ids(slots[:SLOTS]) + ids(value))
    kind = "kind:relation" if group.relation else f"kind:{group.name}"
    as_tensor = lambda rows, width: torch.tensor(rows, dtype=torch.long).reshape(-1, width)
    return Meaning(
        group=group,
        algorithm=algorithm,
        columns=as_tensor([ids(c.slots()) for c in group.columns], SLOTS),
        token_column=torch.tensor(token_column, dtype=torch.long),
        token_value=as_tensor(token_value, 2),
        token_base=torch.tensor(base, dtype=torch.long),
        registers=as_tensor([ids([f"register:{t}", f"@{n}" if group.relation else n]) for t, n in group.registers], 2),
        operations=as_tensor(operations, SLOTS + 2),
        valid=torch.from_numpy(group.valid),
        kind=torch.tensor([names.of(algorithm, kind), names(f"{algorithm}::")]),
    )


def meanings_of(machine: Machine, names: Names) -> dict[str, Meaning]:
    """group -> Meaning; names that are new get the next free codes."""
    return {name: meaning_of(group, machine.name, machine.heads, names) for name, group in machine.groups.items()}
