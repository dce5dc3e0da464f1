"""Walk syntax trees fast: `ast.walk` looks at every leaf, and that is where the time went."""

from __future__ import annotations

import ast
import re

# They hold nothing that a rule asks for, and are every third node.
_BARE = (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_MARGIN = re.compile(r"\n[ \t]+")


def children(node: ast.AST) -> list[ast.AST]:
    """Return the direct children of a node, in order, without contexts and operators."""
    found: list[ast.AST] = []
    for name in node._fields:
        inner = getattr(node, name, None)
        if isinstance(inner, list):
            found += [child for child in inner if isinstance(child, ast.AST)]
        elif isinstance(inner, ast.AST) and not isinstance(inner, _BARE):
            found.append(inner)
    return found


def walk(node: ast.AST) -> list[ast.AST]:
    """Return a node and all inside it, outer ones first, without contexts and operators."""
    found = [node]
    for current in found:  # it grows meanwhile
        if not isinstance(current, (ast.Constant, ast.Name, ast.alias)):
            found += children(current)
    return found


def statements(node: ast.AST) -> list[ast.stmt]:
    """Return all statements inside a node, at any depth, without looking into expressions."""
    found: list[ast.stmt] = []
    todo = [node]
    while todo:
        current = todo.pop()
        for name in _BLOCKS:
            for inner in getattr(current, name, ()):
                todo.append(inner)
                if isinstance(inner, ast.stmt):
                    found.append(inner)
    return found


def same(one: object, other: object, *, moved: bool = False) -> bool:
    """Return whether two syntax trees do the same; with `moved` the margin in texts may differ."""
    if type(one) is not type(other):
        return False
    if isinstance(one, ast.AST):
        return all(
            same(getattr(one, name, None), getattr(other, name, None), moved=moved)
            for name in one._fields
            if name not in ("ctx", "kind", "type_comment")
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            same(left, right, moved=moved) for left, right in zip(one, other, strict=True)
        )
    if one == other:
        return not isinstance(one, (float, complex)) or repr(one) == repr(other)
    return (
        moved
        and isinstance(one, str)
        and isinstance(other, str)
        and _MARGIN.sub("\n", one) == _MARGIN.sub("\n", other)
    )
