"""A tree of files by path: what every later stage reads the project through."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

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
