"""A hash of all around a tree that a test may depend on: what makes an earlier pass count again.

Where something can't be told, there is no hash. It reads the state (size and time) of files, not
their content: nobody changes a file without one of them.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from covgate import __version__
from covgate.gate.session import is_of_session
from covgate.run.environment import PrivatePlaces, environment_for_tests
from covgate.run.worktree import is_made_by_tools, read_working_tree
from covgate.traces.environment import environment_key, site_folders
from covgate.traces.values import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.change.snapshot import Snapshot
    from covgate.config.model import Settings
    from covgate.gate.surroundings import Surroundings

_MOST_FILES = 80_000
# They change from one start of a program to the next.
_VOLATILE = frozenset({"_", "SHLVL", "OLDPWD"})
_PARTS = {
    "program": "covgate itself",
    "interpreter": "the interpreter, pytest's plugins or their settings",
    "variables": "environment variables",
    "packages": "installed packages",
    "beside": "files beside the commit",
}
_OTHERWISE = "what is known of the project"
_PROGRAMS = 8
_JUDGES_WITH = ("coverage-", "diff_cover-", "pyyaml-")


class _TooManyError(Exception):
    """There are more files than can be looked at in a moment."""


def world_of(
    around: Surroundings,
    snapshot: Snapshot,
    settings: Settings,
    python: str,
    *,
    beside: bool = True,
) -> str | None:
    """Return the hashes of program, interpreter, packages, variables and files beside the tree.

    They are one string, whose parts `difference` names. Without `beside`, edited and untracked
    files of the working tree do not count. What differs from one terminal window to the next is
    left to `gate.session`.
    """
    env = variables_of_tests(around, python)
    arguments = (settings.pytest_args, settings.test_paths, settings.source_roots)
    files = _Files()
    variables = (f"{name}={env[name]}" for name in sorted(env) if not _may_differ(name))
    try:
        parts = {
            "program": _program(around.repo.shared_state / "program"),
            "interpreter": environment_key(python, env, snapshot, arguments),
            "variables": digest("\n".join(variables)),
            "packages": digest("\n".join(_packages(around, env, python, files))),
            "beside": digest("\n".join(_beside(around, python, files, beside=beside))),
        }
    except (_TooManyError, OSError):
        return None
    return " ".join(f"{part}:{value}" for part, value in parts.items())


def difference(one: str, other: str | None) -> str:
    """Return in words in which parts two worlds differ."""
    others = (other or "").split(" ")
    parts = [word.partition(":")[0] for word in one.split(" ") if word not in others]
    return ", ".join(_PARTS[part] for part in parts if part in _PARTS) or _OTHERWISE


def variables_of_tests(around: Surroundings, python: str) -> dict[str, str]:
    """Return the variables that tests are run with, as far as they are the same for each run.

    Where our own folders are, which a run or a hook runner has elsewhere, one stands for all.
    """
    fixed = around.repo.state
    return environment_for_tests(around.env, python, fixed, PrivatePlaces(fixed, fixed, fixed))


def _may_differ(name: str) -> bool:
    return name in _VOLATILE or is_of_session(name)


def _program(memory: Path) -> str:
    """Return a hash of covgate itself by content, and of what it judges with.

    A hook runner installs a covgate of its own; a version is not enough while it is worked on.
    """
    top = Path(__file__).parent.parent
    parts = [__version__, sys.version, *_versions(top.parent), _content(top, memory)]
    return digest("\n".join(parts))


def _content(top: Path, memory: Path) -> str:
    """Return a hash of covgate's files; what it was is remembered while none has changed."""
    stamp = digest("\n".join(_Files().states(top)))
    try:
        known = [line.split(" ") for line in memory.read_text().splitlines()]
        remembered = {words[0]: words[1] for words in known}
    except (OSError, ValueError, IndexError):
        remembered = {}
    if stamp in remembered:
        return remembered[stamp]
    parts = []
    for file in sorted(top.rglob("*")):
        if file.suffix in (".py", ".json"):
            parts += [file.relative_to(top).as_posix(), digest(file.read_bytes())]
    found = digest("\n".join(parts))
    lines = [f"{one} {other}" for one, other in remembered.items()][-_PROGRAMS + 1 :]
    with contextlib.suppress(OSError):
        unfinished = memory.with_name(f"{memory.name}-{os.getpid()}")
        unfinished.write_text("\n".join([*lines, f"{stamp} {found}"]))
        unfinished.replace(memory)
    return found


