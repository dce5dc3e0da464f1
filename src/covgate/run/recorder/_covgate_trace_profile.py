"""What tells which functions are entered before Python 3.12: see `_covgate_trace_calls`.

The interpreter's own C profiler listens while pytest has code of the project at work, and is asked
when a function ran that may remember what ran beneath it; where it did not listen, all that ran
counts. While modules are imported, and in threads that tests start, a profile hook in Python sees
who runs what, line by line.
"""

from __future__ import annotations

import sys
import threading
from _thread import get_ident
from typing import TYPE_CHECKING, Any

from _covgate_trace_calls import Calls, identity, leave
from _covgate_trace_places import may_be_suspended

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from _covgate_trace import Context, Recorder
    from _covgate_trace_lines import Chunk, Lines

Item = tuple[Any, ...]


class ProfiledCalls(Calls):
    """Before Python 3.12."""

    def __init__(self, recorder: Recorder, lines: Lines) -> None:
        super().__init__(recorder, lines)
        import _lsprof

        self._main = get_ident()
        self._hooks: dict[int, Any] = {}
        self._profiler: Any = _lsprof.Profiler(subcalls=True, builtins=False)
        self._fast = False  # the lines tell what the main thread runs
        self._running = False
        self._depth = 0  # of calls of pytest into the project, within each other
        self._is_taken = False  # somebody else listened in place of the profiler
        self._entry: FrameType | None = None  # where pytest calls the project
        self._outer: list[Context] | None = None  # of functions on the stack below, once asked
        self._open: list[Context] = []  # of functions that were entered before the last harvest
        self._may_be_open = False
        self._tracer: Any = None
        self._is_blind = False  # somebody took the trace hook since the last harvest
        self._suspended: set[Item] = set()  # what began, and may go on without a line

    def start(self) -> None:
        self._tracer = sys.gettrace()
        self.lines.ran = self._ran
        self.lines.follow_all()
        threading.setprofile(self._first)
        self._running = True
        self._fast = True

    def stop(self) -> None:
        self.harvest()
        self._running = self._fast = False
        self._profiler.disable()
        threading.setprofile(None)  # type: ignore[arg-type]
        sys.setprofile(None)

    def is_active(self) -> bool:
        if self._is_taken:
            return False
        wanted = self._hooks.get(get_ident())
        if self._fast:
            wanted = self._profiler if self._depth else None
        return sys.getprofile() is wanted

    def resume(self) -> None:
        self._is_taken = False
        self._profiler.disable()
        self._profiler.clear()
        self._accelerate()

    def settle(self) -> None:
        if not self._listens_to_threads():
            threading.setprofile(self._first)

    def thread_starts(self) -> None:
        if not self._listens_to_threads():
            self.recorder.here().add(("o", "it takes the profile hook of threads"))

    def _listens_to_threads(self) -> bool:
        return not self._running or getattr(threading, "_profile_hook", None) == self._first

    def trace_hook_taken(self) -> None:
        if get_ident() == self._main:
            self._is_blind = True

    def in_child(self) -> None:
        """Listen in Python: nobody will ask a child for what was gathered."""
        self._profiler.disable()
        self._running = self._fast = False
        self._open = []
        self._entry = None
        sys.setprofile(self._hook())

    # -- what the lines tell -----------------------------------------------------------------------

    def begin(self) -> None:
        if get_ident() != self._main:
            return
        if self._depth == 0 and self._fast:
            if self._is_blind or self.lines.has_more():
                self.harvest()
            self._entry, self._outer = _entry(sys._getframe(1)), None
            self._profiler.enable()
        self._depth += 1

    def end(self) -> None:
        if get_ident() != self._main:
            return
        if self._depth == 1 and self._fast:
            if sys.getprofile() is not self._profiler:
                self._is_taken = True
            self.harvest()
            self._profiler.disable()
            self._entry = None
        self._depth -= 1

    def _ran(self, chunk: Chunk) -> None:
        """Note what ran since the last time, in the context that it belongs to."""
        if not self._fast:
            return  # the hook in Python has noted it
        on_main = get_ident() == self._main
        listened = on_main and self._depth > 0
        if listened:
            self._profiler.disable()
        items = self.places.of(chunk)
        stats = None
        if listened:
            if (
                self._is_blind
                or self.lines.is_partial
                or not self._suspended <= items
                or not items.isdisjoint(self.remembering)
            ):
                stats = self._profiler.getstats()
            self._profiler.clear()
        if self._is_blind or self.lines.is_partial:
            items |= self._unseen(stats)
        elif stats is not None:
            items |= self._resumed(stats)
        self._suspended |= items & self.places.suspending
        self._note(items, stats)
        if on_main and (self._open or self._may_be_open or not items.isdisjoint(self.remembering)):
            self._open = self.open_states()
        if listened:
            self._profiler.enable()

    def _unseen(self, stats: list[Any] | None) -> set[Item]:
        """Return what ran while coverage could not see all lines."""
        self._is_blind = sys.gettrace() is not self._tracer
        if stats is None:
            self.recorder.here().add(("o", "it takes the interpreter's trace hook"))
            return set()
        entered = (self.known(one.code) for one in stats if one.code.__class__ is not str)
        return {item for path, is_module, _, item in entered if path is not None and not is_module}

    def _resumed(self, stats: list[Any]) -> set[Item]:
        """Return the generators that ran, which may have gone on without a line."""
        return {
            item
            for one in stats
            if one.code.__class__ is not str and may_be_suspended(one.code)
            for path, _, _, item in [self.known(one.code)]
            if path is not None
        }

    def _note(self, items: set[Item], stats: list[Any] | None) -> None:
        recorder = self.recorder
        contexts = (recorder.here(), *self._open)
        for ctx in contexts:
            ctx.add_all(items)
        watched = items & self.remembering
        if watched:
            calls, codes = self._calls(stats)
            for item in watched:
                state = recorder.state_context(*item[1:])
                for ctx in contexts:
                    recorder.use(ctx, state)
                if stats is None:
                    state.add_all(items)
                for code in codes.get(item, ()):
                    state.add_all(self._beneath(code, calls))
            self._may_be_open = self._may_be_open or stats is None

    def _calls(self, stats: list[Any] | None) -> tuple[dict[int, Any], dict[Item, list[CodeType]]]:
        """Return what each code object called, and the code objects of what may remember."""
        calls: dict[int, Any] = {}
        codes: dict[Item, list[CodeType]] = {}
        for entry in stats or ():
            if entry.code.__class__ is not str:
                calls[identity(entry.code)] = entry.calls
                _, _, is_watched, item = self.known(entry.code)
                if is_watched:
                    codes.setdefault(item, []).append(entry.code)
        return calls, codes

    def _beneath(self, code: CodeType, calls: dict[int, Any]) -> set[Item]:
        """Return the items of all that ran beneath a function, whoever called it."""
        codes, known_of = self._codes, self.known
        found: set[Item] = set()
        seen = {identity(code)}
        pending = [calls.get(identity(code))]
        while pending:
            for call in pending.pop() or ():
                inner = call.code
                if inner.__class__ is str or identity(inner) in seen:
                    continue
                seen.add(identity(inner))
                path, is_module, _, item = codes.get(identity(inner)) or known_of(inner)
                if path is not None and not is_module:
                    found.add(item)
                pending.append(calls.get(identity(inner)))
        return found

    def open_states(self) -> list[Context]:
        """The contexts of functions on the stack that may remember what runs beneath them."""
        if not self._fast or not self.remembering or get_ident() != self._main:
            return []
        entry = self._entry
        found, frame = self._states_from(sys._getframe(1), entry)
        if frame is None:
            return found
        if self._outer is None:
            self._outer, _ = self._states_from(entry, None)
        return found + self._outer

    def _states_from(
        self, frame: FrameType | None, end: FrameType | None
    ) -> tuple[list[Context], FrameType | None]:
        """Return those of a stack down to the frame `end`, and the frame where that stopped."""
        found: list[Context] = []
        codes, known_of = self._codes, self.known
        while frame is not None and frame is not end:
            code = frame.f_code
            known = codes.get(identity(code)) or known_of(code)
            if known[2]:
                found.append(self.recorder.state_context(*known[3][1:]))
            frame = frame.f_back
        return found, frame

    # -- imports and threads -----------------------------------------------------------------------

    def importing(self, code: CodeType) -> None:
        """Go over to the hook in Python, which sees line by line who runs what."""
        self.places.learn(code)
        if self._fast and get_ident() == self._main and self.known(code)[0] is not None:
            self.harvest()
            self._profiler.disable()
            self._fast = False
            sys.setprofile(self._hook())

    def _accelerate(self) -> None:
        """Leave it to the lines again; those of the import were seen by the hook."""
        sys.setprofile(None)
        self.lines.gather()
        self._fast = True
        if self._depth:
            self._profiler.enable()

    def _first(self, frame: FrameType, event: str, arg: Any) -> None:
        hook = self._hook()
        sys.setprofile(hook)
        hook(frame, event, arg)

    def _hook(self) -> Any:
        ident = get_ident()
        hook = self._hooks.get(ident)
        if hook is None:
            hook = self._hooks[ident] = self._make(self.recorder.stack())
        return hook

    def _make(self, stack: list[Any]) -> Any:
        codes, known_of, enter = self._codes, self.known, self.enter
        is_main = get_ident() == self._main

        def profile(frame: FrameType, event: str, arg: Any) -> None:
            if event == "call":
                code = frame.f_code
                known = codes.get(identity(code)) or known_of(code)
                if known[0] is not None:
                    enter(frame, code, known, stack)
            elif event == "return" and stack and stack[-1][0] is frame:
                leave(self.recorder, stack)
                if is_main and self._running and not any(path for _, _, path in stack):
                    self._accelerate()

        return profile


def _entry(frame: FrameType | None) -> FrameType | None:
    """Return the frame that calls hooks: whatever pytest comes to call lies above it."""
    while frame is not None and frame.f_code.co_name != "_multicall":
        frame = frame.f_back
    return frame
