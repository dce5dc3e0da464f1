"""Helpers of the project that skip with a reason that they are given."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.skips.calls import bind
from covgate.source.skips.external import SKIP_CALLS
from covgate.source.skips.reasons import Reason, judge
from covgate.source.skips.scopes import FUNCTIONS, Scope
from covgate.source.skips.site import call_reason_argument
from covgate.source.skips.values import Arguments, Func, Partial, Ref, Value
from covgate.source.walking import children

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.skips.evaluate import Evaluator

MAX_HOPS = 3
_SKIPPING = re.compile(r"skip|Skip|xfail|param\(")
# Found in the text, because walking the tree of every function takes most of the time; what
# stands in strings does no harm.
_CALLED = re.compile(r"(?<![.\w])([^\W\d]\w*)\s*\(")


class Inner(NamedTuple):
    """A call inside a helper, with the scope that it runs in."""

    node: ast.Call
    scope: Scope


def unwrapped(func: Value, arguments: Arguments) -> tuple[Value, Arguments]:
    """Return what is called in the end, through partials."""
    while isinstance(func, Partial):
        arguments = func.arguments.merged(arguments)
        func = func.func
    return func, arguments


def may_skip(evaluator: Evaluator, func: Func, hops: int = 0) -> bool:
    """Return whether a helper, or one that it calls by name, has words of skipping in it.

    Quick to say no, so that ordinary calls cost nothing.
    """
    key = (func.module.path, func.node.lineno, func.node.col_offset)
    known = evaluator.skipping.get(key)
    if known is not None:
        return known
    evaluator.skipping[key] = False  # a function that calls itself adds nothing
    text = func.module.segment(func.node.lineno, func.node.end_lineno or func.node.lineno)
    found = _SKIPPING.search(text) is not None
    if not found and hops < MAX_HOPS and _SKIPPING.search(func.module.text):
        found = any(
            may_skip(evaluator, called, hops + 1)
            for called in _called_by_name(evaluator, func)
            if called.node is not func.node
        )
    evaluator.skipping[key] = found
    return found


def _called_by_name(evaluator: Evaluator, func: Func) -> Iterator[Func]:
    scope = evaluator.module_scope(func.module)
    text = func.module.segment(func.node.lineno, func.node.end_lineno or func.node.lineno)
    for name in sorted(set(_CALLED.findall(text))):
        if name in scope.bindings:
            value = evaluator.name(name, scope, (1 << 30, 0))
            if isinstance(value, Func):
                yield value


def forwarded(
    evaluator: Evaluator, func: Func, arguments: Arguments, pattern: str, hops: int = 0
) -> Iterator[tuple[str, Reason]]:
    """Yield skips without reason in `func` that are due to these arguments.

    A skip that has no reason whatever the arguments is the helper's own fault, reported there.
    """
    if hops > MAX_HOPS or isinstance(func.node, ast.Lambda) or not may_skip(evaluator, func):
        return
    given = Scope(func.module, func.node, func.scope, bind(evaluator, func, arguments))
    blank = Scope(func.module, func.node, func.scope)
    plain = {id(inner.node): inner for inner in _calls(func.node.body, _blank(blank))}
    for inner in _calls(func.node.body, given):
        found = _judged(evaluator, inner, pattern, hops)
        if found is None or found[1].state == "stated":
            continue
        generic = _judged(evaluator, plain[id(inner.node)], pattern, hops)
        if generic is None or generic[1].state == "stated":
            yield found


def _blank(scope: Scope) -> Scope:
    """Return the scope with closures forgotten: what the helper says by itself."""
    parent = scope.parent
    while parent is not None and parent.is_function:
        parent = parent.parent
    if parent is scope.parent:
        return scope
    outer = scope.parent
    assert outer is not None
    return Scope(scope.module, scope.node, _blank(Scope(outer.module, outer.node, outer.parent)))


def _judged(
    evaluator: Evaluator, inner: Inner, pattern: str, hops: int
) -> tuple[str, Reason] | None:
    at = (inner.node.lineno, inner.node.col_offset)
    name = inner.node.func
    if isinstance(name, ast.Attribute) and name.attr == "skipTest":
        arguments = evaluator.arguments(inner.node, inner.scope, at)
        return "skipTest", judge(arguments.get(0, "reason"), (), pattern)
    if not isinstance(name, (ast.Name, ast.Attribute)):
        return None
    func = evaluator.evaluate(name, inner.scope, at)
    if not isinstance(func, (Ref, Partial, Func)):
        return None
    func, arguments = unwrapped(func, evaluator.arguments(inner.node, inner.scope, at))
    if isinstance(func, Ref) and func.name in SKIP_CALLS - {"pytest.importorskip"}:
        position, names = call_reason_argument(func.name)
        return func.name, judge(arguments.get(position, *names), (), pattern)
    if isinstance(func, Ref) and func.name in ("pytest.skip.Exception", "unittest.SkipTest"):
        return func.name, judge(arguments.get(0, "msg", "reason"), (), pattern)
    if isinstance(func, Func):
        return next(forwarded(evaluator, func, arguments, pattern, hops + 1), None)
    return None


def _calls(body: list[ast.stmt], scope: Scope) -> Iterator[Inner]:
    todo: list[tuple[ast.AST, Scope]] = [(statement, scope) for statement in body]
    while todo:
        node, current = todo.pop()
        if isinstance(node, ast.Call):
            yield Inner(node, current)
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            current = Scope(current.module, node, current)
        todo.extend((child, current) for child in children(node))
