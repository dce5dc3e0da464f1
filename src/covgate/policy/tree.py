"""One tree of the project, its configuration files read and parsed at most once each."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from covgate.errors import UsageError
from covgate.policy.ini import IniError, Sections, parse_ini
from covgate.policy.toml import Document, TomlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from covgate.change.snapshot import Snapshot
    from covgate.policy.yamldoc import Node

SYMLINK_HOPS = 5
T = TypeVar("T")


class Tree:
    """Reads a snapshot.

    With `strict` (the target tree) a broken TOML or INI file is the user's mistake and raises
    UsageError; without (a base, which nobody can repair any more) it counts as empty.
    Without `placed`, the values of TOML files do not know their lines, which is quicker.
    """

    def __init__(self, snapshot: Snapshot, *, strict: bool, placed: bool = True) -> None:
        self.snapshot = snapshot
        self.placed = placed
        self.strict = strict
        self.paths = frozenset(snapshot.entries)
        self._texts: dict[str, str | None] = {}
        self._documents: dict[str, Document | None] = {}
        self._inis: dict[str, Sections | None] = {}

    def text(self, path: str) -> str | None:
        """Return the text of a file, None when there is no such file."""
        if path not in self._texts:
            data = self.snapshot.read(self._resolved(path)) if path in self.paths else None
            self._texts[path] = None if data is None else data.decode("utf-8-sig", "replace")
        return self._texts[path]

    def toml(self, path: str) -> Document | None:
        """Return a TOML file, None when there is none."""
        if path not in self._documents:
            document = self._documents[path] = self._parsed(path, Document)
            if document is not None:
                document.placed = self.placed
        return self._documents[path]

    def ini(self, path: str) -> Sections | None:
        """Return an INI file, None when there is none."""
        if path not in self._inis:
            self._inis[path] = self._parsed(path, parse_ini)
        return self._inis[path]

    def yaml(self, path: str) -> Node | None:
        """Return a YAML file, None when there is none; raises YamlError."""
        text = self.text(path)
        if text is None:
            return None
        from covgate.policy.yamldoc import parse_yaml

        return parse_yaml(text)

    def _parsed(self, path: str, parse: Callable[[str, str], T]) -> T | None:
        text = self.text(path)
        if text is None:
            return None
        try:
            return parse(path, text)
        except (TomlError, IniError) as error:
            if not self.strict:
                return None
            raise UsageError(
                f"{path}:{error.line}: {error}",
                help="Repair the file: which gates it holds cannot be told.",
            ) from error

    def _resolved(self, path: str) -> str:
        """Follow symbolic links within the tree."""
        from posixpath import dirname, join, normpath

        for _ in range(SYMLINK_HOPS):
            entry = self.snapshot.entries.get(path)
            if entry is None or entry.mode != "120000":
                break
            target = (self.snapshot.read(path) or b"").decode("utf-8", "replace")
            path = normpath(join(dirname(path), target))
        return path
