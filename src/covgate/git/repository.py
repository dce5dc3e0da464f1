"""Where the repository is, and where covgate may keep its own files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from covgate.errors import UsageError
from covgate.git.process import Git, GitError

if TYPE_CHECKING:
    from collections.abc import Mapping

# How the names of scratch folders begin.
SCRATCH = "run-"
_ROOM_BYTES = 16 * 1024 * 1024


class Commit(NamedTuple):
    """The ids of a commit and of its tree."""

    id: str
    tree: str


class Repository(NamedTuple):
    """One working tree of a repository.

    `state` is covgate's folder of this working tree, `shared_state` the one that all working
    trees of the clone share; neither need exist. `objects` is git's object folder.
    """

    git: Git
    top: Path
    git_dir: Path
    common_dir: Path
    state: Path
    shared_state: Path
    objects: Path
    object_format: str
    shallow: bool
    head: Commit | None

    @property
    def main_top(self) -> Path:
        """The top of the main working tree (of this one, unless it is a linked one)."""
        return self.common_dir.parent if self.common_dir.name == ".git" else self.top


def discover(folder: Path, env: Mapping[str, str]) -> Repository:
    """Find the repository around `folder`; raises `UsageError` when there is none."""
    if shutil.which("git", path=env.get("PATH")) is None:
        raise UsageError("git was not found on PATH", "install git, or put it on PATH")
    here = Git(str(folder), env)
    # In a work tree git answers in the order asked.
    asked = (
        "--show-toplevel",
        "--absolute-git-dir",
        "--git-common-dir",
        "--git-path",
        "covgate",
        "--git-path",
        "objects",
        "--show-object-format",
        "--is-shallow-repository",
    )
    try:
        answer = os.fsdecode(here.run("rev-parse", *asked)).rstrip("\n").split("\n")
    except GitError as error:
        raise UsageError(
            f"{folder} is not in a git working tree ({error.message.partition(': ')[2]})",
            "run covgate inside the repository whose commit is to be judged",
        ) from None
    top, git_dir, common, state, objects, object_format, shallow = answer
    git = Git(top, env)

    def absolute(path: str) -> Path:
        return Path(os.path.normpath(folder / path))

    common_dir = absolute(common)
    return Repository(
        git=git,
        top=Path(top),
        git_dir=Path(git_dir),
        common_dir=common_dir,
        state=absolute(state),
        shared_state=common_dir / "covgate",
        objects=absolute(objects),
        object_format=object_format,
        shallow=shallow == "true",
        head=resolve(git, "HEAD"),
    )


def resolve(git: Git, name: str) -> Commit | None:
    """Return the commit that `name` stands for, None when there is none."""
    found = git.ask("rev-parse", "--end-of-options", f"{name}^{{commit}}", f"{name}^{{tree}}")
    if found is None:
        return None
    # git repeats `--end-of-options` in its answer.
    commit, tree = found.split()[-2:]
    return Commit(commit, tree)


def scratch_folder(repo: Repository) -> Path:
    """Make a private folder for one run: under the git folder, or a temporary one without it.

    A disk that is about to be full is no place for it either.
    """
    try:
        repo.state.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(repo.state).free < _ROOM_BYTES:
            return Path(tempfile.mkdtemp(prefix="covgate-"))
        return Path(tempfile.mkdtemp(prefix=SCRATCH, dir=repo.state))
    except OSError:
        return Path(tempfile.mkdtemp(prefix="covgate-"))
