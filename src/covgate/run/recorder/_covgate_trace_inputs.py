"""Notes what tests take in besides code: files, listings, variables, modules, other programs."""

import functools
import sys
from _thread import get_ident

from _covgate_std import os

_TOOLS = (
    "_pytest", "pluggy", "coverage", "xdist", "execnet", "pytest_cov", "pytest", "pytest_mock",
)  # fmt: skip
_ASKING = frozenset(
    {
        "exists", "lexists", "isfile", "isdir", "islink", "is_file", "is_dir", "is_symlink",
        "ismount", "is_mount", "realpath", "_joinrealpath", "resolve", "samefile",
    }
)  # fmt: skip
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
    "VIRTUAL_ENV",
)  # fmt: skip
TOOL, PROJECT, OTHER = "tool", "project", "other"


class Inputs:
    """The audit hook and the wrappers around what raises no audit event."""

    def __init__(self, recorder):
        self.recorder = recorder
        self.written = set()
        self._busy_threads = set()
        self.children = 0
        self.importing = None  # told when the body of a module is about to be executed
        self.whole_modules = False  # in a child: modules count as wholes
        self._kinds = {}
        stdlib = {os.path.dirname(os.__file__), os.path.dirname(functools.__file__)}
        self._stdlib = tuple(os.path.join(folder, "") for folder in stdlib)
        self._undo = []

    def start(self):
        self.recorder.is_library = self._is_library
        self._wrap_os()
        self._wrap_environ()
        self._wrap_imports()
        sys.addaudithook(self._audit)

    @property
    def busy(self):
        """Whether this thread is inside of the recorder; what other threads do still counts."""
        return get_ident() in self._busy_threads

    @busy.setter
    def busy(self, now):
        (self._busy_threads.add if now else self._busy_threads.discard)(get_ident())

    # -- who asks ---------------------------------------------------------------------------------

    def _asker(self, frame):
        """Return who stands behind `frame`: a tool such as pytest, the project, or a library."""
        while frame is not None:
            name = frame.f_code.co_filename
            kind = self._kinds.get(name)
            if kind is None:
                kind = self._kinds[name] = self._kind(name)
            if kind:
                return kind
            frame = frame.f_back
        return OTHER

    def _is_library(self, frame):
        """Whether it is a library that stands behind `frame`; wrappers of ours do not count."""
        while frame is not None:
            name = frame.f_code.co_filename
            kind = "" if "_covgate_" in name else self._kind(name)
            if kind:
                return kind is OTHER
            frame = frame.f_back
        return False

    def _kind(self, name):
        if self.recorder.project_path(name) is not None:
            return PROJECT
        if "_covgate_" in name or "linecache.py" in name:
            return TOOL
        parts = name.replace("\\", "/").split("/")
        if any(part in _TOOLS for part in parts[-6:]) and "site-packages" in name:
            return TOOL
        if name.startswith(self._stdlib) and "site-packages" not in name:
            return ""
        if name.startswith("<"):
            return ""
        return OTHER

    # -- audit events -----------------------------------------------------------------------------

    def _audit(self, event, args):
        handler = _EVENTS.get(event)
        if handler is None or self.busy:
            return
        self.busy = True
        try:
            handler(self, args)
        except Exception as error:  # an audit hook that raises would change the program
            self.recorder.current.add(("o", "recording failed: {!r}".format(error)))
        finally:
            self.busy = False

    def _path(self, name):
        if isinstance(name, bytes):
            name = os.fsdecode(name)
        if not isinstance(name, str):
            name = os.fspath(name) if hasattr(name, "__fspath__") else None
        if not isinstance(name, str):
            return None
        if not os.path.isabs(name):
            try:
                name = os.path.join(os.getcwd(), name)
            except OSError:
                return None
        path = self.recorder.project_path(name)
        return None if path is None or path == ".git" or path.startswith(".git/") else path

    def _opened(self, args):
        name, mode, flags = args
        path = self._path(name)
        if path is None:
            self._distribution(name)
            return
        if "__pycache__" in path:
            return
        frame = _frame(3)
        if frame.f_code.co_filename.startswith("<frozen importlib") and path.endswith(
            (".py", ".pyc", ".so", ".pyd")
        ):
            return
        asker = self._asker(frame)
        writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        if (isinstance(mode, str) and ("w" in mode or "x" in mode)) or (mode is None and writing):
            self.written.add(path)
            return
        if asker is not TOOL:
            self.recorder.note("f", path)

    def _distribution(self, name):
        """The metadata of an installed distribution was read."""
        if not isinstance(name, str) or not (".dist-info" in name or ".egg-info" in name):
            return
        if self._asker(_frame(4)) is not TOOL:
            for part in name.replace("\\", "/").split("/"):
                if part.endswith((".dist-info", ".egg-info")):
                    self.recorder.note("d", part.partition("-")[0])

    def _listed(self, args):
        asking = _frame(3).f_code.co_filename.replace("\\", "/")
        if asking.startswith("<frozen importlib") or "/importlib/metadata/" in asking:
            return  # the import path is searched for modules or for metadata, noted by their names
        path = self._path(args[0] if args and args[0] is not None else os.getcwd())
        if path is not None and self._asker(_frame(3)) is not TOOL:
            self.recorder.note("l", path)

    def _database(self, args):
        name = args[0]
        if isinstance(name, str) and name.startswith("file:"):
            name = name[5:].partition("?")[0]
        path = None if name == ":memory:" else self._path(name)
        if path is not None and self._asker(_frame(3)) is not TOOL:
            self.recorder.note("f", path)

    def _imported(self, args):
        name = args[0]
        if isinstance(name, str) and name.rpartition(".")[2] != "conftest":
            self.recorder.note("i", name)

    def _executed(self, args):
        code = args[0]
        if self.importing is not None and getattr(code, "co_name", None) == "<module>":
            self.importing(code)
        if self.whole_modules:
            path = self.recorder.project_path(getattr(args[0], "co_filename", None))
            if path:
                self.recorder.note("w", path)

    def _library(self, args):
        path = self._path(args[0])
        if path is not None:
            self.recorder.note("f", path)

    def _thread(self, args):
        function = args[0]
        if getattr(function, "__qualname__", "").startswith(
            ("Thread._bootstrap", "start_joinable")
        ):
            return
        if self._asker(_frame(3)) is not TOOL:
            self.recorder.note("o", "a thread started below the threading module")

    # -- other programs ---------------------------------------------------------------------------

    def _started(self, args):
        import _covgate_trace_child

        executable, argv, cwd, env = args
        for item in _covgate_trace_child.launched(self, executable, argv, cwd, env):
            self.recorder.note(*item)

    def _shell(self, args):
        self.recorder.note("o", "a shell command: {}".format(_short(args[0])))
        self._tokens(args[0])

    def _replaced(self, args):
        self.recorder.note("o", "another program took over: {}".format(_short(args[0])))

    def _tokens(self, command):
        text = os.fsdecode(command) if isinstance(command, bytes) else str(command)
        for token in text.replace("'", " ").replace('"', " ").split():
            path = self._path(token)
            if path:
                self.recorder.note("f", path)

    # -- what raises no audit event ---------------------------------------------------------------

    def _wrap_os(self):
        for name in ("stat", "lstat", "access", "readlink"):
            original = getattr(os, name)
            wrapper = self._asking(original)
            setattr(sys.modules["os"], name, wrapper)
            # `shutil` and others look up there what a function is able to do.
            for able in (
                os.supports_dir_fd,
                os.supports_effective_ids,
                os.supports_fd,
                os.supports_follow_symlinks,
            ):
                if original in able:
                    able.add(wrapper)
            accessor = getattr(sys.modules.get("pathlib"), "_NormalAccessor", None)
            if accessor is not None and hasattr(accessor, name):
                setattr(accessor, name, staticmethod(wrapper))

    def _asking(self, original):
        inputs = self

        @functools.wraps(original)
        def wrapper(path, *args, **kwargs):
            if not inputs.busy:
                inputs.busy = True
                try:
                    inputs._asked(path, sys._getframe(1))
                except Exception:
                    pass  # what cannot be told is told by the call itself
                finally:
                    inputs.busy = False
            return original(path, *args, **kwargs)

        return wrapper

    def _asked(self, name, frame):
        if isinstance(name, int):
            return
        path = self._path(name)
        if path is None or path == "" or "__pycache__" in path:
            return
        if self._asker(frame) is TOOL:
            return
        asking = frame.f_code.co_name in _ASKING or (
            frame.f_back is not None and frame.f_back.f_code.co_name in _ASKING
        )
        self.recorder.note("e" if asking else "f", path)

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

    def _variable(self, key, frame):
        if self.busy or not isinstance(key, str) or key.startswith(_OURS):
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
        path = self.recorder.project_path(getattr(module, "__file__", None))
        if path is not None and path.endswith(".py"):
            self.recorder.note("m", path)

    def _source(self, inspect, thing):
        try:
            path = self.recorder.project_path(inspect.getsourcefile(thing))
        except TypeError:
            return
        if path:
            self.recorder.note("f", path)


def _frame(depth):
    """The frame that many levels up; the outermost when the stack is shorter."""
    frame = sys._getframe(1)
    for _ in range(depth - 1):
        if frame.f_back is None:
            break
        frame = frame.f_back
    return frame


def _short(command):
    text = " ".join(map(str, command)) if isinstance(command, (list, tuple)) else str(command)
    return text if len(text) < 60 else text[:57] + "..."


_EVENTS = {
    "open": Inputs._opened,
    "os.listdir": Inputs._listed,
    "os.scandir": Inputs._listed,
    "sqlite3.connect": Inputs._database,
    "import": Inputs._imported,
    "exec": Inputs._executed,
    "ctypes.dlopen": Inputs._library,
    "subprocess.Popen": Inputs._started,
    "os.system": Inputs._shell,
    "os.exec": Inputs._replaced,
    "os.posix_spawn": Inputs._replaced,
    "_thread.start_new_thread": Inputs._thread,
    "_thread.start_joinable_thread": Inputs._thread,
}
