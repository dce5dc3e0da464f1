"""Where in a function some names are mentioned, as lines that a run of it leaves behind."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.mentions import mentions
from covgate.source.blocks.pieces import BLOCKS, FUNCTIONS, blocks, first_line, head_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.source.blocks.pieces import Placed

_INNER = (*BLOCKS, "handlers", "cases")
# Statements that leave no line of their own behind, or not for sure.
_SILENT = (
    ast.Try, ast.ExceptHandler, ast.Match, ast.match_case, ast.Global, ast.Nonlocal, ast.Pass,
)  # fmt: skip
_SUSPENDS = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)


class Spots(NamedTuple):
    """The lines of a function, and for each statement its lines with the words that it mentions.

    None as the lines of a statement: it may run without leaving one.
    """

    lines: frozenset[int]
    statements: tuple[tuple[frozenset[int] | None, frozenset[str]], ...]

    def of(self, words: Iterable[str]) -> frozenset[int] | None:
        """Return the lines of the statements that mention one of `words`; None: cannot tell."""
        found: set[int] = set()
        wanted = frozenset(words)
        for lines, mentioned in self.statements:
            if not wanted.isdisjoint(mentioned):
                if lines is None:
                    return None
                found |= lines
        return frozenset(found) or None


def spots(placed: Placed) -> Spots | None:
    """Return the spots of a function; None for one that may go on where it was not begun."""
    node, _, before = placed
    if any(isinstance(part, _SUSPENDS) for part in ast.walk(node)):
        return None
    body: list[ast.stmt] = node.body  # type: ignore[attr-defined]
    first, last = first_line(body[0]), node.end_lineno or node.lineno
    found: list[tuple[frozenset[int] | None, frozenset[str]]] = []
    for one in _statements(node):
        some = mentions(_head(one))
        words = some.names | some.attrs
        if words:
            # Of a case, as of a statement without a line event, nobody knows that it was passed.
            lines: frozenset[int] | None = None
            if not isinstance(one, _SILENT):
                lines = frozenset(range(first_line(one) + before, head_end(one) + before + 1))
            found.append((lines, words))
    return Spots(frozenset(range(first + before, last + before + 1)), tuple(found))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements inside of a function, the bodies of those inside of it left out."""
    for child in blocks(node):
        yield child
        if not isinstance(child, FUNCTIONS):
            yield from _statements(child)


def _head(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a statement evaluates itself, and not the statements inside of it."""
    if not any(isinstance(getattr(node, name, None), list) for name in _INNER):
        yield node
        return
    for name, value in ast.iter_fields(node):
        if name not in _INNER:
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, ast.AST):
                    yield part
