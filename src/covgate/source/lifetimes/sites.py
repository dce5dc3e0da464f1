"""Where the files of a project mention a class, and whether they do no more than use its objects.

Allowed are, inside of functions, `Class(...).method(...)` and a local name that is given
`Class(...)` and of which only attributes are read and methods called; besides imports under the
same name, annotations and `isinstance`.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.scopes import local_names
from covgate.source.lifetimes.iterators import is_generator, passed_on_by, waits
from covgate.source.lifetimes.parents import Parents, has_word, parsed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Who mentions one of these may come upon any name of the module.
_OWN_NAMES = ("globals", "locals", "vars", "eval", "exec", "__dict__")
# Who mentions one of these may come upon any module, or any class.
_MODULES = ("import_module", "__import__", "modules", "resolve_name", "find_spec")
_CLASSES = ("__subclasses__", "get_objects", "get_referrers")
_COMPUTING = ("getattr", "vars", "__dict__", "getmembers", "eval", "exec", "getattr_static")


class Handled(NamedTuple):
    """A class: its definition, its methods, and those of them that may return a generator."""

    definition: ast.ClassDef
    methods: frozenset[str]
    lazy: frozenset[str]


def made_locally(tree: ast.Module, made: Handled) -> set[str] | None:
    """Return None when a file may do something with an object that outlives a call.

    Else the functions that wait, or return what waits, while they have one.
    """
    sites = _Sites(tree, made)
    return sites.waiting if sites.are_local() else None


class _Sites:
    def __init__(self, tree: ast.Module, made: Handled) -> None:
        self.waiting: set[str] = set()
        self._parents = Parents(tree)
        self._made = made
        self._name = made.definition.name

    def are_local(self) -> bool:
        return all(self._is_harmless(node) for node in ast.walk(self._parents.tree))

    def _is_harmless(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name | ast.Attribute):
            named = node.id if isinstance(node, ast.Name) else node.attr
            return named != self._name or (
                isinstance(node.ctx, ast.Load)
                and (node in self._annotations or self._is_used_locally(node))
            )
        if isinstance(node, ast.alias):
            return self._name not in (*node.name.split("."), node.asname) or not node.asname
        if isinstance(node, ast.Constant):
            return not isinstance(node.value, str | bytes) or self._is_only_text(node)
        if isinstance(node, ast.ClassDef):
            return node.name != self._name or node is self._made.definition
        if isinstance(node, ast.Global | ast.Nonlocal):
            return self._name not in node.names
        # Of functions, arguments, handlers and patterns.
        names = {getattr(node, field, None) for field in ("name", "arg", "rest")}
        return self._name not in {*names, *getattr(node, "kwd_attrs", ())}

    @cached_property
    def _annotations(self) -> set[ast.AST]:
        found: set[ast.AST] = set()
        for node in ast.walk(self._parents.tree):
            for field in ("annotation", "returns"):
                told = getattr(node, field, None)
                if isinstance(told, ast.AST):
                    found.update(ast.walk(told))
        return found

    def _is_only_text(self, node: ast.Constant) -> bool:
        """Whether nothing can be expected to find the class by a string."""
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")  # type: ignore[union-attr]
        if not has_word(text.encode(), [self._name]):
            return True
        if self._parents.is_exported(node):
            return True
        return not (
            ">>>" in text
            or re.fullmatch(r"[\w.:]+", text.strip())
            or re.search(rf"(?<!\w){re.escape(self._name)}\s*\(", text)
        )

    def _is_used_locally(self, node: ast.expr) -> bool:
        call = self._parents.above(node)
        if not isinstance(call, ast.Call):
            return False
        if call.func is not node:
            return (
                isinstance(call.func, ast.Name)
                and call.func.id == "isinstance"
                and node in call.args[1:]
            )
        function = self._parents.function_of(call)
        if function is None:
            return False
        around = self._parents.above(call)
        if isinstance(around, ast.Attribute):
            return self._is_use(around)
        if isinstance(around, ast.Assign) and len(around.targets) == 1:
            target = around.targets[0]
            return isinstance(target, ast.Name) and self._stays(target.id, function)
        return False

    def _is_use(self, node: ast.Attribute) -> bool:
        """Whether an attribute of an object is read, or a method called."""
        if not isinstance(node.ctx, ast.Load) or node.attr.startswith("__"):
            return False
        above = self._parents.above(node)
        is_called = isinstance(above, ast.Call) and above.func is node
        if node.attr not in self._made.methods:
            return True
        if not (is_called and isinstance(above, ast.Call)):
            return False
        return node.attr not in self._made.lazy or self._note(passed_on_by(self._parents, above))

    def _note(self, waiting: set[str] | None) -> bool:
        self.waiting |= waiting or set()
        return waiting is not None

    def _stays(self, local: str, function: ast.FunctionDef) -> bool:
        """Whether a local name is used for nothing but attributes and methods of its object."""
        if local not in local_names(function):
            return False
        if is_generator(function) and not self._note(waits(function)):
            return False
        for node in ast.walk(function):
            if isinstance(node, ast.Global | ast.Nonlocal) and local in node.names:
                return False
            if isinstance(node, ast.Name) and node.id in ("locals", "vars", "eval", "exec"):
                return False
            if isinstance(node, ast.Name) and node.id == local:
                if self._parents.function_of(node) is not function:
                    return False
                if isinstance(node.ctx, ast.Load):
                    use = self._parents.above(node)
                    if not isinstance(use, ast.Attribute) or not self._is_use(use):
                        return False
        return True


def may_be_fetched(texts: Mapping[str, bytes], holders: Collection[str]) -> bool:
    """Whether somebody may get what modules define by a name that is computed.

    `texts` are all files of the project; the modules are those of `holders`.
    """
    stems = {_stem(path) for path in holders}
    for path, text in texts.items():
        if path in holders and has_word(text, _OWN_NAMES) and _mentions(text, _OWN_NAMES):
            return True
        if has_word(text, _CLASSES) and _mentions(text, _CLASSES):
            return True
        if has_word(text, _MODULES) and has_word(text, _COMPUTING):
            if _mentions(text, _MODULES) and _mentions(text, _COMPUTING):
                return True
        if has_word(text, stems) and _uses_as_object(text, stems):
            return True
    return False


def _stem(path: str) -> str:
    return path.removesuffix("/__init__.py").removesuffix(".py").rpartition("/")[2]


def _mentions(text: bytes, words: Collection[str]) -> bool:
    tree = parsed(text)
    return tree is None or any(
        (isinstance(node, ast.Name) and node.id in words)
        or (isinstance(node, ast.Attribute) and node.attr in words)
        or (isinstance(node, ast.alias) and node.name.rpartition(".")[2] in words)
        for node in ast.walk(tree)
    )


def _uses_as_object(text: bytes, stems: Collection[str]) -> bool:
    """Whether a file passes a module on, or gives it another name."""
    tree = parsed(text)
    if tree is None:
        return True
    asked = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            named = node.id if isinstance(node, ast.Name) else node.attr
            if named in stems and id(node) not in asked:
                return True
        elif isinstance(node, ast.alias) and node.asname:
            if node.name.rpartition(".")[2] in stems:
                return True
    return False
