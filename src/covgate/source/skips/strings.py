"""Fold the string operations that reasons are written with."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from covgate.source.skips.values import UNKNOWN, Const, Seq, Value

if TYPE_CHECKING:
    import ast

STRIPPING = {"strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "casefold"}
CHANGING = {"replace", "removeprefix", "removesuffix", "strip", "lstrip", "rstrip"}
UNFOLDING = {"textwrap.dedent", "inspect.cleandoc"}


def joined(parts: list[Value]) -> Value:
    """Return the text of an f-string or concatenation, UNKNOWN unless every part is known."""
    text = ""
    for part in parts:
        if not isinstance(part, Const):
            return UNKNOWN
        text += str(part.value)
    return Const(text)


def format_value(node: ast.FormattedValue, value: Value) -> Value:
    """Return a replacement field of an f-string as text."""
    if node.format_spec is not None or node.conversion != -1:
        return value if isinstance(value, Const) and value.value else UNKNOWN
    return value


def percent(template: Value, values: Value) -> Value:
    """Return `template % values`."""
    if not isinstance(template, Const) or not isinstance(template.value, str):
        return UNKNOWN
    if isinstance(values, Seq):
        known = [item.value for item in values.items if isinstance(item, Const)]
        if values.open or len(known) != len(values.items):
            return UNKNOWN
        return _formatted(template.value, tuple(known))
    return _formatted(template.value, values.value) if isinstance(values, Const) else UNKNOWN


def _formatted(template: str, values: object) -> Value:
    if re.search(r"%[^%]*\d{4,}", template):  # a width that would take all memory
        return UNKNOWN
    try:
        return Const(template % values)
    except (TypeError, ValueError, KeyError):
        return UNKNOWN


def unfolded(name: str, text: str) -> Value:
    """Return what a function of the standard library makes of a text with a margin."""
    if name == "textwrap.dedent":
        return Const(textwrap.dedent(text))
    return Const("\n".join(line.strip() for line in text.strip().split("\n")))


def text_method(
    text: str, name: str, values: list[object] | None, named: dict[str, object] | None = None
) -> Value:
    """Return the result of calling the string method `name`, `values` None when unknown."""
    if name in STRIPPING and not values and values is not None:
        return Const(getattr(text, name)())
    if name == "format" and values is not None and not re.search(r"\d{4,}", text):
        try:
            return Const(text.format(*values, **(named or {})))
        except (IndexError, KeyError, ValueError, AttributeError):
            return UNKNOWN
    if name in CHANGING and values and all(isinstance(value, str) for value in values):
        try:
            return Const(getattr(text, name)(*values))
        except TypeError:
            return UNKNOWN
    if name == "join" and values and isinstance(values[0], tuple):
        return Const(text.join(map(str, values[0])))
    return UNKNOWN
