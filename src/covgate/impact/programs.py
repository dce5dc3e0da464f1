"""The programs of the target tree with their facts, and what the change did to them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE
from covgate.impact.modules import folders_above
from covgate.impact.widening import status_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from covgate.change.model import Change, FileChange
    from covgate.change.snapshot import Snapshot
    from covgate.source.facts import ImportFacts
    from covgate.source.reader import FactsReader


class AllFacts(Mapping[str, "ImportFacts"]):
    """The facts of all programs by path, symbolic links included, each read when it is asked for.

    `aliases` maps the paths of symbolic links to the programs that they show.
    """

    def __init__(self, reader: FactsReader, aliases: Mapping[str, str]) -> None:
        self._reader = reader
        self._aliases = aliases

    def __getitem__(self, path: str) -> ImportFacts:
        if path in self._paths:
            return self._reader.facts(path)
        return self._reader.facts(self._aliases[path])

    def __iter__(self) -> Iterator[str]:
        yield from self._reader.programs
        yield from self._aliases

    def __len__(self) -> int:
        return len(self._paths) + len(self._aliases)

    def __contains__(self, path: object) -> bool:
        return path in self._paths or path in self._aliases

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(self._reader.programs)

    def with_tag(self, tag: str) -> Sequence[str]:
        """Return the programs that have a tag of `source.tags`, in order."""
        found = self._reader.with_tag(tag)
        if not self._aliases or not found:
            return found
        real = frozenset(found)
        return [*found, *(alias for alias, path in self._aliases.items() if path in real)]


class Programs(NamedTuple):
    """`facts` by path, symbolic links included (`links`: real path to the paths that lead there);
    `changed` maps Python paths, vanished ones too, to what happened to them; `others` are the
    changes of all other files; `folders` are those that appeared or vanished."""

    facts: AllFacts
    links: Mapping[str, tuple[str, ...]]
    changed: Mapping[str, str]
    others: tuple[FileChange, ...]
    folders: frozenset[str]

    @property
    def python(self) -> list[str]:
        """The Python files of the target tree."""
        return [path for path in self.facts if path.endswith(".py")]


def read_programs(change: Change, facts: FactsReader) -> Programs:
    """Collect the facts of all programs of the target tree."""
    links: dict[str, list[str]] = {}
    aliases: dict[str, str] = {}
    for alias, real in _aliases(change.target, facts.programs):
        aliases.setdefault(alias, real)
        links.setdefault(real, []).append(alias)
    changed: dict[str, str] = {}
    others: list[FileChange] = []
    for file in _halves(change.since_first):
        what = _python_changes(file)
        changed.update(what)
        if not what or _is_special(file):
            others.append(file)
    return Programs(
        AllFacts(facts, aliases),
        {real: tuple(paths) for real, paths in links.items()},
        changed,
        tuple(others),
        _folders_in_motion(change),
    )


def _halves(files: Iterable[FileChange]) -> Iterator[FileChange]:
    """Yield renames of anything but Python as a deletion and an addition."""
    for file in files:
        old = file.old_path
        if old is None or file.status != "renamed" or (is_module(old) and is_module(file.path)):
            yield file
            continue
        yield file._replace(path=old, status="deleted", new_blob=None, new_mode=None)
        yield file._replace(old_path=None, status="added", old_blob=None, old_mode=None)


def _python_changes(file: FileChange) -> dict[str, str]:
    """Return what happened to the Python paths of a change of text."""
    found: dict[str, str] = {}
    if file.old_blob == file.new_blob and file.status == "modified":
        return found
    if file.old_path and file.old_path.endswith(".py") and file.status in {"deleted", "renamed"}:
        found[file.old_path] = status_of(file)
    if file.path.endswith(".py") and file.status != "deleted":
        found[file.path] = {"renamed": "is new", "copied": "is new"}.get(
            file.status, status_of(file)
        )
    return found


def is_module(path: str) -> bool:
    """Whether the file is one that Python imports and pytest collects."""
    return path.endswith(".py")


def _is_special(file: FileChange) -> bool:
    """Whether there is more to the change than the text of Python files."""
    modes = {file.old_mode, file.new_mode} - {None}
    if modes & {SYMLINK_MODE, SUBMODULE_MODE}:
        return True
    if file.status in {"renamed", "modified"} and len(modes) > 1:
        return True
    paths = {file.path, file.old_path or file.path}
    if any(not path.endswith(".py") for path in paths):
        return True
    return any(path.rpartition("/")[2] == "setup.py" for path in paths)


def _aliases(tree: Snapshot, programs: Collection[str]) -> list[tuple[str, str]]:
    """Return the paths under which symbolic links show programs, with the real paths."""
    shown = [path for path, entry in tree.entries.items() if entry.mode == SYMLINK_MODE]
    known = frozenset(programs) if shown else frozenset[str]()
    found: list[tuple[str, str]] = []
    for path in shown:
        text = (tree.read(path) or b"").decode("utf-8", "surrogateescape")
        real = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
        if real in known:
            found.append((path, real))
        elif not real.startswith(("..", "/")) and real != "." and not path.startswith(real + "/"):
            start = real + "/"
            found.extend((f"{path}/{p[len(start) :]}", p) for p in programs if p.startswith(start))
    return found


def _folders_in_motion(change: Change) -> frozenset[str]:
    """Return the folders that exist on one side only: any folder is a namespace package."""
    gone = {
        file.old_path
        for file in change.since_first
        if file.old_path and file.status in {"deleted", "renamed"}
    }
    fresh = {file.path for file in change.since_first if file.status in _ADDING}
    if not gone and not fresh:
        return frozenset()
    concerned = _folders(gone | fresh)
    after = _holding(concerned, change.target.entries)
    others = (path for path in change.target.entries if path not in fresh)
    before = _holding(concerned, others) | _folders(gone)
    return frozenset(before ^ after)


_ADDING = frozenset(["added", "renamed", "copied"])


def _holding(folders: Collection[str], paths: Iterable[str]) -> set[str]:
    """Return those of some folders that hold one of the paths, at whatever depth."""
    return _folders({path.rpartition("/")[0] + "/" for path in paths}) & set(folders)


def _folders(paths: Iterable[str]) -> set[str]:
    return {folder for path in paths for folder in folders_above(path)}
