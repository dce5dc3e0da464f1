"""A machine on which the pages are followed: real git, hook runners and covgate, but no network.

What would be downloaded is borrowed from the environment of these tests; the programs that
`stand_ins` names do what they would do outside of covgate's sight: make an environment where the
tool makes it, and start what they are asked to. `COVGATE_REAL_TOOLS=1` takes those that are on
PATH instead (with a network).
"""

from __future__ import annotations

import configparser
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from project_environments import LEAN, borrow, make_environment, site_packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TOP = Path(__file__).parents[2]
REAL = bool(os.environ.get("COVGATE_REAL_TOOLS"))
_FENCE = re.compile(r"(?ms)^```(\w*)\n(.*?)^```$")
# Programs of the machine come back to this module, in the interpreter of these tests.
_BACK = (
    f"import sys; sys.path[:0] = [{str(TOP / 'tests')!r}, {str(TOP / 'tests/docs')!r}]; "
    "from offline_machine import main; sys.exit(main(sys.argv[1:]))"
)
_PIP = f"""\
import subprocess, sys
sys.exit(subprocess.call([{sys.executable!r}, "-c", {_BACK!r}, "pip", sys.prefix, *sys.argv[1:]]))
"""


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str


def section(page: str, title: str = "") -> list[Block]:
    """Return the blocks of a page, or of one of its sections (without sections below it)."""
    text = (TOP / page).read_text()
    if title:
        begin = re.search(rf"(?m)^#+ {re.escape(title)}$", text)
        assert begin, f"{page} has no section {title}"
        # A line of a block that begins with # is no title.
        rest = text[begin.end() :]
        fences = [match.span() for match in _FENCE.finditer(rest)]
        ends = (
            match.start()
            for match in re.finditer(r"(?m)^#+ ", rest)
            if not any(start <= match.start() < end for start, end in fences)
        )
        text = rest[: next(ends, len(rest))]
    return [Block(*match.groups()) for match in _FENCE.finditer(text)]


def of(blocks: Iterable[Block], *languages: str) -> list[str]:
    """Return the texts of the blocks in these languages."""
    return [block.text for block in blocks if block.language in languages]


class Followed(NamedTuple):
    """What a shell said, with both streams in order."""

    code: int
    said: str


class Machine:
    """A home, and the programs on its PATH."""

    def __init__(
        self, folder: Path, clean: Mapping[str, str], stand_ins: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.programs = folder / "programs"
        self.programs.mkdir(parents=True)
        back = f"#!/bin/sh\nexec {sys.executable} -c {shlex.quote(_BACK)}"
        self.program("python3", f'{back} python3 "$@"\n')
        self.program("pipx", f'{back} pipx "{folder}" "$@"\n')
        for name, text in stand_ins.items():
            if not (REAL and shutil.which(name)):
                self.program(name, text)
        kept = {key: value for key, value in clean.items() if key != "COVGATE_PYTHON"}
        path = os.environ["PATH"] if REAL else os.defpath
        self.env = {
            **kept,
            "PATH": f"{self.programs}{os.pathsep}{path}",
            "HOME": str(folder / "home"),
            "PRE_COMMIT_HOME": str(folder / "home" / "pre-commit"),
        }
        (folder / "home").mkdir()

    def program(self, name: str, text: str) -> None:
        """Put a program on PATH."""
        place = self.programs / name
        place.write_text(text)
        place.chmod(0o755)

    def install_covgate(self) -> None:
        """Do what `pipx install covgate` does."""
        pipx(self.folder, ["install", "covgate"])

    def follow(self, script: str, folder: Path, **env: str) -> Followed:
        """Run lines in a shell that stops at the first that fails, as the shells of CIs do."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=folder,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            text=True,
        )
        return Followed(done.returncode, done.stdout)


def main(words: list[str]) -> int:
    """What the programs of the machine do; returns their exit code."""
    what, *rest = words
    if what == "python3":
        return python3(rest)
    place, *rest = rest
    {"pip": pip, "pipx": pipx}[what](Path(place), rest)
    return 0


def python3(words: list[str]) -> int:
    """An interpreter whose environments get a pip that borrows what it is asked for."""
    if words[:2] != ["-m", "venv"]:
        return subprocess.call([sys.executable, *words])
    make_environment(Path(words[-1]), ())
    give_pip(Path(words[-1]))
    return 0


def give_pip(environment: Path) -> None:
    """Let `pip` and `python -m pip` of an environment borrow what they are asked for."""
    (site_packages(environment) / "pip.py").write_text(_PIP)
    _entry(environment, "pip", "import runpy; runpy.run_module('pip', run_name='__main__')")


def pip(environment: Path, words: list[str]) -> None:
    """`pip install`: borrow distributions; the project itself is named by a path."""
    verb, *words = words
    assert verb == "install"
    for name in (word for word in words if not word.startswith("-")):
        if not name.startswith("."):
            _install(environment, name)
        elif (Path.cwd() / "src" / "covgate").is_dir():
            _install(environment, "covgate")
            for needed in LEAN:  # those of the extra
                borrow(needed, site_packages(environment))
        else:
            (site_packages(environment) / "project.pth").write_text(f"{Path.cwd()}\n")


def pipx(folder: Path, words: list[str]) -> None:
    """`pipx install NAME`: an environment of its own, of which the program is on PATH."""
    verb, name = words
    assert verb == "install"
    environment = folder / "pipx" / name
    make_environment(environment, ())
    _install(environment, name)
    (folder / "programs" / name).symlink_to(environment / "bin" / name)


def _install(environment: Path, name: str) -> None:
    site = site_packages(environment)
    for needed in sorted(_required(name)):
        borrow(needed, site)
    if name == "covgate":
        (site / "covgate.pth").write_text(f"{TOP / 'src'}\n")
        _entry(environment, "covgate", "from covgate.cli import run; run()")
        return
    for point in importlib.metadata.distribution(name).entry_points.select(group="console_scripts"):
        call = f"import sys; from {point.module} import {point.attr}; sys.exit({point.attr}())"
        _entry(environment, point.name, call)


def _entry(environment: Path, name: str, code: str) -> None:
    program = environment / "bin" / name
    program.write_text(f"#!{environment.absolute()}/bin/python\n{code}\n")
    program.chmod(0o755)


def _required(name: str) -> set[str]:
    """Return a distribution, what it needs, and what that needs; covgate itself left out."""
    found: set[str] = set()
    todo = [name]
    while todo:
        one = todo.pop()
        if one in found or not (one == "covgate" or _is_there(one)):
            continue
        found.add(one)
        todo += _needs(one)
    return found - {"covgate"}


def _needs(name: str) -> list[str]:
    if name == "covgate":
        # It need not be installed here.
        setup = configparser.ConfigParser()
        setup.read(TOP / "setup.cfg")
        lines = setup["options"]["install_requires"].split("\n")
    else:
        lines = importlib.metadata.requires(name) or []
    return [re.split(r"[^\w.-]", line)[0].lower() for line in lines if line and "extra" not in line]


def _is_there(name: str) -> bool:
    """Whether it is installed here: some needs are those of other systems."""
    try:
        importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
