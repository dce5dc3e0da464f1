"""What the store keeps beside the traces says what going through all traces says."""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from covgate.traces import lookups
from covgate.traces.model import Draft, Input, Surroundings
from covgate.traces.store import Store
from covgate.traces.tally import tally_of
from covgate.traces.tidying import tidy

if TYPE_CHECKING:
    from pathlib import Path

    from covgate.traces.moment import Moment

ENV = "env"
TESTS = [f"t{file}.py::test_{name}" for file in range(3) for name in "ab"]


def draft(test: str, value: str, outcome: str = "passed", file: str = "", at: float = 1.0) -> Draft:
    inputs = (
        frozenset({Input("own", "f", test, ""), Input("body", "a.py", "f", value)}),
        frozenset({Input("module", "a.py", "", value)}),
    )
    return Draft(test, file or test.partition("::")[0], outcome, 0.1, at, inputs, {})


def is_true(moment: Moment) -> None:
    """Compare each answer with what all traces say."""
    traces, suite = moment.traces, moment.suite
    sets = {number for trace in traces for number in trace.sets}
    last = {trace.test: trace for trace in reversed(traces)}
    for number in sets:
        holders = {trace.test for trace in last.values() if number in trace.sets}
        assert moment.tests_with({number}) == holders
        holding = {trace.id for trace in traces if number in trace.sets}
        assert {trace.id for trace in moment.traces_with({number})} == holding
    assert moment.tests_with(set()) == set()
    assert moment.unusual() == {trace.test for trace in traces if trace.outcome != "passed"}
    assert moment.files() >= {trace.file for trace in traces}
    files = {(trace.test, trace.file) for trace in traces}
    lacking = {
        file
        for file, tests in suite.items()
        for test in tests
        if {found for one, found in files if one == test} != {file}
    }
    assert set(moment.files_with_untraced()) >= lacking
    for test in TESTS:
        newest = next((trace for trace in traces if trace.test == test), None)
        assert moment.newest(test) == newest
    assert moment.count() == len({trace.test for trace in traces})
    assert moment.tally() == tally_of(last.values())
    for recording in {trace.recording for trace in traces} - {0}:
        assert moment.recorded(recording) == sum(t.recording == recording for t in traces)


def happen(store: Store, chance: random.Random, environment: str = ENV) -> None:
    """Record some tests, with a collection, or drop some traces."""
    if chance.random() < 0.25:
        traces = store.traces(environment)
        store.drop([trace.id for trace in traces if chance.random() < 0.3])
        return
    drafts = [
        draft(
            test,
            str(chance.randrange(12)),
            chance.choice(["passed", "passed", "failed"]),
            "other.py" if chance.random() < 0.05 else "",
        )
        for test in TESTS
        if chance.random() < 0.5
    ]
    collected = {
        f"t{n}.py": [
            test for test in TESTS if test.startswith(f"t{n}.py") and chance.random() < 0.8
        ]
        for n in range(3)
        if chance.random() < 0.7
    }
    assert store.add(environment, drafts, Surroundings(), {}, collected) is None


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1 << 32))
def test_they_stay_true_whatever_is_recorded_and_dropped(seed: int) -> None:
    chance = random.Random(seed)
    with Store(None) as store:
        for _ in range(6):
            happen(store, chance)
            moment = store.moment(ENV, anew=True)
            assert moment._has_lookups
            is_true(moment)


def without(path: Path) -> None:
    """Turn a store into one that was written before."""
    with sqlite3.connect(path) as db:
        for kind, name in db.execute(
            "SELECT type, name FROM sqlite_master WHERE type='trigger' OR name IN "
            "('used', 'traced_file', 'untraced', 'unusual', 'lookups_1', 'latest', 'state', "
            "'lookups_2')"
        ).fetchall():
            db.execute(f"DROP {kind} {name}")


@pytest.mark.parametrize("can_make", [True, False], ids=["made", "not made"])
def test_a_store_of_before_gives_the_same_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_make: bool
) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as store:
        for seed in range(4):
            happen(store, random.Random(seed))
    without(path)
    if not can_make:
        monkeypatch.setattr(lookups, "prepare", _fails)
    with Store(path) as store:
        moment = store.moment(ENV)
        assert moment._has_lookups == can_make
        is_true(moment)


def _fails(db: sqlite3.Connection) -> None:
    raise sqlite3.OperationalError("attempt to write a readonly database")


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_moment_does_not_see_what_comes_later(tmp_path: Path, mode: str) -> None:
    path = tmp_path / "e.sqlite"
    with Store(path) as store:
        store.add(ENV, [draft("t0.py::test_a", "1")], Surroundings(), {}, {"t0.py": ["t0.py::x"]})
        store._db.execute(f"PRAGMA journal_mode={mode}")
        moment = store.moment(ENV)
        old = moment.newest("t0.py::test_a")
        assert (
            store.add(ENV, [draft("t0.py::test_a", "2", at=2.0)], Surroundings(), {}, {"t0.py": []})
            is None
        )
    assert old is not None
    assert moment.of_tests(["t0.py::test_a"]) == (old,)
    assert moment.suite["t0.py"] == ("t0.py::x",)
    with Store(path) as store:
        assert len(store.moment(ENV).of_tests(["t0.py::test_a"])) == 2
        assert json.dumps(store.moment(ENV).suite["t0.py"]) == "[]"


def computed(db: sqlite3.Connection) -> dict[str, set[tuple[object, ...]]]:
    """Return from all traces, and nothing else, what the triggers keep."""
    rows = db.execute("SELECT id, environment, test, file, at, sets FROM trace").fetchall()
    recordings = dict(db.execute("SELECT trace, recording FROM company"))
    newest: dict[tuple[str, str], tuple[float, int, str]] = {}
    for number, environment, test, _, at, sets in rows:
        key = (environment, test)
        if key not in newest or (-at, number) < (-newest[key][0], newest[key][1]):
            newest[key] = (at, number, sets)
    return {
        "used": {(int(one), row[0]) for row in rows for one in row[5].split()},
        "latest": {
            (number, recordings.get(number, 0), int(sets.split()[-1]))
            for _, number, sets in newest.values()
        },
    }


def kept(db: sqlite3.Connection) -> dict[str, set[tuple[object, ...]]]:
    return {
        "used": set(db.execute("SELECT id, trace FROM used")),
        "latest": set(db.execute("SELECT trace, recording, last FROM latest")),
    }


def write_much(path: Path, seed: int, problems: list[str]) -> None:
    """Record, drop, forget and bound, as a process does that has the store open for a while."""
    chance = random.Random(seed)
    for _ in range(5):
        with Store(path) as store:
            for _ in range(2):
                happen(store, chance, environment=chance.choice([ENV, "other"]))
            if chance.random() < 0.4:
                store._db.execute("BEGIN IMMEDIATE")
                assert tidy(store._db, limit=0, per_test=0)
                store._db.execute("COMMIT")
            if store.problem is not None or not store.is_kept:
                problems.append(str(store.problem))


@pytest.mark.parametrize("seed", range(3))
def test_they_stay_true_whoever_writes_at_the_same_time(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "e.sqlite"
    problems: list[str] = []
    writers = [
        threading.Thread(target=write_much, args=(path, seed * 10 + n, problems)) for n in range(4)
    ]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert problems == []
    with Store(path) as store:
        assert kept(store._db) == computed(store._db)
        for environment in (ENV, "other"):
            is_true(store.moment(environment))
