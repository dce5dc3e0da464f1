"""Writes down what each test depends on: contexts, and what happened in each of them.

A context is a stretch of execution whose dependencies belong together: a test, a fixture of
wider scope, the collection of a file, a function that remembers results, the import of a module
(by line), what a file does while it is imported or collected ("owner": only the lines that ran),
and the session for the rest. A context uses others; a test depends on everything in
the contexts that it reaches. Stands alone: the standard library, Python 3.9 and later.

The spool is a file of JSON lines. `{"ctx": n, "kind": ..., "name": ...}` names a context,
`{"add": n, "items": [...]}` adds to it, `{"use": n, "of": m}` makes it use another,
`{"ran": n, "lines": [[file, type, data], ...]}` says which values of which files ran in it, by
number (`{"of": file, "path": ..., "values": [...]}` tells further values: lines, or pairs of
lines), and `{"test": n, ...}` ends a test. Items are lists whose first element is the kind:

    b path line name   body of a function entered (first line and name of its code object)
    B path line name   body that another thread was inside of already
    m path             module imported              w path     whole file matters
    L kind path        a library did so (kind f, l or e)
    H path             module that a library imported, for itself to look at
    f path             file read                    l path     directory listed
    e path             existence asked              v name     environment variable read
    i name             module looked for by name    F name     fixture used
    o reason           something that cannot be followed
    s path             source text asked for        o reason   something that cannot be followed
    c number           a Python child was started (which is expected to write a spool of its own)
"""

import sys
import threading
from _thread import get_ident

from _covgate_std import json, os, time

SESSION = 0


def _nothing(*_):
    pass


def _ignored(_path):
    pass


class Context:
    """One stretch of execution; `seen` holds ids of code objects already noted in it."""

    __slots__ = ("dirty", "id", "items", "new", "seen", "uses")

    def __init__(self, number, dirty):
        self.id = number
        self.items = set()
        self.new = []
        self.seen = set()
        self.uses = set()
        self.dirty = dirty

    def add(self, item):
        if item not in self.items:
            self.items.add(item)
            if not self.new:
                self.dirty.append(self)
            self.new.append(item)

    def add_all(self, items):
        fresh = items - self.items
        if fresh:
            self.items |= fresh
            if not self.new:
                self.dirty.append(self)
            self.new += fresh


