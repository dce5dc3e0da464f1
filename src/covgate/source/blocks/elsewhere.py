"""Which functions of a file decide by the answers of functions of other files.

Whether these answer by what is remembered, only a look at the other file tells
(`covgate.impact.telling`). Here is what a file says by itself.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.scopes import Function, dotted, local_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BUILTINS = frozenset(vars(builtins))
# Loaded before any module of a project, which can't take their place; asked more than all others.
_NEVER_OURS = frozenset({"os", "sys", "re", "io", "inspect", "typing", "pathlib", "collections"})


class Asking(NamedTuple):
    """A function that decides by answers; `answers` says whether it answers itself.

    `called` are pairs: the dotted name that it writes ("" where it only hands the answer on), and
    what it stands for: with leading dots where that is relative, and ":name" for a function of the
    file.
    """

    key: str
    answers: bool
    called: tuple[tuple[str, str], ...]


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


def renamed(found: Doors) -> frozenset[tuple[str, str]]:
    """Return the imported names that a file knows under another: (name there, name here)."""
    pairs = ((place.rpartition("."), name) for name, place in found.names.items())
    return frozenset((last, name) for (_, dot, last), name in pairs if dot and last != name)


def origins(
    function: Function, called: Iterable[str], outer: Doors, own: frozenset[str]
) -> tuple[tuple[str, str], ...]:
    """Return what dotted names that a function calls stand for, see `Asking.called`.

    `outer` are the doors of the file, `own` the functions that it defines.
    """
    inner = doors(node for part in function.body for node in ast.walk(part))
    local = local_names(function) - inner.names.keys()
    found: set[tuple[str, str]] = set()
    for name in called:
        root, dot, rest = name.partition(".")
        place = inner.names.get(root) or outer.names.get(root)
        if root in local:
            continue
        if place is not None:
            if place.partition(".")[0] not in _NEVER_OURS:
                found.add((name, place + dot + rest))
        elif root in own:
            found.add((name, f":{name}"))
        elif root not in _BUILTINS:
            stars = (*inner.stars, *outer.stars)
            found |= {(name, f"{base}{'' if base.endswith('.') else '.'}{name}") for base in stars}
    return tuple(sorted(found))


def called_names(node: ast.AST) -> frozenset[str]:
    """Return the dotted names of what a piece of code calls."""
    calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    return frozenset(filter(None, map(dotted, calls)))
