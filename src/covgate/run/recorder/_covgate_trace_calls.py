"""Notes the functions of the project that are entered, in every thread.

Which functions ran in the main thread is read from the lines that coverage gathered, which costs
nothing while they run. Where lines can't tell - modules are imported, threads run, a function is at
work that may remember what ran beneath it - the interpreter tells: `_covgate_trace_monitoring` from
Python 3.12 on, `_covgate_trace_profile` before. Coverage and debuggers use neither way.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from typing import TYPE_CHECKING, Any

from _covgate_trace_places import Places

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from _covgate_trace import Context, Recorder
    from _covgate_trace_lines import Lines

_OPTIMIZED = 0x1
# `id` raises an audit event, which would ask every audit hook at each call of a function.
identity = object.__hash__
# What is known of a code object: its path in the project (None: foreign), whether it is the body
# of a module or class, whether it may remember what ran beneath it, and the item to note.
Known = Any
_FOREIGN: Known = (None, False, False, None)


class Calls:
    """Tells the recorder which functions are entered."""

    def __init__(self, recorder: Recorder, lines: Lines) -> None:
        self.recorder = recorder
        self.lines = lines
        self.places = Places(recorder, lines)
        self.remembering = {
            ("b", path, *place) for path, places in recorder.watch.items() for place in places
        }
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

    def thread_starts(self) -> None:
        """A thread is about to be started."""

    def in_child(self) -> None:
        """This process was forked."""

    def harvest(self) -> None:
        """Hand over what was gathered: the context is about to change."""
        self.lines.gather()

    def settle(self) -> None:
        """A test is about to begin: nothing of an earlier one should run any more."""

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
