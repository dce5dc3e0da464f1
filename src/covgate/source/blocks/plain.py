"""A file without what only readers of annotations and docstrings can see."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.effects import is_literal
from covgate.source.blocks.scopes import dotted
from covgate.source.blocks.statements import has_future_annotations, is_text, statements
from covgate.source.blocks.walking import walk

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

    `without_defaults` are without docstrings, and whatever constants parameters default to; those
    of functions under decorators that do more than to wrap, and of those that plugins of pytest are
    given, are left as they are.
    `dataclasses` are classes under the decorator of that name and no other.
    """

    without_docs: Mapping[str, str]
    without_both: Mapping[str, str]
    without_defaults: Mapping[str, str]
    dataclasses: frozenset[str]


class Scope(NamedTuple):
    """What the names of a file may stand for, in whatever scope.

    `bound` are names that anything but an import binds, `origins` tell what the others are imported
    from, as dotted names ("." when it depends), `dropped` are deleted somewhere.
    """

    bound: frozenset[str]
    origins: Mapping[str, str]
    dropped: frozenset[str]
    lazy: bool  # annotations are never evaluated on import


def scope_of(tree: ast.Module) -> Scope:
    """Return what the names of a file may stand for; its functions must be whole."""
    bound: set[str] = set()
    origins: dict[str, str] = {}
    dropped: set[str] = set()
    for node in walk(tree):
        bound.update(_binds(node))
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name, origin in _imports(node):
                origins[name] = origin if origins.get(name, origin) == origin else "."
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            dropped.add(node.id)
    free = {name: origin for name, origin in origins.items() if name not in bound}
    return Scope(frozenset(bound), free, frozenset(dropped), has_future_annotations(tree))


def plain(tree: ast.Module, scope: Scope) -> Plain:
    """Return what is left of a file whose functions have been emptied; the tree loses the rest."""
    docs = _Stripping(scope, annotations=False)
    docs.module(tree)
    without_docs = {one.key: one.hash for one in statements(tree)}
    defaults = _Defaults(scope)
    defaults.module(tree)
    without_defaults = {one.key: one.hash for one in statements(tree)}
    defaults.restore()
    _Stripping(scope, annotations=True).module(tree)
    without_both = {one.key: one.hash for one in statements(tree)}
    return Plain(without_docs, without_both, without_defaults, frozenset(docs.dataclasses))


class _Stripping:
    """Takes docstrings, or annotations whose evaluation can do nothing, out of a tree."""

    _in_any_class = False  # whatever makes the class

    def __init__(self, scope: Scope, *, annotations: bool) -> None:
        self.dataclasses: set[str] = set()
        self._annotations = annotations
        self._lazy = scope.lazy
        self._bound = scope.bound
        self._origins = scope.origins
        self._dropped = scope.dropped
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
            if not self._in_any_class:
                return
        else:
            self._drop_docstring(node)
        self._statements(node.body, name)

    def _function(self, node: Function) -> None:
        self._drop_docstring(node)
        if self._is_handed_over(node):
            return
        arguments = node.args
        for argument in (
            *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
            *filter(None, (arguments.vararg, arguments.kwarg)),
        ):  # fmt: skip
            if argument.annotation is not None and self._drops(argument.annotation):
                argument.annotation = None
        if node.returns is not None and self._drops(node.returns):
            node.returns = None

    def _drop_docstring(self, node: Function | ast.ClassDef) -> None:
        if not self._annotations and is_text(node.body[0]):
            rest = node.body[1:]
            node.body = rest or [ast.copy_location(ast.Pass(), node.body[0])]

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


class _Defaults(_Stripping):
    """Puts one constant in place of all that parameters default to, until it is restored."""

    _in_any_class = True

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope, annotations=False)
        self._were: list[tuple[ast.arguments, list[ast.expr], list[ast.expr | None]]] = []

    def restore(self) -> None:
        for arguments, defaults, named in self._were:
            arguments.defaults, arguments.kw_defaults = defaults, named

    def _function(self, node: Function) -> None:
        if self._is_handed_over(node):
            return
        found = node.args
        self._were.append((found, found.defaults, found.kw_defaults))
        found.defaults = [_any_constant(one) for one in found.defaults]
        found.kw_defaults = [one and _any_constant(one) for one in found.kw_defaults]

    def _drop_docstring(self, node: Function | ast.ClassDef) -> None:
        pass


def _any_constant(node: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Constant(...), node) if is_literal(node) else node


def _imports(node: ast.Import | ast.ImportFrom) -> Iterable[tuple[str, str]]:
    """Yield the names that an import binds, with what they are imported from."""
    for alias in node.names:
        top = alias.name.partition(".")[0]
        origin = alias.name if alias.asname else top
        if isinstance(node, ast.ImportFrom):
            origin = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            top = alias.name
        yield alias.asname or top, origin


def _binds(node: ast.AST) -> Iterable[str]:
    """Return the names that a part of a tree binds by anything but an import."""
    if isinstance(node, ast.Name):
        return () if isinstance(node.ctx, ast.Load) else (node.id,)
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return (node.name,)
    if isinstance(node, ast.arg):
        return (node.arg,)
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        return (node.name,)
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        return dir(builtins)
    return ()


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
