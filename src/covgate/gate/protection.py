"""Leave the project as it was: put back what tests changed in place, and say what it was.

Tests in place share the working tree with its owner, who may save a file meanwhile. So a file is
put back only when the tests did it: the guard in their process saw the write, or they started
other processes, which nobody watches. What is replaced or removed on such a suspicion is kept
below covgate's own folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from covgate.git.objects import index_path
from covgate.run.worktree import read_working_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from covgate.git.repository import Repository
    from covgate.run.plan import Note

# Signs that tests did more than the guard can note file by file.
_UNWATCHED = ("child", "moved")


class State(NamedTuple):
    """What belongs to the user in git's folder: the files' bytes, and what the index says.

    `times` are when the files were written, in ns: git believes what the index says of a file only
    if the file is older than the index.
    """

    files: Mapping[Path, bytes | None]
    times: Mapping[Path, int]
    entries: str
    branches: frozenset[str] = frozenset()
    untracked: frozenset[str] = frozenset()


class Harm(NamedTuple):
    """What changed during a run in place.

    `put_back` are tracked files and parts of git's folder that the tests changed and that are as
    before again; `foreign` changed too, but not by the tests; `kept` is where new files of
    processes that the tests started were moved to (None when there were none).
    """

    put_back: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    kept: Path | None = None


def remember(repo: Repository) -> State:
    """Read what a run in place must leave alone."""
    places = [
        repo.git_dir / "HEAD",
        repo.git_dir / "config.worktree",
        repo.common_dir / "config",
        repo.common_dir / "refs" / "stash",
        repo.common_dir / "logs" / "refs" / "stash",
        *dict.fromkeys((repo.git_dir / "index", index_path(repo))),
    ]
    if branch := repo.git.ask("symbolic-ref", "-q", "HEAD"):
        places.append(repo.common_dir / branch)
    files = {place: _bytes(place) for place in places}
    times = {place: place.stat().st_mtime_ns for place, data in files.items() if data is not None}
    return State(files, times, _index_digest(repo), _branches(repo), frozenset(_untracked(repo)))


def _untracked(repo: Repository) -> list[str]:
    listing = os.fsdecode(repo.git.run("ls-files", "--others", "--exclude-standard", "-z"))
    return [path for path in listing.split("\0") if path]


def _branches(repo: Repository) -> frozenset[str]:
    listing = os.fsdecode(repo.git.run("for-each-ref", "--format=%(refname)", "refs/heads"))
    return frozenset(listing.split())


def put_back(repo: Repository, before: State, notes: Sequence[Note], scratch: Path) -> Harm:
    """Undo what tests did to the working tree and to git's folder; returns what it was."""
    unwatched = any(note.kind in _UNWATCHED for note in notes)
    shelf = _Shelf(repo)
    changed, foreign = _git_folder(repo, before, unwatched, notes)
    written = {note.path: Path(note.copy) for note in notes if note.kind == "write"}
    created = {note.path for note in notes if note.kind == "create"}
    working = read_working_tree(repo)
    differing = [path for path in working.edited if path in _differing(repo)]
    lost = []
    for path in dict.fromkeys((*differing, *(p for p in written if _is_tracked(repo, p)))):
        if path in written and _same(repo.top / path, written[path]):
            continue
        if path in written:
            shelf.keep(path)
            _restore(written[path], repo.top / path)
            changed.append(path)
        elif unwatched or path in created:
            lost.append(path)
        else:
            foreign.append(path)
    if lost:
        _restore_from_index(repo, lost, shelf, scratch)
        changed += lost
    moved = _remove_new(repo, before, created, unwatched, shelf)
    return Harm(tuple(changed), tuple(foreign), tuple(moved), shelf.folder)


