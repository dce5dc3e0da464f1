"""Whether a change alters what code does: comments, blank lines, docstrings and moves do not."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covgate.change.model import Change, FileChange


def touches_code(change: Change, file: FileChange) -> bool:
    """Whether the code of a file is another one than in every base; so when it is unreadable."""
    if file.old_blob == file.new_blob:
        return False
    if file.old_path is None:
        return True
    new = _code(change.target.read(file.path))
    return new is None or new not in [_code(base.read(file.old_path)) for base in change.before]


def _code(data: bytes | None) -> str | None:
    """Return what a file says to the interpreter, without docstrings; None when unreadable."""
    if data is None:
        return None
    try:
        tree = ast.parse(data)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_text(body[0]):
                del body[0]
        return ast.dump(tree)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
