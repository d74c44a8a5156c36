"""The command `neural-exec certify`."""

from __future__ import annotations

import click

import neural_exec
from neural_exec.cli.options import (
    AS_JSON,
    MODEL,
    WORKERS,
    load,
    names_of,
    note,
    registered_all,
    show_json,
    verdict,
    writable,
)
from neural_exec.progress import Bar

__all__ = ["certify"]


@click.command()
@names_of("[NAME]…")
@MODEL
@click.option("--mutate", is_flag=True, help="Test the certificate: alter every decision, one at a time.")
@WORKERS
@AS_JSON
def certify(names, model, mutate, workers, as_json) -> None:
    """Run the algorithms NAME (default: all of MODEL) on every input of small worlds, and on random ones until nothing
    new is met; hold each run against the program's own, tick by tick; exit 1 if one differs.

    What was certified is kept beside the weights, in certificates.json; list MODEL shows it.

    \b
    neural-exec certify bfs
    neural-exec certify minimum heapsort --mutate
    neural-exec certify --model runs/core-0 --workers 2
    """
    from neural_exec.certificates import keep
    from neural_exec.files import find

    directory = find(model)
    writable(directory, directory=True)
    executor = load(model)
    names = registered_all(names) or executor.algorithms
    made: list = []
    with Bar("certifying", len(names)) as bar:

        def finished(certificate) -> None:
            made.append(certificate)
            if not as_json:
                click.echo(str(certificate))
            keep(directory, {certificate.algorithm: certificate.to_dict()})
            bar.show(len(made), certificate.algorithm)

        # with --mutate each algorithm is gone through twice, and the share that is done of it not known
        part = lambda done, total: 0 if mutate else done / total
        show = lambda name, done, total: bar.show(len(made) + part(done, total), f"{name}, {done:,} of {total:,}")
        certificates = neural_exec.certify(executor, names, mutate, workers, show, finished)
    if as_json:
        show_json([c.to_dict() for c in certificates.values()], indent=1)
    note(f"written: {directory / 'certificates.json'}")
    if bad := [name for name, c in certificates.items() if not c.ok]:
        verdict(f"refuted: {', '.join(bad)}")
