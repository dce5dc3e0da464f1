"""Watches what tests take from outside of the tree: a receipt must not outlive a change of it.

Files that lay there before the run are noted when they are read or listed, and what cannot be
compared later at all: connections, and files outside that are written.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING
from urllib.parse import unquote

from _covgate_std import json, os, time

if TYPE_CHECKING:
    from typing import Any

    from _covgate_plan import Plan

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_TRUNC
_LISTINGS = frozenset(["os.listdir", "os.scandir"])
_WATCHED = frozenset(["open", "sqlite3.connect", "socket.connect", "socket.sendto", *_LISTINGS])
# More than this and there will be no receipt anyway.
_MOST = 400
_REMOVING = "_rmtree_safe_fd"  # of `shutil`
# Times of files come from a clock that moves in steps.
_TICK_S = 0.012


def _folders(*places: str) -> tuple[str, ...]:
    """Return the beginnings of paths below some folders, behind links as well."""
    return tuple({p + os.sep for place in places for p in (place, os.path.realpath(place))})


def _database(name: Any) -> Any:
    """Return the file of a database, which may be named by a URI."""
    text = os.fsdecode(name)
    if not text.startswith("file:"):
        return name
    path = unquote(text[len("file:") :].partition("?")[0].partition("#")[0])
    return os.sep + path.partition("//")[2].partition("/")[2] if path[:2] == "//" else path


class Outside:
    """One run's watch; it writes to the file beside the guard's notes."""

    def __init__(self, plan: Plan) -> None:
        here = os.path.dirname(os.path.abspath(__file__))
        own = (os.path.dirname(plan["notes"]), plan["bytecode"], here)
        homes = (sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
        numbers = os.path.realpath(plan["numbers"])  # and what SQLite puts beside it
        self._known = (*_folders(*own, *homes), plan["numbers"], numbers, "/proc", "/dev", "/sys")
        self._tree = _folders(plan["root"], *plan["project_places"])
        self._file = plan["notes"] + ".outside"
        self._seen: set[tuple[str, str]] = set()
        self._busy = threading.local()
        self._started = time.time() - _TICK_S

    def start(self) -> None:
        """Begin to watch; an audit hook can't be taken back, so it ends with the process."""
        sys.addaudithook(self._audit)

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in _WATCHED or getattr(self._busy, "now", False) or len(self._seen) > _MOST:
            return
        self._busy.now = True
        try:
            if event.startswith("socket"):
                self._note("network", "")
            elif event in _LISTINGS:
                self._found("list", args[0])
            elif event == "sqlite3.connect":
                self._found("read", _database(args[0]))
            elif event == "open" and sys._getframe(1).f_code.co_name.startswith(_REMOVING):
                pass  # relative to a folder that is being removed, as pytest does with old ones
            elif event == "open" and self._is_writing(*args[1:]):
                self._found("write", args[0])
            else:
                self._found("read", args[0])
        except Exception:
            pass  # whatever is odd about the path is the test's own affair
        finally:
            self._busy.now = False

    def _is_writing(self, mode: str | None, flags: Any) -> bool:
        if isinstance(flags, int) and flags & _WRITING:
            return True
        return any(letter in "wax+" for letter in mode or "")

    def _found(self, kind: str, path: Any) -> None:
        if isinstance(path, int):
            return
        full = os.path.abspath(os.fsdecode(path if path is not None else "."))
        below = full + os.sep  # so that a folder lies in itself
        if below.startswith(self._known) or (kind, full) in self._seen:
            return
        if below.startswith(self._tree):
            if os.sep + ".git" + os.sep in below:
                self._note("git", "")
            return
        if (os.path.realpath(full) + os.sep).startswith((*self._known, *self._tree)):
            return
        try:
            found = os.stat(full)
        except OSError:
            found = None
        # What came into being during the run is the tests' own.
        if found is None or max(found.st_ctime, found.st_mtime) < self._started:
            if kind != "write" or found is not None:
                self._note(kind, full)

    def _note(self, kind: str, path: str) -> None:
        if (kind, path) in self._seen:
            return
        self._seen.add((kind, path))
        line = json.dumps([kind, path]) + "\n"
        descriptor = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode("utf-8", "backslashreplace"))
        finally:
            os.close(descriptor)
