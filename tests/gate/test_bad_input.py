"""Repositories, settings and environments that can't be judged: a sentence, and never a pass."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from conftest import BASE_MODULE, Project
from project_environments import make_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from conftest import Answered


def says(answer: Answered, code: int, pattern: str) -> None:
    """Check that the answer is a sentence with a remedy, in the right words and exit code."""
    assert answer.code == code, answer
    (finding,) = answer.data["findings"]
    assert answer.data["verdict"] == "undecided"
    assert re.search(pattern, finding["message"]), finding
    assert finding["help"], finding
    assert "Traceback" not in answer.out + answer.err


BROKEN_SOURCE = {
    "source": ("m.py", "def f(:\n", r"m\.py does not parse: line 1"),
    "new-file": ("k.py", "x = 1\nif x\n", r"k\.py does not parse: line 2"),
    "conftest": ("conftest.py", "def f(:\n", r"pytest could not run|conftest.py does not parse"),
    "test-not-collected": ("tests/test_k.py", "def f(:\n", r"test_k\.py does not parse: line 1"),
    "null-byte": ("k.py", "x = 1\0\n", r"k\.py does not parse"),
    "not-utf-8": ("k.py", b"x = '\xe9'\n", r"k\.py does not parse"),
}


@pytest.mark.parametrize(("path", "text", "said"), BROKEN_SOURCE.values(), ids=BROKEN_SOURCE)
def test_staged_file_that_python_cannot_read(
    quick_project: Project, path: str, text: str | bytes, said: str
) -> None:
    quick_project.stage({path: text, "pytest.ini": "[pytest]\ntestpaths = test_m.py\n"})
    before = quick_project.state()

    says(quick_project.check(), 3, said)

    assert quick_project.state() == before


def test_file_broken_by_a_deleted_line(quick_project: Project) -> None:
    quick_project.commit({"k.py": "x = (\n    1\n)\n"})
    quick_project.stage({"k.py": "x = (\n    1\n"})

    says(quick_project.check(), 3, r"k\.py does not parse")


def test_broken_files_that_tests_keep_are_data(quick_project: Project) -> None:
    quick_project.stage({"tests/data/broken.py": "def f(:\n"})

    assert quick_project.check().code == 0


def test_no_tests_at_all(quick_project: Project) -> None:
    quick_project.commit({"test_m.py": None, "pytest.ini": "[pytest]\n"})
    quick_project.stage({"notes.toml": "x = 1\n", "pytest.ini": "[pytest]\naddopts = -ra\n"})

    says(quick_project.check(), 3, "pytest found no tests in the whole project")


def test_no_tests_and_changed_lines(quick_project: Project) -> None:
    quick_project.commit({"test_m.py": None})
    quick_project.stage({"m.py": BASE_MODULE.replace("x + 1", "x + 3")})

    answer = quick_project.check()

    assert answer.code == 1, answer
    assert answer.uncovered == {"m.py": [2]}


def test_interpreter_without_pytest(quick_project: Project, tmp_path: Path) -> None:
    python = make_environment(tmp_path / "bare", ["coverage"])
    before = quick_project.state()

    answer = quick_project.check(COVGATE_PYTHON=str(python))

    says(answer, 2, r"no interpreter of the project has pytest and coverage; tried:(.|\n)*lacks")
    assert f"{python} -m pip install" in answer.data["findings"][0]["help"]
    assert quick_project.state() == before


def test_interpreter_that_does_not_exist(quick_project: Project) -> None:
    answer = quick_project.check("--python", "no/such/python")

    says(answer, 2, r"no/such/python \(.*\): does not exist")


SETTINGS = {
    "broken-toml": ("pyproject.toml", "[tool.covgate\n", 2, r"pyproject\.toml"),
    "broken-toml-of-other-tools": ("pyproject.toml", "[tool.ruff\n", 2, r"pyproject\.toml"),
    "unknown-key": ("pyproject.toml", "[tool.covgate]\ntimeot = 3\n", 2, "timeout"),
    "broken-pytest-options": ("pytest.ini", "[pytest]\naddopts = --nosuch\n", 3, "pytest could"),
    "broken-coverage": (".coveragerc", "[run]\nplugins = nosuch\n", 3, "."),
}


@pytest.mark.parametrize(("path", "text", "code", "said"), SETTINGS.values(), ids=SETTINGS)
def test_broken_settings(
    quick_project: Project, path: str, text: str, code: int, said: str
) -> None:
    quick_project.stage({path: text})
    before = quick_project.state()

    says(quick_project.check(), code, said)

    assert quick_project.state() == before


def test_not_a_repository(clean_env: Mapping[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "covgate", "check"],
        cwd=tmp_path,
        env={**clean_env, "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "is not in a git working tree" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_bare_repository(quick_project: Project, tmp_path: Path) -> None:
    quick_project.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))

    says(quick_project.check(cwd=str(tmp_path / "bare.git")), 2, "not in a git working tree")


def test_folder_that_is_gone(quick_project: Project) -> None:
    gone = quick_project.root / "gone"
    gone.mkdir()
    command = 'rmdir "$PWD"; exec "$0" -m covgate check'

    answer = quick_project.run("sh", "-c", command, sys.executable, cwd="gone")

    assert answer.code == 2, answer
    assert "Traceback" not in answer.err


def test_unmerged_index(quick_project: Project) -> None:
    quick_project.git("reset", "-q", "--hard")
    quick_project.git("branch", "other")
    quick_project.commit({"m.py": BASE_MODULE.replace("x + 1", "x + 2")})
    quick_project.git("checkout", "-q", "other")
    quick_project.commit({"m.py": BASE_MODULE.replace("x + 1", "x + 3")})
    quick_project.git("merge", "-q", "main", check=False)
    before = quick_project.state()

    says(quick_project.check(), 2, r"unmerged paths: m\.py")

    assert quick_project.state() == before


def test_shallow_clone_without_the_base(quick_project: Project, tmp_path: Path) -> None:
    quick_project.commit({"k.txt": "1"})
    quick_project.commit({"k.txt": "2"})
    first = quick_project.git("rev-list", "--max-parents=0", "HEAD")
    clone = str(tmp_path / "clone")
    quick_project.git("clone", "-q", "--depth=1", f"file://{quick_project.root}", clone)

    answer = quick_project.check("--from-ref", first, "--to-ref", "HEAD", cwd=clone)

    says(answer, 3, "there is no commit")
    assert "fetch --unshallow" in answer.data["findings"][0]["help"]


@pytest.mark.parametrize("kept", [-30, 40, 5], ids=["end-cut", "entries-cut", "header-cut"])
def test_damaged_index(project: Project, kept: int) -> None:
    """git reads a cut index as far as it goes, without a word."""
    index = project.root / ".git" / "index"
    index.write_bytes(index.read_bytes()[:kept])

    says_not_passed(project.check())


def test_corrupt_files_of_our_own(quick_project: Project) -> None:
    """What lies under .git/covgate is only evidence: without it everything is done again."""
    assert quick_project.check(PRE_COMMIT="1").code == 0
    for path in (quick_project.root / ".git" / "covgate").rglob("*"):
        if path.is_file():
            path.write_bytes(b"\0rubbish")

    assert quick_project.check(PRE_COMMIT="1").code == 0


def test_state_folder_that_is_a_file(quick_project: Project) -> None:
    quick_project.run("sh", "-c", "rm -rf .git/covgate; echo > .git/covgate", check=True)
    before = quick_project.state()

    answer = quick_project.check(PRE_COMMIT="1")

    assert answer.code == 0, answer
    assert quick_project.state() == before


def test_git_folder_that_cannot_be_written(quick_project: Project, tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("the superuser may write everywhere")
    quick_project.run("chmod", "-R", "a-w", ".git", check=True)
    try:
        assert quick_project.check().code == 0
    finally:
        quick_project.run("chmod", "-R", "u+w", ".git", check=True)


STREAMS = {"closed": "exec >&-", "full": "exec >/dev/full", "both-closed": "exec >&- 2>&-"}


@pytest.mark.parametrize("streams", STREAMS.values(), ids=STREAMS)
def test_nobody_reads_the_answer(quick_project: Project, streams: str) -> None:
    quick_project.stage({"m.py": BASE_MODULE.replace("return 2", "return 3")})
    command = f'{streams}; exec "$0" -m covgate check --target 100'

    answer = quick_project.run("sh", "-c", command, sys.executable)

    assert answer.code in (1, 3), answer
    assert "Traceback" not in answer.err
    assert "Exception ignored" not in answer.err


def test_broken_pipe(quick_project: Project) -> None:
    command = '{ "$0" -m covgate check --format json; echo $? >&2; } | true'

    answer = quick_project.run("sh", "-c", command, sys.executable)

    assert answer.err.strip() in ("0", "3"), answer  # 0 when it was quicker than `true`


def test_streams_without_unicode(quick_project: Project) -> None:
    quick_project.stage({"m.py": BASE_MODULE.replace("return 2", "return 'é→'")})

    answer = quick_project.covgate("check", "--target=100", PYTHONIOENCODING="ascii", LC_ALL="C")

    assert answer.code == 1, answer
    assert "Traceback" not in answer.err


def says_not_passed(answer: Answered) -> None:
    """Check that whatever went wrong is told, and is no pass."""
    assert answer.code in (2, 3), answer
    assert "Traceback" not in answer.err
    assert "defect" not in answer.out + answer.err
