"""The same question is answered from a receipt, and only while nothing has changed."""

from __future__ import annotations

import getpass
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from conftest import BASE_MODULE, Project
from covgate.change.reading import Request
from covgate.errors import UndecidedError
from covgate.gate.judging import judge
from covgate.gate.question import Question
from covgate.gate.receipts import passes
from covgate.git.repository import discover

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from covgate.config.model import Settings

# Reads a file outside of the tree, and one that is there only while the tests run.
TEST = """\
from m import f


def test_f(tmp_path):
    (tmp_path / "own").write_text("1")
    assert f(1) == int((tmp_path / "own").read_text()) + 1
    with open({outside!r}) as stream:
        assert stream.read() != "bad"
"""


class Recorded:
    """A project whose staged change has passed, and the file outside that its test reads."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.outside = folder / "outside"
        self.outside.write_text("good")
        self.project = Project(folder / "project", env)
        self.project.commit({"m.py": BASE_MODULE, "README": "text\n"})
        test = TEST.format(outside=str(self.outside))
        self.project.stage({"m.py": BASE_MODULE.replace("x + 1", "1 + x"), "test_m.py": test})
        self.first = self.project.check()

    @property
    def receipts(self) -> list[Path]:
        return sorted((self.project.root / ".git" / "covgate" / "receipts").glob("*"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Recorded:
    return Recorded(tmp_path_factory.mktemp("receipts"), clean_env)


def test_the_first_answer_is_judged(recorded: Recorded) -> None:
    assert (recorded.first.code, recorded.first.data["receipt"]) == (0, None)


def test_the_same_question_is_answered_from_the_receipt(recorded: Recorded) -> None:
    answer = recorded.project.check()
    first, second = recorded.first.data, answer.data
    assert second["receipt"].startswith("20")
    assert "tests" not in second["timing"]
    assert second["notes"][0].startswith(f"from the receipt of {second['receipt'][:10]}")
    for data in (first, second):
        for key in ("timing", "notes", "receipt"):
            del data[key]
    assert first == second


def test_the_text_says_when_it_passed(recorded: Recorded) -> None:
    answer = recorded.project.covgate("check", "--target=100")
    assert answer.out.startswith("covgate: passed - 1 test passed 20")
    assert "--no-receipt" in answer.out


def is_judged(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, env: Mapping[str, str], **asked: Any
) -> bool:
    """Whether a question is judged rather than answered from a receipt."""

    def stop(*_: object) -> None:
        raise UndecidedError("it is judged")

    def target(settings: Settings) -> Settings:
        coverage = replace(settings.diff_coverage, target=asked.pop("target", 100.0))
        return replace(settings, diff_coverage=coverage)

    monkeypatch.setattr("covgate.gate.judging._answer", stop)
    project = recorded.project
    options = {"receipts": True, "adjust": target, **asked}
    options.pop("target", None)
    try:
        judge(Question(project.root, {**project.env, **env}, Request(), **options))
    except UndecidedError:
        return True
    return False


@pytest.mark.parametrize(
    ("env", "asked", "judged"),
    {
        "same": ({}, {}, False),
        "no-receipts": ({}, {"receipts": False}, True),
        "everything-run": ({}, {"run_all": True}, True),
        "fewer-rules": ({}, {"only": frozenset({"tests-fail"})}, True),
        "other-target": ({}, {"target": 90.0}, True),
        "other-day": ({"COVGATE_TODAY": "2031-01-01"}, {}, True),
        "other-variable": ({"MODE": "fast"}, {}, True),
        "in-a-hook": ({"PRE_COMMIT": "1", "GIT_AUTHOR_DATE": "@1 +0000", "SHLVL": "9"}, {}, False),
    }.values(),
    ids=lambda case: "" if isinstance(case, (dict, bool)) else None,
)
def test_only_the_same_question_is_answered(
    recorded: Recorded,
    monkeypatch: pytest.MonkeyPatch,
    env: dict[str, str],
    asked: dict[str, Any],
    judged: bool,
) -> None:
    assert is_judged(recorded, monkeypatch, env, **asked) is judged


def test_repositories_in_old_folders_that_pytest_removes_are_no_matter(
    recorded: Recorded, tmp_path: Path
) -> None:
    for number in range(5):
        old = tmp_path / f"pytest-of-{getpass.getuser()}" / f"pytest-{number}"
        (old / "test_x0" / ".git" / "objects").mkdir(parents=True)
    env = {"TMPDIR": str(tmp_path)}

    first, second = recorded.project.check(**env), recorded.project.check(**env)

    assert (first.code, first.data["receipt"]) == (0, None)
    assert second.data["receipt"]


def test_a_file_outside_that_the_test_read_makes_it_void(recorded: Recorded) -> None:
    recorded.outside.write_text("bad")
    assert recorded.project.check().code == 1
    recorded.outside.write_text("good")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"world": "x", "outside": 3}'], ids=repr)
def test_a_broken_receipt_is_ignored(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    kept = {place: place.read_text() for place in recorded.receipts}
    for place in kept:
        place.write_text(text)
    try:
        assert is_judged(recorded, monkeypatch, {})
        assert list(passes(discover(recorded.project.root, recorded.project.env))) == []
    finally:
        for place, old in kept.items():
            place.write_text(old)


def test_amending_the_message_answers_from_the_receipt_and_bypassing_is_found(
    recorded: Recorded,
) -> None:
    project = recorded.project
    hook = project.root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\nexec "$PYTHON_OF_COVGATE" -m covgate check\n')
    hook.chmod(0o755)
    project.env["PYTHON_OF_COVGATE"] = sys.executable
    committed = project.run("git", "commit", "-m", "first words")
    assert committed.code == 0, committed
    amended = project.run("git", "commit", "--amend", "-m", "better words")
    assert (amended.code, "from the receipt of" in amended.err + amended.out) == (0, True)
    project.commit({"m.py": BASE_MODULE + "\n\ndef h(x):\n    return x\n"}, "past the gate")

    listed = project.covgate("ci", "--base=HEAD~2", "--bypassed", "--format=json")

    assert listed.code == 1
    found = [(one["subject"], one["verdict"]) for one in listed.data["commits"]]
    assert found == [("better words", "pass"), ("past the gate", "block")]
    assert [bool(one["receipt"]) for one in listed.data["commits"]] == [True, False]
