"""The environment that the project's tests run in: the user's, without what the hook added."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# What is ours in the project's interpreter.
RECORDER = Path(__file__).parent / "recorder"
# What a test may need of git's variables; any other makes fixtures write to the user's repository.
_GIT_KEPT = (
    "GIT_ASKPASS",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_EXEC_PATH",
    "GIT_TERMINAL_PROMPT",
)
_GIT_KEPT_PREFIXES = ("GIT_SSH", "GIT_SSL", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")
# Set by hook runners and by us; the tests of a project never saw them in a terminal.
_DROPPED = ("PRE_COMMIT", "PREK", "PYTHONHOME", "__PYVENV_LAUNCHER__", "COVGATE_PYTHON")
_DROPPED_PREFIXES = ("COV_CORE_", "COVERAGE_", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_")


class PrivatePlaces(NamedTuple):
    """Folders and files of ours that keep a run from leaving anything in the project."""

    bytecode: Path
    coverage_data: Path
    hypothesis: Path


def environment_for_tests(
    env: Mapping[str, str], python: str, recorder: Path, places: PrivatePlaces
) -> dict[str, str]:
    """Return the variables for a test run with the interpreter `python`.

    `recorder` is the folder of the code that runs in the user's interpreter; it goes first on
    PYTHONPATH, so that child interpreters find it as well.
    """
    clean = {key: value for key, value in env.items() if _is_kept(key)}
    _use_project_environment(clean, python)
    inherited = clean.get("PYTHONPATH")
    clean["PYTHONPATH"] = os.pathsep.join(filter(None, (str(recorder), inherited)))
    clean["PYTHONPYCACHEPREFIX"] = str(places.bytecode)
    # The cache is private: not to write it would only make every child process compile again.
    clean.pop("PYTHONDONTWRITEBYTECODE", None)
    clean["COVERAGE_FILE"] = str(places.coverage_data)
    clean.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(places.hypothesis))
    return clean


def for_start(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` for the interpreter's start, in which the ordinary bytecode is only read.

    Without it, every module that Python needs to start would be compiled for each project anew.
    """
    rest = {key: value for key, value in env.items() if key != "PYTHONPYCACHEPREFIX"}
    return {**rest, "PYTHONDONTWRITEBYTECODE": "1"}


def _is_kept(name: str) -> bool:
    if name.startswith("GIT_"):
        return name in _GIT_KEPT or name.startswith(_GIT_KEPT_PREFIXES)
    if name in ("PREK_HOOK_STAGE", "COVERAGE_RCFILE"):
        return name == "COVERAGE_RCFILE"
    return not (
        name in _DROPPED
        or name.startswith(_DROPPED_PREFIXES)
        or name.startswith(("PRE_COMMIT_", "GITHEAD_"))
    )


def _use_project_environment(env: dict[str, str], python: str) -> None:
    """Put the project's programs first on PATH, ours nowhere, and name its environment.

    git puts a folder of its own in front for hooks, which no terminal has there.
    """
    folder = Path(python).parent
    own = Path(sys.executable).parent
    of_git = env.get("GIT_EXEC_PATH")
    entries = [entry for entry in env.get("PATH", os.defpath).split(os.pathsep) if entry]
    entries = [entry for entry in entries if entry != of_git]
    if own != folder and (Path(sys.prefix) / "pyvenv.cfg").exists():
        entries = [entry for entry in entries if Path(entry) != own]
    if (folder.parent / "pyvenv.cfg").exists():
        entries = [str(folder), *(entry for entry in entries if Path(entry) != folder)]
        env["VIRTUAL_ENV"] = str(folder.parent)
    elif Path(env.get("VIRTUAL_ENV", "")) == Path(sys.prefix):
        env.pop("VIRTUAL_ENV", None)
    env["PATH"] = os.pathsep.join(entries)
