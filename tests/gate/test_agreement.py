"""For little projects and edits made at random, the gate says what a full run says.

`COVGATE_AGREEMENT=MINUTES` runs new examples for so long; a few fixed ones are always run.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from little_projects import VALUE, Little, Maker, edited

from covgate.change.reading import Request
from covgate.errors import CovgateError
from covgate.gate.judging import judge
from covgate.gate.question import Question
from covgate.gate.recording import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from random import Random

MINUTES = float(os.environ.get("COVGATE_AGREEMENT", "0"))
# Runs the whole suite under coverage; writes outcomes, errors of collection and missing lines.
FULL_RUN = """\
import json, sys
import coverage
measured = coverage.Coverage(data_file=None)
measured.start()
import pytest
class Log:
    failed, broken, ran = set(), [], 0
    def pytest_runtest_logreport(self, report):
        self.ran += report.when == "call"
        if report.failed:
            self.failed.add(report.nodeid)
    def pytest_collectreport(self, report):
        if report.failed:
            self.broken.append(report.nodeid)
log = Log()
status = int(pytest.main(["-q", "-p", "no:cacheprovider"], plugins=[log]))
measured.stop()
missing = {}
for path in json.loads(sys.argv[1]):
    try:
        missing[path] = measured.analysis2(path)[3]
    except coverage.CoverageException:
        pass
print("\\nFOUND" + json.dumps([status, sorted(log.failed), log.broken, missing, log.ran]))
"""
# Renders the expressions whose values the tests expect.
VALUES = """\
import json, sys
sys.path.insert(0, ".")
sys.dont_write_bytecode = True
found = []
for head, expression in json.load(sys.stdin):
    space = {}
    try:
        exec(head, space)
        found.append(repr(eval(expression, space)))
    except Exception as error:
        found.append(repr(type(error).__name__))
print(json.dumps(found))
"""


class Ground:
    """A repository with one little project."""

    def __init__(self, root: Path, env: Mapping[str, str], bytecode: Path) -> None:
        self.root, self.env = root, dict(env)
        root.mkdir()
        self.git("init", "-q")
        (root / ".git" / "covgate").mkdir()
        (root / ".git" / "covgate" / "bytecode").symlink_to(bytecode)

    def run(self, *command: str, given: str = "") -> str:
        done = subprocess.run(
            command, cwd=self.root, env=self.env, input=given, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        return done.stdout

    def git(self, *words: str) -> None:
        self.run("git", *words)

    def commit(self) -> None:
        """Commit what is staged, past the gate."""
        who = ("-c", "user.name=A", "-c", "user.email=a@b.invalid")
        self.git(*who, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "a change")

    def put(self, project: Little) -> None:
        """Write a project, and stage it."""
        for path in self.root.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for name, text in project.texts().items():
            (self.root / name).write_text(text)
        self.git("add", "-A")

    def fill_in(self, project: Little) -> None:
        """Put the values that the code has into the tests."""
        self.put(project)
        asked = []
        for path, parts in project.files.items():
            if path.startswith("test_"):
                head = "\n".join(part for part in parts if part.startswith(("import", "from")))
                asked += [(head, m.group(1)) for part in parts for m in VALUE.finditer(part)]
        answer = self.run(self.env["COVGATE_PYTHON"], "-c", VALUES, given=json.dumps(asked))
        values = iter(json.loads(answer))
        for path, parts in project.files.items():
            if path.startswith("test_"):
                parts[:] = [VALUE.sub(lambda _: next(values), part) for part in parts]

    def full_run(self) -> tuple[int, list[str], list[str], dict[str, list[int]], int]:
        """Return status, failed tests, files that can't be collected, missing lines, tests run."""
        env_python = self.env["COVGATE_PYTHON"]
        names = json.dumps([p.name for p in self.root.glob("*.py")])
        out = self.run(env_python, "-B", "-c", FULL_RUN, names)
        status, failed, broken, missing, ran = json.loads(out.rpartition("FOUND")[2])
        return status, failed, broken, missing, ran


