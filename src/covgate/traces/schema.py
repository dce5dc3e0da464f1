"""The tables of the store, and how those of the version before become these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.traces import postings, seen

if TYPE_CHECKING:
    import sqlite3

SCHEMA = 6
BEFORE = (3, 4, 5)
_FILES = """
CREATE TABLE span (blob TEXT, version INTEGER, data BLOB, PRIMARY KEY (blob, version))
    WITHOUT ROWID;
CREATE TABLE file (id INTEGER PRIMARY KEY, path TEXT, blob TEXT, UNIQUE (path, blob));
CREATE TABLE lines (file INTEGER, trace INTEGER, bits BLOB, PRIMARY KEY (file, trace))
    WITHOUT ROWID;
CREATE INDEX lines_of_trace ON lines (trace);
CREATE TABLE arcs (file INTEGER, trace INTEGER, data BLOB, PRIMARY KEY (file, trace))
    WITHOUT ROWID;
CREATE INDEX arcs_of_trace ON arcs (trace);
"""
# `company` tells in which recording a trace was made, and `recording` how many tests that one had;
# `remembered` is what ran in it of functions that may remember (see `traces.company`).
_COMPANY = """
CREATE TABLE recording (id INTEGER PRIMARY KEY AUTOINCREMENT, environment TEXT, tests INTEGER);
CREATE TABLE company (trace INTEGER PRIMARY KEY, recording INTEGER);
CREATE TABLE remembered (recording INTEGER, path TEXT, blob TEXT, bits BLOB, data BLOB,
    PRIMARY KEY (recording, path)) WITHOUT ROWID;
"""
TABLES = f"""
CREATE TABLE fact (blob TEXT, version INTEGER, data BLOB, PRIMARY KEY (blob, version))
    WITHOUT ROWID;
CREATE TABLE input (id INTEGER PRIMARY KEY, kind TEXT, path TEXT, key TEXT, value TEXT,
    UNIQUE (kind, path, key, value));
CREATE TABLE inputs (id INTEGER PRIMARY KEY, digest TEXT UNIQUE, data BLOB);
CREATE TABLE trace (id INTEGER PRIMARY KEY, environment TEXT, test TEXT, file TEXT, outcome TEXT,
    seconds REAL, at REAL, sets TEXT, UNIQUE (environment, test, sets, outcome));
CREATE TABLE module_lines (environment TEXT, path TEXT, blob TEXT, bits BLOB, at REAL,
    PRIMARY KEY (environment, path, blob)) WITHOUT ROWID;
CREATE TABLE module_arcs (environment TEXT, path TEXT, blob TEXT, data BLOB,
    PRIMARY KEY (environment, path, blob)) WITHOUT ROWID;
CREATE TABLE owned (environment TEXT, owner TEXT, state TEXT, path TEXT, blob TEXT, bits BLOB,
    data BLOB, at REAL, PRIMARY KEY (environment, owner, state, path)) WITHOUT ROWID;
CREATE TABLE suite (environment TEXT, file TEXT, tests TEXT, PRIMARY KEY (environment, file))
    WITHOUT ROWID;
CREATE TABLE surroundings (environment TEXT PRIMARY KEY, data TEXT, at REAL);
{_FILES}{_COMPANY}{seen.TABLE}{postings.TABLES}"""
_FROM_3 = f"""
ALTER TABLE lines RENAME TO lines_before;
ALTER TABLE arcs RENAME TO arcs_before;
{_FILES}
INSERT OR IGNORE INTO file (path, blob) SELECT DISTINCT path, blob FROM lines_before;
INSERT OR IGNORE INTO file (path, blob) SELECT DISTINCT path, blob FROM arcs_before;
INSERT OR IGNORE INTO lines SELECT file.id, trace, bits FROM lines_before
    JOIN file USING (path, blob) ORDER BY 1, 2;
INSERT OR IGNORE INTO arcs SELECT file.id, trace, data FROM arcs_before
    JOIN file USING (path, blob) ORDER BY 1, 2;
DROP TABLE lines_before;
DROP TABLE arcs_before;
{postings.TABLES}"""


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables of an empty file, or those of an earlier version into these.

    All of it or nothing; raises `sqlite3.Error`.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0 or version in BEFORE:
            after_4 = _COMPANY + seen.TABLE
            steps = {0: TABLES, 3: _FROM_3 + after_4, 4: after_4, 5: seen.TABLE}[version]
            for statement in steps.split(";"):
                if statement.strip():
                    db.execute(statement)
            if version == 3:
                postings.rebuild(db)
            db.execute(f"PRAGMA user_version={SCHEMA}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")
