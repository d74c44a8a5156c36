"""Where a program may stand: its phases, read off its text before any run.

A phase is named after the `yield` at which the program rests, as `function.site`, and after each `yield from` through
which it got there, outermost first, with `/` in between. A site is the yield's word, or its place among the yields of
its function, in source order:

>>> import algorithms
>>> algorithms.get("bridges").phases[2:5]
('bridges.root', 'bridges.1/search.discover', 'bridges.1/search.scan')

Sub-programs are found as Python finds them: functions of a module, those inside the program, and those that are handed
to a sub-program by name. So one algorithm has one vocabulary of phases, whatever a run happens to meet.
"""

from __future__ import annotations

import ast
import inspect
import linecache
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import CellType, CodeType, FunctionType

from algorithms.errors import AuthorError
from algorithms.statements import misused

__all__ = ["phases_of", "site_of"]

_UNKNOWN = object()  # what the text alone does not tell


class _Unclear(AuthorError):
    """A line, and what is wrong with it."""

    def __init__(self, what: str, line: int | None = None):
        super().__init__(f"{f', line {line}' if line else ''}: {what}")


def phases_of(name: str, program: Callable) -> tuple[str, ...]:
    """All phases of a program in source order, but for the first and the last that every program has.

    Raises AuthorError, with the line, where the text does not tell them: a label that is no constant word, one name (or
    one line) for two yields of a function, a sub-program that calls itself, or that cannot be told.
    """
    try:
        return tuple(_phases(_existing(program), ()))
    except _Unclear as e:
        raise AuthorError(f"{name}{e}") from None


def site_of(code: CodeType, line: int) -> str:
    """The site of the yield at a line of a function that rests there."""
    return _sites_by_line(code).get(line, "?")


# ---------------------------------------------------------------- a function's own yields
@cache
def _definition(code: CodeType) -> ast.FunctionDef:
    try:
        for node in _functions(text_of(code)):
            if node.name == code.co_name and code.co_firstlineno == _first_line(node):
                return node
    except (OSError, TypeError, SyntaxError):
        pass
    raise _Unclear(f"the text of {code.co_name!r} is not at hand, or has changed since; load it from its file again")


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


@cache
def _functions(text: str) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(parsed(text)) if isinstance(node, ast.FunctionDef)]


def text_of(code: CodeType) -> str:
    """The text of the file that a function is in, as it is now; empty where there is none."""
    linecache.checkcache(code.co_filename)
    return "".join(linecache.getlines(code.co_filename))


@cache
def parsed(text: str) -> ast.Module:
    """A file's syntax tree, not to be changed."""
    return ast.parse(text)


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """All that stands in a function, but not in those inside it."""
    for child in node.body if isinstance(node, ast.FunctionDef) else ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own(child)


@cache
def _sites(function: ast.FunctionDef) -> dict[str, ast.Yield | ast.YieldFrom]:
    """site -> yield, in source order."""
    yields = [node for node in _own(function) if isinstance(node, ast.Yield | ast.YieldFrom)]
    out: dict[str, ast.Yield | ast.YieldFrom] = {}
    for i, node in enumerate(sorted(yields, key=lambda node: (node.lineno, node.col_offset))):
        site = str(i)
        if isinstance(node, ast.Yield) and node.value is not None:
            word = getattr(node.value, "value", None)
            if not isinstance(word, str) or not word or word.isdigit() or set(word) & set("./"):
                raise _Unclear(
                    f"`yield {ast.unparse(node.value)}`: a phase's name is a word in quotes that stands there, without "
                    "'.' and '/'; where it depends on something, write an `if` with a `yield` in each branch",
                    node.lineno,
                )
            site = word
        if site in out:
            raise _Unclear(
                f"{function.name} has a yield {site!r} already, in line {out[site].lineno}; give each its own name",
                node.lineno,
            )
        if any(_last_line(other) >= node.lineno for other in out.values()):
            raise _Unclear("two yields in one line; put each in a line of its own", node.lineno)
        out[site] = node
    for line, what in misused(function):
        raise _Unclear(what, line)
    return out


@cache
def _sites_by_line(code: CodeType) -> dict[int, str]:
    sites = _sites(_definition(code))
    return {line: site for site, node in sites.items() for line in range(node.lineno, _last_line(node) + 1)}


def _last_line(node: ast.expr) -> int:
    return node.end_lineno or node.lineno


# ---------------------------------------------------------------- what names stand for
@dataclass
class _Scope:
    """Names and what they stand for: values, functions in the text, or _UNKNOWN."""

    names: dict[str, object]
    outer: _Scope | None = None

    def look_up(self, name: str):
        if name in self.names:
            return self.names[name]
        return self.outer.look_up(name) if self.outer else _UNKNOWN

    def resolve(self, e: ast.expr):
        if isinstance(e, ast.Constant):
            return e.value
        if isinstance(e, ast.Name):
            return self.look_up(e.id)
        if isinstance(e, ast.Attribute):
            return getattr(self.resolve(e.value), e.attr, _UNKNOWN)
        return _UNKNOWN


