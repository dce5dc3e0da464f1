"""Which functions may remember something: what ran beneath them once may not run again.

A cache hides the code that filled it from every later test. Such functions are recognised by
what their text changes (globals, class attributes, closures) or asks for before it computes.
"""

from __future__ import annotations

import ast
import builtins
from itertools import filterfalse
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.aliases import as_methods, unaliased
from covgate.source.blocks.changes import (
    changed,
    changed_places,
    declared,
    is_made,
    is_own_class,
    kept_defaults,
    root_of,
)
from covgate.source.blocks.elsewhere import VALUE, WHETHER
from covgate.source.blocks.lazy import remembers
from covgate.source.blocks.scopes import Function, dotted, local_names
from covgate.source.blocks.walking import walk_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_BUILTINS = frozenset(vars(builtins))
_DECIDING = (ast.If, ast.IfExp, ast.BoolOp, ast.Try, ast.While, ast.Match)
_CACHE_WORDS = ("cache", "memo", "lazy", "once", "singleton", "reify")


class State(NamedTuple):
    """See `covgate.source.blocks.facts.Body`."""

    writes: frozenset[str]
    writes_attrs: frozenset[str]
    keeps_state: bool
    cached: bool
    changes: frozenset[str]  # see `changes.changed_places`


def is_cache(node: ast.expr) -> bool:
    """Whether a decorator (or a called object) remembers results, by its name."""
    name = dotted(node.func if isinstance(node, ast.Call) else node)
    return name is not None and any(word in name.lower() for word in _CACHE_WORDS)


def state_of(
    function: Function,
    scopes: Sequence[frozenset[str]],
    filled_by: Mapping[str, frozenset[str]],
    modules: frozenset[str],
) -> State:
    """Return what a function may remember.

    `scopes` are the locals of the enclosing functions, `filled_by` what `lazy.fills` says of the
    file, `modules` the names of imported modules. Bodies of nested functions must have been taken
    out.
    """
    cached = any(is_cache(decorator) for decorator in function.decorator_list)
    local = (local_names(function) - kept_defaults(function)) | _comprehended(function)
    own = local | modules | _BUILTINS
    function = unaliased(function)
    declares = declared(function)
    writes, attrs = {*declares}, set[str]()
    keeps = cached or bool(writes)
    targets = [*changed(function.body)]
    for target, _ in filterfalse(is_made, targets):
        root, attribute = root_of(target)
        if root in ("cls", "mcs", "__class__") or is_own_class(target):
            keeps = True
            if attribute:
                attrs.add(attribute)
        elif root is not None and root not in own:
            keeps = True
            if not any(root in scope for scope in scopes):
                writes.add(root)
                if attribute:
                    attrs.add(attribute)
    keeps = keeps or remembers(function, filled_by) or _asks_cache(function, local)
    keeps = keeps or any(remembers(one, filled_by) for one in as_methods(function))
    changes = changed_places(function, targets, local, declares)
    return State(frozenset(writes), frozenset(attrs), keeps, cached, changes)


def _asks_cache(function: Function, local: frozenset[str]) -> bool:
    """Whether a function calls a method of an object that outlives it, and is called a cache."""
    for node in walk_all(function.body):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = dotted(node.func.value) or ""
            if name.partition(".")[0] not in {*local, "self", "", "functools"}:
                if any(word in name.lower() for word in _CACHE_WORDS):
                    return True
    return False


def _comprehended(function: Function) -> frozenset[str]:
    """Return the names that comprehensions of a function bind."""
    return frozenset(
        part.id
        for node in walk_all(function.body)
        if isinstance(node, ast.comprehension)
        for part in ast.walk(node.target)
        if isinstance(part, ast.Name)
    )


def branches(nodes: Iterable[ast.AST]) -> bool:
    """Whether the code decides anything: only then can it find that something is there already."""
    return any(
        isinstance(node, _DECIDING) or (isinstance(node, ast.comprehension) and bool(node.ifs))
        for node in nodes
    )


def answers(nodes: Sequence[ast.AST], *, fills: bool = False) -> str:
    """Whether code tells its caller something, and what: see `elsewhere.Asking`.

    It may be that of a method which `fills` an object.
    """
    returned = [one.value for one in nodes if isinstance(one, ast.Return) and one.value is not None]
    if not returned or not fills:
        return VALUE if returned else ""
    names = frozenset(one.id for one in returned if isinstance(one, ast.Name))
    returned += [
        one.value
        for one in nodes
        if isinstance(one, ast.Assign)
        and isinstance(one.targets[0], ast.Name)
        and one.targets[0].id in names
    ]
    return WHETHER if any(map(_says_whether, returned)) else VALUE


def _says_whether(node: ast.expr) -> bool:
    """Whether a value tells if something is so."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool)
    return isinstance(node, ast.Compare) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )
