"""The project's interpreter may be older or newer than ours, and so may its pytest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conftest import BASE_MODULE

if TYPE_CHECKING:
    from conftest import Project

# Interpreters as they are found on PATH, with the oldest tools that still run there.
TOOLS = {
    "3.9": ("pytest==6.2.5", "coverage==5.5"),
    "3.13": ("pytest", "coverage"),
    "3.14": ("pytest", "coverage"),
}


@pytest.fixture(scope="module", params=TOOLS)
def other_python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter of another version with its own pytest and coverage."""
    program = shutil.which(f"python{request.param}")
    # The shim of a version manager may be there without the version.
    if program and subprocess.run([program, "-V"], check=False, capture_output=True).returncode:
        program = None
    if program is None or f"{sys.version_info[0]}.{sys.version_info[1]}" == request.param:
        pytest.skip(f"no other interpreter python{request.param} on PATH")
    folder = tmp_path_factory.mktemp("other") / "environment"
    subprocess.run([program, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", *TOOLS[request.param]]
    subprocess.run(install, check=True)
    return python


def test_other_interpreter(project: Project, other_python: str) -> None:
    project.env["COVGATE_PYTHON"] = other_python
    test = (
        "import os, subprocess, sys\nfrom m import f\n\n\ndef test_f():\n"
        "    assert f(\n        1,\n    ) == 2\n"
        "    subprocess.run([sys.executable, '-c', 'import m'], check=True)\n"
    )
    edited = BASE_MODULE.replace("x + 1", "1 + x").replace("return 2", "return 3")
    project.stage({"m.py": edited, "test_m.py": test, "k.py": "x = 1\n"})
    before = project.state()

    in_place = project.check()
    project.write({"k.py": "x = 2\n"})
    isolated = project.check()
    project.stage({"k.py": "def f(:\n"})
    broken = project.check()

    for answer in (in_place, isolated):
        assert answer.code == 1, answer
        assert answer.ran == ["test_m.py::test_f"]
        assert answer.uncovered == {"k.py": [1], "m.py": [9]}
    assert broken.code == 3
    assert "k.py does not parse" in broken.data["findings"][0]["message"]
    project.write({"k.py": "x = 1\n"})
    assert {**project.state(), "index": b""} == {**before, "index": b""}
