"""Apply the rules to the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.coverage.changed import LineVerdicts, is_test_module, is_tooling, judge_lines
from covgate.errors import UndecidedError
from covgate.gate.policing import POLICY_RULES
from covgate.rules import diff_coverage, tests_fail, untracked_dependency
from covgate.rules.prose import is_prose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Level, Settings
    from covgate.gate.testing import Tested
    from covgate.impact.selection import Selection
    from covgate.rules.finding import Finding, Severity
    from covgate.rules.test_first import Red
    from covgate.run.plan import RunResult


class Facts(NamedTuple):
    """What the rules look at; `selection` and `tested` are None when no test was needed.

    `top` is the top of the working tree. `gone` are tests that the base collects and this tree
    does not, `red` is how the added and altered tests end on the base's source, when asked;
    `memory` is the file that keeps what was found in the files of a whole project.
    """

    top: Path
    change: Change
    settings: Settings
    selection: Selection | None
    tested: Tested | None
    gone: tuple[str, ...] = ()
    red: Red | None = None
    memory: Path | None = None


class Ruled(NamedTuple):
    """What the rules found; `lines` and `percent` are None when diff coverage was not asked."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    lines: LineVerdicts | None
    percent: float | None


def _skips(facts: Facts) -> list[Finding]:
    from covgate.rules import skip_without_reason

    settings = facts.settings.skip_without_reason
    return skip_without_reason.find(facts.change, settings, facts.memory)


def _hollow(facts: Facts) -> list[Finding]:
    from covgate.rules import hollow_test

    return hollow_test.find(facts.change, facts.settings.hollow_test)


def _weakened(facts: Facts) -> list[Finding]:
    from covgate.rules import config_weakened

    return config_weakened.find(facts.change, facts.settings.config_weakened)


_STATIC: dict[str, Callable[[Facts], list[Finding]]] = {
    "skip-without-reason": _skips,
    "hollow-test": _hollow,
    "config-weakened": _weakened,
}
# What an allow-comment may name: a failing test or an untested line can't be talked away.
_ALLOWABLE = frozenset({"skip-without-reason", "hollow-test", "test-first"})
_BASELINED = frozenset({"skip-without-reason", "config-weakened"})
RULES = (
    "tests-fail", "diff-coverage", "untracked-dependency", *_STATIC, "test-first", *POLICY_RULES,
)  # fmt: skip


def rule_on(facts: Facts, rules: frozenset[str]) -> Ruled:
    """Apply `rules`; raises `UndecidedError` when the run can't be believed."""
    findings = static_findings(facts, rules)
    notes: list[str] = [*(facts.selection.notes if facts.selection else ())]
    lines: LineVerdicts | None = None
    percent: float | None = None
    if facts.tested is not None:
        found = [*_test_findings(facts, rules)]
        findings += found
        check_run(facts.tested.result, facts.settings.timeout, bool(found))
        _check_syntax(facts, facts.tested.result)
        findings += _run_findings(facts, rules, findings)
        notes += facts.tested.notes
        if facts.red is not None:
            from covgate.rules import test_first

            verdict = test_first.find(facts.change, facts.red, facts.settings.test_first)
            findings += _unless_allowed(verdict.findings, facts)
            notes += verdict.notes
        if "diff-coverage" in rules and facts.settings.diff_coverage.level != "off":
            lines, outcome = _diff_coverage(facts)
            findings += outcome.findings
            notes += outcome.notes
            percent = outcome.percent
            notes += _unmeasured(lines)
        if not findings and facts.selection and facts.selection.everything:
            _check_any(facts.tested.result)
    ordered = sorted(set(findings), key=lambda f: (f.path or "", f.line or 0, f.rule, f.message))
    return Ruled(tuple(ordered), tuple(dict.fromkeys(notes)), lines, percent)


def static_findings(
    facts: Facts, rules: frozenset[str], *, known_too: bool = False
) -> list[Finding]:
    """Return what the rules find that need no run; with `known_too` what the baseline holds, too.

    `skip-without-reason` asked alone brings its neighbours along: a test that is emptied and code
    that is excluded without a word are skips by another name.
    """
    if is_prose(facts.change):
        return []
    from covgate.rules.silenced.everything import without_collector

    asked = rules & _STATIC.keys()
    with without_collector():
        findings = _static(facts, asked)
        if known_too or not asked & _BASELINED:
            return findings
        from covgate.rules.silenced import baseline

        if facts.change.mode == "all":
            judged = asked | (_BASELINED if "skip-without-reason" in asked else frozenset())
            return baseline.without_known(findings, facts.change, judged)
        return [*findings, *baseline.added_by_hand(facts.change)]


def _static(facts: Facts, asked: frozenset[str]) -> list[Finding]:
    alone = "skip-without-reason" in asked and "config-weakened" not in asked
    findings: list[Finding] = []
    for name in sorted(asked | {"hollow-test"} if alone else asked):
        findings += _STATIC[name](facts)
    if alone:
        from covgate.rules import config_weakened

        findings += config_weakened.find_pragmas(facts.change, facts.settings.config_weakened)
    # Tests that pytest's options leave out are both a skip and a weaker gate: one finding.
    weaker = {(f.path, f.line) for f in findings if f.rule == "config-weakened"}
    findings = [
        f for f in findings if f.rule == "config-weakened" or (f.path, f.line) not in weaker
    ]
    if not asked & _ALLOWABLE:
        return findings
    from covgate.rules import suppression

    return suppression.apply(findings, facts.change, _ALLOWABLE)


