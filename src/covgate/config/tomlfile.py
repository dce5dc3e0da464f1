"""TOML documents as people write them: their content, or what is wrong with them and where.

tomllib stops at the first day that the calendar does not have. Here such a day is read as text, so
that it is told together with all other mistakes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from covgate.errors import UsageError

HELP = (
    "Correct and stage the file: the settings are read from the tree that is to be committed. "
    "docs/configuration.md of covgate describes every key."
)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_DATE = re.compile(
    r"(?:^|[=,\[])[ \t]*"
    r"(?P<date>\d{1,4}([-./])\d{1,2}\2\d{1,4}(?:[Tt ]\d[\d:.]*(?:[Zz]|[+-][\d:]+)?)?)"
    r"(?=[ \t]*(?:$|[],#}]))",
    re.ASCII,
)
_MOST_DATES = 1000


class Misdated(NamedTuple):
    """A value that looks like a date and is none; line and column count from 1."""

    line: int
    column: int
    text: str

    def told(self, file: str) -> str:
        """Return the mistake with its place."""
        words = f"{self.text} is no date; write a day of the calendar, such as 2026-03-31"
        return f"{file}:{self.line}:{self.column}: {words}"


class Toml(NamedTuple):
    """The content of a document, in which `misdated` values are text."""

    content: dict[str, object]
    misdated: tuple[Misdated, ...] = ()


def parse_toml(file: str, data: bytes) -> dict[str, object]:
    """Return the content of a TOML file; raises UsageError with the place when it has none."""
    found = read_toml(file, data)
    if found.misdated:
        raise UsageError("\n".join(one.told(file) for one in found.misdated), HELP)
    return found.content


def read_toml(file: str, data: bytes) -> Toml:
    """Return what a TOML file says; raises UsageError when it can't be read for another reason."""
    import tomllib

    text = decode(file, data).replace("\r\n", "\n")
    misdated: list[Misdated] = []
    while True:
        try:
            return Toml(tomllib.loads(text), tuple(misdated))
        except ValueError as error:  # TOMLDecodeError, and int() for more digits than it converts
            found = _misdated(text, str(error)) if len(misdated) < _MOST_DATES else None
            if found is None:
                failure = _parse_failure(file, text, str(error))
                told = (*(one.told(file) for one in misdated), failure)
                raise UsageError("\n".join(told), HELP) from None
            misdated.append(found)
            text = _quoted(text, found)
        except RecursionError:
            raise UsageError(f"{file}: not valid TOML: nested too deeply", HELP) from None


def decode(file: str, data: bytes) -> str:
    """Return the text of a file; raises UsageError with the place where it is not UTF-8."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        raise UsageError(f"{file}:{line}:{column}: not UTF-8: {error.reason}", HELP) from None


def _misdated(text: str, words: str) -> Misdated | None:
    """Return the would-be date at which the parser stopped, None when it was something else."""
    where = _PLACE.search(words)
    if where is None:
        return None
    lines = text.split("\n")
    line = int(where[1] or len(lines))
    column = int(where[2] or len(lines[-1]) + 1)
    for match in _DATE.finditer(lines[line - 1]):
        start, end = match.span("date")
        if start < column <= end + 1:
            return Misdated(line, start + 1, match["date"])
    return None


def _quoted(text: str, date: Misdated) -> str:
    lines = text.split("\n")
    line, start = lines[date.line - 1], date.column - 1
    end = start + len(date.text)
    lines[date.line - 1] = f'{line[:start]}"{date.text}"{line[end:]}'
    return "\n".join(lines)


def _parse_failure(file: str, text: str, words: str) -> str:
    if text.startswith("\ufeff"):
        return f"{file}:1:1: not valid TOML: it begins with a byte order mark; save it without"
    where = _PLACE.search(words)
    if where is None:
        return f"{file}: not valid TOML: {words}"
    lines = text.split("\n")
    line, column = where.groups() if where[1] else (len(lines), len(lines[-1]) + 1)
    return f"{file}:{line}:{column}: not valid TOML: {words[: where.start()]}"
