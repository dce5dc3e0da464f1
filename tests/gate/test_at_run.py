"""What only a run shows: one commit with every kind of it, judged by the real command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Answered

CONFIG = """\
[tool.covgate.diff-coverage]
level = "off"
[tool.covgate.test-first]
level = "error"
"""
CONFTEST = """\
from pathlib import Path

import pytest


def pytest_collection_modifyitems(items):
    left_out = (Path(__file__).parent / "left_out").read_text().split()
    items[:] = [item for item in items if item.name not in left_out]


@pytest.fixture
def lab():
    pytest.skip("")


@pytest.fixture
def moon():
    pytest.skip("the moon is below the horizon")
"""
OLD = """\
import pytest
from m import double


def test_kept():
    assert double(0) == 0


def test_gone():
    assert double(0) == 0


@pytest.mark.parametrize("n", [0])
def test_sets(n):
    assert double(n) == n


def test_old_silence(lab):
    assert double(0) == 1
"""
NEW = """\
import pytest
from m import double


def items():
    return []


def test_red():
    assert double(2) == 4


def test_green():
    assert double(0) == 0


def test_silent(lab):
    assert double(2) == 4


def test_told(moon):
    assert double(2) == 4


def test_computed():
    why = "".join(items())
    if not why:
        pytest.skip(why)
    assert double(2) == 4


def test_loop():
    double(2)
    for item in items():
        assert item == double(item)


def test_entered():
    for item in [2, 3]:
        assert double(item) == 2 * item


def test_helped():
    check(double(2))


def check(n):
    if n:
        assert n == 4


def test_allowed():  # covgate: allow[test-first] the base is right here, this is for the reader
    assert double(0) == 0
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, clean_env: dict[str, str]) -> Answered:
    from conftest import Project

    project = Project(tmp_path_factory.mktemp("run") / "project", clean_env)
    project.commit(
        {
            "pyproject.toml": CONFIG,
            "m.py": "def double(n):\n    return n\n",
            "tests/conftest.py": CONFTEST,
            "tests/left_out": "nothing\n",
            "tests/test_old.py": OLD,
        }
    )
    project.stage(
        {
            "m.py": "def double(n):\n    return 2 * n\n",
            "tests/left_out": "test_gone\n",
            "tests/test_old.py": OLD.replace("double(0) == 0", "double(0) == double(0)", 1),
            "tests/test_new.py": NEW,
        }
    )
    return project.check()


def found(told: Answered, rule: str) -> dict[str, dict[str, Any]]:
    return {f["message"].split(" ")[0]: f for f in told.data["findings"] if f["rule"] == rule}


def test_skips_that_nobody_explains(told: Answered) -> None:
    assert told.code == 1, told.out + told.err
    skips = found(told, "skip-without-reason")
    assert sorted(skips) == ["1", "test_computed", "test_silent"]
    assert "by a fixture, hook or plugin" in skips["test_silent"]["message"]
    assert "by a fixture" not in skips["test_computed"]["message"]
    assert skips["test_computed"]["line"] == 28


def test_tests_that_are_gone(told: Answered) -> None:
    gone = found(told, "skip-without-reason")["1"]
    assert gone["message"].startswith("1 test is gone: the base collects test_gone,")
    assert (gone["path"], gone["line"]) == ("tests/test_old.py", 9)


def test_assertions_that_were_never_come_to(told: Answered) -> None:
    [hollow] = found(told, "hollow-test").values()
    assert (hollow["message"].split(" ")[0], hollow["line"]) == ("test_loop", 35)


def test_what_passes_without_the_change(told: Answered) -> None:
    assert sorted(found(told, "test-first")) == ["test_green", "test_kept", "test_loop"]
