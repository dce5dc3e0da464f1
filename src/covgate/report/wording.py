"""The answer in one sentence, and the words that every format shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.report.answer import OPEN_RULES, UNDECIDED_RULE, USAGE_RULE
from covgate.report.places import merged
from covgate.rules.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from covgate.report.answer import Answer, DiffCoverageResult, ProjectCoverageResult, Verified

MISCONFIGURED = "misconfigured"
VERDICTS: Mapping[str, str] = {"pass": "passed", "block": "blocked", "undecided": "undecided"}

# For an undecided answer that does not say itself what is open: it must not look like a pass.
_OPEN_QUESTION = Finding(
    UNDECIDED_RULE,
    "the verdict could not be established",
    help="repair what the notes name and try again; `covgate check --all` runs every test",
)


class Wording(NamedTuple):
    """How the findings of a rule are counted, and what the rule is about."""

    one: str
    many: str
    title: str


_WORDINGS: Mapping[str, Wording] = {
    UNDECIDED_RULE: Wording(
        "open question", "open questions", "The verdict could not be established"
    ),
    USAGE_RULE: Wording(
        "mistake", "mistakes", "The command line, configuration and environment must be right"
    ),
    "tests-fail": Wording("test problem", "test problems", "Impacted tests must pass"),
    "diff-coverage": Wording(
        "place below its diff coverage target",
        "places below their diff coverage target",
        "Changed lines must be run by tests",
    ),
    "skip-without-reason": Wording(
        "skip without a reason", "skips without a reason", "A test is disabled only with a reason"
    ),
    "untracked-dependency": Wording(
        "untracked dependency",
        "untracked dependencies",
        "What the tests use must be part of the commit",
    ),
    "hollow-test": Wording("hollow test", "hollow tests", "A test must be able to fail"),
    "test-first": Wording(
        "idle new test", "idle new tests", "A new test must fail without the change"
    ),
    "config-weakened": Wording(
        "weakened setting", "weakened settings", "A change must not weaken its own gate"
    ),
    "coverage-target": Wording(
        "coverage target missed", "coverage targets missed", "The project meets its target"
    ),
    "coverage-phase": Wording(
        "coverage phase missed", "coverage phases missed", "The project meets what is due"
    ),
    "coverage-floor": Wording(
        "module below its floor", "modules below their floor", "No module lies below its floor"
    ),
    "coverage-component": Wording(
        "component below its target",
        "components below their target",
        "Components meet their targets",
    ),
    "coverage-ratchet": Wording(
        "loss of coverage", "losses of coverage", "A change must not lose coverage"
    ),
    "suite-budget": Wording(
        "exceeded time budget", "exceeded time budgets", "The tests stay within their time"
    ),
    "error-paths": Wording(
        "untested error path", "untested error paths", "New ways of failing are tested"
    ),
    "tests-with-code": Wording(
        "change without tests", "changes without tests", "Code comes with its tests"
    ),
    "verification": Wording(
        "wrong prediction", "wrong predictions", "The whole suite agrees with the check"
    ),
    "waiver-expired": Wording("ended waiver", "ended waivers", "Exceptions end"),
}


class Headline(NamedTuple):
    """The first line of an answer: its verdict and, after a dash, the reason."""

    verdict: str
    reason: str

    def __str__(self) -> str:
        return f"covgate: {self.verdict}" + (f" - {self.reason}" if self.reason else "")


def wording(rule: str) -> Wording:
    """Return the words for `rule`, made from its name when it has none of its own."""
    known = _WORDINGS.get(rule)
    return known or Wording(f"{rule} problem", f"{rule} problems", rule)


def headline(answer: Answer) -> Headline:
    """Return the verdict in one sentence."""
    reasons = {"pass": _passed, "block": _blocked, "undecided": _undecided}
    mistakes = mistakes_in_settings(answer)
    if mistakes:
        some = count(len(mistakes), "mistake", "mistakes")
        return Headline(MISCONFIGURED, f"{some} in the configuration, so nothing was judged")
    return Headline(VERDICTS[answer.verdict], reasons[answer.verdict](answer, reported(answer)))


def reported(answer: Answer) -> tuple[Finding, ...]:
    """Return the findings as people read them: in order, adjacent lines merged.

    An undecided answer always has an open question among them.
    """
    findings = merged(answer.findings)
    if answer.verdict == "undecided" and open_question(findings) is None:
        return (_OPEN_QUESTION, *findings)
    return findings


def open_question(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that the headline of an undecided answer tells."""
    return next((f for f in findings if f.rule in OPEN_RULES), None)


def mistakes_in_settings(answer: Answer) -> tuple[Finding, ...]:
    """Return the mistakes for which nothing was judged; each stands at a place of its own."""
    return tuple(f for f in answer.findings if f.rule == USAGE_RULE and f.path is not None)


def output_matters(answer: Answer, findings: Iterable[Finding]) -> bool:
    """Whether the output of the tests explains the verdict, and so must be shown."""
    return answer.verdict == "undecided" or any(f.rule == "tests-fail" for f in findings)


def count(number: int, one: str, many: str) -> str:
    """Return `1 test`, `3,120 tests`."""
    return f"{number:,} {one if number == 1 else many}"