def _versions(*more: Path) -> list[str]:
    """Return what is installed of `_JUDGES_WITH`, by the names of its metadata folders."""
    found = set()
    for folder in (*map(Path, sys.path), *more):
        if folder.name in ("site-packages", "dist-packages") and folder.is_dir():
            names = (entry.name.lower() for entry in os.scandir(folder))
            found |= {name for name in names if name.startswith(_JUDGES_WITH)}
    return sorted(found)


def file_state(path: str) -> str:
    """Return the state of a file or a folder outside of the tree, "" when it is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a string is at hand
    except OSError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


def changed_since(path: str, at_ns: int) -> bool:
    """Whether a file was written since a moment, as far as its times tell."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a string is at hand
    except OSError:
        return False
    return max(found.st_mtime_ns, found.st_ctime_ns) >= at_ns


class _Files:
    """Walks folders, and gives up after many files."""

    def __init__(self) -> None:
        self._left = _MOST_FILES
        self._seen: set[str] = set()

    def states(self, place: Path) -> Iterator[str]:
        """Yield the state of a file, or of every file below a folder."""
        pending = [str(place)]
        while pending:
            folder = pending.pop()
            real = os.path.realpath(folder)
            if real in self._seen:
                continue
            self._seen.add(real)
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except NotADirectoryError:
                yield f"{folder} {file_state(folder)}"
                continue
            except FileNotFoundError:
                yield f"{folder} -"
                continue
            for entry in entries:
                self._left -= 1
                if self._left < 0:
                    raise _TooManyError
                if entry.is_dir():
                    if not is_made_by_tools(entry.name + "/") or entry.name.endswith(".egg-info"):
                        pending.append(entry.path)
                elif not entry.name.endswith((".pyc", ".pyo")):
                    yield f"{entry.path} {file_state(entry.path)}"


def _packages(
    around: Surroundings, env: dict[str, str], python: str, files: _Files
) -> Iterator[str]:
    """Yield the state of everything that can be imported from outside of the tree."""
    sites = _sites(python, env)
    places = [Path(entry) for entry in env.get("PYTHONPATH", "").split(os.pathsep) if entry]
    own = (around.repo.top, around.repo.main_top, around.repo.state)
    for site in sites:
        yield from files.states(site)
        places += _linked_places(site)
    for place in places:
        full = around.repo.top / place
        if not any(full == top or top in full.parents for top in own):
            yield from files.states(full)


def _sites(python: str, env: dict[str, str]) -> list[Path]:
    """Return the folders of installed packages; of more than one environment where they share."""
    found = site_folders(python)
    config = Path(python).parent.parent / "pyvenv.cfg"
    alone = config.exists() and not re.search(
        r"(?im)^include-system-site-packages\s*=\s*true", config.read_text(errors="replace")
    )
    if alone:
        return found
    base = Path(python).resolve().parent.parent
    home = Path(env.get("HOME", "~")).expanduser()
    for top in (Path(python).parent.parent, base, Path("/usr/local"), home / ".local"):
        found += [*top.glob("lib/python3*/site-packages"), *top.glob("lib/python3*/dist-packages")]
    return [*dict.fromkeys(found)]


def _linked_places(site: Path) -> Iterator[Path]:
    """Yield the folders that `.pth` files and finders of editable installs lead to."""
    for entry in sorted(site.glob("*.pth")):
        for line in entry.read_text(encoding="utf-8", errors="replace").split("\n"):
            if line.strip() and not line.startswith(("#", "import ", "import\t")):
                yield site / line.strip()
    for entry in sorted(site.glob("__editable__*.py")):
        for text in re.findall(r"'([^'\n]+)'", entry.read_text(encoding="utf-8", errors="replace")):
            if os.path.isabs(text) and Path(text).exists():  # noqa: PTH117
                yield Path(text)


def _beside(around: Surroundings, python: str, files: _Files, *, beside: bool) -> Iterable[str]:
    """Yield what lies in the working tree and is not part of the commit."""
    working = read_working_tree(around.repo)
    untracked = working.untracked if beside else ()
    yield repr((working.edited if beside else (), untracked))
    environment = Path(python).parent.parent
    for path in (*untracked, *working.ignored, *working.submodules):
        place = around.repo.top / path
        if is_made_by_tools(path) or place.resolve() == environment.resolve():
            continue
        if (place / "pyvenv.cfg").exists():
            continue  # another environment: it is in nobody's way
        yield from files.states(place)
