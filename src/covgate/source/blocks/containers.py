"""Containers of Python's own, and what can't fail by what they hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_LITERALS = (
    ast.Dict, ast.Set, ast.List, ast.DictComp, ast.SetComp, ast.ListComp,
)  # fmt: skip
MAKERS = frozenset(
    {
        "dict", "set", "list", "deque", "defaultdict", "OrderedDict", "Counter",
        "WeakKeyDictionary", "WeakValueDictionary", "WeakSet",
    }
)  # fmt: skip
# Of methods that all of them have, those that take any content.
_TOTAL = frozenset({"get", "setdefault", "add", "append", "appendleft", "discard", "clear"})


def containers(tree: ast.Module) -> frozenset[str]:
    """Return the names, and attributes, that a file gives nothing but new containers."""
    nodes = [*ast.walk(tree)]
    found = {name for node in nodes for name in _given_one(node)}
    return frozenset(found) - _given_others(nodes) if found else frozenset()


def _given_one(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement gives a new container."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and _makes(node.value):
        yield from filter(None, map(_name, _targets(node)))


def _given_others(nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Return the names that are given something else, in whatever way."""
    containing = {
        id(target)
        for node in nodes
        if isinstance(node, ast.Assign | ast.AnnAssign)
        and (node.value is None or _makes(node.value))
        for target in _targets(node)
    }
    found: set[str | None] = set()
    for node in nodes:
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            if id(node) not in containing:
                found.add(_name(node))
    return frozenset(filter(None, found))


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def _makes(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return (dotted(value.func) or "").rpartition(".")[2] in MAKERS
    return isinstance(value, _LITERALS)


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def never_fails(
    statement: ast.stmt, known: frozenset[str], asks: Callable[[ast.AST], bool]
) -> bool:
    """Whether a statement asks containers among `known` alone, in ways that can't fail by content.

    `asks` tells whether an expression mentions what is remembered. It may fail by what is asked
    for, which is the same in any company.
    """
    if isinstance(statement, ast.Expr):
        return _is_total(statement.value, known, asks)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Name):
        return _is_total(value, known, asks)
    if isinstance(target, ast.Subscript) and _name(target.value) in known:
        return not asks(target.slice) and (isinstance(value, ast.Name) or not asks(value))
    return False


def _is_total(node: ast.expr, known: frozenset[str], asks: Callable[[ast.AST], bool]) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    given = [*node.args, *(one.value for one in node.keywords)]
    return (
        node.func.attr in _TOTAL
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and _name(node.func.value) in known
        and not any(map(asks, given))
    )
