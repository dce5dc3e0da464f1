"""What each version of a file says of what is remembered, kept by its blob."""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from typing import TYPE_CHECKING

from covgate.source.blocks.facts import VERSION, Memory, asking_from, holding_from, pairs_from

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_FEW_BLOBS = 500


def load(db: sqlite3.Connection, blobs: Collection[str]) -> dict[str, Memory]:
    """Return what is known of blobs, of these at least; a damaged row is made again."""
    query = "SELECT blob, keeps FROM state WHERE version=?"
    if len(blobs) < _FEW_BLOBS:
        query += f" AND blob IN ({','.join('?' * len(blobs))})"
    else:
        blobs = ()
    found: dict[str, Memory] = {}
    with suppress(sqlite3.Error):
        for blob, said in db.execute(query, (VERSION, *blobs)):
            with suppress(ValueError, TypeError):
                found[blob] = _read(said)
    return found


def save(db: sqlite3.Connection, memories: Mapping[str, Memory]) -> None:
    """Keep what was found; where that cannot be written it is found again."""
    rows = [(blob, VERSION, _written(one)) for blob, one in memories.items()]
    if rows:
        with suppress(sqlite3.Error):
            db.executemany("INSERT OR IGNORE INTO state VALUES (?,?,?)", rows)


def _written(one: Memory) -> int | str:
    """Return a number where there is nothing more to say, as of most files."""
    return json.dumps(one, separators=(",", ":")) if any(map(any, one[1:])) else int(one.keeps)


def _read(said: int | str) -> Memory:
    if isinstance(said, int):
        return Memory(bool(said))
    keeps, telling, asking, renamed, holding = json.loads(said)
    return Memory(
        bool(keeps),
        tuple(telling),
        asking_from(asking),
        pairs_from(renamed),
        holding_from(holding),
    )
