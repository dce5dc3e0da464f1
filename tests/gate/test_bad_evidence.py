"""Evidence that can't be read or written: the right answer, more slowly, and a note."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conftest import Project

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Answered

MODULE = "def used(x):\n    return x + 1\n\n\ndef other(x):\n    return x\n"
TESTS = (
    "from m import other, used\n\n\ndef test_used():\n    assert used(1) == 2\n\n\n"
    "def test_other():\n    assert other(1) == 1\n"
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory, clean_env: Mapping[str, str]) -> Project:
    project = Project(tmp_path_factory.mktemp("recorded") / "project", clean_env)
    project.commit({"m.py": MODULE, "test_m.py": TESTS}, "base")
    assert project.covgate("record").code == 0
    project.stage({"m.py": MODULE.replace("x + 1", "x + 2")})
    return project


@pytest.fixture
def project(recorded: Project, tmp_path: Path) -> Project:
    """A copy of a recorded project with an edit staged that breaks one of its two tests."""
    shutil.copytree(recorded.root, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project", recorded.env)


def garble(place: Path) -> None:
    data = bytearray(place.read_bytes())
    for start in range(4096, len(data), 4096):
        data[start : start + 200] = b"rubbish!" * 25
    place.write_bytes(data)


def test_damaged_evidence_is_set_aside(project: Project) -> None:
    place = project.root / ".git" / "covgate" / "evidence.sqlite"
    garble(place)
    answer = project.check()
    assert (answer.code, answer.data["tests"]["failed"]) == (1, ["test_m.py::test_used"]), answer
    assert any("is not at hand" in note for note in answer.data["notes"])
    assert [one for one in place.parent.iterdir() if "unusable" in one.name]


MOUNTS = {
    "read-only": "mount --bind .git .git && mount -o remount,bind,ro .git",
    "full disk": (
        "cp -r .git/covgate ../kept && mount -t tmpfs -o size=4m none .git/covgate && "
        "cp -r ../kept/*.sqlite .git/covgate/ && "
        "(head -c 5000000 /dev/zero > .git/covgate/filler || true)"
    ),
}


def in_namespace(project: Project, mount: str, *command: str) -> Answered:
    """Run a command where something is mounted that nobody else sees."""
    script = f'{mount} 2>/dev/null && exec "$@"'
    return project.run("unshare", "-rm", "sh", "-c", script, "sh", *command)


def can_mount() -> bool:
    command = ("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt")
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(not can_mount(), reason="mounting needs user namespaces (Linux)")
@pytest.mark.parametrize("mount", MOUNTS.values(), ids=MOUNTS)
def test_a_git_folder_that_takes_nothing(project: Project, mount: str) -> None:
    check = (sys.executable, "-m", "covgate", "check", "--format=json")
    answer = in_namespace(project, mount, *check)
    assert (answer.code, answer.data["tests"]["failed"]) == (1, ["test_m.py::test_used"]), answer
    said = " ".join(answer.data["notes"])
    if mount == MOUNTS["read-only"]:
        recorded = in_namespace(project, mount, sys.executable, "-m", "covgate", "record")
        assert (recorded.code, "nothing was kept" in recorded.err) == (3, True), recorded
    assert "evidence is not at hand" in said or "could not be kept" in said
