"""Notes the functions of the project that are entered, in every thread.

Uses the profile hook, which coverage and debuggers leave alone. A test that takes the hook for
itself is noticed and called opaque.
"""

import sys
import threading

_OPTIMIZED = 0x1
_FOREIGN = (None, False, False)


class Calls:
    """The profile hook of one recorder."""

    def __init__(self, recorder):
        self.recorder = recorder
        self._codes = {}
        self._keep = []
        self._hooks = {}

    def start(self):
        threading.setprofile(self._first)
        self.resume()

    def resume(self):
        """(Re)install the hook in this thread."""
        sys.setprofile(self._hook())

    def stop(self):
        threading.setprofile(None)
        sys.setprofile(None)

    def is_active(self):
        return sys.getprofile() is self._hooks.get(threading.get_ident())

    def note_stacks(self):
        """Note what other threads are executing: they were entered before this context was."""
        recorder = self.recorder
        own = threading.get_ident()
        for ident, stack in recorder.other_stacks(own):
            for _, ctx, path in stack:
                if path is None:
                    recorder.use(recorder.current, ctx)
        for ident, frame in sys._current_frames().items():
            if ident == own:
                continue
            while frame is not None:
                path, is_module, _ = self._of(frame.f_code)
                if path is not None and not is_module:
                    code = frame.f_code
                    recorder.current.add(("B", path, code.co_firstlineno, code.co_name))
                frame = frame.f_back

    def _first(self, frame, event, arg):
        hook = self._hook()
        sys.setprofile(hook)
        hook(frame, event, arg)

    def _of(self, code):
        found = self._codes.get(id(code))
        if found is None:
            found = self._classify(code)
            self._keep.append(code)  # so that the id stays its own
            self._codes[id(code)] = found
        return found

    def _classify(self, code):
        path = self.recorder.project_path(code.co_filename)
        if path is None:
            return _FOREIGN
        is_module = not code.co_flags & _OPTIMIZED
        watched = (code.co_firstlineno, code.co_name) in self.recorder.watch.get(path, ())
        return (path, is_module, watched)

    def _hook(self):
        ident = threading.get_ident()
        if ident in self._hooks and self._hooks[ident] is not None:
            return self._hooks[ident]
        hook = self._hooks[ident] = self._make(self.recorder.stack())
        return hook

    def _make(self, stack):
        recorder = self.recorder
        codes = self._codes
        classify = self._of

        def profile(frame, event, arg):
            if event == "call":
                code = frame.f_code
                found = codes.get(id(code))
                if found is None:
                    found = classify(code)
                path = found[0]
                if path is None:
                    return
                if found[1]:
                    _enter_module(recorder, stack, frame, path)
                    return
                if stack:
                    below, ctx, module = stack[-1]
                    if module is not None:
                        ctx = recorder.import_context(module, below.f_lineno)
                else:
                    ctx = recorder.current
                key = id(code)
                if key not in ctx.seen:
                    ctx.seen.add(key)
                    ctx.add(("b", path, code.co_firstlineno, code.co_name))
                    if recorder.child:
                        recorder.flush()
                if found[2]:
                    state = recorder.state_context(path, code.co_firstlineno, code.co_name)
                    recorder.use(ctx, state)
                    stack.append((frame, state, None))
            elif event == "return" and stack and stack[-1][0] is frame:
                stack.pop()

        return profile


def _enter_module(recorder, stack, frame, path):
    """The body of a module or class: on import it is a context of its own, by line."""
    code = frame.f_code
    if code.co_name != "<module>":
        # A class in a function belongs to that function; one in a module has lines of its own.
        if stack and stack[-1][2] == path and stack[-1][0] is frame.f_back:
            stack.append((frame, stack[-1][1], path))
        return
    if not _by_import(frame.f_back):
        # Run as a script, or text that was compiled under the file's name.
        recorder.here().add(("w", path))
        return
    recorder.here().add(("m", path))
    stack.append((frame, recorder.session, path))
    if recorder.child:
        recorder.flush()


def _by_import(frame):
    if frame is None:
        return False
    name = frame.f_code.co_filename
    return name.startswith("<frozen importlib") or name.endswith(
        (
            "_pytest/assertion/rewrite.py",
            "_pytest\\assertion\\rewrite.py",
            "importlib/_bootstrap.py",
        )
    )
