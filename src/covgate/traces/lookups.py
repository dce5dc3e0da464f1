"""What the store keeps beside the traces, so that nobody has to go through all of them.

Triggers keep it true, whoever writes: which traces hold a set of inputs (`used`), which files have
tests (`traced_file`), which of the collected tests may lack a trace (`untraced`, which may say
too much, never too little), and the newest trace of each test with its recording and the last of
its sets (`latest`).
`is_kept` is False where it could not be made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.traces import aligned

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

_MARK_LATEST = "lookups_2"
_LAST = "CAST(substr(sets, length(rtrim(sets, '0123456789')) + 1) AS INTEGER)"
_NEWEST = f"""
    DELETE FROM latest WHERE trace IN
        (SELECT id FROM trace WHERE environment={{0}}.environment AND test={{0}}.test);
    INSERT INTO latest
        SELECT id, coalesce((SELECT recording FROM company WHERE company.trace=id), 0), {_LAST}
        FROM trace WHERE environment={{0}}.environment AND test={{0}}.test
        ORDER BY at DESC, id LIMIT 1;
"""
_LATEST = "CREATE TABLE latest (trace INTEGER PRIMARY KEY, recording INTEGER, last INTEGER)"
_LATEST_COMES = (
    f"CREATE TRIGGER latest_comes AFTER INSERT ON trace BEGIN {_NEWEST.format('NEW')} END"
)
_LATEST_MOVES = (
    f"CREATE TRIGGER latest_moves AFTER UPDATE OF at ON trace BEGIN {_NEWEST.format('NEW')} END"
)
_LATEST_GOES = f"""
CREATE TRIGGER latest_goes AFTER DELETE ON trace
    WHEN EXISTS (SELECT 1 FROM latest WHERE trace=OLD.id) BEGIN
    DELETE FROM latest WHERE trace=OLD.id;
    {_NEWEST.format("OLD")}
END
"""
_RECORDED = """
CREATE TRIGGER latest_recorded AFTER INSERT ON company BEGIN
    UPDATE latest SET recording=NEW.recording WHERE trace=NEW.trace;
END
"""
_LATEST_FILLED = f"""
INSERT INTO latest SELECT id, coalesce(recording, 0), {_LAST} FROM trace
    LEFT JOIN company ON company.trace=trace.id
    WHERE NOT EXISTS (SELECT 1 FROM trace AS other WHERE other.environment=trace.environment
    AND other.test=trace.test AND (other.at>trace.at OR (other.at=trace.at AND other.id<trace.id)))
"""
# Whether a file has functions that may remember what ran beneath them.
_STATE = """
CREATE TABLE state (blob TEXT, version INTEGER, keeps INTEGER, PRIMARY KEY (blob, version))
    WITHOUT ROWID
"""
_STATEMENTS_LATEST = (
    _LATEST, _LATEST_COMES, _LATEST_MOVES, _LATEST_GOES, _RECORDED, _LATEST_FILLED,
    _STATE,
    f"CREATE TABLE {_MARK_LATEST} (made INTEGER)",
)  # fmt: skip
_MARK_ALIGNED = "lookups_3"
_STATEMENTS_ALIGNED = (aligned.TABLE, f"CREATE TABLE {_MARK_ALIGNED} (made INTEGER)")
_ALL = (
    (_MARK, _STATEMENTS),
    (_MARK_LATEST, _STATEMENTS_LATEST),
    (_MARK_ALIGNED, _STATEMENTS_ALIGNED),
)


def prepare(db: sqlite3.Connection) -> None:
    """Make what is missing, all of it or nothing; raises `sqlite3.Error`."""
    if is_kept(db):
        return
    db.execute("SELECT value FROM json_each('[1]')").fetchone()  # not every SQLite knows JSON
    db.execute("BEGIN IMMEDIATE")
    try:
        for mark, statements in _ALL:
            for statement in () if _has(db, mark) else statements:
                db.execute(statement)
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def is_kept(db: sqlite3.Connection) -> bool:
    """Whether the store has all of it."""
    return all(_has(db, mark) for mark, _ in _ALL)


def _has(db: sqlite3.Connection, table: str) -> bool:
    query = "SELECT 1 FROM sqlite_master WHERE name=?"
    return db.execute(query, (table,)).fetchone() is not None
