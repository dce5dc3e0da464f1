"""Every case of the table: the tests whose outcome an edit changes are among those that run."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING

import pytest
from cases_answers import ANSWERS
from cases_beside import BESIDE
from cases_collecting import COLLECTING
from cases_computed import COMPUTED
from cases_dynamic import DYNAMIC
from cases_environment import ENVIRONMENT
from cases_files import FILES
from cases_fixtures import FIXTURES
from cases_holders import HOLDERS
from cases_importing import IMPORTING
from cases_imports import IMPORTS
from cases_named import NAMED
from cases_narrow import NARROW
from cases_objects import OBJECTS
from cases_plain import FINE, PLAIN
from cases_precision import PRECISION
from cases_processes import PROCESSES
from cases_pytest import PYTEST
from cases_reading import READING
from cases_running import RUNNING
from cases_seen import SEEN
from cases_unseen import UNSEEN
from cases_vanish import VANISH
from impact_case import PYTHON, Case, Ground

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KINDS = {
    "plain": PLAIN,
    "fine": FINE,
    "imports": IMPORTS,
    "fixtures": FIXTURES,
    "pytest": PYTEST,
    "files": FILES,
    "processes": PROCESSES,
    "dynamic": DYNAMIC,
    "holders": HOLDERS,
    "vanish": VANISH,
    "environment": ENVIRONMENT,
    "precision": PRECISION,
}
MORE = {
    "beside": BESIDE,
    "computed": COMPUTED,
    "unseen": UNSEEN,
    "objects": OBJECTS,
    "importing": IMPORTING,
    "collecting": COLLECTING,
    "reading": READING,
    "running": RUNNING,
    "narrow": NARROW,
    "seen": SEEN,
    "named": NAMED,
    "answers": ANSWERS,
}
# Of the further kinds, these are tried every time.
SAMPLE = frozenset(
    {
        "plain name of a class beside a member of another class",
        "value that helpers of another file keep",
        "helper that a package hands on under another name",
        "helper of another file that answers the same each time",
        "attribute of an object of another file",
        "object of another file that says yes once",
        "constant beside a variable that is set",
        "annotations that are read under any name",
        "values that are looked up under any name",
        "sources and files that loaders read",
        "class variable that string formatting reaches",
        "class variable that a class pattern asks for",
        "what a hook of conftest lets a function remember",
        "cache behind a local name",
        "hook of conftest that takes the trace hook",
        "generator goes on in a second test on the line that it rests on",
        "generator uses in a second test what it computed in the first",
        "settings module that a distribution imports by a variable",
        "open relative to a folder's descriptor",
        "symbolic link made by the test",
        "import added to a test file",
        "default of a method of a class whose metaclass lists members",
        "default that is read or comes in by another door",
        "branch that only the collection takes of a function that the test enters",
        "constant in a branch that some tests take, and some by another door",
    }
)
MATCH = re.compile(r"^ +match .*:$", re.MULTILINE)
# Slow: proves that the table itself is right, by running everything before and after.
PROVING = "COVGATE_PROVE_CASES" in os.environ
# Each case records and judges a project of its own; every fourth of each kind keeps the test command
# under a quarter of an hour, and COVGATE_ALL_CASES runs all of them.
STEP = 1 if PROVING or "COVGATE_ALL_CASES" in os.environ else 4


def _is_installed(name: str) -> bool:
    try:
        return bool(distribution(name))
    except PackageNotFoundError:
        return False


def _is_too_new(case: Case) -> bool:
    matches = any(isinstance(text, str) and MATCH.search(text) for text in case.base.values())
    return matches and "(3, 9" in _version()


@cache
def _version() -> str:
    command = [PYTHON, "-c", "import sys; print(sys.version_info[:2])"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bytecode")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{kind}: {case.id}")
        for kind, cases in KINDS.items()
        for case in cases[::STEP]
    ]
    + [
        pytest.param(case, id=f"{kind}: {case.id}")
        for kind, cases in MORE.items()
        for case in cases
        if STEP == 1 or case.id in SAMPLE
    ],
)
def test_case(case: Case, tmp_path: Path, clean_env: Mapping[str, str], bytecode: Path) -> None:
    for name in case.needs:
        if not _is_installed(name):
            pytest.skip(f"{name} is not installed")
    if _is_too_new(case):
        pytest.skip("its match statements need Python 3.10")
    ground = Ground(tmp_path, case, clean_env, bytecode)
    before = ground.outcomes() if PROVING else {}
    ground.record()
    ground.edit()
    selected = ground.selected()
    if PROVING:
        ground.clean()
        after = ground.outcomes()
        flipped = {test for test, outcome in after.items() if before.get(test) != outcome}
        assert flipped == set(case.must), "the table is wrong"
    after_others = {test for test, why in selected.items() if why.startswith("it comes before ")}
    found = selected.keys() - after_others if case.at_once else selected.keys()
    missed = set(case.must) - found
    assert not missed, f"missed; ran {selected}"
    assert case.most is None or len(selected) <= case.most, selected
