"""What the commands share: how errors become exit codes, kinds of options, how a graph is given."""

from __future__ import annotations

import json
import os
import re
import sys
import warnings
from pathlib import Path

import click
from click.core import ParameterSource

import neural_exec
from algorithms import registry
from neural_exec.cli.display import plain
from neural_exec.cli.graphs_in import EXAMPLES
from neural_exec.errors import ArgumentError, InputError, NeuralExecError

__all__ = [
    "AS_JSON",
    "DIRECTED",
    "FILE",
    "GRAPH_HELP",
    "INPUT",
    "MODEL",
    "ONLY",
    "SEED",
    "SOURCE",
    "WEIGHT",
    "WORKERS",
    "CommaList",
    "Commands",
    "Numeric",
    "called_with",
    "given_inputs",
    "load",
    "names_of",
    "no_algorithm",
    "note",
    "one_thread",
    "registered",
    "registered_all",
    "show_json",
    "verdict",
    "writable",
]  # fmt: skip

_COMMAS = "a list is one word, with commas:"


class BadInput(click.ClickException):
    """An error of input: one line on stderr, exit code 2."""

    exit_code = 2

    def show(self, file=None) -> None:
        click.echo(f"error: {' '.join(self.format_message().split())}", err=True)


class Numeric(click.Command):
    """A command that takes an argument such as -3,1,2 for what it is: no option begins with a digit."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.ignore_unknown_options = any(re.match(r"-\.?\d", a) for a in args)
        return super().parse_args(ctx, args)


class Commands(click.Group):
    """Turns errors made on purpose, files that cannot be written and interruptions into lines and exit codes; writes
    what the terminal's encoding has no character for as an escape."""

    def main(self, *args, **options):
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        return super().main(*args, **options)

    def invoke(self, ctx: click.Context):
        try:
            return super().invoke(ctx)
        except click.UsageError as e:
            raise _with_commas(e) from None
        except NeuralExecError as e:
            raise BadInput(str(e)) from e
        except BrokenPipeError:
            raise  # click ends quietly
        except OSError as e:
            raise BadInput(f"{e.filename}: {e.strerror}" if e.filename else e.strerror or str(e)) from e
        except KeyboardInterrupt as e:
            click.echo(str(e) or "interrupted", err=True)
            ctx.exit(130)


class CommaList(click.ParamType):
    """`a,b,c`, each of a kind (str or int)."""

    def __init__(self, kind: type = str):
        self.kind, self.name = kind, "a,b,…" if kind is str else "1,2,…"

    def convert(self, value, param, ctx) -> tuple:
        try:
            return tuple(self.kind(x.strip()) for x in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no list of whole numbers such as 16,64", param, ctx)


def _with_commas(e: click.UsageError) -> click.UsageError:
    """Of what was typed after a list, one word too many: says how a list is written."""
    more = re.search(r"unexpected extra arguments? \((.*)\)", e.message)
    if more and e.ctx:
        for p in e.ctx.command.params:
            if isinstance(p.type, CommaList) and e.ctx.get_parameter_source(p.name) == ParameterSource.COMMANDLINE:
                taken = _algorithms(e.ctx.params.get("model")) if p.type.kind is str else []
                whole = ",".join(map(str, [*e.ctx.params[p.name], *taken, *more[1].split()]))
                return click.UsageError(f"{e.message}; {_COMMAS} {p.opts[0]} {whole}", e.ctx)
    return e


class Assignment(click.ParamType):
    """`key=value`."""

    name = "key=value"

    def convert(self, value, param, ctx) -> tuple[str, str]:
        key, equals, text = value.partition("=")
        if not (key and equals):
            self.fail(f"{value!r} is not of the form key=value", param, ctx)
        return key, text


FILE = click.Path(dir_okay=False)
WORKERS = click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="How many processes.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON to stdout, and nothing else.")
ONLY = click.option("--algorithms", "only", type=CommaList(), help="Only these.")


def names_of(metavar: str, required: bool = False):
    """The argument `names` of commands that are about algorithms: words, with commas or blanks between them."""
    return click.argument("names", metavar=metavar, nargs=-1, type=CommaList(), required=required)


