"""What a step may test, select and write: the groups of one algorithm, and its machine.

`Group` describes the contexts of one kind of row (or of the edges of one relation): the columns that the program
tests, the registers it writes, the operations it uses. `Machine` is all groups of one algorithm. It knows no
algorithm: everything in it was recorded from one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from algorithms.errors import AuthorError
from algorithms.machine.orientation import ORIENTATIONS
from algorithms.machine.probes import HALT
from algorithms.machine.terms import (
    Column,
    Const,
    Equal,
    FieldIs,
    Head,
    Keep,
    NilTest,
    Operation,
    Orientation,
    Set,
    Sign,
    from_json,
    to_json,
)

__all__ = ["RELATION", "Group", "Machine"]

RELATION = "relation:"  # the name of an edge group is this and its relation's


@dataclass
class Group:
    """Contexts of the rows of one kind, or of the edges of one relation.

    columns: what is tested; a context's code is sum_c value_c * weight_c with `radix[c]` values per column.
    looks: of each phase, the places of the columns that the program looks at then, the first of all, the phase itself,
    among them; what it does not look at counts as 0. None: every column, always.
    registers: what may be written, as (type, name), type one of phase, field, scalar, pointer, select.
    operations: what may be done; valid (R, O): which of them fit which register.
    """

    name: str
    columns: list[Column]
    registers: list[tuple[str, str]]
    operations: list[Operation]
    domains: dict[str, list[str]]
    looks: list[tuple[int, ...]] | None = None
    radix: list[int] = field(init=False)
    weights: list[int] = field(init=False)
    valid: np.ndarray = field(init=False)
    shown: np.ndarray = field(init=False)  # (phases, C): what `looks` says; (1, C) where that is None

    def __post_init__(self):
        self.radix = [self._radix(c) for c in self.columns]
        self.weights, total = [], 1
        for radix in self.radix:
            self.weights.append(total)
            total *= radix
        if total >= 2**62:
            raise AuthorError(
                f"{self.name}: its programs test {len(self.columns)} things, more than one context can hold"
            )
        self.valid = np.array([[self._fits(o, *r) for o in self.operations] for r in self.registers], bool)
        self.shown = np.ones((1, len(self.columns)), bool)
        if self.looks is not None:
            self.shown = np.array([[c in seen for c in range(len(self.columns))] for seen in self.looks], bool)

    def _radix(self, column: Column) -> int:
        if isinstance(column, FieldIs):
            return len(self.domains[column.name]) + 1
        return 4 if isinstance(column, Sign | Orientation) else 2

    @staticmethod
    def _fits(op: Operation, kind: str, name: str) -> bool:
        if isinstance(op, Keep):
            return True
        if isinstance(op, Const):
            return op.name == name
        return kind == ("scalar" if isinstance(op, Set) else "pointer") or kind == "select"

    @property
    def relation(self) -> str:
        """The relation whose edges these are, or nothing."""
        return self.name.removeprefix(RELATION) if self.name.startswith(RELATION) else ""

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Column values (n, C) of context codes (n,)."""
        return np.asarray(codes)[:, None] // np.array(self.weights, np.int64) % np.array(self.radix, np.int64)

    def looked_at(self, codes: np.ndarray) -> np.ndarray:
        """Which columns (n, C) the program looks at in contexts (n,)."""
        codes = np.asarray(codes)
        return self.shown[np.broadcast_to(self._phase(codes), codes.shape)]

    def are_contexts(self, codes: np.ndarray) -> bool:
        """Are codes (n,) such as a state may give, of a phase that there is, with nothing of what is not looked at?"""
        codes = np.asarray(codes)
        if len(codes) and (codes.min() < 0 or codes.max() >= self.weights[-1] * self.radix[-1]):
            return False
        return bool(np.all(self._phase(codes) >= 0) and not self.values(codes)[~self.looked_at(codes)].any())

    def says(self, codes, column: int, value: int):
        """Do contexts, a number or an array (n,), show this value of a column?"""
        return self.shown[self._phase(codes), column] & (codes // self.weights[column] % self.radix[column] == value)

    def _phase(self, codes):
        """The phase of contexts, a row of `shown`; its column is the first."""
        return 0 if self.looks is None else codes % self.radix[0] - 1

    def value_name(self, column: int, value: int) -> str:
        """A column's value in words."""
        c = self.columns[column]
        if isinstance(c, FieldIs):
            return "nil" if value == 0 else self.domains[c.name][value - 1]
        if isinstance(c, Sign):
            return ("equal", "greater", "smaller", "undefined")[value]
        if isinstance(c, Orientation):
            return ORIENTATIONS[value] or "undefined"
        return {NilTest: ("nil", "set"), Equal: ("no", "yes")}[type(c)][value]

    def describe(self, code: int) -> str:
        """A context in words."""
        row, shown = self.values(np.array([code]))[0], self.looked_at(np.array([code]))[0]
        return ", ".join(
            f"{self.columns[i].text}: {self.value_name(i, int(row[i]))}" for i in np.flatnonzero(shown).tolist()
        )

    def operation_text(self, index: int) -> str:
        op = self.operations[index]
        return f"= {self.domains[op.name][op.value]}" if isinstance(op, Const) else op.text

    def to_dict(self) -> dict:
        return dict(
            name=self.name,
            columns=[to_json(c) for c in self.columns],
            registers=[list(r) for r in self.registers],
            operations=[to_json(o) for o in self.operations],
            looks=None if self.looks is None else [list(seen) for seen in self.looks],
        )


@dataclass
class Machine:
    """All that a program reads, tests, selects and writes.

    domains: field -> its values in words (`phase` among them); heads: name -> `Head`.
    """

    name: str
    groups: dict[str, Group]
    domains: dict[str, list[str]]
    heads: dict[str, Head]

    def halt(self) -> int:
        return self.domains["phase"].index(HALT)

    def to_dict(self) -> dict:
        return dict(
            name=self.name,
            domains=self.domains,
            heads={h: to_json(head) for h, head in self.heads.items()},
            groups=[g.to_dict() for g in self.groups.values()],
        )

    @classmethod
    def from_dict(cls, data: dict) -> Machine:
        domains = {k: list(v) for k, v in data["domains"].items()}
        groups = {
            g["name"]: Group(
                g["name"],
                [from_json(c) for c in g["columns"]],
                [tuple(r) for r in g["registers"]],
                [from_json(o) for o in g["operations"]],
                domains,
                None if g["looks"] is None else [tuple(seen) for seen in g["looks"]],
            )
            for g in data["groups"]
        }
        return cls(data["name"], groups, domains, {h: from_json(head) for h, head in data["heads"].items()})
