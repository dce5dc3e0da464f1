"""SARIF, GitLab code quality, JUnit and GitHub annotations, read back."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote_to_bytes

import pytest
from report_answers import (
    BLOCKED,
    CART,
    ODD_NAMES,
    PASSED,
    SILENT,
    TEST_CART,
    UNDECIDED,
    odd,
    uncovered,
)
from report_validators import valid_cobertura, valid_github, valid_gitlab, valid_junit, valid_sarif

from covgate.report.answer import Answer, TestResult, Tests
from covgate.report.formats import render
from covgate.report.github import LIMIT
from covgate.rules.finding import Finding

OPEN = {"undecided": UNDECIDED, "silent": SILENT}


# SARIF


def test_sarif_has_a_result_per_range() -> None:
    run = valid_sarif(render("sarif", BLOCKED))
    places = [
        (
            result["ruleId"],
            result["level"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            *result["locations"][0]["physicalLocation"]["region"].values(),
        )
        for result in run["results"]
    ]
    assert places == [
        ("diff-coverage", "error", CART, 41, 43),
        ("untracked-dependency", "warning", "src/shop/new.py", 1, 1),
        ("tests-fail", "error", TEST_CART, 30, 30),
    ]
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert run["properties"]["verdict"] == "block"


@pytest.mark.parametrize("answer", OPEN.values(), ids=OPEN)
def test_sarif_of_an_undecided_answer_is_no_clean_run(answer: Answer) -> None:
    run = valid_sarif(render("sarif", answer))
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "undecided" in invocation["toolExecutionNotifications"][0]["message"]["text"]
    assert [result["ruleId"] for result in run["results"]] == ["undecided"]


@pytest.mark.parametrize(
    "path", [path for path in ODD_NAMES.values() if "\ud800" not in path], ids=ascii
)
def test_sarif_uris_lead_back_to_the_file(path: str) -> None:
    result = valid_sarif(render("sarif", odd(path)))["results"][0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote_to_bytes(uri) == path.encode("utf-8", "surrogateescape")


# Fingerprints


def fingerprints(answer: Answer) -> list[str]:
    return [issue["fingerprint"] for issue in valid_gitlab(render("gitlab", answer))]


def test_fingerprints_survive_lines_added_above() -> None:
    code = {41: "    if coupon is None:"}
    before = replace(BLOCKED, findings=(uncovered(CART, 41),), sources={CART: code})
    moved = {50: code[41]}
    after = replace(BLOCKED, findings=(uncovered(CART, 50),), sources={CART: moved})
    assert fingerprints(before) == fingerprints(after)


def test_fingerprints_of_equal_lines_differ() -> None:
    code = {1: "pass", 5: "pass"}
    answer = replace(
        BLOCKED, findings=(uncovered(CART, 1), uncovered(CART, 5)), sources={CART: code}
    )
    assert len(set(fingerprints(answer))) == 2


# GitLab


def test_gitlab_issues() -> None:
    issues = valid_gitlab(render("gitlab", BLOCKED))
    assert [
        (issue["check_name"], issue["severity"], *issue["location"].values()) for issue in issues
    ] == [
        ("diff-coverage", "major", CART, {"begin": 41, "end": 43}),
        ("untracked-dependency", "minor", "src/shop/new.py", {"begin": 1, "end": 1}),
        ("tests-fail", "major", TEST_CART, {"begin": 30, "end": 30}),
    ]


def test_gitlab_of_a_pass_is_empty() -> None:
    assert valid_gitlab(render("gitlab", PASSED)) == []


@pytest.mark.parametrize("answer", OPEN.values(), ids=OPEN)
def test_gitlab_of_an_undecided_answer_is_not(answer: Answer) -> None:
    assert [issue["severity"] for issue in valid_gitlab(render("gitlab", answer))] == ["blocker"]


# JUnit


def test_junit_holds_the_tests_and_the_findings() -> None:
    root = valid_junit(render("junit", BLOCKED))
    ran, gate = root
    assert ran.attrib == {
        "name": "tests",
        "tests": "41",
        "failures": "2",
        "errors": "0",
        "skipped": "0",
        "time": "20.500",
    }
    assert ran[0].attrib == {"classname": "tests.test_cart", "name": "test_000", "time": "0.500"}
    assert ran.findtext("system-out") == "FAILED tests/test_cart.py::test_001\n1 failed\n"
    assert [(case.get("classname"), case.get("name"), len(case)) for case in gate] == [
        ("covgate", "verdict", 1),
        ("covgate.diff-coverage", "src/shop/cart.py:41-43", 1),
        ("covgate.untracked-dependency", "src/shop/new.py", 0),
        ("covgate.tests-fail", "tests/test_cart.py:30", 1),
    ]


def test_junit_of_a_pass_is_green() -> None:
    root = valid_junit(render("junit", PASSED))
    assert root.attrib == {"name": "covgate", "tests": "43", "failures": "0", "errors": "0"}


@pytest.mark.parametrize("answer", OPEN.values(), ids=OPEN)
def test_junit_of_an_undecided_answer_is_not_green(answer: Answer) -> None:
    assert int(valid_junit(render("junit", answer)).attrib["errors"]) > 0


@pytest.mark.parametrize(
    ("node", "classname", "name"),
    [
        ("tests/test_a.py::test_b", "tests.test_a", "test_b"),
        ("tests/test_a.py::TestB::test_c", "tests.test_a.TestB", "test_c"),
        ("tests/test_a.py::test_b[x::y/z.py]", "tests.test_a", "test_b[x::y/z.py]"),
        ("tests/my.pyx/test_a.py::test_b", "tests.my.pyx.test_a", "test_b"),
        ("tests/test_a.py", "tests.test_a", "tests/test_a.py"),
    ],
)
def test_junit_names(node: str, classname: str, name: str) -> None:
    tests = Tests(1, 0, (TestResult(node, "new", "passed", 0.1),))
    case = valid_junit(render("junit", replace(PASSED, tests=tests)))[0][0]
    assert (case.get("classname"), case.get("name")) == (classname, name)


@pytest.mark.parametrize(
    ("outcome", "element"),
    [
        ("passed", None),
        ("failed", "failure"),
        ("error", "error"),
        ("skipped", "skipped"),
        ("xfailed", "skipped"),
        ("xpassed", None),
    ],
)
def test_junit_outcomes(outcome: str, element: str | None) -> None:
    tests = Tests(1, 0, (TestResult("t.py::test", "new", outcome, 0.1),))
    case = valid_junit(render("junit", replace(PASSED, tests=tests)))[0][0]
    assert [child.tag for child in case] == ([element] if element else [])


def test_junit_shows_a_failure_that_did_not_run_now() -> None:
    answer = replace(BLOCKED, tests=Tests(9, 9, (), ("t.py::test_before",)))
    case = valid_junit(render("junit", answer))[0][0]
    assert case.get("name") == "test_before"
    assert case.find("failure") is not None


# GitHub


def test_github_annotations() -> None:
    annotations = valid_github(render("github", BLOCKED))
    assert annotations[0] == (
        "error",
        {"file": CART, "line": "41", "endLine": "43", "title": "covgate diff-coverage"},
        (
            "changed lines are not run by any test\n"
            "help: add a test, or mark them with `# pragma: no cover - why`"
        ),
    )
    assert [(name, properties["file"]) for name, properties, _ in annotations] == [
        ("error", CART),
        ("error", TEST_CART),
        ("warning", "src/shop/new.py"),
    ]


def test_github_of_a_pass_is_the_verdict_alone() -> None:
    assert render("github", PASSED).startswith("covgate: passed - ")
    assert valid_github(render("github", PASSED)) == []


@pytest.mark.parametrize("answer", OPEN.values(), ids=OPEN)
def test_github_of_an_undecided_answer_is_an_error(answer: Answer) -> None:
    ((name, _, _),) = valid_github(render("github", answer))
    assert name == "error"


@pytest.mark.parametrize("severity", ["error", "warning", "note"])
@pytest.mark.parametrize("number", [9, 10, 11, 51])
def test_github_keeps_to_the_limit_and_says_what_was_cut(severity: str, number: int) -> None:
    findings = tuple(
        Finding("diff-coverage", "not run", CART, 2 * n, None, "", severity)  # type: ignore[arg-type]
        for n in range(1, number + 1)
    )
    annotations = valid_github(render("github", replace(BLOCKED, findings=findings)))
    assert len(annotations) == min(number, LIMIT)
    *_, (_, properties, message) = annotations
    cut = number - LIMIT + 1
    if number > LIMIT:
        assert properties["title"] == f"covgate {cut} more {severity}s"
        assert message.startswith(f"{cut} more {severity}s without an annotation")
        assert f"{CART}:{2 * number} diff-coverage" in message or message.endswith(" more")
    else:
        assert "more" not in properties["title"]


def test_github_limits_each_level_by_itself() -> None:
    findings = tuple(
        Finding("r", "m", CART, 2 * n, None, "", "error" if n % 2 else "warning")
        for n in range(1, 61)
    )
    names = [
        name for name, _, _ in valid_github(render("github", replace(BLOCKED, findings=findings)))
    ]
    assert names == ["error"] * LIMIT + ["warning"] * LIMIT


def test_github_commands_cannot_be_forged() -> None:
    text = "x\n::add-mask::y\r\n%0A::stop-commands::z ##[error]"
    finding = Finding(text, text, text, 1, None, text)
    rendered = render("github", replace(UNDECIDED, findings=(finding._replace(rule="undecided"),)))
    ((name, properties, message),) = valid_github(rendered)
    assert (name, properties["file"]) == ("error", text.replace("\r", "\\r").replace("\n", "\\n"))
    assert message.startswith("x\n::add-mask::y\n%0A::stop-commands::z ##[error]\nhelp: x\n")


# -- Cobertura -------------------------------------------------------------------------------------


def test_cobertura_has_the_judged_lines_and_no_others() -> None:
    assert BLOCKED.diff_coverage is not None
    files = BLOCKED.diff_coverage.files
    root = valid_cobertura(render("cobertura", BLOCKED))
    found = {
        one.attrib["filename"]: {int(line.attrib["number"]): line.get("hits") for line in one[1]}
        for one in root.iter("class")
    }
    assert {path: [n for n in hits if hits[n] == "0"] for path, hits in found.items()} == {
        path: sorted(lines.uncovered) for path, lines in files.items()
    }


def test_diff_cover_reads_our_cobertura(monkeypatch: pytest.MonkeyPatch) -> None:
    from diff_cover.git_path import GitPathTool
    from diff_cover.violationsreporters.violations_reporter import XmlCoverageReporter

    for name in ("_root", "_cwd"):
        monkeypatch.setattr(GitPathTool, name, "/project")
    assert BLOCKED.diff_coverage is not None
    root = valid_cobertura(render("cobertura", BLOCKED))
    reporter = XmlCoverageReporter([root], [], False)
    for path, lines in BLOCKED.diff_coverage.files.items():
        assert {violation.line for violation in reporter.violations(path)} == set(lines.uncovered)
        assert set(reporter.measured_lines(path)) == {*lines.covered, *lines.uncovered}
