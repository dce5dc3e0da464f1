"""Watches what tests do to the tree: which files they write, which missing ones they look for.

In place, the first write to a file keeps a copy of it, so that covgate can undo what the tests
did. In an isolated tree, a module or file that is not part of the commit but lies in the user's
working tree is noted when the tests look for it: it should have been added.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from _covgate_std import copy_file, json, os

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from _covgate_plan import Plan

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
# Events of one path, with the position of the folder descriptor that it is relative to.
_CHANGES = {
    "os.remove": 1,
    "os.truncate": None,
    "os.chmod": 2,
    "sqlite3.connect": None,
}
# Events of two paths; symbolic links come with the text of the link first.
_PAIRS = {"os.rename": (2, 3), "os.link": (2, 3)}
# Processes that tests start write out of our sight.
_CHILDREN = frozenset(
    ["subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty"]
)
_WATCHED = frozenset(["open", "os.symlink", *_CHANGES, *_PAIRS, *_CHILDREN])


def _placed(path: Any, descriptor: Any) -> Any:
    """Return a path that is relative to an open folder as an absolute one."""
    if not isinstance(descriptor, int) or descriptor < 0 or isinstance(path, int):
        return path
    return os.path.join(os.readlink("/proc/self/fd/%d" % descriptor), os.fsdecode(path))


class Guard:
    """One run's watch; `test` is the id of the running test, None between tests."""

    def __init__(self, plan: Plan) -> None:
        self.test: str | None = None
        self._root = plan["root"] + os.sep
        self._origin = plan["origin"]
        self._backup = plan["backup"]
        self._notes = plan["notes"]
        self._scratch = os.path.dirname(plan["events"]) + os.sep
        self._seen: set[str] = set()
        self._has_children = False
        self._busy = threading.local()
        self._pid = os.getpid()

    def start(self) -> None:
        """Begin to watch; an audit hook can't be taken back, so it ends with the process."""
        sys.addaudithook(self._audit)
        if self._origin:
            sys.meta_path.append(self)

    # -- files ---------------------------------------------------------------------------------

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in _WATCHED or getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            if event == "open":
                self._opened(*args)
            elif event in _CHILDREN:
                self._started_child()
            elif event == "os.symlink":
                self._written(_placed(args[1], args[2]))
            elif event in _PAIRS:
                for path, descriptor in zip(args, _PAIRS[event]):
                    self._written(_placed(path, args[descriptor]))
            else:
                position = _CHANGES[event]
                self._written(_placed(args[0], -1 if position is None else args[position]))
        except Exception:
            pass  # whatever is odd about the path is the test's own affair
        finally:
            self._busy.now = False

    def _started_child(self) -> None:
        if not self._has_children:
            self._has_children = True
            self._note("child", "", "")

    def _opened(self, path: Any, mode: str | None, flags: Any) -> None:
        if isinstance(path, int):
            return
        if flags & _WRITING if isinstance(flags, int) else any(c in "wax+" for c in mode or ""):
            self._written(path)
        elif self._origin:
            self._looked_for(path)

    def _written(self, path: Any) -> None:
        if self._backup is None or isinstance(path, int) or os.getpid() != self._pid:
            return
        name = os.fsdecode(path)
        if name.startswith(self._scratch) and ".." not in name:
            return  # what the recorder writes
        # What lies behind a link is written; the link itself is removed.
        for full in {os.path.abspath(name), os.path.realpath(name)}:
            self._keep(full)

    def _keep(self, full: str) -> None:
        relative = self._inside(full)
        if relative is None or relative in self._seen or self._backup is None:
            return
        self._seen.add(relative)
        if os.path.islink(full) or os.path.isfile(full):
            copy = os.path.join(self._backup, str(len(self._seen)))
            if os.path.islink(full):
                os.symlink(os.readlink(full), copy)
            else:
                copy_file(full, copy)
            self._note("write", relative, copy)
        elif os.path.isdir(full):
            self._note("moved", relative, "")
        elif not os.path.lexists(full):
            self._note("create", relative, "")

    def _looked_for(self, path: Any) -> None:
        relative = self._inside(path)
        if relative is None or relative in self._seen or self._origin is None:
            return
        if not os.path.exists(self._root + relative) and self._in_origin(relative):
            self._seen.add(relative)
            self._note("missing", relative, "")

    def _inside(self, path: Any) -> str | None:
        full = os.path.abspath(os.fsdecode(path))
        return full[len(self._root) :] if full.startswith(self._root) else None

    def _in_origin(self, relative: str) -> bool:
        return os.path.isfile(os.path.join(self._origin or "", relative))

    # -- imports: the last finder is asked for what nobody found ---------------------------------

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> None:
        """Note a module that only the user's working tree has; finds nothing."""
        parts = name.rsplit(".", maxsplit=1)[-1]
        for folder in path if path is not None else sys.path:
            relative = self._inside(os.path.join(folder or os.getcwd(), parts))
            if relative is None:
                continue
            for found in (relative + ".py", os.path.join(relative, "__init__.py")):
                if found not in self._seen and self._in_origin(found):
                    self._seen.add(found)
                    self._note("missing", found, "")

    def _note(self, kind: str, relative: str, copy: str) -> None:
        line = json.dumps([kind, relative.replace(os.sep, "/"), copy, self.test]) + "\n"
        descriptor = os.open(self._notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode("utf-8", "backslashreplace"))
        finally:
            os.close(descriptor)
