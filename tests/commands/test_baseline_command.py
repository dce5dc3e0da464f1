"""`covgate baseline`, from the first day on, by the real command in a real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Answered, Project

FILE = ".covgate-baseline"
ONE = "import pytest\n\n\n@pytest.mark.skip\ndef test_one():\n    assert work(1) == [1]\n"
TWO = '\n\n@pytest.mark.skip(reason="")\ndef test_two():\n    assert play(2) is None\n'
PRAGMA = "def work(n):\n    if n > 9:  # pragma: no cover\n        return 0\n    return [n]\n"


def lines(project: Project) -> list[str]:
    text = (project.root / FILE).read_text()
    return [line for line in text.splitlines() if not line.startswith("#")]


def everything(project: Project) -> Answered:
    return project.check("--all", "--only", "skip-without-reason")


def test_a_project_adopts_the_hook_late(empty_project: Project) -> None:
    project = empty_project
    project.commit({"tests/test_a.py": ONE + TWO, "m.py": PRAGMA})
    assert everything(project).rules == ["config-weakened", *["skip-without-reason"] * 2]

    dry = project.covgate("baseline", "--dry-run")
    assert (dry.code, (project.root / FILE).exists()) == (0, False)
    assert project.covgate("baseline").code == 0
    first = [
        "config-weakened m.py::work",
        "skip-without-reason tests/test_a.py::test_one",
        "skip-without-reason tests/test_a.py::test_two",
    ]
    assert lines(project) == first
    project.git("add", FILE)
    staged = project.check("--only", "skip-without-reason")
    assert (staged.data["mode"], staged.rules) == ("staged", [])
    project.git("commit", "-q", "-m", "baseline")
    assert everything(project).rules == []

    # A new one is reported, and the baseline does not take it in.
    third = ONE.replace("one", "three")
    project.commit({"tests/test_c.py": third})
    assert [f["path"] for f in everything(project).data["findings"]] == ["tests/test_c.py"]
    told = project.covgate("baseline")
    assert "never grows" in told.out
    assert "tests/test_c.py::test_three" in told.out
    assert lines(project) == first

    # Neither by hand.
    project.stage({FILE: (project.root / FILE).read_text() + "skip-without-reason tests/test_c.py::test_three\n"})  # fmt: skip
    by_hand = project.check("--only", "skip-without-reason")
    [finding] = by_hand.data["findings"]
    assert (by_hand.code, finding["path"], finding["line"]) == (1, FILE, 6)
    project.git("checkout", "-q", "HEAD", "--", FILE)

    # A test that moves keeps its entry; one that gets a reason loses it.
    reasoned = TWO.replace('""', '"the ledger is not there yet, see #7"')
    moves = {"tests/test_a.py": None, "tests/test_b.py": ONE + reasoned, "tests/test_c.py": None}
    project.commit(moves)
    idle = everything(project)
    assert [(f["path"], f["severity"]) for f in idle.data["findings"]] == [
        (FILE, "warning"),
        ("tests/test_b.py", "error"),
    ]
    assert project.covgate("baseline").code == 0
    assert lines(project) == [
        "config-weakened m.py::work",
        "skip-without-reason tests/test_b.py::test_one",
    ]
    project.git("add", FILE)
    assert project.check("--only", "skip-without-reason").rules == []
    project.git("commit", "-q", "-m", "smaller")
    assert everything(project).rules == []
    again = project.covgate("baseline")
    assert "as before" in again.out


def test_outside_of_a_repository(empty_project: Project) -> None:
    (empty_project.root / "sub").mkdir()
    told = empty_project.covgate("baseline", GIT_DIR="/nowhere")
    assert told.code == 2
    assert "Traceback" not in told.err
