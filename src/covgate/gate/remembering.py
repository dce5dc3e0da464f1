"""Which functions of a tree remember, by themselves or by what other files remember.

To tell it, all files are asked. The answer is kept, and holds for the next tree where the files
that differ cannot move it (`covgate.impact.unmoved`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from covgate.impact.telling import starts, tell
from covgate.impact.unmoved import NotedIndex, Words, is_unmoved
from covgate.source.blocks import facts as source_facts
from covgate.source.blocks.facts import memory_of
from covgate.source.blocks.modules import BUILT
from covgate.traces.telling import Kept

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from covgate.gate.evidence import Archive
    from covgate.source.blocks.facts import Facts, Memory

# With more files that differ, all is told anew, and kept.
_FEW = 32
_FILES = ("100644 ", "100755 ", "unknown ")


class Remembering(NamedTuple):
    """`told` are the functions that decide by what is remembered elsewhere, with the names by
    which they ask; `keeping` are the files with functions that remember by themselves."""

    told: Mapping[tuple[str, str], frozenset[str]]
    keeping: frozenset[str]


def remembering(archive: Archive) -> Remembering:
    """Return which functions of the tree of an archive remember."""
    if archive.tree.has_links:
        return _anew(archive, None)
    files = _files(archive)
    kept = archive.store.answers.last(archive.environment)
    if kept is not None:
        found = _still(archive, kept, files)
        if found is not None:
            return found
    return _anew(archive, files)


def _files(archive: Archive) -> frozenset[str]:
    """Return the files of the tree, each with its mode and version."""
    entries = archive.snapshot.entries.items()
    unknown = archive.tree.unknown.items()
    return frozenset(
        [f"{mode} {blob} {path}" for path, (mode, blob) in entries]
        + [f"unknown {version} {path}" for path, version in unknown]
    )


def _anew(archive: Archive, files: frozenset[str] | None) -> Remembering:
    """Ask all files, and keep the answer for a tree of these `files`."""
    tree = archive.tree
    roots = archive.store.surroundings(archive.environment).roots
    memories = _memories(archive)

    def index() -> NotedIndex:
        around = (*roots, *starts(tree.paths))
        return NotedIndex(tree.paths, around, archive.facts_of, tree.unknown)

    told = tell(memories, index)
    keeping = frozenset(path for path, one in memories.items() if one.keeps)
    if files is not None:
        version = source_facts.VERSION
        kept = Kept(files, roots, version, told.found, keeping, told.words)
        archive.store.answers.note(archive.environment, kept)
    return Remembering(told.found, keeping)


def _memories(archive: Archive) -> Mapping[str, Memory]:
    """Return what each file of the tree says of what is remembered."""
    tree, store = archive.tree, archive.store
    entries = {} if tree.has_links else archive.snapshot.entries
    paths = [path for path in tree.paths if path.endswith(".py")]
    blobs = {path: entries[path].blob for path in paths if path in entries}
    known = store.memories(blobs.values())
    found: dict[str, Memory] = {}
    for path in paths:
        memory = known.get(blobs.get(path, ""))
        if memory is None:
            facts = archive.facts_of(path)
            memory = memory_of(facts)
            if path in blobs and facts.readable:  # else its text may be gone
                store.note_memory(blobs[path], memory)
        found[path] = memory
    return found


def _still(archive: Archive, kept: Kept, files: frozenset[str]) -> Remembering | None:
    """Return the answer that is kept, with what is new of the files that differ; None if moved."""
    roots = archive.store.surroundings(archive.environment).roots
    if (kept.roots, kept.facts) != (roots, source_facts.VERSION):
        return None
    gone, come = _by_path(kept.files - files), _by_path(files - kept.files)
    if gone is None or come is None or len(come) > _FEW or not _same_places(kept.files, gone, come):
        return None
    keeping = set(kept.keeping)
    versions: list[tuple[Facts, Facts]] = []
    for path in come.keys() & gone.keys():
        if path.endswith(".py"):
            old, new = archive.old_facts(gone[path]), archive.facts_of(path)
            if old is None:
                return None
            versions.append((old, new))
            keeping.discard(path)
            keeping.update([path] if memory_of(new).keeps else [])
    if not is_unmoved(Words(*kept.words), versions):
        return None
    return Remembering(kept.found, frozenset(keeping))


def _by_path(lines: Collection[str]) -> dict[str, str] | None:
    """Return the versions of some files by path; None where one is no file."""
    found: dict[str, str] = {}
    for line in lines:
        _, version, path = line.split(" ", 2)
        if not line.startswith(_FILES):
            return None
        found[path] = version
    return found


def _same_places(before: Collection[str], gone: Collection[str], come: Collection[str]) -> bool:
    """Whether imports find the same files in both trees: no module and no folder came or went."""
    moved = {*gone} ^ {*come}
    if any(path.endswith((".py", *BUILT)) for path in moved):
        return False
    folders = {path.rpartition("/")[0] for path in moved}
    if not folders:
        return True
    # Those that hold another file, which stays.
    staying = (line.split(" ", 2)[2] for line in before)
    held = {path.rpartition("/")[0] for path in staying if path not in moved}
    return folders <= held
