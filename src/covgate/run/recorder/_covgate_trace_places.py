"""Tells from the lines of a file that ran which functions ran.

A line counts for every function that has code on it: what begins within the line of another is
taken to have run with it. Lines that no known code holds make the whole file count.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from _covgate_std import open_file, os

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

Item = tuple[Any, ...]

_OPTIMIZED = 0x1
_RESUME = 151 if sys.version_info >= (3, 11) else None  # what comes before belongs to the call


class Places:
    """The functions of each file of the project, by line."""

    def __init__(self, recorder: Any) -> None:
        self.recorder = recorder
        self._codes: dict[str, list[CodeType]] = {}
        self._lines: dict[str, dict[int, set[Item]]] = {}

    def learn(self, code: CodeType) -> str | None:
        """Take in the body of a module that is executed; return its file when it had another."""
        name = self._file(code.co_filename)
        if name is None:
            return None
        known = self._codes.setdefault(name, [])
        if any(code is one for one in known):
            return None
        known.append(code)
        self._lines.pop(name, None)
        return name if len(known) > 1 else None

    def items(self, name: str, lines: Iterable[int]) -> set[Item]:
        """Return the items of the functions that have code on some lines of a measured file."""
        file = self._file(name)
        if file is None:
            return set()
        if file not in self._lines:
            self._lines[file] = self._read(file)
        known = self._lines[file]
        found: set[Item] = set()
        for line in lines:
            found |= known.get(line) or ({("w", file)} if line not in known else set())
        return found

    def _file(self, name: str) -> str | None:
        """Return the path of a file whose links are followed, as coverage names it."""
        if self.recorder.project_path(name) is None:
            return None
        found: str | None = self.recorder.project_path(
            os.path.realpath(os.path.join(self.recorder.root, name))
        )
        return found

    def _read(self, file: str) -> dict[int, set[Item]]:
        found: dict[int, set[Item]] = {}
        for top in self._codes.get(file) or self._compiled(file):
            path = self.recorder.project_path(top.co_filename)
            for code in _all_codes(top):
                item = ("b", path, code.co_firstlineno, code.co_name)
                for line in lines_of(code):
                    there = found.setdefault(line, set())
                    if code.co_flags & _OPTIMIZED:
                        there.add(item)
        return found

    def _compiled(self, file: str) -> list[CodeType]:
        """A module that was imported before anybody listened."""
        place = os.path.join(self.recorder.root, file)
        try:
            with open_file(place, "rb") as stream:
                return [compile(stream.read(), place, "exec", dont_inherit=True)]
        except (OSError, SyntaxError, ValueError):
            return []


def _all_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if hasattr(inner, "co_code"):
            yield from _all_codes(inner)


def lines_of(code: CodeType) -> set[int]:
    """Return the lines on which a code object can be seen at work."""
    if not hasattr(code, "co_lines"):
        import dis

        return {line for _, line in dis.findlinestarts(code)}
    begin = 0
    if _RESUME is not None and code.co_flags & _OPTIMIZED:
        found = code.co_code[::2].find(_RESUME)
        begin = 2 * (found + 1)
    return {line for _, end, line in code.co_lines() if line and end > begin}
