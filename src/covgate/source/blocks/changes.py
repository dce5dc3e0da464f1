"""What a function changes that may outlive the call, by its text."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from covgate.source.blocks.aliases import FETCHING, unaliased
from covgate.source.blocks.lazy import CREATORS
from covgate.source.blocks.scopes import Function, dotted, local_names
from covgate.source.blocks.walking import walk_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

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
_OF_FIRST = frozenset({"setattr", "delattr", "next"})
_BUILTINS = frozenset(vars(builtins))
_SETTING_UP = frozenset({"setup_class", "teardown_class", "setUpClass", "tearDownClass"})
_OF_CLASS = frozenset({"cls", "mcs", "__class__"})
Change = tuple[ast.expr, str]


def changed_objects(function: Function) -> Iterable[ast.expr]:
    """Yield the expressions whose object (not name) a function changes."""
    return (node for node, _ in changed(unaliased(function).body))


def changed_names(function: Function, *, of_self: bool = True) -> frozenset[str]:
    """Return the names and the attributes of what outlives a call that a function changes.

    Attributes of `self` only where they count.
    """
    own = (local_names(function) - kept_defaults(function)) | _BUILTINS
    found = declared(function)
    given = {one.arg for one in (*function.args.posonlyargs, *function.args.args)} - {"self"}
    for target, method in changed(unaliased(function).body):
        root, attribute = root_of(target)
        if is_made((target, method)):
            continue
        if root == "self" and not of_self:
            continue
        if attribute and (root in ("self", "cls", "mcs", "__class__") or is_own_class(target)):
            found.add(attribute)
        elif attribute and root in given:
            found.add(attribute)  # of an object that may outlive the call
        elif root is not None and root not in own:
            found |= {root, *filter(None, [attribute])}
    return frozenset(found)


def kept_defaults(function: Function) -> frozenset[str]:
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


def declared(function: Function) -> set[str]:
    """Return the names outside of a function that it gives a value."""
    names = {
        name
        for node in walk_all(function.body)
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    }
    if not names:
        return set()
    return {
        node.id
        for node in walk_all(function.body)
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and node.id in names
    }


def changed(body: Iterable[ast.AST]) -> Iterator[Change]:
    """Yield the expressions whose object (not name) the code changes, with the method called."""
    for node in walk_all(body):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield node, ""
        elif isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Attribute) and function.attr in _MUTATORS:
                if not _is_class_or_super(function.value):
                    yield function.value, function.attr
            elif isinstance(function, ast.Name) and function.id in _OF_FIRST and node.args:
                yield node.args[0], "next" if function.id == "next" else ""
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr not in _LOGGING:
                if not _is_class_or_super(function.value):
                    yield function.value, function.attr


def is_made(change: Change) -> bool:
    """Whether what is changed is an iterator that a call has just given.

    Where a function gives one that it keeps, that is a matter of the function.
    """
    node, method = change
    if method != "next" or not isinstance(node, ast.Call):
        return False
    return not isinstance(node.func, ast.Attribute) or node.func.attr not in FETCHING


def changed_places(
    function: Function, changes: Sequence[Change], local: frozenset[str], declares: Iterable[str]
) -> frozenset[str]:
    """Return the chains that a function changes, of which something may outlive the call.

    `changes` are those of its body, `local` its names, and it `declares` those that it gives
    a value outside. "self.name" is an attribute of an object, "self*name" is changed in place,
    "cls.name" one of its class, "?name" one of an object that is not known, "name.method()" is
    called. What it had before and is given again is not changed.
    """
    found = {*declares}
    restored = _restored(function) if changes else frozenset()
    for node, method in changes:
        root, names, last = _path(node)
        if isinstance(node, ast.Attribute) and dotted(node) in restored:
            continue
        in_place = method or not isinstance(node, ast.Attribute)
        if root in _OF_CLASS or (root in ("self", "type") and is_own_class(node)):
            # What pytest calls to set a class up is an input of each test.
            kept = function.name not in _SETTING_UP
            found.update(f"cls.{name}" for name in names[:1] if kept and name != "__class__")
        elif root == "self":
            if names and not names[0].endswith("()") and function.name not in CREATORS:
                found.add(f"self{'*' if in_place else '.'}{names[0]}")
            if last and len(names) > 1:
                found.add(f"?{last}")
        elif root is None or root in local:
            if last:
                found.add(f"?{last}")
        elif root.removesuffix("()") not in _BUILTINS:
            call = f".{method}()" if method else ""
            found.add(".".join((root, *names)) + call)
    return frozenset(found)


def _restored(function: Function) -> frozenset[str]:
    """Return the chains that get a value back which they had, by way of a local name."""
    return frozenset(
        name
        for node in walk_all(function.body)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute)
        for target in node.targets
        if isinstance(target, ast.Attribute)
        and (name := dotted(target)) is not None
        and name == dotted(node.value)
    )


def _path(node: ast.expr) -> tuple[str | None, Sequence[str], str]:
    """Return the root of a chain, the attributes up to an item, and the last of all.

    Nobody else knows an object of a class that is made here.
    """
    last = node.attr if isinstance(node, ast.Attribute) else ""
    if last.startswith("__"):
        last = ""
    names: list[str] = []
    call = ""
    while True:
        if isinstance(node, ast.Attribute):
            if node.attr == "__dict__":
                names.clear()
            else:
                names.append(node.attr + call)
            node, call = node.value, ""
        elif isinstance(node, ast.Subscript):
            names.clear()
            node, call = node.value, ""
        elif isinstance(node, ast.Call):
            if _is_class_or_super(node.func):
                return None, (), ""
            node, call = node.func, "()"
        else:
            break
    names.reverse()
    return (node.id + call if isinstance(node, ast.Name) else None), names, last


def _is_class_or_super(node: ast.expr) -> bool:
    """Whether a method is called on a class, or on `super()`: a call like any other."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "super"
    name = (dotted(node) or "").rpartition(".")[2].lstrip("_")
    return name[:1].isupper() and not name.isupper()


def root_of(node: ast.expr) -> tuple[str | None, str | None]:
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


def is_own_class(node: ast.expr) -> bool:
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
