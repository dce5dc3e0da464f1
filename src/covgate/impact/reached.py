"""Where in a function that it entered a test came to, by the lines that it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.impact.earlier import Earlier
    from covgate.impact.index import Place
    from covgate.source.blocks.alignment import Alignment
    from covgate.traces.model import Trace

_Lines = dict[str, "Mapping[int, tuple[str, frozenset[int]]]"]


class Reached:
    """Answers for one target tree; `lines_of` gives, by trace, a version of a file and lines."""

    def __init__(
        self,
        earlier: Earlier,
        lines_of: Callable[[str], Mapping[int, tuple[str, frozenset[int]]]],
    ) -> None:
        self._earlier = earlier
        self._lines_of = lines_of
        self._lines: _Lines = {}

    def changed(self, trace: Trace, path: str, key: str) -> bool:
        """Whether a test that entered a changed function ran what leads to the change."""
        alignment, lines = self._ran(trace, path)
        if alignment is None:
            return True
        reaching = alignment.reaching.get(key)
        if reaching is None or not alignment.entered(key, lines):
            return True
        if reaching and not alignment.began(key, lines):
            return True
        return any(alignment.statement_of.get(line) in reaching for line in lines)

    def mentions(self, trace: Trace, place: Place, words: Iterable[str]) -> bool:
        """Whether a test came to a statement, of a function, that mentions one of some names."""
        alignment, lines = self._ran(trace, place[0])
        found = alignment.spots(place[1]) if alignment is not None else None
        where = found.of(words) if found is not None else None
        if found is None or where is None or found.lines.isdisjoint(lines):
            return True
        return not where.isdisjoint(lines)

    def _ran(self, trace: Trace, path: str) -> tuple[Alignment | None, frozenset[int]]:
        """Return the version of a file that a test ran, beside the present one, and its lines."""
        if path not in self._lines:
            self._lines[path] = self._lines_of(path)
        blob, lines = self._lines[path].get(trace.id, ("", frozenset()))
        return (self._earlier.alignment(path, blob) if blob else None), lines
