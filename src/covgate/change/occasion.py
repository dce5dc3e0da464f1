"""What git is doing at this moment, read from the processes and variables around the hook.

No variable tells a pre-commit hook that `--amend` was given, and at that stage HEAD is still the
commit that is being replaced. The command line of the `git commit` that started the hook says it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DEPTH = 24
# Options of git itself that take a value in the next word.
_VALUED = {"-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env"}


class Occasion(NamedTuple):
    """Whether a `git commit` is under way, whether it amends, and the heads being merged."""

    committing: bool = False
    amending: bool = False
    merging: tuple[str, ...] = ()


def observe(top: Path, git_dir: Path, env: Mapping[str, str]) -> Occasion:
    """Look at the processes above this one, at MERGE_HEAD and at what `git merge` exports."""
    words = next((found for argv in _git_ancestors(top) if (found := _commit_words(argv))), None)
    amending = words is not None and any(_is_amend(word) for word in _options(words))
    return Occasion(words is not None, amending, _merge_heads(git_dir, env))


def _merge_heads(git_dir: Path, env: Mapping[str, str]) -> tuple[str, ...]:
    try:
        return tuple((git_dir / "MERGE_HEAD").read_text().split())
    except OSError:
        pass
    if not env.get("GIT_REFLOG_ACTION", "").startswith(("merge", "pull")):
        return ()
    # A clean merge runs pre-merge-commit before it writes MERGE_HEAD.
    names = (key.removeprefix("GITHEAD_") for key in env if key.startswith("GITHEAD_"))
    return tuple(sorted(names))


def _commit_words(argv: Sequence[str]) -> Sequence[str] | None:
    """Return the words after `commit` when `argv` is a `git commit`."""
    if not argv or Path(argv[0]).stem not in {"git", "git-commit"}:
        return None
    if Path(argv[0]).stem == "git-commit":
        return argv[1:]
    words = list(argv[1:])
    while words and words[0].startswith("-"):
        words = words[2:] if words[0] in _VALUED else words[1:]
    return words[1:] if words and words[0] == "commit" else None


def _options(words: Sequence[str]) -> Sequence[str]:
    return words[: words.index("--")] if "--" in words else words


def _is_amend(word: str) -> bool:
    # git accepts any unambiguous beginning of a long option.
    return len(word) >= len("--am") and "--amend".startswith(word)


def _git_ancestors(top: Path) -> Iterator[Sequence[str]]:
    """Yield the command lines above this process that run in the working tree `top`."""
    pid = os.getppid()
    for _ in range(_DEPTH):
        if pid <= 1:
            return
        process = _process(pid)
        if process is None:
            return
        parent, argv, folder = process
        # A hook of another repository may have started the tests that started us.
        if folder is None or top == folder or top in folder.parents:
            yield argv
        pid = parent


def _process(pid: int) -> tuple[int, Sequence[str], Path | None] | None:
    """Return parent, command line and working folder (None when unknown) of a process."""
    proc = Path(f"/proc/{pid}")
    try:
        stat = (proc / "stat").read_text(errors="replace")
        argv = os.fsdecode((proc / "cmdline").read_bytes()).split("\0")[:-1]
        folder = (proc / "cwd").readlink()
        return int(stat.rpartition(")")[2].split()[1]), argv, folder
    except (OSError, ValueError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return None
    try:
        listed = subprocess.run(
            ["ps", "-o", "ppid=,args=", "-p", str(pid)], capture_output=True, check=False, text=True
        ).stdout.split()
        return int(listed[0]), listed[1:], None
    except (OSError, ValueError, IndexError):
        return None
