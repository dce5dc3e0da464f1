"""Watches what tests do to the tree: which files they write, which missing ones they look for.

In place, the first write to a file keeps a copy of it, so that covgate can undo what the tests
did. In an isolated tree, a module or file that is not part of the commit but lies in the user's
working tree is noted when the tests look for it: it should have been added.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from _covgate_plan import Plan

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_REMOVALS = frozenset(["os.remove", "os.rename", "os.rmdir", "os.truncate", "os.symlink", "os.link"])
_TWO_PATHS = frozenset(["os.rename", "os.link", "os.symlink"])
# Processes that tests start write out of our sight.
_CHILDREN = frozenset(
    ["subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.fork", "os.forkpty"]
)
_WATCHED = frozenset(["open", *_REMOVALS, *_CHILDREN])


class Guard:
    """One run's watch; `test` is the id of the running test, None between tests."""

    def __init__(self, plan: Plan) -> None:
        self.test: str | None = None
        self._root = plan["root"] + os.sep
        self._origin = plan["origin"]
        self._backup = plan["backup"]
        self._notes = plan["notes"]
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
            else:
                for path in args[: 2 if event in _TWO_PATHS else 1]:
                    self._written(path)
        except (OSError, ValueError, TypeError):
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
        if self._backup is None:
            return
        relative = self._inside(path)
        if relative is None or relative in self._seen or os.getpid() != self._pid:
            return
        self._seen.add(relative)
        full = self._root + relative
        existed = os.path.lexists(full)
        if existed and os.path.isfile(full):
            copy = os.path.join(self._backup, str(len(self._seen)))
            shutil.copy2(full, copy)
            self._note("write", relative, copy)
        elif not existed:
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

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: Any = None
    ) -> None:
        """Note a module that only the user's working tree has; finds nothing."""
        parts = name.split(".")[-1]
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
