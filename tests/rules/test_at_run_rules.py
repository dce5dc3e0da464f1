"""From the facts of a run to findings on silent and hollow tests, without a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from staged import change

from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import HollowTest, SkipWithoutReason, TestFirst
from covgate.impact.selection import Selection
from covgate.rules import test_first
from covgate.rules.finding import Finding
from covgate.rules.silenced import at_run, gone
from covgate.rules.silenced.changed import Place, place_of
from covgate.rules.test_first import Red
from covgate.run import plan
from covgate.run.plan import MeasuredFile, Measurement, RunResult

if TYPE_CHECKING:
    from covgate.change.model import Change

PATH = "tests/test_a.py"
OLD = "def test_old(lab):\n    assert f() == 1\n"
EDITED = OLD.replace("== 1", "== 2")
NEW = OLD + "\n\ndef test_new(lab):\n    assert f() == 2\n"


def result(
    *tests: plan.TestRun, file: MeasuredFile | None = None, ids: tuple[str, ...] = ()
) -> RunResult:
    measured = Measurement({PATH: file} if file else {})
    return RunResult(0, ids or tuple(t.id for t in tests), tests, (), None, measured, (), "")


def skipped(name: str, reason: str | None, outcome: str = "skipped") -> plan.TestRun:
    return plan.TestRun(f"{PATH}::{name}", outcome, 0.1, PATH, 1, None, reason)


SAID = {
    "": False,
    "Skipped: ": False,
    "Skipped": False,
    "Skipped: unconditional skip": False,
    "<Skipped instance>": False,
    "Skipped: flaky": False,
    "Skipped: no network here": True,
    "Skipped: could not import 'numpy': No module named 'numpy'": True,
    "reason: rounding of halves": True,
}


@pytest.mark.parametrize("reason", SAID)
def test_which_words_of_a_run_are_a_reason(reason: str) -> None:
    judged = change({PATH: OLD}, {PATH: NEW})
    run = result(skipped("test_new", reason))
    found = list(at_run.unexplained(judged, run, {}, SkipWithoutReason()))
    assert len(found) == (not SAID[reason])


@pytest.mark.parametrize(
    ("after", "name", "earlier", "count"),
    [
        (NEW, "test_new", "", 1),
        (NEW, "test_old", "", 0),
        (NEW, "test_old", "passed", 1),
        (NEW, "test_old", "failed", 1),
        (NEW, "test_old", "skipped", 0),
        (EDITED, "test_old", "", 1),
        (EDITED, "test_old", "skipped", 0),
        (EDITED, "test_old", "xfailed", 0),
        (EDITED.replace("    assert", "    import pytest; pytest.skip(why())\n    assert"), "test_old", "", 0),
        (EDITED, "test_unknown", "", 0),
    ],
)  # fmt: skip
def test_whose_skips_are_reported(after: str, name: str, earlier: str, count: int) -> None:
    judged = change({PATH: OLD}, {PATH: after})
    known = {f"{PATH}::{name}": earlier} if earlier else {}
    found = list(at_run.unexplained(judged, result(skipped(name, "")), known, SkipWithoutReason()))
    assert len(found) == count


def test_the_level_decides() -> None:
    judged = change({PATH: OLD}, {PATH: NEW})
    run = result(skipped("test_new", ""))
    assert not list(at_run.unexplained(judged, run, {}, SkipWithoutReason(level="off")))
    [found] = at_run.unexplained(judged, run, {}, SkipWithoutReason(level="warning"))
    assert found.severity == "warning"


LOOP = "def test_new():\n    n = 1\n    for x in f(n):\n        assert x\n    print(n)\n"
PLAIN = "def test_new():\n    n = 1\n    print(n)\n    assert f(n)\n"
RETURN = "def test_new():\n    n = f(1)\n    if n:\n        return\n    assert n\n"


@pytest.mark.parametrize(
    ("text", "executed", "missing", "outcome", "line"),
    [
        (LOOP, {1, 2, 3, 5}, {4}, "passed", 4),
        (LOOP, {1, 2, 3, 4, 5}, set(), "passed", None),
        (LOOP, {1, 2, 3, 5}, set(), "passed", None),
        (LOOP, {1, 2, 3, 5}, {4}, "failed", None),
        (LOOP, {1}, {2, 3, 4, 5}, "passed", None),
        (PLAIN, {1, 2, 3}, {4}, "passed", None),
        (RETURN, {1, 2, 3, 4}, {5}, "passed", 5),
        (LOOP.replace("f(n)", "verify(n)"), {1, 2, 3, 5}, {4}, "passed", None),
        (LOOP.replace("def test_new", "def test_new_smoke"), {1, 2, 3, 5}, {4}, "passed", None),
    ],
)
def test_assertions_that_were_never_come_to(
    text: str, executed: set[int], missing: set[int], outcome: str, line: int | None
) -> None:
    judged = change({}, {PATH: text})
    file = MeasuredFile(True, True, frozenset(executed), frozenset(missing))
    name = text.partition("(")[0].removeprefix("def ")
    run = result(skipped(name, None, outcome), file=file)
    found = list(at_run.asserted_nothing(judged, run, HollowTest()))
    assert [f.line for f in found] == ([line] if line else [])


def test_nothing_is_said_of_files_that_are_not_measured() -> None:
    judged = change({}, {PATH: LOOP})
    run = result(skipped("test_new", None, "passed"), file=MeasuredFile(False, True))
    assert not list(at_run.asserted_nothing(judged, run, HollowTest()))


@pytest.mark.parametrize(
    ("id", "place"),
    [
        ("t.py::test_a", Place("t.py", "test_a")),
        ("t/t.py::TestA::TestB::test_a[x::y-[1]]", Place("t/t.py", "TestA.TestB.test_a")),
    ],
)
def test_what_a_node_id_names(id: str, place: Place) -> None:
    assert place_of(id) == place


TWO = "def test_a():\n    assert f()\n\n\ndef test_b(n):\n    assert f(n)\n"
A, B1, B2 = f"{PATH}::test_a", f"{PATH}::test_b[1]", f"{PATH}::test_b[2]"


@pytest.mark.parametrize(
    ("before", "after", "suite", "collected", "names"),
    [
        ({PATH: TWO}, {PATH: TWO, "x": "1"}, (A, B1, B2), (A, B1, B2), ()),
        ({PATH: TWO}, {PATH: TWO, "x": "1"}, (A, B1, B2), (A, B1), ("test_b",)),
        ({PATH: TWO}, {PATH: TWO + "# x\n"}, (A, B1, B2), (A, B1), ()),
        ({PATH: TWO}, {PATH: TWO + "# x\n"}, (), (B1, B2), ("test_a",)),
        ({PATH: TWO}, {PATH: TWO.replace("f()", "g()")}, (), (B1, B2), ()),
        ({PATH: TWO}, {PATH: TWO.partition("\n\n")[0]}, (A, B1, B2), (A,), ()),
        ({}, {PATH: TWO}, (A, B1), (A,), ()),
    ],
    ids=["all there", "a set less", "a set less in an edited file", "no evidence", "edited", "removed", "new"],
)  # fmt: skip
def test_which_tests_seem_to_be_gone(
    before: dict[str, str],
    after: dict[str, str],
    suite: tuple[str, ...],
    collected: tuple[str, ...],
    names: tuple[str, ...],
) -> None:
    selection = Selection(everything=True, suite={PATH: suite} if suite else {})
    found = gone.suspects(change(before, after), selection, result(ids=collected))
    assert sorted(place.name for place in found.places) == list(names)


def test_a_finding_of_the_static_rule_explains_a_loss() -> None:
    judged = change({PATH: TWO}, {PATH: TWO})
    hook = Finding("skip-without-reason", "a hook", "tests/conftest.py", 3)
    assert len(list(gone.find(judged, (A, B1), (), SkipWithoutReason()))) == 1
    assert not list(gone.find(judged, (A, B1), (hook,), SkipWithoutReason()))
    assert not list(gone.find(judged, (A,), (), SkipWithoutReason(level="off")))


SOURCE = {"app.py": "x = 1\n"}


@pytest.mark.parametrize(
    ("source", "red", "count", "notes"),
    [
        (True, Red({A: "passed", B1: "failed"}, frozenset(), None), 1, 0),
        (True, Red({A: "passed", B1: "passed", B2: "passed"}, frozenset(), None), 2, 0),
        (True, Red({A: "passed"}, frozenset({A}), True), 0, 0),
        (True, Red({A: "passed"}, frozenset({A}), False), 1, 0),
        (True, Red({A: "error"}, frozenset({A}), False), 0, 0),
        (False, Red({A: "passed"}, frozenset(), False), 0, 0),
        (False, Red({A: "passed"}, frozenset({A}), False), 1, 0),
        (False, Red({A: "passed"}, frozenset({A}), None), 0, 1),
        (True, Red({}, frozenset(), None, "it could not run"), 0, 1),
    ],
)
def test_what_passes_without_the_change(source: bool, red: Red, count: int, notes: int) -> None:
    judged: Change = change(
        {**SOURCE}, {**({"app.py": "x = 2\n"} if source else SOURCE), PATH: TWO}
    )
    verdict = test_first.find(judged, red, TestFirst(level="error"))
    assert (len(verdict.findings), len(verdict.notes)) == (count, notes)


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("tests/data/x.json", True),
        ("src/conftest.py", True),
        ("app/test_x.py", True),
        ("app/tests/helper.py", True),
        ("app/x.py", False),
        ("latest/x.py", False),
    ],
)
def test_which_side_a_file_is_on(path: str, is_test: bool) -> None:
    assert test_first.is_test_side(path, MemorySnapshot({path: ""})) == is_test
