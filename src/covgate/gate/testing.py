"""Get the facts of a test run: provide the tree and the interpreter, run, read, clean up."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from covgate.errors import UndecidedError, UsageError
from covgate.gate.evidence import open_archive
from covgate.gate.protection import fingerprint, undo_writes
from covgate.git.objects import tree_of_index
from covgate.run.bytecode import drop_stale
from covgate.gate.sharing import complete, shared_folder, shared_key
from covgate.run.drive import read_result, run_tests
from covgate.run.interpreter import Interpreter, find_interpreter
from covgate.run.place import Place, isolated_place
from covgate.run.progress import Progress
from covgate.run.worktree import WorkingTree, read_working_tree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.surroundings import Surroundings
    from covgate.git.repository import Repository
    from covgate.run.plan import Job, RunResult


class Tested(NamedTuple):
    """A run, with what it ran (`environment`) and how long it took (seconds by phase).

    `untracked` are files and folders of the working tree that are not part of the commit,
    `problem` says why its traces could not be kept.
    """

    result: RunResult
    environment: Mapping[str, str]
    untracked: tuple[str, ...]
    seconds: Mapping[str, float]
    problem: str | None = None


def test_change(
    around: Surroundings, change: Change, settings: Settings, job: Job, runs_git: bool
) -> Tested:
    """Run the job on the tree of the commit; raises `UsageError` and `UndecidedError`."""
    clock = [time.perf_counter()]
    interpreter = find_interpreter(
        around.repo.top, around.repo.main_top, settings.python, around.env
    )
    clock.append(time.perf_counter())
    place, working, lock = _provide_tree(around, change, runs_git)
    clock.append(time.perf_counter())
    try:
        if job.trace:
            archive = open_archive(around, change.target, settings, interpreter.python)
            watch = json.dumps(archive.watched())
            (around.scratch / "watch.json").write_text(watch)
        result = _run(around, change, settings, job, place, interpreter)
    finally:
        if lock is not None:
            lock.release()  # type: ignore[attr-defined]
    clock.append(time.perf_counter())
    problem = None
    if job.trace:
        with archive.store:
            problem = archive.keep(
                around.scratch / "trace",
                around.scratch / "data" / "coverage",
                place.root,
                whole=job.files is None,
            )
    phases = ("interpreter", "tree", "tests")
    seconds = {name: clock[n + 1] - clock[n] for n, name in enumerate(phases)}
    environment = {
        "python": interpreter.python,
        "found": interpreter.found,
        "tree": f"isolated: {place.why}" if place.isolated else "in place",
    }
    return Tested(result, environment, working.untracked, seconds, problem)


def tested_once(
    around: Surroundings, change: Change, settings: Settings, job: Job, runs_git: bool
) -> Tested:
    """As `test_change`, but hooks in a row that ask the same share one run."""
    home = around.repo.state
    key = shared_key(around.env, change.target.tree, change.bases, settings, job, sys.executable)
    with shared_folder(home, key) as (scratch, done):
        memory = scratch / "tested"
        if done:
            known = json.loads(memory.read_text())
            return Tested(read_result(scratch), known["environment"], tuple(known["untracked"]), {})
        around = around._replace(scratch=scratch)
        tested = test_change(around, change, settings, job, runs_git)
        known = {"environment": dict(tested.environment), "untracked": tested.untracked}
        memory.write_text(json.dumps(known))
        if not tested.result.timed_out:
            complete(scratch)
        return tested


def _provide_tree(
    around: Surroundings, change: Change, runs_git: bool
) -> tuple[Place, WorkingTree, object | None]:
    repo, tree = around.repo, change.target.tree
    working = read_working_tree(repo)
    why = working.why_isolated()
    if not why and not _is_index_tree(around, tree):
        why = "the commit under judgement is not what is checked out"
    if not why and runs_git:
        why = "the tests run git"
    if not why:
        return Place(repo.top, repo.top), working, None
    place, lock = isolated_place(repo, around.git, tree, working, why)
    return place, working, lock


def _is_index_tree(around: Surroundings, tree: str) -> bool:
    try:
        return tree_of_index(around.repo, around.git, around.scratch) == tree
    except UsageError:
        return False


def _run(
    around: Surroundings,
    change: Change,
    settings: Settings,
    job: Job,
    place: Place,
    interpreter: Interpreter,
) -> RunResult:
    repo = around.repo
    bytecode = (repo.state if repo.state.is_dir() else around.scratch) / "bytecode"
    drop_stale(bytecode, place.root, change.target)
    tracked = [path for path in change.target.entries if path.endswith(".py")]
    (around.scratch / "tracked").write_text(json.dumps(tracked))
    before = None if place.isolated else fingerprint(repo)
    result = run_tests(
        job,
        place,
        interpreter,
        around.scratch,
        bytecode,
        _remap(repo, place),
        around.env,
        settings.timeout,
        around.color,
        Progress(settings.progress),
    )
    if before is not None:
        _check_unharmed(around, result, before)
    return result


def _remap(repo: Repository, place: Place) -> tuple[tuple[str, str], ...]:
    """Pair the other places of the project's code with the tree under test."""
    others = dict.fromkeys((str(repo.top), str(repo.main_top)))
    return tuple((other, str(place.root)) for other in others if other != str(place.root))


def _check_unharmed(around: Surroundings, result: RunResult, before: object) -> None:
    changed = undo_writes(around.repo, result.notes)
    if changed:
        names = ", ".join(f"{note.path} (by {note.test or 'the session'})" for note in changed)
        raise UndecidedError(
            f"the tests changed tracked files, which were put back: {names}",
            "let the tests write to tmp_path; what is judged must not change while it is judged",
        )
    if fingerprint(around.repo) != before:
        raise UndecidedError(
            "HEAD, the index or git's configuration changed while the tests ran",
            "commit again; if the tests run git in the project, let them use a repository of "
            "their own",
        )
