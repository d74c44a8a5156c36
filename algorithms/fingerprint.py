"""What an algorithm executes, as a short hash: a weight file belongs to that, not to how the code is written.

Hashed are the version of the machine's semantics (`SEMANTICS`), the probes, the program with the sub-programs and
constants that it names, what its structure lays out for small examples, and what the recorder makes of the program on
these: the recorded machine and the states it goes through. Comments, docstrings, samplers, checks and preconditions do
not count, nor does a structure's or the recorder's code where it comes to the same. It is the same on every Python.
"""

from __future__ import annotations

import ast
import hashlib
import json
import math
import sysconfig
from dataclasses import fields, is_dataclass
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType

import numpy as np

from algorithms.errors import AuthorError
from algorithms.machine.state import Instance
from algorithms.phases import parsed, text_of
from algorithms.recording.record import Recording, record
from algorithms.rooms import HOME, is_own
from algorithms.spec import Spec

__all__ = ["SEMANTICS", "fingerprint", "with_machine"]

SEMANTICS = 2  # of a step: goes up when a term, a selection or a total comes to mean something else
TICKS = 64  # of a run on an example, at most

_INSTALLED = {Path(sysconfig.get_path(p)) for p in ("stdlib", "platstdlib", "purelib", "platlib")}
_IGNORED = {"annotation", "ctx", "decorator_list", "kind", "returns", "type_comment", "type_params"}


def fingerprint(spec: Spec) -> str:
    """16 hexadecimal digits.

    Raises AuthorError where the program's text is not at hand.

    >>> import algorithms
    >>> from algorithms.fingerprint import fingerprint
    >>> len(fingerprint(algorithms.get("bfs")))
    16
    """
    assert isinstance(spec.program, FunctionType)  # no other has phases
    probes = [
        [p.name, p.stage, p.location, p.type, _value(p.values, set()), _value(p.init, set())] for p in spec.probes
    ]
    return _digest([SEMANTICS, spec.name, probes, _function(spec.program, set()), _executed(spec)])


def with_machine(code: str, machine: dict, names: list[str]) -> str:
    """A fingerprint together with the machine (as a record) that a model was trained on and the names, in the order of
    their codes, that it knows it by: none of them changes alone."""
    return _digest([code, machine, names])


def _digest(record) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:16]


# ---------------------------------------------------------------- code
def _function(f: FunctionType, seen: set):
    """A function's text, its defaults, and what it names, in turn."""
    code = f.__code__
    if code in seen:
        return ["again", code.co_name]
    seen.add(code)
    bound = dict(zip(code.co_freevars, f.__closure__ or ()))
    named = {n: c.cell_contents for n, c in bound.items()}
    trees = _trees(code)
    nodes = [n for tree in trees for n in ast.walk(tree)]
    globals_ = _globals(code) & {n.id for n in nodes if isinstance(n, ast.Name)}
    named |= {n: f.__globals__[n] for n in globals_ if n in f.__globals__}
    for n in nodes:  # `_search.search`: of a module, what is taken from it
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name):
            module = named.get(n.value.id)
            if isinstance(module, ModuleType):
                named[f"{n.value.id}.{n.attr}"] = getattr(module, n.attr, None)
    values = {n: _value(v, seen) for n, v in sorted(named.items())}
    texts = [_text(tree, root=True) for tree in trees]
    return [texts, _value(f.__defaults__, seen), _value(f.__kwdefaults__, seen), values]


def _value(x, seen: set):
    """What a name stands for: constants by value, authors' functions by their text, all else by name."""
    if isinstance(x, MethodType):
        return ["method", _value(x.__self__, seen), _value(x.__func__, seen)]
    if isinstance(x, partial):
        return ["partial", *(_value(part, seen) for part in (x.func, x.args, x.keywords))]
    if isinstance(x, FunctionType) and _authors(x.__code__):
        return _function(x, seen)
    if isinstance(x, dict):
        return ["dict", *([_value(k, seen), _value(v, seen)] for k, v in x.items())]
    if isinstance(x, list | tuple):
        return [type(x).__name__, *(_value(v, seen) for v in x)]
    if isinstance(x, set | frozenset):
        return ["set", *sorted(json.dumps(_value(v, seen)) for v in x)]
    if isinstance(x, np.ndarray | np.generic):
        return ["array", str(x.dtype), _value(x.tolist(), seen)]
    if is_dataclass(x) and not isinstance(x, type):
        return [type(x).__name__, *([f.name, _value(getattr(x, f.name), seen)] for f in fields(x))]
    if x is None or isinstance(x, bool | int | float | complex | str | bytes):
        return [type(x).__name__, repr(x)]
    if isinstance(x, type):
        own = {k: _value(v, seen) for k, v in sorted(vars(x).items()) if isinstance(v, FunctionType)}
        return ["class", x.__name__, own]
    return [type(x).__name__, getattr(x, "__qualname__", getattr(x, "__name__", ""))]


