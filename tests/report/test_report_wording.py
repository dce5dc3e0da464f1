"""The verdict in one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_answers import BLOCKED, CART, PASSED, failing, ran, uncovered

from covgate.report.answer import Answer, DiffCoverageResult, FileLines, Tests
from covgate.report.wording import headline, percent, seconds
from covgate.rules.finding import Finding

NOTHING = Answer("pass", "staged", "", "HEAD", "")


def lines(covered: int, uncovered: int, target: float = 80.0) -> DiffCoverageResult:
    numbers = tuple(range(1, covered + uncovered + 1))
    return DiffCoverageResult(0.0, target, {CART: FileLines(numbers[:covered], numbers[covered:])})


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        pytest.param(NOTHING, "no tests were needed", id="no tests"),
        pytest.param(
            replace(NOTHING, diff_coverage=lines(0, 0)),
            "no tests were needed; no changed line to cover",
            id="no lines",
        ),
        pytest.param(
            replace(NOTHING, tests=Tests(3120, 3120)),
            "0 of 3,120 tests had to run",
            id="all reused",
        ),
        pytest.param(
            replace(NOTHING, tests=Tests(None, 0, ran(1))), "1 test ran in 0.50 s", id="no total"
        ),
        pytest.param(
            replace(NOTHING, tests=Tests(1, 0, ran(1)), diff_coverage=lines(1, 0)),
            "1 of 1 test ran in 0.50 s; 1/1 changed line covered",
            id="one",
        ),
        pytest.param(
            replace(PASSED, timing={"tests": 83.2}),
            "42 of 3,120 tests ran in 1 min 23 s; 37/38 changed lines covered",
            id="minutes",
        ),
    ],
)
def test_passed(answer: Answer, sentence: str) -> None:
    assert str(headline(answer)) == f"covgate: passed - {sentence}"


SKIP = Finding("skip-without-reason", "no reason", "t.py", 1)
FAIL = Finding("tests-fail", "failed", "t.py", 1)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param(
            {"tests": failing(41, 2), "findings": (FAIL,)},
            "2 of 41 impacted tests failed",
            id="tests",
        ),
        pytest.param(
            {"tests": failing(1, 1), "findings": (FAIL,)},
            "1 of 1 impacted test failed",
            id="one test",
        ),
        pytest.param(
            {"tests": failing(41, 2, 41), "findings": (FAIL,)},
            "2 of 41 tests failed",
            id="all tests ran",
        ),
        pytest.param(
            {"tests": Tests(9, 0, (), ("t.py::a", "t.py::b")), "findings": (FAIL,)},
            "2 tests failed",
            id="failed before",
        ),
        pytest.param(
            {"tests": Tests(), "findings": (FAIL,)}, "1 test problem", id="no test collected"
        ),
        pytest.param(
            {"diff_coverage": lines(10, 3, 82.5), "findings": (uncovered(CART, 11, 13),)},
            "3 of 13 changed lines not covered (target 82.5%)",
            id="lines",
        ),
        pytest.param(
            {"diff_coverage": lines(10, 3), "findings": (SKIP, SKIP._replace(line=2))},
            "2 skips without a reason",
            id="uncovered lines that do not matter",
        ),
        pytest.param(
            {"diff_coverage": lines(10, 0), "findings": (uncovered("gone.py", 1),)},
            "1 place below its diff coverage target",
            id="a file that was not measured",
        ),
        pytest.param(
            {"findings": (SKIP, SKIP._replace(line=9, severity="warning"))},
            "1 skip without a reason",
            id="warnings do not block",
        ),
        pytest.param(
            {"findings": (FAIL._replace(rule="new-rule", line=5), SKIP)},
            "1 new-rule problem, 1 skip without a reason",
            id="a rule without words of its own",
        ),
    ],
)
def test_blocked(changes: dict[str, object], sentence: str) -> None:
    answer = Answer(**{**NOTHING.__dict__, "verdict": "block", **changes})
    assert str(headline(answer)) == f"covgate: blocked - {sentence}"


def test_tests_and_lines_come_before_the_other_rules() -> None:
    answer = replace(BLOCKED, findings=(SKIP._replace(rule="a-rule"), *BLOCKED.findings))
    assert str(headline(answer)) == (
        "covgate: blocked - 2 of 41 impacted tests failed, "
        "3 of 13 changed lines not covered (target 80%), 1 a-rule problem"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(80, "80%"), (80.0, "80%"), (82.35, "82.35%"), (99.99, "99.99%"), (0.1, "0.1%")],
)
def test_percent_is_exact(value: float, text: str) -> None:
    assert percent(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.00 s"),
        (0.944, "0.94 s"),
        (0.96, "1.0 s"),
        (59.9, "59.9 s"),
        (59.96, "1 min 0 s"),
        (119.6, "2 min 0 s"),
        (3600.0, "60 min 0 s"),
    ],
)
def test_seconds(value: float, text: str) -> None:
    assert seconds(value) == text
