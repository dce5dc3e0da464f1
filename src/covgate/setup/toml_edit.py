"""Add to a TOML file at its end, byte for byte the same before; checked by parsing the result."""

from __future__ import annotations

import tomllib
from typing import Any


def append(text: str, addition: str, meant: dict[str, Any]) -> str | None:
    """Return the text with `addition` as its last lines, None unless it then reads as `meant`."""
    end = "\r\n" if "\r\n" in text else "\n"
    before = text if not text or text.endswith("\n") else text + end
    gap = end if before and not before.endswith((end * 2, "\n\n")) else ""
    edited = before + gap + addition.replace("\n", end)
    return edited if _reads_as(edited, meant) else None


def insert_item(text: str, item: str, meant: dict[str, Any]) -> str | None:
    """Return the text with `item` at the end of the one list where it then reads as `meant`."""
    at = len(text)
    while (at := text.rfind("]", 0, at)) >= 0:
        head = text[:at].rstrip()
        for comma in (", ", " ", ""):
            edited = head + comma + item + text[len(head) :]
            if _reads_as(edited, meant):
                return edited
    return None


def _reads_as(text: str, meant: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == meant
    except ValueError:
        return False
