"""The variables of the tests: the user's own, without what hooks and git added."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from covgate.run.environment import PrivatePlaces, environment_for_tests

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = PrivatePlaces(Path("/private/bytecode"), Path("/private/coverage"), Path("/private/hyp"))

DROPPED = {
    "GIT_DIR": "/repo/.git",
    "GIT_INDEX_FILE": ".git/index.lock",
    "GIT_WORK_TREE": "/repo",
    "GIT_PREFIX": "pkg/",
    "GIT_EDITOR": ":",
    "GIT_AUTHOR_NAME": "x",
    "GIT_COMMITTER_EMAIL": "x",
    "GIT_REFLOG_ACTION": "merge x",
    "GIT_CONFIG_PARAMETERS": "'a.b'='c'",
    "GIT_OBJECT_DIRECTORY": "/x",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/x",
    "GIT_QUARANTINE_PATH": "/x",
    "GITHEAD_0123": "other",
    "PRE_COMMIT": "1",
    "PRE_COMMIT_FROM_REF": "a",
    "PREK_HOOK_STAGE": "pre-commit",
    "PREK": "1",
    "PYTHONHOME": "/x",
    "COV_CORE_SOURCE": "x",
    "COVERAGE_PROCESS_START": "x",
    "PYTEST_CURRENT_TEST": "x",
    "PYTEST_XDIST_WORKER": "gw0",
    "COVGATE_PYTHON": "x",
}
KEPT = {
    "GIT_SSH_COMMAND": "ssh -i key",
    "GIT_SSL_CAINFO": "x",
    "GIT_ASKPASS": "x",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "PYTEST_ADDOPTS": "-q",
    "PYTEST_PLUGINS": "x",
    "COVERAGE_RCFILE": "x",
    "PRE_PRODUCTION": "1",
    "LANG": "C.UTF-8",
    "CI": "true",
    "HYPOTHESIS_STORAGE_DIRECTORY": "/mine",
}


def cleaned(env: Mapping[str, str], python: str = "/opt/py/bin/python") -> dict[str, str]:
    return environment_for_tests(env, python, Path("/recorder"), PLACES)


@pytest.mark.parametrize("name", DROPPED)
def test_dropped(name: str) -> None:
    assert name not in cleaned({name: DROPPED[name], "PATH": "/bin"})


@pytest.mark.parametrize("name", KEPT)
def test_kept(name: str) -> None:
    assert cleaned({name: KEPT[name], "PATH": "/bin"})[name] == KEPT[name]


def test_caches_and_data_are_private() -> None:
    env = cleaned({"COVERAGE_FILE": "mine", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "/mine"})

    assert env["COVERAGE_FILE"] == "/private/coverage"
    assert env["PYTHONPYCACHEPREFIX"] == "/private/bytecode"
    assert env["HYPOTHESIS_STORAGE_DIRECTORY"] == "/private/hyp"
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert env["PYTHONPATH"].split(os.pathsep)[-1] == "/mine"


def test_programs_of_the_project_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that calls `python` or a console script must get the project's."""
    hook, project = tmp_path / "hook", tmp_path / "project"
    for prefix in (hook, project):
        (prefix / "bin").mkdir(parents=True)
        (prefix / "pyvenv.cfg").touch()
    monkeypatch.setattr(sys, "prefix", str(hook))
    monkeypatch.setattr(sys, "executable", str(hook / "bin/python"))
    env = {"PATH": f"{hook}/bin:/usr/bin", "VIRTUAL_ENV": str(hook)}

    clean = cleaned(env, str(project / "bin/python"))

    assert clean["PATH"] == f"{project}/bin:/usr/bin"
    assert clean["VIRTUAL_ENV"] == str(project)
    assert "VIRTUAL_ENV" not in cleaned(env)
