"""Coverage's counts of files, kept from run to run: what did not change is not analysed again.

A count follows from the text of a file, what ran of it, the settings, and the versions of coverage
and Python; a digest of all of these is the key. The file only ever saves time: where it is missing,
damaged or locked, nothing is known.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import sys
from typing import TYPE_CHECKING

from _covgate_std import json, os, time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from coverage import Coverage

_SCHEMA = """
create table if not exists numbers (
    key blob primary key, at integer not null, counts text not null
) without rowid
"""
_VERSION = 2
_PATIENCE_S = 2.0
_KEPT = 20_000
# How it was measured: of no consequence once it is known what ran.
_NO_PART = ("context", "core", "data_file", "debug", "debug_file", "dynamic_context", "parallel")


def keys(
    cov: Coverage,
    names: Iterable[str],
    root: str,
    has_arcs: bool,
    executed: Callable[[str], list[Any]],
) -> dict[str, bytes]:
    """Return the key of each file whose count follows from what we see; others have none.

    `executed` tells what ran of a file, sorted: arcs or lines.
    """
    config = cov.config
    if config.plugins or config.report_contexts:
        return {}
    settings = {name: value for name, value in vars(config).items() if name not in _NO_PART}
    import coverage

    common = repr((_VERSION, coverage.__version__, sys.version, sorted(settings.items())))
    common = common.replace(root, "")
    found = {}
    file_tracer = cov.get_data().file_tracer
    for name in names:
        full = os.path.join(root, name)
        try:
            with open(full, "rb") as stream:
                text = stream.read()
        except OSError:
            continue
        if file_tracer(name):
            continue
        about = repr((common, os.path.relpath(full, root), has_arcs, executed(name)))
        digest = hashlib.sha256(about.encode("utf-8", "surrogatepass"))
        digest.update(b"\0" + text)
        found[name] = digest.digest()
    return found


def load(file: str, wanted: Mapping[str, bytes]) -> dict[str, Any]:
    """Return the known counts by name; None is that of a file that the settings leave out."""
    found: dict[str, Any] = {}
    if not file or not os.path.exists(file):
        return found
    with contextlib.suppress(sqlite3.Error, ValueError), _opened(file) as database:
        query = "select counts from numbers where key = ?"
        for name, key in wanted.items():
            row = database.execute(query, (key,)).fetchone()
            if row is not None:
                found[name] = json.loads(row[0])
    return found


def store(file: str, counts: Iterable[tuple[bytes, Any]]) -> None:
    """Keep counts by key; the oldest go when there are too many."""
    now = int(time.time())
    rows = [(key, now, json.dumps(value)) for key, value in counts]
    if not file or not rows:
        return
    with contextlib.suppress(OSError, sqlite3.OperationalError):
        try:
            _insert(file, rows)
        except sqlite3.OperationalError:
            return  # locked, read-only or full: a later run may keep them
        except sqlite3.DatabaseError:
            os.replace(file, file + ".broken")
            _insert(file, rows)


def _insert(file: str, rows: list[tuple[bytes, int, str]]) -> None:
    with _opened(file) as database:
        database.execute("pragma journal_mode = wal")
        database.execute(_SCHEMA)
        with database:
            database.execute("begin immediate")
            database.executemany("insert or replace into numbers values (?, ?, ?)", rows)
            database.execute(
                "delete from numbers where at < "
                "(select at from numbers order by at desc limit 1 offset ?)",
                (_KEPT,),
            )


@contextlib.contextmanager
def _opened(file: str) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(file, timeout=_PATIENCE_S)
    try:
        yield database
    finally:
        database.close()
