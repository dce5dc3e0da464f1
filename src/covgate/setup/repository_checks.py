"""What can be wrong with the repository: git, its state, the hooks, covgate's own folder."""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.run.worktree import read_working_tree
from covgate.setup.check import Check
from covgate.setup.hook_runners import (
    Installed,
    Runner,
    hooks_folder,
    read_installed,
    read_runners,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from covgate.git.repository import Repository

_OLDEST_GIT = (2, 31)
_SHOWN = 5
# Runners that a variable switches off, or whose hooks one leaves out.
_SWITCHES = {"HUSKY": "0", "LEFTHOOK": "0"}
_SKIPS = ("SKIP", "PREK_SKIP", "LEFTHOOK_EXCLUDE")
_OUR_HOOKS = {"covgate", "impacted-tests", "diff-coverage", "skip-reasons"}


def check_git(version: str) -> Check:
    """Judge the answer of `git --version`."""
    numbers = re.search(r"(\d+)\.(\d+)", version)
    shown = version.removeprefix("git version ").strip() or "unknown"
    oldest = ".".join(map(str, _OLDEST_GIT))
    if numbers and (int(numbers[1]), int(numbers[2])) < _OLDEST_GIT:
        return Check("git", "wrong", f"{shown} is too old", f"install git {oldest} or later")
    return Check("git", "ok", shown)


def check_repository(repo: Repository) -> Iterator[Check]:
    """Look at what is checked out."""
    head = repo.head.id[:12] if repo.head else "no commit yet"
    linked = " (a linked working tree)" if repo.git_dir != repo.common_dir else ""
    yield Check("repository", "ok", f"{repo.top}{linked}, HEAD {head}")
    if repo.shallow:
        yield Check(
            "history",
            "warning",
            "the clone is shallow: ranges and --amend may lack their base",
            "git fetch --unshallow",
        )
    unmerged = repo.git.run("diff", "--name-only", "--diff-filter=U", "-z").split(b"\0")
    if names := sorted({os.fsdecode(name) for name in unmerged if name}):
        yield Check(
            "index",
            "wrong",
            f"unmerged paths: {_some(names)}",
            "resolve the conflicts and `git add` the files",
        )
    working = read_working_tree(repo)
    if python := _untracked_python(repo, working.untracked):
        yield Check(
            "untracked",
            "warning",
            f"Python files that are not part of any commit: {_some(python)}",
            "`git add` what the tests need, or name it in .gitignore; the gate leaves them out",
        )


def _untracked_python(repo: Repository, untracked: tuple[str, ...]) -> list[str]:
    if not untracked:
        return []
    listed = repo.git.run("ls-files", "--others", "--exclude-standard", "-z", "--", ":/")
    names = (os.fsdecode(name) for name in listed.split(b"\0"))
    return sorted(name for name in names if name.endswith(".py"))


def check_hooks(repo: Repository, env: Mapping[str, str]) -> Iterator[Check]:
    """Look at the hook runners, at what git would run, and at what switches hooks off."""
    runners, installed = read_runners(repo.top), read_installed(repo)
    yield from _check_folder(repo, runners)
    for runner in runners:
        yield from _check_runner(runner, installed)
    yield from _check_scripts(runners, installed)
    for name, off in _SWITCHES.items():
        if env.get(name) == off and any(runner.name == name.lower() for runner in runners):
            yield Check("hooks", "wrong", f"{name}={off} switches all hooks off", f"unset {name}")
    for name in _SKIPS:
        left_out = {word.strip() for word in env.get(name, "").split(",")} & _OUR_HOOKS
        if left_out:
            message = f"{name} leaves out {', '.join(sorted(left_out))}"
            yield Check("hooks", "wrong", message, f"unset {name}")


def _check_folder(repo: Repository, runners: list[Runner]) -> Iterator[Check]:
    path = repo.git.ask("config", "--get", "core.hooksPath")
    if not path:
        return
    folder = hooks_folder(repo)
    back = "git config --unset core.hooksPath"
    managed = [r.name for r in runners if r.name in ("pre-commit", "prek")]
    if not folder.is_dir():
        message = f"core.hooksPath is {path}, which does not exist: git runs no hook"
        yield Check("hooks", "wrong", message, f"{back}, or let the hook runner make the folder")
    elif managed and ".husky" not in folder.parts:
        yield Check(
            "hooks",
            "warning",
            f"core.hooksPath is {path}: {managed[0]} does not install its hooks there",
            f"{back} (with --global when it is set there), then {managed[0]} install",
        )


def _check_runner(runner: Runner, installed: list[Installed]) -> Iterator[Check]:
    name = f"{runner.name} ({runner.file})"
    if runner.mistake:
        yield Check("hooks", "wrong", f"{name}: {runner.mistake}", "correct the file")
        return
    if not runner.calls_us:
        yield Check("hooks", "warning", f"{name} does not call covgate", "covgate init")
        return
    # prek installs itself for pre-commit's file as well.
    makers = {runner.name, "prek"} if runner.name == "pre-commit" else {runner.name}
    there = {hook.stage for hook in installed if hook.by in makers}
    missing = [stage for stage in runner.stages if stage not in there]
    types = " ".join(f"--hook-type {stage}" for stage in missing)
    remedies = {
        "pre-commit": f"pre-commit install {types}",
        "prek": f"prek install {types}",
        "lefthook": "lefthook install",
        "husky": "npx husky",
    }
    if missing:
        message = f"{name} calls covgate, but is not installed for {', '.join(missing)}"
        yield Check("hooks", "wrong", message, remedies[runner.name])
    elif runner.gap:
        yield Check("hooks", "warning", f"{name} calls covgate, but {runner.gap[0]}", runner.gap[1])
    elif runner.name in ("pre-commit", "prek") and "pre-merge-commit" not in there:
        yield Check(
            "hooks",
            "warning",
            f"{name} is installed for {', '.join(sorted(there))}; merges without conflicts are "
            "not judged",
            f"{runner.name} install --hook-type pre-merge-commit",
        )
    else:
        yield Check("hooks", "ok", f"{name} is installed for {', '.join(sorted(there))}")


def _check_scripts(runners: list[Runner], installed: list[Installed]) -> Iterator[Check]:
    for hook in installed:
        if hook.problem:
            remedy = f"chmod +x {hook.file}" if "executable" in hook.problem else "install it again"
            yield Check("hooks", "wrong", f"{hook.file}: {hook.problem}", remedy)
        elif hook.by == "a script of its own" and hook.calls_us:
            yield Check("hooks", "ok", f"{hook.file} calls covgate")
    if not runners and not any(hook.calls_us for hook in installed):
        yield Check("hooks", "warning", "no hook calls covgate", "covgate init")


def check_state(repo: Repository, env: Mapping[str, str]) -> Iterator[Check]:
    """Look at covgate's own folder: can it be written, does SQLite work there, when was a run."""
    try:
        repo.state.mkdir(parents=True, exist_ok=True)
        repo.shared_state.mkdir(parents=True, exist_ok=True)
        for folder in dict.fromkeys((repo.state, repo.shared_state)):
            _try_sqlite(folder)
    except OSError as error:
        yield Check(
            "state",
            "wrong",
            f"{repo.state} cannot be written: {error.strerror or error}",
            "make it writable for you; until then nothing is remembered between runs",
        )
    except sqlite3.Error as error:
        yield Check(
            "state",
            "wrong",
            f"SQLite does not work in {repo.shared_state}: {error}",
            "keep the repository on a file system with locks (not every network one has them)",
        )
    else:
        yield Check("state", "ok", f"{repo.shared_state}, SQLite {sqlite3.sqlite_version}")
    yield from _check_stores(repo)
    yield from _check_temporary(env)
    yield Check("last run", "ok", _last_run(repo))


def _try_sqlite(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="doctor-", dir=folder) as place,
        closing(sqlite3.connect(Path(place) / "try.sqlite")) as database,
    ):
        database.execute("pragma journal_mode = wal")
        database.execute("create table one (n integer)")
        database.execute("insert into one values (1)")
        database.commit()


