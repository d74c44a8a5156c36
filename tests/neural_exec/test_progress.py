"""Progress: what has passed and what is left, as a bar or in lines."""

import io

import pytest

from neural_exec import progress


@pytest.fixture
def later(monkeypatch):
    """Lets seconds pass."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])

    def wait(seconds):
        now[0] += seconds

    return wait


def show(later):
    with progress.Bar("evaluating", 8) as bar:
        later(1)
        bar.show(1, "too soon")
        later(60)
        bar.show(0, "nothing done")
        later(29)
        bar.show(2, "bfs, n = 64")
        later(10)
        bar.show(2.5, "part of one")
        bar.show(2.5, "a moment later")
        later(3600)
        bar.show(3, "the caller knows", "at most a day left")
        later(10)
        bar.show(8, "done")


def test_lines_say_what_has_passed_and_about_what_is_left(later, capsys):
    show(later)
    assert capsys.readouterr().err.splitlines() == [
        "evaluating 0/8, 0:01:01: nothing done",
        "evaluating 2/8, 0:01:30, about 0:04:30 left: bfs, n = 64",
        "evaluating 2/8, 0:01:40, about 0:03:40 left: part of one",
        "evaluating 3/8, 1:01:40, at most a day left: the caller knows",
        "evaluating 8/8, 1:01:50: done",
    ]


def test_a_terminal_shows_the_same(monkeypatch):
    class Terminal(io.StringIO):
        isatty = lambda self: True

    monkeypatch.setattr(progress.sys, "stderr", terminal := Terminal())
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "xterm")
    with progress.Bar("evaluating", 8) as bar:
        bar._start -= 90
        bar.show(2, "bfs, n = 64")
    last = terminal.getvalue()
    assert "2/8" in last and "0:00:00" in last and "about 0:04:30 left, bfs, n = 64" in last
