"""The rules of the policy that look at a change or at its run: budget, error paths, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from policy_project import files_of, found, judge, messages, plan

if TYPE_CHECKING:
    from conftest import Project

BUDGET = "[tool.covgate.suite-budget]\n{}\n"
ERRORS = '[tool.covgate.error-paths]\nlevel = "error"\n'
WITH_CODE = '[tool.covgate.tests-with-code]\nlevel = "error"\n'
SLOW = "import time\n\n\ndef test_slow():\n    time.sleep(0.3)\n    assert time\n"


@pytest.mark.parametrize(
    ("budget", "blocked"),
    [
        ('max-total = "0.2s"', [("suite-budget", None)]),
        ('max-total = "1m"', []),
        ("max-test = 0.2", [("suite-budget", "tests/test_slow.py")]),
        ("max-test = 60", []),
        ('max-total = "0.2s"\nlevel = "warning"', []),
    ],
)
def test_the_time_that_tests_take(
    empty_project: Project, budget: str, blocked: list[tuple[str, str | None]]
) -> None:
    empty_project.commit({**plan(BUDGET.format(budget)), **files_of({"a": (9, 1)})})
    empty_project.stage({"tests/test_slow.py": SLOW})
    assert found(judge(empty_project)) == blocked


def test_impacted_tests_are_judged_by_the_last_run_of_all(empty_project: Project) -> None:
    empty_project.commit(
        {
            **plan(BUDGET.format("max-total = 0.2")),
            "tests/test_slow.py": SLOW,
            **files_of({"a": (9, 1)}),
        }
    )
    empty_project.stage(files_of({"a": (8, 1)}))
    assert "suite-budget" not in messages(judge(empty_project, "--format=json"))
    assert judge(empty_project, "--all").code == 1
    answer = judge(empty_project, "--format=json")
    assert (answer.ran, answer.code) == (["tests/test_a.py::test_run"], 0)
    assert ("suite-budget", None) in found(answer, "warning")
    assert "tests/test_slow.py::test_slow (0.3 s)" in messages(answer)


RISKY = """\
def run(x=1):
    try:
        y = 1 / x
    except ZeroDivisionError:
        y = 0
    finally:
        z = 1
    if x < 0:
        raise ValueError(x)
    return None
"""
TRIES = "import app.a as it\n\n\ndef test_run():\n    assert it.run() is None\n    assert it.run({}) is None\n"


@pytest.mark.parametrize(
    ("settings", "call", "lines"),
    [
        (ERRORS, "1", [5, 9]),
        (ERRORS, "0", []),
        (ERRORS + "share = 67\n", "0", [9]),
        (ERRORS + "share = 33.3\n", "1", []),
        ("", "1", []),
    ],
    ids=["one of three", "two of three", "two of three, more asked", "a third asked", "off"],
)
def test_new_ways_of_failing(
    empty_project: Project, settings: str, call: str, lines: list[int]
) -> None:
    empty_project.commit({**plan(settings), **files_of({"a": (9, 1)})})
    empty_project.stage({"app/a.py": RISKY, "tests/test_a.py": TRIES.format(call)})
    answer = judge(empty_project, "--format=json")
    errors = [f["line"] for f in answer.data["findings"] if f["rule"] == "error-paths"]
    assert errors == lines


def test_old_ways_of_failing_are_left_alone(empty_project: Project) -> None:
    empty_project.commit({**plan(ERRORS), **files_of({"a": (9, 1)}), "app/a.py": RISKY})
    empty_project.stage({"app/a.py": RISKY.replace("1 / x", "2 / x")})
    assert judge(empty_project).code == 0


CODE = {"app/a.py": "def run():\n    return None\n"}
TEST = {"tests/test_new.py": "def test_new():\n    assert 1 + 1 == 2\n"}


@pytest.mark.parametrize(
    ("files", "blocked"),
    [
        (CODE, [("tests-with-code", "app/a.py")]),
        (CODE | TEST, []),
        (TEST, []),
        ({"app/a.py": "# words\n" + files_of({"a": (9, 1)})["app/a.py"]}, []),
        ({"README.md": "words\n"}, []),
        ({"app/other.py": None}, []),
        (CODE | {"tests/test_a.py": "# words\n" + files_of({"a": (9, 1)})["tests/test_a.py"]}, [("tests-with-code", "app/a.py")]),
        ({"app/generated/x.py": "X = 1\n"}, []),
    ],
    ids=["code alone", "code and tests", "tests alone", "comments", "documents", "deletion", "a comment is no test", "excluded"],
)  # fmt: skip
def test_code_comes_with_tests(
    empty_project: Project, files: dict[str, str | None], blocked: list[tuple[str, str | None]]
) -> None:
    policy = plan(WITH_CODE + 'exclude = ["app/generated"]\n')
    empty_project.commit({**policy, **files_of({"a": (9, 1)}), "app/other.py": "X = 1\n"})
    empty_project.stage(files)
    assert found(judge(empty_project, "--only", "tests-with-code")) == blocked
