"""Rule `hollow-test`: an added or changed test must be able to fail."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.finding import Finding, Severity
from covgate.rules.silenced.changed import changed_tests
from covgate.rules.silenced.trees import tree_of
from covgate.source.checks.bodies import Found, is_empty, last_name, without_docstring
from covgate.source.checks.idle import idle
from covgate.source.checks.judge import Judge
from covgate.source.checks.names import promises, says_smoke
from covgate.source.walking import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.change.model import Change
    from covgate.config.model import HollowTest
    from covgate.source.modules import Module
    from covgate.source.skips.facts import Facts
    from covgate.source.skips.inventory import TestFunction

RULE = "hollow-test"


class _Fault(NamedTuple):
    line: int
    message: str
    advice: str


def find(change: Change, settings: HollowTest) -> list[Finding]:
    """Return the added or changed tests that cannot fail.

    With several bases (a merge) a test counts as changed when it differs from every one of them.
    In everything mode no test counts: nothing is added or changed there.
    """
    if settings.level == "off" or change.mode == "all":
        return []
    severity: Severity = "error" if settings.level == "error" else "warning"
    judge = Judge(tree_of(change.target).evaluator, settings.assert_helpers)
    return [
        _finding(fault, item.test, item.path, severity)
        for item in changed_tests(change)
        if not is_exempt(item.test, item.facts)
        for fault in _faults(item.test, item.module, judge)
    ]


def _finding(fault: _Fault, test: TestFunction, path: str, severity: Severity) -> Finding:
    message = f"{test.short} {fault.message}"
    return Finding(RULE, message, path, fault.line, fault.line, fault.advice, severity)


def is_exempt(test: TestFunction, facts: Facts) -> bool:
    """Return whether a test is not meant to run through: skipped, expected to fail, abstract."""
    for site in facts.sites:
        covers = not site.owner or site.owner == test.name or test.name.startswith(f"{site.owner}.")
        if covers and site.always and site.reach != "param":
            return not (site.effect == "xfail" and is_empty(without_docstring(test.node.body)))
    names = {
        inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
        for inner in (d.func if isinstance(d, ast.Call) else d for d in test.node.decorator_list)
    }
    return bool(names & {"abstractmethod", "overload"})


def _faults(test: TestFunction, module: Module, judge: Judge) -> Iterator[_Fault]:
    node = test.node
    body = without_docstring(node.body)
    docstring = ast.get_docstring(node) or ""
    if is_empty(body):
        generated = any(last_name(d) == "given" for d in node.decorator_list)
        backed = not generated and judge.is_backed(node, module, test.cls)
        if ">>>" not in docstring and not backed:
            yield _Fault(
                node.lineno, "has an empty body: it proves nothing", "write it or delete it"
            )
        return
    if any(True for _ in idle(node, module)):
        return  # said by skip-without-reason, where it stops
    found = judge.body(node, module, test.scope, test.cls)
    yield from _always_wrong(node)
    always = {s.lineno for s in node.body if isinstance(s, ast.Expr)}
    if any(i.kind == "check" or (i.kind == "skip" and i.line in always) for i in found):
        return
    if is_smoke(test, module, docstring) or judge.is_backed(node, module, test.cls):
        return
    yield _fault(node, found)


def _always_wrong(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[_Fault]:
    """Yield assertions that are mistakes whatever else the test checks."""
    checks = sorted(
        (n for n in statements(node) if isinstance(n, ast.Assert)), key=lambda n: n.lineno
    )
    if len(checks) < 2:
        return
    for check in checks:
        if isinstance(check.test, ast.Tuple) and check.test.elts:
            advice = "remove the parentheses: a tuple that is not empty is always true"
            yield _Fault(check.lineno, "asserts a tuple, which is always true", advice)


def _fault(node: ast.FunctionDef | ast.AsyncFunctionDef, found: list[Found]) -> _Fault:
    for item in found:
        if item.kind == "swallowed":
            message = "swallows its own assertions: it passes whatever happens"
            return _Fault(item.line, message, "let the AssertionError through")
    for item in found:
        if item.kind == "void":
            message = "asserts only what is always true"
            return _Fault(item.line, message, "assert something about the result")
    for item in found:
        if item.kind == "comparison":
            message = "compares without assert: the result is thrown away"
            return _Fault(node.lineno, message, "put `assert` in front of the comparison")
    advice = (
        "assert something about the result; if running through is the check, say so in the name "
        "or docstring, and name helpers that assert in `assert-helpers`"
    )
    return _Fault(node.lineno, "checks nothing: it can only fail by an exception", advice)


def is_smoke(test: TestFunction, module: Module, docstring: str) -> bool:
    """Return whether a test says that running through is what it checks."""
    node = test.node
    body = without_docstring(node.body)
    if body and all(isinstance(s, (ast.Import, ast.ImportFrom, ast.Pass)) for s in body):
        return True
    if any("given" in ast.unparse(d) or "settings" in ast.unparse(d) for d in node.decorator_list):
        return True
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    last = node.end_lineno or first
    noted = module.comments if "#" in module.segment(max(first - 1, 1), last) else {}
    comments = [noted[line].text for line in range(first - 1, last + 1) if line in noted]
    return promises(docstring) or any(
        says_smoke(text) for text in (node.name, docstring, *comments)
    )
