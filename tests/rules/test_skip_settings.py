"""Levels, the issue pattern, merges and everything mode of the static test rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staged import PROJECT, change, hollows, skips, staged

from covgate.change.model import Base, Change, FileChange
from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import HollowTest, SkipWithoutReason
from covgate.rules import hollow_test, skip_without_reason

if TYPE_CHECKING:
    from pathlib import Path

PATH = "tests/test_a.py"
BARE = "import pytest\n@pytest.mark.skip\ndef test_a():\n    assert f()\n"
REASONED = BARE.replace("skip\n", 'skip(reason="needs the ledger")\n')
HOLLOW = "def test_a():\n    f()\n"


def test_off_and_warning() -> None:
    judged = staged({}, {PATH: BARE})
    assert skip_without_reason.find(judged, SkipWithoutReason(level="off")) == []
    found = skip_without_reason.find(judged, SkipWithoutReason(level="warning"))
    assert [f.severity for f in found] == ["warning"]
    judged = staged({}, {PATH: HOLLOW})
    assert hollow_test.find(judged, HollowTest(level="off")) == []
    assert [f.severity for f in hollow_test.find(judged, HollowTest(level="warning"))] == [
        "warning"
    ]


def test_issue_pattern() -> None:
    assert skips(staged({}, {PATH: REASONED}), r"[A-Z]+-\d+")
    tracked = REASONED.replace("needs", "SHOP-3: needs")
    assert skips(staged({}, {PATH: tracked}), r"[A-Z]+-\d+") == []


def test_issue_pattern_leaves_old_reasons_alone() -> None:
    edited = REASONED.replace("f()", "f(1)")
    assert skips(staged({PATH: REASONED}, {PATH: edited}), r"[A-Z]+-\d+") == []


def merge(ours: dict[str, str], theirs: dict[str, str], merged: dict[str, str]) -> Change:
    bases = tuple(MemorySnapshot({**PROJECT, **files}) for files in (ours, theirs))
    files = tuple(
        FileChange(path, path if path in ours or path in theirs else None, "modified", None, None)
        for path in merged
    )
    names = (Base("HEAD", "a", "a"), Base("MERGE_HEAD", "b", "b"))
    return Change("merge", "a merge", names, bases, MemorySnapshot({**PROJECT, **merged}), files)


def test_a_skip_of_either_parent_is_not_added_by_the_merge() -> None:
    live = "def test_a():\n    assert f()\n"
    assert skips(merge({PATH: live}, {PATH: BARE}, {PATH: BARE})) == []
    assert skips(merge({PATH: BARE}, {PATH: live}, {PATH: BARE})) == []
    assert len(skips(merge({PATH: live}, {PATH: live}, {PATH: BARE}))) == 1


def test_a_hollow_test_of_either_parent_is_not_changed_by_the_merge() -> None:
    other = "def test_a():\n    assert f()\n"
    assert hollows(merge({PATH: other}, {PATH: HOLLOW}, {PATH: HOLLOW})) == []
    assert len(hollows(merge({PATH: other}, {PATH: other}, {PATH: HOLLOW}))) == 1


def everything(files: dict[str, str]) -> Change:
    judged = change({}, {**PROJECT, **files})
    return Change("all", "everything", judged.bases, judged.before, judged.target, judged.files)


def test_everything_mode_reports_all_skips_and_no_hollow_tests() -> None:
    judged = everything({PATH: BARE, "tests/test_b.py": REASONED, "tests/test_c.py": HOLLOW})
    assert [f.path for f in skips(judged)] == [PATH]
    assert hollows(judged) == []


def test_everything_mode_follows_decorators_without_a_telling_name() -> None:
    files = {
        "tests/__init__.py": "",
        "tests/marks.py": "import pytest\nparked = pytest.mark.skip\n",
        PATH: "from tests.marks import parked\n\n\n@parked\ndef test_a():\n    assert f()\n",
    }
    assert [(f.path, f.line) for f in skips(everything(files))] == [(PATH, 4)]


def test_everything_mode_follows_helpers_of_other_modules(tmp_path: Path) -> None:
    before = {
        "tests/__init__.py": "",
        "tests/support.py": "import pytest\ndef need(why=''):\n    print(why)\n",
        PATH: "from tests.support import need\ndef test_a():\n    need()\n    assert f()\n",
    }
    after = {
        **before,
        "tests/support.py": before["tests/support.py"].replace("print", "pytest.skip"),
    }
    memory, settings = tmp_path / "memory", SkipWithoutReason()
    assert skip_without_reason.find(everything(before), settings, memory) == []
    found = skip_without_reason.find(everything(after), settings, memory)
    assert [(f.path, f.line) for f in found] == [(PATH, 3)]


def test_the_first_commit_reports_a_file_that_does_not_parse() -> None:
    assert len(skips(change({}, {PATH: "def test_a(:\n"}))) == 1
