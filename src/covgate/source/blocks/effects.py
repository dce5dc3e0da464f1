"""What a statement does on import besides binding names, and whether it can fail at all."""

from __future__ import annotations

import ast
import builtins
import sys
from typing import TYPE_CHECKING

from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SAFE_NAMES = frozenset(
    name for name, value in vars(builtins).items() if isinstance(value, type)
) | {"None", "True", "False", "print", "len"}
# Decorators that wrap or describe what they decorate and register it nowhere.
_PURE = frozenset(
    {
        "abstractmethod", "asynccontextmanager", "cache", "cached_property", "classmethod",
        "contextmanager", "dataclass", "deleter", "fixture", "final", "getter", "lru_cache",
        "overload", "override", "property", "runtime_checkable", "setter", "singledispatch",
        "staticmethod", "total_ordering", "wraps", "unique", "no_type_check", "skip", "skipIf",
        "skipUnless", "expectedFailure", "given", "settings", "patch", "object",
    }
)  # fmt: skip


def is_pure_decorator(node: ast.expr) -> bool:
    """Whether a decorator only wraps or describes, by its name."""
    name = dotted(node.func if isinstance(node, ast.Call) else node)
    if name is None:
        return False
    return name.rpartition(".")[2] in _PURE or ".mark." in f".{name}"


def effect_of(node: ast.stmt) -> bool:
    """Whether a statement may change objects other than by giving names a value."""
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        if isinstance(node, ast.ClassDef) and (node.keywords or node.bases):
            return True
        return not all(map(is_pure_decorator, node.decorator_list))
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass):
        return False
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    return any(_acts(part) for part in ast.walk(node))


def _acts(part: ast.AST) -> bool:
    if isinstance(part, ast.Call | ast.Delete | ast.Await | ast.AugAssign):
        return True
    if isinstance(part, ast.Attribute | ast.Subscript):
        return not isinstance(part.ctx, ast.Load)
    if isinstance(part, (*_FUNCTIONS, ast.ClassDef)):
        return effect_of(part)
    return False


def receivers_of(node: ast.stmt) -> tuple[frozenset[str], frozenset[str]]:
    """Return names, and attributes, of the objects that a statement may change.

    The object that a method is called on, one that an item or attribute is stored in, and those
    that are passed to a call.
    """
    names: set[str] = set()
    attrs: set[str] = set()
    for part in ast.walk(node):
        for expression in _changed_by(part):
            _chain(expression, names, attrs)
    return frozenset(names), frozenset(attrs)


def fetched_from(node: ast.stmt) -> frozenset[str]:
    """Return the receivers that are no more than `name` in calls of `name.function()`.

    When the name is that of a module, such a call changes nothing of it but what the function does.
    """
    only: set[str] = set()
    other: set[str] = set()
    for part in ast.walk(node):
        called = part.func if isinstance(part, ast.Call) else None
        for expression in _changed_by(part):
            names: set[str] = set()
            _chain(expression, names, set())
            fetched = isinstance(called, ast.Attribute) and expression is called.value
            (only if fetched and isinstance(expression, ast.Name) else other).update(names)
    return frozenset(only - other)


def _changed_by(part: ast.AST) -> Iterable[ast.expr]:
    if isinstance(part, ast.Call):
        if isinstance(part.func, ast.Attribute):
            yield part.func.value
        yield from part.args
        yield from (keyword.value for keyword in part.keywords)
    elif isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load):
        yield part.value
        if isinstance(part, ast.Attribute):
            yield part
    elif isinstance(part, ast.AugAssign):
        yield part.target
    elif isinstance(part, (*_FUNCTIONS, ast.ClassDef)):
        for decorator in part.decorator_list:
            if not is_pure_decorator(decorator):
                yield decorator.func if isinstance(decorator, ast.Call) else decorator


def _chain(node: ast.expr, names: set[str], attrs: set[str]) -> None:
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            attrs.add(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        names.add(node.id)


def is_harmless(node: ast.stmt, future_annotations: bool) -> bool:
    """Whether executing a statement on import can neither fail nor have an effect."""
    if isinstance(node, _FUNCTIONS):
        arguments = node.args
        defaults = (*arguments.defaults, *filter(None, arguments.kw_defaults))
        return (
            not node.decorator_list
            and all(map(is_literal, defaults))
            and (future_annotations or all(map(_is_known, _annotations(node))))
        )
    if isinstance(node, ast.Import):
        return all(
            alias.name in sys.stdlib_module_names and "." not in alias.name for alias in node.names
        )
    if isinstance(node, ast.Assign):
        plain = all(isinstance(target, ast.Name) for target in node.targets)
        return plain and is_literal(node.value)
    if isinstance(node, ast.AnnAssign):
        value = node.value is None or is_literal(node.value)
        return (
            isinstance(node.target, ast.Name)
            and value
            and (future_annotations or _is_known(node.annotation))
        )
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Pass) or (
        isinstance(node, ast.ClassDef) and not (node.bases or node.keywords or node.decorator_list)
    )


def _annotations(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterable[ast.expr]:
    arguments = node.args
    for argument in (
        *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ):  # fmt: skip
        if argument.annotation is not None:
            yield argument.annotation
    if node.returns is not None:
        yield node.returns


def is_literal(node: ast.expr) -> bool:
    """Whether an expression is written out of constants alone."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(is_literal, node.elts))
    if isinstance(node, ast.Dict):
        keys = all(isinstance(key, ast.Constant) for key in node.keys)
        return keys and all(map(is_literal, node.values))
    if isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
        return isinstance(node.op, ast.USub) and isinstance(node.operand.value, int | float)
    return False


def _is_known(node: ast.expr) -> bool:
    """Whether an annotation consists of constants and names of built-in types."""
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id in _SAFE_NAMES)
