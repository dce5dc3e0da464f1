"""`covgate demo`: the real gate on a small real repository, blocked first, then passed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import BLOCK, PASS, UNDECIDED, UsageError
from covgate.run.interpreter import installing

if TYPE_CHECKING:
    import argparse

_BASE = {
    "shop/__init__.py": "",
    "shop/price.py": '''\
def total(prices, coupon=None):
    """Return what is to be paid."""
    return sum(prices)
''',
    "tests/test_price.py": """\
from shop.price import total


def test_total():
    assert total([1, 2]) == 3
""",
}
_CHANGE = {
    "shop/price.py": '''\
def total(prices, coupon=None):
    """Return what is to be paid."""
    price = sum(prices)
    if coupon is not None:
        price -= price * coupon / 100
    return price
''',
    "tests/test_price.py": """\
import pytest

from shop.price import total


def test_total():
    assert total([1, 2]) == 3


@pytest.mark.skip
def test_coupon():
    assert total([100], coupon=10) == 90
""",
}
_FIX = {"tests/test_price.py": _CHANGE["tests/test_price.py"].replace("@pytest.mark.skip\n", "")}


def run(options: argparse.Namespace) -> int:
    """Make the sample, commit to it twice through the gate, and say what is seen."""
    missing = [name for name in ("pytest", "coverage") if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the sample's tests need {' and '.join(missing)} beside covgate",
            f"{installing(sys.executable)} {' '.join(missing)}",
        )
    folder = Path(tempfile.mkdtemp(prefix="covgate-demo-"))
    try:
        return _play(folder)
    finally:
        if options.keep:
            print(f"\nThe sample repository is kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _play(folder: Path) -> int:
    _make_repository(folder)
    _tell("1. A change with an untested branch and a bare skip is staged:")
    _stage(folder, _CHANGE)
    blocked = _gate(folder)
    _tell("2. The skip is removed, so the branch is tested; staged again:")
    _stage(folder, _FIX)
    passed = _gate(folder)
    if (blocked, passed) == (BLOCK, PASS):
        _tell("That is all: blocked while something was hidden, passed when it was not.")
        return PASS
    _tell(f"This is not what covgate should do (exit codes {blocked}, {passed}).")
    return UNDECIDED


def _make_repository(folder: Path) -> None:
    from git import Actor, Repo

    with Repo.init(folder) as repo:
        _write(folder, _BASE)
        repo.index.add(sorted(_BASE))
        author = Actor("covgate demo", "demo@example.invalid")
        repo.index.commit("A shop", author=author, committer=author)


def _stage(folder: Path, files: dict[str, str]) -> None:
    from git import Repo

    _write(folder, files)
    with Repo(folder) as repo:
        repo.index.add(sorted(files))
    diff = ["git", "--no-pager", "diff", "--cached", "-U0", "--stat"]
    subprocess.run(diff, cwd=folder, env=_environment(), check=True)


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)


def _gate(folder: Path) -> int:
    _tell("$ covgate check")
    command = [sys.executable, "-m", "covgate", "check"]
    return subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode


def _environment() -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {**env, "COVGATE_PYTHON": sys.executable}


def _tell(text: str) -> None:
    print(f"\n{text}", flush=True)
