"""Which functions look up only attributes whose names their callers write out."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from covgate.source.blocks.vocabulary import BY_NAME
from covgate.source.blocks.walking import walk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.source.blocks.scopes import Function


def given_names(tree: ast.Module) -> Mapping[str, frozenset[str]]:
    """Return the parameters, by function, that each call in the file gives a written-out string.

    Only functions at module level that ask for an attribute by a parameter, and that the file
    mentions for nothing but such calls: then those who call them mention the names.
    """
    functions: dict[str, tuple[Function, frozenset[str]]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list:
            asked = _asked(node)
            if asked:
                functions[node.name] = (node, asked)
    if not functions:
        return {}
    calls: dict[str, list[ast.Call]] = defaultdict(list)
    mentioned: Counter[str] = Counter()
    for part in walk(tree):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            calls[part.func.id].append(part)
        mentioned.update(_names(part))
    found: dict[str, frozenset[str]] = {}
    for name, (function, asked) in functions.items():
        # One mention is the definition itself.
        if mentioned[name] == len(calls[name]) + 1:
            kept = {
                one for one in asked if all(_gives(call, function, one) for call in calls[name])
            }
            if kept:
                found[name] = frozenset(kept)
    return found


def _asked(function: Function) -> frozenset[str]:
    """Return the parameters, given no other value, that stand for the name of an attribute."""
    arguments = function.args
    taken = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    found: set[str] = set()
    bound: set[str] = set()
    for statement in function.body:
        for part in walk(statement):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                name = part.args[1] if len(part.args) > 1 else None
                if part.func.id in BY_NAME and isinstance(name, ast.Name):
                    found.add(name.id)
            elif not isinstance(part, ast.Name):
                bound.update(_names(part))
            elif not isinstance(part.ctx, ast.Load):
                bound.add(part.id)
    return frozenset(found & taken - bound)


def _names(part: ast.AST) -> list[str]:
    """Return the names that a node alone mentions or binds, strings that may name one included."""
    if isinstance(part, ast.Name):
        return [part.id]
    if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [part.name]
    if isinstance(part, ast.arg):
        return [part.arg]
    if isinstance(part, ast.alias):
        return [(part.asname or part.name).partition(".")[0]]
    if isinstance(part, ast.Global | ast.Nonlocal):
        return part.names
    if isinstance(part, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [part.name] if part.name else []
    if isinstance(part, ast.MatchMapping):
        return [part.rest] if part.rest else []
    if isinstance(part, ast.Attribute):
        return [part.attr]
    if isinstance(part, ast.Constant) and isinstance(part.value, str):
        return part.value.replace(":", ".").split(".")
    return []


def _gives(call: ast.Call, function: Function, name: str) -> bool:
    """Whether a call gives a parameter a written-out string."""
    arguments = function.args
    if any(isinstance(one, ast.Starred) for one in call.args):
        return False
    places = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
    given: ast.expr | None = None
    if name in places and places.index(name) < len(call.args):
        given = call.args[places.index(name)]
    for keyword in call.keywords:
        if keyword.arg == name:
            given = keyword.value
    return isinstance(given, ast.Constant) and isinstance(given.value, str)
