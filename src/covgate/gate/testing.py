"""Get the facts of a test run: provide the tree and the interpreter, run, read, clean up."""

from __future__ import annotations

import json
import shutil
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

from covgate.errors import UndecidedError, UsageError
from covgate.gate.checkpoint import Checkpoint
from covgate.gate.protection import put_back, remember
from covgate.gate.sharing import complete, is_shared, shared_folder, shared_key
from covgate.git.objects import tree_of_index
from covgate.git.process import GitError
from covgate.run.bytecode import drop_stale
from covgate.run.drive import read_result, run_tests
from covgate.run.interpreter import Interpreter, find_interpreter
from covgate.run.place import Place, changed_files, isolated_place
from covgate.run.plan import Job, read_notes
from covgate.run.progress import Progress
from covgate.run.worktree import WorkingTree, read_working_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from covgate.change.model import Change
    from covgate.config.model import Settings
    from covgate.gate.evidence import Archive
    from covgate.gate.protection import State
    from covgate.gate.surroundings import Surroundings
    from covgate.git.repository import Repository
    from covgate.run.lock import Release
    from covgate.run.plan import RunResult


class Tested(NamedTuple):
    """A run, with what it ran (`environment`) and how long it took (seconds by phase).

    `untracked` are files and folders of the working tree that are not part of the commit, `edited`
    files that differ from it; `notes` say what else the reader should know, `problem` why the
    traces could not be kept.
    """

    result: RunResult
    environment: Mapping[str, str]
    untracked: tuple[str, ...]
    seconds: Mapping[str, float]
    notes: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    problem: str | None = None


def whole_suite(settings: Settings) -> Job:
    """Return the job of running all tests of a project, in the way that its settings say."""
    return Job(
        files=None,
        ids=None,
        measure=(),
        pytest_args=(*settings.pytest_args, *settings.test_paths),
        source_roots=settings.source_roots,
    )


def test_change(
    around: Surroundings,
    change: Change,
    settings: Settings,
    job: Job,
    runs_git: bool,
    archive: Archive | None,
) -> Tested:
    """Run the job on the tree of the commit; raises `UsageError` and `UndecidedError`.

    Traces are added to `archive`, which is open and sees the same tree; those of a run of
    everything already while it runs.
    """
    clock = [time.perf_counter()]
    interpreter = find_interpreter(
        around.repo.top, around.repo.main_top, settings.python, around.env
    )
    clock.append(time.perf_counter())
    place, working, release = _provide_tree(around, change, runs_git)
    clock.append(time.perf_counter())
    checkpoint = None
    try:
        if job.trace and archive is not None:
            watch = json.dumps(archive.watched())
            (around.scratch / "watch.json").write_text(watch)
            if job.files is None:
                checkpoint = Checkpoint(archive, around, place, around.scratch / "tree-index")
        result, notes = _run(around, change, settings, job, place, interpreter, checkpoint)
    finally:
        if release is not None:
            release()
    clock.append(time.perf_counter())
    problem = None
    if job.trace and archive is not None:
        problem = archive.keep(
            around.scratch / "trace",
            around.scratch / "data" / "coverage",
            place.root,
            asked=job.files,
            ended=result.status is not None,
        )
    phases = ("interpreter", "tree", "tests")
    seconds = {name: clock[n + 1] - clock[n] for n, name in enumerate(phases)}
    environment = {
        "python": interpreter.python,
        "found": interpreter.found,
        "tree": f"isolated: {place.why}" if place.isolated else "in place",
    }
    return Tested(result, environment, working.untracked, seconds, notes, working.edited, problem)


def tested_once(
    around: Surroundings,
    change: Change,
    settings: Settings,
    job: Job,
    runs_git: bool,
    archive: Archive | None,
) -> Tested:
    """As `test_change`, but hooks in a row that ask the same share one run."""
    home = around.repo.state
    if not is_shared(around.env) or around.scratch.parent != home:
        # Nobody to share with, or a git folder that can't be written.
        return test_change(around, change, settings, job, runs_git, archive)
    key = shared_key(around.env, change.target.tree, change.bases, settings, job, sys.executable)
    with shared_folder(home, key) as (scratch, done):
        memory = scratch / "tested"
        if done and (known := _remembered(memory)) is not None:
            untracked, notes = tuple(known["untracked"]), tuple(known["notes"])
            edited = tuple(known["edited"])
            return Tested(read_result(scratch), known["environment"], untracked, {}, notes, edited)
        if done:  # what it left can't be read
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
        around = around._replace(scratch=scratch)
        tested = test_change(around, change, settings, job, runs_git, archive)
        known = {
            "environment": dict(tested.environment),
            "untracked": tested.untracked,
            "notes": tested.notes,
            "edited": tested.edited,
        }
        memory.write_text(json.dumps(known))
        if not tested.result.timed_out:
            complete(scratch)
        return tested


