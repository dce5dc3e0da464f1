"""Parsed modules of one tree, read and parsed on demand."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections import OrderedDict
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.change.snapshot import Snapshot

KEPT_MODULES = 128
SMALL = 2000
_TESTING = re.compile(rb"pytest|unittest|TestCase|import[^\n]*(skip|Skip|xfail)")
_TEST_PATH = re.compile(r"(^|/)(tests?|testing)(/|_|\.)|(^|/)(test_|conftest)|_tests?(\.py|/)")


class Broken(NamedTuple):
    """A file that Python cannot parse: where and why."""

    path: str
    line: int
    why: str


class Comment(NamedTuple):
    """One comment: its line, its text without the hash, and whether it has the line to itself."""

    line: int
    text: str
    alone: bool


class Module:
    """One parsed Python file."""

    def __init__(self, path: str, data: bytes) -> None:
        """Parse `data`; raises SyntaxError when Python would."""
        self.path = path
        self.data = data
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.tree = ast.parse(data, filename=path)
            except (ValueError, RecursionError, MemoryError) as error:
                raise SyntaxError(str(error)) from error

    @cached_property
    def text(self) -> str:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(self.data).readline)
        return self.data.decode(encoding, "replace").replace("\r\n", "\n").replace("\r", "\n")

    @cached_property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def comments(self) -> dict[int, Comment]:
        """All comments by line."""
        if b"#" not in self.data:
            return {}
        return {comment.line: comment for comment in _comments(self.text)}

    def segment(self, first: int, last: int) -> str:
        """Return the source of the lines `first` to `last`, counted from 1, inclusive."""
        return "\n".join(self.lines[first - 1 : last])


def _comments(text: str) -> Iterator[Comment]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                alone = not token.line[: token.start[1]].strip()
                yield Comment(token.start[0], token.string.lstrip("#").strip(), alone)
    except (tokenize.TokenError, SyntaxError):  # the parser was content, so the rest is lost only
        return


@lru_cache(maxsize=128)
def parse(path: str, data: bytes) -> Module | Broken:
    """Parse a file; both trees of a change share what is the same in them."""
    try:
        return Module(path, data)
    except SyntaxError as error:
        return Broken(path, error.lineno or 1, error.msg or "invalid syntax")


class Project:
    """The Python files of one tree. Keeps the latest modules parsed, not all of them."""

    def __init__(self, snapshot: Snapshot, roots: tuple[str, ...] = ()) -> None:
        self.snapshot = snapshot
        self.roots = ("", "src", *roots)
        self._modules: OrderedDict[str, Module | Broken | None] = OrderedDict()
        self._paths: dict[tuple[str, str], str | None] = {}
        self._telling: dict[str, bool] = {}

    def parse(self, path: str) -> Module | Broken | None:
        """Return the module at `path`, what is wrong with it, or None when there is no file."""
        if path in self._modules:
            self._modules.move_to_end(path)
            return self._modules[path]
        found = self._load(path)
        self._modules[path] = found
        if len(self._modules) > KEPT_MODULES:
            self._modules.popitem(last=False)
        return found

    def module(self, path: str) -> Module | None:
        """Return the module at `path` when there is one that parses."""
        found = self.parse(path)
        return found if isinstance(found, Module) else None

    def is_telling(self, path: str) -> bool:
        """Return whether the module at `path` may define marks, reasons, helpers or test classes.

        Application code that never names a test framework does not; parsing it would be wasted.
        """
        if path in self._modules or _TEST_PATH.search(path):
            return True
        if path not in self._telling:
            data = self.snapshot.read(path) or b""
            self._telling[path] = len(data) < SMALL or _TESTING.search(data) is not None
        return self._telling[path]

    def _load(self, path: str) -> Module | Broken | None:
        entry = self.snapshot.entries.get(path)
        if entry is None or entry.mode in (SYMLINK_MODE, SUBMODULE_MODE):
            return None
        data = self.snapshot.read(path)
        return None if data is None else parse(path, data)

    def find(self, importer: str, name: str, level: int = 0) -> str | None:
        """Return the path of the module `name` as `importer` would import it, None if foreign."""
        folder = importer.rpartition("/")[0]
        if level:
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            return self._file(folder, name)
        key = (folder, name)
        if key not in self._paths:
            self._paths[key] = self._search(folder, name)
        return self._paths[key]

    def _search(self, folder: str, name: str) -> str | None:
        places = list(self.roots)
        while folder:
            places.append(folder)
            folder = folder.rpartition("/")[0]
        for place in places:
            found = self._file(place, name)
            if found:
                return found
        return None

    def _file(self, folder: str, name: str) -> str | None:
        stem = "/".join(part for part in (folder, name.replace(".", "/")) if part)
        for path in (f"{stem}.py", f"{stem}/__init__.py"):
            if path in self.snapshot.entries:
                return path
        return None


def is_identifier_in(name: str, data: bytes) -> bool:
    """Return whether `name` stands in `data` as a word of its own."""
    return re.search(rb"\b" + re.escape(name.encode()) + rb"\b", data) is not None
