"""Tests whose parameters changed: which of them get the same values as before."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from covgate.source.blocks.parameters import parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from covgate.impact.difference import UnitChange
    from covgate.impact.index import Index, Place
    from covgate.impact.sets import SetFacts
    from covgate.traces.model import Trace

# Who mentions one of these may look at all parameters of a test.
_LOOKING = frozenset(
    {
        "callspec", "get_closest_marker", "indices", "iter_markers", "iter_markers_with_node",
        "keywords", "own_markers", "param_index", "pytestmark",
    }
)  # fmt: skip


class Parameters(NamedTuple):
    """The ids that stand for the same values as before, and why the other tests must run."""

    kept: frozenset[str]
    reason: str


class Parametrized:
    """Compares the parameters of tests.

    `source_of` gives the text of a blob, `text_of` that of a file of the target tree; `traces` are
    all that tests are chosen by.
    """

    def __init__(
        self,
        index: Index,
        source_of: Callable[[str], bytes | None],
        text_of: Callable[[str], bytes | None],
        traces: Iterable[Trace],
    ) -> None:
        self._index = index
        self._source_of = source_of
        self._text_of = text_of
        self._traces = traces
        self._found: dict[tuple[str, str, str], Parameters | None] = {}

    def of(self, path: str, blob: str, change: UnitChange) -> Parameters | None:
        """Return what a change of a test's parameters leaves as it was.

        None when more changed, or when it is not certain which values an id stands for.
        """
        old, new = change
        if old is None or new is None or new.kind != "def" or new.owner:
            return None
        (name,) = new.binds
        if old.hash == new.hash or not name.startswith("test") or "autouse" in new.mentions.flags:
            return None
        key = (path, blob, name)
        if key not in self._found:
            kept = None if self._is_asked_for(path, name) else self._kept(*key)
            reason = f"the parameters of {name} of {path} changed"
            self._found[key] = None if kept is None else Parameters(kept, reason)
        return self._found[key]

    def _kept(self, path: str, blob: str, name: str) -> frozenset[str] | None:
        before, after = self._source_of(blob), self._text_of(path)
        if before is None or after is None:
            return None
        found = parameters(before, after, name)
        if found is None:
            return None
        old, new = found
        # With a second source of parameters, or ids made otherwise, these are not the real ones.
        if not old or not old.keys() <= self._ids.get((path, name), frozenset()):
            return None
        return frozenset(one for one, value in old.items() if new.get(one) == value)

    def _is_asked_for(self, path: str, name: str) -> bool:
        """Whether anything mentions a test by its name."""
        index = self._index
        return bool(
            index.bodies_naming(path, name)
            or index.units_naming(path, name)
            or index.bodies_with_attribute(name)
            or index.units_with_attribute(name)
            or index.importers(path, name)
            or len(index.binders(path, name)) != 1
        )

    @cached_property
    def _ids(self) -> Mapping[Place, set[str]]:
        """The ids of the parameters of tests, by file and function."""
        found: dict[Place, set[str]] = {}
        for trace in self._traces:
            name, one = taken_apart(trace.test)
            if one is not None:
                found.setdefault((trace.file, name), set()).add(one)
        return found

    def looks(self, sets: Iterable[SetFacts]) -> bool:
        """Whether a test may look at the parameters of others, or at how many there are."""
        index = self._index
        return any(
            body is None or not _LOOKING.isdisjoint(body.mentions.names | body.mentions.attrs)
            for one in sets
            for body in (index.body(*place) for place in one.bodies)
        )


def taken_apart(test: str) -> tuple[str, str | None]:
    """Return the function of a test at module level, and the id of its parameters."""
    _, _, rest = test.partition("::")
    name, found, one = rest.partition("[")
    return (name, one[:-1]) if found and "::" not in name else (name, None)
