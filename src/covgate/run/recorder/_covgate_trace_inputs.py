"""Notes what tests take in besides code: files, listings, variables, modules, other programs."""

import _thread
import functools
import sys
import threading
from _thread import get_ident

import _covgate_modules
from _covgate_std import os
from _covgate_trace_questions import OTHER, PROJECT, TOOL, Questions

_TOOLS = (
    "_pytest", "pluggy", "coverage", "xdist", "execnet", "pytest_cov", "pytest", "pytest_mock",
)  # fmt: skip
_ASKING = frozenset(
    {
        "exists", "lexists", "isfile", "isdir", "islink", "is_file", "is_dir", "is_symlink",
        "ismount", "is_mount", "realpath", "_joinrealpath", "resolve", "samefile",
    }
)  # fmt: skip


class Inputs(Questions):
    """The audit hook and the wrappers around what raises no audit event."""

    def __init__(self, recorder):
        self.recorder = recorder
        self.written = set()
        self._busy_threads = set()
        self.children = 0
        self.importing = None  # told when the body of a module is about to be executed
        self.trace_hook_taken = None  # told when somebody sets the trace hook
        self.thread_starts = None  # told when a thread is about to be started
        self.whole_modules = False  # in a child: modules count as wholes
        self._kinds = {}
        stdlib = {os.path.dirname(os.__file__), os.path.dirname(functools.__file__)}
        self._stdlib = tuple(os.path.join(folder, "") for folder in stdlib)
        self._undo = []
        self._links = {}  # symbolic links to the project that the tests made elsewhere

    def start(self):
        self.recorder.is_library = self._is_library
        self._wrap_os()
        self._wrap_environ()
        self._wrap_threads()
        self._wrap_imports()
        self._wrap_lines()
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
        if path is None and self._links:
            path = self._linked(name)
        return None if path is None or path == ".git" or path.startswith(".git/") else path

    def _linked(self, name):
        for link, target in self._links.items():
            if name == link or name.startswith(link + os.sep):
                return self.recorder.project_path(target + name[len(link) :])
        return None

    def _wrap_threads(self):
        """Whoever starts a thread may remember what runs there; Python 3.11 raises no event."""
        for name in ("_start_new_thread", "_start_joinable_thread"):
            original = getattr(threading, name, None)
            if original is not None:
                setattr(threading, name, self._starting(original))
        if sys.version_info < (3, 12):
            _thread.start_new_thread = self._starting(_thread.start_new_thread)

    def _starting(self, original):
        recorder = self.recorder

        @functools.wraps(original)
        def wrapper(function, *args, **kwargs):
            recorder.thread_starts(getattr(function, "__self__", None))
            if sys.version_info < (3, 12):
                self._thread((function,))
            return original(function, *args, **kwargs)

        return wrapper

    def _tied(self, args):
        """A hard link: whoever reads it reads the file."""
        path = self._path(args[0])
        if path:
            self.recorder.note("f", path)

    def _symlinked(self, args):
        target, link = (os.fsdecode(name) for name in args[:2])
        link = os.path.abspath(link)
        target = os.path.abspath(os.path.join(os.path.dirname(link), target))
        if self._path(target) is not None and self._path(link) is None:
            self._links[link] = target
        elif self._path(link) is not None:
            self.written.add(self._path(link))

    def _opened(self, args):
        name, mode, flags = args
        path = self._path(name)
        if path is None:
            self._distribution(name)
            return
        if "__pycache__" in path:
            return
        frame = _frame(3)
        if _covgate_modules.imports(frame) and path.endswith((".py", ".pyc", ".so", ".pyd")):
            return
        asker = self._asker(frame)
        writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        if (isinstance(mode, str) and ("w" in mode or "x" in mode)) or (mode is None and writing):
            self.written.add(path)
            return
        self._took("f", path, asker)

    def _took(self, kind, path, asker):
        """Note what was taken in; an object of a library may keep it for later tests."""
        if asker is not TOOL:
            self.recorder.note(kind, path)
        if asker is OTHER:
            self.recorder.note("L", kind, path)

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
        place = args[0] if args and args[0] is not None else os.getcwd()
        path = self._path(_place_of(place) if isinstance(place, int) else place)
        if path is not None:
            self._took("l", path, self._asker(_frame(3)))

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

    def _traced(self, args):
        if self.trace_hook_taken is not None:
            self.trace_hook_taken()

    def _library(self, args):
        path = self._path(args[0])
        if path is not None:
            self.recorder.note("f", path)

    def _thread(self, args):
        if self.thread_starts is not None:
            self.thread_starts()
        function = args[0]
        name = getattr(function, "__qualname__", "")
        if name.startswith(("Thread._bootstrap", "start_joinable")):
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
        import _covgate_trace_child

        for name in _covgate_trace_child.named([os.fsdecode(args[0])], ()):
            if self.counts(name):
                self.recorder.note("v", name)
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
        for name in ("open", "stat", "lstat", "access", "readlink"):
            original = getattr(os, name)
            wrapper = (self._opening if name == "open" else self._asking)(original)
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
            if name == "open":
                continue
            accessor = getattr(sys.modules.get("pathlib"), "_NormalAccessor", None)
            if accessor is not None and hasattr(accessor, name):
                setattr(accessor, name, staticmethod(wrapper))

    def _opening(self, original):
        """The audit event of `os.open` does not tell which folder a name is relative to."""
        inputs = self

        @functools.wraps(original)
        def wrapper(path, flags, mode=0o777, *, dir_fd=None):
            if dir_fd is not None and not inputs.busy:
                inputs.busy = True
                try:
                    inputs._opened((_beneath(path, dir_fd), None, flags))
                except Exception:
                    pass  # as in `_asking`
                finally:
                    inputs.busy = False
            return original(path, flags, mode, dir_fd=dir_fd)

        return wrapper

    def _asking(self, original):
        inputs = self

        @functools.wraps(original)
        def wrapper(path, *args, **kwargs):
            if not inputs.busy:
                inputs.busy = True
                try:
                    inputs._asked(_beneath(path, kwargs.get("dir_fd")), sys._getframe(1))
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
        asker = self._asker(frame)
        asking = frame.f_code.co_name in _ASKING or (
            frame.f_back is not None and frame.f_back.f_code.co_name in _ASKING
        )
        self._took("e" if asking else "f", path, asker)


def _frame(depth):
    """The frame that many levels up; the outermost when the stack is shorter."""
    frame = sys._getframe(1)
    for _ in range(depth - 1):
        if frame.f_back is None:
            break
        frame = frame.f_back
    return frame


def _beneath(path, folder):
    """The full name of `path` where it is relative to an open folder."""
    if folder is None:
        return path
    return os.path.join(_place_of(folder) or "", os.fsdecode(path))


def _place_of(descriptor):
    """Where an open file lies, None when the system does not tell."""
    try:
        return os.readlink("/proc/self/fd/{}".format(descriptor))
    except OSError:
        return None


def _short(command):
    text = " ".join(map(str, command)) if isinstance(command, (list, tuple)) else str(command)
    return text if len(text) < 60 else text[:57] + "..."


_EVENTS = {
    "open": Inputs._opened,
    "os.link": Inputs._tied,
    "os.symlink": Inputs._symlinked,
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
    "sys.settrace": Inputs._traced,
    "_thread.start_new_thread": Inputs._thread,
    "_thread.start_joinable_thread": Inputs._thread,
}
