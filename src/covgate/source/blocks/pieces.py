"""A file taken apart into pieces that parse by themselves; versions of it share most of them.

Whatever is known of a piece counts lines from its own first one, so that it is found out once.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.source.blocks.scopes import Function

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = ("body", "orelse", "finalbody")
# No statement goes on with one of these at the beginning of a line.
_STARTS = re.compile(rb"(?:@|(?:def|class|async)\b)")
_CODING = re.compile(rb"[ \t\f]*#.*?coding[:=](?![ \t]*utf-?8(?![-_.a-zA-Z0-9]))", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
# Text in which definitions are only quoted is taken as one piece in the end.
_MOST_QUOTED = 20


class Piece:
    """Statements of a module, with the functions among them in order; see above for lines."""

    def __init__(self, text: bytes, tree: ast.Module) -> None:
        self.lines = text.splitlines()
        self.nodes = tree.body
        self.functions = [*_functions(tree, "")]
        self.statement_of: dict[int, int] = {}
        for node in statements(tree):  # inner statements win
            first = first_line(node)
            for line in range(first, head_end(node) + 1):
                self.statement_of[line] = first


class Placed(NamedTuple):
    """A node of a piece, and how many lines of the file come before the piece."""

    node: ast.stmt
    piece: Piece
    before: int


class Version:
    """One version of a file: its statements, and its functions by the keys of their blocks.

    Raises `SyntaxError`, `ValueError` or `RecursionError` for what is not Python.
    """

    def __init__(self, source: bytes) -> None:
        self.statements: list[Placed] = []
        self.functions: dict[str, Placed] = {}
        self._pieces: list[Piece] = []
        self._before: list[int] = []
        seen: dict[str, int] = {}
        before = 0
        for piece in _apart(source):
            self._pieces.append(piece)
            self._before.append(before)
            self.statements += [Placed(node, piece, before) for node in piece.nodes]
            for key, node in piece.functions:
                seen[key] = seen.get(key, 0) + 1
                name = key if seen[key] == 1 else f"{key}#{seen[key]}"
                self.functions[name] = Placed(node, piece, before)
            before += len(piece.lines)

    @property
    def statement_of(self) -> Mapping[int, int]:
        """The first line of the innermost statement that any line belongs to."""
        return _Lines(self._pieces, self._before)


class _Lines(Mapping[int, int]):
    def __init__(self, pieces: list[Piece], before: list[int]) -> None:
        self._pieces = pieces
        self._before = before

    def __getitem__(self, line: int) -> int:
        place = bisect_right(self._before, line - 1) - 1
        if place < 0:
            raise KeyError(line)
        before = self._before[place]
        return self._pieces[place].statement_of[line - before] + before

    def __iter__(self) -> Iterator[int]:
        for piece, before in zip(self._pieces, self._before, strict=True):
            yield from (line + before for line in piece.statement_of)

    def __len__(self) -> int:
        return sum(len(piece.statement_of) for piece in self._pieces)


def _apart(source: bytes) -> Iterator[Piece]:
    """Yield the pieces of a file.

    One that parses as a file ends where a statement ends, and the next begins a statement: so they
    mean the same together as alone.
    """
    lines = source.splitlines(keepends=True)
    if source.startswith(_BOM) or any(map(_CODING.match, lines[:2])):
        yield Piece(source, ast.parse(source))
        return
    texts = [*_texts(lines)]
    at = 0
    while at < len(texts):
        end = at + 1
        text = texts[at]
        while (piece := _piece(text)) is None:
            if end == len(texts):
                ast.parse(text)  # says what is wrong
                raise SyntaxError("it cannot be taken apart")
            more = texts[end:] if end - at >= _MOST_QUOTED else texts[end : end + 1]
            text += b"".join(more)
            end += len(more)
        yield piece
        at = end


def _texts(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text up to each line at which a piece may begin."""
    text: list[bytes] = []
    for line in lines:
        if text and _STARTS.match(line) and not text[-1].startswith(b"@"):
            yield b"".join(text)
            text = []
        text.append(line)
    if text:
        yield b"".join(text)


@lru_cache(maxsize=8192)
def _piece(text: bytes) -> Piece | None:
    """Return the piece of some text, None where it is not one."""
    try:
        return Piece(text, ast.parse(text.decode()))  # as text: here no comment tells the encoding
    except SyntaxError:
        return None


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    """Yield the functions inside of a node by their names, inner ones first."""
    for child in blocks(node):
        if isinstance(child, FUNCTIONS):
            yield from _functions(child, f"{prefix}{child.name}.<locals>.")
            yield prefix + child.name, child
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def blocks(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements right inside of a node; expressions hold none."""
    for name in (*BLOCKS, "handlers", "cases"):
        found = getattr(node, name, None)
        if isinstance(found, list):
            yield from found


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements and handlers inside of a node, outer ones first."""
    for child in blocks(node):
        if not isinstance(child, ast.match_case):
            yield child
        yield from statements(child)


def first_line(node: ast.AST) -> int:
    """Return the first line of a statement, its decorators included."""
    decorators = getattr(node, "decorator_list", [])
    line: int = min([node.lineno, *(item.lineno for item in decorators)])  # type: ignore[attr-defined]
    return line


def head_end(node: ast.AST) -> int:
    """Return the last line before the first block of a statement; all of a simple one."""
    starts = [
        first_line(block[0])
        for name in (*BLOCKS, "handlers", "cases")
        if isinstance(block := getattr(node, name, None), list)
        and block
        and hasattr(block[0], "lineno")
    ]
    end: int = getattr(node, "end_lineno", None) or node.lineno  # type: ignore[attr-defined]
    return max(first_line(node), min(starts) - 1) if starts else end
