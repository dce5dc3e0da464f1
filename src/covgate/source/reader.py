"""Facts by path over a snapshot: known ones from the cache, the others computed and kept."""

from __future__ import annotations

import gc
import os
import sqlite3
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE, Entry
from covgate.source.facts import NO_FACTS, ImportFacts
from covgate.source.guesses import text_facts
from covgate.source.imports import python_facts
from covgate.source.tags import tags_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from covgate.change.model import FileChange
    from covgate.change.snapshot import Snapshot
    from covgate.source.cache import FactsCache, Tagged

T = TypeVar("T")
# Below this many new blobs, starting processes costs more than it saves.
_MANY = 300
_BATCH = 50
# In a project of fewer programs all facts are fetched within milliseconds.
_WORTH_IT = 500
# One question costs what fetching so many programs does.
_ASKED_OF = 4
_SCRIPTS = (".sh", ".bash", ".bat", ".cmd", ".ps1")
_EXECUTABLE = "100755"


class FactsReader(Protocol):
    """Facts by path of one snapshot."""

    @property
    def programs(self) -> Collection[str]:
        """The paths of all programs, in the order of the tree."""

    def facts(self, path: str) -> ImportFacts:
        """Return the facts of `path`; nothing when it holds no program text."""

    def with_tag(self, tag: str) -> Sequence[str]:
        """Return the programs that have a tag (`source.tags`), in the order of the tree."""


def is_program(path: str, entry: Entry) -> bool:
    """Whether the file holds program text: Python, or a script that may start Python."""
    if entry.mode in (SYMLINK_MODE, SUBMODULE_MODE):
        return False
    if path.endswith((".py", *_SCRIPTS)):
        return True
    return entry.mode == _EXECUTABLE and "." not in path.rpartition("/")[2]


