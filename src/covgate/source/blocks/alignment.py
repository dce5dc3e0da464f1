"""Two versions of a file side by side: which statements are the same, and what reaches the rest.

What two versions of a function have in common is found out once, wherever these stand: many
versions of a file differ in few of their functions.
"""

from __future__ import annotations

import ast
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.pieces import (
    BLOCKS,
    FUNCTIONS,
    Piece,
    Version,
    blocks,
    first_line,
    statements,
)
from covgate.source.blocks.scopes import Function, local_names
from covgate.source.blocks.spots import spots

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from covgate.source.blocks.pieces import Placed
    from covgate.source.blocks.spots import Spots

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
# In place of a line: see `Alignment.beginning`.
ALWAYS, NEVER = 0, -1
_SUSPENDS = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)


@lru_cache(maxsize=512)
def align(old: bytes, new: bytes) -> Alignment | None:
    """Return two versions side by side; None when one of them is not Python."""
    try:
        return Alignment(old, new)
    except (SyntaxError, ValueError, RecursionError):
        return None


@lru_cache(maxsize=64)
def _version(source: bytes) -> Version:
    return Version(source)


class Alignment:
    """The statements that two versions have in common.

    `moved` maps the first line of an old statement to that of the same new one, `statement_of` any
    line of an old statement to its first. `reaching` gives, for a changed function by key, the old
    statements (by first line) one of which ran whenever changed code was reached; None when only
    entering the function tells.
    """

    def __init__(self, old: bytes, new: bytes) -> None:
        self.moved: dict[int, int] = {}
        self.reaching: dict[str, frozenset[int] | None] = {}
        self._source = old
        self._spots: dict[str, Spots | None] = {}
        before, after = _version(old), _version(new)
        self.statement_of: Mapping[int, int] = before.statement_of
        self._statements(before.statements, after.statements)
        for key, placed in self._old.items():
            other = after.functions.get(key)
            if other is not None:
                self._function(key, placed, other)

    @cached_property
    def _old(self) -> Mapping[str, Placed]:
        return _version(self._source).functions

    def span(self, key: str) -> tuple[int, int]:
        """Return the lines, first and last, some of which run when the old function does."""
        node, _, before = self._old[key]
        code = _code(node)  # type: ignore[arg-type]
        first = first_line(code[0]) if code else node.lineno
        return first + before, (node.end_lineno or node.lineno) + before

    def entered(self, key: str, lines: frozenset[int]) -> bool:
        """Whether `lines` show that the old function ran at all."""
        first, last = self.span(key)
        return any(first <= line <= last for line in lines)

    def spots(self, key: str) -> Spots | None:
        """Return where the old function mentions what; None when its lines do not tell."""
        if key not in self._spots:
            placed = self._old.get(key)
            self._spots[key] = spots(placed) if placed is not None else None
        return self._spots[key]

    def began(self, key: str, lines: frozenset[int]) -> bool:
        """Whether `lines` show that all that the old function ran, it ran there.

        A generator may have begun elsewhere: its values are of lines that are not among these.
        """
        first = self.beginning(key)
        return first == ALWAYS or any(self.statement_of.get(line) == first for line in lines)

    def beginning(self, key: str) -> int:
        """Return the statement with which the old function began if it ran all its lines itself.

        `ALWAYS` where it did in any case, `NEVER` where no statement tells.
        """
        node, _, before = self._old[key]
        if not _suspends(node):  # type: ignore[arg-type]
            return ALWAYS
        code = _code(node)  # type: ignore[arg-type]
        while code and isinstance(code[0], ast.Try):
            code = code[0].body
        if not code or isinstance(code[0], _LOOPS) or not _is_traced(code[0]):
            return NEVER
        return first_line(code[0]) + before

    def _statements(self, old: Sequence[Placed], new: Sequence[Placed]) -> None:
        """Align the modules as `_Pairing` aligns blocks."""
        start = 0
        while start < min(len(old), len(new)) and _is_same(old[start], new[start]):
            self._pair(old[start], new[start])
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and _is_same(old[-1 - end], new[-1 - end]):
            self._pair(old[-1 - end], new[-1 - end])
            end += 1
        changed, added = old[start : len(old) - end], new[start : len(new) - end]
        if len(changed) == len(added) == 1:
            (one,), (other,) = changed, added
            pairing = _Pairing(one.piece, other.piece)
            goes_on = pairing.descend(one.node, other.node)
            self._move(pairing.moved.items(), one.before, other.before)
            if goes_on:
                return
        first: dict[str, Placed] = {}
        for other in added:
            first.setdefault(_dump(other.node), other)
        for one in changed:
            same = first.get(_dump(one.node))
            if same is not None:
                self._pair(one, same)

    def _pair(self, old: Placed, new: Placed) -> None:
        self._move(_paired(old.node, new.node), old.before, new.before)

    def _function(self, key: str, old: Placed, new: Placed) -> None:
        found = _function(old.node, old.piece, new.node, new.piece)
        self._move(found.moved, old.before, new.before)
        reaching = found.reaching
        self.reaching[key] = reaching and frozenset(line + old.before for line in reaching)

    def _move(self, lines: Iterable[tuple[int, int]], before: int, after: int) -> None:
        self.moved.update((line + before, place + after) for line, place in lines)