MODEL = click.option(
    "--model", default="all", show_default=True, help="A bundled model (core, clrs30, all), or what train wrote."
)
SEED = click.option("--seed", type=click.IntRange(0), default=0, help="Of random graphs and weights; default 0.")
DIRECTED = click.option("--directed", is_flag=True, help="Read an edge list as directed.")
WEIGHT = click.option("--weight", metavar="ATTRIBUTE", help="The edge attribute that holds weights, or none: 1 each.")
INPUT = click.option(
    "--input",
    "inputs",
    type=Assignment(),
    multiple=True,
    help="An input, by the name that list gives: target=5.",
)
SOURCE = click.option("--source", metavar="NODE", help="Short for --input source=NODE.")
GRAPH_HELP = (
    f"GRAPH is a named graph ({', '.join(EXAMPLES)}), a .graphml file, or a file with a line 'u v' or 'u v weight' for "
    "each edge, or - for such lines on stdin: separated by blanks, tabs, commas or semicolons; a # at the start of a "
    "line or after a blank begins a comment; a field in double quotes may hold anything; a heading is recognised. "
    "Where NAME takes a list, GRAPH is a list like 3,1,2 or [3, 1, 2], a file that holds one, or - for one on stdin; a "
    "text likewise; else JSON. GRAPH may be given by its name instead: --input graph=FILE, values=3,1,2, text=abc (the "
    "text itself). What had to be decided is said on stderr."
)


def called_with(command):
    """The arguments and options of commands that run one algorithm."""
    for decorate in (
        click.option("--plot", type=FILE, help="Draw the last state (.png, .svg, .pdf, …)."),
        AS_JSON,
        click.option("--out", type=FILE, help="Save the trace as .npz."),
        SEED,
        DIRECTED,
        WEIGHT,
        INPUT,
        SOURCE,
        click.argument("graph", required=False),
        click.argument("name"),
    ):
        command = decorate(command)
    return command


def given_inputs(inputs: tuple, source: str | None, weight: str | None) -> dict[str, str]:
    """What was typed after --input, --source and --weight."""
    given = [*inputs, *((k, v) for k, v in (("source", source), ("weight", weight)) if v is not None)]
    keys = [k for k, _ in given]
    if twice := [k for k in keys if keys.count(k) > 1]:
        raise ArgumentError(f"{twice[0]} is given twice")
    return dict(given)


def writable(path: str | Path, suffix: str = "", directory: bool = False) -> None:
    """Raises InputError where a file (with this suffix), or a directory, cannot be written at `path`."""
    path = Path(path)
    if suffix and path.suffix.lower() != suffix:
        raise InputError(f"cannot write {path}: it is written as {suffix}")
    if directory:
        at = path
        while not at.exists() and at != at.parent:
            at = at.parent
        why = "" if at.is_dir() else f"{at} is no directory"
    elif path.is_dir():
        why = "it is a directory"
    else:
        at = path if path.exists() else path.parent
        why = "" if path.exists() or at.is_dir() else f"there is no directory {at}"
    if not why and not os.access(at, os.W_OK):
        why = f"no permission to write {at}"
    if why:
        raise InputError(f"cannot write {path}: {why}")


def load(model: str, additions: tuple = (), only: str | None = None) -> neural_exec.Executor:
    """An executor, of one algorithm that is registered where it is said which. Of all, the author's own files that its
    algorithms were recorded from are imported, which is said."""
    one_thread()
    if only:
        from neural_exec.checkpoint import load_one

        return load_one(only, model, additions)
    from neural_exec.adding.files import register_files

    for name, file in register_files(model, additions):
        note(f"{name} is the program in {file}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".* is left out: ")  # said below
        executor = neural_exec.load(model, additions)
    for name, why in executor.left_out.items():
        note(f"{name} is left out: {why}")
    return executor


def registered(algorithm: str) -> str:
    """Its name; that of a file is registered."""
    return registry.register(algorithm) if algorithm.endswith(".py") else algorithm


def registered_all(names: tuple[tuple[str, ...], ...]) -> list[str]:
    """The same of what `names_of` gives, each once."""
    return list(dict.fromkeys(registered(name) for word in names for name in word))


def no_algorithm(model: str, only: tuple | None) -> None:
    """Raises UsageError where a model's name is that of algorithms: the list before it was typed without commas."""
    if words := _algorithms(model):
        whole = ",".join([*(only or ()), *words])
        raise click.UsageError(f"{model!r} is no model but an algorithm; {_COMMAS} --algorithms {whole}")


def _algorithms(model: object) -> list[str]:
    """What was typed for a model's name, where it names algorithms alone."""
    words = model.split(",") if isinstance(model, str) and not Path(model).is_dir() else []
    return words if all(map(registry.is_known, words)) else []


def one_thread() -> None:
    """The network is small: threads that share its work cost more than they bring."""
    import torch

    torch.set_num_threads(1)


def note(text: str) -> None:
    """What was decided, or done beside the results: said on stderr."""
    if text:
        click.echo(text, err=True)


def show_json(x, indent: int | None = None) -> None:
    """As JSON that every reader takes, on stdout."""
    click.echo(json.dumps(plain(x), indent=indent, allow_nan=False))


def verdict(message: str) -> None:
    """A negative one: said on stderr, exit code 1."""
    click.echo(message, err=True)
    click.get_current_context().exit(1)
