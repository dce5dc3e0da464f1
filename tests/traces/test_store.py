"""The store: concurrent, bounded, set aside when it cannot be used, and dispensable."""

from __future__ import annotations

import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest

from covgate.source.blocks.facts import Facts
from covgate.traces import postings
from covgate.traces.bits import pack_lines, unpack_lines
from covgate.traces.model import Draft, Input, Ran, Surroundings
from covgate.traces.schema import SCHEMA
from covgate.traces.store import Store
from covgate.traces.tidying import tidy
from covgate.traces.writing import KEPT_PER_TEST

if TYPE_CHECKING:
    from pathlib import Path


def draft(test: str = "t.py::test", value: str = "1", at: float = 1.0) -> Draft:
    """A trace of one test with one input."""
    inputs = frozenset({Input("file", "data.txt", "", value)})
    lines = {("app.py", "b1"): pack_lines({1, 5})}
    return Draft(test, "t.py", "passed", 0.1, at, (inputs, frozenset()), lines)


def add(store: Store, *drafts: Draft) -> str | None:
    return store.add("env", drafts, Surroundings(("src",)), {("app.py", "b1"): frozenset({2})}, {})


def test_what_was_added_is_found_again(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        assert add(store, draft()) is None
    with Store(tmp_path / "e.sqlite") as store:
        evidence = store.evidence("env")
        (trace,) = evidence.traces
        assert (trace.test, trace.outcome) == ("t.py::test", "passed")
        (number,) = evidence.sets[trace.sets[0]]
        assert evidence.inputs[number] == Input("file", "data.txt", "", "1")
        assert store.lines_of_path("app.py")[trace.id] == ("b1", frozenset({1, 5}))
        assert store.module_lines("env", "app.py") == {"b1": frozenset({2})}
        assert store.surroundings("env").roots == ("src",)


def test_other_environments_do_not_see_it(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        add(store, draft())
        assert store.evidence("another").traces == ()


def test_several_traces_of_a_test_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        for number in range(KEPT_PER_TEST + 3):
            add(store, draft(value=str(number), at=float(number)))
        times = [trace.at for trace in store.evidence("env").traces]
    assert times == [float(n) for n in reversed(range(3, KEPT_PER_TEST + 3))]


def test_the_same_trace_again_only_becomes_newer(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        add(store, draft(at=1.0))
        add(store, draft(at=2.0))
        assert [trace.at for trace in store.evidence("env").traces] == [2.0]


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda path: path.write_bytes(b"no database" * 500), id="garbage"),
        pytest.param(
            lambda path: sqlite3.connect(path).execute(f"PRAGMA user_version={SCHEMA + 1}"),
            id="newer",
        ),
    ],
)
def test_an_unusable_file_is_set_aside(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "e.sqlite"
    spoil(path)  # type: ignore[operator]
    content = path.read_bytes()
    with Store(path) as store:
        assert store.problem is not None
        assert add(store, draft()) is None
    (kept,) = [
        p for p in tmp_path.iterdir() if "unusable" in p.name and p.name[-3:] not in ("wal", "shm")
    ]
    assert kept.read_bytes() == content
    with Store(path) as store:
        assert store.problem is None
        assert len(store.evidence("env").traces) == 1


@pytest.mark.parametrize("kind", ["a folder in its place", "no such folder can be made"])
def test_without_a_file_everything_works_from_memory(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "e.sqlite"
    if kind.startswith("a folder"):
        path.mkdir()
    else:
        (tmp_path / "file").write_text("")
        path = tmp_path / "file" / "deeper" / "e.sqlite"
    with Store(path) as store:
        assert store.problem
        assert add(store, draft()) is None
        assert len(store.evidence("env").traces) == 1


def test_two_processes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    problems: list[str | None] = []

    def work(number: int) -> None:
        with Store(path) as store:
            problems.extend(add(store, draft(f"t.py::test_{number}_{n}")) for n in range(5))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == [None] * 20
    with Store(path) as store:
        assert len(store.evidence("env").traces) == 20


def test_facts_are_kept_by_blob_and_made_again_when_damaged(tmp_path: Path) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as store:
        assert not store.facts("b", lambda: None).readable
        first = store.facts("b", lambda: b"def f():\n    return 1\n")
    with Store(path) as store:
        assert store.facts("b", lambda: None) == first
        assert isinstance(first, Facts)
    db = sqlite3.connect(path)
    db.execute("UPDATE fact SET data=x'00'")
    db.commit()
    with Store(path) as store:
        assert store.facts("b", lambda: b"def f():\n    return 1\n") == first


def test_nothing_is_kept_of_a_file_whose_text_is_not_there(tmp_path: Path) -> None:
    text = b"def f():\n    return 1\n"
    with Store(tmp_path / "e.sqlite") as store:
        assert store.spans("b", lambda: None) == ()
    with Store(tmp_path / "e.sqlite") as store:
        assert [one.key for one in store.spans("b", lambda: text)] == ["f"]
    with Store(tmp_path / "e.sqlite") as store:
        assert [one.key for one in store.spans("b", lambda: None)] == ["f"]


def test_too_large_a_store_forgets_the_oldest_and_what_nothing_needs(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        for number in range(6):
            add(store, draft(f"t.py::test_{number}", value=str(number), at=float(number)))
    db = sqlite3.connect(tmp_path / "e.sqlite")
    assert not tidy(db)
    assert not tidy(db, limit=0, per_test=1 << 20)
    assert tidy(db, limit=0, per_test=0)
    db.commit()
    assert db.execute("SELECT count(*) FROM input").fetchone() == (3,)
    assert db.execute("SELECT count(*) FROM lines").fetchone() == (3,)
    with Store(tmp_path / "e.sqlite") as store:
        evidence = store.evidence("env")
        assert [trace.test[-1] for trace in evidence.traces] == ["5", "4", "3"]
        assert {one.value for one in evidence.inputs.values()} == {"5", "4", "3"}


def test_what_ran_on_a_file_s_account_goes_with_that_version_of_it(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        for at, blob in enumerate(["old", "new"]):
            inputs = {Input("module", "t.py", "", blob), Input("module", "app.py", "", "same")}
            made = Draft("t.py::t", "t.py", "passed", 0.1, at, (frozenset(inputs),), {})
            ran = {"t.py": Ran(blob), "app.py": Ran("same", pack_lines({3}))}
            assert store.add("env", [made], Surroundings(), {}, {}, owned={"t.py": ran}) is None
    db = sqlite3.connect(tmp_path / "e.sqlite")
    assert tidy(db, limit=0, per_test=0)
    db.commit()
    with Store(tmp_path / "e.sqlite") as store:
        (one,) = store.owned("env")["t.py"]
    assert (one.blob, one.lines["app.py", "same"]) == ("new", frozenset({3}))


def test_a_name_of_a_file_that_is_no_text_is_about_nothing_that_is_kept(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        add(store, draft())
        assert store.backwards.at(["caf\udce9.txt"]) == {}
        assert store.backwards.named(["caf\udce9"]) == {}
        assert store.lines_of_path("caf\udce9.txt") == {}
        assert store.module_lines("env", "caf\udce9.py") == {}


def test_lines_survive_packing() -> None:
    lines = frozenset({0, 1, 7, 8, 300})
    assert unpack_lines(pack_lines(lines)) == lines
    assert unpack_lines(pack_lines(())) == frozenset()


def test_a_clock_that_was_put_back_does_not_age_new_traces(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        for number in range(12):
            add(store, draft(value=f"blob{number}", at=2e9 - number))
        newest = store.evidence("env").traces[0]
        values = {
            store.evidence("env").inputs[one].value
            for number in newest.sets
            for one in store.evidence("env").sets[number]
        }
    assert "blob11" in values


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        assert add(store, draft()) is None
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count={pages}")
        many = [draft(f"t.py::test_{number}", value=f"{number}" * 500) for number in range(200)]
        problem = add(store, *many)
        assert problem is not None
        assert "full" in problem
        assert len(store.evidence("env").traces) == 1


def test_dropped_traces_are_gone_with_their_lines(tmp_path: Path) -> None:
    with Store(tmp_path / "e.sqlite") as store:
        add(store, draft("t.py::test_1"), draft("t.py::test_2"))
        wrong, right = store.evidence("env").traces
        store.drop({wrong.id})
        assert [trace.id for trace in store.evidence("env").traces] == [right.id]
        assert store.executed_by(wrong.id).lines == {}


def before(path: Path, version: int) -> None:
    """Turn a store into one of an earlier version."""
    db = sqlite3.connect(path)
    db.execute("DROP TABLE seen")
    db.execute(f"PRAGMA user_version = {version}")
    if version < 5:
        for name in ("comes", "moves", "goes", "recorded"):
            db.execute(f"DROP TRIGGER latest_{name}")
        db.executescript("DROP TABLE latest; DROP TABLE state; DROP TABLE lookups_2;")
        db.executescript("DROP TABLE recording; DROP TABLE company; DROP TABLE remembered;")
    if version == 3:
        db.executescript(_FILES_OF_3)
    db.close()


_FILES_OF_3 = """
        CREATE TABLE old (trace INTEGER, path TEXT, blob TEXT, bits BLOB, PRIMARY KEY (trace, path));
        INSERT INTO old SELECT trace, path, blob, bits FROM lines JOIN file ON file = id;
        DROP TABLE lines;
        ALTER TABLE old RENAME TO lines;
        DROP TABLE arcs;
        CREATE TABLE arcs (trace INTEGER, path TEXT, blob TEXT, data BLOB, PRIMARY KEY (trace, path));
        DROP TABLE file; DROP TABLE beneath; DROP TABLE loose; DROP TABLE posting;
        DROP TABLE compared; DROP TABLE span;
"""


@pytest.mark.parametrize("version", [3, 4, 5])
def test_what_an_earlier_version_kept_is_taken_over(tmp_path: Path, version: int) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as store:
        add(store, draft(), draft("t.py::other", value="2", at=2.0))
        was = store.evidence("env")
    before(path, version)
    with Store(path) as store:
        found = store.evidence("env")
        kept = was.traces if version == 5 else [one._replace(recording=0) for one in was.traces]
        traces = tuple(kept)
        assert (store.problem, found) == (None, was._replace(traces=traces))
        (newest, oldest) = was.traces
        assert store.lines_of_path("app.py")[oldest.id] == ("b1", frozenset({1, 5}))
        number = next(n for n, one in was.inputs.items() if one.value == "2")
        assert store.backwards.sets_with([number]) == {newest.sets[0]}
        assert add(store, draft("t.py::third", value="2", at=3.0)) is None


@pytest.mark.parametrize(
    "steps",
    [[7], [1, 2, 3], [5, 300, 301], [1, 70_000, 70_001], [*range(10, 4000, 3)]],
    ids=lambda some: str(len(some)),
)
def test_sets_of_an_input_are_found_again(tmp_path: Path, steps: list[int]) -> None:
    db = sqlite3.connect(tmp_path / "p.sqlite")
    db.executescript(postings.TABLES)
    made = postings.Postings(db)
    for number in steps:
        made.set(number, [1])
    made.flush()
    assert postings.Backwards(db).sets_with([1, 2]) == set(steps)


def test_a_damaged_posting_is_found_out(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "p.sqlite")
    db.executescript(postings.TABLES)
    db.execute("INSERT INTO posting VALUES (1, 1, x'42')")
    with pytest.raises(ValueError, match="damaged"):
        postings.Backwards(db).sets_with([1])