class _Function(NamedTuple):
    """How two versions of a function lie side by side, in lines of their pieces."""

    moved: tuple[tuple[int, int], ...]
    reaching: frozenset[int] | None


@lru_cache(maxsize=8192)
def _function(old: ast.stmt, ours: Piece, new: ast.stmt, theirs: Piece) -> _Function:
    pairing = _Pairing(ours, theirs)
    if pairing.same_text(old, new):
        # Its body has moved as one piece.
        by = new.lineno - old.lineno
        lines = {n for one in statements(old) for n in (first_line(one), one.lineno)}  # type: ignore[attr-defined]
        return _Function(tuple((line, line + by) for line in sorted(lines)), frozenset())
    assert isinstance(old, FUNCTIONS)
    assert isinstance(new, FUNCTIONS)
    pairing.lists(_code(old), _code(new), ())
    tells = _shape(old) == _shape(new) and not pairing.whole
    return _Function(tuple(pairing.moved.items()), frozenset(pairing.triggers) if tells else None)


def _is_same(old: Placed, new: Placed) -> bool:
    if old.node is new.node:
        return True
    return _Pairing(old.piece, new.piece).same(old.node, new.node)


class _Pairing:
    """Aligns what lies in one piece of the old version and one of the new, in lines of these.

    `triggers` are the old statements that lead to a change, `whole` tells that they do not tell.
    """

    def __init__(self, old: Piece, new: Piece) -> None:
        self.moved: dict[int, int] = {}
        self.triggers: set[int] = set()
        self.whole = False
        self._old_lines, self._new_lines = old.lines, new.lines

    def lists(
        self, old: Sequence[ast.stmt], new: Sequence[ast.stmt], header: tuple[int, ...]
    ) -> None:
        """Align two blocks: what they begin and end with in common, and what lies between.

        `header` are the lines of the statement that the blocks belong to, where they leave a line.
        """
        start = 0
        while start < min(len(old), len(new)) and self.same(old[start], new[start]):
            self._pair(old[start], new[start])
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and self.same(old[-1 - end], new[-1 - end]):
            self._pair(old[-1 - end], new[-1 - end])
            end += 1
        changed, added = old[start : len(old) - end], new[start : len(new) - end]
        if not changed and not added:
            return
        if len(changed) == len(added) == 1 and self.descend(changed[0], added[0]):
            return
        following = changed[0] if changed else old[len(old) - end] if end else None
        if following is not None and _is_traced(following):
            self.triggers.add(first_line(following))
        elif following is None and start:
            self.triggers.add(first_line(old[start - 1]))
            if not _is_traced(old[start - 1]):
                self.whole = True
        else:
            self.triggers.update(header)
            self.whole = self.whole or not header
        for one in changed:
            for other in added:
                if self.same(one, other):
                    self._pair(one, other)
                    break

    def descend(self, old: ast.stmt, new: ast.stmt) -> bool:
        """Look inside of a compound statement whose own head is the same; False when it is not."""
        kinds = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.ClassDef)
        if type(old) is not type(new) or not isinstance(old, kinds):
            return False
        if _head(old) != _head(new):
            return False
        pairs = [(getattr(old, name, []), getattr(new, name, [])) for name in BLOCKS]
        if isinstance(old, ast.Try) and isinstance(new, ast.Try):
            if len(old.handlers) != len(new.handlers):
                return False
            for one, other in zip(old.handlers, new.handlers, strict=True):
                if _head(one) != _head(other):
                    return False
                self.moved[first_line(one)] = first_line(other)
                pairs.append((one.body, other.body))
        if any(bool(one) != bool(other) for one, other in pairs):
            return False
        self.moved[first_line(old)] = first_line(new)
        for ours, theirs in pairs:
            self.lists(ours, theirs, (first_line(old),) if _is_traced(old) else ())
        return True

    def _pair(self, old: ast.AST, new: ast.AST) -> None:
        self.moved.update(_paired(old, new))

    def same(self, old: ast.AST, new: ast.AST) -> bool:
        """Whether two statements mean the same, bodies of functions left out."""
        return self.same_text(old, new) or _dump(old) == _dump(new)

    def same_text(self, old: ast.AST, new: ast.AST) -> bool:
        """Whether two nodes are the same in every character: cheaper to tell than their meaning."""
        spans = [
            (first_line(node), node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
            for node in (old, new)
        ]
        (start, *place, end, last), (start_, *place_, end_, last_) = spans
        if (*place, end - start, last) != (*place_, end_ - start_, last_):
            return False
        return self._old_lines[start - 1 : end] == self._new_lines[start_ - 1 : end_]


@lru_cache(maxsize=8192)
def _paired(old: ast.AST, new: ast.AST) -> tuple[tuple[int, int], ...]:
    """Return where the lines of a statement go; both mean the same, all statements inside as well.

    The body of a function is a block of its own.
    """
    found: dict[int, int] = {}
    if isinstance(old, (*FUNCTIONS, ast.ClassDef)) and isinstance(new, type(old)):
        for mine, its in zip(old.decorator_list, new.decorator_list, strict=False):
            found[mine.lineno] = its.lineno
        found[old.lineno] = new.lineno
        if isinstance(old, FUNCTIONS):
            return tuple(found.items())
    ours, theirs = ([one, *_outside_functions(one)] for one in (old, new))
    for one, other in zip(ours, theirs, strict=True):
        found[first_line(one)] = first_line(other)
        found[one.lineno] = other.lineno  # type: ignore[attr-defined]
    return tuple(found.items())


@lru_cache(maxsize=8192)
def _dump(node: ast.AST) -> str:
    return dump_without_bodies(node)


def _head(node: ast.AST) -> str:
    return dump_without_bodies(node, (*BLOCKS, "handlers"))


def dump_without_bodies(node: ast.AST, without: Iterable[str] = ()) -> str:
    """Return the meaning of a statement, function bodies (and the fields `without`) left out."""
    parts: list[str] = [type(node).__name__]
    skipped = {*without, "body"} if isinstance(node, FUNCTIONS) else set(without)
    for name, value in ast.iter_fields(node):
        if name in skipped or (name == "annotation" and isinstance(node, ast.AnnAssign)):
            continue
        parts.append(f"{name}={_dump_value(value)}")
    return f"({' '.join(parts)})"


def _dump_value(value: object) -> str:
    if isinstance(value, ast.AST):
        return dump_without_bodies(value)
    if isinstance(value, list):
        return f"[{','.join(map(_dump_value, value))}]"
    return repr(value)


def _outside_functions(node: ast.AST) -> Iterable[ast.AST]:
    """Yield the statements inside of a node that are in no function."""
    for child in blocks(node):
        if not isinstance(child, ast.match_case):
            yield child
        if not isinstance(child, FUNCTIONS):
            yield from _outside_functions(child)


def _code(function: Function) -> list[ast.stmt]:
    """Return the body of a function without its docstring."""
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        if isinstance(first.value.value, str):
            return function.body[1:]
    return function.body


def _shape(function: Function) -> tuple[object, ...]:
    """What the compiler makes of a function as a whole: its names, and how it is called."""
    own = [*_own(function)]
    declared = sorted(
        (type(node).__name__, name)
        for node in own
        if isinstance(node, ast.Global | ast.Nonlocal)
        for name in node.names
    )
    return type(function), local_names(function), tuple(declared), _suspends(function)


def _suspends(function: Function) -> frozenset[str]:
    """Return in which ways a function may come to rest before its end."""
    return frozenset(type(one).__name__ for one in _own(function) if isinstance(one, _SUSPENDS))


def _own(function: Function) -> Iterable[ast.AST]:
    """Yield the nodes of a function, of those inside of it only the function itself."""
    pending: list[ast.AST] = [*function.body]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def _is_traced(node: ast.stmt) -> bool:
    """Whether executing a statement leaves a line behind for sure."""
    if isinstance(node, ast.Global | ast.Nonlocal | ast.Pass | ast.Try | ast.Match):
        return False
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return False
    if isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Constant):
        return False
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
