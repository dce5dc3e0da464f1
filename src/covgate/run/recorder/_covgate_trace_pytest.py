"""The pytest side of recording: which test, fixture or collection runs, and how it ended."""

import sys
import threading

import pytest

import _covgate_modules
import _covgate_trace
import _covgate_trace_child
import _covgate_trace_inputs
import _covgate_trace_lines

from _covgate_std import os, time

_PATIENCE_SECONDS = 0.05
_running = threading.enumerate


def start(plan, measured):
    """Start recording, with the lines that coverage measures; return a pytest plugin."""
    recorder = _covgate_trace.Recorder(plan)
    return Tracing(recorder, plan, measured)


class Tracing:
    """Hooks of one session."""

    def __init__(self, recorder, plan, measured):
        self.recorder = recorder
        self.lines = _covgate_trace_lines.Lines(recorder, measured)
        self.calls = _make_calls(recorder, self.lines)
        recorder.before_switch = self.calls.harvest
        recorder.open_states = self.calls.open_states
        recorder.after_fork = self._in_child
        recorder.module_begins, recorder.module_ends = self.lines.begin, self.lines.end
        self.inputs = _covgate_trace_inputs.Inputs(recorder)
        self.inputs.importing = self.calls.importing
        self.inputs.trace_hook_taken = self.calls.trace_hook_taken
        self.inputs.thread_starts = self.calls.thread_starts
        self._collections = {}
        self._broken = set()
        self._skipped = set()
        self._is_through = False
        self._left_out = []
        self._gone = set()
        _covgate_trace_child.prepare(plan)
        self.inputs.start()
        _covgate_trace_child.follow_forks(recorder)
        self._wrap_fixtures()
        self.inputs.wrap_metadata()
        self.calls.start()

    def _in_child(self):
        self.lines.in_child()
        self.calls.in_child()

    # -- collection ------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_make_collect_report(self, collector):
        ctx = self._collection(collector)
        if ctx is None:
            self._note_end(collector, (yield))
            return
        before = self.recorder.push(ctx)
        self.lines.begin(self._path_of(collector))
        made = yield
        self.lines.end()
        self.recorder.pop(ctx, before)
        self._note_end(collector, made)

    def _note_end(self, collector, made):
        """Note a file that can't be collected, or that skips itself: its tests are not known."""
        path = self._path_of(collector)
        if path is None:
            return
        if made.excinfo is not None or made.get_result().failed:
            self._broken.add(path)
        elif made.get_result().skipped:
            self._skipped.add(path)

    def _path_of(self, node):
        return self.recorder.project_path(str(getattr(node, "path", None) or node.fspath))

    def _collection(self, node):
        """Return the context of the file that `node` is collected from."""
        path = self._path_of(node)
        if path is None or not path.endswith(".py"):
            return None
        ctx = self._collections.get(path)
        if ctx is None:
            ctx = self._collections[path] = self.recorder.context("collect", path)
        return ctx

    # -- tests -------------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        recorder = self.recorder
        ctx = recorder.context("test", item.nodeid)
        collection = self._collection(item)
        if collection is not None:
            recorder.use(ctx, collection)
        before = recorder.push(ctx)
        self._reports = []
        self.calls.note_stacks()
        if not self.calls.is_active():
            self.calls.resume()
        self.calls.settle()
        self.lines.switch(ctx)
        threads = set(_running())
        began = time.time()
        yield
        ended = time.time()
        _await(set(_running()) - threads)
        if threading.active_count() == 1:
            self.lines.switch(None)  # else: what threads of the test still run belongs to it
        if not self.calls.is_active():
            ctx.add(("o", "it takes the interpreter's profile hook"))
            self.calls.resume()
        self._describe(item, ctx)
        recorder.pop(ctx, before)
        recorder.write(self._summary(item, ctx, began, ended))
        self._note_ends()
        recorder.flush()

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self):
        self.calls.begin()
        yield
        self.calls.end()

    def _note_ends(self):
        """Tell which children are no more: those that were killed do not tell so themselves."""
        try:
            names = os.listdir(self.recorder.folder)
        except OSError:
            return  # tests hold all descriptors: the next end of a test tells it
        for name in names:
            if name.startswith("child-") and name not in self._gone:
                try:
                    os.kill(int(name.split("-")[1]), 0)
                except ProcessLookupError:
                    self._gone.add(name)
                    self.recorder.write({"gone": name, "at": time.time()})
                except OSError:
                    pass  # it lives, as somebody else

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        if hasattr(self, "_reports"):
            self._reports.append(report)

    def _describe(self, item, ctx):
        """Note what the collected item itself was made of."""
        for name in getattr(item, "fixturenames", ()):
            ctx.add(("F", name))
        kind = type(item).__name__
        path = self.recorder.project_path(str(getattr(item, "path", None) or item.fspath))
        if path and (kind == "DoctestItem" or not path.endswith(".py")):
            ctx.add(("w", path))
        function = getattr(item, "function", None)
        code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
        if code is not None:
            place = self.recorder.project_path(code.co_filename)
            if place and place != path:
                ctx.add(("m", place))
        for part in getattr(getattr(item, "cls", None), "__mro__", ()):
            module = sys.modules.get(part.__module__)
            place = self.recorder.project_path(_covgate_modules.fact(module, "__file__"))
            if place:
                ctx.add(("C", place, part.__qualname__))

    def _summary(self, item, ctx, began, ended):
        function = getattr(item, "function", None)
        return {
            "test": ctx.id,
            "nodeid": item.nodeid,
            "file": self.recorder.project_path(str(getattr(item, "path", None) or item.fspath)),
            "name": getattr(function, "__name__", None) or item.name,
            "phases": [
                [report.when, _outcome(report), round(report.duration, 6)]
                for report in self._reports
            ],
            "began": began,
            "ended": ended,
        }

    # -- fixtures ----------------------------------------------------------------------------------

    def _wrap_fixtures(self):
        from _pytest.fixtures import FixtureDef

        execute, finish = FixtureDef.execute, FixtureDef.finish

        def traced_execute(definition, request):
            self.recorder.here().add(("F", definition.argname))
            if definition.cached_result is not None:
                return self._executed(execute, definition, request)
            self.calls.begin()
            try:
                return self._executed(execute, definition, request)
            finally:
                self.calls.end()

        def traced_finish(definition, request):
            if definition.cached_result is None:
                return finish(definition, request)
            self.calls.begin()
            try:
                return self._finished(finish, definition, request)
            finally:
                self.calls.end()

        FixtureDef.execute, FixtureDef.finish = traced_execute, traced_finish

    def _executed(self, execute, definition, request):
        """Set a fixture up; one of wider scope than a test has a context of its own."""
        if _is_narrow(definition):
            return execute(definition, request)
        recorder = self.recorder
        caller = recorder.here()
        cached = definition.cached_result
        ctx = recorder.context("fixture", definition.argname, base=str(definition.baseid))
        ran = self.lines.switch(ctx)
        before = recorder.push(ctx)
        try:
            return execute(definition, request)
        finally:
            recorder.pop(ctx, before)
            self.lines.switch(ran)
            known = getattr(definition, "_covgate_context", None)
            if known is not None and cached is not None and cached is definition.cached_result:
                recorder.use(known, ctx)
                ctx = known
            else:
                definition._covgate_context = ctx
            recorder.use(caller, ctx)

    def _finished(self, finish, definition, request):
        """Tear a fixture down, in the context in which it was set up."""
        ctx = getattr(definition, "_covgate_context", None)
        if ctx is None:
            return finish(definition, request)
        recorder = self.recorder
        ran = self.lines.switch(ctx)
        before = recorder.push(ctx)
        try:
            return finish(definition, request)
        finally:
            recorder.pop(ctx, before)
            self.lines.switch(ran)
            recorder.write({"closed": ctx.id})

    # -- the end -----------------------------------------------------------------------------------

    def pytest_deselected(self, items):
        self._left_out += [item for item in items if hasattr(item, "_covgate_left_out")]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self):
        # Not called where the collection was broken off (`-x`, Ctrl-C), other than its end.
        self._is_through = True

    def pytest_collection_finish(self, session):
        files = {path: [] for path in self._collections if path not in self._broken}
        for item in [*session.items, *self._left_out]:
            path = self.recorder.project_path(str(getattr(item, "path", None) or item.fspath))
            if path not in self._broken:
                files.setdefault(path or "", []).append(item.nodeid)
        told = {"collected": files, "broken": sorted(self._broken), "through": self._is_through}
        self.recorder.write({**told, "skipped": sorted(self._skipped)})
        self._describe_surroundings()
        self.recorder.flush()

    def finish(self):
        """Write what is known only at the end: import path, libraries, where they lie."""
        self.calls.stop()
        self.lines.switch(None)
        self._describe_surroundings()
        recorder = self.recorder
        recorder.write(
            {
                "finished": time.time(),
                "written": sorted(self.inputs.written),
            }
        )
        recorder.flush()

    def _describe_surroundings(self):
        recorder = self.recorder
        packages, files = _libraries(recorder)
        recorder.write(
            {
                "path": [
                    place
                    for place in map(recorder.project_path, filter(None, sys.path))
                    if place is not None
                ]
                + _package_folders(recorder),
                "outside": [
                    place for place in sys.path if place and recorder.project_path(place) is None
                ],
                "packages": packages,
                "files": files,
            }
        )


