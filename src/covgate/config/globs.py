"""Globs over paths, as all settings use them."""

from __future__ import annotations

import re
from functools import lru_cache


@lru_cache(maxsize=512)
def _pattern(glob: str) -> re.Pattern[str]:
    """Translate a glob: `**` crosses folders, `*` and `?` stay in one; a folder means its files."""
    out = ""
    if glob in (".", "./"):
        return re.compile(".*", re.DOTALL)
    rest = glob.removeprefix("./").rstrip("/")
    while rest:
        if rest.startswith("**/"):
            out, rest = out + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            out, rest = out + ".*", rest[2:]
        elif rest[0] == "*":
            out, rest = out + "[^/]*", rest[1:]
        elif rest[0] == "?":
            out, rest = out + "[^/]", rest[1:]
        else:
            out, rest = out + re.escape(rest[0]), rest[1:]
    return re.compile(f"{out}(?:/.*)?", re.DOTALL)


def matches(glob: str, path: str) -> bool:
    """Whether the glob names `path` or a folder above it."""
    return _pattern(glob).fullmatch(path) is not None


def specificity(glob: str, path: str) -> tuple[int, int] | None:
    """Return how closely a glob fits (more literal folders and characters first), None if not."""
    if not matches(glob, path):
        return None
    literal = re.sub(r"[*?]+", "", glob)
    return literal.count("/"), len(literal)
