"""A table of a file, checked against a settings class: the settings, or every mistake in it.

Written by hand rather than with a validation library: importing one costs more than the whole
rest of a commit that has nothing to test.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar, get_args, get_origin

from covgate.config.keys import KeyPath, describe, is_list, keys_of, members
from covgate.config.text import Sections, Text, plain
from covgate.config.wording import nearest, show, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from covgate.config.model import Meta

T = TypeVar("T")

DURATION = r"([0-9]+(\.[0-9]+)?[hms])+"
_SECONDS = {"h": 3600, "m": 60, "s": 1}
_INVALID = object()


class Mistake(NamedTuple):
    """One thing that is wrong, and the path of what it is about."""

    path: KeyPath
    message: str


class _RefusedError(Exception):
    """A value that does not fit; without a message: not of the type."""


# Which of the written tables a list of tables still has, by the path of the list.
Kept = dict[KeyPath, tuple[int, ...]]


class Checked(NamedTuple, Generic[T]):
    """What is right in a table, None when nothing is, and what is wrong.

    Of a table that has mistakes, the keys without are there and the others have their default;
    of lists of tables those that have all they need: `kept` tells which.
    """

    value: T | None
    mistakes: tuple[Mistake, ...]
    kept: Kept


def validate(settings: type[T], table: object) -> tuple[T | None, list[Mistake]]:
    """Return the settings that `table` describes, or None and all mistakes in it."""
    checked = check(settings, table)
    return (None if checked.mistakes else checked.value), list(checked.mistakes)


def check(settings: type[T], table: object) -> Checked[T]:
    """Return the settings that `table` describes as far as they are right, and all mistakes."""
    work = _Check(settings)
    value = work.table(settings, table, ())
    right = value if isinstance(value, settings) else None
    return Checked(right, tuple(work.mistakes), work.kept)


class _Check:
    """One validation: collects mistakes; methods return _INVALID where nothing can be used."""

    def __init__(self, root: type) -> None:
        self.root = root
        self.mistakes: list[Mistake] = []
        self.kept: Kept = {}

    def refuse(self, path: KeyPath, message: str) -> object:
        self.mistakes.append(Mistake(path, message))
        return _INVALID

    def table(self, settings: type, table: object, path: KeyPath) -> object:
        if not isinstance(table, Mapping):
            return self.refuse(path, f"expected a table, got {show(table)}")
        keys = keys_of(settings)
        given: dict[str, str] = {}
        values: dict[str, object] = {}
        for written, value in table.items():
            name = written.replace("_", "-")
            if name not in keys:
                self.refuse((*path, written), unknown(written, settings, self.root))
            elif name in given:
                self.refuse((*path, written), f'given twice: also as "{given[name]}"')
            else:
                key = keys[name]
                given[name] = written
                checked = self.value(key.hint, key.meta, value, (*path, written))
                if checked is not _INVALID:
                    values[key.attribute] = checked
        for name, key in keys.items():
            if key.required and name not in given:
                self.refuse((*path, name), f"missing key; expected {describe(key.hint, key.meta)}")
        needed = {key.attribute for key in keys.values() if key.required}
        return settings(**values) if needed <= values.keys() else _INVALID

    def value(self, hint: Any, meta: Meta, value: object, path: KeyPath) -> object:
        kinds = members(hint)
        if len(kinds) > 1:
            return self.union(hint, meta, value, path)
        (kind,) = kinds
        if is_dataclass(kind):
            return self.table(kind, value, path)  # type: ignore[arg-type]  # a class
        if isinstance(value, Text):
            value = plain(kind, meta, value)
        if is_list(kind):
            return self.items(kind, meta, value, path)
        try:
            return _scalar(kind, meta, value)
        except _RefusedError as refused:
            message = str(refused) or f"expected {describe(kind, meta)}, got {show(value)}"
            return self.refuse(path, message)

    def union(self, hint: Any, meta: Meta, value: object, path: KeyPath) -> object:
        """Take the first type that fits; without one tell what is wrong inside, if anything is."""
        kinds = members(hint)
        if isinstance(value, Text) and "\n" in value:
            kinds = tuple(sorted(kinds, key=is_list, reverse=True))
        inside: list[Mistake] = []
        for kind in kinds:
            attempt = _Check(self.root)
            result = attempt.value(kind, meta, value, path)
            if not attempt.mistakes:
                return result
            if not inside and all(len(mistake.path) > len(path) for mistake in attempt.mistakes):
                inside = attempt.mistakes
        if not inside:
            return self.refuse(path, f"expected {describe(hint, meta)}, got {show(value)}")
        self.mistakes += inside
        return _INVALID

    def items(self, kind: Any, meta: Meta, value: object, path: KeyPath) -> object:
        item = get_args(kind)[0]
        if isinstance(value, Sections) and is_dataclass(item):
            return self.sections(item, value, path)  # type: ignore[arg-type]  # a class
        if isinstance(value, str) and item is str:
            try:
                value = _split(value) if meta.format == "args" else [value]
            except ValueError as error:
                return self.refuse(path, f"cannot be split as a shell does: {error}")
        if not isinstance(value, list) or len(value) < meta.min_items:
            return self.refuse(path, f"expected {describe(kind, meta)}, got {show(value)}")
        result = tuple(
            self.value(item, meta, element, (*path, index)) for index, element in enumerate(value)
        )
        if is_dataclass(item):
            return self.right(result, path)
        return _INVALID if _INVALID in result else result

    def right(self, items: Sequence[object], path: KeyPath) -> object:
        """Return the items of a list of tables that can be used, and note which those are."""
        self.kept[path] = tuple(n for n, item in enumerate(items) if item is not _INVALID)
        return tuple(item for item in items if item is not _INVALID)

    def sections(self, item: type, tables: Sections, path: KeyPath) -> object:
        """Read a list of tables that an ini file has as sections, one per item, each labelled."""
        if not all(isinstance(table, Sections) for table in tables.values()):
            result = self.table(item, tables, path)
            return result if result is _INVALID else (result,)
        items: list[object] = []
        for label, table in tables.items():
            named = {"name": Text(label)} if "name" in keys_of(item) else {}
            items.append(self.table(item, {**named, **table}, (*path, label)))  # type: ignore[dict-item]
        return self.right(items, path)


def _scalar(kind: Any, meta: Meta, value: object) -> object:
    if get_origin(kind) is Literal:
        return _choice(kind, meta, value)
    return _SCALARS[kind](meta, value)


def _choice(kind: Any, meta: Meta, value: object) -> object:
    choices = get_args(kind)
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return choice
    near = nearest(value, choices) if isinstance(value, str) else None
    if near is None:
        raise _RefusedError
    raise _RefusedError(
        f'expected {describe(kind, meta)}, got {show(value)}; did you mean "{near}"?'
    )


def _string(meta: Meta, value: object) -> str:
    if not isinstance(value, str):
        raise _RefusedError
    if "\0" in value:
        raise _RefusedError("must not hold a NUL character")
    if meta.format in ("glob", "path"):
        _check_relative(value, meta.format)
    if meta.format == "regex":
        _check_regex(value)
    return value


def _check_relative(value: str, format: str) -> None:  # noqa: A002 - the word of Meta
    if not value.strip():
        raise _RefusedError(f"expected a {format}, got an empty string")
    if value.startswith("/") or ".." in value.split("/") or re.match(r"[A-Za-z]:[\\/]", value):
        raise _RefusedError(
            f"expected a {format} relative to the repository and inside it, got {show(value)}"
        )


def _check_regex(value: str) -> None:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise _RefusedError(f"not a regular expression: {error}, in {show(value)}") from None


def _boolean(_meta: Meta, value: object) -> bool:
    if not isinstance(value, bool):
        raise _RefusedError
    return value


def _whole(meta: Meta, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _RefusedError
    return _in_range(meta, value)


def _number(meta: Meta, value: object) -> float:
    if meta.format == "duration" and isinstance(value, str):
        value = _seconds(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _RefusedError
    try:
        number = float(value)
    except OverflowError:
        raise _RefusedError from None
    if not isfinite(number):
        raise _RefusedError
    return _in_range(meta, number)


N = TypeVar("N", int, float)


def _in_range(meta: Meta, number: N) -> N:
    if (
        (meta.above is not None and number <= meta.above)
        or (meta.minimum is not None and number < meta.minimum)
        or (meta.maximum is not None and number > meta.maximum)
    ):
        raise _RefusedError
    return number


def _seconds(text: str) -> float:
    if not re.fullmatch(DURATION, text):
        raise _RefusedError
    parts = re.findall(r"([0-9.]+)([hms])", text)
    return sum(float(amount) * _SECONDS[unit] for amount, unit in parts)


def _day(_meta: Meta, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise _RefusedError
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise _RefusedError(f"no such day: {value} ({error})") from None


_SCALARS: dict[object, Callable[[Meta, object], object]] = {
    str: _string,
    bool: _boolean,
    int: _whole,
    float: _number,
    date: _day,
}


def _split(text: str) -> list[str]:
    import shlex

    return shlex.split(text)
