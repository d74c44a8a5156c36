"""An author's sampler and reference, used with care: what they raise or leave out is said, not passed over."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from algorithms.errors import AuthorError, NeuralExecError, did_you_mean
from algorithms.machine.state import Instance
from algorithms.rooms import is_own
from algorithms.spec import Spec
from algorithms.trace import lay_out, read_outputs

__all__ = ["Judge", "raised"]


def raised(e: BaseException) -> str:
    """An author's exception in words: its type, what it says, and the file and line of the author's that raised it."""
    if isinstance(e, NeuralExecError):
        return str(e)
    frames = traceback.extract_tb(e.__traceback__)
    theirs = [f for f in frames if not is_own(f.filename)] or frames
    return f"{type(e).__name__}: {e} ({Path(theirs[-1].filename).name}, line {theirs[-1].lineno})"


@dataclass
class Judge:
    """Draws samples of an algorithm and compares answers with its reference.

    left_out: what `check` did not look at, each once, in words. trusted: outputs of which it has accepted every wrong
    answer so far: what is read before the program has run, and the answer without its last element.
    """

    spec: Spec
    seed: int = 0
    left_out: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)
        both = "untouched", "shortened"
        self.trusted: dict[str, dict[str, int | None]] = {name: dict.fromkeys(both, 0) for name in self.spec.outputs}
        self.drawn = 0

    def sample(self, n: int, family: str) -> tuple[Instance, object, dict]:
        """A sample laid out, its data, its arguments. Raises AuthorError where the sampler does not fit."""
        self.drawn += 1
        self.where = f"family {family!r}, n = {n} (seed {self.seed}, sample {self.drawn})"
        try:
            drawn = self.spec.sample(self.rng, n, family)
        except Exception as e:
            raise AuthorError(f"{self.spec.name}: `sample` fails on {self.where}: {raised(e)}") from e
        if not (isinstance(drawn, tuple) and len(drawn) == 2 and isinstance(drawn[1], dict)):
            raise AuthorError(
                f"{self.spec.name}: `sample` gives {drawn!r:.80} on {self.where}; a pair is needed, (data, arguments), "
                "as (graph, {}) or (values, {'target': 1.0})"
            )
        try:
            return lay_out(self.spec, *drawn), *drawn
        except Exception as e:
            structure = type(self.spec.structure).__name__
            raise AuthorError(
                f"{self.spec.name}: its structure {structure} does not take what `sample` gives on {self.where}, "
                f"{drawn[0]!r:.60}: {raised(e)}"
            ) from e

    def read(self, instance: Instance) -> dict:
        """The outputs."""
        try:
            return read_outputs(instance)
        except Exception as e:
            raise AuthorError(f"{self.spec.name}: its outputs cannot be read on {self.where}: {raised(e)}") from e

    def wrong(self, outputs: dict, before: dict, data, arguments: dict) -> list[str]:
        """Outputs that the reference rejects. before: the outputs of the untouched state."""
        try:
            right = self.spec.check(outputs, data, **arguments)
        except Exception as e:
            raise AuthorError(
                f"{self.spec.name}: `check` fails on {self.where}, outputs {outputs!r:.120}: {raised(e)}"
            ) from e
        if not isinstance(right, dict):
            raise AuthorError(
                f"{self.spec.name}: `check` gives {right!r:.60} on {self.where}; a dict is needed, output -> list"
            )
        wrong = []
        for name in right:
            if name not in self.spec.outputs:
                self._note(f"`check` judges {name!r}, which is no output{did_you_mean(name, self.spec.outputs)}")
        for name, value in outputs.items():
            elements = right.get(name)
            if elements is None:
                self._note(f"`check` says nothing of the output {name!r}")
                continue
            if isinstance(elements, str | dict) or not np.iterable(elements):
                raise AuthorError(
                    f"{self.spec.name}: `check` gives {elements!r:.60} for {name!r} on {self.where}; a list of bool is "
                    "needed, one for each element"
                )
            elements = list(elements)
            if not elements and _elements(value):
                self._note(f"`check` looks at no element of {name!r} = {value!r:.60}, on {self.where}")
            if not all(elements):
                wrong.append(name)
        self._try_wrong(outputs, before, data, arguments)
        return wrong

    def accepted(self) -> list[str]:
        """What the reference has accepted each time, although it was wrong for sure."""
        what = {
            "untouched": "what is read before the program has run",
            "shortened": "the answer without its last element",
        }
        return [
            f"`check` accepts, as {name!r}, {what[how]}: on {count} of {count} samples"
            for name, how_often in self.trusted.items()
            for how, count in how_often.items()
            if count is not None and count > 2
        ]

    def _note(self, what: str) -> None:
        kind = what.split(" = ")[0]
        if not any(x.startswith(kind) for x in self.left_out):
            self.left_out.append(what)

    def _try_wrong(self, outputs: dict, before: dict, data, arguments: dict) -> None:
        """Counts accepted wrong answers; None once one was rejected, by a verdict or an exception."""
        for name, how_often in self.trusted.items():
            wrong = dict(untouched=before[name], shortened=_shortened(outputs[name]))
            for how, value in wrong.items():
                count = how_often[how]
                if count is None or _same(value, outputs[name]):
                    continue
                try:
                    accepted = all(self.spec.check({**outputs, name: value}, data, **arguments)[name])
                except Exception:
                    accepted = False
                how_often[how] = count + 1 if accepted else None


def _elements(value) -> int:
    if isinstance(value, dict):
        return sum(map(_elements, value.values()))
    return len(value) if isinstance(value, list | tuple | set | str) else 1


def _shortened(value):
    """A list, dict, set or string without its last element; anything else, or what is empty, as it is."""
    if not isinstance(value, list | tuple | dict | set | str) or not value:
        return value
    if isinstance(value, str):
        return value[:-1]
    return type(value)(list(value.items())[:-1] if isinstance(value, dict) else list(value)[:-1])


def _same(a, b) -> bool:
    return type(a) is type(b) and repr(a) == repr(b)
