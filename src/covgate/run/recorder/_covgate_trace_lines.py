"""Tells which lines each context executed, by taking them from coverage between contexts.

Coverage can keep lines by context itself, at the price of writing and hashing all of them at each
switch, which costs more than to measure them. Here they are taken out of its collector instead,
written down by number, and given back to coverage as two sums when it wants to keep them: what
ran in tests and fixtures, and what ran outside. Of the latter, what the main thread ran while a
file was imported or collected is written down as that file's. Stands alone, for every coverage
since 5.0.
"""

from __future__ import annotations

from array import array
from binascii import b2a_base64
from typing import TYPE_CHECKING, Any, List, Set, Tuple

if TYPE_CHECKING:
    from collections.abc import Callable

# What coverage's collector holds of a file: lines, or pairs of lines in a form of its own.
Values = Any
Context = Any  # of `_covgate_trace`, which is not typed, as its recorder

# The context of coverage's data that holds what ran in tests.
TESTS = "covgate"


def _ignored(_chunk: Any) -> None:
    pass


class File:
    """A file that coverage follows: the numbers of its values, and the functions they stand for."""

    __slots__ = ("is_measured", "items", "name", "number", "numbers", "path")

    def __init__(self, name: str, path: str | None, number: int, is_measured: bool) -> None:
        self.name = name
        self.path = path
        self.number = number
        self.is_measured = is_measured
        self.numbers: dict[Values, int] = {}
        self.items: dict[Values, frozenset[Any]] = {}


Chunk = List[Tuple[File, Set[Values]]]  # what ran since the last time


