"""What a test depends on by what its code says that it reads, though nobody saw it reading."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from covgate.traces.derived import docs_of
from covgate.traces.model import Input
from covgate.traces.once import Once
from covgate.traces.readers import Readers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from covgate.source.blocks.facts import Body
    from covgate.traces.conversion import Conversion
    from covgate.traces.spool import Process

_VARIABLES = frozenset({"environ", "environb", "getenv", "getenvb"})
_STATUS = frozenset({"st_size", "st_mtime", "st_mtime_ns", "st_mode"})


class Reading:
    """Of one recording."""

    def __init__(self, made: Conversion, processes: Sequence[Process]) -> None:
        self._made = made
        self._tree = made.tree
        self._processes = processes
        self._readers = Readers(made.facts_of, made.body)
        self._other_ways = Once(made.body, self._asked_otherwise)
        self._measuring = Once(made.body, lambda body, _: body.mentions.attrs & _STATUS)
        self._docs: dict[str, str] = {}

    def add(self, own: set[Input], closure: frozenset[str], file: str) -> None:
        """Add what a test of a file depends on whose code reads docstrings, line numbers, ..."""
        bodies = [one for one in own if one.kind == "body"]
        flags = self._readers.flags(bodies)
        flags |= self._readers.by_other_names(bodies, closure)
        if any(flag == "lines" or (flag, path) == ("lineno", file) for flag, path in flags):
            for path in {one.path for one in bodies}:
                own.add(Input("whole", path, "", self._tree.blob(path)))
        if any(flag == "code" for flag, _ in flags):
            for path in closure:
                own.add(Input("whole", path, "", self._tree.blob(path)))
        if any(flag == "opaque" for flag, _ in flags):
            why = "a library in C reads files for it"
            own.add(Input("opaque", "", why, self._tree.everything()))
        own |= self._other_ways.of(bodies)
        listed = [one.path for one in own if one.kind == "list"]
        if listed and self._measuring.of(bodies):
            for path in listed:
                for child in self._tree.children.get(path, ()):
                    own.add(Input("file", child, "", self._tree.file(child)))
        if any(flag == "doc" for flag, _ in flags):
            own |= {Input("docs", path, "", self._docs_of(path)) for path in closure}

    def _docs_of(self, path: str) -> str:
        if path not in self._docs:
            self._docs[path] = docs_of(self._made.facts_of(path))
        return self._docs[path]

    def _asked_otherwise(self, body: Body, _path: str) -> Iterable[Input]:
        """Yield what the recorder does not see: look-ups in copies, files read by name."""
        yield from self.named(body.mentions.files)
        if body.mentions.attrs & _VARIABLES:
            for word in body.mentions.files:
                if word.startswith("$"):
                    yield Input("env", "", word[1:], self._made.outside.variable(word[1:]))

    def named(self, words: Iterable[str]) -> Iterable[Input]:
        """Yield the files that nobody was seen reading, and whose names are among `words`."""
        for name in self._unread.keys() & set(words):
            for path in self._unread[name]:
                yield Input("file", path, "", self._tree.file(path))

    @cached_property
    def _unread(self) -> Mapping[str, list[str]]:
        """Files by name that nobody was seen reading: a library in C may do so, by that name."""
        read = {
            item[1]
            for process in self._processes
            for ctx in process.contexts.values()
            for item in ctx.items
            if item[0] in ("f", "w", "e")
        }
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._tree.snapshot.entries:
            if path not in read and not path.endswith(".py"):
                found[path.rpartition("/")[2]].append(path)
        return found
