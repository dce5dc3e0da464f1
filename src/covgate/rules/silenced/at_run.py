"""What only a run shows: skips that nobody explains, tests whose assertions never ran."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.finding import Finding, Severity
from covgate.rules.hollow_test import is_exempt, is_smoke
from covgate.rules.silenced.changed import ChangedTest, Place, changed_tests, place_of
from covgate.rules.silenced.trees import tree_of
from covgate.source.checks.judge import Judge
from covgate.source.skips.reasons import judge_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.change.model import Change
    from covgate.config.model import HollowTest, SkipWithoutReason
    from covgate.rules.silenced.trees import Tree
    from covgate.run.plan import MeasuredFile, RunResult, TestRun

# What pytest says when nobody said anything.
_SAID_BY_PYTEST = {"", "unconditional skip", "<Skipped instance>", "Skipped", "NOTRUN"}
_RAN = {"passed", "failed", "error", "xpassed"}


class _Silent(NamedTuple):
    place: Place
    test: TestRun


def unexplained(
    change: Change, result: RunResult, earlier: Mapping[str, str], settings: SkipWithoutReason
) -> Iterator[Finding]:
    """Yield the tests that a run skipped for no stated reason although nothing in sight says so.

    Only tests that the change adds or alters, or that ran before (`earlier` has the last outcome
    by id): a skip of the project's past is not the fault of this change.
    """
    silent = [
        _Silent(place_of(test.id), test)
        for test in result.tests
        if test.outcome in ("skipped", "xfailed") and not _is_stated(test)
    ]
    if not silent or change.mode == "all" or settings.level == "off":
        return
    severity: Severity = "error" if settings.level == "error" else "warning"
    changed = {Place(item.path, item.test.name): item.is_new for item in changed_tests(change)}
    target = tree_of(change.target)
    seen: set[Place] = set()
    for place, test in silent:
        was_silent = earlier.get(test.id) in ("skipped", "xfailed") and not changed.get(place)
        is_ours = earlier.get(test.id) in _RAN or (place in changed and not was_silent)
        if not is_ours or place in seen or _is_in_sight(place, target):
            continue
        seen.add(place)
        yield _unexplained(place, test, target, severity)


def _is_stated(test: TestRun) -> bool:
    text = (test.reason or "").strip()
    for prefix in ("Skipped:", "reason:", "[NOTRUN]"):
        text = text.removeprefix(prefix).strip()
    return text not in _SAID_BY_PYTEST and judge_text(text).state == "stated"


def _is_in_sight(place: Place, tree: Tree) -> bool:
    """Return whether a mark or a call in the file silences the test: the static rule's matter."""
    facts = tree.facts(place.path)
    return facts is None or any(
        not site.owner or site.owner == place.name or place.name.startswith(f"{site.owner}.")
        for site in facts.sites
    )


def _unexplained(place: Place, test: TestRun, tree: Tree, severity: Severity) -> Finding:
    facts = tree.facts(place.path)
    unit = facts.units.get(place.name) if facts else None
    line = unit.line if unit is not None else test.line
    deed = "skipped" if test.outcome == "skipped" else "expected to fail"
    at = test.skipped_at
    source = " by a fixture, hook or plugin"
    if at is not None and at[0] != place.path and at[0] in tree.snapshot.entries:
        source = f" by {at[0]}:{at[1]}"
    elif at is not None and unit is not None and unit.line < at[1] <= unit.end_line:
        line, source = at[1], ""  # pytest names the test's own line where a fixture skips
    return Finding(
        "skip-without-reason",
        f"{place.name.rpartition('.')[2]} is {deed} when it runs{source}, and nothing says why",
        place.path,
        line,
        line,
        "say why where it is skipped: a reason that a reader can act on",
        severity,
    )


def asserted_nothing(change: Change, result: RunResult, settings: HollowTest) -> Iterator[Finding]:
    """Yield the added and altered tests that passed without executing one of their assertions.

    Said only where coverage measured the test's file, and every assertion that the test could
    come to lies on lines that no test ran.
    """
    if change.mode == "all" or settings.level == "off":
        return
    severity: Severity = "error" if settings.level == "error" else "warning"
    outcomes: dict[Place, set[str]] = {}
    for test in result.tests:
        outcomes.setdefault(place_of(test.id), set()).add(test.outcome)
    judge = Judge(tree_of(change.target).evaluator, settings.assert_helpers)
    for item in changed_tests(change):
        measured = result.measurement.files.get(item.path)
        if measured is None or not measured.measured:
            continue
        if outcomes.get(Place(item.path, item.test.name)) != {"passed"}:
            continue
        lines = _idle_checks(item, measured, judge)
        if lines:
            yield _idle(item, lines, severity)


def _idle_checks(item: ChangedTest, measured: MeasuredFile, judge: Judge) -> list[int]:
    """Return the lines of the checks of a test when it came to none of them."""
    node, module = item.test.node, item.module
    found = judge.body(node, module, item.test.scope, item.test.cls)
    lines = sorted({one.line for one in found if one.kind == "check"})
    firsts = [measured.statement_of.get(line, line) for line in lines]
    if not lines or any(line not in measured.missing for line in firsts):
        return []
    if not _has_run(node, measured) or is_exempt(item.test, item.facts):
        return []
    if _is_unconditional(node, set(lines)):  # it did run: what was measured is not all
        return []
    doc = ast.get_docstring(node) or ""
    if judge.is_backed(node, module, item.test.cls) or is_smoke(item.test, module, doc):
        return []
    return lines


def _has_run(node: ast.FunctionDef | ast.AsyncFunctionDef, measured: MeasuredFile) -> bool:
    body = range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
    return any(line in measured.executed for line in body)


def _is_unconditional(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: set[int]) -> bool:
    """Return whether a test that passed must have come to one of these lines."""
    if any(isinstance(inner, ast.Return) for inner in ast.walk(node)):
        return False
    return any(isinstance(one, (ast.Assert, ast.Expr)) and one.lineno in lines for one in node.body)


def _idle(item: ChangedTest, lines: list[int], severity: Severity) -> Finding:
    which = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
    return Finding(
        "hollow-test",
        f"{item.test.short} passes without coming to its assertions ({which})",
        item.path,
        lines[0],
        lines[0],
        "make sure that the condition or loop around them is entered, or assert that it is",
        severity,
    )
