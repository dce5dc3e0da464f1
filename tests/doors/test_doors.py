"""The doors of docs/doors.md, a test for each row: what comes in by them is judged the same way.

The rule needs no test run, so a door costs little; its findings show what is judged. Each answer is
compared byte for byte, apart from timing, with what `covgate check` says when it is called by hand.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conftest import BASE_MODULE, BASE_TEST, Project

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DOCS = Path(__file__).parents[2] / "docs" / "doors.md"
RULE = ("--only", "skip-without-reason")
SKIP = "import pytest\n\n\n@pytest.mark.skip\ndef test_{n}():\n    assert True\n"
CONFIG = """\
repos:
  - repo: local
    hooks:
      - id: gate
        name: gate
        entry: {entry}
        language: system
        pass_filenames: false
        always_run: true
        require_serial: true
        stages: [pre-commit, pre-merge-commit, pre-push, manual]
"""


class House:
    """A clone of a bare remote that has a base commit, with `gate` as its hook."""

    gate = shlex.join(
        [sys.executable, "-m", "covgate", "check", *RULE, "--format", "json:../answer.json"]
    )

    def __init__(self, folder: Path, project: Project) -> None:
        self.project = project
        self.answer = folder / "answer.json"
        self.base = project.git("rev-parse", "HEAD")

    def skip(self, name: str) -> dict[str, str]:
        return {f"test_{name}.py": SKIP.format(n=name)}

    def stage(self) -> None:
        self.project.stage(self.skip("new"))

    def branch(self, name: str) -> str:
        """Make a branch with a commit of its own, past the gate; returns the commit."""
        self.project.git("checkout", "-q", "-b", name, self.base)
        return self.project.commit(self.skip(name))

    def script(self, hook: str, text: str, folder: str = ".git/hooks") -> None:
        place = self.project.root / folder / hook
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"#!/bin/sh\n{text}\n")
        place.chmod(0o755)

    def runner(self, name: str) -> str:
        return str(Path(sys.executable).parent / name)

    def install(self, runner: str) -> str:
        program = self.runner(runner)
        types = [f"--hook-type={t}" for t in ("pre-commit", "pre-merge-commit", "pre-push")]
        self.project.run(program, "install", *types, check=True)
        return program

    def run(self, *command: str) -> None:
        """Go through a door; the skip is found, so that it stays shut."""
        done = self.project.run(*command)
        assert done.code != 0, done
        assert self.answer.exists(), done

    def by_hand(self, *args: str) -> Any:
        return self.project.covgate("check", *RULE, "--format=json", *args).data

    def judged(self) -> Any:
        return json.loads(self.answer.read_text())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Project:
    """The house that every test gets a copy of, beside its remote."""
    folder = tmp_path_factory.mktemp("model")
    home = {name: str(folder / name.lower()) for name in ("PRE_COMMIT_HOME", "PREK_HOME")}
    project = Project(folder / "all" / "project", {**clean_env, **home})
    config = CONFIG.format(entry=House.gate)
    files = {".pre-commit-config.yaml": config, "m.py": BASE_MODULE, "test_m.py": BASE_TEST}
    project.commit(files, "base")
    project.git("init", "-q", "--bare", "../remote.git")
    project.git("remote", "add", "origin", "../remote.git")
    project.git("push", "-q", "origin", "main")
    return project


@pytest.fixture
def house(model: Project, tmp_path: Path) -> House:
    shutil.copytree(model.root.parent, tmp_path / "all")
    copied = Project.__new__(Project)
    copied.root, copied.env = tmp_path / "all" / "project", dict(model.env)
    return House(tmp_path / "all", copied)


def commit_through(runner: str) -> Callable[[House], Any]:
    def door(house: House) -> Any:
        house.install(runner)
        house.stage()
        house.run("git", "commit", "-m", "a change")
        return house.by_hand()

    return door


def run_all_files(house: House) -> Any:
    house.project.commit(house.skip("new"))
    house.run(house.runner("pre-commit"), "run", "--all-files")
    return house.by_hand()


def run_range(house: House) -> Any:
    tip = house.project.commit(house.skip("new"))
    ends = ("--from-ref", house.base, "--to-ref", tip)
    house.run(house.runner("prek"), "run", *ends)
    return house.by_hand(*ends)


def run_manual(house: House) -> Any:
    house.stage()
    house.run(house.runner("prek"), "run", "--hook-stage", "manual")
    return house.by_hand()


def merge(house: House) -> Any:
    house.branch("side")
    house.project.git("checkout", "-q", "main")
    house.project.commit({"other.py": "x = 1\n"})
    # What the other side brings was judged there; the merge adds a skip of its own.
    house.install("prek")
    house.project.git("merge", "-q", "--no-commit", "--no-verify", "side")
    house.stage()
    by_hand = house.by_hand()
    house.run("git", "commit", "-m", "merge")
    return by_hand


def clean_merge(house: House) -> Any:
    house.branch("side")
    house.project.git("checkout", "-q", "main")
    house.project.commit({"other.py": "x = 1\n"})
    house.install("prek")
    done = house.project.run("git", "merge", "-q", "--no-edit", "side")
    assert done.code == 0, done
    house.project.git("reset", "-q", "--hard", "HEAD~1")
    house.project.git("merge", "-q", "--no-commit", "--no-verify", "side")
    return house.by_hand()


def push_new_branch(house: House) -> Any:
    tip = house.branch("work")
    house.install("pre-commit")
    house.run("git", "push", "-q", "origin", "work")
    return house.by_hand("--from-ref", house.base, "--to-ref", tip)


def push_to_branch(house: House) -> Any:
    tip = house.project.commit(house.skip("new"))
    house.install("prek")
    house.run("git", "push", "-q", "origin", "main")
    return house.by_hand("--from-ref", house.base, "--to-ref", tip)


def push_several_through_runner(house: House) -> Any:
    tip = house.branch("one")
    house.branch("two")
    house.install("pre-commit")
    house.run("git", "push", "-q", "origin", "one", "two")
    return house.by_hand("--from-ref", house.base, "--to-ref", tip)


def push_deletion(house: House) -> None:
    house.project.git("push", "-q", "origin", "main:gone")
    house.install("prek")
    done = house.project.run("git", "push", "-q", "origin", ":gone")
    assert done.code == 0, done


def first_push(house: House) -> Any:
    house.project.git("push", "-q", "origin", "main:other")
    house.project.git("init", "-q", "--bare", "../fresh.git")
    house.project.git("remote", "add", "fresh", "../fresh.git")
    house.project.commit(house.skip("new"))
    house.install("pre-commit")
    house.run("git", "push", "-q", "fresh", "main")
    return house.by_hand("--to-ref", "refs/heads/main")


def plain_commit(house: House) -> Any:
    house.script("pre-commit", f"exec {house.gate}")
    house.stage()
    house.run("git", "commit", "-m", "a change")
    return house.by_hand()


def plain_push(house: House) -> Any:
    """Two branches and a deletion: the one that is not right is told, with the other's name."""
    house.project.git("push", "-q", "origin", "main:gone")
    tip = house.branch("bad")
    house.project.git("checkout", "-q", "-b", "good", house.base)
    house.project.commit({"other.py": "x = 1\n"})
    house.script("pre-push", f'exec {house.gate} --pre-push "$@"')
    house.run("git", "push", "-q", "origin", "bad", "good", ":gone")
    by_hand = house.by_hand("--from-ref", house.base, "--to-ref", tip)
    note = "this is of refs/heads/bad; of the same push: refs/heads/good passed"
    return {**by_hand, "notes": [note, *by_hand["notes"]]}


