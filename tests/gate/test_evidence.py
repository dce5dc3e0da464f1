"""Evidence at work in the real command: what is reused, what runs, what stays exact."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Project

MODULE = """\
LIMIT = 3


def used(x):
    if x > 5:
        return 0
    return x + LIMIT


def other(x):
    return x
"""
TESTS = """\
from m import other, used


def test_used():
    assert used(1) == 4


def test_other():
    assert other(1) == 1
"""


@pytest.fixture
def recorded(empty_project: Project) -> Project:
    """A project with two tests, both recorded."""
    empty_project.commit({"m.py": MODULE, "test_m.py": TESTS}, "base")
    done = empty_project.covgate("record")
    assert (done.code, done.err) == (0, "")
    assert done.out == "recorded 2 tests; the traces of 0 others hold\n"
    return empty_project


def edit(old: str, new: str) -> dict[str, str]:
    assert old in MODULE
    return {"m.py": MODULE.replace(old, new)}


def test_recording_again_runs_nothing(recorded: Project) -> None:
    assert recorded.covgate("record").out == "recorded 0 tests; the traces of 2 others hold\n"


def test_only_what_the_change_reaches_runs_and_says_why(recorded: Project) -> None:
    recorded.stage(edit("return x + LIMIT", "return LIMIT + x"))
    answer = recorded.check()
    assert answer.ran == ["test_m.py::test_used"]
    assert answer.data["tests"]["selected"][0]["why"] == "it runs used of m.py, which changed"
    assert answer.data["tests"]["reused"] == 1
    assert answer.code == 0


def test_every_file_that_cannot_be_collected_is_named(empty_project: Project) -> None:
    files = [f"test_{name}.py" for name in "abc"]
    empty_project.commit({"m.py": MODULE, **dict.fromkeys(files, TESTS)}, "base")
    assert empty_project.covgate("record").code == 0
    empty_project.stage({"m.py": f"import nowhere\n{MODULE}"})
    answer = empty_project.check("--only=tests-fail")
    assert answer.code == 1
    assert [finding["path"] for finding in answer.data["findings"]] == files


@pytest.mark.parametrize(
    ("old", "new", "covered", "uncovered"),
    [
        pytest.param("LIMIT = 3", "LIMIT = 3  # three", [1], [], id="comment on a constant"),
        pytest.param("return x\n", "return x  # as it is\n", [11], [], id="comment in a body"),
        pytest.param("return 0", "return 0  # nothing", [], [6], id="comment on a line never run"),
        pytest.param("return 0", "return -1", [], [6], id="a line never run"),
        pytest.param("LIMIT = 3\n", "LIMIT = 3\nMORE = 4\n", [2], [], id="an unused constant"),
        pytest.param(
            "def other",
            "def unused():\n    return 1\n\n\ndef other",
            [10],
            [11],
            id="an unused function",
        ),
    ],
)
def test_coverage_is_exact_although_nothing_runs(
    recorded: Project, old: str, new: str, covered: list[int], uncovered: list[int]
) -> None:
    recorded.stage(edit(old, new))
    answer = recorded.check()
    assert answer.ran == []
    assert answer.data["diff_coverage"]["files"]["m.py"] == {
        "covered": covered,
        "uncovered": uncovered,
    }
    everything = recorded.check("--run-all").data["diff_coverage"]
    assert everything["files"] == answer.data["diff_coverage"]["files"]


def test_going_back_finds_earlier_evidence(recorded: Project) -> None:
    recorded.commit(edit("return x\n", "return x + 0\n"))
    recorded.covgate("record")
    recorded.stage({"m.py": MODULE})
    assert recorded.check().ran == []


def test_what_failed_runs_until_it_passes(recorded: Project) -> None:
    recorded.stage(edit("return x + LIMIT", "return x"))
    first = recorded.check()
    assert (first.code, first.ran) == (1, ["test_m.py::test_used"])
    again = recorded.check()
    assert (again.code, again.ran) == (1, ["test_m.py::test_used"])
    why = again.data["tests"]["selected"][0]["why"]
    assert why == "it failed last time, and nothing has changed for it"
    recorded.stage({"m.py": MODULE, "notes.md": "text\n"})
    assert recorded.check().code == 0


def test_a_damaged_store_is_set_aside_and_the_answer_stays_right(recorded: Project) -> None:
    place = recorded.root / ".git" / "covgate" / "evidence.sqlite"
    for suffix in ("-wal", "-shm"):
        place.with_name(place.name + suffix).unlink(missing_ok=True)
    place.write_bytes(b"damaged" * 1000)
    recorded.stage(edit("return x + LIMIT", "return x"))
    answer = recorded.check()
    assert answer.code == 1
    assert answer.data["tests"]["failed"] == ["test_m.py::test_used"]
    assert [p for p in place.parent.iterdir() if "unusable" in p.name]


def test_what_each_shell_and_each_call_has_anew_is_no_evidence(empty_project: Project) -> None:
    reads = "import os\n\n\ndef test_all():\n    assert dict(os.environ)\n"
    empty_project.commit({"test_m.py": reads})
    empty_project.env.update({"SHLVL": "1", "_": "/usr/bin/nice", "OLDPWD": "/", "OTHER": "1"})
    assert empty_project.covgate("record").code == 0
    empty_project.env.update({"SHLVL": "2", "_": "/usr/bin/env"})
    del empty_project.env["OLDPWD"]
    assert empty_project.covgate("record").out == ("recorded 0 tests; the trace of 1 other holds\n")
    empty_project.env["OTHER"] = "2"
    assert empty_project.covgate("record").out == ("recorded 1 test; the traces of 0 others hold\n")


def test_what_killed_runs_left_is_removed_after_a_day(recorded: Project) -> None:
    left = recorded.root / ".git" / "covgate"
    for name in ("run-old", "run-new"):
        (left / name / "tree").mkdir(parents=True)
    old = time.time() - 25 * 3600
    os.utime(left / "run-old", (old, old))
    recorded.stage(edit("x > 5", "x > 6"))
    assert recorded.check().code == 0
    assert [folder.name for folder in left.glob("run-*")] == ["run-new"]


def test_a_flaky_test_is_named(recorded: Project) -> None:
    recorded.commit({"test_f.py": "import time\n\n\ndef test_f():\n    assert time.time() % 2\n"})
    recorded.covgate("record")
    place = recorded.root / ".git" / "covgate" / "evidence.sqlite"
    with sqlite3.connect(place) as db:
        db.execute(
            "INSERT INTO trace (environment, test, file, outcome, seconds, at, sets) SELECT "
            "environment, test, file, 'failed', seconds, at - 1, sets FROM trace WHERE test LIKE '%f'"
        )
    db.close()
    recorded.stage({"notes.md": "text\n"})
    answer = recorded.check()
    assert "test_f.py::test_f" in answer.ran
    assert any("test_f.py::test_f ends in different ways" in n for n in answer.data["notes"])


def test_status_says_how_much_is_known(recorded: Project) -> None:
    recorded.stage(edit("return x\n", "return x + 0\n"))
    answer = recorded.covgate("status")
    assert answer.code == 0
    assert answer.out.startswith("1 of 2 known tests have a trace that holds\n")
    assert "test_m.py::test_other: it runs other of m.py, which changed" in answer.out


def test_status_of_nothing(empty_project: Project) -> None:
    empty_project.commit({"m.py": MODULE}, "base")
    assert "nothing is recorded" in empty_project.covgate("status").out


@pytest.mark.parametrize(
    ("thing", "told"),
    [
        pytest.param("test_m.py::test_used", "  runs used of m.py\n", id="a test"),
        pytest.param("m.py", "2 tests depend on m.py\n", id="a file"),
        pytest.param("m.py:11", "1 tests run m.py:11\n  test_m.py::test_other\n", id="a line"),
        pytest.param("m.py:6", "0 tests run m.py:6\n", id="a line that nobody runs"),
    ],
)
def test_explain(recorded: Project, thing: str, told: str) -> None:
    answer = recorded.covgate("explain", thing)
    assert answer.code == 0
    assert told in answer.out


@pytest.mark.parametrize("thing", ["test_m.py::test_none", "none.py", "m.py:x"])
def test_explain_of_something_unknown(recorded: Project, thing: str) -> None:
    answer = recorded.covgate("explain", thing)
    assert answer.code == 2
    assert "help:" in answer.err


def test_nothing_of_the_user_is_touched(recorded: Project) -> None:
    recorded.stage(edit("return x\n", "return x + 0\n"))
    before = recorded.state()
    recorded.check()
    recorded.covgate("record")
    recorded.covgate("status")
    assert recorded.state() == before
