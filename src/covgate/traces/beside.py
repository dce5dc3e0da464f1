"""Modules that lie in a tree on disk and that git does not know: generated, compiled, ignored.

What imports them sees what lies on the disk, so that they are taken by that: the id that git would
give to the content stands for their version, as it does for every other module. One that git comes
to know with the same content is therefore the same as before.

Looked for are modules beside those that git knows, and packages there that have an `__init__.py`;
what lies elsewhere stays unknown, and whoever imports it runs every time.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from covgate.source.blocks.modules import BUILT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from covgate.change.snapshot import Entry

    Admit = Callable[[Path, Collection[str]], Collection[str]]

# Deeper, or more than that, is nobody's generated code.
_DEPTH = 8
_MOST = 4000
_SHA256 = 64


class Beside:
    """The modules of the tree at `root` that are not among `entries`.

    `admit` is given `root` and the paths that were found, and returns those that count.
    """

    def __init__(self, root: Path, entries: Mapping[str, Entry], admit: Admit) -> None:
        found = [*_modules(root, entries)]
        counted = admit(root, found) if 0 < len(found) <= _MOST else ()
        sample = next(iter(entries.values()), None)
        self._kind = "sha256" if sample and len(sample.blob) == _SHA256 else "sha1"
        self._texts: dict[str, bytes] = {}
        self.versions: dict[str, str] = {}
        for path in sorted(counted):
            self._take(root, path)

    def _take(self, root: Path, path: str) -> None:
        try:
            data = (root / path).read_bytes()
        except OSError:
            return
        if path.endswith(".py"):
            self._texts[path] = data  # what is told of it is of the text that was hashed
        made = hashlib.new(self._kind, b"blob %d\0" % len(data), usedforsecurity=False)
        made.update(data)
        self.versions[path] = made.hexdigest()

    def read(self, path: str) -> bytes | None:
        """Return the text of a module, None for a compiled one."""
        return self._texts.get(path)


def _modules(root: Path, entries: Mapping[str, Entry]) -> Iterator[str]:
    """Yield the modules on disk, in the folders of modules, that are not among `entries`."""
    for folder in _folders(entries):
        yield from _of_folder(str(root), folder, entries, 0)


def _folders(entries: Iterable[str]) -> set[str]:
    """Return the folders that modules lie in, and those above."""
    found = {""}
    for path in entries:
        if path.endswith(".py"):
            folder = path.rpartition("/")[0]
            while folder and folder not in found:
                found.add(folder)
                folder = folder.rpartition("/")[0]
    return found


def _of_folder(root: str, folder: str, entries: Mapping[str, Entry], depth: int) -> Iterator[str]:
    try:
        with os.scandir(f"{root}/{folder}" if folder else root) as listing:
            names = [*listing]
    except OSError:
        return
    for one in names:
        path = f"{folder}/{one.name}" if folder else one.name
        if one.name.endswith((".py", *BUILT)):
            if path not in entries and one.is_file():
                yield path
        elif "." not in one.name and one.name.isidentifier() and depth < _DEPTH:
            init = f"{path}/__init__.py"
            # A folder that git knows is looked at by itself.
            if init not in entries and path not in entries and os.path.exists(f"{root}/{init}"):  # noqa: PTH110 - asked of every folder
                yield from _of_folder(root, path, entries, depth + 1)


def made_before(moment: float, written: Collection[str]) -> Admit:
    """Return what admits modules that are as they were at a `moment`, those `written` left out.

    A test run makes modules of things that are inputs of it themselves.
    """

    def admit(root: Path, paths: Collection[str]) -> Collection[str]:
        return [path for path in paths if path not in written and _touched(root, path) < moment]

    return admit


def _touched(root: Path, path: str) -> float:
    """Return when a file, or the link that leads to it, was last made, written or renamed."""
    try:
        found = (root / path).stat(), (root / path).lstat()
    except OSError:
        return float("inf")
    return max(max(one.st_mtime, one.st_ctime) for one in found)
