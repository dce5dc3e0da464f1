"""Notes the functions of the project that are entered, in every thread.

From Python 3.12 on through `sys.monitoring`, where foreign code costs nothing after its first
call; before that see `_covgate_trace_profile`. Coverage and debuggers use neither.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container
    from types import CodeType, FrameType

    from _covgate_trace import Context, Recorder

_OPTIMIZED = 0x1
# `id` raises an audit event, which would ask every audit hook at each call of a function.
identity = object.__hash__
# What is known of a code object: its path in the project (None: foreign), whether it is the body
# of a module or class, whether it may remember what ran beneath it, and the item to note.
Known = Any
_FOREIGN: Known = (None, False, False, None)


class Calls:
    """Tells the recorder which functions are entered."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._codes: dict[int, Known] = {}
        self._keep: list[CodeType] = []

    def start(self) -> None:
        """Begin; modules are about to be imported."""

    def stop(self) -> None:
        """End."""

    def is_active(self) -> bool:
        """Whether nobody took away what we listen through."""
        return True

    def resume(self) -> None:
        """Listen again."""

    def trace_hook_taken(self) -> None:
        """Somebody set the interpreter's trace hook: coverage may miss lines."""

    def in_child(self) -> None:
        """This process was forked."""

    def harvest(self) -> None:
        """Hand over what was gathered: the context is about to change."""

    def begin(self) -> None:
        """Code of the project is about to be called by pytest."""

    def end(self) -> None:
        """It came back."""

    def open_states(self) -> list[Context]:
        """The contexts of functions on this thread's stack that are not on the recorder's."""
        return []

    def importing(self, code: CodeType) -> None:
        """The body of a module is about to be executed."""

    def note_stacks(self) -> None:
        """Note what other threads are executing: they were entered before this context was."""
        recorder = self.recorder
        own = get_ident()
        for stack in recorder.other_stacks(own):
            for _, ctx, path in stack:
                if path is None:
                    recorder.use(recorder.current, ctx)
        for ident, top in sys._current_frames().items():
            frame: FrameType | None = top if ident != own else None
            while frame is not None:
                path, is_module, _, item = self.known(frame.f_code)
                if path is not None and not is_module:
                    recorder.current.add(("B", *item[1:]))
                frame = frame.f_back

    def known(self, code: CodeType) -> Known:
        """Return what is known of a code object."""
        found = self._codes.get(identity(code))
        if found is None:
            path = self.recorder.project_path(code.co_filename)
            found = _FOREIGN
            if path is not None:
                is_module = not code.co_flags & _OPTIMIZED
                places = self.recorder.watch.get(path, ())
                item = ("b", path, code.co_firstlineno, code.co_name)
                found = (path, is_module, item[2:] in places, item)
            self._keep.append(code)  # so that the id stays its own
            self._codes[identity(code)] = found
        return found

    def enter(
        self, frame: FrameType | None, code: CodeType, known: Known, stack: list[Any]
    ) -> None:
        """Code of the project is entered, on the thread that `stack` belongs to.

        `frame` is only looked at for modules, classes and functions that may remember.
        """
        path, is_module, is_watched, item = known
        recorder = self.recorder
        if is_module and frame is not None:
            enter_module(recorder, stack, frame, path)
            return
        if stack:
            below, ctx, module = stack[-1]
            if module is not None:
                ctx = recorder.import_context(module, below.f_lineno)
        else:
            ctx = recorder.current
        recorder.note_inherited(item)
        key = identity(code)
        if key not in ctx.seen:
            if not is_watched:
                ctx.seen.add(key)
            ctx.add(item)
            if recorder.child:
                recorder.flush()
        if is_watched:
            state = recorder.state_context(*item[1:])
            recorder.use(ctx, state)
            stack.append((frame, state, None))


class MonitoredCalls(Calls):
    """For Python 3.12 and later."""

    _TOOL = 4
    # Ids of code that has nothing to tell to what is on top of the main thread's stack; empty
    # whenever another context comes on top, until the first call beneath it.
    _quiet: Container[int] = ()

    def harvest(self) -> None:
        self._quiet = ()

    def in_child(self) -> None:
        self._quiet = ()

    def start(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        events = monitoring.events
        monitoring.use_tool_id(self._TOOL, "covgate")
        entered, thrown = self._make_entered(monitoring.DISABLE)
        left, unwound = self._make_left(monitoring.DISABLE)
        wanted = 0
        for event, callback in (
            (events.PY_START, entered),
            (events.PY_RESUME, entered),
            (events.PY_THROW, thrown),
            (events.PY_RETURN, left),
            (events.PY_YIELD, left),
            (events.PY_UNWIND, unwound),
        ):
            monitoring.register_callback(self._TOOL, event, callback)
            wanted |= event
        monitoring.set_events(self._TOOL, wanted)

    def _make_entered(self, disable: Any) -> tuple[Any, Any]:
        codes, stacks = self._codes, self.recorder._stacks

        main = get_ident()

        def entered(code: CodeType, *_: Any) -> Any:
            if identity(code) in self._quiet and get_ident() == main:
                return None
            known = codes.get(identity(code)) or self.known(code)
            if known[0] is None:
                return disable
            ident = get_ident()
            stack = stacks.get(ident)
            if stack is None:
                stack = self.recorder.stack()
            if known[1] or known[2]:
                self._quiet = ()
                self.enter(sys._getframe(1), code, known, stack)
            else:
                self.enter(None, code, known, stack)
                if ident == main and stack and stack[-1][2] is None:
                    self._quiet = stack[-1][1].seen
            return None

        def thrown(code: CodeType, *_: Any) -> None:
            entered(code)

        return entered, thrown

    def _make_left(self, disable: Any) -> tuple[Any, Any]:
        codes, stacks = self._codes, self.recorder._stacks

        def left(code: CodeType, *_: Any) -> Any:
            known = codes.get(identity(code)) or self.known(code)
            if not (known[1] or known[2]):
                return disable
            unwound(code)
            return None

        def unwound(code: CodeType, *_: Any) -> None:
            stack = stacks.get(get_ident())
            top = stack[-1][0] if stack else None
            if top is None or top.f_code is not code:
                return
            frame = sys._getframe(1)
            while frame is not None and frame.f_code is not code:
                frame = frame.f_back  # type: ignore[assignment]
            if top is frame:
                self._quiet = ()
                leave(self.recorder, stack)

        return left, unwound

    def stop(self) -> None:
        monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        monitoring.set_events(self._TOOL, 0)
        monitoring.free_tool_id(self._TOOL)


def enter_module(recorder: Recorder, stack: list[Any], frame: FrameType, path: str) -> None:
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
    if recorder.is_library(frame.f_back):
        # It may look anything up in it, for whoever asks, from now on.
        recorder.session.add(("m", path))
        recorder.session.add(("H", path))
    stack.append((frame, recorder.session, path))
    if get_ident() == recorder.main:
        recorder.module_begins(path)
    if recorder.child:
        recorder.flush()


def leave(recorder: Recorder, stack: list[Any]) -> None:
    """The code on top of a thread's stack has come to its end."""
    frame, _, path = stack.pop()
    if path and frame.f_code.co_name == "<module>" and get_ident() == recorder.main:
        recorder.module_ends()


def _by_import(frame: FrameType | None) -> bool:
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
