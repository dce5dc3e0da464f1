"""Reading objects, and naming the tree that the index stands for."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from covgate.errors import UsageError
from covgate.git.process import Git, GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from covgate.git.repository import Repository


# What is kept in memory: more than the Python files of most projects, less than hurts.
_KEPT_BYTES = 64_000_000
# As many ids fit into the pipe to git while its answers wait to be read.
_ASKED_AT_ONCE = 200


class ObjectReader:
    """Reads blobs by id through one `git cat-file --batch` process, started when needed.

    Keeps what was read, as far as it is not too much.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._kept: dict[str, bytes] = {}
        self._size = 0

    def read(self, blob: str) -> bytes:
        """Return the content of a blob; raises `GitError` when the repository lacks it."""
        known = self._kept.get(blob)
        if known is not None:
            return known
        self._ask([blob])
        data = self._answer(blob)
        if data is None:
            raise GitError(f"object {blob} is missing from the repository")
        return data

    def read_ahead(self, blobs: Iterable[str]) -> None:
        """Read blobs in few round trips, so that `read` has them at hand."""
        wanted = [blob for blob in dict.fromkeys(blobs) if blob not in self._kept]
        for start in range(0, len(wanted), _ASKED_AT_ONCE):
            if self._size > _KEPT_BYTES:
                return
            some = wanted[start : start + _ASKED_AT_ONCE]
            self._ask(some)
            for blob in some:
                self._answer(blob)

    def _ask(self, blobs: Sequence[str]) -> None:
        stream = self._started().stdin
        assert stream is not None
        stream.write(b"".join(blob.encode() + b"\n" for blob in blobs))
        stream.flush()

    def _answer(self, blob: str) -> bytes | None:
        stream = self._started().stdout
        assert stream is not None
        header = stream.readline().split()
        if len(header) != 3:
            return None
        data = stream.read(int(header[2]))
        stream.read(1)
        if self._size <= _KEPT_BYTES:
            self._kept[blob] = data
            self._size += len(data)
        return data

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._owner == os.getpid():
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.stdout.close()
            self._process.wait()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._owner != os.getpid():  # a fork has none of its own yet
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                self._git.command("cat-file", "--batch"),
                cwd=self._git.folder,
                env=self._git.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        return self._process


def private_objects(repo: Repository, scratch: Path) -> Git:
    """Return a git whose new objects go to `scratch`; it reads those of the repository too."""
    own = scratch / "objects"
    own.mkdir()
    inherited = repo.git.env.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
    alternates = os.pathsep.join(filter(None, (str(repo.objects), inherited)))
    env = {
        **repo.git.env,
        "GIT_OBJECT_DIRECTORY": str(own),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": alternates,
    }
    return Git(str(repo.top), env)


def index_path(repo: Repository) -> Path:
    """Return the index of this commit: `commit -a` and `commit path` use one of their own."""
    return repo.top / (repo.git.env.get("GIT_INDEX_FILE") or repo.git_dir / "index")


def tree_of_index(repo: Repository, git: Git, scratch: Path) -> str:
    """Return the id of the tree that committing the index would record.

    Works on a copy of the index and writes tree objects through `git` (see `private_objects`):
    `git write-tree` itself would update the user's index. Raises `UsageError` for an unmerged or
    a damaged index.
    """
    copy = scratch / "index"
    index = index_path(repo)
    if not index.exists():
        return empty_tree(git)
    shutil.copyfile(index, copy)
    _check_sum(copy, repo.object_format)
    own = {"GIT_INDEX_FILE": str(copy)}
    try:
        return os.fsdecode(git.run("write-tree", extra_env=own)).strip()
    except GitError as error:
        names = _unmerged(git, own)
        if not names:
            raise
        raise UsageError(
            f"the index has unmerged paths: {', '.join(names)}",
            "resolve the conflicts and `git add` the files, then commit",
        ) from error


def _unmerged(git: Git, own: Mapping[str, str]) -> list[str]:
    try:
        listed = git.run("diff", "--name-only", "--diff-filter=U", "-z", extra_env=own)
    except GitError:
        return []  # an index that can't be read at all
    return sorted({os.fsdecode(name) for name in listed.split(b"\0") if name})


def _check_sum(index: Path, object_format: str) -> None:
    """Compare the index with the digest at its end: git reads a cut one as far as it goes."""
    data = index.read_bytes()
    size = hashlib.new(object_format).digest_size
    body, digest = data[:-size], data[-size:]
    # `index.skipHash` writes zeros in place of the digest.
    if digest.strip(b"\0") and hashlib.new(object_format, body).digest() != digest:
        raise UsageError(
            "git's index is damaged: its contents don't match its checksum",
            "rebuild it from HEAD with `rm .git/index && git reset`, then stage again",
        )


def empty_tree(git: Git) -> str:
    """Return the id of the empty tree in the repository's hash algorithm, and make it readable."""
    return os.fsdecode(git.run("hash-object", "-t", "tree", "-w", "--stdin")).strip()