def _run_findings(facts: Facts, rules: frozenset[str], known: Sequence[Finding]) -> list[Finding]:
    """Return what only a run shows of silent and hollow tests."""
    from covgate.rules.silenced import at_run, gone

    assert facts.tested is not None
    change, settings, result = facts.change, facts.settings, facts.tested.result
    outcomes = facts.selection.outcomes if facts.selection is not None else {}
    found: list[Finding] = []
    if "skip-without-reason" in rules:
        skips = settings.skip_without_reason
        found += at_run.unexplained(change, result, outcomes, skips)
        static = [f for f in known if f.rule in _BASELINED]
        found += gone.find(change, facts.gone, static, skips)
    if "hollow-test" in rules:
        found += at_run.asserted_nothing(change, result, settings.hollow_test)
    return _unless_allowed(found, facts)


def _unless_allowed(found: Sequence[Finding], facts: Facts) -> list[Finding]:
    if not found:
        return []
    from covgate.rules import suppression

    return suppression.apply(found, facts.change, _ALLOWABLE)


def _severity(level: Level) -> Severity:
    return "error" if level == "error" else "warning"


def _test_findings(facts: Facts, rules: frozenset[str]) -> Iterator[Finding]:
    tested, settings = facts.tested, facts.settings
    assert tested is not None
    if "tests-fail" in rules and settings.tests_fail.level != "off":
        yield from tests_fail.find(tested.result, _severity(settings.tests_fail.level))
    if "untracked-dependency" in rules and settings.untracked_dependency.level != "off":
        severity = _severity(settings.untracked_dependency.level)
        # A file that was added with `git add -N` counts as edited.
        outside = (*tested.untracked, *tested.edited)
        yield from untracked_dependency.find(tested.result.notes, outside, severity)


def _diff_coverage(facts: Facts) -> tuple[LineVerdicts, diff_coverage.Outcome]:
    assert facts.tested is not None
    settings = facts.settings.diff_coverage
    from covgate.config.globs import matches
    from covgate.gate.uncommitted import name_forgotten_tests

    files = [f for f in facts.change.files if not any(matches(g, f.path) for g in settings.exclude)]
    lines = judge_lines(files, facts.tested.result.measurement.files)
    outcome = diff_coverage.find(lines.files, settings, _severity(settings.level))
    tested = facts.tested
    findings = name_forgotten_tests(outcome.findings, facts.top, tested.untracked, tested.edited)
    return lines, outcome._replace(findings=findings)


def _unmeasured(lines: LineVerdicts) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for path, why in sorted(lines.unmeasured.items()):
        by_reason.setdefault(why, []).append(path)
    for why, paths in by_reason.items():
        shown = ", ".join(paths[:_SHOWN])
        more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
        yield f"changed lines not judged, {why}: {shown}{more}"


_SHOWN = 3
_INTERNAL, _USAGE = 3, 4


def check_run(result: RunResult, timeout: float, explained: bool) -> None:
    """Raise `UndecidedError` when a run did not come to a normal end.

    `explained` says that findings (failed tests, files that can't be collected) tell why already.
    """
    where = f" while {result.unfinished} was running" if result.unfinished else ""
    collected = result.collected or ()
    if result.timed_out:
        raise UndecidedError(
            f"the tests did not finish in {timeout:g} s; they were ended{where}",
            "find out what hangs, or raise `timeout` in [tool.covgate]",
            result.output,
        )
    if result.status is None:
        raise UndecidedError(
            f"the project's interpreter died{where}",
            "run that test alone: a test or an extension ends the process",
            result.output,
        )
    if result.status in (_INTERNAL, _USAGE):
        raise UndecidedError(
            "pytest could not run the tests; its own words are below",
            "run `python -m pytest` in the project until it starts",
            result.output,
        )
    if result.measurement.problem is not None:
        raise UndecidedError(
            f"coverage gave no numbers ({result.measurement.problem})",
            "run `coverage run -m pytest` in the project until it works",
            result.output,
        )
    if result.measurement.copies:
        path, file = result.measurement.copies[0]
        raise UndecidedError(
            f"the tests imported another copy of the code: {file} instead of {path}",
            "install the project in editable mode (pip install -e .), or put the folder of its "
            "packages first: `source-roots` in [tool.covgate]",
            result.output,
        )
    if explained:
        return
    if result.collected is None or result.unfinished or len(result.tests) < len(collected):
        count = f"{len(result.tests)} of {len(collected)} tests ran" if collected else "no test ran"
        raise UndecidedError(
            f"the run ended early{where}: {count}",
            "something in the suite ends the session (pytest.exit, -x, a plugin)",
            result.output,
        )


def _check_any(result: RunResult) -> None:
    """Raise `UndecidedError` when pytest found no test in the whole project."""
    if not result.collected:
        raise UndecidedError(
            "pytest found no tests in the whole project, so nothing is known about the change",
            "write a test, or tell where the tests are: `test-paths` and `pytest-args` in "
            "[tool.covgate], `testpaths` of pytest",
            result.output,
        )


def _check_syntax(facts: Facts, result: RunResult) -> None:
    """Raise `UndecidedError` when the project's Python can't read a file of the change.

    Broken files that tests keep as data, and files that coverage leaves out, are meant to be so.
    """
    for path, file in sorted(result.measurement.files.items()):
        if file.broken and not (is_tooling(path) and not is_test_module(path)):
            raise UndecidedError(
                f"{path} does not parse: {file.broken}",
                "correct it and stage it again; a file that is meant to be broken can be left "
                "out by `omit` in coverage's settings",
                result.output,
            )
