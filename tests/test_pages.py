"""The pages are those that the files make; none is edited by hand, none is stale."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def pages():
    spec = importlib.util.spec_from_file_location("pages", ROOT / "benchmarks" / "pages" / "pages.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def texts(pages):
    return pages.texts()


def test_pages_are_current(pages, texts):
    stale = [p.relative_to(ROOT) for p, text in texts.items() if not p.exists() or p.read_text() != text]
    stale += [p.relative_to(ROOT) for p in pages.PAGES.glob("*.md") if p not in texts]
    assert not stale, f"{', '.join(map(str, stale))}: stale; run {pages.COMMAND}"


def test_evaluated_weights_are_the_bundled_ones(pages):
    assert json.loads(pages.FACTS.read_text())["weights"] == pages.weights(), f"run {pages.COMMAND} --evaluate"


def test_links_lead_somewhere(pages, texts):
    for page, text in texts.items():
        for target, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", re.sub(r"(?s)```.*?```", "", text)):
            path = (page.parent / target).resolve() if target else page
            assert path.exists(), f"{page.name}: no {target}; run {pages.COMMAND}"
            assert not anchor or f"\n## {anchor}\n" in texts[path]


def test_what_was_not_evaluated_is_not_claimed(pages, monkeypatch, tmp_path):
    facts = json.loads(pages.FACTS.read_text())
    facts["algorithms"]["bfs"]["code"] = "another"
    del facts["algorithms"]["dfs"]
    (tmp_path / "facts.json").write_text(json.dumps(facts))
    monkeypatch.setattr(pages, "FACTS", tmp_path / "facts.json")
    sections = pages.chapter_page("graphs", ["bfs", "dfs", "dijkstra"], pages.facts()).split("\n## ")
    assert ["- not evaluated" in s for s in sections] == [False, True, True, False]
    assert ["- exact: " in s for s in sections] == [False, False, False, True]
    monkeypatch.setattr(pages, "FACTS", tmp_path / "none.json")
    assert "exact: " not in pages.chapter_page("graphs", ["bfs"], pages.facts())