def _await(threads):
    """Let threads of a test come to their end, if they are about to: their lines are the test's."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    for thread in threads:
        try:
            thread.join(max(0, deadline - time.monotonic()))
        except Exception:
            pass  # a thread that Python did not start can't be waited for


def _make_calls(recorder, lines):
    """Return what fits this Python."""
    if sys.version_info >= (3, 12):
        import _covgate_trace_monitoring

        return _covgate_trace_monitoring.MonitoredCalls(recorder, lines)
    import _covgate_trace_profile

    return _covgate_trace_profile.ProfiledCalls(recorder, lines)


def _is_narrow(definition):
    return str(getattr(definition, "scope", "function")) == "function"


def _outcome(report):
    if hasattr(report, "wasxfail"):
        return "xpassed" if report.passed else "xfailed"
    if report.failed and report.when != "call":
        return "error"
    return report.outcome


def _package_folders(recorder):
    """Return folders of the project that packages were told to look into: `package:folder`."""
    found = []
    for name, module in list(sys.modules.items()):
        own = recorder.project_path(_covgate_modules.fact(module, "__file__"))
        folders = _covgate_modules.fact(module, "__path__")
        if own is None or folders is None:
            continue
        places = {recorder.project_path(str(place)) for place in folders}
        found += ["{}:{}".format(name, at) for at in places - {None, own.rpartition("/")[0]}]
    return found


def _libraries(recorder):
    """Return the packages outside the project that are loaded: what each uses, and its files."""
    uses, files = {}, {}
    standard = getattr(sys, "stdlib_module_names", frozenset(sys.builtin_module_names))
    base = os.path.dirname(os.__file__) + os.sep
    for name, module in list(sys.modules.items()):
        place = _covgate_modules.fact(module, "__file__")
        top = name.partition(".")[0]
        if not isinstance(place, str) or top in standard or top.startswith("_covgate"):
            continue
        if recorder.project_path(place) is not None:
            continue
        if place.startswith(base) and "-packages" not in place:
            continue
        files.setdefault(top, []).append(place)
        found = uses.setdefault(top, set())
        for value in list(getattr(module, "__dict__", {}).values()):
            try:
                owner = getattr(value, "__name__" if isinstance(value, type(sys)) else "__module__")
            except Exception:
                continue  # it has none, or is a proxy of something that is not there
            if isinstance(owner, str):
                found.add(owner.partition(".")[0])
    known = set(uses)
    return (
        {name: sorted((found & known) - {name}) for name, found in uses.items()},
        {name: sorted(found) for name, found in files.items()},
    )