def _remembered(memory: Path) -> dict[str, Any] | None:
    try:
        known = json.loads(memory.read_text())
    except (OSError, ValueError):
        return None
    return known if isinstance(known, dict) else None


def _provide_tree(
    around: Surroundings, change: Change, runs_git: bool
) -> tuple[Place, WorkingTree, Release | None]:
    repo, tree = around.repo, change.target.tree
    working = read_working_tree(repo)
    why = working.why_isolated()
    if not why and not _is_index_tree(around, tree):
        why = "the commit under judgement is not what is checked out"
    if not why and runs_git:
        why = "the tests run git"
    if not why and around.ahead:
        why = "judged ahead, while files may be edited"
    if not why:
        return Place(repo.top, repo.top), working, None
    place, release = isolated_place(repo, around.git, tree, working, why)
    return place, working, release


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
    checkpoint: Checkpoint | None,
) -> tuple[RunResult, tuple[str, ...]]:
    repo = around.repo
    # Where our own folder takes nothing more, the scratch folder lies elsewhere.
    takes_more = repo.state.is_dir() and around.scratch.is_relative_to(repo.state)
    bytecode = (repo.state if takes_more else around.scratch) / "bytecode"
    drop_stale(bytecode, place.root, change.target)
    tracked = [path for path in change.target.entries if path.endswith(".py")]
    (around.scratch / "tracked").write_text(json.dumps(tracked))
    before = None if place.isolated else remember(repo)
    index = around.scratch / "tree-index"
    if place.isolated:
        shutil.copyfile(place.root / ".git" / "index", index)
    try:
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
            Progress(settings.progress or _is_watched(around.env)),
            checkpoint,
        )
    except BaseException:
        if before is not None:
            put_back(repo, before, read_notes(around.scratch / "notes"), around.scratch)
        raise
    if before is None:
        _check_own_tree(around, place, index, result)
        return result, ()
    return result, _check_unharmed(around, result, before)


def _remap(repo: Repository, place: Place) -> tuple[tuple[str, str], ...]:
    """Pair the other places of the project's code with the tree under test."""
    others = dict.fromkeys((str(repo.top), str(repo.main_top)))
    return tuple((other, str(place.root)) for other in others if other != str(place.root))


def _check_own_tree(around: Surroundings, place: Place, index: Path, result: RunResult) -> None:
    """Raise `UndecidedError` when the tests changed the isolated tree that was to be judged."""
    try:
        changed = changed_files(around.repo, around.git, place, index)
    except (GitError, OSError):
        changed = [".git"]
    if changed:
        raise UndecidedError(
            f"the tests changed files of the tree that they were run on: {_some(changed)}",
            "let the tests write to tmp_path, and run git in a repository of their own; what is "
            "judged must not change while it is judged",
            result.output,
        )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _check_unharmed(around: Surroundings, result: RunResult, before: State) -> tuple[str, ...]:
    """Put back what the tests changed; returns what to tell about it when it can be lived with."""
    harm = put_back(around.repo, before, result.notes, around.scratch)
    if harm.put_back:
        by = {note.path: note.test for note in result.notes if note.test}
        names = ", ".join(
            f"{path} (by {by[path]})" if path in by else path for path in harm.put_back
        )
        raise UndecidedError(
            f"the tests changed files of the project, which were put back: {names}",
            "let the tests write to tmp_path, and run git in a repository of their own; what is "
            "judged must not change while it is judged",
            result.output,
        )
    if harm.foreign:
        raise UndecidedError(
            f"{', '.join(harm.foreign)} changed while the tests ran",
            "commit again, and leave the files alone until the tests are done",
        )
    if harm.moved:
        left = _some(harm.moved)
        return (f"processes that the tests started left {left}; moved to {harm.kept}",)
    return ()


def _is_watched(env: Mapping[str, str]) -> bool:
    """Whether a person waits at a terminal; hook runners give hooks one that nobody looks at."""
    return sys.stdout.isatty() and not ({"PRE_COMMIT", "CI"} & env.keys())
