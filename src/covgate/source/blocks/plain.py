"""A file without what only readers of annotations and docstrings can see."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.effects import is_literal
from covgate.source.blocks.mentions import dotted
from covgate.source.blocks.units import has_future_annotations, read_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.source.blocks.scopes import Function

# Decorators that look at neither, by the module that they are imported from.
_WRAPPERS = {
    "abc": ("abstractmethod",),
    "contextlib": ("contextmanager", "asynccontextmanager"),
    "functools": ("cache", "cached_property", "lru_cache"),
    "pytest": ("fixture", "mark"),
    "typing": ("final", "override"),
}
_BUILTIN = frozenset({"property", "staticmethod", "classmethod"})
_OF_PROPERTY = frozenset({"setter", "getter", "deleter"})
# Built-in types of which anything makes a generic alias.
_GENERIC = frozenset({"list", "dict", "set", "frozenset", "tuple", "type"})
# Built-in types that some Python from 3.9 on does not have.
_NEWER = frozenset(
    {"BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "PythonFinalizationError"}
)


class Plain(NamedTuple):
    """The hashes of the statements outside of functions, by key.

    `dataclasses` are classes under the decorator of that name and no other.
    """

    without_docs: Mapping[str, str]
    without_both: Mapping[str, str]
    dataclasses: frozenset[str]


def plain(source: bytes) -> Plain | None:
    """Return what is left of a file; None when it does not parse."""
    try:
        without_docs, classes = _stripped(source, annotations=False)
        without_both, _ = _stripped(source, annotations=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return Plain(without_docs, without_both, classes)


def without_defaults(source: bytes) -> Mapping[str, str]:
    """Return the hashes of the statements, by key, whatever constants the parameters default to.

    Those of functions under decorators that do more than to wrap, and of those that plugins of
    pytest are given, are left as they are. Empty when the file does not parse.
    """
    try:
        return _stripped(source, annotations=False, defaults=True)[0]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _stripped(
    source: bytes, *, annotations: bool, defaults: bool = False
) -> tuple[dict[str, str], frozenset[str]]:
    tree = ast.parse(source)
    stripping = _Stripping(tree, annotations=annotations, defaults=defaults)
    stripping.module(tree)
    hashes = {unit.key: unit.hash for unit in read_tree(tree).units}
    return hashes, frozenset(stripping.dataclasses)


class _Stripping:
    """Takes docstrings, and annotations whose evaluation can do nothing, out of a tree.

    With `defaults`, the constants of parameters as well.
    """

    def __init__(self, tree: ast.Module, *, annotations: bool, defaults: bool) -> None:
        self.dataclasses: set[str] = set()
        self._annotations = annotations
        self._defaults = defaults
        self._lazy = has_future_annotations(tree)
        self._bound = frozenset(_bound(tree))
        self._origins = {
            name: origin for name, origin in _imported(tree).items() if name not in self._bound
        }
        self._dropped = {
            part.id
            for part in ast.walk(tree)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Del)
        }
        self._there: set[str] = set()  # what the statements so far certainly gave a value

    def module(self, tree: ast.Module) -> None:
        self._statements(tree.body, "")

    def _statements(self, body: list[ast.stmt], owner: str) -> None:
        properties: set[str] = set()
        for index, node in enumerate(body):
            if not owner and index:
                self._there.update(_given(body[index - 1]))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                made = owner in self.dataclasses and node.name.startswith("__")
                if not made and all(self._only_wraps(d, properties) for d in node.decorator_list):
                    self._function(node)
                if any(
                    self._is_builtin(decorator, "property") for decorator in node.decorator_list
                ):
                    properties.add(node.name)
            elif isinstance(node, ast.ClassDef):
                self._class(node, f"{owner}.{node.name}" if owner else node.name)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                simple = isinstance(node.target, ast.Name) and owner not in self.dataclasses
                if simple and self._drops(node.annotation):
                    body[index] = ast.copy_location(ast.Assign([node.target], node.value), node)

    def _class(self, node: ast.ClassDef, name: str) -> None:
        decorators = [self._named(decorator) for decorator in node.decorator_list]
        if decorators == ["dataclasses.dataclass"]:
            self.dataclasses.add(name)
        elif decorators or node.keywords:
            if not self._defaults:
                return
        else:
            _drop_docstring(node)
        self._statements(node.body, name)

    def _function(self, node: Function) -> None:
        _drop_docstring(node)
        if self._is_handed_over(node):
            return
        arguments = node.args
        if self._defaults:
            arguments.defaults = [_any_constant(one) for one in arguments.defaults]
            arguments.kw_defaults = [
                None if one is None else _any_constant(one) for one in arguments.kw_defaults
            ]
        for argument in (
            *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
            *filter(None, (arguments.vararg, arguments.kwarg)),
        ):  # fmt: skip
            if argument.annotation is not None and self._drops(argument.annotation):
                argument.annotation = None
        if node.returns is not None and self._drops(node.returns):
            node.returns = None

    def _is_handed_over(self, node: Function) -> bool:
        """Whether plugins of pytest are given a function: a test, a fixture, a hook."""
        return node.name.startswith(("test", "pytest_")) or any(
            self._named(decorator).startswith("pytest.") for decorator in node.decorator_list
        )

    def _only_wraps(self, node: ast.expr, properties: set[str]) -> bool:
        """Whether a decorator is one of those that look at no annotation and at no docstring."""
        if any(self._is_builtin(node, name) for name in _BUILTIN):
            return True
        root, _, rest = (dotted(node) or "").partition(".")
        if root in properties and rest in _OF_PROPERTY:
            return True
        module, _, what = self._named(node).partition(".")
        return what.partition(".")[0] in _WRAPPERS.get(module, ())

    def _is_builtin(self, node: ast.expr, name: str) -> bool:
        free = name not in self._origins and name not in self._bound
        return free and isinstance(node, ast.Name) and node.id == name

    def _named(self, node: ast.expr) -> str:
        """Return what a decorator was imported as; "." and more for anything else."""
        return self._origin(node.func if isinstance(node, ast.Call) else node)

    def _drops(self, annotation: ast.expr) -> bool:
        return self._annotations and (self._lazy or self._is_inert(annotation))

    def _is_inert(self, node: ast.expr) -> bool:
        """Whether evaluating an annotation certainly yields a value, and does nothing else."""
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.Name):
            is_free = node.id not in self._bound and node.id not in self._origins
            is_type = isinstance(getattr(builtins, node.id, None), type) and node.id not in _NEWER
            return (is_free and is_type) or (
                node.id in self._there and node.id not in self._dropped
            )
        if isinstance(node, ast.Tuple | ast.List):
            return all(map(self._is_inert, node.elts))
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            name = node.value.id
            is_free = name not in self._bound and name not in self._origins
            return is_free and name in _GENERIC and self._is_inert(node.slice)
        return False

    def _origin(self, node: ast.expr) -> str:
        root, dot, rest = (dotted(node) or "").partition(".")
        return f"{self._origins.get(root, '.')}{dot}{rest}"


def _imported(tree: ast.Module) -> dict[str, str]:
    """Return what names of a file are imported from, as dotted names; "." when it depends."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        for alias in node.names:
            top = alias.name.partition(".")[0]
            origin = alias.name if alias.asname else top
            if isinstance(node, ast.ImportFrom):
                origin = f"{'.' * node.level}{node.module or ''}.{alias.name}"
                top = alias.name
            name = alias.asname or top
            found[name] = origin if found.get(name, origin) == origin else "."
    return found


def _bound(tree: ast.Module) -> Iterable[str]:
    """Yield the names that anything but an import binds, in whatever scope."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            yield from dir(builtins)


def _given(node: ast.stmt) -> Iterable[str]:
    """Yield the names that a statement certainly gives a value, if it comes to its end."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Assign):
        yield from (target.id for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from [node.target.id] if isinstance(node.target, ast.Name) else []


def _any_constant(node: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Constant(...), node) if is_literal(node) else node


def _drop_docstring(node: Function | ast.ClassDef) -> None:
    first = node.body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        node.body[:1] = [] if len(node.body) > 1 else [ast.copy_location(ast.Pass(), first)]
