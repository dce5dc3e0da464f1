"""Which tests to run for a change: what the evidence says, beside what can be said without any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.gate.evidence import measures_branches
from covgate.gate.uncollected import uncollected
from covgate.impact.selection import Counted, FileOf, Outcomes, Without
from covgate.traces.store import WHOLE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from covgate.change.model import Change
    from covgate.gate.evidence import Archive
    from covgate.impact.carried import Carried
    from covgate.impact.chosen import Selection as Chosen
    from covgate.impact.selection import Selection
    from covgate.run.plan import MeasuredFile


# Tests that take longer are not run for the sake of exact numbers alone: where rules judge by the
# numbers, and where nobody asks for them but those who look at them.
PATIENCE_SECONDS = 20.0
LITTLE_SECONDS = 1.0
# Of so many tests, to leave out this share takes longer than to run it.
_MANY, _FEW = 200, 0.01


def combine(
    archive: Archive,
    cold: Selection,
    change: Change,
    patience: Callable[[], float] = lambda: LITTLE_SECONDS,
    is_settled: Callable[[], bool] = lambda: False,
) -> Selection:
    """Return the tests to run: by evidence where there is some, else as without any.

    Tests of `patience` seconds may run for exact numbers of the project alone: none where that
    `is_settled`, because they are those of the base when no test runs.
    """
    from covgate.gate.calls import FOR_HOOKS, OF_PATHS, hooks_to_watch

    suite = archive.suite
    if not suite:
        return replace(cold, notes=(*cold.notes, *_notes(archive, frozenset())))
    chosen = archive.choose()
    moment = archive.moment
    unrecorded = {
        test: "nothing is recorded of it yet"
        for file in moment.files_with_untraced()
        if file in archive.snapshot.entries
        for test in suite.get(file, ())
        if test not in chosen.run and test not in chosen.reuse and test not in chosen.gone
    }
    carried = _carry(archive, chosen, change)
    recount = _recount(archive, chosen, change, carried)
    run = {**chosen.run, **chosen.witnesses, **unrecorded, **recount}
    left = Without(chosen.reuse, run.keys())
    if len(run) > _MANY and len(left) < len(run) * _FEW:
        run.update(dict.fromkeys(left, "so few would be left out that all run"))
    elif run or not is_settled():
        from covgate.gate.company import to_settle

        run.update(to_settle(archive, chosen.reuse, change, carried, run, patience))
    everything = cold.everything and WHOLE not in suite
    files = _files(archive, cold, change, chosen, run)
    hooks = hooks_to_watch(archive, chosen.reuse, change, files)
    if any(key not in OF_PATHS for _, key in hooks):
        there = (path for path in suite if path in archive.snapshot.entries)
        files.update((path, FOR_HOOKS) for path in there if path not in files)
    held = Without(chosen.reuse, run.keys())
    return replace(
        cold,
        everything=everything,
        files=files,
        tests=run,
        reused=held.keys(),
        carried=carried,
        held=held,
        hooks=hooks,
        knows_suite=WHOLE in suite,
        known=Counted(run.keys() - chosen.gone, held),
        python=archive.python,
        suite=suite,
        outcomes=Outcomes(moment.newest, lambda: moment.traces),
        notes=(*(() if not everything else cold.notes), *_notes(archive, chosen.flaky)),
    )


def _files(
    archive: Archive,
    cold: Selection,
    change: Change,
    chosen: Chosen,
    run: Mapping[str, str],
) -> dict[str, str]:
    """Return the files to collect: anew, for the tests to run, and those never collected."""
    files = dict(chosen.recollect)
    suite = archive.suite
    file_of = FileOf(suite)
    for test, why in run.items():
        files.setdefault(file_of(test), why)
    files.update(uncollected(archive, cold, change, chosen.gone))
    return files


def _carry(archive: Archive, chosen: Chosen, change: Change) -> dict[str, Carried]:
    """Return what the reused traces cover of each changed file."""
    if not any(file.lines and file.path.endswith(".py") for file in change.files):
        return {}
    from covgate.impact.carried import Versions, carry

    versions = Versions(archive.source_of, archive.old_facts, archive.store.alignments.align)
    found: dict[str, Carried] = {}
    for file in change.files:
        target = archive.snapshot.read(file.path) if file.path.endswith(".py") else None
        if target is None or not file.lines:
            continue
        places = dict.fromkeys((file.path, file.old_path or file.path))
        ran = {trace: ran for p in places for trace, ran in archive.lines_of_path(p).items()}
        by_test = {trace: ran[trace] for trace in _reused(archive, chosen, ran)}
        on_import: Mapping[str, frozenset[int]] = {}
        if by_test or _is_imported(archive, chosen, places):
            on_import = archive.store.module_lines(archive.environment, file.path)
        found[file.path] = carry(target, archive.facts_of(file.path), by_test, on_import, versions)
    return found


def _is_imported(archive: Archive, chosen: Chosen, places: Collection[str]) -> bool:
    """Whether a module is imported for a reused test, or by a test file that has no tests."""
    backwards = archive.moment.backwards
    modules = [number for number, one in backwards.at(places).items() if one.kind == "module"]
    traces = archive.moment.traces_with(backwards.sets_with(modules))
    if _reused(archive, chosen, [trace.id for trace in traces]):
        return True
    from covgate.gate.calls import of_testless

    return not of_testless(archive).isdisjoint(places)


def _reused(archive: Archive, chosen: Chosen, traces: Collection[int]) -> dict[int, str]:
    """Return those of some traces that are reused, with their tests."""
    found = {}
    for number, test in archive.moment.tests_by_trace(traces).items():
        trace = chosen.reuse.get(test)
        if trace is not None and trace.id == number:
            found[number] = test
    return found


def _recount(
    archive: Archive, chosen: Chosen, change: Change, carried: Mapping[str, Carried]
) -> dict[str, str]:
    """Return the tests to run because branches are measured, and lines alone do not tell them."""
    if not carried or not measures_branches(archive.snapshot):
        return {}
    from covgate.gate.assembly import branches_known
    from covgate.impact.carried import branching_lines

    found: dict[str, str] = {}
    for file in change.files:
        if file.path in carried:
            wanted = branching_lines(archive.snapshot.read(file.path) or b"") & file.lines
            by_test = carried[file.path].by_test
            some = {trace: lines & wanted for trace, lines in by_test.items() if lines & wanted}
            if WHOLE in archive.suite:  # else the run is not told of branches of others
                known = branches_known(archive, file.path, some)
                some = {trace: lines for trace, lines in some.items() if trace not in known}
            for test in _reused(archive, chosen, some).values():
                found[test] = f"it runs changed branches of {file.path}"
    return found


def with_carried(
    measured: Mapping[str, MeasuredFile], carried: Mapping[str, Carried]
) -> dict[str, MeasuredFile]:
    """Return the numbers of a run with what reused traces cover."""
    found = dict(measured)
    for path, lines in carried.items():
        facts = found.get(path)
        if facts is None or not facts.measured:
            continue
        ran = lines.of_tests | (frozenset() if facts.imported else lines.on_import)
        gained = facts.missing & {facts.statement_of.get(line, line) for line in ran}
        found[path] = facts._replace(
            executed=facts.executed | gained,
            missing=facts.missing - gained,
            imported=facts.imported or bool(ran),
        )
    return found


def without(archive: Archive, cold: Selection, error: Exception) -> Selection:
    """Return the tests to run when the evidence turns out to be damaged; it is set aside."""
    archive.give_up(error)
    return replace(cold, notes=(*cold.notes, *_notes(archive, frozenset())))


def _notes(archive: Archive, flaky: frozenset[str]) -> tuple[str, ...]:
    notes = [f"{test} ends in different ways with nothing changed" for test in sorted(flaky)]
    # Who never recorded anything does not miss a store that can't be made.
    if archive.store.problem and (flaky or archive.store.was_there):
        notes.append(f"the evidence is not at hand: {archive.store.problem}")
    return tuple(notes)
