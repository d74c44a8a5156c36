"""Progress on stderr."""

from __future__ import annotations

import sys
import time

__all__ = ["Bar"]

_LINE_EVERY = 5.0  # seconds, where stderr is no terminal


class Bar:
    """A bar on stderr; where that is no terminal, a line every few seconds. Use it in a `with` block."""

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

    def show(self, done: int, text: str) -> None:
        """So much is done; text: what is going on."""
        if self._rich:
            self._rich.update(self._task, completed=done, text=text)
        elif time.monotonic() - self._last > _LINE_EVERY:
            self._last = time.monotonic()
            seconds = f"{self._last - self._start:.0f} s"
            print(f"{self._title} {done}/{self._total}, {seconds}: {text}", file=sys.stderr, flush=True)
