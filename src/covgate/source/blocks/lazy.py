"""Which methods fill an attribute of `self` only when it is not there yet."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from covgate.source.blocks.aliases import unaliased
from covgate.source.blocks.walking import walk, walk_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.source.blocks.scopes import Function

CREATORS = frozenset({"__init__", "__new__", "__post_init__", "__attrs_post_init__"})
_ABSENT = frozenset({"AttributeError", "KeyError", "LookupError", "NameError", "IndexError"})
_FILLING = frozenset(
    {
        "append",
        "add",
        "update",
        "setdefault",
        "insert",
        "extend",
        "appendleft",
        "put",
        "__setitem__",
    }
)


def fills(tree: ast.AST) -> Mapping[str, frozenset[str]]:
    """Return, by method name, the attributes of `self` that methods of a file fill."""
    found: dict[str, frozenset[str]] = {}
    for node in walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in CREATORS:
            body = [*unaliased(node).body]
            computes = _calls(body)
            stored = {attr for attr, value in _stores(body) if computes or not _is_literal(value)}
            found[node.name] = found.get(node.name, frozenset()) | stored | _mutated(body)
    return found


def remembers(function: Function, filled_by: Mapping[str, frozenset[str]]) -> bool:
    """Whether a method asks if an attribute of `self` is there, and fills it (or has it filled)."""
    if function.name in CREATORS:
        return False  # what a new object asks itself for was put there a moment ago
    asked, keyed = _asked(function.body)
    if not asked and not keyed:
        return False
    filled = {attr for attr, value in _stores(function.body) if not _is_literal(value)}
    for node in walk_all(function.body):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and _self_attribute(node.func) is not None
        ):
            filled |= filled_by.get(node.func.attr, frozenset())
        elif isinstance(node, ast.If):
            block = [*node.body, *node.orelse]
            inner, _ = _asked([ast.Expr(ast.IfExp(node.test, node.test, node.test))])
            filled |= inner & _mutated(block)
            if _calls(block):
                filled |= inner & {attr for attr, _ in _stores(block)}
    return bool(asked & filled or keyed & (filled | _mutated(function.body)))


def _calls(body: Iterable[ast.AST]) -> bool:
    return any(isinstance(node, ast.Call) for node in walk_all(body))


def _self_attribute(node: ast.AST) -> str | None:
    """Return the attribute that a chain takes of `self` first."""
    attribute = None
    while isinstance(node, ast.Attribute | ast.Subscript):
        attribute = node.attr if isinstance(node, ast.Attribute) else attribute
        node = node.value
    return attribute if isinstance(node, ast.Name) and node.id == "self" else None


def _stores(body: Iterable[ast.AST]) -> Iterable[tuple[str, ast.AST | None]]:
    """Yield attributes of `self` that are given a value, with the value."""
    for node in walk_all(body):
        value: ast.AST | None = None
        if isinstance(node, ast.Assign):
            targets, value = [*node.targets], node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            targets, value = [node.target], node.value
        elif isinstance(node, ast.For):
            targets = [node.target]
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            targets = [node.optional_vars]
        else:
            continue
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
                    attribute = _self_attribute(part)
                    if attribute is not None:
                        yield attribute, value


def _mutated(body: Iterable[ast.AST]) -> frozenset[str]:
    """Return attributes of `self` whose object is filled in place."""
    found: set[str] = set()
    for node in walk_all(body):
        target: ast.AST | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            target = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in _FILLING:
                target = node.func.value
            elif node.func.attr == "__dict__":
                target = node.func
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "setattr" and node.args:
                found.add("?")
        if target is not None:
            attribute = _self_attribute(target)
            if attribute is not None:
                found.add(attribute)
    return frozenset(found)


def _is_literal(node: ast.AST | None) -> bool:
    if node is None:
        return False
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict):
        return not list(ast.iter_child_nodes(node)) or all(
            _is_literal(child)
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, ast.expr_context)
        )
    return isinstance(node, ast.UnaryOp) and _is_literal(node.operand)


def _asked(body: Iterable[ast.AST]) -> tuple[frozenset[str], frozenset[str]]:
    """Return attributes of `self` that code asks for, and those that it asks for a key."""
    asked: set[str] = set()
    keyed: set[str] = set()
    for node in walk_all(body):
        if isinstance(node, ast.If | ast.IfExp):
            _questions(node.test, asked, keyed)
        elif isinstance(node, ast.BoolOp):
            for value in node.values:
                _questions(value, asked, keyed)
        elif isinstance(node, ast.Try) and any(map(_catches_absence, node.handlers)):
            for part in walk_all(node.body):
                attribute = _self_attribute(part)
                if attribute is not None:
                    asked.add(attribute)
                    keyed.add(attribute)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in ("get", "setdefault"):
                attribute = _self_attribute(node.func.value)
                if attribute is not None:
                    keyed.add(attribute)
    return frozenset(asked), frozenset(keyed)


def _questions(test: ast.AST, asked: set[str], keyed: set[str]) -> None:
    """Comparisons of size and order are no question of absence."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        _questions(test.operand, asked, keyed)
    elif isinstance(test, ast.BoolOp):
        for value in test.values:
            _questions(value, asked, keyed)
    elif isinstance(test, ast.Compare):
        parts = (test.left, *test.comparators)
        if any(isinstance(op, ast.In | ast.NotIn) for op in test.ops):
            keyed.update(filter(None, map(_self_attribute, parts)))
        elif any(isinstance(part, ast.Constant) and part.value is None for part in parts):
            asked.update(filter(None, map(_self_attribute, parts)))
    elif isinstance(test, ast.Call):
        if isinstance(test.func, ast.Name) and test.func.id in ("hasattr", "getattr", "len"):
            if len(test.args) > 1 and isinstance(test.args[1], ast.Constant):
                asked.add(str(test.args[1].value))
                keyed.add(str(test.args[1].value))
            elif test.args:
                asked.update(filter(None, [_self_attribute(test.args[0])]))
    else:
        attribute = _self_attribute(test)
        if attribute is not None:
            asked.add(attribute)


def _catches_absence(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(isinstance(n, ast.Name) and n.id in _ABSENT for n in ast.walk(handler.type))
