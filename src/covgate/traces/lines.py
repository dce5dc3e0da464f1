"""Reads executed lines by context from coverage's data file."""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING

from covgate.traces.bits import unpack_lines

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


Arcs = frozenset[tuple[int, int]]


def arcs_by_context(data_file: Path, root: Path) -> Mapping[str, Mapping[str, Arcs]]:
    """Return executed arcs by context and path below `root`; nothing without branches."""
    found: dict[str, dict[str, set[tuple[int, int]]]] = defaultdict(lambda: defaultdict(set))
    if not data_file.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{data_file.absolute().as_uri()}?mode=ro", uri=True)) as db:
            paths = {
                number: os.path.relpath(root / path, root).replace(os.sep, "/")
                for number, path in db.execute("SELECT id, path FROM file")
            }
            query = "SELECT context, file_id, fromno, tono FROM arc JOIN context ON context_id = id"
            for context, file, start, end in db.execute(query):
                found[context][paths[file]].add((start, end))
    except (sqlite3.Error, KeyError):
        return {}
    return {
        context: {path: frozenset(arcs) for path, arcs in by_path.items() if path[:3] != "../"}
        for context, by_path in found.items()
    }


def lines_by_context(data_file: Path, root: Path) -> Mapping[str, Mapping[str, frozenset[int]]]:
    """Return executed lines by context and path below `root`; nothing when there is no data."""
    found: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    if not data_file.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{data_file.absolute().as_uri()}?mode=ro", uri=True)) as db:
            paths = {
                number: os.path.relpath(root / path, root).replace(os.sep, "/")
                for number, path in db.execute("SELECT id, path FROM file")
            }
            contexts = dict(db.execute("SELECT id, context FROM context"))
            for file, context, bits in db.execute(
                "SELECT file_id, context_id, numbits FROM line_bits"
            ):
                found[contexts[context]][paths[file]] |= unpack_lines(bits)
            for file, context, start, end in db.execute(
                "SELECT file_id, context_id, fromno, tono FROM arc"
            ):
                found[contexts[context]][paths[file]].update(n for n in (start, end) if n > 0)
    except (sqlite3.Error, KeyError):
        return {}
    return {
        context: {path: frozenset(lines) for path, lines in by_path.items() if path[:3] != "../"}
        for context, by_path in found.items()
    }
