"""How two versions of a file lie side by side, in a form that can be kept.

Of the functions that changed, it is kept what is asked of them; what is asked of others is found
out from the text of the old version.
"""

from __future__ import annotations

import json
import zlib
from array import array
from typing import TYPE_CHECKING

from covgate.source.blocks.alignment import Alignment

if TYPE_CHECKING:
    from collections.abc import Mapping

# Another one whenever versions are aligned otherwise: then what was kept says nothing.
VERSION = 1


class KeptAlignment(Alignment):
    """An alignment that was kept; `source` is the old version."""

    def __init__(
        self,
        source: bytes,
        lines: Mapping[str, Mapping[int, int]],
        reaching: Mapping[str, frozenset[int] | None],
        functions: Mapping[str, tuple[int, int, int]],
    ) -> None:
        self._source = source
        self._spots = {}
        self.moved = {**lines["moved"]}
        self.statement_of = lines["statement_of"]
        self.reaching = {**reaching}
        self._functions = functions

    def span(self, key: str) -> tuple[int, int]:
        """Return the lines, first and last, some of which run when the old function does."""
        known = self._functions.get(key)
        return super().span(key) if known is None else known[:2]

    def beginning(self, key: str) -> int:
        """Return what is known of the statement with which the old function began."""
        known = self._functions.get(key)
        return super().beginning(key) if known is None else known[2]


def dump(one: Alignment) -> bytes:
    """Return an alignment as bytes."""
    same = sorted(key for key, lines in one.reaching.items() if lines == frozenset())
    other = [
        (key, sorted(lines), (*one.span(key), one.beginning(key)))
        for key, lines in sorted(one.reaching.items(), key=lambda pair: pair[0])
        if lines
    ]
    untold = sorted(key for key, lines in one.reaching.items() if lines is None)
    tables = [[*table.items()] for table in (one.moved, one.statement_of)]
    head = json.dumps([same, other, untold, *map(len, tables)]).encode()
    numbers = [pair[place] for table in tables for place in (0, 1) for pair in table]
    return zlib.compress(head + b"\n" + array("i", numbers).tobytes(), 1)


def load(data: bytes, source: bytes) -> KeptAlignment:
    """Undo `dump`, given the old version; raises `ValueError` and `zlib.error`."""
    head, _, packed = zlib.decompress(data).partition(b"\n")
    same, other, untold, *lengths = json.loads(head)
    numbers = array("i")
    numbers.frombytes(packed)
    if len(numbers) != 2 * sum(lengths):
        raise ValueError("numbers are missing")
    tables, at = [], 0
    for length in lengths:
        keys, values = numbers[at : at + length], numbers[at + length : at + 2 * length]
        tables.append(dict(zip(keys, values, strict=True)))
        at += 2 * length
    moved, statement_of = tables
    reaching: dict[str, frozenset[int] | None] = dict.fromkeys(same, frozenset())
    reaching.update((key, frozenset(lines)) for key, lines, _ in other)
    reaching.update(dict.fromkeys(untold))
    functions = {key: (first, last, begin) for key, _, (first, last, begin) in other}
    lines = {"moved": moved, "statement_of": statement_of}
    return KeptAlignment(source, lines, reaching, functions)