class Lines:
    """What coverage's collector has gathered, by context; `ctx` is who runs (None: nobody)."""

    def __init__(self, recorder: Any, measured: Any) -> None:
        self.recorder = recorder
        self.ctx: Context | None = None
        self.ran: Callable[[Chunk], None] = _ignored  # told what was taken
        self.is_partial = False  # a plugin of coverage has files of the project for itself
        self._collector: Any = measured._collector
        self._keep: Any = self._collector.flush_data
        self._sums: dict[str | None, dict[str, set[Values]]] = {None: {}, TESTS: {}}
        self._files: dict[str, File] = {}
        self._taken: dict[File, set[Values]] = {}  # since the last switch
        self._unmeasured: set[str] = set()
        self._owners: dict[str, Context] = {}  # of files that are imported or collected, by path
        self._owner_ids: set[int] = set()
        self._above: list[Context | None] = []
        self._collector.data.items()  # an unknown coverage shall fail here
        self._collector.flush_data = self._give_back

    def follow_all(self) -> None:
        """Make coverage follow every file of the project; only what it measures is kept for it."""
        collector = self._collector
        decide, project_path = collector.should_trace, self.recorder.project_path

        def decided(name: str, frame: Any) -> Any:
            found = decide(name, frame)
            if project_path(name) is None:
                return found
            if not found.trace:
                found.trace, found.file_tracer, found.has_dynamic_filename = True, None, False
                found.source_filename = found.canonical_filename or name
                self._unmeasured.add(found.source_filename)
            elif found.file_tracer is not None:
                self.is_partial = True
            return found

        collector.should_trace = decided
        for tracer in collector.tracers:
            tracer.should_trace = decided
        for name in [name for name in collector.should_trace_cache if project_path(name)]:
            del collector.should_trace_cache[name]

    def switch(self, ctx: Context | None) -> Context | None:
        """From now on what runs belongs to `ctx`; return to whom it belonged."""
        before = self.ctx
        if ctx is not before:
            self.gather()
            self._write()
            self.ctx = ctx
        return before

    def has_more(self) -> bool:
        """Whether something ran since the last time."""
        return any(self._collector.data.values())

    def gather(self) -> None:
        """Take what coverage gathered since the last time."""
        chunk: Chunk = []
        for name, found in list(self._collector.data.items()):
            if found:
                taken = set(found)
                if isinstance(found, set):
                    found.difference_update(taken)  # not what a thread has run meanwhile
                else:
                    found.clear()
                file = self._files.get(name) or self._file(name)
                chunk.append((file, taken))
                if file.is_measured:
                    known = self._taken.get(file)
                    if known is None:
                        self._taken[file] = taken
                    else:
                        known |= taken
        self.ran(chunk)

    def forget_items(self, path: str) -> None:
        """The functions of a file are others than before."""
        for file in self._files.values():
            if file.path == path:
                file.items.clear()

    def _file(self, name: str) -> File:
        path = self.recorder.project_path(name)
        file = File(name, path, len(self._files), name not in self._unmeasured)
        self._files[name] = file
        return file

    def begin(self, path: str) -> None:
        """A file is imported or collected: what runs outside of tests belongs to it."""
        self._above.append(self.ctx)
        ctx = self._owners.get(path)
        if ctx is None:
            ctx = self._owners[path] = self.recorder.context("owner", path)
            self._owner_ids.add(ctx.id)
        if self._is_outside():
            self.switch(ctx)

    def end(self) -> None:
        """That is done."""
        if self._above:
            self.switch(self._above.pop())

    def imported(self) -> set[str]:
        """Return the paths of the files that were imported or collected."""
        return set(self._owners)

    def _is_outside(self) -> bool:
        return self.ctx is None or self.ctx.id in self._owner_ids

    def in_child(self) -> None:
        """This process was forked: coverage of children is no affair of ours."""
        for found in self._collector.data.values():
            found.clear()
        self._sums, self._taken = {None: {}, TESTS: {}}, {}
        vars(self._collector).pop("flush_data", None)

    def _write(self) -> None:
        """Add what was taken to the sums and, for a context, to the spool."""
        sums = self._sums[None if self._is_outside() else TESTS]
        ran = []
        for file, taken in self._taken.items():
            if self.ctx is not None and file.path is not None:
                ran.append(self._packed(file, taken))
            known = sums.get(file.name)
            if known is None:
                sums[file.name] = taken
            else:
                known |= taken
        self._taken.clear()
        if ran and self.ctx is not None:
            self.recorder.write({"ran": self.ctx.id, "lines": ran})

    def _packed(self, file: File, taken: set[Values]) -> list[Any]:
        """Return [number of the file, type, what ran of it], after telling what is new."""
        numbers = file.numbers
        fresh = list(taken.difference(numbers))
        if fresh:
            numbers.update(zip(fresh, range(len(numbers), len(numbers) + len(fresh))))
            values = self.unpacked(fresh)
            self.recorder.write({"of": file.number, "path": file.path, "values": values})
        data = array("H" if len(numbers) < 65536 else "I", map(numbers.__getitem__, taken))
        text = b2a_base64(data.tobytes(), newline=False).decode("ascii")
        return [file.number, data.typecode, text]

    def unpacked(self, values: list[Values]) -> list[Any]:
        """Return values of the collector as lines or as pairs of lines.

        How arcs are packed into numbers changes from version to version, so a copy of the
        collector is asked to keep each of them as if it were of a file of its own.
        """
        collector = self._collector
        if not (collector.branch and isinstance(values[0], int)):
            return values
        asked = object.__new__(type(collector))
        vars(asked).update(vars(collector))
        asked.covdata = _Receiver()
        asked.data = {str(value): {value} for value in values}
        asked.file_tracers, asked.tracers = {}, []
        asked._activity = lambda: True
        asked.cached_mapped_file = asked.file_mapper = str
        self._keep.__func__(asked)
        return [list(*asked.covdata.arcs[str(value)]) for value in values]

    def _give_back(self) -> bool:
        """What coverage calls to keep what its collector has: the sums instead."""
        collector = self._collector
        self.gather()
        self._write()
        # Code at work goes on to fill the same sets.
        data = collector.data
        hidden = {name: data.pop(name) for name in self._unmeasured & data.keys()}
        static = collector.static_context
        for label, sums in self._sums.items():
            for name, found in sums.items():
                kept = collector.data.get(name)
                if kept is None:
                    collector.data[name] = found
                else:
                    kept.update(found if isinstance(kept, set) else dict.fromkeys(found))
            collector.covdata.set_context("|".join(filter(None, (static, label))) or None)
            collector._activity = lambda: True
            self._keep()
            del collector._activity
        self._sums = {None: {}, TESTS: {}}
        data.update(hidden)
        collector.covdata.set_context(static)
        return True


class _Receiver:
    """Stands for coverage's data while arcs are unpacked."""

    arcs: Any = None

    def add_arcs(self, arcs: Any) -> None:
        self.arcs = arcs

    def add_file_tracers(self, tracers: Any) -> None:
        pass
