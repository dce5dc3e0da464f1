"""What most tests need: a real repository, and the real command run in it as git would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from project_environments import make_environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BASE_MODULE = """\
def f(x):
    y = x + 1
    return y


def g(x):
    if x:
        return 1
    return 2
"""
BASE_TEST = """\
from m import f


def test_f():
    assert f(1) == 2
"""


class Answered(NamedTuple):
    """What a command said: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The JSON answer."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def rules(self) -> list[str]:
        """The rules of all findings, sorted."""
        return sorted(finding["rule"] for finding in self.data["findings"])

    @property
    def uncovered(self) -> dict[str, list[int]]:
        """The uncovered changed lines of each file that has some."""
        coverage = self.data["diff_coverage"] or {"files": {}}
        files = coverage["files"].items()
        return {path: lines["uncovered"] for path, lines in files if lines["uncovered"]}

    @property
    def ran(self) -> list[str]:
        """The ids of the tests that ran, sorted."""
        return sorted(test["id"] for test in self.data["tests"]["selected"])


class Project:
    """A real git repository in a temporary folder."""

    def __init__(self, root: Path, env: Mapping[str, str], object_format: str = "sha1") -> None:
        self.root = root
        self.env = dict(env)
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main", f"--object-format={object_format}")

    def git(self, *args: str, check: bool = True, **extra: str) -> str:
        """Run git here and return its output."""
        return self.run("git", *args, check=check, **extra).out.strip()

    def run(self, *command: str, check: bool = False, cwd: str = ".", **extra: str) -> Answered:
        """Run a command here, with more variables if wanted."""
        done = subprocess.run(
            command,
            cwd=self.root / cwd,
            env={**self.env, **extra},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        out, err = (os.fsdecode(stream) for stream in (done.stdout, done.stderr))
        assert not check or done.returncode == 0, f"{command}: {out}{err}"
        return Answered(done.returncode, out, err)

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files into the working tree; None removes one."""
        for name, text in files.items():
            place = self.root / name
            if text is None:
                place.unlink()
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode() if isinstance(text, str) else text)

    def stage(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write files and stage exactly these."""
        self.write(files)
        self.git("add", "-A", "-f", "--", *files)

    def commit(self, files: Mapping[str, str | bytes | None], message: str = "a change") -> str:
        """Stage files and commit them, past all hooks; returns the commit."""
        self.stage(files)
        self.git("commit", "-q", "--no-verify", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")

    def covgate(self, *args: str, cwd: str = ".", **extra: str) -> Answered:
        """Run the real command."""
        return self.run(sys.executable, "-m", "covgate", *args, check=False, cwd=cwd, **extra)

    def check(self, *args: str, cwd: str = ".", **extra: str) -> Answered:
        """Run `covgate check` with a target of 100 and a JSON answer."""
        return self.covgate("check", "--target=100", "--format=json", *args, cwd=cwd, **extra)

    def state(self) -> dict[str, bytes | str]:
        """Everything that covgate must leave alone: files, index, HEAD, refs, configuration."""
        inside = self.root / ".git"
        files: dict[str, bytes | str] = {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and not path.is_symlink() and inside not in path.parents
        }
        git_dir = Path(self.git("rev-parse", "--absolute-git-dir"))
        common = Path(self.git("rev-parse", "--path-format=absolute", "--git-common-dir"))
        files["index"] = (git_dir / "index").read_bytes() if (git_dir / "index").exists() else b""
        files["HEAD"] = (git_dir / "HEAD").read_bytes()
        files["config"] = (common / "config").read_bytes()
        files["refs"] = self.git("for-each-ref", check=False)
        files["stash"] = self.git("stash", "list", check=False)
        return files


@pytest.fixture(scope="session")
def clean_env(tmp_path_factory: pytest.TempPathFactory, lean_python: str) -> dict[str, str]:
    """The variables of a user without any git configuration, whose interpreter is lean."""
    home = tmp_path_factory.mktemp("home")
    dropped = (
        "GIT_", "PRE_COMMIT", "PREK", "PYTEST_", "COV_CORE", "COVGATE_", "VIRTUAL_ENV",
        "CI", "GITHUB_", "GITLAB_",
    )  # fmt: skip
    env = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    # To compile everything anew takes longer than most runs do.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    env.update(
        HOME=str(home),
        TMPDIR=str(tmp_path_factory.mktemp("tmp")),
        GIT_CONFIG_NOSYSTEM="1",
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_AUTHOR_NAME="A Developer",
        GIT_AUTHOR_EMAIL="dev@example.invalid",
        GIT_COMMITTER_NAME="A Developer",
        GIT_COMMITTER_EMAIL="dev@example.invalid",
        COVGATE_PYTHON=lean_python,
    )
    return env


@pytest.fixture(scope="session")
def lean_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter with pytest and coverage, and no plugin that would slow it down."""
    return str(make_environment(tmp_path_factory.mktemp("lean") / "environment"))


@pytest.fixture
def hangups() -> Iterator[None]:
    """Hanging up ends the processes of a test, as in a terminal: under `nohup` it is ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def empty_project(tmp_path: Path, clean_env: Mapping[str, str]) -> Project:
    """A repository without a commit."""
    return Project(tmp_path / "project", clean_env)


@pytest.fixture
def project(empty_project: Project) -> Project:
    """A repository with the module `m` (f is tested, g is not) and its test, committed."""
    empty_project.commit({"m.py": BASE_MODULE, "test_m.py": BASE_TEST}, "base")
    return empty_project


@pytest.fixture
def quick_project(project: Project, lean_python: str) -> Project:
    """The project with an edited, tested line staged; its interpreter has no plugins."""
    project.env["COVGATE_PYTHON"] = lean_python
    project.stage({"m.py": BASE_MODULE.replace("x + 1", "1 + x")})
    return project
