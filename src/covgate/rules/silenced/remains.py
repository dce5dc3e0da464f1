"""Find what is left of a test that was commented out or turned into a string."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.modules import Comment, Module


class Remains(NamedTuple):
    """Where the remains of a test are, what they are, and the prose that introduces them."""

    line: int
    end_line: int
    what: str
    prose: str


def remains(module: Module, name: str) -> Remains | None:
    """Return what is left of the test `name` in the comments and strings of a module."""
    head = re.compile(rf"^\s*(async\s+)?def\s+{re.escape(name)}\s*\(")
    for block in _blocks(module):
        for index, comment in enumerate(block):
            if head.match(comment.text):
                prose = " ".join(c.text for c in block[:index] if _is_prose(c.text))
                start = index
                while start and block[start - 1].text.startswith("@"):
                    start -= 1
                line, end = block[start].line, block[-1].line
                return Remains(line, end, "it is commented out", prose)
    multiline = re.compile(head.pattern, re.MULTILINE)
    for node in walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = node.value.value
            if isinstance(text, str) and multiline.search(text):
                lines = (node.lineno, node.end_lineno or node.lineno)
                above = module.comments.get(node.lineno - 1)
                prose = above.text if above is not None and above.alone else ""
                return Remains(*lines, "it is turned into a string", prose)
    return None


def _blocks(module: Module) -> Iterator[list[Comment]]:
    """Yield the runs of comment lines; blank lines between them do not end a run."""
    block: list[Comment] = []
    for line, comment in sorted(module.comments.items()):
        if not comment.alone:
            continue
        if block and any(module.lines[n - 1].strip() for n in range(block[-1].line + 1, line)):
            yield block
            block = []
        block.append(comment)
    if block:
        yield block


def _is_prose(text: str) -> bool:
    """Return whether a comment is words, not code that was commented out."""
    try:
        tree = ast.parse(text.strip())
    except (SyntaxError, ValueError):
        return not re.match(
            r"^(@|def |class |if |for |with |while |try|else|except|elif |assert )", text
        )
    return bool(tree.body) and isinstance(tree.body[0], (ast.Expr, ast.AnnAssign)) and " " in text
