"""Learn the costs of terrain from paths alone: `python examples/terrain.py`, about a minute on one core.

Nobody tells the network what a tile costs. It sees images of terrain, and for each the cheapest path, as somebody
walked it. It predicts a cost for each tile; the learned executor finds the path that is cheapest by these; where that
is another than the one walked, the loss says so, and its gradient flows through the executor into the network.
"""

from __future__ import annotations

from pathlib import Path

import click
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import networkx as nx
import torch
from maps import TILE, CostNet, TerrainGrid, eight_neighbours
from rich.progress import Progress
from torch import Tensor

from neural_exec.nn import ShortestPath, losses

BATCH = 50


def executor_on(side: int) -> ShortestPath:
    return ShortestPath(eight_neighbours(side), source=0, target=side**2 - 1, weights="node")


def paths_of(costs: Tensor, layer: ShortestPath) -> Tensor:
    """The cheapest paths (B, n), 1 on the nodes that they visit."""
    return torch.cat([layer.solution(part) for part in costs.split(BATCH)])


def train(maps: TerrainGrid, layer: ShortestPath, epochs: int, progress: Progress) -> CostNet:
    paths = paths_of(maps.costs, layer)
    net = CostNet()
    steps = epochs * -(-len(maps) // BATCH)
    optimizer = torch.optim.Adam(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    task = progress.add_task("learning from paths", total=steps)
    for _ in range(epochs):
        for i in torch.randperm(len(maps)).split(BATCH):
            loss = losses.hinge(layer, net(maps.images[i]), paths[i], margin=0.3)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            progress.update(task, advance=1, description=f"learning from paths, loss {loss.item():.2f}")
    return net.eval()


def walk(path: Tensor, side: int) -> Tensor:
    """The nodes of a path (n,) in the order of walking, as (row, column)."""
    graph = nx.from_edgelist(eight_neighbours(side).T.tolist()).subgraph(path.nonzero().flatten().tolist())
    nodes = torch.tensor(nx.shortest_path(graph, 0, side**2 - 1))
    return torch.stack([nodes // side, nodes % side])


def draw(maps: TerrainGrid, predicted: Tensor, found: Tensor, true: Tensor, side: int, file: Path) -> None:
    figure, axes = plt.subplots(2, len(maps), figsize=(3.2 * len(maps), 6.8), squeeze=False, layout="constrained")
    for i in range(len(maps)):
        for ax, scale, shift in ((axes[0, i], TILE, TILE / 2), (axes[1, i], 1, 0)):
            for path, style, name in ((true[i], "w-", "true path"), (found[i], "r--", "found path")):
                row, column = walk(path, side) * scale + shift
                ax.plot(column, row, style, linewidth=2, label=name)
            ax.set_axis_off()
        axes[0, i].imshow(maps.images[i].permute(1, 2, 0))
        axes[1, i].imshow(predicted[i].view(side, side), cmap="viridis")
        cost = lambda path, costs=maps.costs[i]: float(costs @ path.to(costs.dtype))
        extra = cost(found[i]) / cost(true[i]) - 1
        axes[0, i].set_title(f"{extra:.1%} above the optimum" if extra > 1e-9 else "optimal cost")
        axes[1, i].set_title("predicted costs")
    axes[0, 0].legend(loc="upper right", facecolor="grey", fontsize=8)
    figure.savefig(file, dpi=110)
    plt.close(figure)


@click.command(help=(__doc__ or "").split("\n")[0])
@click.option("--maps", default=2000, show_default=True, help="To learn from.")
@click.option("--epochs", default=6, show_default=True)
@click.option("--side", default=12, show_default=True, help="Tiles on each side.")
@click.option("--seed", default=0, show_default=True)
@click.option("--output", default="terrain.png", show_default=True, type=click.Path(path_type=Path, dir_okay=False))
def main(maps: int, epochs: int, side: int, seed: int, output: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    layer = executor_on(side)
    with Progress() as progress:
        net = train(TerrainGrid(maps, side, seed), layer, epochs, progress)
    test = TerrainGrid(100, side, seed + 1)
    with torch.no_grad():
        predicted = net(test.images)
    found, true = paths_of(predicted, layer), paths_of(test.costs, layer)
    cost, best = (test.costs * found).sum(1), (test.costs * true).sum(1)
    print(f"100 new maps: paths cost {float(cost.sum() / best.sum() - 1):.2%} more than the cheapest; ", end="")
    print(f"{float((cost <= best + 1e-9).double().mean()):.0%} of them are optimal")
    test.images, test.costs = test.images[:4], test.costs[:4]
    draw(test, predicted, found, true, side, output)
    print(f"drawn: {output}")


if __name__ == "__main__":
    main()
