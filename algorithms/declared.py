"""Does a declaration fit together? Its probes the rows and names of its structure, its outputs its probes.

Looked at once, where an algorithm is declared, on the structure's `examples`.
"""

from __future__ import annotations

import numpy as np

from algorithms.answers import Answer
from algorithms.errors import AuthorError, did_you_mean
from algorithms.inputs.structure import Structure
from algorithms.machine.probes import CATEGORICAL, GRAPH, HINT, INPUT, MASK, MASK_ONE, OUTPUT, POINTER, SCALAR
from algorithms.machine.state import Instance
from algorithms.spec import Spec

__all__ = ["declared"]

_STAGES, _TYPES = (INPUT, HINT, OUTPUT), (SCALAR, MASK, MASK_ONE, CATEGORICAL, POINTER)
_RESERVED = {"self", "nil", "src", "dst", "hub", "phase"}


def declared(spec: Spec) -> Spec:
    """The spec. Raises AuthorError, which says what does not fit and what would."""
    structure = spec.structure
    if not isinstance(structure, Structure):
        raise AuthorError(f"{spec.name}: structure={structure!r}; a structure such as Graph() or Sequence() is needed")
    if spec.sense not in (None, "min", "max"):
        raise AuthorError(f'{spec.name}: sense={spec.sense!r}; "min", "max", or none is needed')
    for p in spec.probes:
        for what, known in (("stage", _STAGES), ("type", _TYPES)):
            if (given := getattr(p, what)) not in known:
                raise AuthorError(f"{spec.name}: probe {p.name!r}: no {what} {given!r}{did_you_mean(given, known)}")
        if not p.name.isidentifier():
            raise AuthorError(f"{spec.name}: probe {p.name!r}: a word of letters, digits and _ is needed, as in hub.x")
        if p.kind not in structure.kinds:
            places = [GRAPH if kind == "hub" else kind for kind in structure.kinds]
            raise AuthorError(
                f"{spec.name}: probe {p.name!r} lives on each {p.location}; {type(structure).__name__} has no such "
                f"rows, its locations are {', '.join(places)}"
            )
        if p.name in _RESERVED or p.name in {f"{kind}s" for kind in structure.kinds}:
            raise AuthorError(f"{spec.name}: probe {p.name!r} has a name of the machine's own; choose another")
    for name, form in spec.outputs.items():
        _form_fits(spec, name, form)
    try:
        examples = structure.examples(spec)
    except KeyError as e:
        raise AuthorError(
            f"{spec.name}: {type(structure).__name__} lays down {e.args[0]!r}, which is no probe; declare it, an input"
        ) from e
    for x in examples:
        _laid_out_apart(spec, x)
    return spec


def _form_fits(spec: Spec, output: str, form) -> None:
    if not isinstance(form, Answer):
        raise AuthorError(f"{spec.name}: output {output!r} is {form!r}; a form of answer such as Value() is needed")
    for argument, stored, kind in form.reads:
        name, what = getattr(form, argument), f"{spec.name}: output {output!r}, {type(form).__name__}"
        probe = spec.by_name.get(name)
        if probe is None:
            raise AuthorError(f"{what} reads {name!r}, which is not declared{did_you_mean(name, spec.by_name)}")
        if probe.register not in stored.split(" or ") or probe.kind != kind:
            raise AuthorError(
                f"{what} reads a {stored} of {kind} rows; {name!r} is a {probe.register} of {probe.kind} rows"
            )
        for value in form.held() if stored == "field" else ():
            if value not in probe.values:
                raise AuthorError(f"{what}: {name!r} is never {value!r}; its values are {list(probe.values)}")


def _laid_out_apart(spec: Spec, x: Instance) -> None:
    """No probe has the name of something that is laid down."""
    for p in spec.probes:
        for what, names in (("static pointer", x.static), ("static scalar", x.constants), ("relation", x.relations)):
            if p.name in names:
                raise AuthorError(f"{spec.name}: probe {p.name!r} has the name of a {what} of its structure")
    owner = spec.by_name.get("weight")
    if owner is None or owner.register != "scalar":
        return
    for name, relation in x.relations.items():
        src, weight = relation.src[:-1], relation.weight[:-1]
        mine = x.kind[src] == x.kinds.index(owner.kind)
        if (mine & ~np.isnan(weight) & (weight != x.scalars["weight"][src])).any():
            raise AuthorError(
                f"{spec.name}: `u.weight` would be an edge's, along {name}, and a register of the row u; give the "
                "register another name"
            )
