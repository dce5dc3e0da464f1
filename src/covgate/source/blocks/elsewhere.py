"""Which functions of a file decide by what others answer, or by what others change.

Whether these answer by what is remembered, only a look at all files tells
(`covgate.impact.telling`). Here is what a file says by itself.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.chains import chains
from covgate.source.blocks.containers import MAKERS
from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BUILTINS = frozenset(vars(builtins))
# Loaded before any module of a project, which can't take their place; asked more than all others.
_NEVER_OURS = frozenset(
    {
        "os", "sys", "re", "io", "inspect", "typing", "pathlib", "collections", "abc", "ast",
        "builtins", "contextlib", "copy", "enum", "errno", "functools", "importlib", "itertools",
        "operator", "threading", "time", "traceback", "types", "warnings", "weakref",
    }
)  # fmt: skip
_OWNERS = frozenset({"self", "cls"})
_CONTAINERS = MAKERS | {"bytearray", "ChainMap", "Queue", "SimpleQueue"}
VALUE = "value"
WHETHER = "whether"


class Asking(NamedTuple):
    """A function that decides by what others say.

    It `answers` "" where it hands nothing on, VALUE where it does, and WHETHER where a method fills
    its object and tells if something was so.

    `called` are pairs: the chain that it writes ("" where it only hands the value on), and what it
    stands for: "a.b.c" or "a.b().c", with leading dots where that is relative, ":name.attribute"
    for what the file defines, and "@Class.attribute" for what is asked of `self`, its class or
    `super()`.
    """

    key: str
    answers: str
    called: tuple[tuple[str, str], ...]


class Holding(NamedTuple):
    """What a file has that outlives calls, and what its functions change of such things.

    `values` are pairs of a name ("Class.name" in a class, "function()" of one that remembers what
    it gives) and what it is made from: an origin as in `Asking`, with "()" at its end where that is
    called, or "" for a container of its own. `classes` are pairs of a class and what stands for a
    base of it. `changed` are origins too, and further "@Class:attribute" of `self`,
    "@Class*attribute" of what it holds there and changes in place, "?attribute" of an object that
    is not known; with "method()" at the end where one is called.
    """

    values: tuple[tuple[str, str], ...] = ()
    classes: tuple[tuple[str, str], ...] = ()
    changed: tuple[str, ...] = ()


class Doors(NamedTuple):
    """What names stand for that come from elsewhere, and where the others may come from."""

    names: Mapping[str, str]
    stars: tuple[str, ...]


def doors(nodes: Iterable[ast.AST]) -> Doors:
    """Return what the imports among some nodes bind."""
    names: dict[str, str] = {}
    stars: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.partition(".")[0]
                names[one.asname or top] = one.name if one.asname else top
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for one in node.names:
                place = base + one.name if base.endswith(".") else f"{base}.{one.name}"
                if one.name == "*":
                    stars.append(base)
                else:
                    names[one.asname or one.name] = place
    return Doors(names, tuple(stars))


_NO_DOORS = Doors({}, ())


def renamed(found: Doors) -> frozenset[tuple[str, str]]:
    """Return the imported names that a file knows under another: (name there, name here)."""
    pairs = ((place.rpartition("."), name) for name, place in found.names.items())
    return frozenset((last, name) for (_, dot, last), name in pairs if dot and last != name)


class Names:
    """What the names of one file stand for: `outer` are its doors, `own` what it defines."""

    def __init__(self, outer: Doors, own: frozenset[str]) -> None:
        self.outer = outer
        self.own = own

    def of(self, name: str, inner: Doors = _NO_DOORS, owner: str = "") -> Iterator[str]:
        """Yield what a chain stands for, see `Asking`; `owner` is the class of `self`."""
        root, dot, rest = name.partition(".")
        root, call = root.removesuffix("()"), "()" * root.endswith("()")
        place = inner.names.get(root) or self.outer.names.get(root)
        if place is not None:
            if place.partition(".")[0] not in _NEVER_OURS:
                yield place + call + dot + rest
        elif root in self.own:
            yield f":{name}"
        elif root in _OWNERS:
            if owner and rest:
                yield f"@{owner}.{rest.partition('.')[0]}"
        elif root not in _BUILTINS:
            for base in (*inner.stars, *self.outer.stars):
                yield f"{base}{'' if base.endswith('.') else '.'}{name}"


class Scope(NamedTuple):
    """Where a function stands: its own imports, its local names, and the class of its `self`."""

    inner: Doors
    local: frozenset[str]
    owner: str


def origins(asked: Iterable[str], names: Names, scope: Scope) -> tuple[tuple[str, str], ...]:
    """Return what the chains stand for that a function asks, see `Asking.called`."""
    local = scope.local - scope.inner.names.keys() - (_OWNERS if scope.owner else frozenset())
    found = {
        (
            origin[1:].removesuffix("()") if origin.startswith("@") else name.replace("()", ""),
            origin,
        )
        for name in asked
        if name.partition(".")[0].removesuffix("()") not in local
        for origin in names.of(name, scope.inner, scope.owner)
    }
    return tuple(sorted(found))


def changed_origins(changes: Iterable[str], names: Names, scope: Scope) -> Iterator[str]:
    """Yield what the chains stand for that a function changes, see `Holding.changed`."""
    for one in changes:
        if one.startswith("?"):
            yield one
        elif one.startswith(("self.", "self*")):
            if scope.owner:
                mark = "*" if one[4] == "*" else ":"
                yield f"@{scope.owner}{mark}{one[5:]}"
        elif one.startswith("cls."):
            if scope.owner:
                yield f"@{scope.owner}.{one[4:]}"
        else:
            yield from names.of(one, scope.inner)


def values_of(tree: ast.AST, names: Names, owner: str = "") -> Iterator[tuple[str, str]]:
    """Yield what names of a module, or of a class, are made from, see `Holding.values`."""
    for node in _statements(tree):
        if isinstance(node, ast.ClassDef):
            inner = f"{owner}.{node.name}" if owner else node.name
            yield from values_of(node, names, inner)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            bound = [one.id for one in targets if isinstance(one, ast.Name)]
            is_declared = owner and node.value is None  # of objects of the class
            made = {*_made_from(node, names)} if bound and not is_declared else set()
            if owner and node.value is not None and _is_container(node.value):
                made.add("")
            for name in bound:
                yield from ((f"{owner}.{name}" if owner else name, one) for one in made)


def classes_of(tree: ast.AST, names: Names, owner: str = "") -> Iterator[tuple[str, str]]:
    """Yield the classes of a file with their bases, see `Holding.classes`."""
    for node in _statements(tree):
        if isinstance(node, ast.ClassDef):
            name = f"{owner}.{node.name}" if owner else node.name
            bases = [
                dotted(base.value if isinstance(base, ast.Subscript) else base)
                for base in node.bases
            ]
            found = [one for base in filter(None, bases) for one in names.of(base)]
            yield from ((name, one) for one in found or [""])
            yield from classes_of(node, names, name)


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements beneath a module or class that are no part of a function or class."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.stmt):
            yield child
        if isinstance(child, ast.If | ast.Try | ast.With | ast.For | ast.ExceptHandler):
            yield from _statements(child)


def _made_from(node: ast.Assign | ast.AnnAssign, names: Names) -> Iterator[str]:
    value = node.value
    if isinstance(node, ast.AnnAssign):
        for chain in chains(node.annotation):
            yield from (f"{one.removesuffix('()')}()" for one in names.of(chain))
    if value is None:
        return
    parts = [value]
    while parts:
        part = parts.pop()
        if isinstance(part, ast.IfExp):
            parts += [part.body, part.orelse]
        elif isinstance(part, ast.BoolOp):
            parts += part.values
        elif isinstance(part, ast.Call):
            name = dotted(part.func)
            if name is None:
                parts.append(part.func)
                continue
            last = name.rpartition(".")[2].lstrip("_")
            if not last[:1].isupper():  # `partial(f)`, `wrapped(f)`
                parts += [*part.args, *(one.value for one in part.keywords)]
            yield from (f"{one}()" for one in names.of(name))
        else:
            for chain in chains(part):
                yield from names.of(chain.removesuffix("()"))


def _is_container(node: ast.expr) -> bool:
    """Whether an expression makes a container."""
    if isinstance(node, ast.Call):
        return (dotted(node.func) or "").rpartition(".")[2] in _CONTAINERS
    return isinstance(
        node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp
    )
