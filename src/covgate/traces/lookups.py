"""What the store keeps beside the traces, so that nobody has to go through all of them.

Triggers keep it true, whoever writes: which traces hold a set of inputs (`used`), which files have
tests (`traced_file`), and which of the collected tests may lack a trace (`untraced`, which may say
too much, never too little). `is_kept` is False where it could not be made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_SETS = "json_each('[' || replace({}.sets, ' ', ',') || ']')"
_OTHER = (
    "SELECT 1 FROM trace AS other WHERE other.environment={0}.environment "
    "AND other.test={1} AND other.file{2}{0}.file"
)


def _lacks(row: str) -> str:
    some, strange = (_OTHER.format(row, "value", how) for how in ("=", "<>"))
    return f"NOT EXISTS ({some}) OR EXISTS ({strange})"


_MARK = "lookups_1"
_TABLES = """
CREATE TABLE used (id INTEGER, trace INTEGER, PRIMARY KEY (id, trace)) WITHOUT ROWID;
CREATE TABLE traced_file (environment TEXT, file TEXT, PRIMARY KEY (environment, file))
    WITHOUT ROWID;
CREATE TABLE untraced (environment TEXT, file TEXT, test TEXT,
    PRIMARY KEY (environment, file, test)) WITHOUT ROWID;
CREATE INDEX unusual ON trace (environment) WHERE outcome<>'passed'
"""
_COMES = f"""
CREATE TRIGGER trace_comes AFTER INSERT ON trace BEGIN
    INSERT OR IGNORE INTO used SELECT value, NEW.id FROM {_SETS.format("NEW")};
    INSERT OR IGNORE INTO traced_file VALUES (NEW.environment, NEW.file);
    DELETE FROM untraced WHERE environment=NEW.environment AND file=NEW.file AND test=NEW.test;
    INSERT OR IGNORE INTO untraced SELECT environment, file, test FROM trace
        WHERE environment=NEW.environment AND test=NEW.test
        AND EXISTS ({_OTHER.format("NEW", "NEW.test", "<>")});
END
"""
_GOES = f"""
CREATE TRIGGER trace_goes AFTER DELETE ON trace BEGIN
    DELETE FROM used WHERE trace=OLD.id AND id IN (SELECT value FROM {_SETS.format("OLD")});
    INSERT OR IGNORE INTO untraced SELECT OLD.environment, OLD.file, OLD.test
        WHERE NOT EXISTS (SELECT 1 FROM trace
        WHERE environment=OLD.environment AND test=OLD.test AND file=OLD.file);
END
"""
_COLLECTED = f"""
CREATE TRIGGER suite_comes AFTER INSERT ON suite BEGIN
    DELETE FROM untraced WHERE environment=NEW.environment AND file=NEW.file;
    INSERT OR IGNORE INTO untraced
        SELECT NEW.environment, NEW.file, value FROM json_each(NEW.tests) WHERE {_lacks("NEW")};
END
"""
_FILLED = f"""
INSERT OR IGNORE INTO used SELECT value, trace.id FROM trace, {_SETS.format("trace")};
INSERT OR IGNORE INTO traced_file SELECT DISTINCT environment, file FROM trace;
INSERT OR IGNORE INTO untraced SELECT environment, file, value
    FROM suite, json_each(suite.tests) WHERE {_lacks("suite")};
CREATE TABLE {_MARK} (made INTEGER)
"""
_STATEMENTS = (*_TABLES.split(";"), _COMES, _GOES, _COLLECTED, *_FILLED.split(";"))


def prepare(db: sqlite3.Connection) -> None:
    """Make what is missing, all of it or nothing; raises `sqlite3.Error`."""
    if is_kept(db):
        return
    db.execute("SELECT value FROM json_each('[1]')").fetchone()  # not every SQLite knows JSON
    db.execute("BEGIN IMMEDIATE")
    try:
        if not is_kept(db):
            for statement in _STATEMENTS:
                db.execute(statement)
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def is_kept(db: sqlite3.Connection) -> bool:
    """Whether the store has all of it."""
    query = "SELECT 1 FROM sqlite_master WHERE name=?"
    return db.execute(query, (_MARK,)).fetchone() is not None
