"""Comments as reasons, for what has no other place to state one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.source.skips.reasons import MISSING, Reason, judge_text

if TYPE_CHECKING:
    from covgate.source.modules import Module

_DIRECTIVE = re.compile(
    r"^(noqa\b.*|type:\s*ignore.*|fmt:.*|isort:.*|pylint:.*|pyright:.*|mypy:.*|ruff:.*|nosec.*"
    r"|pragma:?\s*no\s*(cover|branch)|doctest:.*|-\*-.*|covgate:.*|!.*)",
    re.IGNORECASE,
)
_CODE = re.compile(r"^(@|def |class |async def |assert |import |from \S+ import |return\b|pass$)")
_RULE = re.compile(r"^[\W_]*$")


def note_texts(module: Module, lines: tuple[int, int]) -> list[str]:
    """Return the comments on the lines given, and those directly above them."""
    comments = module.comments
    found = [comments[line].text for line in range(lines[0], lines[1] + 1) if line in comments]
    line = lines[0] - 1
    above: list[str] = []
    while line in comments and comments[line].alone:
        above.append(comments[line].text)
        line -= 1
    return [text for text in [*found, *reversed(above)] if _says(text)]


def _says(text: str) -> bool:
    return not (_DIRECTIVE.match(text) or _CODE.match(text) or _RULE.match(text))


def note(module: Module, lines: tuple[int, int], pattern: str = "") -> Reason:
    """Judge the comments beside and above a place as its reason."""
    texts = note_texts(module, lines)
    if not texts:
        return MISSING
    return judge_text(" ".join(texts), (), pattern)
