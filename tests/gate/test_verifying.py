"""Predictions are compared with the whole suite, and the evidence that misled is named and dropped.

What tests read outside of the repository is no input: so their evidence can be made wrong.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from conftest import Answered, Project
from covgate.gate.verifying import is_sampled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MODULE = """\
def read(path):
    return open(path).read()


def way(path):
    if read(path) == "1":
        return "one"
    return "many"


def plain(x):
    return x
"""
TESTS = """\
from m import plain, read, way

OUTSIDE = {outside!r}


def test_content():
    assert read(OUTSIDE) == "1"


def test_way():
    assert way(OUTSIDE)


def test_plain():
    assert plain(1) == 1
"""


class Misled:
    """A project whose evidence is wrong: what two of its tests read outside has changed."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.outside = folder / "outside.txt"
        self.outside.write_text("1")
        self.project = Project(folder / "project", env)
        tests = TESTS.format(outside=str(self.outside))
        settings = (
            "[tool.coverage.run]\nsource = ['.']\n[tool.covgate.coverage-target]\ntarget = 10\n"
        )
        self.project.commit({"m.py": MODULE, "test_m.py": tests, "pyproject.toml": settings})
        assert self.project.covgate("record").code == 0
        self.agreeing = self.check(MODULE.replace("return x", "return x  # as it is"), "--verify")
        self.outside.write_text("2")
        edited = MODULE.replace('return "one"', 'return "one"  # just one')
        self.verified = self.check(edited, "--verify")
        self.after = self.check(edited)

    def check(self, text: str, *options: str) -> Answered:
        self.project.stage({"m.py": text})
        return self.project.check(*options)


@pytest.fixture(scope="module")
def misled(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Misled:
    return Misled(tmp_path_factory.mktemp("misled"), clean_env)


def test_an_answer_that_agrees_says_so(misled: Misled) -> None:
    found = misled.agreeing.data["verified"]
    assert (misled.agreeing.code, misled.agreeing.ran) == (0, [])
    assert (found["tests"], found["differences"], found["dropped"]) == (3, [], 0)


def test_nobody_verifies_unasked(misled: Misled) -> None:
    assert misled.after.data["verified"] is None


def test_a_wrong_prediction_blocks_and_names_test_and_trace(misled: Misled) -> None:
    data = misled.verified.data
    assert (misled.verified.code, data["verdict"]) == (1, "block")
    (outcome,) = [one for one in data["verified"]["differences"] if one["kind"] == "outcome"]
    assert outcome["thing"] == "test_m.py::test_content"
    assert (outcome["predicted"], outcome["matters"]) == ("passed", True)
    assert outcome["happened"].startswith("failed")
    said = [f["message"] for f in data["findings"] if f["rule"] == "verification"]
    assert any("test_content: predicted passed; in the whole suite failed" in one for one in said)


def test_wrong_lines_name_the_trace_that_claimed_them(misled: Misled) -> None:
    differences = misled.verified.data["verified"]["differences"]
    (lines,) = [one for one in differences if one["kind"] == "lines"]
    assert (lines["thing"], lines["predicted"]) == ("m.py", "lines 7: covered")
    (trace,) = lines["traces"]
    assert trace["test"] == "test_m.py::test_way"
    assert "way of m.py" in trace["depends_on"]
    assert trace["recorded"].startswith("20")


def test_wrong_project_coverage_is_told(misled: Misled) -> None:
    differences = misled.verified.data["verified"]["differences"]
    assert [one["thing"] for one in differences if one["kind"] == "project"] == ["m.py"]


def test_what_misled_does_so_only_once(misled: Misled) -> None:
    assert misled.verified.data["verified"]["dropped"] >= 1
    assert misled.after.code == 1
    assert misled.after.data["tests"]["failed"] == ["test_m.py::test_content"]
    assert misled.after.uncovered == {"m.py": [7]}


def test_a_share_of_the_checks_verifies_by_itself(misled: Misled) -> None:
    misled.project.stage({"pyproject.toml": "[tool.covgate]\nverify = 1\n"})
    answer = misled.project.covgate("check", "--format=json:answer.json", "--format=text")
    (misled.project.root / "answer.json").rename(misled.outside.parent / "answer.json")
    data = json.loads((misled.outside.parent / "answer.json").read_text())
    assert "`verify = 1`" in data["verified"]["why"]
    assert "verified: " in answer.out


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (0.02, 20), (0.5, 500), (1.0, 1000)])
def test_the_share_is_kept_and_the_tree_decides(share: float, expected: int) -> None:
    picked = [tree for tree in range(1000) if is_sampled(share, f"{tree:040x}")]
    assert len(picked) == pytest.approx(expected, abs=50 if 0 < share < 1 else 0)
    assert picked == [tree for tree in range(1000) if is_sampled(share, f"{tree:040x}")]
