"""What tells which functions are entered from Python 3.12 on: see `_covgate_trace_calls`.

`sys.monitoring` tells of all code or of single code objects. Of functions that may remember it
tells always, so that the lines can be taken when they begin and end, and of generators when they go
on. Of all code it tells while modules are imported and tests are collected, while threads run, and
when somebody took the trace hook; foreign code costs nothing after its first call.
"""

from __future__ import annotations

import _thread
import sys
from _thread import get_ident
from typing import TYPE_CHECKING, Any

from _covgate_trace_calls import Calls, identity, leave
from _covgate_trace_places import codes_of, may_be_suspended

if TYPE_CHECKING:
    from collections.abc import Container
    from types import CodeType, FrameType

    from _covgate_trace import Context, Recorder
    from _covgate_trace_lines import Chunk, Lines

_TOOL = 4
# A function that is called more often in a test is followed by events for the rest of it.
_MOST_CALLS = 100


class MonitoredCalls(Calls):
    """For Python 3.12 and later."""

    # Ids of code that has nothing to tell to what is on top of the main thread's stack.
    _quiet: Container[int] = ()

    def __init__(self, recorder: Recorder, lines: Lines) -> None:
        super().__init__(recorder, lines)
        self._main = get_ident()
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
        self._tracer: Any = None
        self._is_settled = False  # tests run
        self._by_lines = False  # the lines tell what the main thread runs
        self._entered: dict[tuple[Any, ...], int] = {}  # calls of what may remember, in this test

    def start(self) -> None:
        monitoring = self._monitoring
        events = monitoring.events
        monitoring.use_tool_id(_TOOL, "covgate")
        entered, thrown = self._make_entered(monitoring.DISABLE)
        left, unwound = self._make_left(monitoring.DISABLE)
        for event, callback in (
            (events.PY_START, entered),
            (events.PY_RESUME, entered),
            (events.PY_THROW, thrown),
            (events.PY_RETURN, left),
            (events.PY_YIELD, left),
            (events.PY_UNWIND, unwound),
        ):
            monitoring.register_callback(_TOOL, event, callback)
        self._local = events.PY_START | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD
        self._resumed = events.PY_RESUME
        self._always = events.PY_THROW | events.PY_UNWIND
        self._tracer = sys.gettrace()
        self.lines.ran = self._ran
        self.lines.follow_all()
        self._listen()

    def stop(self) -> None:
        self.harvest()
        self._by_lines = False
        self._monitoring.set_events(_TOOL, 0)
        self._monitoring.free_tool_id(_TOOL)

    def harvest(self) -> None:
        self._quiet = ()
        super().harvest()

    def in_child(self) -> None:
        self._quiet = ()
        self._is_settled = False
        self._listen()

    # -- which of both ways ------------------------------------------------------------------------

    def _listen(self) -> None:
        """Be told of all code from now on."""
        if self._by_lines:
            self.lines.gather()
        self._by_lines = False
        self._monitoring.set_events(_TOOL, self._local | self._always)

    def _read_lines(self) -> None:
        """Read from the lines what runs from now on; what ran was told."""
        self.lines.gather()
        self._quiet = ()
        self._by_lines = True
        self._monitoring.set_events(_TOOL, self._always)

    def settle(self) -> None:
        self._is_settled = True
        self._entered.clear()
        if not self._by_lines and self._can_read_lines():
            self._read_lines()

    def _can_read_lines(self) -> bool:
        # The count is of all threads but this one, however they were started.
        return (
            self._is_settled
            and not self.lines.is_partial
            and _thread._count() == 0
            and sys.gettrace() is self._tracer
            and get_ident() == self._main
        )

    def trace_hook_taken(self) -> None:
        if self._by_lines:
            self._listen()

    def thread_starts(self) -> None:
        if self._by_lines:
            self._listen()

    def importing(self, code: CodeType) -> None:
        if self.recorder.project_path(code.co_filename) is None:
            return
        self.places.learn(code)
        for inner in codes_of(code):
            if self.known(inner)[2]:
                self._monitoring.set_local_events(_TOOL, inner, self._local)
            elif may_be_suspended(inner):
                self._monitoring.set_local_events(_TOOL, inner, self._resumed)
        if self._by_lines and get_ident() == self._main:
            self._listen()

    # -- what the lines tell -----------------------------------------------------------------------

    def _ran(self, chunk: Chunk) -> None:
        """Note what ran since the last time, in the context that it belongs to."""
        if not self._by_lines or not chunk:
            return
        recorder = self.recorder
        items = self.places.of(chunk)
        ctx: Context = recorder.here()
        ctx.add_all(items)
        for item in items & self.remembering:
            state = recorder.state_context(*item[1:])
            recorder.use(ctx, state)
            if item not in self._entered:
                state.add_all(items)  # a copy of its code that tells nothing

    # -- what the interpreter tells ----------------------------------------------------------------

    def _make_entered(self, disable: Any) -> tuple[Any, Any]:
        codes, stacks, main = self._codes, self.recorder._stacks, self._main
        states: dict[int, Context] = {}  # of functions that may remember, by their code

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
            if known[2] and ident == main:
                state = states.get(identity(code))
                if state is not None and stack and self._is_said(state, known[3], stack[-1][1]):
                    stack.append((sys._getframe(1), state, None))
                    self._quiet = state.seen
                    return None
                states[identity(code)] = self.recorder.state_context(*known[3][1:])
                self._begins(known[3])
            self.enter(sys._getframe(1) if known[1] or known[2] else None, code, known, stack)
            if ident == main:
                self._quiet = stack[-1][1].seen if stack and stack[-1][2] is None else ()
            return None

        def thrown(code: CodeType, *_: Any) -> None:
            if not self._by_lines or self._is_local(code):
                entered(code)

        return entered, thrown

    def _is_said(self, state: Context, item: tuple[Any, ...], top: Context) -> bool:
        """Whether it is noted already that `top` calls what may remember: most say nothing."""
        recorder = self.recorder
        is_alone = not (self._by_lines or recorder.starting or recorder.inherited)
        return is_alone and state.id in top.uses and item in top.items and not recorder.child

    def _is_local(self, code: CodeType) -> bool:
        known = self._codes.get(identity(code)) or self.known(code)
        return bool(known[2]) or may_be_suspended(code)

    def _begins(self, item: tuple[Any, ...]) -> None:
        """A function that may remember begins: what ran until now is not beneath it."""
        if self._by_lines:
            self.lines.gather()
            count = self._entered[item] = self._entered.get(item, 0) + 1
            if count > _MOST_CALLS:
                self._listen()

    def _make_left(self, disable: Any) -> tuple[Any, Any]:
        codes, stacks = self._codes, self.recorder._stacks

        def left(code: CodeType, *_: Any) -> Any:
            known = codes.get(identity(code)) or self.known(code)
            if not (known[1] or known[2]):
                return disable
            stack = stacks.get(get_ident())
            if known[2] and not self._by_lines and stack and stack[-1][0] is sys._getframe(1):
                stack.pop()
                below = stack[-1] if stack else None
                is_quiet = below is not None and below[2] is None and get_ident() == self._main
                self._quiet = below[1].seen if is_quiet else ()
            else:
                unwound(code)
            return None

        def unwound(code: CodeType, *_: Any) -> None:
            stack = stacks.get(get_ident())
            top = stack[-1][0] if stack else None
            if top is None or top.f_code is not code:
                return
            frame: FrameType | None = sys._getframe(1)
            while frame is not None and frame.f_code is not code:
                frame = frame.f_back
            if top is frame:
                self._ends(stack)

        return left, unwound

    def _ends(self, stack: list[Any]) -> None:
        """What is on top of a thread's stack has come to its end."""
        if self._by_lines and get_ident() == self._main:
            self.lines.gather()
        was_import = stack[-1][2] is not None
        leave(self.recorder, stack)
        if get_ident() == self._main:
            self._quiet = stack[-1][1].seen if stack and stack[-1][2] is None else ()
        if was_import and not any(path for _, _, path in stack) and self._can_read_lines():
            self._read_lines()
