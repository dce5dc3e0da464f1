"""A private copy of a project's repository, with an environment that it is installed in."""

from __future__ import annotations

import compileall
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import covgate
from git import Repo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")


class Workspace(NamedTuple):
    """The private clone, the interpreter that its tests run in, and clean variables."""

    clone: Path
    python: Path
    env: dict[str, str]

    def check_out_parent(self, commit: str) -> None:
        """Check out the parent of `commit`."""
        git = Repo(self.clone).git
        git.checkout("--quiet", "--force", "--detach", f"{commit}^")
        git.clean("-ffdq")

    def stage(self, commit: str) -> None:
        """Stage `commit` on top of its parent."""
        git = Repo(self.clone).git
        git.read_tree("--reset", "-u", commit)
        git.update_index("--refresh", "-q", with_exceptions=False)

    def changed_lines(self) -> set[tuple[str, int]]:
        """Return (path, line) of each line that the staged commit adds or changes."""
        options = ("--cached", "--unified=0", "--no-color", "--no-ext-diff", "--src-prefix=a/")
        found: set[tuple[str, int]] = set()
        path = ""
        for line in Repo(self.clone).git.diff(*options, "--dst-prefix=b/", "HEAD").split("\n"):
            if line.startswith("+++ "):
                path = line.removeprefix("+++ b/").rstrip("\t")
            elif hunk := HUNK.match(line):
                start, count = int(hunk[1]), int(hunk[2] or 1)
                found.update((path, number) for number in range(start, start + count))
        return found

    def candidates(self) -> Iterator[str]:
        """Yield commits with one parent that change Python code, newest first."""
        repo = Repo(self.clone)
        for commit in repo.iter_commits("replay-tip", first_parent=True, no_merges=True):
            changed = repo.git.diff("--name-only", "-z", f"{commit.hexsha}^", commit.hexsha)
            if any(name.endswith(".py") for name in changed.split("\0")):
                yield commit.hexsha


def prepare(
    source: Path,
    home: Path,
    requirements: Sequence[str],
    python: Path | None = None,
    interpreter: Path | None = None,
) -> Workspace:
    """Clone `source` below `home` and install it there; what exists already is kept.

    With `python` the environment of that interpreter is used as it is, and the clone's code goes
    before what is installed in it. With `interpreter` a new environment is made of that one.
    """
    clone, environment = home / "clone", home / "env"
    if not clone.exists():
        home.mkdir(parents=True, exist_ok=True)
        repo = Repo.clone_from(str(source), str(clone), no_checkout=False)
        repo.git.branch("replay-tip", "HEAD")
    if python is not None:
        root = clone / "src" if (clone / "src").is_dir() else clone
        return Workspace(clone, python, {**_environment(python), "PYTHONPATH": str(root)})
    python = environment / "bin" / "python"
    if not python.exists():
        if interpreter is None:
            venv.create(environment, with_pip=True)
        else:
            subprocess.run([str(interpreter), "-m", "venv", str(environment)], check=True)
        wanted = ["-e", str(clone), "pytest", "coverage", "diff-cover", *requirements]
        subprocess.run([str(python), "-m", "pip", "install", "-q", *wanted], check=True)
    return Workspace(clone, python, _environment(python))


def adopt(
    source: Path, home: Path, python: Path, name: str, requirements: Sequence[str]
) -> Workspace:
    """Clone `source` below `home`, beside a copy, called `name`, of the environment of `python`.

    In the copy the clone is installed in place of what was, and the requirements as well.
    """
    clone = home / "clone"
    environment = home / name
    own = environment / "bin" / "python"
    if not clone.exists():
        home.mkdir(parents=True, exist_ok=True)
        repo = Repo.clone_from(str(source), str(clone), no_checkout=False)
        repo.git.branch("replay-tip", "HEAD")
    if not (environment / "ready").exists():
        shutil.rmtree(environment, ignore_errors=True)
        shutil.copytree(python.parent.parent, environment, symlinks=True)
        pip = [str(own), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "--no-deps", "-e", str(clone)], check=True)
        if requirements:
            subprocess.run([*pip, *requirements], check=True)
        (environment / "ready").touch()
    return Workspace(clone, own, _environment(own))


def _environment(python: Path) -> dict[str, str]:
    # As an installer does: where no bytecode may be written, a checkout is compiled at every start.
    compileall.compile_dir(Path(covgate.__file__).parent, quiet=2)
    dropped = ("GIT_", "PRE_COMMIT", "COV", "PYTEST_", "VIRTUAL_ENV")
    env = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    own = str(Path(sys.executable).parent)
    env["PATH"] = os.pathsep.join([str(python.parent), own, env.get("PATH", "")])
    env["COVGATE_PYTHON"] = str(python)
    if "PYTHONPATH" in env:  # commands run in the clone
        env["PYTHONPATH"] = os.pathsep.join(
            map(os.path.abspath, env["PYTHONPATH"].split(os.pathsep))
        )
    return env
