"""Doctest examples that a change skips with `+SKIP`, which has no place for a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.rules.silenced.collection import Curtailed
from covgate.source.skips.reasons import judge_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.change.model import FileChange
    from covgate.rules.silenced.pairing import Pairing
    from covgate.rules.silenced.trees import Tree

_EXAMPLE = re.compile(
    r"^\s*>>>\s?(?P<code>.*?)\s*#\s*(?P<note>[^#]*?)\s*doctest:.*\+SKIP", re.DOTALL
)
_PLAIN = re.compile(r"^\s*>>>\s?(?P<code>.*?)\s*(#.*)?$")
_COMMENT = re.compile(r"^\s*(>>>|\.\.\.)?\s*(#|\.\. )\s*(?P<text>.+)$")
_SUFFIXES = (".py", ".rst", ".txt", ".md")


def skipped_examples(
    files: Iterable[FileChange], base: Tree, target: Tree, pairing: Pairing
) -> Iterator[Curtailed]:
    """Yield examples that ran and now are skipped, and new ones where doctests are collected."""
    for file in files:
        if file.status == "deleted" or not file.path.endswith(_SUFFIXES):
            continue
        data = target.snapshot.read(file.path) or b""
        if b"+SKIP" not in data or file.path not in target.snapshot.entries:
            continue
        old = pairing.files.get(file.path)
        before = (base.snapshot.read(old) or b"").decode("utf-8", "replace") if old else ""
        yield from _skipped(file.path, data.decode("utf-8", "replace"), before, target)


def _skipped(path: str, text: str, before: str, tree: Tree) -> Iterator[Curtailed]:
    old_lines = before.split("\n")
    skipped = {m["code"] for line in old_lines if (m := _EXAMPLE.match(line))}
    ran = {m["code"] for line in old_lines if "+SKIP" not in line and (m := _PLAIN.match(line))}
    lines = text.split("\n")
    collected = any("doctest" in word for word in tree.configs.at(path).addopts)
    for number, line in enumerate(lines, 1):
        match = _EXAMPLE.match(line)
        if match is None or match["code"] in skipped:
            continue
        if match["code"] not in ran and not collected:
            continue
        above = _COMMENT.match(lines[number - 2]) if number > 1 else None
        words = f"{match['note']} {above['text'] if above else ''}"
        if judge_text(words).state != "stated":
            yield Curtailed(path, number, number, "a doctest example is skipped")


__all__ = ["skipped_examples"]
