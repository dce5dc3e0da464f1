"""What a rule reports."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "note"]


class Finding(NamedTuple):
    """One thing that a person should look at.

    `path` and the lines (counted from 1, `end_line` inclusive) name a place in the target tree,
    or in the base tree for something that is gone; None when there is no place. `message` says
    what is wrong, `help` what to do. Only findings of severity "error" block.
    """

    rule: str
    message: str
    path: str | None = None
    line: int | None = None
    end_line: int | None = None
    help: str = ""
    severity: Severity = "error"
