"""Tests that end before they check anything: early returns, bodies behind a false condition."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from covgate.source.checks.bodies import last_name, without_docstring
from covgate.source.checks.names import is_check_name
from covgate.source.skips.inventory import Dead
from covgate.source.skips.scopes import DEFINITIONS, constant_truth
from covgate.source.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covgate.source.modules import Module

_LEAVES = re.compile(r"\breturn\b|\b(if|while)\b")
_QUIET = {"print", "debug", "info", "warning", "warn", "log", "write", "exception", "error"}
_LEAVING = {"skip", "xfail", "fail", "skipTest", "exit", "importorskip"}


def has_check(nodes: Sequence[ast.stmt]) -> bool:
    """Return whether statements hold anything that checks, or that ends the test with a word."""
    for statement in nodes:
        for node in walk(statement):
            if isinstance(node, (ast.Assert, ast.Raise)):
                return True
            if isinstance(node, ast.Call):
                name = last_name(node)
                if name in _LEAVING or is_check_name(name):
                    return True
    return False


def idle(node: ast.FunctionDef | ast.AsyncFunctionDef, module: Module) -> Iterator[Dead]:
    """Yield what keeps the body of a test from its checks."""
    if _LEAVES.search(module.segment(node.lineno, node.end_lineno or node.lineno)):
        yield from _block(without_docstring(node.body))


def _block(body: Sequence[ast.stmt]) -> Iterator[Dead]:
    for index, statement in enumerate(body):
        rest = body[index + 1 :]
        if isinstance(statement, ast.Return):
            if rest and not _yields(rest):
                what = "it returns before it checks anything"
                yield _dead("early-return", statement, what)
            return
        if isinstance(statement, ast.If) and constant_truth(statement.test) is True:
            yield from _block([*statement.body, *rest])
            return
        if isinstance(statement, (ast.Try, ast.For)) and any(
            isinstance(inner, ast.Return) for inner in statement.body
        ):
            yield from _block([*statement.body, *rest])
            return
        if isinstance(statement, (ast.If, ast.While)) and _is_false(statement.test):
            if not statement.orelse and has_check(statement.body) and not has_check(rest):
                yield _dead(
                    "dead-body", statement, "its body is behind a condition that is never true"
                )
            continue
        for left in () if _fails(rest) else _quiet_exits(statement):
            if has_check(rest) or has_check(
                [s for s in ast.iter_child_nodes(statement) if isinstance(s, ast.stmt)]
            ):
                what = "it passes where it should be skipped: a return before any check"
                yield _dead("early-return", left, what)
        if isinstance(statement, (ast.With, ast.AsyncWith)) and not has_check([statement]):
            continue
        if isinstance(statement, (ast.With, ast.AsyncWith)) and not rest:
            yield from _block(statement.body)
        if has_check([statement]):
            return


def _fails(rest: Sequence[ast.stmt]) -> bool:
    """Return whether a test that comes here fails: a return before that is its success."""
    for statement in rest:
        if isinstance(statement, ast.Raise):
            return True
        if isinstance(statement, ast.Assert):
            return constant_truth(statement.test) is False
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            if last_name(statement.value) == "fail":
                return True
        if has_check([statement]):
            return False
    return False


def _dead(kind: str, node: ast.stmt, what: str) -> Dead:
    return Dead(kind, node.lineno, node.lineno, what)


def _is_false(test: ast.expr) -> bool:
    return constant_truth(test) is False


def _yields(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for s in body for node in walk(s))


def _quiet_exits(statement: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the returns of a compound statement that end the test without a word."""
    if isinstance(statement, ast.If) and constant_truth(statement.test) is None:
        if not has_check([ast.Expr(statement.test)]):
            yield from _quiet(statement.body)
    elif isinstance(statement, (ast.Try, ast.TryStar)):
        for handler in statement.handlers:
            if not has_check(statement.body):
                yield from _quiet(handler.body)


def _quiet(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    *before, last = body
    if not isinstance(last, ast.Return):
        return
    is_plain = last.value is None or isinstance(last.value, ast.Constant)
    if is_plain and all(_is_quiet(statement) for statement in before):
        yield last


def _is_quiet(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, DEFINITIONS) or not isinstance(statement, ast.Expr):
        return False
    if isinstance(statement.value, ast.Constant):
        return True
    if not isinstance(statement.value, ast.Call):
        return False
    func = statement.value.func
    return last_name(func) in _QUIET
