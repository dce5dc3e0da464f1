"""One thing that made the gate weaker, before anybody decided what to do about it."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Weakening(NamedTuple):
    """What got weaker and where.

    `key` names it for a waiver and for comparing the bases of a merge ("coverage.fail_under",
    "hook:diff-coverage"); `path` and `line` are a place in the target tree, or in the base tree
    when the thing is gone. `files` are the files that leave the count because of it.
    """

    key: str
    message: str
    path: str
    line: int | None = None
    help: str = ""
    severity: Literal["error", "warning"] = "error"
    files: tuple[str, ...] = ()
    end_line: int | None = None
