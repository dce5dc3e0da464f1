"""What a settings class holds, key by key: names, types, defaults, and their words for people."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from functools import cache
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

if TYPE_CHECKING:
    from covgate.config.model import Meta

# A place in a table as written there: names of keys and positions in lists.
KeyPath = tuple[str | int, ...]

_PLAIN = {str: "a string", bool: "true or false", date: "a date such as 2026-03-31"}
_STRINGS = {"glob": "a glob", "path": "a path", "regex": "a regular expression"}
_LISTS = {"glob": "globs", "path": "paths"}
_OR_ONE = ", or one string"


class Key(NamedTuple):
    """One key: `name` as in files, `attribute` as in Python; `default` is MISSING if required."""

    name: str
    attribute: str
    hint: Any
    default: object
    meta: Meta

    @property
    def required(self) -> bool:
        return self.default is MISSING


@cache
def keys_of(settings: type) -> dict[str, Key]:
    """Return the keys of a settings class by name, in the order of their definition."""
    hints = get_type_hints(settings)
    keys = (
        Key(
            field.name.replace("_", "-"),
            field.name,
            hints[field.name],
            field.default,
            field.metadata["meta"],
        )
        for field in fields(settings)
    )
    return {key.name: key for key in keys}


def members(hint: Any) -> tuple[Any, ...]:
    """Return the types that a union is made of (None apart: no file can say it), else the type."""
    if get_origin(hint) in (Union, UnionType):
        return tuple(member for member in get_args(hint) if member is not NoneType)
    return (hint,)


def is_list(hint: Any) -> bool:
    """Say whether a type is `tuple[X, ...]`, which files have as a list."""
    return get_origin(hint) is tuple


def table_of(hint: Any) -> tuple[type, bool] | None:
    """Return the settings class that a key's sub-table has, and whether it is a list of them."""
    for member in members(hint):
        if is_dataclass(member):
            return member, False  # type: ignore[return-value]  # a class, not an instance
        if is_list(member) and is_dataclass(get_args(member)[0]):
            return get_args(member)[0], True
    return None


def describe(hint: Any, meta: Meta) -> str:
    """Return in words which values a key may have, e.g. "a number from 0 to 100"."""
    kinds = members(hint)
    if len(kinds) > 1:
        words = " or ".join(describe(kind, meta) for kind in kinds)
        return words.replace(_OR_ONE, "") if str in kinds else words
    (kind,) = kinds
    if get_origin(kind) is Literal:
        words = _describe_choices(get_args(kind))
    elif is_list(kind):
        words = _describe_list(get_args(kind)[0], meta)
    elif is_dataclass(kind):
        words = "a table"
    elif kind is str:
        words = _STRINGS.get(meta.format, _PLAIN[str])
    elif kind in (int, float):
        words = _describe_number(kind, meta)
    elif kind in _PLAIN:
        words = _PLAIN[kind]
    else:
        raise TypeError(f"settings cannot have the type {kind!r}")
    return words


def _describe_choices(choices: tuple[object, ...]) -> str:
    *most, last = (f'"{each}"' if isinstance(each, str) else str(each) for each in choices)
    return f"{', '.join(most)} or {last}" if most else last


def _describe_list(item: Any, meta: Meta) -> str:
    if item is not str:
        return "a list of tables" if is_dataclass(item) else f"a list, each {describe(item, meta)}"
    if meta.format == "args":
        return "a list of strings, or one string that is split as a shell does"
    return f"a list of {_LISTS.get(meta.format, 'strings')}{_OR_ONE}"


def _describe_number(kind: type, meta: Meta) -> str:
    if meta.format == "duration":
        words = 'seconds, or a duration such as "90s" or "10m",'
    else:
        words = "a whole number" if kind is int else "a number"
    if meta.above is not None:
        words += f" above {meta.above:g}"
    if meta.minimum is not None:
        words += f" from {meta.minimum:g}"
    if meta.maximum is not None:
        words += f" to {meta.maximum:g}"
    elif meta.minimum is not None:
        words += " on"
    return words
