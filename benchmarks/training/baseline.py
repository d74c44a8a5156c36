"""Makes the bundled weights of the MPNN baseline: `python benchmarks/training/baseline.py --seconds 300`."""

from __future__ import annotations

import click
import torch

from algorithms import registry
from neural_exec.gnn.mpnn import BUNDLED, train_baseline
from neural_exec.gnn.mpnn_training import BaselineProgress


@click.command()
@click.option("--seconds", default=300.0, show_default=True)
@click.option("--seed", default=0, show_default=True)
def main(seconds: float, seed: int) -> None:
    torch.set_num_threads(1)

    def show(p: BaselineProgress) -> None:
        if p.updates % 100 == 0:
            mean = sum(p.losses.values()) / len(p.losses)
            click.echo(f"{p.updates} updates, {p.seconds:.0f} s, mean loss {mean:.3f}")

    train_baseline(registry.suite("core"), seed, seconds, progress=show).save(BUNDLED)


if __name__ == "__main__":
    main()
