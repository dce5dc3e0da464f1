"""`covgate parity`: the gate against plain coverage.py and diff-cover, on the same tree."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from conftest import BASE_MODULE, BASE_TEST, Answered, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = '[tool.coverage.run]\nsource = ["."]\nomit = ["test_*"]\nbranch = true\n'
EDITED = BASE_MODULE.replace("y = x + 1", "y = x + 1\n    if y > 7:\n        y = 7")
OTHER = "def k():\n    return 1\n"
OTHER_TEST = "from other import k\n\n\ndef test_k():\n    assert k() == 1\n"

# Recorded as the first, passing run; the second fails, the third passes again.
HIDDEN = """\
import os
from other import k


def test_k():
    assert k()


def test_hidden():
    assert os.path.exists({switch!r})


def test_flaky():
    with open({counter!r}, "a") as stream:
        stream.write("x")
    assert os.path.getsize({counter!r}) % 2
"""


def parity(project: Project, *args: str, **env: str) -> Answered:
    return project.covgate("parity", "--base=HEAD~1", "--format=json", *args, **env)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Project:
    """Two modules with a test each; the last commit leaves lines of one of them untested."""
    project = Project(tmp_path_factory.mktemp("parity") / "project", clean_env)
    files = {"m.py": BASE_MODULE, "test_m.py": BASE_TEST, "other.py": OTHER}
    files |= {
        "test_other.py": OTHER_TEST,
        "pyproject.toml": SETTINGS,
        ".gitignore": "__pycache__\n",
    }
    project.commit(files, "base")
    project.commit({"m.py": EDITED}, "change")
    return project


@pytest.fixture(scope="module")
def recorded(made: Project) -> Answered:
    return parity(made, "--record-base")


def test_equal_ways_give_a_digest(recorded: Answered) -> None:
    found = recorded.data
    assert (recorded.code, found["equal"], found["differences"]) == (0, True, [])
    assert len(found["digest"]) == 64
    assert found["gate"] == found["plain"]


def test_the_gate_judged_by_traces(recorded: Answered) -> None:
    assert recorded.data["tests"] == {"plain": 2, "ran": 1, "reused": 1}
    assert recorded.data["gate"]["uncovered"] == {"m.py": [3, 4]}
    assert set(recorded.data["gate"]["project"]) == {"m.py", "other.py"}
    assert recorded.data["gate"]["verdict"] == "block"


def test_the_plain_way_is_named_command_by_command(recorded: Answered) -> None:
    words = [" ".join(command.split()[1:4]) for command in recorded.data["commands"]]
    assert words[0] == "-m coverage run"
    assert "--compare-branch" in recorded.data["commands"][-1]


def test_nothing_of_the_project_is_written(made: Project, recorded: Answered) -> None:
    assert made.git("status", "--porcelain", "--ignored") == ""


@pytest.fixture(scope="module")
def misled(made: Project, recorded: Answered, tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """Tests that depend on what nobody can see: one ends differently each time, one changed."""
    folder = tmp_path_factory.mktemp("outside")
    switch, counter = folder / "switch", folder / "counter"
    switch.touch()
    made.commit({"test_other.py": HIDDEN.format(switch=str(switch), counter=str(counter))})
    assert made.covgate("record").code == 0
    switch.unlink()
    made.commit({"m.py": BASE_MODULE})
    return parity(made)


def test_a_trace_that_was_wrong_is_named(made: Project, misled: Answered) -> None:
    assert misled.code == 1, misled
    (failing,) = [one for one in misled.data["differences"] if one["what"] == "test"]
    assert failing["path"] == "test_other.py"
    with sqlite3.connect(made.root / ".git" / "covgate" / "evidence.sqlite") as store:
        found = store.execute("select max(id) from trace where test like '%test_hidden'")
        (newest,) = found.fetchone()
    assert failing["trace"].startswith(f"trace {newest} of test_other.py::test_hidden, recorded 2")
    assert [one["what"] for one in misled.data["differences"]][-1] == "verdict"
    assert misled.data["digest"] is None


def test_flaky_tests_are_named_and_are_no_difference(misled: Answered) -> None:
    assert misled.data["flaky"] == ["test_other.py::test_flaky"]
    assert misled.data["plain"]["failed"] == ["test_other.py::test_hidden"]


@pytest.mark.parametrize(
    ("files", "staged"),
    [({"m.py": EDITED}, False), ({"m.py": EDITED}, True), ({"new.py": OTHER}, False)],
    ids=["edited", "staged", "untracked"],
)
def test_another_tree_than_head_is_refused(
    project: Project, files: dict[str, Any], staged: bool
) -> None:
    project.commit({"README": "text\n"})
    (project.stage if staged else project.write)(files)
    answer = parity(project)
    assert answer.code == 3
    assert json.loads(answer.out)["equal"] is None
    assert "clean checkout" in answer.data["help"]