@dataclass(frozen=True)
class _Function:
    """A function in the text. outer: where it stands; defaults: of its parameters, as far as they are known."""

    node: ast.FunctionDef
    outer: _Scope
    defaults: dict[str, object]

    def scope(self, given: dict[str, object]) -> _Scope:
        """Its parameters, the functions inside it, and whatever else it gives names to."""
        scope, inside = _Scope({}, self.outer), []
        for a in ast.walk(self.node.args):
            if isinstance(a, ast.arg):
                scope.names[a.arg] = given.get(a.arg, self.defaults.get(a.arg, _UNKNOWN))
        for node in _own(self.node):
            if isinstance(node, ast.FunctionDef):
                inside.append(node)
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                scope.names[node.id] = _UNKNOWN
            elif isinstance(node, ast.alias):
                scope.names[(node.asname or node.name).split(".")[0]] = _UNKNOWN
            elif isinstance(name := getattr(node, "name", None), str):
                scope.names[name] = _UNKNOWN
        for node in inside:
            known = node.name not in scope.names
            scope.names[node.name] = _Function(node, scope, _defaults(node, scope)) if known else _UNKNOWN
        return scope


def _parameters(node: ast.FunctionDef) -> list[str]:
    """Those that are given by place."""
    return [a.arg for a in (*node.args.posonlyargs, *node.args.args)]


def _defaults(node: ast.FunctionDef, scope: _Scope) -> dict[str, object]:
    args, names = node.args, _parameters(node)
    by_place = zip(names[len(names) - len(args.defaults) :], args.defaults)
    by_name = ((a.arg, e) for a, e in zip(args.kwonlyargs, args.kw_defaults) if e)
    return {name: scope.resolve(e) for name, e in (*by_place, *by_name)}


def _existing(function: Callable) -> _Function:
    """A function that was made by Python."""
    if not isinstance(function, FunctionType):
        raise _Unclear(f"the program is no function but {type(function).__name__}")
    node, cells = _definition(function.__code__), zip(function.__code__.co_freevars, function.__closure__ or ())
    free = {name: cell.cell_contents for name, cell in cells if cell != CellType()}  # an empty one holds nothing yet
    names, defaults = _parameters(node), function.__defaults__ or ()
    known = dict(zip(names[len(names) - len(defaults) :], defaults)) | (function.__kwdefaults__ or {})
    return _Function(node, _Scope(free, _Scope(function.__globals__)), known)


# ---------------------------------------------------------------- through sub-programs
def _phases(function: _Function, callers: tuple, given: dict[str, object] | None = None) -> Iterator[str]:
    scope, callers = function.scope(given or {}), (*callers, function.node)
    for site, node in _sites(function.node).items():
        name = f"{function.node.name}.{site}"
        if isinstance(node, ast.Yield):
            yield name
        elif sub := _called(call := _call(node), scope):
            if sub.node in callers:
                raise _Unclear(
                    f"`yield from {ast.unparse(call)}`: {sub.node.name} runs within itself, and a phase holds no "
                    "stack of calls; loop, and keep what is left to do in registers",
                    node.lineno,
                )
            arguments = _arguments(call, sub.node, scope)
            yield from (f"{name}/{inner}" for inner in _phases(sub, callers, arguments))


def _call(node: ast.YieldFrom) -> ast.Call:
    if not isinstance(node.value, ast.Call):
        raise _Unclear("`yield from` takes a sub-program, a generator's call: `yield from name(...)`", node.lineno)
    return node.value


def _called(call: ast.Call, scope: _Scope) -> _Function | None:
    """The sub-program that a `yield from` calls; None for one that is not given."""
    found = scope.resolve(call.func)
    if inspect.isgeneratorfunction(found) and isinstance(found, FunctionType):
        found = _existing(found)
    if found is None or isinstance(found, _Function):
        return found
    what = "cannot be told from the text" if found is _UNKNOWN else "has no `yield` of its own"
    raise _Unclear(
        f"`yield from {ast.unparse(call)}` takes a sub-program, and {ast.unparse(call.func)} {what}; call "
        "a function by its name, or by that of a parameter to which it is handed by its name",
        call.lineno,
    )


def _arguments(call: ast.Call, node: ast.FunctionDef, scope: _Scope) -> dict[str, object]:
    """What a call hands on, as far as it is known."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return dict.fromkeys((a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)), _UNKNOWN)
    given = (*zip(_parameters(node), call.args), *((k.arg, k.value) for k in call.keywords if k.arg))
    return {name: scope.resolve(e) for name, e in given}
