"""Two versions of a file side by side: which statements are the same, and what reaches the rest."""

from __future__ import annotations

import ast
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from covgate.source.blocks.mentions import Function, local_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_BLOCKS = ("body", "orelse", "finalbody")
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_SUSPENDS = (ast.Yield, ast.YieldFrom, ast.Await, ast.AsyncFor, ast.AsyncWith)


@lru_cache(maxsize=512)
def align(old: bytes, new: bytes) -> Alignment | None:
    """Return two versions side by side; None when one of them is not Python."""
    try:
        return Alignment(old, new)
    except (SyntaxError, ValueError, RecursionError):
        return None


class Alignment:
    """The statements that two versions have in common.

    `moved` maps the first line of an old statement to that of the same new one, `statement_of` any
    line of an old statement to its first. `reaching` gives, for a changed function by key, the old
    statements (by first line) one of which ran whenever changed code was reached; None when only
    entering the function tells.
    """

    def __init__(self, old: bytes, new: bytes) -> None:
        self.moved: dict[int, int] = {}
        self.statement_of: dict[int, int] = {}
        self.reaching: dict[str, frozenset[int] | None] = {}
        self._triggers: set[int] = set()
        self._whole = False
        before, after = ast.parse(old), ast.parse(new)
        self._old, self._new = _functions(before), _functions(after)
        self._old_lines, self._new_lines = old.splitlines(), new.splitlines()
        self._dumps: dict[int, str] = {}
        self._number(before)
        self._lists(before.body, after.body, ())
        for key, node in self._old.items():
            other = self._new.get(key)
            if other is not None:
                self._function(key, node, other)

    def entered(self, key: str, lines: frozenset[int]) -> bool:
        """Whether `lines` show that the old function ran at all."""
        node = self._old[key]
        code = _code(node)
        first = _first(code[0]) if code else node.lineno
        return any(first <= line <= (node.end_lineno or line) for line in lines)

    def began(self, key: str, lines: frozenset[int]) -> bool:
        """Whether `lines` show that all that the old function ran, it ran there.

        A generator may have begun elsewhere: its values are of lines that are not among these.
        """
        node = self._old[key]
        if not _suspends(node):
            return True
        code = _code(node)
        while code and isinstance(code[0], ast.Try):
            code = code[0].body
        if not code or isinstance(code[0], _LOOPS) or not _is_traced(code[0]):
            return False
        return any(self.statement_of.get(line) == _first(code[0]) for line in lines)

    # -- old lines -----------------------------------------------------------------------------

    def _number(self, tree: ast.AST) -> None:
        """Note which statement each old line belongs to; inner statements win."""
        for node in _statements(tree):
            first = _first(node)
            for line in range(first, _head_end(node) + 1):
                self.statement_of[line] = first

    # -- functions -----------------------------------------------------------------------------

    def _function(self, key: str, old: Function, new: Function) -> None:
        if self._same_text(old, new):
            # Its body has moved as one piece.
            self._shift(_statements(old), new.lineno - old.lineno)
            self.reaching[key] = frozenset()
            return
        self._triggers, self._whole = set(), False
        self._lists(_code(old), _code(new), ())
        same = _shape(old) == _shape(new)
        self.reaching[key] = frozenset(self._triggers) if same and not self._whole else None

    def _lists(
        self, old: Sequence[ast.stmt], new: Sequence[ast.stmt], header: tuple[int, ...]
    ) -> None:
        """Align two blocks: what they begin and end with in common, and what lies between.

        `header` are the lines of the statement that the blocks belong to, where they leave a line.
        """
        start = 0
        while start < min(len(old), len(new)) and self._same(old[start], new[start]):
            self._pair(old[start], new[start])
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and self._same(old[-1 - end], new[-1 - end]):
            self._pair(old[-1 - end], new[-1 - end])
            end += 1
        changed, added = old[start : len(old) - end], new[start : len(new) - end]
        if not changed and not added:
            return
        if len(changed) == len(added) == 1 and self._descend(changed[0], added[0]):
            return
        following = changed[0] if changed else old[len(old) - end] if end else None
        if following is not None and _is_traced(following):
            self._triggers.add(_first(following))
        elif following is None and start:
            self._triggers.add(_first(old[start - 1]))
            if not _is_traced(old[start - 1]):
                self._whole = True
        else:
            self._triggers.update(header)
            self._whole = self._whole or not header
        for one in changed:
            for other in added:
                if self._same(one, other):
                    self._pair(one, other)
                    break

    def _descend(self, old: ast.stmt, new: ast.stmt) -> bool:
        """Look inside of a compound statement whose own head is the same; False when it is not."""
        kinds = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.ClassDef)
        if type(old) is not type(new) or not isinstance(old, kinds):
            return False
        if self._head(old) != self._head(new):
            return False
        pairs = [(getattr(old, name, []), getattr(new, name, [])) for name in _BLOCKS]
        if isinstance(old, ast.Try) and isinstance(new, ast.Try):
            if len(old.handlers) != len(new.handlers):
                return False
            for one, other in zip(old.handlers, new.handlers, strict=True):
                if self._head(one) != self._head(other):
                    return False
                self.moved[_first(one)] = _first(other)
                pairs.append((one.body, other.body))
        if any(bool(one) != bool(other) for one, other in pairs):
            return False
        self.moved[_first(old)] = _first(new)
        for ours, theirs in pairs:
            self._lists(ours, theirs, (_first(old),) if _is_traced(old) else ())
        return True

    def _pair(self, old: ast.AST, new: ast.AST) -> None:
        """Both mean the same: every statement inside has moved from one to the other."""
        if isinstance(old, (*_FUNCTIONS, ast.ClassDef)) and isinstance(new, type(old)):
            for mine, its in zip(old.decorator_list, new.decorator_list, strict=False):
                self.moved[mine.lineno] = its.lineno
            self.moved[old.lineno] = new.lineno
            if isinstance(old, _FUNCTIONS):
                return  # its body is a block of its own
        ours, theirs = ([one, *_outside_functions(one)] for one in (old, new))
        for one, other in zip(ours, theirs, strict=True):
            self.moved[_first(one)] = _first(other)
            self.moved[one.lineno] = other.lineno  # type: ignore[attr-defined]

    def _shift(self, nodes: Iterable[ast.AST], by: int) -> None:
        for node in nodes:
            first, line = _first(node), node.lineno  # type: ignore[attr-defined]
            self.moved[first] = first + by
            self.moved[line] = line + by

    # -- comparing -----------------------------------------------------------------------------

    def _same(self, old: ast.AST, new: ast.AST) -> bool:
        return self._same_text(old, new) or self._dump(old) == self._dump(new)

    def _same_text(self, old: ast.AST, new: ast.AST) -> bool:
        """Whether two nodes are the same in every character: cheaper to tell than their meaning."""
        spans = [
            (_first(node), node.col_offset, node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
            for node in (old, new)
        ]
        (start, *place, end, last), (start_, *place_, end_, last_) = spans
        if (*place, end - start, last) != (*place_, end_ - start_, last_):
            return False
        return self._old_lines[start - 1 : end] == self._new_lines[start_ - 1 : end_]

    def _dump(self, node: ast.AST) -> str:
        known = self._dumps.get(id(node))
        if known is None:
            known = self._dumps[id(node)] = dump_without_bodies(node)
        return known

    def _head(self, node: ast.AST) -> str:
        return dump_without_bodies(node, (*_BLOCKS, "handlers"))

    @cached_property
    def new_statement_lines(self) -> frozenset[int]:
        """The first lines of the new statements that are the same as old ones."""
        return frozenset(self.moved.values())


def dump_without_bodies(node: ast.AST, without: Iterable[str] = ()) -> str:
    """Return the meaning of a statement, function bodies (and the fields `without`) left out."""
    parts: list[str] = [type(node).__name__]
    skipped = {*without, "body"} if isinstance(node, _FUNCTIONS) else set(without)
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


def _blocks(node: ast.AST) -> Iterable[ast.AST]:
    """Yield the statements right inside of a node; expressions hold none."""
    for name in (*_BLOCKS, "handlers", "cases"):
        found = getattr(node, name, None)
        if isinstance(found, list):
            yield from found


def _statements(node: ast.AST) -> Iterable[ast.AST]:
    """Yield all statements and handlers inside of a node, outer ones first."""
    for child in _blocks(node):
        if not isinstance(child, ast.match_case):
            yield child
        yield from _statements(child)


def _outside_functions(node: ast.AST) -> Iterable[ast.AST]:
    """Yield the statements inside of a node that are in no function."""
    for child in _blocks(node):
        if not isinstance(child, ast.match_case):
            yield child
        if not isinstance(child, _FUNCTIONS):
            yield from _outside_functions(child)


def _functions(tree: ast.AST) -> dict[str, Function]:
    """Return the functions of a file by the keys of their blocks."""
    found: dict[str, Function] = {}
    seen: dict[str, int] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for child in _blocks(node):
            if isinstance(child, _FUNCTIONS):
                key = prefix + child.name
                visit(child, key + ".<locals>.")
                seen[key] = seen.get(key, 0) + 1
                found[key if seen[key] == 1 else f"{key}#{seen[key]}"] = child
            elif isinstance(child, ast.ClassDef):
                visit(child, prefix + child.name + ".")
            else:
                visit(child, prefix)

    visit(tree, "")
    return found


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
        if not isinstance(node, (*_FUNCTIONS, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(node))


def _first(node: ast.AST) -> int:
    decorators = getattr(node, "decorator_list", [])
    line: int = min([node.lineno, *(item.lineno for item in decorators)])  # type: ignore[attr-defined]
    return line


def _head_end(node: ast.AST) -> int:
    """Return the last line before the first block of a statement; all of a simple one."""
    starts = [
        _first(block[0])
        for name in (*_BLOCKS, "handlers", "cases")
        if isinstance(block := getattr(node, name, None), list)
        and block
        and hasattr(block[0], "lineno")
    ]
    end: int = getattr(node, "end_lineno", None) or node.lineno  # type: ignore[attr-defined]
    return max(_first(node), min(starts) - 1) if starts else end


def _is_traced(node: ast.stmt) -> bool:
    """Whether executing a statement leaves a line behind for sure."""
    if isinstance(node, ast.Global | ast.Nonlocal | ast.Pass | ast.Try | ast.Match):
        return False
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return False
    if isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Constant):
        return False
    return not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
