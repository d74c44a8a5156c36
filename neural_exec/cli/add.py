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
    from neural_exec.checkpoint import need_whole
    from neural_exec.files import find

    name, source = registered(algorithm), find(model)
    default = f"runs/{source.name}+{name}" if tune else f"runs/{model}" if model in neural_exec.bundled() else model
    path = Path(out or default)
    home = None if path.name.endswith(SUFFIX) and not tune else path
    writable(path, directory=home is not None)
    if home and _is_another(home, source, tune):
        raise InputError(f"{home} holds another model than {model}; choose another --out")
    executor = load(model)
    if tune:
        need_whole(executor)
    with Bar("adding", 1) as bar:
        show = lambda p: bar.show(0, f"{p.stage} {p.done}/{p.total}" if p.total > 1 else p.stage)
        report = executor.add(name, traces, not tune, seed=seed, report=show)
    written: Path | None = None
    if tune and (report.ok or out):
        neural_exec.save(executor, path)
        written = path
    elif report.ok or out:
        if home and not (home / "config.json").exists():
            _copy(source, home)
        written = neural_exec.save_addition(executor, report.algorithm, path)
    if as_json:
        show_json(dict(report.to_dict(), file=str(written) if written else None), indent=1)
    else:
        click.echo(
            f"{report}\n  {f'written: {written}' if written else 'not written; --out DIRECTORY keeps it as it is'}"
        )
    if not report.ok:
        verdict(f"not exact: {report.algorithm}")


_FILES = ("config.json", "model.safetensors")


def _is_another(home: Path, source: Path, tune: bool) -> bool:
    """Does a directory hold another model than the source, or will the model that comes there be another?"""
    if home.resolve() == source.resolve() or not (home / "config.json").exists():
        return False
    return tune or any((home / x).read_bytes() != (source / x).read_bytes() for x in _FILES)


def _copy(source: Path, home: Path) -> None:
    """A model, and what was added to it before."""
    home.mkdir(parents=True, exist_ok=True)
    for path in [*(source / x for x in _FILES), *source.glob("*.addition.safetensors")]:
        shutil.copyfile(path, home / path.name)
