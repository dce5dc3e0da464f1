"""`covgate plan`, `covgate next` and `covgate trend`, by the real command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from policy_project import COVERAGE, files_of, module

from covgate.coverage.outlook import missed_functions
from covgate.gate.nearness import nearest
from covgate.report import trend_plot

if TYPE_CHECKING:
    from conftest import Project

POLICY = """
[tool.covgate.coverage-target]
target = 80
[tool.covgate.coverage-floor]
floor = 50
[[tool.covgate.component]]
name = "b"
paths = ["app/b.py"]
target = 70
[[tool.covgate.phase]]
date = 2099-01-01
target = 75
"""
BRANCHY = "def pick(x):\n    if x > 9:\n        return 1\n    for y in range(x):\n        if y:\n            return y\n    return 2\n"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Project:
    """A project with evidence and two commits whose coverage is known."""
    from conftest import Project

    project = Project(tmp_path_factory.mktemp("outlook") / "project", clean_env)
    modules = files_of({"a": (4, 6), "b": (6, 4), "c": (20, 0)})
    tests = {
        "app/d.py": BRANCHY,
        "tests/test_d.py": "from app import a, d\n\n\ndef test_far():\n    assert d.pick\n\n\ndef test_near():\n    assert d.pick(0) == 2\n",
    }
    project.commit({"pyproject.toml": COVERAGE + POLICY, **modules, **tests}, "first")
    assert project.covgate("record").code == 0
    project.commit({"app/a.py": module(4, 4)}, "second")
    assert project.covgate("record", "--afresh").code == 0
    return project


def test_the_table_as_json(seen: Project) -> None:
    plan = json.loads(seen.covgate("plan", "--format=json").out)
    rows = {row["path"]: row for row in plan["modules"]}
    assert rows["app/a.py"]["priority"] == "high" or rows["app/a.py"]["percent"] >= 50
    b = rows["app/b.py"]
    assert (b["percent"], b["target"], b["gap_points"], b["gap_lines"]) == (60.0, 70.0, 10.0, 1)
    assert (b["missed"], b["complexity"], b["effort"], b["component"]) == (4, 1, 5, "b")
    assert rows["app/a.py"]["changes"] == 2
    assert rows["app/a.py"]["dependents"] == 0
    assert rows["app/c.py"]["gap_lines"] == 0
    assert plan["examples"] == ["app/c.py"]
    assert [phase["date"] for phase in plan["phases"]] == ["2099-01-01", None]
    assert "McCabe" in plan["how"]
    (pick,) = rows["app/d.py"]["functions"]
    assert (pick["name"], pick["nearest"]) == ("pick", ["tests/test_d.py::test_near"])
    assert pick["missing"] == [3, 5, 6]
    assert plan["phases"][0]["modules"] == []
    assert plan["phases"][1]["modules"][0] == plan["modules"][0]["path"]


def test_the_table_for_people(seen: Project) -> None:
    out = seen.covgate("plan").out
    assert "Medium priority" in out
    assert "from 2099-01-01: 75%" in out
    assert "Examples to follow: app/c.py" in out
    assert "app/d.py:3 pick: nearest tests tests/test_d.py::test_near" in out
    assert " never: no test enters it" in out
    marked = seen.covgate("plan", "--format=markdown").out
    assert "| `app/b.py` | 60% | 70% | 10.0 | 1 |" in marked


def test_the_next_test_names_those_that_come_near(seen: Project) -> None:
    seen.git("reset", "-q", "--hard")
    answer = seen.covgate("next")
    assert answer.code == 0
    assert answer.out.startswith("test ")
    assert " of app/" in answer.out
    assert "write it like tests/test_" in answer.out


def test_the_trend(seen: Project) -> None:
    answer = seen.covgate("trend", "--svg", "trend.svg")
    (seen.root / "trend.svg").rename(seen.root.parent / "trend.svg")
    assert "coverage of the project, 2 commits" in answer.out
    assert answer.out.count("*") == 2
    root = ET.fromstring((seen.root.parent / "trend.svg").read_text())
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 2
    assert "60.00%" in seen.covgate("trend", "--component", "b").out
    assert "100.00%" in seen.covgate("trend", "app/c.py").out
    assert seen.covgate("trend", "--component", "x").code == 2
    assert seen.covgate("trend", "app/gone.py").code == 3


def test_what_is_not_known_is_not_made_up(project: Project) -> None:
    for words in (("plan",), ("next",), ("trend",)):
        answer = project.covgate(*words)
        assert answer.code == 3, words
        assert "known" in answer.err
        assert "covgate record" in answer.err or "covgate check --all" in answer.err


def test_one_commit_makes_a_plot() -> None:
    plotted = trend_plot.text([("a", 80.0)], "t")
    assert plotted.count("*") == 1
    assert ET.fromstring(trend_plot.svg([("a<b", 80.0)], "t & u")) is not None


def test_branches_that_nobody_takes_are_gaps() -> None:
    (found,) = missed_functions(BRANCHY.encode(), {3}, {5})
    assert (found.missing, found.partial, found.start) == ((3,), (5,), 3)


def test_the_best_model_runs_most_of_the_function_and_little_else() -> None:
    ran = {
        "t::far": frozenset({30}),
        "t::wide": frozenset({2, 3, 30, 31}),
        "t::near": frozenset({2, 3}),
        "t::touch": frozenset({2}),
        "t::gone": frozenset({2, 3, 4}),
    }
    known = ran.keys() - {"t::gone"}
    assert nearest(ran, range(2, 8), known) == ["t::near", "t::wide", "t::touch"]
    assert nearest(ran, range(2, 8))[0] == "t::gone"