def _authors(code: CodeType) -> bool:
    """Is it code of an algorithm's own, and not the machine's or a library's?"""
    file = Path(code.co_filename)
    if HOME in file.parents:
        return not is_own(file)
    return not code.co_filename.startswith("<frozen") and _INSTALLED.isdisjoint(file.parents)


def _globals(code: CodeType) -> set[str]:
    """The global names that a function and those inside it read (and the attributes)."""
    return set(code.co_names).union(*(_globals(c) for c in code.co_consts if isinstance(c, CodeType)))


@cache
def _functions(text: str) -> dict[tuple[str, int], list[ast.AST]]:
    """(name, first line) -> the functions of a file, as syntax trees."""
    out: dict = {}
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            line = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            out.setdefault((node.name, line), []).append(node)
        elif isinstance(node, ast.Lambda):
            out.setdefault(("<lambda>", node.lineno), []).append(node)
    return out


def _trees(code: CodeType) -> list[ast.AST]:
    """The part of its file that a function was made of; of lambdas, all that begin in its line."""
    file, line = code.co_filename, code.co_firstlineno
    trees = _functions(text_of(code)).get((code.co_name, line))
    if not trees:
        raise AuthorError(
            f"{code.co_name}: its text is not at hand ({file}, line {line}), so it cannot be told whether it changes; "
            "put it in a file"
        )
    return trees


def _text(node, root: bool = False):
    """A syntax tree as nested lists: names of classes, and fields that are not empty."""
    if isinstance(node, list):
        return [_text(x) for x in node]
    if isinstance(node, ast.Constant):
        return ["Constant", type(node.value).__name__, repr(node.value)]
    if not isinstance(node, ast.AST):
        return repr(node)
    out: list = [type(node).__name__]
    for name, x in ast.iter_fields(node):
        if x is None or x == [] or (name in _IGNORED and (root or name != "decorator_list")):
            continue
        if name == "body" and isinstance(x, list) and isinstance(node, ast.FunctionDef | ast.ClassDef):
            x = x[ast.get_docstring(node, clean=False) is not None :]
        out.append([name, _text(x)])
    return out


# ---------------------------------------------------------------- what is executed
def _executed(spec: Spec) -> list:
    """What the structure's examples are laid out as, and what the recorder makes of the program on them."""
    out: list = []
    recording = Recording(spec)
    try:
        for instance in spec.structure.examples(spec):
            out.append(_laid_out(instance))
            run = record(spec, instance, recording, most=TICKS)
            phases = list(recording.machine().domains["phase"])
            at = instance.int_names.index("phase"), instance.hubs[0]
            states = [_array(np.stack(blocks)) for blocks in zip(*run.states)]
            out.append([[phases[ints[at]] for ints, _ in run.states], *states])
        out.append(recording.machine().to_dict())
    except Exception as e:  # also that is what is executed: it is refused
        out.append(type(e).__name__)
    return out


def _laid_out(x: Instance) -> list:
    named = {
        part: {n: _array(a) for n, a in getattr(x, part).items()}
        for part in ("static", "constants", "fields", "scalars", "pointers")
    }
    relations = {n: [_array(a) for a in (r.src, r.dst, r.weight)] for n, r in x.relations.items()}
    return [x.kinds, _array(x.kind), x.sizes, named, relations]


def _array(a: np.ndarray) -> str:
    """Every bit counts, but those that tell one undefined number from another."""
    a = np.where(np.isnan(a), math.nan, a) if a.dtype.kind == "f" else a.astype("<i8")
    return hashlib.sha256(repr(a.shape).encode() + a.tobytes()).hexdigest()[:16]
