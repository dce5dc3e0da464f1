"""Where nearly all tests have to run, the few others do as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Project

MANY = """\
import pytest
from m import f


@pytest.mark.parametrize("x", range({number}))
def test_f(x):
    assert f(x) == x + 1
"""


@pytest.mark.parametrize(("number", "runs"), [(210, 211), (150, 150)])
def test_one_test_is_left_out_of_some_hundred_only(
    empty_project: Project, number: int, runs: int
) -> None:
    project = empty_project
    project.commit(
        {
            "m.py": "def f(x):\n    return x + 1\n",
            "n.py": "def g():\n    return 1\n",
            "test_m.py": MANY.format(number=number),
            "test_n.py": "from n import g\n\n\ndef test_g():\n    assert g() == 1\n",
        }
    )
    assert project.covgate("record").code == 0
    project.stage({"m.py": "def f(x):\n    return 1 + x\n"})
    answer = project.covgate("check", "--format=json")
    assert answer.code == 0
    whys = {one["id"]: one["why"] for one in answer.data["tests"]["selected"]}
    assert len(whys) == runs
    assert ("so few" in whys.get("test_n.py::test_g", "")) is (runs > number)
    assert answer.data["project_coverage"]["exact"] is True
