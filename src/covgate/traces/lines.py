"""Reads from coverage's data file what was executed outside of tests."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

from covgate.traces.bits import unpack_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Lines = Mapping[str, frozenset[int]]
    Arcs = Mapping[str, frozenset[tuple[int, int]]]

T = TypeVar("T")
# The end of the context that holds what tests executed (see `_covgate_trace_lines`).
_TESTS = "covgate"


def outside_tests(data_file: Path, root: Path) -> tuple[Lines, Arcs]:
    """Return executed lines and arcs by path below `root`; nothing when there is no data.

    Child processes that coverage follows count as outside: nothing tells their tests.
    """
    lines: dict[str, set[int]] = defaultdict(set)
    arcs: dict[str, set[tuple[int, int]]] = defaultdict(set)
    if not data_file.exists():
        return {}, {}
    try:
        with closing(sqlite3.connect(f"{data_file.absolute().as_uri()}?mode=ro", uri=True)) as db:
            paths = {
                number: os.path.relpath(root / path, root).replace(os.sep, "/")
                for number, path in db.execute("SELECT id, path FROM file")
            }
            outside = {
                number
                for number, name in db.execute("SELECT id, context FROM context")
                if name.rpartition("|")[2] != _TESTS
            }
            for file, context, bits in db.execute(
                "SELECT file_id, context_id, numbits FROM line_bits"
            ):
                if context in outside:
                    lines[paths[file]] |= unpack_lines(bits)
            for file, context, start, end in db.execute(
                "SELECT file_id, context_id, fromno, tono FROM arc"
            ):
                if context in outside:
                    arcs[paths[file]].add((start, end))
                    lines[paths[file]].update(n for n in (start, end) if n > 0)
    except (sqlite3.Error, KeyError):
        return {}, {}
    return _below(lines), _below(arcs)


def _below(found: Mapping[str, set[T]]) -> Mapping[str, frozenset[T]]:
    return {path: frozenset(one) for path, one in found.items() if path[:3] != "../"}
