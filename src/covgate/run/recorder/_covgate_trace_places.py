"""Tells from the lines of a file that ran which functions ran.

A line counts for every function that has code on it: what begins within the line of another is
taken to have run with it. Lines that no known code holds make the whole file count.
"""

from __future__ import annotations

from opcode import opmap
from typing import TYPE_CHECKING, Any

from _covgate_std import open_file, os

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

    from _covgate_trace_lines import Chunk, Lines

Item = tuple[Any, ...]

_OPTIMIZED = 0x1
_SUSPENDED = 0x20 | 0x80 | 0x200  # generators, coroutines, and both at once
_RESUME = opmap.get("RESUME")  # what comes before it belongs to the call


class Places:
    """The functions of each file of the project, by line."""

    def __init__(self, recorder: Any, lines: Lines) -> None:
        self.recorder = recorder
        self._measured = lines
        self._codes: dict[str, list[CodeType]] = {}
        self._lines: dict[str, dict[int, set[Item]]] = {}
        self._files: dict[str, str | None] = {}
        self.suspending: set[Item] = set()  # those that have been seen

    def learn(self, code: CodeType) -> None:
        """Take in the body of a module that is about to be executed."""
        name = self._file(code.co_filename)
        if name is None:
            return
        known = self._codes.setdefault(name, [])
        if any(code is one for one in known):
            return
        if known:  # what was gathered is of the code before
            self._measured.gather()
            self._measured.forget_items(name)
        known.append(code)
        self._lines.pop(name, None)

    def of(self, chunk: Chunk) -> set[Item]:
        """Return the items of the functions that ran."""
        items: set[Item] = set()
        for file, taken in chunk:
            known = file.items
            fresh = list(taken.difference(known))
            if fresh:
                for value, lines in zip(fresh, self._measured.unpacked(fresh)):
                    ran = [lines] if isinstance(lines, int) else [n for n in lines if n > 0]
                    known[value] = frozenset(self._at(file.name, ran))
            items.update(*set(map(known.__getitem__, taken)))
        return items

    def _at(self, name: str, lines: Iterable[int]) -> set[Item]:
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
        if name not in self._files:
            root, project_path = self.recorder.root, self.recorder.project_path
            is_own = project_path(name) is not None
            real = os.path.realpath(os.path.join(root, name)) if is_own else name
            self._files[name] = project_path(real)
        return self._files[name]

    def _read(self, file: str) -> dict[int, set[Item]]:
        found: dict[int, set[Item]] = {}
        for top in self._codes.get(file) or self._compiled(file):
            path = self.recorder.project_path(top.co_filename)
            for code in codes_of(top):
                item = ("b", path, code.co_firstlineno, code.co_name)
                if may_be_suspended(code):
                    self.suspending.add(item)
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


def may_be_suspended(code: CodeType) -> bool:
    """Whether a function may go on in another context, on a line that it was on before.

    No line is told then. A generator expression goes back to its loop, which is told.
    """
    return bool(code.co_flags & _SUSPENDED) and code.co_name != "<genexpr>"


def codes_of(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and all that it holds."""
    yield code
    for inner in code.co_consts:
        if hasattr(inner, "co_code"):
            yield from codes_of(inner)


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
