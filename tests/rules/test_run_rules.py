"""`tests-fail` and `untracked-dependency`: from the facts of a run to findings."""

from __future__ import annotations

import pytest

from covgate.rules import tests_fail, untracked_dependency
from covgate.run import plan
from covgate.run.plan import Measurement, Note, RunResult


def result(*tests: plan.TestRun, errors: tuple[tuple[str, str], ...] = ()) -> RunResult:
    ids = tuple(test.id for test in tests)
    return RunResult(1, ids, tests, errors, None, Measurement(), (), "")


def run(outcome: str, crash: tuple[str | None, int | None, str] | None = None) -> plan.TestRun:
    return plan.TestRun("tests/test_m.py::test_f", outcome, 0.1, "tests/test_m.py", 7, crash)


@pytest.mark.parametrize(
    ("outcome", "found"),
    [("passed", 0), ("skipped", 0), ("xfailed", 0), ("xpassed", 0), ("failed", 1), ("error", 1)],
)
def test_which_outcomes_are_failures(outcome: str, found: int) -> None:
    assert len(tests_fail.find(result(run(outcome)), "error")) == found


@pytest.mark.parametrize(
    ("test", "line", "message"),
    [
        (run("failed"), 7, "tests/test_m.py::test_f fails"),
        (
            run("failed", ("tests/test_m.py", 9, "assert 1 == 2\n  where ...")),
            9,
            "tests/test_m.py::test_f fails: assert 1 == 2",
        ),
        (
            run("failed", ("src/m.py", 3, "\n\nZeroDivisionError: division by zero")),
            7,
            "tests/test_m.py::test_f fails: ZeroDivisionError: division by zero",
        ),
        (run("failed", (None, None, "")), 7, "tests/test_m.py::test_f fails"),
        (
            run("error", ("conftest.py", 1, "KeyError: 'x'")),
            7,
            "tests/test_m.py::test_f fails outside its own body (fixture or setup): KeyError: 'x'",
        ),
    ],
)
def test_place_and_words_of_a_failure(test: plan.TestRun, line: int, message: str) -> None:
    [finding] = tests_fail.find(result(test), "error")
    assert (finding.path, finding.line, finding.message) == ("tests/test_m.py", line, message)
    assert finding.help == "run it: python -m pytest 'tests/test_m.py::test_f'"


@pytest.mark.parametrize(
    ("node", "text", "path", "message"),
    [
        (
            "tests/test_m.py",
            "x\nE   ImportError: one\nE   SyntaxError: two\n",
            "tests/test_m.py",
            "tests/test_m.py can't be collected: SyntaxError: two",
        ),
        (
            "tests/test_m.py::T",
            "no E",
            "tests/test_m.py",
            "tests/test_m.py::T can't be collected: no E",
        ),
        ("", "gone", None, "the suite can't be collected: gone"),
        ("a.py", "", "a.py", "a.py can't be collected: "),
    ],
)
def test_collection_errors(node: str, text: str, path: str | None, message: str) -> None:
    [finding] = tests_fail.find(result(errors=((node, text),)), "warning")
    assert (finding.path, finding.message, finding.severity) == (path, message, "warning")


@pytest.mark.parametrize(
    ("kind", "path", "outside", "found"),
    [
        ("missing", "helper.py", ["helper.py"], True),
        ("missing", "new/helper.py", ["new/"], True),
        ("missing", "new/deep/helper.py", ["new/"], True),
        ("missing", "newer/helper.py", ["new/"], False),
        ("missing", "helper.py", ["other.py"], False),
        ("missing", "helper.py", [], False),
        ("write", "helper.py", ["helper.py"], False),
        ("create", "helper.py", ["helper.py"], False),
    ],
)
def test_what_the_tests_miss(kind: str, path: str, outside: list[str], found: bool) -> None:
    notes = [Note(kind, path, "", "test_m.py::test_f")] * 2
    findings = untracked_dependency.find(notes, outside, "error")
    assert [finding.path for finding in findings] == ([path] if found else [])
