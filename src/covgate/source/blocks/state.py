"""Which functions may remember something: what ran beneath them once may not run again.

A cache hides the code that filled it from every later test. Such functions are recognised by
what their text changes (globals, class attributes, closures) or asks for before it computes.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.aliases import as_methods, unaliased
from covgate.source.blocks.elsewhere import called_names
from covgate.source.blocks.lazy import remembers
from covgate.source.blocks.scopes import Function, dotted, local_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_MUTATORS = frozenset(
    {
        "append", "add", "update", "setdefault", "pop", "insert", "extend", "remove", "clear",
        "discard", "popitem", "appendleft", "extendleft", "put", "put_nowait", "set", "store",
        "save", "register", "push", "write", "memoize", "sort", "reverse", "__setitem__",
        "__setattr__", "setattr", "connect", "subscribe", "bind", "get_or_create", "move_to_end",
    }
)  # fmt: skip
_LOGGING = frozenset(
    {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"}
)
_BUILTINS = frozenset(vars(builtins))
_CACHE_WORDS = ("cache", "memo", "lazy", "once", "singleton", "reify")


class State(NamedTuple):
    """See `covgate.source.blocks.facts.Body`."""

    writes: frozenset[str]
    writes_attrs: frozenset[str]
    keeps_state: bool
    cached: bool


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
    local = (local_names(function) - _kept_defaults(function)) | _comprehended(function)
    own = local | modules | _BUILTINS
    function = unaliased(function)
    writes, attrs = _declared(function), set[str]()
    keeps = cached or bool(writes)
    for target in _changed(function.body):
        root, attribute = _root(target)
        if root in ("cls", "mcs", "__class__") or _is_own_class(target):
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
    return State(frozenset(writes), frozenset(attrs), keeps, cached)


def changed_objects(function: Function) -> Iterable[ast.expr]:
    """Yield the expressions whose object (not name) a function changes."""
    return _changed(unaliased(function).body)


def changed_names(function: Function, *, of_self: bool = True) -> frozenset[str]:
    """Return the names and the attributes of what outlives a call that a function changes.

    Attributes of `self` only where they count.
    """
    own = (local_names(function) - _kept_defaults(function)) | _BUILTINS
    found = _declared(function)
    given = {one.arg for one in (*function.args.posonlyargs, *function.args.args)} - {"self"}
    for target in changed_objects(function):
        root, attribute = _root(target)
        if root == "self" and not of_self:
            continue
        if attribute and (root in ("self", "cls", "mcs", "__class__") or _is_own_class(target)):
            found.add(attribute)
        elif attribute and root in given:
            found.add(attribute)  # of an object that may outlive the call
        elif root is not None and root not in own:
            found |= {root, *filter(None, [attribute])}
    return frozenset(found)


def _asks_cache(function: Function, local: frozenset[str]) -> bool:
    """Whether a function calls a method of an object that outlives it, and is called a cache."""
    for node in _walk(function.body):
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
        for node in _walk(function.body)
        if isinstance(node, ast.comprehension)
        for part in ast.walk(node.target)
        if isinstance(part, ast.Name)
    )


def branches(body: Iterable[ast.AST]) -> bool:
    """Whether the code decides anything: only then can it find that something is there already."""
    kinds = (ast.If, ast.IfExp, ast.BoolOp, ast.Try, ast.While, ast.Match)
    return any(isinstance(node, kinds) for node in _walk(body))


def answers(body: Iterable[ast.AST]) -> bool:
    """Whether the code tells its caller something."""
    return any(isinstance(node, ast.Return) and node.value is not None for node in _walk(body))


def asked_functions(body: Iterable[ast.AST]) -> frozenset[str]:
    """Return the functions, by dotted name, whose answers decide which way the code goes."""
    nodes = [*_walk(body)]
    return _answering(nodes, (part for node in nodes for part in _deciding(node)))


def handed_on(body: Iterable[ast.AST]) -> frozenset[str]:
    """Return the functions, by dotted name, whose answers the code may return, changed or not."""
    nodes = [*_walk(body)]
    return _answering(
        nodes, (one.value for one in nodes if isinstance(one, ast.Return) and one.value)
    )


def _answering(nodes: Iterable[ast.AST], parts: Iterable[ast.AST]) -> frozenset[str]:
    """Return what some parts of the code call, by way of local names as well."""
    told: dict[str, frozenset[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            told[name] = told.get(name, frozenset()) | called_names(node.value)
    found: set[str] = set()
    for part in parts:
        found |= called_names(part)
        for one in ast.walk(part):
            if isinstance(one, ast.Name):
                found |= told.get(one.id, frozenset())
    return frozenset(found)


def _deciding(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield node.test
    elif isinstance(node, ast.BoolOp):
        yield from node.values[:-1]
    elif isinstance(node, ast.Match):
        yield node.subject
    elif isinstance(node, ast.Try):
        yield from node.body


def _kept_defaults(function: Function) -> frozenset[str]:
    """Return the parameters whose default is an object that outlives the call."""
    arguments = function.args
    positional = (*arguments.posonlyargs, *arguments.args)
    pairs = [
        *zip(reversed(positional), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    return frozenset(
        argument.arg
        for argument, default in pairs
        if default is not None and not isinstance(default, ast.Constant)
    )


def _declared(function: Function) -> set[str]:
    declared = {
        name
        for node in _walk(function.body)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }
    if not declared:
        return set()
    return {
        node.id
        for node in _walk(function.body)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in declared
    }


def _walk(body: Iterable[ast.AST]) -> Iterable[ast.AST]:
    for statement in body:
        yield from ast.walk(statement)


def _changed(body: Iterable[ast.AST]) -> Iterable[ast.expr]:
    """Yield the expressions whose object (not name) the code changes."""
    for node in _walk(body):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield node
        elif isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr in _MUTATORS:
                if not _is_class_or_super(function.value):
                    yield function.value
            elif isinstance(function, ast.Name) and function.id in ("setattr", "delattr", "next"):
                yield from node.args[:1]
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr not in _LOGGING:
                if not _is_class_or_super(function.value):
                    yield function.value


def _is_class_or_super(node: ast.expr) -> bool:
    """Whether a method is called on a class, or on `super()`: a call like any other."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    name = (dotted(node) or "").rpartition(".")[2].lstrip("_")
    return name[:1].isupper() and not name.isupper()


def _root(node: ast.expr) -> tuple[str | None, str | None]:
    """Return the name that a chain starts from, and the first attribute taken of it."""
    attribute = None
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(node, ast.Attribute):
            attribute = node.attr
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            node = node.value
    return (node.id if isinstance(node, ast.Name) else None), attribute


def _is_own_class(node: ast.expr) -> bool:
    """Whether a chain passes through `self.__class__` or `type(self)`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr == "__class__":
            return True
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Name)
            and part.func.id == "type"
        ):
            return True
    return False
