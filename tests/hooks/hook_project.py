"""A project with a hook runner installed, and an environment as bare as that of a GUI."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from conftest import BASE_MODULE, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import Answered

RUNNERS = ("pre-commit", "prek")
HOOK = """\
      - id: {id}
        name: {id}
        entry: {python} -m covgate {words}
        language: system
        pass_filenames: false
        always_run: true
        require_serial: true
"""
ALL_IDS = {
    "covgate": "check --target 100",
    "impacted-tests": "check --target 100 --only tests-fail,untracked-dependency",
    "diff-coverage": "check --target 100 --only diff-coverage",
    "skip-reasons": "check --target 100 --only skip-without-reason",
}
UNTESTED = "\n\ndef h(x):\n    return x\n"
COUNTING_TEST = """\
from m import f


def test_f():
    with open({counter!r}, "a") as stream:
        stream.write("run\\n")
    assert f(1) == 2
"""


def local_config(*ids: str) -> str:
    """Return a configuration that runs this very covgate as a local hook."""
    hooks = "".join(HOOK.format(id=i, words=ALL_IDS[i], python=sys.executable) for i in ids)
    return f"repos:\n  - repo: local\n    hooks:\n{hooks}"


def bare_environment(home: Path, clean: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a program started from a desktop has: nothing is activated."""
    kept = ("HOME", "TMPDIR", "PYTHONPATH", "SSL_CERT_FILE", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL")
    more = ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM")
    env = {name: clean[name] for name in (*kept, *more) if name in clean}
    env.update({name: value for name, value in clean.items() if name.startswith("PIP_")})
    return {
        **env,
        "PATH": os.defpath,
        "PRE_COMMIT_HOME": str(home / "pre-commit"),
        "PREK_HOME": str(home / "prek"),
    }


class HookProject:
    """A project whose own environment is `.venv`, and whose commits go through a runner."""

    def __init__(self, project: Project, runner: str, environment: Path, counter: Path) -> None:
        self.project = project
        self.runner = str(Path(sys.executable).parent / runner)
        self.counter = counter
        (project.root / ".venv").symlink_to(environment)
        test = COUNTING_TEST.format(counter=str(counter))
        project.commit({".gitignore": ".venv\n", "test_m.py": test})

    def configure(self, config: str) -> None:
        """Commit a configuration of hooks and install the runner."""
        self.project.commit({".pre-commit-config.yaml": config})
        self.project.run(self.runner, "install", check=True)

    def commit(self, *args: str, cwd: str = ".") -> Answered:
        """Run `git commit`, through the hooks."""
        return self.project.run("git", "commit", "-m", "a change", *args, cwd=cwd)

    def hook(self, *args: str, cwd: str = ".") -> Answered:
        """Run the runner by hand."""
        return self.project.run(self.runner, "run", *args, cwd=cwd)

    def head(self, cwd: str = ".") -> str:
        """Return the commit that is checked out."""
        return self.project.run("git", "rev-parse", "HEAD", cwd=cwd, check=True).out.strip()

    def runs(self) -> int:
        """Return how often the test has run since last asked."""
        count = self.counter.read_text().count("run") if self.counter.exists() else 0
        self.counter.unlink(missing_ok=True)
        return count


def with_untested() -> str:
    """Return the module with a function that no test calls."""
    return BASE_MODULE + UNTESTED


def with_tested() -> str:
    """Return the module with an edit in the tested function."""
    return BASE_MODULE.replace("x + 1", "1 + x")


def with_broken() -> str:
    """Return the module with an edit that fails its test."""
    return BASE_MODULE.replace("x + 1", "x + 2")


def without_covgate(env: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return `env` without what makes covgate importable, with an interpreter to install it."""
    programs = home / "programs"
    programs.mkdir(exist_ok=True)
    for name in ("python", "python3"):
        if not (programs / name).exists():
            (programs / name).symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    clean = {name: value for name, value in env.items() if name != "PYTHONPATH"}
    return {**clean, "PATH": f"{programs}{os.pathsep}{env['PATH']}"}


def tracked_copy(folder: Path, env: Mapping[str, str]) -> Project:
    """Make a repository of the tracked files of covgate as they are now."""
    top = Path(__file__).parents[2]
    source = Project.__new__(Project)
    source.root, source.env = top, dict(env)
    names = source.git("ls-files", "-z").split("\0")
    copy = Project(folder, env)
    for name in names:
        if name and (top / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(top / name, folder / name)
            os.chmod(folder / name, 0o644)  # noqa: PTH101
    copy.git("add", "-A")
    copy.git("commit", "-q", "--no-verify", "-m", "covgate")
    return copy
