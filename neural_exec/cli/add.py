"""The command `neural-exec add`."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

import neural_exec
from neural_exec.cli.options import AS_JSON, MODEL, load, registered, show_json, verdict, writable
from neural_exec.errors import InputError
from neural_exec.progress import Bar

__all__ = ["add"]


@click.command()
@click.argument("algorithm", metavar="FILE")
@MODEL
@click.option("--traces", type=click.IntRange(1), default=150, show_default=True, help="How many to draw.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--tune", is_flag=True, help="Tune the whole processor, with replay of what it knows.")
@click.option("--out", type=click.Path(), help="Where to; default the model's directory; bundled: runs/MODEL.")
@AS_JSON
def add(algorithm, model, traces, seed, tune, out, as_json) -> None:
    """Teach MODEL one more algorithm, from FILE (or a name): fewer than 1,000 numbers, the processor frozen; exit 1 if
    it is not exact, and then nothing is written unless --out says where.

    What is written is a model, which knows the algorithm by its name; or, where --out ends in .addition.safetensors,
    what was added alone.

    \b
    neural-exec add bubble_sort --model core --traces 60
    neural-exec run bubble_sort 3,1,2 --model runs/core
    """
    from neural_exec.adding.files import SUFFIX
    from neural_exec.files import find

    name, source = registered(algorithm), find(model)
    if tune:
        path = home = Path(out or f"runs/{source.name}+{name}")
    else:
        path = Path(out or (f"runs/{model}" if model in neural_exec.bundled() else model))
        home = None if path.name.endswith(SUFFIX) else path
    writable(path, directory=home is not None)
    other = home and home.resolve() != source.resolve() and (home / "config.json").exists()
    if other and (tune or any((home / x).read_bytes() != (source / x).read_bytes() for x in _FILES)):
        raise InputError(f"{home} holds another model than {model}; choose another --out")
    executor = load(model)
    with Bar("adding", 1) as bar:
        show = lambda p: bar.show(0, f"{p.stage} {p.done}/{p.total}" if p.total > 1 else p.stage)
        report = executor.add(name, traces, not tune, seed=seed, report=show)
    if not (report.ok or out):
        path = None
    elif tune:
        neural_exec.save(executor, path)
    else:
        if home and not (home / "config.json").exists():
            _copy(source, home)
        path = neural_exec.save_addition(executor, report.algorithm, path)
    if as_json:
        show_json(dict(report.to_dict(), file=path and str(path)), indent=1)
    else:
        click.echo(f"{report}\n  {f'written: {path}' if path else 'not written; --out DIRECTORY keeps it as it is'}")
    if not report.ok:
        verdict(f"not exact: {report.algorithm}")


_FILES = ("config.json", "model.safetensors")


def _copy(source: Path, home: Path) -> None:
    """A model, and what was added to it before."""
    home.mkdir(parents=True, exist_ok=True)
    for path in [*(source / x for x in _FILES), *source.glob("*.addition.safetensors")]:
        shutil.copyfile(path, home / path.name)
