"""Whether one `-k` or `-m` expression of pytest lets through all that another does."""

from __future__ import annotations

import itertools
import re

_TOKEN = re.compile(r"\s*(\(|\)|[^\s()]+(?:\([^()]*\))?)")
_MOST_NAMES = 10


def lets_through(wider: str, narrower: str) -> bool:
    """Return whether everything that `narrower` selects is selected by `wider` too.

    False when it cannot be told. An empty expression selects everything.
    """
    if not wider.strip() or wider.split() == narrower.split():
        return True
    if not narrower.strip():
        narrower = "True"
    names: dict[str, str] = {}
    first, second = _python(wider, names), _python(narrower, names)
    if len(names) > _MOST_NAMES:
        return False
    try:
        codes = [compile(text, "<expression>", "eval") for text in (first, second)]
    except (SyntaxError, ValueError):
        return False
    for values in itertools.product((False, True), repeat=len(names)):
        known = dict(zip(names.values(), values, strict=True))
        wide, narrow = (eval(code, {"__builtins__": {}}, known) for code in codes)
        if narrow and not wide:
            return False
    return True


def _python(expression: str, names: dict[str, str]) -> str:
    """Return the expression with plain names, so that Python can evaluate it."""
    parts = []
    for token in _TOKEN.findall(expression):
        if token in {"(", ")", "and", "or", "not", "True"}:
            parts.append(token)
        else:
            parts.append(names.setdefault(token, f"name{len(names)}"))
    return " ".join(parts)
