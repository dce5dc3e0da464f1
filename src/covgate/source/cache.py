"""Facts of blobs, kept from one commit to the next in SQLite.

The cache only ever saves time: a missing, damaged, locked or read-only file means that the facts
are computed again. Blob ids name contents, so that rows never grow stale; the oldest ones that
the present tree doesn't use are dropped when there are too many.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import weakref
from typing import TYPE_CHECKING

from covgate.source.facts import VERSION, ImportFacts, Trait
from covgate.source.tags import number_of, tags_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

_SCHEMA = """
create table if not exists import_facts (
    blob text not null, version text not null, added integer not null,
    facts text not null, dynamic integer not null, traits integer not null,
    primary key (blob, version)
) without rowid
"""
_TEXTS = """
create table if not exists texts (
    key text primary key, added integer not null, text text not null
) without rowid
"""
# Facts read backwards: from a tag (`source.tags`) to the blobs that have it. `tagged_tree` are
# trees of which every program is found this way.
_TAGS = """
create table if not exists tagged_blob (
    id integer primary key, blob text not null, version text not null, unique (blob, version)
);
create table if not exists tag (
    tag integer not null, blob integer not null, primary key (tag, blob)
) without rowid;
create table if not exists tagged_tree (
    tree text not null, version text not null, unique (tree, version)
)
""".split(";")
_TREES_KEPT = 500
_COLUMNS_OF_NAMES = 7
_QUERY_WIDTH = 900
_PATIENCE_S = 2.0
_KEPT = 5_000


class FactsCache:
    """Facts by blob id in the file `path`; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self, blobs: Collection[str]) -> dict[str, ImportFacts]:
        """Return the facts that are known of `blobs`."""
        found: dict[str, ImportFacts] = {}
        if self._path is None or not blobs or not self._path.exists():
            return found
        wanted = list(blobs)
        try:
            with self._opened() as database:
                for start in range(0, len(wanted), _QUERY_WIDTH):
                    some = wanted[start : start + _QUERY_WIDTH]
                    marks = ",".join("?" * len(some))
                    query = (
                        "select blob, facts, dynamic, traits from import_facts "
                        f"where version = ? and blob in ({marks})"
                    )
                    for blob, *row in database.execute(query, (VERSION, *some)):
                        found[blob] = _decoded(*row)
        except (sqlite3.Error, OSError, ValueError, TypeError, AttributeError):
            return {}
        return found

    def store(self, facts: Mapping[str, ImportFacts], in_use: Collection[str] = ()) -> None:
        """Keep `facts` in one transaction; `in_use` are blobs that must not be dropped."""
        if self._path is None or not facts:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._store(facts, in_use)
        except sqlite3.OperationalError:
            return  # locked, read-only or full: a later run may keep them
        except sqlite3.DatabaseError:
            with contextlib.suppress(OSError, sqlite3.Error):
                self._set_aside()
                self._store(facts, in_use)
        except (OSError, sqlite3.Error):
            return

    def _store(self, facts: Mapping[str, ImportFacts], in_use: Collection[str]) -> None:
        now = int(time.time())
        rows = [(blob, VERSION, now, *_encoded(fact)) for blob, fact in facts.items()]
        with self._opened() as database:
            database.execute("pragma journal_mode = wal")
            database.execute(_SCHEMA)
            with database:
                database.execute("begin immediate")
                database.executemany(
                    "insert or replace into import_facts values (?, ?, ?, ?, ?, ?)", rows
                )
                _drop_oldest(database, max(_KEPT, 3 * len(in_use)), {*facts, *in_use})

    def tagged(self, tree: str) -> Tagged | None:
        """Return the cache read backwards, None unless it has all programs of a tree."""
        if self._path is None or not tree or not self._path.exists():
            return None
        database = None
        try:
            database = sqlite3.connect(  # the thread that collects garbage may close it
                self._path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            database.execute("begin")  # what others drop meanwhile is still there for us
            query = "select 1 from tagged_tree where tree = ? and version = ?"
            if database.execute(query, (tree, VERSION)).fetchone():
                return Tagged(database)
            database.close()
        except sqlite3.Error:
            if database is not None:
                database.close()
        return None

    def tag(self, tree: str, facts: Mapping[str, ImportFacts], beside: str | None = None) -> None:
        """Make `facts` found by their tags; these are all programs of a tree.

        Or all but those that the tree `beside` has, too: then nothing is done unless these are
        found.
        """
        if self._path is None or not tree:
            return
        with contextlib.suppress(sqlite3.Error, OSError), self._opened() as database:
            for statement in _TAGS:
                database.execute(statement)
            with database:
                database.execute("begin immediate")
                query = "select 1 from tagged_tree where tree = ? and version = ?"
                if beside is not None:
                    if not database.execute(query, (beside, VERSION)).fetchone():
                        return
                for blob, one in facts.items():
                    done = database.execute(
                        "insert or ignore into tagged_blob (blob, version) values (?, ?)",
                        (blob, VERSION),
                    )
                    if done.rowcount == 1:
                        number = done.lastrowid
                        tags = {number_of(tag) for tag in tags_of(one)}
                        database.executemany(
                            "insert or ignore into tag values (?, ?)",
                            [(tag, number) for tag in tags],
                        )
                database.execute("insert or ignore into tagged_tree values (?, ?)", (tree, VERSION))
                database.execute(
                    "delete from tagged_tree where rowid <= "
                    "(select max(rowid) from tagged_tree) - ?",
                    (_TREES_KEPT,),
                )

    def _opened(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        assert self._path is not None
        return _opened(self._path)

    def _set_aside(self) -> None:
        """Move a damaged file away, so that somebody may look at it, and start anew."""
        assert self._path is not None
        _set_aside(self._path)


class Tagged:
    """An open cache, asked by tags; raises `sqlite3.Error` and `ValueError` when it is damaged."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.close = weakref.finalize(self, database.close)

    def with_tag(self, tag: str) -> list[str]:
        """Return the blobs that have a tag, of whatever tree."""
        query = (
            "select tagged_blob.blob from tag join tagged_blob on id = tag.blob "
            "where tag = ? and version = ?"
        )
        return [blob for (blob,) in self._database.execute(query, (number_of(tag), VERSION))]

    def facts(self, blob: str) -> ImportFacts | None:
        """Return the facts of a blob."""
        query = "select facts, dynamic, traits from import_facts where blob = ? and version = ?"
        row = self._database.execute(query, (blob, VERSION)).fetchone()
        return None if row is None else _decoded(*row)

    def lacks(self, blobs: Iterable[str]) -> list[str]:
        """Return which of some blobs have no tags."""
        query = "select 1 from tagged_blob where blob = ? and version = ?"
        return [
            blob
            for blob in blobs
            if self._database.execute(query, (blob, VERSION)).fetchone() is None
        ]


class TextCache:
    """Texts by key in the file `path`; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def load(self, keys: Collection[str]) -> dict[str, str]:
        """Return the texts that are known by `keys`."""
        found: dict[str, str] = {}
        if self._path is None or not keys or not self._path.exists():
            return found
        wanted = list(keys)
        try:
            with _opened(self._path) as database:
                for start in range(0, len(wanted), _QUERY_WIDTH):
                    some = wanted[start : start + _QUERY_WIDTH]
                    marks = ",".join("?" * len(some))
                    query = f"select key, text from texts where key in ({marks})"
                    found.update(database.execute(query, some).fetchall())
        except (sqlite3.Error, OSError):
            return {}
        return found

    def store(self, texts: Mapping[str, str]) -> None:
        """Keep `texts`; the oldest go when there are too many."""
        if self._path is None or not texts:
            return
        limit = max(_KEPT, 3 * len(texts))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._store(texts, limit)
        except sqlite3.OperationalError:
            return  # locked, read-only or full: a later run may keep them
        except sqlite3.DatabaseError:
            with contextlib.suppress(OSError, sqlite3.Error):
                _set_aside(self._path)
                self._store(texts, limit)
        except OSError:
            return

    def _store(self, texts: Mapping[str, str], limit: int) -> None:
        assert self._path is not None
        now = int(time.time())
        with _opened(self._path) as database:
            database.execute("pragma journal_mode = wal")
            database.execute(_TEXTS)
            with database:
                database.execute("begin immediate")
                rows = [(key, now, text) for key, text in texts.items()]
                database.executemany("insert or replace into texts values (?, ?, ?)", rows)
                (count,) = database.execute("select count(*) from texts").fetchone()
                if count > limit:
                    database.execute(
                        "delete from texts where key in (select key from texts "
                        "order by added limit ?)",
                        (count - limit,),
                    )


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
    try:
        database.execute("pragma synchronous = normal")
        yield database
    finally:
        database.close()


def _set_aside(path: Path) -> None:
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.replace(path.with_name(path.name + ".damaged"))


def _drop_oldest(database: sqlite3.Connection, limit: int, kept: Collection[str]) -> None:
    (count,) = database.execute("select count(*) from import_facts").fetchone()
    if count <= limit:
        return
    surplus = count - limit // 2
    oldest = database.execute(
        "select blob, version from import_facts order by version = ?, added", (VERSION,)
    )
    doomed: list[tuple[str, str]] = []
    for blob, version in oldest:
        if len(doomed) == surplus:
            break
        if version != VERSION or blob not in kept:
            doomed.append((blob, version))
    database.executemany("delete from import_facts where blob = ? and version = ?", doomed)
    for statement in _TAGS:
        database.execute(statement)
    for table in ("tagged_tree", "tagged_blob", "tag"):  # made again when they are asked for
        database.execute(f"delete from {table}")


def _encoded(facts: ImportFacts) -> tuple[str, int, int]:
    *parts, dynamic, traits = facts
    names = "\n\n".join("\n".join(sorted(part)) for part in parts)
    return names, dynamic, int(traits)


def _decoded(text: str, dynamic: int, traits: int) -> ImportFacts:
    parts = [frozenset(part.split("\n")) if part else frozenset() for part in text.split("\n\n")]
    if len(parts) != _COLUMNS_OF_NAMES:
        raise ValueError("a row of another shape")
    modules, relative, packages, words, globs, plugins, hooks = parts
    return ImportFacts(
        modules, relative, packages, words, globs, plugins, hooks, int(dynamic), Trait(traits)
    )