def _check_stores(repo: Repository) -> Iterator[Check]:
    for file in sorted(repo.shared_state.glob("*.sqlite")):
        try:
            with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
                said = str(database.execute("pragma quick_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            said = str(error)
        if said != "ok":
            help = "covgate sets it aside at the next run; or delete it: all in it can be made anew"
            yield Check("state", "warning", f"{file} is damaged: {said}", help)


def _check_temporary(env: Mapping[str, str]) -> Iterator[Check]:
    try:
        with tempfile.TemporaryDirectory(prefix="covgate-doctor-"):
            pass
    except OSError as error:
        named = env.get("TMPDIR", tempfile.gettempdir())
        message = f"no temporary folder can be made in {named}: {error.strerror or error}"
        yield Check("temporary folder", "wrong", message, "make room, or let TMPDIR name another")


def _last_run(repo: Repository) -> str:
    """Tell from covgate's files when it last worked here."""
    times = []
    for place in (*repo.state.glob("runs/*"), *repo.shared_state.glob("*.sqlite")):
        try:
            times.append(place.stat().st_mtime)
        except OSError:
            continue
    if not times:
        return "never"
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(max(times)))
    return f"{at} ({_ago(time.time() - max(times))})"


def _ago(seconds: float) -> str:
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number > 1 else ''} ago"
    return "less than a minute ago"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
