"""The present value of what a test may depend on: in the tree, and outside of it."""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE
from covgate.traces.beside import Beside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.change.snapshot import Snapshot
    from covgate.traces.beside import Admit
    from covgate.traces.model import Surroundings

FOLDER = "folder"


def digest(text: str | bytes) -> str:
    """Return a short hash of a value."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return hashlib.blake2b(data, digest_size=10).hexdigest()


class TreeValues:
    """Files, listings and existence in a snapshot, through symbolic links.

    `root` is where the tree lies on disk: files that git does not know are looked up there.
    Of the modules there, those count that `admit` lets in; none without.
    """

    def __init__(
        self, snapshot: Snapshot, root: Path | None = None, admit: Admit | None = None
    ) -> None:
        self.snapshot = snapshot
        self.root = root
        self._admit = admit
        self._children: dict[str, set[str]] | None = None
        self._everything: str | None = None
        self.has_links = any(entry.mode == SYMLINK_MODE for entry in snapshot.entries.values())

    @property
    def children(self) -> Mapping[str, set[str]]:
        if self._children is None:
            children: dict[str, set[str]] = defaultdict(set)
            for path in self.snapshot.entries:
                name = path
                while name:
                    folder = dirname(name)
                    if name in children[folder]:
                        break
                    children[folder].add(name)
                    name = folder
            self._children = dict(children)
        return self._children

    def resolve(self, path: str, depth: int = 0) -> str | None:
        """Return where `path` leads to; None when it leaves the tree or goes round in circles."""
        if not self.has_links:
            return path
        done = ""
        parts = path.split("/")
        for index, part in enumerate(parts):
            done = f"{done}/{part}" if done else part
            entry = self.snapshot.entries.get(done)
            if entry is not None and entry.mode == SYMLINK_MODE:
                target = (self.snapshot.read(done) or b"").decode("utf-8", "surrogateescape")
                rest = "/".join(parts[index + 1 :])
                moved = normpath(join(dirname(done), target, rest))
                if depth > 20 or moved.startswith(("..", "/")):
                    return None
                return self.resolve(moved, depth + 1)
        return done

    def file(self, path: str) -> str:
        """Return the blob of a file (of the disk's content when git does not know it)."""
        place = self.resolve(path)
        if place is None:
            return "outside " + path
        entry = self.snapshot.entries.get(place)
        if entry is not None:
            value = f"{entry.blob} x" if entry.mode == "100755" else entry.blob
            return value + self._link(path)
        if place in self.children or place == "":
            return FOLDER
        return self._on_disk(place)

    def _link(self, path: str) -> str:
        """Return where a symbolic link points to: code may ask for that too."""
        entry = self.snapshot.entries.get(path)
        is_link = entry is not None and entry.mode == SYMLINK_MODE
        return f" through {entry.blob}" if entry is not None and is_link else ""

    def is_known(self, path: str) -> bool:
        """Whether git knows `path`, as a file or as a folder."""
        place = self.resolve(path)
        return place is not None and (
            place in self.snapshot.entries or place in self.children or place == ""
        )

    def _on_disk(self, path: str) -> str:
        if self.root is None:
            return ""
        try:
            return "disk " + digest((self.root / path).read_bytes())
        except IsADirectoryError:
            return FOLDER
        except OSError:
            return ""

    def blob(self, path: str) -> str:
        """Return the blob of the file itself, "" when nobody knows it.

        Of a module that git does not know, the id that git would give to it.
        """
        entry = self.snapshot.entries.get(path)
        if entry is None:
            return self.unknown.get(path, "")
        return "" if entry.mode == SUBMODULE_MODE else entry.blob

    @cached_property
    def beside(self) -> Beside | None:
        """The modules of the tree that git does not know."""
        if self.root is None or self._admit is None:
            return None
        return Beside(self.root, self.snapshot.entries, self._admit)

    @property
    def unknown(self) -> Mapping[str, str]:
        """The versions of the modules that git does not know, by path."""
        return {} if self.beside is None else self.beside.versions

    def text_beside(self, path: str) -> bytes | None:
        """Return the text of a module that git does not know, None of a compiled one."""
        return None if self.beside is None else self.beside.read(path)

    @cached_property
    def paths(self) -> frozenset[str]:
        """All files, the modules that git does not know included."""
        return frozenset((*self.snapshot.entries, *self.unknown))

    def everything(self) -> str:
        """Return the hash of the whole tree."""
        if self._everything is None:
            lines = (f"{path} {entry}" for path, entry in sorted(self.snapshot.entries.items()))
            self._everything = digest("\n".join(lines))
        return self._everything

    def listing(self, path: str) -> str:
        """Return the hash of the names in a folder, with what kind of thing each is."""
        place = self.resolve(path)
        if place is None:
            return "outside"
        names = self.children.get(place)
        if names is None:
            return ""
        entries = self.snapshot.entries
        found = ((name, entries.get(name)) for name in sorted(names))
        return digest("\n".join(f"{name} {one.mode if one else FOLDER}" for name, one in found))

    def exists(self, path: str) -> str:
        """Return "file", "folder" or "", and of a symbolic link where it points to."""
        place = self.resolve(path)
        if place is None:
            return "outside"
        if place in self.snapshot.entries:
            return "file" + self._link(path)
        if place in self.children or place == "":
            return FOLDER
        if self.root is not None:
            full = self.root / place
            return FOLDER if full.is_dir() else "file" if full.exists() else ""
        return ""


class OutsideValues:
    """Environment variables, packages and distributions that the tests would find now."""

    def __init__(self, environ: Mapping[str, str], surroundings: Surroundings) -> None:
        self.environ = environ
        self.surroundings = surroundings
        self._packages: dict[str, str] = {}
        self._distributions: dict[str, str] | None = None
        self._names: dict[str, dict[str, list[str]]] = {}

    def variable(self, name: str) -> str:
        """Return the hash of a variable's value, "" when it is not set; `PREFIX_*` is many."""
        if name.endswith("*"):
            found = (f"{key}={value}" for key, value in self.environ.items()
                     if key.startswith(name[:-1]))  # fmt: skip
            return digest("\n".join(sorted(found)))
        value = self.environ.get(name)
        return "" if value is None else digest(value)

    def package(self, name: str) -> str:
        """Return the signature of a package with all that it uses; "" when it is not there."""
        known = self._packages.get(name)
        if known is None:
            seen, pending = {name}, [name]
            while pending:
                for other in self.surroundings.uses.get(pending.pop(), ()):
                    if other not in seen:
                        seen.add(other)
                        pending.append(other)
            parts = [self._signature(part) for part in sorted(seen)]
            own = self._signature(name)
            known = self._packages[name] = digest("\n".join(parts)) if own else ""
        return known

    def _signature(self, name: str) -> str:
        """Return the state of all files of a package, wherever it lies; "" when it is absent."""
        places = {
            str(Path(folder) / entry)
            for folder in self.surroundings.outside
            for entry in self._entries(folder).get(name, ())
        }
        for file in self.surroundings.files.get(name, ()):
            before, found, _ = file.replace("\\", "/").rpartition(f"/{name}/")
            places.add(f"{before}/{name}" if found else file)
        return "\n".join(line for place in sorted(places) for line in _states(place))

    def _entries(self, folder: str) -> Mapping[str, list[str]]:
        """Return the entries of a folder by the name that they are imported by."""
        known = self._names.get(folder)
        if known is None:
            known = self._names[folder] = defaultdict(list)
            try:
                entries = [entry.name for entry in Path(folder).iterdir()]
            except OSError:
                entries = []
            for entry in entries:
                if not entry.endswith((".dist-info", ".egg-info", ".pth")):
                    known[entry.partition(".")[0]].append(entry)
        return known

    def distribution(self, name: str) -> str:
        """Return version and state of an installed distribution ("*": of all), "" if absent."""
        if self._distributions is None:
            self._distributions = self._find_distributions()
        if name == "*":
            return digest(repr(sorted(self._distributions.items())))
        return self._distributions.get(_canonical(name), "")

    def _find_distributions(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for folder in self.surroundings.outside:
            try:
                entries = sorted(entry.name for entry in Path(folder).iterdir())
            except OSError:
                continue
            for entry in entries:
                stem, dot, kind = entry.rpartition(".")
                if dot and kind in ("dist-info", "egg-info"):
                    place = Path(folder) / entry
                    metadata = _stat(place / "METADATA") or _stat(place)
                    name = _canonical(stem.partition("-")[0])
                    found.setdefault(name, f"{stem.partition('-')[2]} {metadata}")
        return found


def _states(place: str) -> Iterable[str]:
    """Yield the state of a file, or of each file in a folder."""
    if not os.path.isdir(place):  # noqa: PTH112 - this is asked of thousands of names
        yield f"{place} {_stat(place)}"
        return
    for folder, folders, names in os.walk(place):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            yield f"{folder}/{name} {_stat(f'{folder}/{name}')}"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _stat(path: str | Path) -> str:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each would cost more than the call
    except OSError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}"
