"""The smallest set of tests that is safe for a mutation: those that can notice it.

For code inside of functions these are the tests that run one of its lines. For code that runs on
import it is an estimate from below: the tests that run a line which mentions a name that the
statement binds, or one that is made from it on import, and those that failed.
"""

from __future__ import annotations

import ast
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mutations import Mutation

Runs = dict[str, dict[int, set[str]]]
Mentions = dict[str, list[tuple[frozenset[str], frozenset[str], int, int, bool]]]


def runs(data_file: Path, root: Path) -> Runs:
    """Return which tests ran each line of each file, from the contexts of coverage's data."""
    found: Runs = {}
    with closing(sqlite3.connect(data_file)) as base:
        files = {
            number: path[len(str(root)) + 1 :]
            for number, path in base.execute("SELECT id, path FROM file")
            if path.startswith(f"{root}/")
        }
        contexts = dict(base.execute("SELECT id, context FROM context"))
        ran = [
            (file, context, _lines(bits))
            for file, context, bits in base.execute(
                "SELECT file_id, context_id, numbits FROM line_bits"
            )
        ]
        # Where branches are measured there are arcs in place of lines.
        ran += [
            (file, context, (start, end))
            for file, context, start, end in base.execute(
                "SELECT file_id, context_id, fromno, tono FROM arc"
            )
        ]
    for file, context, lines in ran:
        if contexts[context] and file in files:
            known = found.setdefault(files[file], defaultdict(set))
            for line in lines:
                if line > 0:
                    known[line].add(contexts[context])
    return found


def _lines(bits: bytes) -> Iterable[int]:
    for place, byte in enumerate(bits):
        for bit in range(8):
            if byte & (1 << bit):
                yield place * 8 + bit


def smallest(mutation: Mutation, ran: Runs, sources: Mapping[str, bytes]) -> set[str]:
    """Return the tests that can notice a mutation, as coverage saw them run before it."""
    if mutation.place == "function":
        lines = ran.get(mutation.path, {})
        span = range(mutation.first, mutation.last + 1)
        return {test for line in span for test in lines.get(line, ())}
    # What an import binds is its own file's business, but for those who import it from there.
    own = {mutation.path: sources[mutation.path]}
    seen = own if mutation.kind == "import" else sources
    # Special methods are asked for by their class, not by their name.
    binds = {name for name in mutation.binds if not name.startswith("__")}
    names = _spread(binds, seen)
    found: set[str] = set()
    for path, source in seen.items():
        lines = ran.get(path, {})
        for mentioned, _, first, last, inside in _statements(source):
            if inside and mentioned & names:
                found.update(
                    test for line in range(first, last + 1) for test in lines.get(line, ())
                )
    # A default or a decorator concerns those who enter the function.
    found |= _entered(mutation, ran, sources[mutation.path])
    return found


def _entered(mutation: Mutation, ran: Runs, source: bytes) -> set[str]:
    lines = ran.get(mutation.path, {})
    return {
        test
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and min([node.lineno, *(one.lineno for one in node.decorator_list)]) <= mutation.first
        and mutation.last < node.body[0].lineno
        for line in range(node.body[0].lineno, (node.end_lineno or 0) + 1)
        for test in lines.get(line, ())
    }


def _spread(names: set[str], sources: Mapping[str, bytes]) -> set[str]:
    """Return the names with those that are made from them by plain assignments on import."""
    statements = [one for source in sources.values() for one in _statements(source) if not one[4]]
    growing = True
    while growing:
        growing = False
        for mentioned, defined, _, _, _ in statements:
            if mentioned & names and not defined <= names:
                names |= defined
                growing = True
    return names


_KNOWN: dict[bytes, list[tuple[frozenset[str], frozenset[str], int, int, bool]]] = {}


def _statements(source: bytes) -> list[tuple[frozenset[str], frozenset[str], int, int, bool]]:
    """Return (names mentioned, names bound, first, last line, in a function) of each statement."""
    known = _KNOWN.get(source)
    if known is None:
        try:
            known = list(_of(ast.parse(source).body, False))
        except (SyntaxError, ValueError):
            known = []
        _KNOWN[source] = known
    return known


def _of(
    body: Iterable[ast.stmt], inside: bool
) -> Iterable[tuple[frozenset[str], frozenset[str], int, int, bool]]:
    for node in body:
        blocks = [block for name in _BLOCKS for block in getattr(node, name, ())]
        inner = {id(one) for block in blocks for one in ast.walk(block)}
        own = [one for one in ast.walk(node) if id(one) not in inner]
        last = node.end_lineno or node.lineno
        if blocks:
            last = max(node.lineno, min(map(_first_line, blocks)) - 1)
        function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if not function and not isinstance(node, ast.ClassDef):
            mentioned = {one.id for one in own if isinstance(one, ast.Name)}
            mentioned |= {one.attr for one in own if isinstance(one, ast.Attribute)}
            bound = {one.id for one in own if isinstance(one, ast.Name) and _stores(one)}
            yield frozenset(mentioned - bound), frozenset(bound), node.lineno, last, inside
        statements = [
            one.body if isinstance(one, ast.ExceptHandler | ast.match_case) else [one]
            for one in blocks
        ]
        for some in statements:
            yield from _of(some, inside or function)


_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _first_line(block: ast.stmt | ast.ExceptHandler | ast.match_case) -> int:
    return block.pattern.lineno if isinstance(block, ast.match_case) else block.lineno


def _stores(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)