def husky(house: House) -> Any:
    """husky 9 points core.hooksPath at `.husky/_`, whose scripts run `.husky/<hook>` with sh -e."""
    house.script("pre-commit", 'sh -e "$(dirname "$(dirname "$0")")/pre-commit" "$@"', ".husky/_")
    house.script("pre-commit", house.gate, ".husky")
    house.project.git("config", "core.hooksPath", ".husky/_")
    house.stage()
    house.run("git", "commit", "-m", "a change")
    return house.by_hand()


def lefthook(house: House) -> Any:
    """lefthook hides unstaged changes, and runs each command with `sh -c`, without a stdin."""
    hide = "git diff --binary > .git/lefthook.patch && git checkout -q -- ."
    show = "git apply .git/lefthook.patch"
    house.script(
        "pre-commit", f"{hide}\nsh -c '{house.gate}' </dev/null; code=$?\n{show}\nexit $code"
    )
    house.stage()
    house.project.write({"m.py": BASE_MODULE + "# unstaged\n"})
    house.run("git", "commit", "-m", "a change")
    assert (house.project.root / "m.py").read_text().endswith("# unstaged\n")
    return house.by_hand()


def lint_staged(house: House) -> Any:
    """lint-staged keeps a backup in a stash commit, and runs a function's command as it is."""
    house.script("pre-commit", f"git stash create >/dev/null\nexec {house.gate} </dev/null")
    house.stage()
    house.project.write({"m.py": BASE_MODULE + "# unstaged\n"})
    house.run("git", "commit", "-m", "a change")
    return house.by_hand()


def ci(house: House) -> Any:
    house.project.commit(house.skip("new"))
    found = house.project.covgate("ci", *RULE, "--format=json", "--base", house.base)
    house.answer.write_text(found.out)
    by_hand = house.by_hand("--from-ref", house.base, "--to-ref", "HEAD")
    judged = found.data
    # The words for what is compared are those of CI.
    return {**by_hand, "why_mode": judged["why_mode"], "notes": judged["notes"]}


DOORS: dict[str, Callable[[House], Any]] = {
    "`git commit`, pre-commit": commit_through("pre-commit"),
    "`git commit`, prek": commit_through("prek"),
    "`pre-commit run --all-files`": run_all_files,
    "`--from-ref A --to-ref B`": run_range,
    "stage `manual`": run_manual,
    "`git commit` of a merge": merge,
    "stage `pre-merge-commit`": clean_merge,
    "stage `pre-push`, new branch": push_new_branch,
    "stage `pre-push`, known branch": push_to_branch,
    "stage `pre-push`, several refs": push_several_through_runner,
    "stage `pre-push`, deletion": push_deletion,
    "stage `pre-push`, first push": first_push,
    "`.git/hooks/pre-commit`": plain_commit,
    "`.git/hooks/pre-push`": plain_push,
    "husky": husky,
    "lefthook": lefthook,
    "lint-staged": lint_staged,
    "`covgate ci`": ci,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
def test_every_door_leads_to_the_same_answer(house: House, door: Callable[[House], Any]) -> None:
    by_hand = door(house)
    if by_hand is None:
        assert not house.answer.exists()
        return
    assert _without_timing(house.judged()) == _without_timing(by_hand)


def test_the_table_in_the_docs_has_these_doors() -> None:
    rows = re.findall(r"(?m)^\| (.+?) \|", DOCS.read_text())
    assert [row for row in rows if row not in ("door", "---")] == list(DOORS)


def _without_timing(answer: Any) -> str:
    return json.dumps({**answer, "timing": None}, indent=2)
