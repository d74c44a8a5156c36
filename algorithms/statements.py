"""Statements that a step cannot be made of, found in a program's text before any run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["misused"]

_INSIDE = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef
_HOLDS = {
    ast.For: "`for`, whose place no register holds. A loop over rows is one step of all of them: put the `yield` after "
    "the loop; otherwise loop by `while`, over a register",
    ast.Try: "`try`; a step raises nothing that could be caught, and nothing is left to clean up: take it out of there",
    ast.With: "`with`; a step has nothing to open or close: take it out of there",
}  # fmt: skip


def misused(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    """(line, what is wrong and what to do) of each such statement of a program or sub-program.

    A `yield` inside `for`, `try` or `with`; and a `while` without a `yield` whose condition looks at rows alone, and so
    cannot change before the next one.
    """
    for node in _own(function):
        for kind, what in _HOLDS.items():
            if isinstance(node, kind):
                for y in _yields(node):
                    yield y.lineno, f"a `yield` inside {what}"
        if isinstance(node, ast.While) and not any(_yields(node)) and _endless(node, function):
            yield (
                node.lineno,
                "a `while` without a `yield` in it never ends, as registers keep what they hold until the next; put "
                "a `yield` at the end of its body",
            )


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """All that stands in a node, but not in functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _INSIDE):
            yield from _own(child)


def _yields(node: ast.AST) -> Iterator[ast.Yield | ast.YieldFrom]:
    return (x for x in _own(node) if isinstance(x, ast.Yield | ast.YieldFrom))


def _endless(loop: ast.While, function: ast.FunctionDef) -> bool:
    rows = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    inside = list(_own(loop))
    if any(isinstance(x, ast.Break | ast.Return | ast.Raise) for x in inside):
        return False
    stored = {x.id for x in inside if isinstance(x, ast.Name) and not isinstance(x.ctx, ast.Load)}
    tested = {x.id for x in ast.walk(loop.test) if isinstance(x, ast.Name)}
    return tested <= rows - stored
