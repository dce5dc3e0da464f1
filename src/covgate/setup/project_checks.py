"""What can be wrong with the project: its settings, and the interpreter that runs its tests."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.change.snapshot import MemorySnapshot
from covgate.config.globs import matches
from covgate.config.reading import INI_FILE, OWN_FILE, PROJECT_FILE, SettingsError, read_settings
from covgate.coverage.mistakes import check_policy, with_policy
from covgate.coverage.today import today
from covgate.errors import UsageError
from covgate.run.interpreter import (
    ACTIVATED,
    NEEDED,
    Candidate,
    installing,
    is_of_the_project,
    remedy,
    survey_interpreters,
)
from covgate.setup.check import Check
from covgate.setup.probe import Probed, probe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from covgate.config.model import Settings
    from covgate.git.repository import Repository
    from covgate.setup.layout import Layout

_OLDEST_PYTHON = (3, 9)
_PYTEST_FILES = ("pytest.ini", ".pytest.ini", PROJECT_FILE, "tox.ini", INI_FILE)
_PYTHONPATH = re.compile(r"^\s*pythonpath\s*=", re.MULTILINE)


def tracked_files(repo: Repository) -> list[str]:
    """Return the paths of the index."""
    listed = repo.git.run("ls-files", "-z", "--", ":/").split(b"\0")
    return sorted({os.fsdecode(path) for path in listed if path})


def working_settings(top: Path) -> Settings:
    """Return the settings in the files of the working tree; raises `UsageError` with mistakes."""
    files: dict[str, str | bytes] = {}
    for name in (OWN_FILE, PROJECT_FILE, INI_FILE):
        try:
            files[name] = (top / name).read_bytes()
        except OSError:
            continue
    return read_settings(MemorySnapshot(files))


def check_settings(repo: Repository, files: Sequence[str]) -> tuple[Settings | None, list[Check]]:
    """Read the settings, and see whether what they name is there."""
    try:
        settings = working_settings(repo.top)
    except SettingsError as error:
        told = with_policy(error, _working_tree(repo.top, files), today(os.environ))
        return None, [Check("settings", "wrong", told.message, told.help)]
    except UsageError as error:
        return None, [Check("settings", "wrong", error.message, error.help)]
    found = [
        *_check_paths(repo.top, settings),
        *_check_globs(settings, files),
        *_check_plan(repo.top, settings, files),
    ]
    if not found:
        found = [Check("settings", "ok", "no mistakes")]
    return settings, found


def _check_plan(top: Path, settings: Settings, files: Sequence[str]) -> Iterator[Check]:
    """The coverage policy against the files and the settings of coverage and pytest."""
    try:
        check_policy(_working_tree(top, files), settings, today(os.environ))
    except UsageError as error:
        yield Check("settings", "wrong", error.message, error.help)


def _working_tree(top: Path, files: Sequence[str]) -> MemorySnapshot:
    """Return the files of the working tree, with the text of those that hold settings."""
    texts: dict[str, str | bytes] = dict.fromkeys(files, b"")
    for name in (OWN_FILE, ".coveragerc", *_PYTEST_FILES):
        try:
            texts[name] = (top / name).read_bytes()
        except OSError:
            texts.pop(name, None)
    return MemorySnapshot(texts)


def _check_paths(top: Path, settings: Settings) -> Iterator[Check]:
    named = {"source-roots": settings.source_roots, "test-paths": settings.test_paths}
    for key, paths in named.items():
        for path in paths:
            if not (top / path.partition("::")[0]).exists():
                message = f"`{key}` names {path}, which does not exist"
                yield Check("settings", "wrong", message, "correct it in the settings of covgate")


def _check_globs(settings: Settings, files: Sequence[str]) -> Iterator[Check]:
    coverage = settings.diff_coverage
    named = {"inert": settings.inert, "diff-coverage.exclude": coverage.exclude}
    named["diff-coverage.override"] = tuple(g for one in coverage.override for g in one.paths)
    for key, globs in named.items():
        for glob in globs:
            if not any(matches(glob, path) for path in files):
                message = f"`{key}` names {glob}, which matches no file"
                yield Check("settings", "warning", message, "correct it, or remove it")


def check_interpreter(
    repo: Repository, settings: Settings, layout: Layout, env: Mapping[str, str]
) -> Iterator[Check]:
    """Look at every place where the project's interpreter may be, and into the one that is used."""
    surveyed: dict[str, Candidate] = {}
    for one in survey_interpreters(repo.top, repo.main_top, settings.python, env):
        surveyed.setdefault(one.command, one)
    candidates = list(surveyed.values())
    chosen = next((one for one in candidates if not one.problem), None)
    for one in candidates:
        use = "used" if one is chosen else "not needed" if not one.problem else "passed over"
        problem = f": {one.problem}" if one.problem else ""
        yield Check("interpreter", "ok", f"{use}: {one.command} ({one.found}){problem}")
    if chosen is None or chosen.python is None:
        needed = " and ".join(NEEDED)
        lacking = [
            one.command
            for one in candidates
            if one.problem.startswith("lacks") and is_of_the_project(one.found)
        ]
        yield Check(
            "interpreter",
            "wrong",
            f"no interpreter of the project has {needed}",
            f"{remedy(repo.top, lacking)}, or name the interpreter: `python = ...` in "
            "[tool.covgate]",
        )
        return
    if chosen.found == ACTIVATED and not any(_is_lasting(one) for one in candidates):
        yield Check(
            "interpreter",
            "warning",
            "only the activated environment has what the tests need: a commit from an editor or "
            "from another terminal does not find it",
            f'name it: `python = "{chosen.python}"` in [tool.covgate], or put it in .venv',
        )
    probed = probe(chosen.python, layout.names, env)
    if isinstance(probed, str):
        yield Check("interpreter", "wrong", f"{chosen.python}: {probed}", "repair its environment")
        return
    yield from _check_versions(chosen.python, probed)
    yield from _check_imports(repo, settings, layout, chosen.python, probed)


