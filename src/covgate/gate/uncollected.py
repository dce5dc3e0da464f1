"""Files to collect for tests that nobody knows: they came past the gate, or with this change.

A pull, another branch or `git commit --no-verify` bring files that no run here has collected. What
pytest makes of them only pytest can tell, so that they are collected once, as in a full run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.impact.selection import FileOf
from covgate.source.blocks.modules import conftests
from covgate.traces.seen import as_collected, kinds_of
from covgate.traces.store import WHOLE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Set

    from covgate.change.model import Change
    from covgate.gate.evidence import Archive
    from covgate.impact.selection import Selection

_EVERYTHING = "it held no tests, and the change may affect all"
_CHANGED = "it was added or changed"
_CAME = "it came without a check (a pull, another branch), and was not collected here as it is"
_CONFTEST = "a conftest.py above it changed, and may have kept it from being collected"
_SUBMODULE = "it lies in a submodule, whose files git does not list here"
_SKIPPED = "it skipped itself, or held no tests, when it was last collected"
_MAY_GAIN = "it held no tests, and what it may take some from came without a check"


def uncollected(
    archive: Archive, cold: Selection, change: Change, gone: Collection[str]
) -> Mapping[str, str]:
    """Return the files whose tests are not known, with the reasons; `gone` are tests that were.

    Of a project that was never collected as a whole, those that the change leads to.
    """
    suite, entries = archive.suite, archive.snapshot.entries

    def has_known(path: str) -> bool:
        return any(test not in gone for test in suite.get(path, ()))

    if WHOLE not in suite:
        asked = cold.files.items()
        return {
            p: why for p, why in asked if p.endswith(".py") and p in entries and not has_known(p)
        }
    changed = frozenset(file.path for file in change.files)
    seen = archive.moment.seen()
    kinds = kinds_of(suite)
    state = archive.state_of()
    new = [
        path
        for path, entry in entries.items()
        if path.endswith(kinds)
        and (path, as_collected(entry.blob)) not in seen
        and (path, state(path, entry.blob)) not in seen
    ]
    skipped = {path for path in new if path in suite and path not in changed}
    came = any(path not in changed and path not in skipped for path in new)
    found: dict[str, str] = {}
    for path in new:
        why = _CHANGED if path in changed else _CAME
        if path in skipped and not suite.get(path):
            why = _SKIPPED
        elif why is _CAME and conftests(path, changed):
            why = _CONFTEST
        found.update(dict.fromkeys((path, *_linked(archive, path)), why))
    file_of = FileOf(suite)
    for path in {*archive.moment.without_tests(), *map(file_of, gone)}:
        may_gain = (cold.everything and _EVERYTHING) or (came and _MAY_GAIN)
        reason = cold.files.get(path) or may_gain
        if reason and path in entries:
            found.setdefault(path, reason)
    found = {path: why for path, why in found.items() if not has_known(path)}
    return {**found, **_of_submodules(archive, seen)}


def _linked(archive: Archive, path: str) -> Iterator[str]:
    """Yield the other names that a file has by symbolic links of the tree."""
    for link, place in archive.links.items():
        if path == place:
            yield link
        elif path.startswith(f"{place}/"):
            yield link + path[len(place) :]


def _of_submodules(archive: Archive, seen: Set[tuple[str, str]]) -> Mapping[str, str]:
    """Return the files of submodules to collect: those with tests, and all when it is a new one.

    Git tells nothing of them here, so that no trace of their tests is ever taken.
    """
    found: list[str] = []
    for folder in archive.submodules:
        if (folder, archive.snapshot.entries[folder].blob) not in seen:
            below = (archive.root / folder).rglob("*.py")
            found += sorted(path.relative_to(archive.root).as_posix() for path in below)
        found += (file for file, tests in archive.suite.items() if tests and _is_in(file, folder))
    return dict.fromkeys(found, _SUBMODULE)


def _is_in(file: str, folder: str) -> bool:
    return file.startswith(f"{folder}/")
