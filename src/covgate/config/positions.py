"""Where each key of a TOML document stands: tomllib tells values, not places.

Made for documents that tomllib has accepted, and only when there is a mistake to report; on any
other text the result means nothing, but nothing is raised.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from covgate.config.keys import KeyPath

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'"""(?:\\[\s\S]|(?!""")[^\\])*"{3,5}'
    r"|'''(?:(?!''')[\s\S])*'{3,5}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'"
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")


class Position(NamedTuple):
    """A place in a text; both counted from 1."""

    line: int
    column: int


def find_positions(text: str) -> dict[KeyPath, Position]:
    """Return the position of every key, table and list item of a TOML document by its path.

    An item of a list has its index as the last part of its path. A table stands where its header
    is, or without one at the first key that implies it.
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    starts = [0, *(match.end() for match in re.finditer("\n", scanner.text))]
    return {path: _position(offset, starts) for path, offset in scanner.found.items()}


def _position(offset: int, starts: list[int]) -> Position:
    from bisect import bisect_right

    line = bisect_right(starts, offset)
    return Position(line, offset - starts[line - 1] + 1)


class _Scanner:
    """Reads a document once from left to right; `found` has the offsets by path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[KeyPath, int] = {}
        self._implied: set[KeyPath] = set()
        self._last: dict[KeyPath, int] = {}  # the index of the newest table of each array

    def document(self) -> None:
        table: KeyPath = ()
        while self._skip(_BLANK) < len(self.text):
            start = self.at
            if self._peek("["):
                table = self._header()
            else:
                self._pair(table)
            if self.at == start:  # not TOML: go on behind it rather than for ever
                self.at += 1

    def _header(self) -> KeyPath:
        start = self.at
        is_array = self._peek("[[")
        self.at += 2 if is_array else 1
        self._skip(_SPACE)
        path: KeyPath = ()
        parts = self._key()
        for part in parts[:-1]:
            path = self._within((*path, part))
            self._imply(path, start)
        path = (*path, *parts[-1:])
        if is_array:
            self._last[path] = self._last.get(path, -1) + 1
            self._imply(path, start)
            path = self._within(path)
        if path not in self.found or path in self._implied:
            self.found[path] = start
            self._implied.discard(path)
        self._skip(_SPACE)
        self.at += 2 if is_array else 1
        return path

    def _within(self, path: KeyPath) -> KeyPath:
        """Return the path of the newest table when `path` is an array of tables."""
        return (*path, self._last[path]) if path in self._last else path

    def _imply(self, path: KeyPath, offset: int) -> None:
        if path not in self.found:
            self.found[path] = offset
            self._implied.add(path)

    def _pair(self, table: KeyPath) -> None:
        start = self.at
        path = table
        for part in self._key():
            path = (*path, part)
            self._imply(path, start)
        self._implied.discard(path)
        self._skip(_SPACE)
        if self._peek("="):
            self.at += 1
            self._skip(_SPACE)
            self._value(path)

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while match := _STRING.match(self.text, self.at) or _BARE_KEY.match(self.text, self.at):
            parts.append(_unquote(match.group()))
            self.at = match.end()
            self._skip(_SPACE)
            if not self._peek("."):
                break
            self.at += 1
            self._skip(_SPACE)
        return tuple(parts)

    def _value(self, path: KeyPath) -> None:
        if self._peek("["):
            self._collection(path, "]")
        elif self._peek("{"):
            self._collection(path, "}")
        elif match := _STRING.match(self.text, self.at):
            self.at = match.end()
        else:
            self._skip(_BARE_VALUE)

    def _collection(self, path: KeyPath, end: str) -> None:
        self.at += 1
        index = 0
        while self._skip(_BLANK) < len(self.text) and not self._peek(end):
            start = self.at
            if end == "]":
                self.found[*path, index] = start
                self._value((*path, index))
                index += 1
            else:
                self._pair(path)
            self._skip(_BLANK)
            if self._peek(",") or self.at == start:
                self.at += 1
        self.at += 1

    def _peek(self, expected: str) -> bool:
        return self.text.startswith(expected, self.at)

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.at


def _unquote(key: str) -> str:
    if key[:1] not in {'"', "'"}:
        return key
    import tomllib

    try:
        return str(tomllib.loads(f"key = {key}")["key"])
    except tomllib.TOMLDecodeError:  # not TOML
        return key