def _is_lasting(one: Candidate) -> bool:
    """Whether a candidate fits and is found whatever the environment of a commit is."""
    return not one.problem and is_of_the_project(one.found) and one.found != ACTIVATED


def _check_versions(python: str, probed: Probed) -> Iterator[Check]:
    known = ", ".join(f"{name} {version}" for name, version in probed.versions.items())
    shown = f"Python {'.'.join(map(str, probed.python))}, {known}"
    if probed.python[:2] < _OLDEST_PYTHON:
        oldest = ".".join(map(str, _OLDEST_PYTHON))
        message = f"{shown}: this Python is too old"
        yield Check("interpreter", "wrong", message, f"use Python {oldest} or later for the tests")
        return
    yield Check("interpreter", "ok", shown)
    if "pytest-testmon" in probed.versions:
        yield Check(
            "interpreter",
            "warning",
            "pytest-testmon deselects tests and keeps its own coverage",
            f"covgate selects tests by itself: {python} -m pip uninstall pytest-testmon, unless "
            "you use it elsewhere",
        )


def _check_imports(
    repo: Repository, settings: Settings, layout: Layout, python: str, probed: Probed
) -> Iterator[Check]:
    """Say where the project's packages are imported from, when that is not this working tree."""
    install = f"{installing(python, repo.top)} -e {repo.top}"
    first = bool(settings.source_roots) or _has_pythonpath(repo.top)
    needs_install = layout.kind in ("src", "packages") and not first
    fine = []
    for name, origin in probed.origins.items():
        if origin is None:
            if needs_install:
                message = f"{name} is not installed in {python}"
                yield Check("imports", "warning", message, install)
        elif _is_below(origin, (repo.top, repo.main_top)) and not _is_installed(origin):
            fine.append(name)
        elif _is_installed(origin):
            yield Check(
                "imports",
                "wrong" if needs_install else "warning",
                f"{name} is installed as a copy ({origin}): tests that import it do not run the "
                "code of this project",
                install,
            )
        else:
            message = f"{name} is an editable install of another folder: {origin}"
            yield Check("imports", "wrong" if needs_install else "warning", message, install)
    if fine:
        yield Check("imports", "ok", f"from this project: {', '.join(fine)}")


def _has_pythonpath(top: Path) -> bool:
    for name in _PYTEST_FILES:
        try:
            text = (top / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if _PYTHONPATH.search(text):
            return True
    return False


def _is_installed(origin: str) -> bool:
    return not {"site-packages", "dist-packages"}.isdisjoint(Path(origin).parts)


def _is_below(origin: str, folders: Sequence[Path]) -> bool:
    place = Path(os.path.realpath(origin))
    return any(Path(os.path.realpath(folder)) in place.parents for folder in folders)