def percent(value: float) -> str:
    """Return `80%`, `82.35%`: as exact as the value is."""
    return f"{int(value)}%" if float(value).is_integer() else f"{value!r}%"


def seconds(value: float) -> str:
    """Return `0.04 s`, `2.1 s`, `1 min 23 s`."""
    if value < 0.95:
        return f"{value:.2f} s"
    if value < 59.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes:,} min {rest} s"


def moment(stamp: str) -> str:
    """Return a moment of ISO 8601 as people read it: `2026-11-22 15:44:12 UTC`."""
    return stamp.replace("T", " ").replace("Z", " UTC")


def found(findings: Sequence[Finding]) -> str:
    """Return the closing line, `Found 3 problems and 1 warning`."""
    errors = sum(finding.severity == "error" for finding in findings)
    warnings = sum(finding.severity == "warning" for finding in findings)
    text = f"Found {count(errors, 'problem', 'problems')}"
    return text + (f" and {count(warnings, 'warning', 'warnings')}" if warnings else "")


def _passed(answer: Answer, findings: Sequence[Finding]) -> str:
    parts = [_tests_ran(answer)]
    if answer.diff_coverage is not None:
        parts.append(_lines_covered(answer.diff_coverage))
    warnings = sum(finding.severity == "warning" for finding in findings)
    if warnings:
        parts.append(count(warnings, "warning", "warnings"))
    return "; ".join(parts)


def _tests_ran(answer: Answer) -> str:
    tests = answer.tests
    ran = len(tests.selected)
    if not ran and not tests.reused:
        return "no tests were needed"
    if tests.total is None or tests.total < ran:
        which = count(ran, "test", "tests")
    else:
        which = f"{ran:,} of {count(tests.total, 'test', 'tests')}"
    if not ran:
        return f"{which} had to run"
    if answer.receipt:
        return f"{which} passed {moment(answer.receipt)}"
    took = answer.timing.get("tests", sum(sorted(test.seconds for test in tests.selected)))
    return f"{which} ran in {seconds(took)}"


def verified_line(result: Verified) -> str:
    """Return in one sentence what the whole suite said of the answer."""
    ran = f"{count(result.tests, 'test', 'tests')} in {seconds(result.seconds)}, {result.why}"
    if not result.differences:
        return f"verified: the whole suite agrees ({ran})"
    wrong = count(len(result.differences), "difference", "differences")
    dropped = count(result.dropped, "wrong trace", "wrong traces")
    return f"verified: {wrong} to the whole suite ({ran}); {dropped} dropped"


def project_line(result: ProjectCoverageResult) -> str:
    """Return the coverage of the project in one sentence."""
    if not result.exact or result.percent is None:
        return f"project coverage is {result.why or 'not exact'}"
    files = count(len(result.files), "file", "files")
    return f"project coverage {cut_percent(result.percent)} in {files}"


def cut_percent(value: float) -> str:
    """Return a percentage with at most two places, rounded down: `82.35%`, `80%`."""
    return percent(int(value * 100 + 1e-9) / 100)


def _lines_covered(result: DiffCoverageResult) -> str:
    covered, uncovered = line_counts(result)
    if covered + uncovered == 0:
        return "no changed line to cover"
    total = count(covered + uncovered, "changed line", "changed lines")
    return f"{covered:,}/{total} covered"


def line_counts(result: DiffCoverageResult) -> tuple[int, int]:
    """Return how many changed, measured lines are covered and are not."""
    covered = sum(len(lines.covered) for lines in result.files.values())
    uncovered = sum(len(lines.uncovered) for lines in result.files.values())
    return covered, uncovered


def _blocked(answer: Answer, findings: Sequence[Finding]) -> str:
    by_rule: dict[str, int] = {}
    for finding in findings:
        if finding.severity == "error":
            by_rule[finding.rule] = by_rule.get(finding.rule, 0) + 1
    parts = []
    if by_rule.get("tests-fail") and answer.tests.failed:
        parts.append(_tests_failed(answer))
        del by_rule["tests-fail"]
    if by_rule.get("diff-coverage") and answer.diff_coverage is not None:
        covered, uncovered = line_counts(answer.diff_coverage)
        if uncovered:
            parts.append(_lines_missing(answer.diff_coverage, covered, uncovered))
            del by_rule["diff-coverage"]
    for rule, number in sorted(by_rule.items()):
        parts.append(count(number, wording(rule).one, wording(rule).many))
    return ", ".join(parts)


def _tests_failed(answer: Answer) -> str:
    tests = answer.tests
    failed = len(set(tests.failed))
    ran = len(tests.selected)
    if failed > ran:
        return f"{count(failed, 'test', 'tests')} failed"
    kind = "" if tests.total == ran else "impacted "
    return f"{failed:,} of {count(ran, kind + 'test', kind + 'tests')} failed"


def _lines_missing(result: DiffCoverageResult, covered: int, uncovered: int) -> str:
    total = count(covered + uncovered, "changed line", "changed lines")
    return f"{uncovered:,} of {total} not covered (target {percent(result.target)})"


def _undecided(_answer: Answer, findings: Sequence[Finding]) -> str:
    question = open_question(findings)
    return question.message if question else ""
