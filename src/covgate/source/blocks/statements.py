"""The statements of a file outside of functions, one by one."""

from __future__ import annotations

import ast
import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.scopes import dotted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covgate.source.blocks.scopes import Function

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Statement(NamedTuple):
    """One statement of a module or of a class body.

    `key` identifies it across versions of the file, `hash` stands for its text; `kind`, `owner` and
    `binds` are those of `Unit`. While it is yielded, `node` is a class without its members, or the
    import of one name alone. A docstring is an assignment to `__doc__`.
    """

    node: ast.stmt
    kind: str
    owner: str
    binds: tuple[str, ...]
    key: str
    hash: str


def statements(tree: ast.Module) -> Iterator[Statement]:
    """Yield the statements of a file whose functions have been emptied, each with its key."""
    seen: Counter[str] = Counter()
    for node, kind, owner, binds, text in _of_body(tree.body, ""):
        found = digest(kind, text)
        named = ",".join(binds) if binds and kind != "block" else found
        key = f"{owner}:{kind}:{named}"
        seen[key] += 1
        if seen[key] > 1:
            key = f"{key}#{seen[key]}"
        yield Statement(node, kind, owner, binds, key, found)


def has_future_annotations(tree: ast.Module) -> bool:
    """Whether annotations of a file are never evaluated when it is imported."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and any(alias.name == "annotations" for alias in node.names)
        for node in tree.body
    )


_Found = tuple[ast.stmt, str, str, tuple[str, ...], str]


def _of_body(body: Sequence[ast.stmt], owner: str) -> Iterator[_Found]:
    for index, node in enumerate(body):
        if isinstance(node, ast.ClassDef):
            yield from _of_class(node, owner)
        elif index == 0 and is_text(node):
            yield node, "assign", owner, ("__doc__",), dump(node)
        elif _runs_never(node):
            yield node, "static", owner, (), ""
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from _of_import(node, owner)
        else:
            yield _single(node, owner)


def _of_class(node: ast.ClassDef, owner: str) -> Iterator[_Found]:
    members, node.body = node.body, []
    opaque = node.bases or node.decorator_list or node.keywords
    doc = _docstring_of(members) if opaque else ""
    yield node, "class", owner, (node.name,), dump(node) + doc
    yield from _of_body(members, f"{owner}.{node.name}" if owner else node.name)
    node.body = members


def _of_import(node: ast.Import | ast.ImportFrom, owner: str) -> Iterator[_Found]:
    """One statement for each thing that is imported: the others have nothing to do with it."""
    everything = node.names
    for alias in everything:
        node.names = [alias]
        yield node, "import", owner, _imported_names(node), dump(node)
    node.names = everything


def _single(node: ast.stmt, owner: str) -> _Found:
    if isinstance(node, _FUNCTIONS):
        text = dump(node) if node.decorator_list else _dump_without_doc(node)
        return node, "def", owner, (node.name,), text
    kind = "block"
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        kind = "assign"
    elif isinstance(node, ast.Expr | ast.Pass):
        kind = "expr"
    return node, kind, owner, bound(node), dump(node)


def digest(*parts: str) -> str:
    """Return a short hash of some texts."""
    return hashlib.blake2b(
        "\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=10
    ).hexdigest()


def dump(node: ast.AST) -> str:
    """Return a syntax tree as a text without places."""
    return ast.dump(node, annotate_fields=False)


def _dump_without_doc(node: Function) -> str:
    body, node.body = node.body, node.body[-1:]
    try:
        return dump(node)
    finally:
        node.body = body


def is_text(node: ast.stmt) -> bool:
    """Whether a statement is a text and nothing else, as docstrings are."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _docstring_of(members: Sequence[ast.stmt]) -> str:
    if members and is_text(members[0]):
        return dump(members[0])
    return ""


def _runs_never(node: ast.stmt) -> bool:
    """`if TYPE_CHECKING:` and `if __name__ == "__main__":` do nothing on import."""
    if not isinstance(node, ast.If) or node.orelse:
        return False
    if dotted(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING"):
        return True
    test = node.test
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.ops[0], ast.Eq)
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )


def _imported_names(node: ast.Import | ast.ImportFrom) -> tuple[str, ...]:
    """Return the names that an import binds, one for each thing imported."""
    return tuple(item.asname or item.name.partition(".")[0] for item in node.names)


def bound(node: ast.AST) -> tuple[str, ...]:
    """Return the names that a statement binds in its own scope, in order."""
    found: list[str] = []
    pending: list[ast.AST] = [node]
    while pending:
        part = pending.pop(0)
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            found.append(part.id)
        elif isinstance(part, ast.Import | ast.ImportFrom):
            found.extend((item.asname or item.name.partition(".")[0]) for item in part.names)
        elif isinstance(part, (*_FUNCTIONS, ast.ClassDef)):
            found.append(part.name)
            if not isinstance(part, ast.ClassDef):
                continue
        elif isinstance(part, ast.ExceptHandler) and part.name:
            found.append(part.name)
        elif isinstance(part, ast.Lambda):
            continue
        pending.extend(ast.iter_child_nodes(part))
    return tuple(dict.fromkeys(found))
