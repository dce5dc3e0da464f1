"""The difference of two trees: files, and the changed lines of Python files.

git's own configuration and attributes have no say here: the plumbing command `diff-tree` with
every choice spelled out gives the same lines on every machine.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.model import FileChange, Status
from covgate.change.snapshot import SUBMODULE_MODE, SYMLINK_MODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from covgate.git.objects import ObjectReader
    from covgate.git.process import Git

PYTHON_SUFFIXES = (".py", ".pyi", ".pyw")

_RAW = ("-r", "-z", "--raw", "--full-index", "--abbrev=64", "--no-ext-diff", "--no-relative")
_RENAMES = ("-M50%", "-l1000")
_PATCH = (
    "-p",
    "-U0",
    "--inter-hunk-context=0",
    "--text",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--diff-algorithm=myers",
    "--indent-heuristic",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--ignore-submodules=all",
)
_PATHS_A_CALL = 500
# To Python a carriage return on its own ends a line; to git it does not.
_LONE_CR = re.compile(rb"\r(?!\n)")
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_STATUS: Mapping[str, Status] = {
    "A": "added",
    "M": "modified",
    "T": "modified",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
}


class LineChange(NamedTuple):
    """Changed lines on the new side and removed lines on the old side, counted from 1."""

    lines: frozenset[int]
    removed: frozenset[int]


NO_LINES = LineChange(frozenset(), frozenset())


def difference(git: Git, reader: ObjectReader, old: str, new: str) -> tuple[FileChange, ...]:
    """Return the files that differ between the trees `old` and `new`, sorted by path."""
    files = list(_raw_records(git.run("diff-tree", *_RAW, *_RENAMES, old, new)))
    in_place = [f.path for f in files if f.status == "modified" and _has_lines(f)]
    edits = dict(_edits_in_place(git, old, new, in_place))
    reader.read_ahead(f.new_blob for f in files if f.new_blob and _has_lines(f))
    return tuple(sorted(_with_lines(git, reader, f, edits) for f in files))


def is_python(path: str) -> bool:
    """Whether `path` names Python source."""
    return path.endswith(PYTHON_SUFFIXES)


def can_run(file: FileChange) -> bool:
    """Whether the target tree holds Python code at this path: no stub, no link, not deleted."""
    return (
        is_python(file.path)
        and not file.path.endswith(".pyi")
        and file.new_mode in ("100644", "100755")
    )


def _raw_records(raw: bytes) -> Iterator[FileChange]:
    fields = iter(os.fsdecode(raw).split("\0"))
    for facts in fields:
        if not facts:
            return
        old_mode, new_mode, old_blob, new_blob, letter = facts[1:].split()
        status = _STATUS[letter[0]]
        old_path: str | None = next(fields)
        path = next(fields) if status in ("renamed", "copied") else old_path
        assert path is not None
        yield FileChange(
            path=path,
            old_path=None if status == "added" else old_path,
            status=status,
            old_blob=None if status == "added" else old_blob,
            new_blob=None if status == "deleted" else new_blob,
            old_mode=None if status == "added" else old_mode,
            new_mode=None if status == "deleted" else new_mode,
        )


def _has_lines(file: FileChange) -> bool:
    return (
        is_python(file.path)
        and file.new_mode not in (SYMLINK_MODE, SUBMODULE_MODE)
        and file.old_blob != file.new_blob
    )


def _with_lines(
    git: Git, reader: ObjectReader, file: FileChange, edits: Mapping[str, LineChange]
) -> FileChange:
    if file.status == "deleted" or not _has_lines(file):
        return file
    assert file.new_blob is not None
    data = reader.read(file.new_blob)
    if file.status == "added" or file.old_mode in (SYMLINK_MODE, SUBMODULE_MODE):
        change = LineChange(all_lines(data), frozenset())
    elif _LONE_CR.search(data):
        assert file.old_blob is not None
        pair = (_with_newlines(git, content) for content in (reader.read(file.old_blob), data))
        change = _edits_of_blobs(git, *pair)
    elif file.status == "modified":
        change = edits.get(file.path, NO_LINES)
    else:
        assert file.old_blob is not None
        change = _edits_of_blobs(git, file.old_blob, file.new_blob)
    return file._replace(lines=change.lines, removed=change.removed)


def all_lines(data: bytes) -> frozenset[int]:
    """Return the numbers of all lines of a file, as Python counts them."""
    data = _LONE_CR.sub(b"\n", data)
    count = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
    return frozenset(range(1, count + 1))


def _with_newlines(git: Git, data: bytes) -> str:
    """Store `data` with each line end that only Python knows as a newline; returns its id."""
    plain = _LONE_CR.sub(b"\n", data)
    return os.fsdecode(git.run("hash-object", "-w", "--stdin", stdin=plain)).strip()


def _edits_of_blobs(git: Git, old: str, new: str) -> LineChange:
    patch = git.run("diff", *_PATCH, old, new)
    return next((lines for _, lines in _sections(patch)), NO_LINES)


def _edits_in_place(
    git: Git, old: str, new: str, paths: Sequence[str]
) -> Iterator[tuple[str, LineChange]]:
    for start in range(0, len(paths), _PATHS_A_CALL):
        some = paths[start : start + _PATHS_A_CALL]
        patch = git.run(
            "--literal-pathspecs", "diff-tree", "-r", "--no-renames", *_PATCH, old, new, "--", *some
        )
        yield from _sections(patch)


def _sections(patch: bytes) -> Iterator[tuple[str, LineChange]]:
    """Yield the new path and the changed lines of each file of a patch made with `-U0`.

    Names come from `+++`, never from `diff --git`; hunk bodies are walked by their counts, so
    that no content can pass for a header. A file that changed its type has two sections: a
    deletion and an addition, of which the addition counts.
    """
    lines = iter(patch.split(b"\n"))
    name: str | None = None
    added: list[int] = []
    removed: list[int] = []
    for line in lines:
        if line.startswith(b"diff --git "):
            if name is not None:
                yield name, LineChange(frozenset(added), frozenset(removed))
            name, added, removed = None, [], []
        elif line.startswith(b"+++ ") and line != b"+++ /dev/null":
            name = _unquoted(line[4:])[2:]
        elif hunk := _HUNK.match(line):
            old_start, old_count, new_start, new_count = (
                int(group) if group is not None else 1 for group in hunk.groups()
            )
            removed += range(old_start, old_start + old_count)
            added += range(new_start, new_start + new_count)
            _skip(lines, old_count + new_count)
    if name is not None:
        yield name, LineChange(frozenset(added), frozenset(removed))


def _skip(lines: Iterator[bytes], count: int) -> None:
    """Walk past the body of a hunk; its `\\ No newline` notes start with a backslash."""
    for line in lines:
        count -= not line.startswith(b"\\")
        if not count:
            return


_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPED = {
    b"a": b"\a",
    b"b": b"\b",
    b"t": b"\t",
    b"n": b"\n",
    b"v": b"\v",
    b"f": b"\f",
    b"r": b"\r",
}


def _unquoted(name: bytes) -> str:
    """Undo git's C-style quoting of a name; a name with blanks ends with a tab."""
    if not name.startswith(b'"'):
        return os.fsdecode(name.removesuffix(b"\t"))

    def plain(match: re.Match[bytes]) -> bytes:
        word = match[1]
        return bytes([int(word, 8)]) if len(word) == 3 else _ESCAPED.get(word, word)

    return os.fsdecode(_ESCAPE.sub(plain, name.removesuffix(b"\t")[1:-1]))


def common_changes(by_base: Sequence[Iterable[FileChange]]) -> tuple[FileChange, ...]:
    """Return what differs from every base: a merge is judged for what the merge itself brings."""
    first, *others = by_base
    maps = [{file.path: file for file in files} for files in others]
    common: list[FileChange] = []
    for file in first:
        rest = [found.get(file.path) for found in maps]
        if any(other is None for other in rest):
            continue
        lines = file.lines
        for other in rest:
            assert other is not None
            lines &= other.lines
        common.append(file._replace(lines=lines))
    return tuple(common)