class Recorder:
    """The contexts of one process and its spool."""

    def __init__(self, plan, child=False):
        settings = plan["trace"]
        self.root = plan["root"]
        self.folder = settings["folder"]
        self.watch = {
            path: {(line, name) for line, name in places}
            for path, places in settings.get("watch", {}).items()
        }
        self._roots = tuple(
            dict.fromkeys((self.root + os.sep, os.path.realpath(self.root) + os.sep))
        )
        self._outside = tuple(
            os.path.join(os.path.abspath(folder), "")
            for folder in {sys.prefix, sys.base_prefix, sys.exec_prefix}
            if not (self.root + os.sep).startswith(os.path.join(os.path.abspath(folder), ""))
        )
        self._paths = {}
        self._number = 0
        self._imports = {}
        self._states = {}
        self._code = {}
        self._stacks = {}
        self.child = child
        self.pid = os.getpid()
        self._file = os.path.join(
            self.folder,
            "{}-{}-{}.jsonl".format("child" if child else "main", self.pid, time.time_ns()),
        )
        self._lines = []
        self._unwritten = b""
        self._dirty = []
        self.session = self.context("session", "")
        self.current = self.session
        self._lock = threading.RLock()
        self.open_states = tuple  # contexts of functions on the stack that no stack of ours holds
        self.starting = {}  # threads about to run: functions that may remember started them
        self.inherited = {}  # the contexts of those functions, by identity of the thread
        self.after_fork = _nothing  # told in a forked child
        self.is_library = _nothing  # whether the one who stands behind a frame is a library
        self.before_switch = _nothing  # told when another context is about to become current
        self.main = get_ident()
        self.module_begins = _ignored  # told the path of a module that the main thread imports
        self.module_ends = _nothing  # told when that is done

    # -- contexts ------------------------------------------------------------------------------

    def context(self, kind, name, **facts):
        ctx = Context(self._number, self._dirty)
        self._number += 1
        self.write(dict(facts, ctx=ctx.id, kind=kind, name=name))
        return ctx

    def import_context(self, path, line):
        key = (path, line)
        ctx = self._imports.get(key)
        if ctx is None:
            ctx = self._imports[key] = self.context("import", path, line=line)
        return ctx

    def state_context(self, path, line, name):
        key = (path, line, name)
        ctx = self._states.get(key)
        if ctx is None:
            ctx = self._states[key] = self.context("state", path, line=line, code=name)
        return ctx

    def use(self, ctx, other):
        if other is not ctx and other.id not in ctx.uses:
            ctx.uses.add(other.id)
            self.write({"use": ctx.id, "of": other.id})

    def stack(self):
        """The contexts entered and not yet left by this thread: pairs of frame and context."""
        ident = get_ident()
        found = self._stacks.get(ident)
        if found is None:
            found = self._stacks[ident] = []
        return found

    def thread_starts(self, thread):
        """What a thread runs may be remembered by the functions that are at work here."""
        known = {ctx.id for ctx in self._states.values()}
        found = [ctx for _, ctx, _ in self.stack() if ctx.id in known] if known else []
        found += [*self.open_states(), *self.inherited.get(get_ident(), ())]
        if found:
            self.starting[id(thread)] = (thread, found)

    def note_inherited(self, item):
        """Note an item for the functions that started this thread, too."""
        if self.starting:
            thread = threading._active.get(get_ident())
            _, found = self.starting.pop(id(thread), (None, None))
            if found is not None:
                self.inherited[get_ident()] = found
        if self.inherited:
            for ctx in self.inherited.get(get_ident(), ()):
                ctx.add(item)

    def other_stacks(self, ident):
        """The stacks of all threads but `ident`."""
        return [list(stack) for key, stack in list(self._stacks.items()) if key != ident]

    def push(self, ctx):
        """Enter a context on this thread (the main line of the test session)."""
        self.before_switch()
        self.stack().append((None, ctx, None))
        before, self.current = self.current, ctx
        return before

    def pop(self, ctx, before):
        """Leave a context, and whatever was entered in it and not left."""
        self.before_switch()
        stack = self.stack()
        while stack:
            frame, top, _ = stack.pop()
            if frame is None and top is ctx:
                break
        self.current = before

    def here(self):
        """The context that what happens now on this thread belongs to."""
        stack = self._stacks.get(get_ident())
        if stack:
            frame, ctx, path = stack[-1]
            if path is not None:
                return self.import_context(path, frame.f_lineno)
            return ctx
        return self.current

    def note(self, *item):
        ctx = self.here()
        for one in (ctx, *self.open_states()):
            if item not in one.items:
                one.add(item)
                if self.child:
                    self.flush()

    # -- paths -----------------------------------------------------------------------------------

    def project_path(self, name):
        """Return `name` relative to the tree under test, None when it lies outside."""
        try:
            return self._paths[name]
        except KeyError:
            pass
        except TypeError:
            return None
        found = self._relative(name)
        if len(self._paths) < 200000:
            self._paths[name] = found
        return found

    def _relative(self, name):
        if not name or name[0] == "<":
            return None
        full = name if os.path.isabs(name) else os.path.join(self.root, name)
        full = os.path.normpath(full)
        if full.startswith(self._outside) or "site-packages" in full or "dist-packages" in full:
            return None
        for root in self._roots:
            if full.startswith(root):
                return full[len(root) :].replace(os.sep, "/")
        return "" if full + os.sep in self._roots else None

    # -- the spool -------------------------------------------------------------------------------

    def write(self, line):
        self._lines.append(json.dumps(line))

    def flush(self):
        """Append everything new to the spool.

        What a full disk, or a test that uses up all descriptors, does not let through comes next
        time: what lies in the spool is always all that happened up to some moment.
        """
        if os.getpid() != self.pid:
            return
        with self._lock:
            while self._dirty:
                ctx = self._dirty.pop()
                items, ctx.new = ctx.new, []
                self.write({"add": ctx.id, "items": items})
            lines, self._lines = self._lines, []
            text = "".join(line + "\n" for line in lines)
            self._unwritten += text.encode("utf-8", "backslashreplace")
            if not self._unwritten:
                return
            try:
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
                descriptor = os.open(self._file, flags, 0o600)
                try:
                    while self._unwritten:
                        written = os.write(descriptor, self._unwritten)
                        self._unwritten = self._unwritten[written:]
                finally:
                    os.close(descriptor)
            except OSError:
                pass

    # -- processes -------------------------------------------------------------------------------

    def become_child(self):
        """After a fork: all that happens from now on is the child's, written at once."""
        self.child = True
        self.pid = os.getpid()
        self._file = os.path.join(self.folder, "child-{}-{}.jsonl".format(self.pid, time.time_ns()))
        self._lock = threading.RLock()
        self._lines, self._dirty, self._unwritten = [], [], b""
        self._imports, self._states = {}, {}
        for stack in self._stacks.values():
            del stack[:]
        self._number = 0
        self.session = self.context("session", "")
        self.current = self.session
        self.before_switch, self.open_states = _nothing, tuple
        self.module_begins, self.module_ends = _ignored, _nothing
        self.write({"child": self.pid, "at": time.time()})
        self.flush()
        self.after_fork()
