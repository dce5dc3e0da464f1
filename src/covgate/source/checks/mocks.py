"""Mocks in a test, and attributes of theirs that look like assertions and are always true."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from covgate.source.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MAKERS = re.compile(
    r"^((unittest\.)?mock\.)?((Magic|Async|NonCallable|NonCallableMagic)?Mock|create_autospec"
    r"|patch(\.object|\.multiple)?)\(|^mocker\.\w+(\.\w+)*\("
)
_PATCHES = re.compile(r"^((unittest\.)?mock\.)?patch(\.object)?\(")
# Assertions of mocks without their `assert_`: Python from 3.12 on refuses them.
_LOOKALIKES = {
    "called_once",
    "called_with",
    "called_once_with",
    "not_called",
    "any_call",
    "has_calls",
    "awaited_once",
    "awaited_with",
    "awaited_once_with",
    "not_awaited",
    "any_await",
    "has_awaits",
}


def mocks(node: Function) -> frozenset[str]:
    """Return the names that stand for mocks throughout a test."""
    found: set[str] = set()
    others: set[str] = set()
    for name, value in _bound(node):
        (found if _MAKERS.match(ast.unparse(value)) else others).add(name)
    if any(_PATCHES.match(ast.unparse(d)) for d in node.decorator_list):
        found.update(_patched(node))
    return frozenset(found - others)


def _bound(node: Function) -> Iterator[tuple[str, ast.expr]]:
    for inner in walk(node):
        if isinstance(inner, ast.Assign):
            for target in inner.targets:
                if isinstance(target, ast.Name):
                    yield target.id, inner.value
        elif isinstance(inner, ast.withitem) and isinstance(inner.optional_vars, ast.Name):
            yield inner.optional_vars.id, inner.context_expr


def _patched(node: Function) -> list[str]:
    """Return the parameters that patching decorators fill: the first ones, after `self`."""
    count = sum(
        _PATCHES.match(text) is not None and _is_filled(decorator)
        for decorator in node.decorator_list
        if (text := ast.unparse(decorator))
    )
    names = [argument.arg for argument in node.args.args]
    return [name for name in names if name not in ("self", "cls")][:count]


def _is_filled(decorator: ast.expr) -> bool:
    """Return whether a patch hands its mock on: it does not when it is told what to put there."""
    assert isinstance(decorator, ast.Call)
    needed = 2 if ast.unparse(decorator.func).endswith(".object") else 1
    return len(decorator.args) == needed and all(k.arg != "new" for k in decorator.keywords)


def is_lookalike(test: ast.expr, node: Function) -> bool:
    """Return whether `test` is an attribute of a mock of the test `node` that only looks right."""
    inner = test.func if isinstance(test, ast.Call) else test
    if not (isinstance(inner, ast.Attribute) and inner.attr in _LOOKALIKES):
        return False
    root: ast.expr = inner
    while isinstance(root, (ast.Attribute, ast.Call)):
        root = root.value if isinstance(root, ast.Attribute) else root.func
    if not (isinstance(root, ast.Name) and root.id in mocks(node)):
        return False
    return not any(
        isinstance(other, ast.Attribute)
        and other.attr == inner.attr
        and isinstance(other.ctx, ast.Store)
        for other in walk(node)
    )
