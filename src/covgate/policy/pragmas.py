"""Comments that take lines out of the count: where they stand, what for, with what reason."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

DEFAULT = r"#\s*(pragma|PRAGMA)[:\s]?\s*(no|NO)\s*(cover|COVER)"
# What coverage 7.10 and later excludes by itself.
_DEFAULT_CODE = (
    r"^\s*if (typing\.)?TYPE_CHECKING:",
    r"^\s*(((async )?def .*?)?[\])]+(\s*->.*?)?:\s*)?\.\.\.\s*$",
)
_DIRECTIVE = re.compile(
    r"#?\s*(?:noqa\b[^#]*|type:\s*ignore(?:\[[^\]]*\])?|pylint:[^#]*|nosec\b[^#]*|fmt:\s*\w+|pragma:[^#]*"
    r"|isort:\s*\w+|mypy:[^#]*|pyright:[^#]*|ruff:[^#]*|yapf:[^#]*|NOSONAR\b)",
    re.IGNORECASE,
)
_PLACEHOLDERS = {
    "", "todo", "fixme", "fix me", "xxx", "tbd", "wip", "later", "temp", "temporary", "tmp", "none",
    "n a", "na", "skip", "skipped", "ignore", "ignored", "no reason", "reason", "because", "hack",
    "broken", "flaky", "pragma", "nocover", "no cover", "no coverage", "coverage", "exclude",
    "excluded", "not covered", "untested", "not tested", "cover", "todo reason", "disabled",
}  # fmt: skip
_MAIN = re.compile(
    r"if\s*\(?\s*(?:__name__\s*==\s*['\"]__main__['\"]|['\"]__main__['\"]\s*==\s*__name__)"
)
_RANKS = ((re.compile(r"class\b"), 3), (re.compile(r"(?:async\s+)?def\b|@"), 2))
_BLOCK = re.compile(
    r"(?:async\s+)?(?:if|elif|else|for|while|try|except|finally|with|match|case)\b[^#]*:\s*(?:#|$)"
)


class Pragma(NamedTuple):
    """An exclusion without a reason.

    `owner` is the function or class around it (its own, on a `def` line); `code` the line
    without the comment; `rank` how much it excludes: 0 a line, 1 a block, 2 a function, 3 a class.
    """

    path: str
    line: int
    owner: str
    code: str
    comment: str
    rank: int
    body: str


def bare_pragmas(
    path: str, text: str, patterns: Sequence[str] = (DEFAULT,), others: Sequence[str] = ()
) -> list[Pragma]:
    """Return the exclusions of a Python file that give no reason; none when it does not parse.

    `patterns` find the comments; on lines that `others` exclude anyway they change nothing.
    """
    redundant = [re.compile(other) for other in (*_DEFAULT_CODE, *others)]
    expressions = [re.compile(pattern) for pattern in patterns]
    if not any(expression.search(text) for expression in expressions):
        return []
    lines = text.splitlines()
    found = [
        (line, column, comment)
        for line, column, comment in _comments(text)
        if any(_matches(e, lines[line - 1], column) for e in expressions)
    ]
    bare = [
        (line, column, comment)
        for line, column, comment in found
        if lines[line - 1][:column].strip()
        and not any(e.search(lines[line - 1][:column]) for e in redundant)
        and not _MAIN.match(lines[line - 1].strip())
        and not _has_reason(comment, expressions)
        and not _explained_above(lines, line, expressions)
    ]
    if not bare:
        return []
    owners = _Owners(text)
    marked = {line for line, _, _ in found}
    excluded = owners.blocks(
        number
        for number, line in enumerate(lines, 1)
        if number in marked or any(e.search(line) for e in redundant)
    )
    return [
        _pragma(path, line, lines[line - 1][:column].strip(), comment, owners)
        for line, column, comment in bare
        if not any(first < line <= last for first, last in excluded)
    ]


def _pragma(path: str, line: int, code: str, comment: str, owners: _Owners) -> Pragma:
    rank = next((rank for pattern, rank in _RANKS if pattern.match(code)), None)
    if rank is None:
        rank = 1 if _BLOCK.match(code) else 0
    owner, body = owners.of(line)
    return Pragma(path, line, owner, " ".join(code.split()), comment, rank, body)


def _comments(text: str) -> Iterator[tuple[int, int, str]]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.start[1], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _matches(expression: re.Pattern[str], line: str, column: int) -> bool:
    """Return whether the comment is what the expression matches."""
    return any(match.end() > column + 1 for match in expression.finditer(line))


def _has_reason(comment: str, expressions: Sequence[re.Pattern[str]]) -> bool:
    for expression in expressions:
        match = expression.search(comment)
        if match is not None:
            return says_something(comment[match.end() :]) or says_something(
                comment[: match.start()]
            )
    # The expression needs the code as well: the words after the first two are the reason.
    return len(re.findall(r"\w+", comment)) > 3


def says_something(text: str) -> bool:
    """Return whether a text is a reason: not empty, no placeholder, no tool's directive."""
    words = re.findall(r"\w+", _DIRECTIVE.sub(" ", text).lower())
    if " ".join(words) in _PLACEHOLDERS:
        return False
    return any(any(char.isalnum() for char in word) for word in words)


def _explained_above(
    lines: Sequence[str], line: int, expressions: Sequence[re.Pattern[str]]
) -> bool:
    """Return whether the line above is a comment about this one."""
    if line < 2:
        return False
    above, own = lines[line - 2], lines[line - 1]
    text = above.strip()
    if not text.startswith("#") or text.startswith("#!"):
        return False
    if len(above) - len(above.lstrip()) != len(own) - len(own.lstrip()):
        return False
    if any(expression.search(text) for expression in expressions):
        return False
    return len(re.findall(r"\w+", text)) > 1 and says_something(text.lstrip("# "))


class _Owners:
    """Functions and classes of a file by line."""

    def __init__(self, text: str) -> None:
        self._spans: list[tuple[int, int, str, str]] = []
        self._bodies: dict[int, int] = {}  # last line of what a header's first line excludes
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            return
        self._visit(tree, "", text.splitlines())

    def _visit(self, node: ast.AST, prefix: str, lines: Sequence[str]) -> None:
        for child in ast.iter_child_nodes(node):
            name = prefix
            body = getattr(child, "body", None)
            if isinstance(child, ast.stmt) and isinstance(body, list) and body:
                self._bodies[child.lineno] = body[-1].end_lineno or child.lineno
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}.{child.name}".lstrip(".")
                start = min([child.lineno, *(d.lineno for d in child.decorator_list)])
                end = child.end_lineno or child.lineno
                body = "\n".join(line.strip() for line in lines[child.lineno : end])
                self._spans.append((start, end, name, body))
            self._visit(child, name, lines)

    def blocks(self, headers: Iterable[int]) -> list[tuple[int, int]]:
        """Return first and last line of the blocks whose headers stand on these lines."""
        return [(line, self._bodies[line]) for line in headers if line in self._bodies]

    def of(self, line: int) -> tuple[str, str]:
        """Return the innermost name around a line, and its body."""
        around = [span for span in self._spans if span[0] <= line <= span[1]]
        innermost = min(around, key=lambda span: span[1] - span[0], default=(0, 0, "", ""))
        return innermost[2], innermost[3]
