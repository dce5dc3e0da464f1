"""A hash of all around a tree that a test may depend on: what makes an earlier pass count again.

Where something can't be told, there is no hash. It reads the state (size and time) of files, not
their content: nobody changes a file without one of them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from covgate import __version__
from covgate.run.environment import RECORDER, PrivatePlaces, environment_for_tests
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


class _TooManyError(Exception):
    """There are more files than can be looked at in a moment."""


def world_of(
    around: Surroundings, snapshot: Snapshot, settings: Settings, python: str
) -> str | None:
    """Return the hash of program, interpreter, packages, variables and files beside the tree."""
    fixed = around.repo.state
    env = environment_for_tests(around.env, python, RECORDER, PrivatePlaces(fixed, fixed, fixed))
    arguments = (settings.pytest_args, settings.test_paths, settings.source_roots)
    files = _Files()
    try:
        parts = [
            _program(),
            environment_key(python, env, snapshot, arguments),
            *(f"{name}={value}" for name, value in sorted(env.items()) if name not in _VOLATILE),
            *_packages(around, env, python, files),
            *_beside(around, python, files),
        ]
    except (_TooManyError, OSError):
        return None
    return digest("\n".join(parts))


def _program() -> str:
    """Return the state of covgate itself: a version is not enough while it is being worked on."""
    files = _Files()
    return f"{__version__} " + digest("\n".join(files.states(Path(__file__).parent.parent)))


def file_state(path: str) -> str:
    """Return the state of a file or a folder outside of the tree, "" when it is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a string is at hand
    except OSError:
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ino}"


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
    own = (around.repo.top, around.repo.main_top, RECORDER)
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


def _beside(around: Surroundings, python: str, files: _Files) -> Iterable[str]:
    """Yield what lies in the working tree and is not part of the commit."""
    working = read_working_tree(around.repo)
    yield repr((working.edited, working.untracked))
    environment = Path(python).parent.parent
    for path in (*working.untracked, *working.ignored, *working.submodules):
        place = around.repo.top / path
        if is_made_by_tools(path) or place.resolve() == environment.resolve():
            continue
        if (place / "pyvenv.cfg").exists():
            continue  # another environment: it is in nobody's way
        yield from files.states(place)