class Seen:
    """What was looked at, to be told at the end of a long run."""

    examples = edits = tests = ran = failing = 0


def agree(ground: Ground, story: list[str]) -> None:
    """Judge what is staged, and compare with the full run."""
    try:
        answer = judge(Question(ground.root, ground.env, Request()))
    except CovgateError as error:
        answer, said = None, error.message
        if "does not parse" in said:  # a changed file, whether a test imports it or not
            return
    status, failed, broken, missing, ran = ground.full_run()
    told = "\n".join(story)
    Seen.edits += 1
    Seen.tests += ran
    Seen.failing += bool(failed)
    if status not in (0, 1) or broken:
        assert answer is None or answer.verdict == "block", f"nothing said, {status}\n{told}"
        return
    assert answer is not None, f"{said}\n{told}"
    Seen.ran += len(answer.tests.selected)
    assert list(answer.tests.failed) == failed, f"ran {answer.tests.selected}\n{told}"
    for path, lines in (answer.diff_coverage.files if answer.diff_coverage else {}).items():
        if path in missing:
            measured = {*lines.covered, *lines.uncovered}
            expected = sorted(measured & {*missing[path]})
            assert sorted(lines.uncovered) == expected, f"lines of {path}\n{told}"


def live(ground: Ground, random: Random, edits: int) -> None:
    """Make a project, record it, and let it live through some edits."""
    project = Maker(random).make()
    ground.fill_in(project)
    ground.put(project)
    ground.commit()
    assert record(ground.root, ground.env).problem is None
    story = [f"# {path}\n{text}" for path, text in project.texts().items()]
    Seen.examples += 1
    for _ in range(edits):
        # Some edits come on top of the last, others go back to the base.
        while random.random() < 0.3:  # a pull, or a commit that nobody looked at
            project, said = edited(project, random)
            story.append(f"CAME {said}")
            ground.put(project)
            ground.commit()
        before = project
        after, said = edited(before, random)
        story.append(f"EDIT {said}")
        ground.put(after)
        agree(ground, story)
        if random.random() < 0.5:
            project = after
        else:
            story.append("BACK")


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytecode")


def property_of(
    folder: Path, env: Mapping[str, str], bytecode: Path, edits: int
) -> Callable[[Random], None]:
    def holds(random: Random) -> None:
        root = folder / "project"
        shutil.rmtree(root, ignore_errors=True)
        live(Ground(root, env, bytecode), random, edits)

    return holds


def test_the_gate_says_what_a_full_run_says(
    tmp_path: Path, clean_env: Mapping[str, str], bytecode: Path
) -> None:
    holds = given(st.randoms(use_true_random=True))(property_of(tmp_path, clean_env, bytecode, 1))
    settings(
        max_examples=2, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )(holds)()  # fmt: skip


@pytest.mark.skipif(not MINUTES, reason="takes as long as COVGATE_AGREEMENT says")
def test_the_gate_says_what_a_full_run_says_for_long(
    tmp_path: Path, clean_env: Mapping[str, str], bytecode: Path
) -> None:
    from random import Random

    holds = property_of(tmp_path, clean_env, bytecode, 6)
    end, misses = time.monotonic() + 60 * MINUTES, []
    seed = int(os.environ.get("COVGATE_AGREEMENT_SEED", time.time()))
    while time.monotonic() < end:
        seed += 1
        try:
            holds(Random(seed))
        except AssertionError as error:
            misses.append(f"seed {seed}: {error}")
            print(f"MISS seed {seed}: {error}\n{'=' * 80}", file=sys.stderr, flush=True)
    print({k: v for k, v in vars(Seen).items() if not k.startswith("_")}, file=sys.stderr)
    assert not misses, "\n\n".join(misses)
