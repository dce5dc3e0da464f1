"""Who waits for whom, when somebody judges ahead of the commit."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from covgate.gate.turns import turn
from covgate.git.repository import discover

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Project
    from covgate.git.repository import Repository

# Holds the turn for a question as long as somebody keeps its input open, or for some seconds.
HOLDER = """\
import sys, time
from pathlib import Path
from covgate.gate.turns import turn
from covgate.git.repository import discover
import os
with turn(discover(Path.cwd(), os.environ), "held", ahead=True):
    print("holding", flush=True)
    time.sleep(float(sys.argv[1]))
"""


@contextmanager
def held(project: Project, seconds: float) -> Iterator[Repository]:
    repo = discover(project.root, project.env)
    repo.state.mkdir(exist_ok=True)
    words = [sys.executable, "-c", HOLDER, str(seconds)]
    with subprocess.Popen(
        words, cwd=project.root, env=project.env, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holding\n"
        yield repo
        process.kill()


@pytest.mark.parametrize(
    ("name", "ahead", "patience", "waits"),
    [
        pytest.param("held", False, 60.0, True, id="the-same-question"),
        pytest.param("other", False, 60.0, False, id="another-question"),
        pytest.param("other", True, 60.0, True, id="another-question-ahead"),
        pytest.param("held", False, 0.1, False, id="out-of-patience"),
    ],
)
def test_who_waits(project: Project, name: str, ahead: bool, patience: float, waits: bool) -> None:
    with held(project, 1 if waits else 60) as repo:
        began = time.monotonic()
        with turn(repo, name, ahead=ahead, patience=patience):
            took = time.monotonic() - began
    assert (took > 0.3) is waits
    assert took < 30


def test_nobody_waits_for_who_was_killed(project: Project) -> None:
    with held(project, 60) as repo:
        pass
    with turn(repo, "held", ahead=False):
        assert (repo.state / "turn").read_text() == "held"


def test_without_a_watcher_nothing_is_written(project: Project) -> None:
    repo = discover(project.root, project.env)
    with turn(repo, "held", ahead=False):
        assert not (repo.state / "turn").exists()
