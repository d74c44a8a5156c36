"""Progress on stderr."""

from __future__ import annotations

import sys
import time
from datetime import timedelta

__all__ = ["Bar", "clock"]

_LINE_EVERY = 5.0  # seconds, where stderr is no terminal


def clock(seconds: float) -> str:
    """
    >>> clock(83.2)
    '0:01:23'
    """
    return str(timedelta(seconds=round(seconds)))


class Bar:
    """A bar on stderr with the time that has passed and about how much is left; where that is no terminal, a line of
    the same every few seconds. Use it in a `with` block."""

    def __init__(self, title: str, total: int):
        self._title, self._total, self._rich = title, total, None
        self._start = self._last = time.monotonic()
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (
                TextColumn("{task.description}"),
                BarColumn(12),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[text]}"),
            )
            self._rich = Progress(*columns, console=Console(stderr=True))
            self._task = self._rich.add_task(title, total=total, text="")

    def __enter__(self) -> Bar:
        if self._rich:
            self._rich.start()
        return self

    def __exit__(self, *_) -> None:
        if self._rich:
            self._rich.stop()

    def show(self, done: float, text: str, left: str | None = None) -> None:
        """So much is done; text: what is going on. left: how long it goes on, in words, empty where nobody knows; None:
        as the share that is done says."""
        now = time.monotonic()
        if left is None:
            passed = now - self._start
            left = f"about {clock(passed * (self._total - done) / done)} left" if 0 < done < self._total else ""
        if self._rich:
            self._rich.update(self._task, completed=done, text=", ".join(filter(None, (left, text))))
        elif now - self._last > _LINE_EVERY:
            self._last = now
            times = ", ".join(filter(None, (clock(now - self._start), left)))
            print(f"{self._title} {int(done)}/{self._total}, {times}: {text}", file=sys.stderr, flush=True)
