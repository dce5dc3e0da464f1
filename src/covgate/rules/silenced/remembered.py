"""What was found in a file of the whole project is kept until something behind it changes.

The key of a judgement names the file, its content, the paths and the configuration of the tree, the
settings and this very version of covgate; kept with it are the contents of the modules that it may
have looked into, which must be the same.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate import __version__
from covgate.source.cache import TextCache
from covgate.source.dependencies import Dependencies
from covgate.source.testconfig import FILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from covgate.rules.silenced.trees import Tree

_PACKAGE = Path(__file__).parents[2]
_NOT_TELLING = ""


class Judged(NamedTuple):
    """What was found in one file, as plain values, and the modules behind it."""

    path: str
    found: list[Any]
    behind: Mapping[str, bool]


class Memory:
    """The judgements of one tree under one setting; without a file nothing is kept."""

    def __init__(self, file: Path | None, tree: Tree, *settings: str) -> None:
        self._cache = TextCache(file)
        self._tree = tree
        self._context = _context(tree, settings) if file is not None else ""
        self.dependencies = Dependencies(tree.project)

    def known(self, paths: Iterable[str]) -> dict[str, list[Any]]:
        """Return what was found in files of which everything is as it was then."""
        if not self._context:
            return {}
        keys = {self._key(path): path for path in paths}
        found: dict[str, list[Any]] = {}
        for key, text in self._cache.load(keys).items():
            kept = json.loads(text)
            if all(self._state(other) == state for other, state in kept["behind"].items()):
                found[keys[key]] = kept["found"]
        return found

    def keep(self, judged: Sequence[Judged]) -> None:
        """Keep what was found."""
        if not self._context:
            return
        texts = {}
        for item in judged:
            behind = {other: self._state(other) for other in item.behind}
            texts[self._key(item.path)] = json.dumps({"found": item.found, "behind": behind})
        self._cache.store(texts)

    def _key(self, path: str) -> str:
        blob = self._tree.snapshot.entries[path].blob
        return hashlib.sha256(f"{self._context}\0{path}\0{blob}".encode()).hexdigest()

    def _state(self, path: str) -> str:
        """Return what of a module matters: its content, or that nothing in it can tell."""
        entry = self._tree.snapshot.entries.get(path)
        if entry is None:
            return "gone"
        return entry.blob if self._tree.project.is_telling(path) else _NOT_TELLING


def _context(tree: Tree, settings: Sequence[str]) -> str:
    entries = tree.snapshot.entries
    digest = hashlib.sha256(repr((__version__, sys.version_info[:2], settings)).encode())
    digest.update(_own_code().encode())
    for path in sorted(entries):
        name = path.rpartition("/")[2]
        if name.endswith(".py"):
            digest.update(f"{path}\n".encode("utf-8", "surrogateescape"))
        elif name in FILES:
            digest.update(f"{path} {entries[path].blob}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _own_code() -> str:
    """Return what differs between two states of the code that judges."""
    rooms = (_PACKAGE / "source", _PACKAGE / "rules")
    stats = [file.stat() for room in rooms for file in sorted(room.rglob("*.py"))]
    return repr([(stat.st_mtime_ns, stat.st_size) for stat in stats])