class SnapshotFacts:
    """The facts of a snapshot's programs.

    Where the cache knows all programs of the tree `before`, and `changes` are the files that differ
    from it, only what is asked for is read. Else, and when much is asked, everything is, at once.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        cache: FactsCache,
        before: Snapshot | None = None,
        changes: Iterable[FileChange] = (),
    ) -> None:
        self._snapshot = snapshot
        self._cache = cache
        self._before = before
        self._changes = tuple(changes)
        self._known: dict[str, ImportFacts] = {}
        self._all: dict[str, ImportFacts] | None = None
        self._asked = 0

    def facts(self, path: str) -> ImportFacts:
        """Return the facts of `path`; nothing when it holds no program text."""
        entry = self._snapshot.entries.get(path)
        if entry is None or not is_program(path, entry):
            return NO_FACTS
        key = _key(path, entry)
        if self._all is None:
            known = self._known.get(key)
            if known is None:
                known = self._one(key)
            if known is not None:
                self._known[key] = known
                return known
        return self._fetched[key]

    def with_tag(self, tag: str) -> Sequence[str]:
        """Return the programs that have a tag, in the order of the tree."""
        if self._all is None:
            tagged = self._ask(lambda backwards: backwards.with_tag(tag))
            if tagged is not None:
                found = [path for key in tagged for path in self._places.get(key, ())]
                return sorted(found)
        return self._by_tag.get(tag, ())

    @cached_property
    def programs(self) -> tuple[str, ...]:
        """The paths of all programs, in the order of the tree."""
        entries = self._snapshot.entries.items()
        return tuple(path for path, entry in entries if is_program(path, entry))

    @cached_property
    def _places(self) -> dict[str, list[str]]:
        """The programs with each content."""
        entries = self._snapshot.entries
        found: dict[str, list[str]] = {}
        for path in self.programs:
            found.setdefault(_key(path, entries[path]), []).append(path)
        return found

    def _one(self, key: str) -> ImportFacts | None:
        return self._ask(lambda backwards: backwards.facts(key))

    def _ask(self, question: Callable[[Tagged], T]) -> T | None:
        """Ask the cache; None when it cannot tell, or when it is quicker to fetch everything."""
        self._asked += 1
        backwards = self._backwards
        if backwards is None or self._asked > len(self.programs) // _ASKED_OF:
            return None
        try:
            return question(backwards)
        except (sqlite3.Error, ValueError, TypeError, AttributeError):
            self.__dict__["_backwards"] = None
            return None

    @cached_property
    def _backwards(self) -> Tagged | None:
        """The cache read backwards, with what changed added to it."""
        if len(self.programs) < _WORTH_IT:
            return None
        tree = self._snapshot.tree
        found = self._cache.tagged(tree)
        if found is not None:
            return found
        found = self._cache.tagged(self._before.tree) if self._before is not None else None
        if found is None or self._before is None:
            return None
        entries = self._snapshot.entries
        wanted = {
            _key(file.path, entry): file.path
            for file in self._changes
            if (entry := entries.get(file.path)) is not None and is_program(file.path, entry)
        }
        try:
            missing = found.lacks(wanted)
        except sqlite3.Error:
            return None
        finally:
            found.close()
        computed = self._cache.load(missing)
        computed.update(self._kept([(key, wanted[key]) for key in missing if key not in computed]))
        self._cache.tag(tree, computed, beside=self._before.tree)
        return self._cache.tagged(tree)

    @cached_property
    def _by_tag(self) -> dict[str, list[str]]:
        fetched, entries = self._fetched, self._snapshot.entries
        found: dict[str, list[str]] = {}
        for path in self.programs:
            for tag in set(tags_of(fetched[_key(path, entries[path])])):
                found.setdefault(tag, []).append(path)
        return found

    @property
    def _fetched(self) -> dict[str, ImportFacts]:
        if self._all is None:
            self._all = self._fetch()
        return self._all

    def _fetch(self) -> dict[str, ImportFacts]:
        wanted = {key: paths[0] for key, paths in self._places.items()}
        found = self._cache.load(wanted)
        missing = [(key, path) for key, path in wanted.items() if key not in found]
        if missing:
            found.update(self._kept(missing))
        if len(wanted) >= _WORTH_IT and self._cache.tagged(self._snapshot.tree) is None:
            self._cache.tag(self._snapshot.tree, found)
            self._tag_before()
        return found

    def _tag_before(self) -> None:
        """Make the programs of the base found, too: the next commit may start from it again."""
        if self._before is None or not self._before.tree:
            return
        old = {
            _key(file.old_path, entry): file.old_path
            for file in self._changes
            if file.old_path and file.old_mode and file.old_blob
            and is_program(file.old_path, entry := Entry(file.old_mode, file.old_blob))
        }  # fmt: skip
        facts = self._cache.load(old)
        missing = [(key, self._before.read(path) or b"") for key, path in old.items()
                   if key not in facts]  # fmt: skip
        if missing:
            computed = dict(_facts_of(missing))
            self._cache.store(computed, self._places)
            facts.update(computed)
        self._cache.tag(self._before.tree, facts, beside=self._snapshot.tree)

    def _kept(self, missing: Sequence[tuple[str, str]]) -> dict[str, ImportFacts]:
        """Return the facts of blobs that were not known; they are from now on."""
        if not missing:
            return {}
        computed = self._computed(missing)
        self._cache.store(computed, self._places)
        return computed

    def _computed(self, missing: Sequence[tuple[str, str]]) -> dict[str, ImportFacts]:
        work = [(key, self._snapshot.read(path) or b"") for key, path in missing]
        # Trees of syntax make the collector look at millions of objects, none of them garbage.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return dict(_parallel(work) if len(work) >= _MANY else _facts_of(work))
        finally:
            if collecting:
                gc.enable()


def _key(path: str, entry: Entry) -> str:
    """The same text means something else as a shell script than as Python."""
    return entry.blob if path.endswith(".py") else entry.blob + "-script"


def _facts_of(work: Sequence[tuple[str, bytes]]) -> list[tuple[str, ImportFacts]]:
    return [(key, _facts(key, data)) for key, data in work]


def _facts(key: str, data: bytes) -> ImportFacts:
    if key.endswith("-script") and not _is_python(data):
        return text_facts(data)
    return python_facts(data)


def _is_python(data: bytes) -> bool:
    return data.startswith(b"#!") and b"python" in data.partition(b"\n")[0]


def _parallel(work: Sequence[tuple[str, bytes]]) -> list[tuple[str, ImportFacts]]:
    """Share the work among the processors; alone when processes cannot be had."""
    count = min(os.cpu_count() or 1, 8)
    if count < 2 or not hasattr(os, "fork"):
        return _facts_of(work)
    batches = [work[start : start + _BATCH] for start in range(0, len(work), _BATCH)]
    try:
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
            return [fact for some in pool.map(_facts_of, batches) for fact in some]
    except (OSError, RuntimeError, ImportError):
        return _facts_of(work)
