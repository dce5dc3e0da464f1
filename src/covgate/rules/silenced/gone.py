"""Tests that are gone from the collection although nobody took them out of their file."""

from __future__ import annotations

from collections.abc import Container
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.finding import Finding, Severity
from covgate.rules.silenced.changed import Place, place_of
from covgate.rules.silenced.trees import Tree, tree_of
from covgate.source.skips.inventory import inventory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from covgate.change.model import Change, FileChange
    from covgate.config.model import SkipWithoutReason
    from covgate.impact.selection import Selection
    from covgate.run.plan import RunResult

_SHOWN = 3


class Suspects(NamedTuple):
    """Functions some of whose tests seem to be gone, and all tests that are known to be there."""

    places: frozenset[Place]
    present: Container[str]


class _Present(Container[str]):
    """The tests that were collected, and those that need not be: there may be very many."""

    def __init__(self, collected: frozenset[str], reused: Container[str]) -> None:
        self.collected = collected
        self._reused = reused

    def __contains__(self, test: object) -> bool:
        return test in self.collected or test in self._reused


NOBODY = Suspects(frozenset(), frozenset())


def suspects(change: Change, selection: Selection, result: RunResult) -> Suspects:
    """Return the functions that are the same as in the base but give fewer tests, it seems.

    What was collected last (`selection.suite`) may have been another tree, so that somebody has to
    look what the base collects.
    """
    if result.collected is None or result.collect_errors or result.status is None:
        return NOBODY
    present = _Present(frozenset(result.collected), selection.reused)
    lost = {
        place_of(test): "[" in test
        for path, tests in selection.suite.items()
        if path in change.target.entries and (selection.everything or path in selection.files)
        for test in tests
        if test not in present
    }
    edited = [file.path for file in change.files if file.status == "modified"]
    reused = {test for path in edited for test in selection.suite.get(path, ()) if test in present}
    here = {place_of(test) for test in present.collected | reused}
    base, target = tree_of(change.before[0]), tree_of(change.target)
    places = {p for p, has_sets in lost.items() if _is_unaltered(p, base, target, has_sets)}
    for file in change.files:
        if file.status == "modified" and target.is_test_file(file.path):
            places |= {p for p in _of_file(file, target) if p not in here} & {
                p for p in _of_file(file, base) if _is_unaltered(p, base, target, False)
            }
    return Suspects(frozenset(places), present)


def _of_file(file: FileChange, tree: Tree) -> set[Place]:
    module = tree.project.module(file.path)
    if module is None:
        return set()
    tests = inventory(tree.evaluator, module, tree.configs.at(file.path))
    return {Place(file.path, test.name) for test in tests if test.dead is None}


def _is_unaltered(place: Place, base: Tree, target: Tree, has_sets: bool) -> bool:
    """Return whether a function stands in both trees as it was; for sets of parameters the file."""
    old, new = base.snapshot.entries.get(place.path), target.snapshot.entries.get(place.path)
    if old is None or new is None:
        return False
    if old == new:
        return True
    before, after = base.facts(place.path), target.facts(place.path)
    if has_sets or before is None or after is None:
        return False
    one, other = before.units.get(place.name), after.units.get(place.name)
    return one is not None and other is not None and one.text == other.text


def find(
    change: Change, gone: Sequence[str], known: Sequence[Finding], settings: SkipWithoutReason
) -> Iterator[Finding]:
    """Yield a finding for each file that lost tests; `known` are those of the static rules.

    What these say of the same file, or of a conftest or the configuration, explains the loss.
    """
    if settings.level == "off":
        return
    severity: Severity = "error" if settings.level == "error" else "warning"
    told = {f.path for f in known}
    if any(not (path or "").endswith(".py") or "conftest.py" in (path or "") for path in told):
        return
    by_path: dict[str, list[str]] = {}
    for test in gone:
        by_path.setdefault(place_of(test).path, []).append(test)
    for path, tests in sorted(by_path.items()):
        if path not in told:
            yield _finding(path, tests, tree_of(change.target), severity)


def _finding(path: str, tests: list[str], target: Tree, severity: Severity) -> Finding:
    facts = target.facts(path)
    unit = facts.units.get(place_of(tests[0]).name) if facts else None
    line = unit.line if unit is not None else 1
    names = ", ".join(test.partition("::")[2] for test in tests[:_SHOWN])
    more = f" and {len(tests) - _SHOWN} more" if len(tests) > _SHOWN else ""
    count = "1 test is" if len(tests) == 1 else f"{len(tests)} tests are"
    return Finding(
        "skip-without-reason",
        f"{count} gone: the base collects {names}{more}, this tree does not",
        path,
        line,
        line,
        "find out what keeps pytest from collecting them: a hook, a plugin, an empty set of data",
        severity,
    )
