"""Notes what tests ask for by name: environment variables, modules, sources, distributions."""

import functools
import sys

import _covgate_modules

from _covgate_std import os

# Variables that differ from shell to shell: only the project's own code counts as a reader.
_COMMON = frozenset(
    {
        "PATH", "HOME", "TMPDIR", "TEMP", "TMP", "USER", "LOGNAME", "USERNAME", "LANG", "LANGUAGE",
        "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TERM", "COLUMNS", "LINES", "SHELL", "EDITOR", "PAGER",
        "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLORTERM", "PY_COLORS", "DISPLAY", "PWD",
        "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "CI", "TZ",
    }
)  # fmt: skip
_OURS = (
    "PYTEST_", "COV_CORE", "COVERAGE", "COVGATE", "GIT_", "PRE_COMMIT", "PREK", "PYTHONPATH",
    "PYTHONPYCACHEPREFIX", "PYTHONSAFEPATH", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE",
    "VIRTUAL_ENV", "HYPOTHESIS_STORAGE_DIRECTORY",
)  # fmt: skip
# The shell sets these anew for each command.
_FLEETING = frozenset({"_", "SHLVL", "OLDPWD"})
TOOL, PROJECT, OTHER = "tool", "project", "other"


class Questions:
    """Wrappers of what raises no audit event; a part of `Inputs`."""

    def _wrap_environ(self):
        kind = type(os.environ)
        original = kind.__getitem__
        contains = kind.__contains__
        inputs = self

        def getitem(environ, key):
            inputs._variable(key, sys._getframe(1))
            return original(environ, key)

        def contained(environ, key):
            inputs._variable(key, sys._getframe(1))
            return contains(environ, key)

        kind.__getitem__ = getitem
        kind.__contains__ = contained

    def counts(self, key):
        """Whether a variable is more than a matter of the shell, or of ours."""
        return not key.startswith(_OURS) and key not in _COMMON and key not in _FLEETING

    def _variable(self, key, frame):
        if self.busy or not isinstance(key, str) or key.startswith(_OURS) or key in _FLEETING:
            return
        asker = self._asker(frame)
        if asker is PROJECT or (asker is OTHER and key not in _COMMON):
            self.recorder.note("v", key)

    def _wrap_imports(self):
        import importlib
        import inspect

        original = importlib.import_module
        inputs = self

        @functools.wraps(original)
        def import_module(name, package=None):
            if inputs._asker(sys._getframe(1)) is TOOL:
                return original(name, package)
            if isinstance(name, str):
                full = name
                if name.startswith(".") and package:
                    try:
                        full = importlib.util.resolve_name(name, package)
                    except (ImportError, ValueError):
                        full = name
                inputs.recorder.note("i", full)
            module = original(name, package)
            inputs._module(module)
            return module

        importlib.import_module = import_module
        found = inspect.findsource

        @functools.wraps(found)
        def findsource(thing):
            if inputs._asker(sys._getframe(1)) is not TOOL:
                inputs._source(inspect, thing)
            return found(thing)

        inspect.findsource = findsource

    def _wrap_lines(self):
        """What `linecache` was asked for once, it reads no second time.

        Traceback and their like ask it in passing, which tells a test nothing of the file.
        """
        import linecache

        original = linecache.getlines
        inputs = self

        @functools.wraps(original)
        def getlines(filename, module_globals=None):
            found = original(filename, module_globals)
            frame = sys._getframe(1)
            if frame.f_code.co_name == "getline" and "linecache.py" in frame.f_code.co_filename:
                frame = frame.f_back
            if frame is not None and inputs._kind(frame.f_code.co_filename) in (PROJECT, OTHER):
                known = linecache.cache.get(filename, ())
                path = inputs._path(known[3] if len(known) == 4 else filename)
                if path:
                    inputs.recorder.note("f", path)
            return found

        linecache.getlines = getlines

    def wrap_metadata(self):
        """Note which distributions are asked for, found or not (once the module is loaded)."""
        metadata = sys.modules.get("importlib.metadata")
        if metadata is None or hasattr(metadata.Distribution, "_covgate"):
            return
        original, everything = metadata.Distribution.from_name, metadata.Distribution.discover
        inputs = self

        def from_name(cls, name):
            if inputs._asker(sys._getframe(1)) is not TOOL:
                inputs.recorder.note("d", str(name))
            return original.__func__(cls, name)

        def discover(cls, *args, **kwargs):
            caller = sys._getframe(1)
            if caller.f_code.co_name != "from_name" and inputs._asker(caller) is not TOOL:
                inputs.recorder.note("d", "*")
            return everything.__func__(cls, *args, **kwargs)

        metadata.Distribution.from_name = classmethod(from_name)
        metadata.Distribution.discover = classmethod(discover)
        metadata.Distribution._covgate = True

    def _module(self, module):
        path = self.recorder.project_path(_covgate_modules.fact(module, "__file__"))
        if path is not None and path.endswith(".py"):
            self.recorder.note("m", path)

    def _source(self, inspect, thing):
        try:
            path = self.recorder.project_path(inspect.getsourcefile(thing))
        except TypeError:
            return
        if path:
            self.recorder.note("f", path)
