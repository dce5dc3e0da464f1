"""A tree of files by path: what every later stage reads the project through."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.git.objects import ObjectReader
    from covgate.git.process import Git

SYMLINK_MODE = "120000"
SUBMODULE_MODE = "160000"


class Entry(NamedTuple):
    """One file of a tree: its git mode ("100644", ...) and the id of its content."""

    mode: str
    blob: str


class Snapshot(Protocol):
    """The files of one git tree; immutable, so that every stage sees the same."""

    @property
    def tree(self) -> str:
        """The id of the tree."""

    @property
    def entries(self) -> Mapping[str, Entry]:
        """All files by path (forward slashes, relative to the top of the repository)."""

    def read(self, path: str) -> bytes | None:
        """Return the content of `path` as git stores it, None when there is no such file."""

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Get the content of many files ready to be read."""


class MemorySnapshot:
    """A snapshot made of texts: the empty tree, and trees in tests."""

    def __init__(self, files: Mapping[str, str | bytes] | None = None) -> None:
        import hashlib

        self._files = {
            path: text.encode() if isinstance(text, str) else text
            for path, text in (files or {}).items()
        }
        self.entries: Mapping[str, Entry] = {
            path: Entry("100644", hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest())
            for path, data in self._files.items()
        }
        self.tree = ""

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Do nothing: all is in memory."""


class GitSnapshot:
    """A tree of the repository as a `Snapshot`, listed when first asked."""

    def __init__(self, git: Git, reader: ObjectReader, tree: str) -> None:
        self.tree = tree
        self._git = git
        self._reader = reader

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        listing = self._git.run("ls-tree", "-r", "-z", "--full-tree", self.tree)
        entries: dict[str, Entry] = {}
        for record in os.fsdecode(listing).split("\0")[:-1]:
            facts, _, path = record.partition("\t")
            mode, _, blob = facts.split()
            entries[path] = Entry(mode, blob)
        return entries

    def read(self, path: str) -> bytes | None:
        entry = self.entries.get(path)
        if entry is None or entry.mode == SUBMODULE_MODE:
            return None
        return self._reader.read(entry.blob)

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read many files at once, so that `read` has them at hand."""
        found = (self.entries.get(path) for path in paths)
        self._reader.read_ahead(e.blob for e in found if e and e.mode != SUBMODULE_MODE)
