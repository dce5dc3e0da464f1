"""One thing that the doctor looked at, and what it found."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["ok", "warning", "wrong"]


class Check(NamedTuple):
    """What was looked at (`name`), how it is, and what to do about it when it is not fine.

    "wrong" keeps covgate from working or from being run; a "warning" is worth knowing.
    """

    name: str
    status: Status
    message: str
    help: str = ""
