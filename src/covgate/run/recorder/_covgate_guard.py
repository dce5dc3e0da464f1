"""Watches what tests do to the tree: which files they write, which missing ones they look for.

In place, the first write to a file keeps a copy of it, so that covgate can undo what the tests
did. In an isolated tree, a module or file that is not part of the commit but lies in the user's
working tree is noted when the tests look for it: it should have been added.
"""

import os
import shutil
import sys
import threading

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_REMOVALS = ("os.remove", "os.rename", "os.rmdir", "os.truncate", "os.symlink", "os.link")


class Guard:
    """One run's watch; `test` is the id of the running test, None between tests."""

    def __init__(self, plan):
        self.test = None
        self._root = plan["root"] + os.sep
        self._origin = plan["origin"]
        self._backup = plan["backup"]
        self._notes = plan["notes"]
        self._seen = set()
        self._busy = threading.local()
        self._pid = os.getpid()

    def start(self):
        """Begin to watch; an audit hook can't be taken back, so it ends with the process."""
        sys.addaudithook(self._audit)
        if self._origin:
            sys.meta_path.append(self)

    # -- files ---------------------------------------------------------------------------------

    def _audit(self, event, args):
        if event != "open" and event not in _REMOVALS:
            return
        if getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            if event == "open":
                self._opened(*args)
            else:
                for path in args[: 2 if event in ("os.rename", "os.link", "os.symlink") else 1]:
                    self._written(path)
        except (OSError, ValueError, TypeError):
            pass  # whatever is odd about the path is the test's own affair
        finally:
            self._busy.now = False

    def _opened(self, path, mode, flags):
        if isinstance(path, int):
            return
        if flags & _WRITING if isinstance(flags, int) else any(c in "wax+" for c in mode or ""):
            self._written(path)
        elif self._origin:
            self._looked_for(path)

    def _written(self, path):
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

    def _looked_for(self, path):
        relative = self._inside(path)
        if relative is None or relative in self._seen:
            return
        if not os.path.exists(self._root + relative) and self._in_origin(relative):
            self._seen.add(relative)
            self._note("missing", relative, "")

    def _inside(self, path):
        full = os.path.abspath(os.fsdecode(path))
        return full[len(self._root) :] if full.startswith(self._root) else None

    def _in_origin(self, relative):
        return os.path.isfile(os.path.join(self._origin, relative))

    # -- imports: the last finder is asked for what nobody found ---------------------------------

    def find_spec(self, name, path=None, target=None):
        parts = name.split(".")[-1]
        for folder in path if path is not None else sys.path:
            relative = self._inside(os.path.join(folder or os.getcwd(), parts))
            if relative is None:
                continue
            for found in (relative + ".py", os.path.join(relative, "__init__.py")):
                if found not in self._seen and self._in_origin(found):
                    self._seen.add(found)
                    self._note("missing", found, "")
        return None

    def _note(self, kind, relative, copy):
        import json

        line = json.dumps([kind, relative.replace(os.sep, "/"), copy, self.test]) + "\n"
        descriptor = os.open(self._notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode("utf-8", "backslashreplace"))
        finally:
            os.close(descriptor)
