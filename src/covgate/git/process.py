"""Calling git so that no configuration of the user changes what it answers."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from covgate.errors import UndecidedError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Variables that change the text or the reach of what we ask; everything else of `GIT_*` is kept:
# `git commit -a` and `git commit path` name their temporary index in GIT_INDEX_FILE.
_DROPPED = (
    "GIT_DIFF_OPTS",
    "GIT_EXTERNAL_DIFF",
    "GIT_GLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_PREFIX",
)
_SETTINGS = (
    "-c",
    "core.quotePath=false",
    "-c",
    "color.ui=false",
    "-c",
    "diff.orderFile=/dev/null",
)


class GitError(UndecidedError):
    """A git command failed; the message carries the command and git's own words."""


class Git:
    """Runs git in one folder; raises `GitError` when git says no."""

    def __init__(self, folder: str, env: Mapping[str, str]) -> None:
        self.folder = folder
        self.env = {key: value for key, value in env.items() if key not in _DROPPED}
        # Never refresh the user's index behind a read, and speak one language.
        self.env.update(GIT_OPTIONAL_LOCKS="0", LC_ALL="C", GIT_PAGER="cat")

    def run(
        self, *args: str, extra_env: Mapping[str, str] | None = None, stdin: bytes = b""
    ) -> bytes:
        """Return the standard output of `git ARGS`."""
        done = subprocess.run(
            self.command(*args),
            cwd=self.folder,
            env={**self.env, **(extra_env or {})},
            input=stdin,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            said = os.fsdecode(done.stderr).strip() or f"exit status {done.returncode}"
            raise GitError(f"git {args[0]} failed: {said}")
        return done.stdout

    def ask(self, *args: str) -> str | None:
        """Return the stripped output of `git ARGS`, None when git says no."""
        try:
            return os.fsdecode(self.run(*args)).strip()
        except GitError:
            return None

    def command(self, *args: str) -> list[str]:
        """Return the full command line for `git ARGS`."""
        return ["git", *_SETTINGS, *args]
