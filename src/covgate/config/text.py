"""Values of files that know neither types nor lists, as ini files do.

`plain` turns a text into what TOML would have said for a key of a given type.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, get_args

from covgate.config.keys import is_list

if TYPE_CHECKING:
    from covgate.config.model import Meta

_WORDS = {"true": True, "yes": True, "on": True, "1": True}
_WORDS |= {"false": False, "no": False, "off": False, "0": False}


class Text(str):
    """A value as an ini file has it: all types are text."""

    __slots__ = ()


class Sections(dict[str, object]):
    """A table that was written as sections: where a list is due, each is one item of it."""


def plain(hint: Any, meta: Meta, text: Text) -> object:
    """Return what TOML would say for a key of this type; the text itself when it does not fit."""
    if hint is bool:
        return _WORDS.get(text.lower(), str(text))
    if hint in (int, float):
        return _number(text)
    if is_list(hint):
        return _items(get_args(hint)[0], meta, text)
    if hint is not str:
        return next((choice for choice in get_args(hint) if str(choice) == text), str(text))
    return str(text)


def _number(text: Text) -> object:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return str(text)


def _items(item: Any, meta: Meta, text: Text) -> object:
    """Split a list: one item per line, or separated by commas on one line.

    In lists of globs and paths commas separate on every line; elsewhere a line may hold one.
    """
    if item is str and meta.format == "args":
        return str(text)  # split where strings in TOML are
    lines = [line.strip() for line in text.split("\n")]
    if len(lines) == 1 or meta.format in ("glob", "path"):
        pieces = re.split(r"[,\n]", text)
    else:
        pieces = [line.removesuffix(",") for line in lines]
    return [Text(piece.strip()) for piece in pieces if piece.strip()]
