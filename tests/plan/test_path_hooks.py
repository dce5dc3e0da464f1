"""Hooks of conftests that are asked about each path, and whose lines coverage measures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Project

KEEPING = """\
def pytest_ignore_collect({path}):
    name = {path}.name if hasattr({path}, "name") else {path}.basename
    if "old" in name:
        return True
    if "even" in name:
        return None
    return False
"""
# Its own import is seen: nothing else may import it.
UNSELECTED = """\
import os

open(os.environ["SEEN"], "a").write("imported ")


def test_other():
    assert True
"""
CONFIG = """\
[tool.coverage.run]
source = ["."]
branch = true

[tool.covgate.coverage-floor]
floor = 1
"""


@pytest.fixture
def hooked(empty_project: Project) -> Project:
    project = empty_project
    project.env["SEEN"] = str(project.root.parent / "seen")
    project.commit(
        {
            "pyproject.toml": CONFIG,
            "conftest.py": KEEPING.format(path="collection_path"),
            "m.py": "def f(x):\n    return x + 1\n",
            "tests/test_m.py": "from m import f\n\n\ndef test_f():\n    assert f(1) == 2\n",
            "tests/test_other.py": UNSELECTED,
        }
    )
    assert project.covgate("record").code == 0
    (project.root.parent / "seen").unlink()
    return project


def _numbers(project: Project) -> tuple[object, object]:
    """Return the percentages by file that covgate gives, and those of a full run."""
    given = project.covgate("check", "--format=json").data["project_coverage"]
    python = project.env["COVGATE_PYTHON"]
    project.run(python, "-m", "coverage", "run", "-m", "pytest", "-q", check=True)
    project.run(python, "-m", "coverage", "json", check=True)
    files = json.loads((project.root / "coverage.json").read_text())["files"]
    assert given["exact"] is True, given["why"]
    return given["files"], {name: one["summary"]["percent_covered"] for name, one in files.items()}


def test_a_file_that_a_hook_keeps_is_not_imported(hooked: Project) -> None:
    hooked.stage({"m.py": "def f(x):\n    return 1 + x\n"})
    answer = hooked.covgate("check", "--format=json")
    assert answer.code == 0
    assert [one["id"] for one in answer.data["tests"]["selected"]] == ["tests/test_m.py::test_f"]
    assert not (hooked.root.parent / "seen").exists()
    assert answer.data["project_coverage"]["exact"] is True


@pytest.mark.parametrize(
    "name",
    ["tests/test_even.py", "tests/test_old.py", "tests/plain.py"],
    ids=["it leaves the choice to pytest", "it ignores the file", "no test file"],
)
def test_the_lines_of_a_hook_are_those_of_a_full_run(hooked: Project, name: str) -> None:
    hooked.stage({name: "def test_new():\n    assert True\n"})
    ours, full = _numbers(hooked)
    assert ours == full

    hooked.git("commit", "-qm", "one more")
    (hooked.root / ".coverage").unlink()
    (hooked.root / "coverage.json").unlink()
    hooked.stage({name: None})
    ours, full = _numbers(hooked)
    assert ours == full
