"""Functions with their local names for other objects replaced by what these stand for.

`cache = self._cache` or `add = SEEN.add` makes a local name, and what is changed through it
outlives the call all the same.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, TypeVar

from covgate.source.blocks.scopes import Function, local_names
from covgate.source.blocks.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_Either = TypeVar("_Either", bound=Function)
_OWNERS = frozenset({"self", "cls"})
# These return what a container holds.
FETCHING = frozenset({"get", "setdefault", "values", "items"})
_BINDING = (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For)


def unaliased(function: _Either) -> _Either:
    """Return a function that names what it changes, the same object when it does so already.

    Of a name that stands for several things, the first counts.
    """
    aliases = _aliases(function)
    if not aliases:
        return function
    try:
        changed = copy.deepcopy(function)
        # One may stand for an attribute of another.
        for _ in range(min(len(aliases), 3)):
            _Replacing(aliases).visit(changed)
    except RecursionError:  # an expression of hundreds of parts
        return function
    return changed


def as_methods(function: Function) -> Iterator[Function]:
    """Yield a function as a method of each argument whose attributes it sets or fills."""
    filled = set()
    for node in walk(function):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            place = node.value if isinstance(node, ast.Subscript) else node
            if isinstance(place, ast.Attribute) and isinstance(place.value, ast.Name):
                filled.add(place.value.id)
    for name in sorted(_given(function) & filled - _OWNERS):
        try:
            changed = copy.deepcopy(function)
            yield _Replacing({name: ast.Name("self", ast.Load())}).visit(changed)
        except RecursionError:
            continue


def _given(function: Function) -> set[str]:
    arguments = function.args
    return {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def _aliases(function: Function) -> Mapping[str, ast.expr]:
    """Return local names, and the things that outlive the call which they are given."""
    pairs = [
        pair for node in walk(function) if isinstance(node, _BINDING) for pair in _bindings(node)
    ]
    if not any(_root(value) for _, value in pairs):
        return {}
    own = local_names(function) - _OWNERS
    found: dict[str, ast.expr] = {}
    # What outlives the call in any case goes before what may have been made for it.
    for given in (set[str](), _given(function)):
        before = -1
        while before != len(found):
            before = len(found)
            for name, value in pairs:
                root = _root(value)
                if root and name in own and name not in found and root != name:
                    part_of_given = root in given and not isinstance(value, ast.Name)
                    if root not in own or root in found or part_of_given:
                        found[name] = value
    return found


def _bindings(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.For):
        # Each is something that the container holds.
        parts = (one for one in ast.walk(node.target) if isinstance(one, ast.Name))
        yield from ((one.id, node.iter) for one in parts)
        return
    assert isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        if isinstance(target, ast.Name) and node.value is not None:
            yield target.id, node.value
        elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for one, value in zip(target.elts, node.value.elts, strict=False):
                if isinstance(one, ast.Name):
                    yield one.id, value


def _root(node: ast.expr) -> str | None:
    """Return the name that a chain of attributes and items starts from, None for all else."""
    while True:
        if isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in FETCHING:
                return None
            node = node.func.value
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "type" and node.args:
            node = node.args[0]
        else:
            return node.id if isinstance(node, ast.Name) else None


class _Replacing(ast.NodeTransformer):
    def __init__(self, aliases: Mapping[str, ast.expr]) -> None:
        self._aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self._aliases:
            return copy.deepcopy(self._aliases[node.id])
        return node
