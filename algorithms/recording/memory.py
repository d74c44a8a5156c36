"""What a program remembers beside its registers, and so may not: the machine forgets it at every `yield`.

Looked at are, at each `yield`: the variables of the functions that rest there; and whatever lists, dicts, objects,
iterators, … the program can reach by a parameter, a default argument, a closure or a global, compared with what they
were. Only what changes there is refused: a constant table is as good as text.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, GeneratorType, MethodType, ModuleType

from algorithms.recording.proxies import Candidates, Ref, Scalar
from algorithms.rooms import is_own

__all__ = ["Memory", "reached"]

_ROWS = Ref | Scalar | Candidates  # a row that is used after the `yield` is refused there
_PLAIN = bool | int | float | complex | str | bytes
_FIXED = ModuleType | type | FunctionType | GeneratorType
_ROW = "a row"
_REMEDY = "the machine forgets all but its registers; keep it in a register, or test it again"


class Memory:
    """Of one run: what its program could reach at the start, and what each function held when it first rested."""

    def __init__(self, reached: list[tuple[str, Callable]]):
        self.reached = [(where, get, _state(get())) for where, get in reached]
        self.frames: dict[FrameType, dict | None] = {}

    def look(self, frames: list[FrameType]) -> tuple[FrameType, str] | None:
        """Where functions rest, the outermost first: what one of them remembers, in words."""
        self.frames = {frame: self.frames.get(frame) for frame in frames}
        for frame in frames:
            own, known = _own(frame.f_code), self.frames[frame]
            if not own and known == {}:
                continue  # as most are
            held = frame.f_locals
            for name in own:
                if name in held and _remembers(held[name]):
                    return frame, f"the local {name!r} = {held[name]!r:.60} is held across `yield`, where {_REMEDY}"
            if known is None:
                watched = {name: _state(x) for name, x in held.items() if name not in own and not isinstance(x, _FIXED)}
                known = self.frames[frame] = {name: state for name, state in watched.items() if state != _ROW}
            for name, before in known.items():
                if name in held and _state(held[name]) != before:
                    return frame, f"{name!r} = {held[name]!r:.60} has changed since an earlier `yield`, where {_REMEDY}"
        for where, get, before in self.reached:
            if _state(value := get()) != before:
                return frames[-1], f"{where} = {value!r:.60} has changed in this run; at a `yield` {_REMEDY}"
        return None


@cache
def _own(code: CodeType) -> tuple[str, ...]:
    """A function's variables, but its parameters and those of functions around it."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
    parameters = code.co_varnames[:count]
    return tuple(n for n in dict.fromkeys((*code.co_varnames, *code.co_cellvars)) if n not in parameters)


def _remembers(value) -> bool:
    """May a variable of a function not hold it across a `yield`?"""
    if isinstance(value, tuple):
        return any(map(_remembers, value))
    if isinstance(value, FunctionType):  # a default argument may change
        return any(_remembers(x) and not isinstance(x, _PLAIN) for x in _defaults(value).values())
    if isinstance(value, BuiltinFunctionType | MethodType):  # of what?
        return _remembers(value.__self__)
    return not (value is None or isinstance(value, _ROWS | _FIXED))


# ---------------------------------------------------------------- what a program can reach
def reached(program: Callable) -> list[tuple[str, Callable]]:
    """(in words, a function that gets it) of all in which a program could keep something from step to step."""
    return list(_reached(program, set()))


def _reached(function: Callable, seen: set) -> Iterator[tuple[str, Callable]]:
    if not isinstance(function, FunctionType) or function.__code__ in seen or not _authors(function.__code__):
        return
    seen.add(function.__code__)
    found: list[tuple[str, Callable]] = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        found.append((f"{name!r}, of a function around {function.__name__},", lambda c=cell: _content(c)))
    for name in sorted(_globals(function.__code__)):
        if name in function.__globals__:
            found.append((f"the global {name!r}", partial(function.__globals__.get, name)))
    for name in _defaults(function):
        found.append((f"the default of {name!r}", lambda n=name: _defaults(function).get(n)))
    for where, get in found:
        value = get()
        if isinstance(value, FunctionType):
            yield from _reached(value, seen)
        elif isinstance(value, type) and sys.modules.get(value.__module__) is sys.modules.get(function.__module__):
            yield f"an attribute of {where}", lambda c=value: {k: v for k, v in vars(c).items() if k[:2] != "__"}
        elif not isinstance(value, _FIXED) and type(value).__module__.partition(".")[0] != "algorithms":
            yield where, get
    if vars(function):
        yield f"an attribute of {function.__name__}", lambda: vars(function)


def _content(cell):
    try:
        return cell.cell_contents
    except ValueError:  # not given yet
        return None


def _defaults(function: FunctionType) -> dict:
    names, given = inspect.getfullargspec(function).args, function.__defaults__ or ()
    return dict(zip(names[len(names) - len(given) :], given)) | (function.__kwdefaults__ or {})


def _globals(code: CodeType) -> set[str]:
    return set(code.co_names).union(*(_globals(c) for c in code.co_consts if isinstance(c, CodeType)))


def _authors(code: CodeType) -> bool:
    """Not the machine's own, nor a library's."""
    return not is_own(code.co_filename) and "site-packages" not in code.co_filename


# ---------------------------------------------------------------- what something holds
def _state(x, around: tuple = ()):
    """Equal where two looks at something show the same; a change inside it shows."""
    if x is None or isinstance(x, _PLAIN):
        return type(x).__name__, repr(x)
    if isinstance(x, _ROWS):
        return _ROW
    if id(x) in around or len(around) > 20:
        return "again"
    around = (*around, id(x))
    inner = lambda y: _state(y, around)
    if isinstance(x, FunctionType) and (x.__defaults__ or x.__kwdefaults__ or vars(x)):
        return "function", x.__qualname__, inner(_defaults(x)), inner(vars(x))
    if isinstance(x, _FIXED):
        return "fixed", id(x)
    if isinstance(x, BuiltinFunctionType | MethodType):
        return "method", x.__name__, inner(x.__self__)
    if isinstance(x, dict):
        return type(x).__name__, tuple((inner(k), inner(v)) for k, v in list(x.items()))
    if isinstance(x, list | tuple):
        return type(x).__name__, tuple(map(inner, x))
    if isinstance(x, set | frozenset):
        return type(x).__name__, tuple(sorted(map(repr, map(inner, x))))
    try:  # iterators, deques, arrays, objects of a class: as they would be copied
        _, arguments, *rest = x.__reduce_ex__(2)
        return type(x).__name__, inner([arguments, *(list(y) if hasattr(y, "__next__") else y for y in rest)])
    except Exception:
        return type(x).__name__, id(x), inner(list(getattr(x, "__dict__", {}).items()))