class _Shelf:
    """Where replaced files are kept, made when first used."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self.folder: Path | None = None

    def keep(self, path: str) -> None:
        """Move a file of the working tree here."""
        source = self._repo.top / path
        if not os.path.lexists(source):
            return
        if self.folder is None:
            self.folder = self._repo.state / "kept" / time.strftime("%Y%m%d-%H%M%S")
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(source, place)


def _git_folder(
    repo: Repository, before: State, unwatched: bool, notes: Iterable[Note]
) -> tuple[list[str], list[str]]:
    """Put git's own files back; returns those that tests changed, and those that others did."""
    removed = _remove_branch(repo, before)
    seen = {repo.top / note.path for note in notes if note.path.startswith(".git/")}
    changed: list[str] = [removed] if removed else []
    foreign: list[str] = []
    for place, data in before.files.items():
        if _bytes(place) == data:
            continue
        if place.name.startswith(("index", "next-index")) and _index_digest(repo) == before.entries:
            # Refreshed only, as editors do all the time when they ask for the status.
            if unwatched:
                _rewrite(place, data, before.times.get(place))
            continue
        if unwatched or place in seen:
            _rewrite(place, data, before.times.get(place))
            changed.append(_name(repo, place))
        elif place.name != "config" and "stash" not in place.name:
            foreign.append(_name(repo, place))
    return changed, foreign


def _remove_branch(repo: Repository, before: State) -> str | None:
    """Remove the branch that HEAD was switched to, when there was none of that name before.

    Other new branches may come from elsewhere: worktrees share them.
    """
    head = repo.git.ask("symbolic-ref", "-q", "HEAD")
    if (
        head is None
        or head in before.branches
        or _bytes(repo.git_dir / "HEAD")
        in (
            None,
            before.files[repo.git_dir / "HEAD"],
        )
    ):
        return None
    repo.git.ask("update-ref", "-d", head)
    return head


def _name(repo: Repository, place: Path) -> str:
    for folder in (repo.git_dir, repo.common_dir):
        if place.is_relative_to(folder):
            return f".git/{place.relative_to(folder).as_posix()}"
    return str(place)


def _rewrite(place: Path, data: bytes | None, time_ns: int | None) -> None:
    if data is None:
        place.unlink(missing_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f"{place.name}.covgate-{os.getpid()}")
    unfinished.write_bytes(data)
    if time_ns is not None:
        os.utime(unfinished, ns=(time_ns, time_ns))
    unfinished.replace(place)


def _bytes(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except OSError:
        return None


def _index_digest(repo: Repository) -> str:
    """Digest what the index says, without the times and sizes that any `git status` refreshes."""
    try:
        return hashlib.sha256(repo.git.run("ls-files", "-s", "-v", "-z")).hexdigest()
    except Exception:  # noqa: BLE001 - an index that git can't read has changed
        return ""


def _differing(repo: Repository) -> set[str]:
    """Return the tracked files that differ from the index, whatever git was told to overlook."""
    found = repo.git.run("diff-files", "--name-only", "-z", "--ignore-submodules=all")
    return {name for name in os.fsdecode(found).split("\0") if name}


def _same(one: Path, other: Path) -> bool:
    try:
        if one.is_symlink() or other.is_symlink():
            return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
        modes = {place.stat().st_mode & 0o777 for place in (one, other)}
        return len(modes) == 1 and one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _restore(copy: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(place):
        place.unlink()
    shutil.copy2(copy, place, follow_symlinks=False)


def _restore_from_index(
    repo: Repository, paths: Iterable[str], shelf: _Shelf, scratch: Path
) -> None:
    """Write files as git would check them out; in place they were what the index says."""
    index = scratch / "restored-index"
    shutil.copyfile(index_path(repo), index)
    prefix = scratch / "restored"
    for path in paths:
        shelf.keep(path)
        repo.git.run(
            "checkout-index",
            "--force",
            f"--prefix={prefix}{os.sep}",
            "--",
            path,
            extra_env={"GIT_INDEX_FILE": str(index)},
        )
        _restore(prefix / path, repo.top / path)


def _is_tracked(repo: Repository, path: str) -> bool:
    return bool(repo.git.run("--literal-pathspecs", "ls-files", "-z", "--", path))


def _remove_new(
    repo: Repository, before: State, created: set[str], unwatched: bool, shelf: _Shelf
) -> list[str]:
    """Take away the untracked files that the run left."""
    moved: list[str] = []
    for path in _untracked(repo):
        if path in before.untracked:
            continue
        place = repo.top / path
        if path in created:
            place.unlink(missing_ok=True)
        elif unwatched:
            shelf.keep(path)
            moved.append(path)
        else:
            continue
        _remove_empty_folders(place.parent, repo.top)
    return moved


def _remove_empty_folders(folder: Path, top: Path) -> None:
    while folder != top:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent
