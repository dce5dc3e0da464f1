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
from typing import Any

# What coverage's collector holds of a file: lines, or pairs of lines in a form of its own.
Values = Any
Context = Any  # of `_covgate_trace`, which is not typed, as its recorder

# The context of coverage's data that holds what ran in tests.
TESTS = "covgate"


class Lines:
    """What coverage's collector has gathered, by context; `ctx` is who runs (None: nobody)."""

    def __init__(self, recorder: Any, measured: Any) -> None:
        self.recorder = recorder
        self.ctx: Context | None = None
        self._collector: Any = measured._collector
        self._keep: Any = self._collector.flush_data
        self._sums: dict[str | None, dict[str, set[Values]]] = {None: {}, TESTS: {}}
        self._numbers: dict[str, tuple[int, dict[Values, int]]] = {}
        self._owners: dict[str, Context] = {}  # of files that are imported or collected, by path
        self._owner_ids: set[int] = set()
        self._above: list[Context | None] = []
        self._collector.data.items()  # an unknown coverage shall fail here
        self._collector.flush_data = self._give_back

    def switch(self, ctx: Context | None) -> Context | None:
        """From now on what runs belongs to `ctx`; return to whom it belonged."""
        before = self.ctx
        if ctx is not before:
            self._take()
            self.ctx = ctx
        return before

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
        self._sums = {None: {}, TESTS: {}}
        vars(self._collector).pop("flush_data", None)

    def _take(self) -> None:
        """Move what was gathered to the sums and, for a context, into the spool."""
        sums = self._sums[None if self._is_outside() else TESTS]
        ran = []
        for name, found in list(self._collector.data.items()):
            if not found:
                continue
            taken = set(found)
            found.clear()
            known = sums.get(name)
            if known is None:
                sums[name] = taken
            else:
                known |= taken
            if self.ctx is not None and self.recorder.project_path(name) is not None:
                ran.append(self._packed(name, taken))
        if ran and self.ctx is not None:
            self.recorder.write({"ran": self.ctx.id, "lines": ran})

    def _packed(self, name: str, taken: set[Values]) -> list[Any]:
        """Return [number of the file, type, what ran of it], after telling what is new."""
        try:
            file, numbers = self._numbers[name]
        except KeyError:
            file, numbers = self._numbers[name] = (len(self._numbers), {})
        fresh = [value for value in taken if value not in numbers]
        if fresh:
            numbers.update(zip(fresh, range(len(numbers), len(numbers) + len(fresh))))
            path = self.recorder.project_path(name)
            self.recorder.write({"of": file, "path": path, "values": self._unpacked(fresh)})
        data = array("H" if len(numbers) < 65536 else "I", map(numbers.__getitem__, taken))
        return [file, data.typecode, b2a_base64(data.tobytes(), newline=False).decode("ascii")]

    def _unpacked(self, values: list[Values]) -> list[Any]:
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
        self._take()
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
        collector.covdata.set_context(static)
        return True


class _Receiver:
    """Stands for coverage's data while arcs are unpacked."""

    arcs: Any = None

    def add_arcs(self, arcs: Any) -> None:
        self.arcs = arcs

    def add_file_tracers(self, tracers: Any) -> None:
        pass
