"""Small mutations of Python source, planted as text so that all else stays as it was."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Mutation(NamedTuple):
    """One edit: the text between two byte offsets is replaced.

    `place` is "function" for what runs when a function is called and "import" for what runs when
    the module is imported; `binds` are the names whose value the edit may change there.
    """

    path: str
    kind: str
    place: str
    first: int
    last: int
    start: int
    stop: int
    text: str
    binds: tuple[str, ...] = ()

    def apply(self, source: bytes) -> bytes:
        """Return the source with the edit."""
        return source[: self.start] + self.text.encode() + source[self.stop :]


_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*",
    ast.BitOr: "&", ast.BitAnd: "|",
}  # fmt: skip
_COMPARISONS: dict[type[ast.AST], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip


def mutations(path: str, source: bytes, lines: Collection[int] | None = None) -> list[Mutation]:
    """Return every mutation of a file that is still Python.

    With `lines`, only of the functions that hold one of them.
    """
    found = []
    for one in _Finder(path, source, lines).found():
        try:
            ast.parse(one.apply(source))
        except (SyntaxError, ValueError):
            continue
        found.append(one)
    return found


class _Finder:
    """Walks a tree and remembers in which function or class it is."""

    def __init__(self, path: str, source: bytes, lines: Collection[int] | None) -> None:
        self.path = path
        self.source = source
        self.lines = lines
        self._offsets = [0]
        for line in source.splitlines(keepends=True):
            self._offsets.append(self._offsets[-1] + len(line))

    def found(self) -> Iterator[Mutation]:
        for statement in ast.parse(self.source).body:
            yield from self._statement(statement, (), False)

    def _statement(
        self, node: ast.stmt, binds: tuple[str, ...], inside: bool
    ) -> Iterator[Mutation]:
        if isinstance(node, Function):
            yield from self._function(node, inside)
            return
        if isinstance(node, ast.ClassDef):
            for one in node.decorator_list:
                yield from self._edit(
                    one, "decorator", inside, "(lambda found: found)", (node.name,)
                )
            for inner in node.body:
                yield from self._statement(inner, (), inside)
            return
        if not inside:
            binds = tuple(_bound(node))
        yield from self._whole(node, inside, binds)
        for child in ast.iter_child_nodes(node):
            yield from self._inner(child, inside, binds)

    def _function(self, node: Function, inside: bool) -> Iterator[Mutation]:
        if not inside:
            for one in node.decorator_list:
                yield from self._edit(
                    one, "decorator", inside, "(lambda found: found)", (node.name,)
                )
        for value in [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]:
            for found in self._inner(value, inside, (node.name,)):
                yield found._replace(kind="default")
        held = self.lines is None or any(
            node.lineno <= line <= (node.end_lineno or 0) for line in self.lines
        )
        if held:
            for statement in node.body:
                yield from self._statement(statement, (), True)

    def _inner(self, node: ast.AST, inside: bool, binds: tuple[str, ...]) -> Iterator[Mutation]:
        if isinstance(node, ast.stmt):
            yield from self._statement(node, binds, inside)
            return
        if isinstance(node, ast.JoinedStr | ast.Lambda):
            return
        if isinstance(node, ast.expr):
            yield from self._expression(node, inside, binds)
        for child in ast.iter_child_nodes(node):
            yield from self._inner(child, inside, binds)

    def _expression(
        self, node: ast.expr, inside: bool, binds: tuple[str, ...]
    ) -> Iterator[Mutation]:
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            sign = _OPERATORS[type(node.op)]
            yield from self._between(node.left, node.right, "operator", inside, sign, binds)
        elif isinstance(node, ast.BoolOp):
            sign = "or" if isinstance(node.op, ast.And) else "and"
            first, second = node.values[:2]
            yield from self._between(first, second, "operator", inside, sign, binds)
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in _COMPARISONS:
            sign = _COMPARISONS[type(node.ops[0])]
            left, right = node.left, node.comparators[0]
            yield from self._between(left, right, "comparison", inside, sign, binds)
        elif isinstance(node, ast.Constant):
            text = _other(node.value)
            if text is not None:
                yield from self._edit(node, "constant", inside, text, binds)

    def _whole(self, node: ast.stmt, inside: bool, binds: tuple[str, ...]) -> Iterator[Mutation]:
        if isinstance(node, ast.Return) and node.value is not None:
            yield from self._edit(node, "returned value", inside, "return None", binds)
        elif isinstance(node, ast.Raise):
            yield from self._edit(node, "removed raise", inside, "pass", binds)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            if getattr(node, "module", None) != "__future__":
                yield from self._edit(node, "import", inside, "pass", binds)
        elif isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign) or (
            isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
        ):
            yield from self._edit(node, "deleted statement", inside, "pass", binds)

    def _edit(
        self, node: ast.expr | ast.stmt, kind: str, inside: bool, text: str, binds: tuple[str, ...]
    ) -> Iterator[Mutation]:
        start, stop = self._span(node)
        yield self._made(kind, inside, start, stop, text, binds)

    def _between(
        self, left: ast.expr, right: ast.expr, kind: str, inside: bool, sign: str,
        binds: tuple[str, ...],
    ) -> Iterator[Mutation]:  # fmt: skip
        start, stop = self._span(left)[1], self._span(right)[0]
        gap = self.source[start:stop].decode("utf-8", "replace")
        words = gap.replace("(", " ").replace(")", " ").split()
        # Only where the operator alone stands between its sides: no comment, no line break.
        if words and "\n" not in gap and "#" not in gap and "(" not in gap and ")" not in gap:
            yield self._made(kind, inside, start, stop, f" {sign} ", binds)

    def _made(
        self, kind: str, inside: bool, start: int, stop: int, text: str, binds: tuple[str, ...]
    ) -> Mutation:
        first = self.source.count(b"\n", 0, start) + 1
        last = self.source.count(b"\n", 0, stop) + 1
        place = "function" if inside else "import"
        return Mutation(self.path, kind, place, first, last, start, stop, text, binds)

    def _span(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._offsets[node.lineno - 1] + node.col_offset,
            self._offsets[node.end_lineno - 1] + node.end_col_offset,
        )


def _other(value: object) -> str | None:
    """Return the text of another constant of the same type; None for what is left alone."""
    if isinstance(value, bool):
        return repr(not value)
    if isinstance(value, int | float):
        return repr(value + 1)
    if isinstance(value, str) and len(value) < 60 and "\n" not in value:
        return repr(value + "X")
    return None


def _bound(node: ast.AST) -> Iterator[str]:
    """Yield the names that a statement of a module or class binds."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id
        elif isinstance(inner, ast.Import | ast.ImportFrom):
            for alias in inner.names:
                yield (alias.asname or alias.name).partition(".")[0]
