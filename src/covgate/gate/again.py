"""Run tests once more, on another tree than the commit's: what the change itself decides.

Both runs are small and rare: the added and altered tests on the base's source for `test-first`,
and a collection at the base when tests seem to be gone.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.change.snapshot import GitSnapshot
from covgate.coverage.history import History
from covgate.coverage.project import from_json
from covgate.errors import CovgateError
from covgate.gate.testing import test_change, whole_suite
from covgate.gate.whole import history_file
from covgate.git.objects import ObjectReader
from covgate.rules.silenced.changed import Place, changed_tests, place_of
from covgate.rules.silenced.gone import Suspects, suspects
from covgate.rules.test_first import Red, is_test_side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.change.model import Change
    from covgate.change.snapshot import Snapshot
    from covgate.config.model import Settings
    from covgate.coverage.project import FileNumbers, ProjectCoverage
    from covgate.gate.surroundings import Surroundings
    from covgate.gate.testing import Tested
    from covgate.impact.selection import Selection
    from covgate.run.plan import Job


def red_run(around: Surroundings, change: Change, settings: Settings, tested: Tested) -> Red | None:
    """Return how the added and altered tests end on the base's source; None with none of them.

    Only against a single base that is a commit: a merge brings nothing of its own.
    """
    if change.mode == "all" or len(change.bases) != 1 or change.bases[0].commit is None:
        return None
    new = {Place(item.path, item.test.name): item.is_new for item in changed_tests(change)}
    ids = tuple(
        test.id
        for test in tested.result.tests
        if test.outcome == "passed" and place_of(test.id) in new
    )
    if not ids:
        return None
    fresh = frozenset(test for test in ids if new[place_of(test)])
    reader = ObjectReader(around.git)
    try:
        tree = _mixed_tree(around, change)
        snapshot = GitSnapshot(around.git, reader, tree)
        known = _known_coverage(around, change, tested) if fresh else None
        job = whole_suite(settings)._replace(
            files=tuple(sorted({place_of(test).path for test in ids})),
            ids=ids,
            measure_all=known is not None,
        )
        again = _run(around, change, settings, snapshot, job, "red")
    except CovgateError as error:
        return Red({}, fresh, None, f"test-first not judged: {error.message}")
    finally:
        reader.close()
    if again.result.status is None or again.result.timed_out:
        return Red({}, fresh, None, "test-first not judged: the run did not come to its end")
    outcomes = {test.id: test.outcome for test in again.result.tests if test.id in ids}
    return Red(outcomes, fresh, _raised(again, known))


def _run(
    around: Surroundings,
    change: Change,
    settings: Settings,
    snapshot: Snapshot,
    job: Job,
    name: str,
) -> Tested:
    scratch = around.scratch / name
    scratch.mkdir()
    asked = replace(change, target=snapshot, files=(), since_first=())
    return test_change(around._replace(scratch=scratch), asked, settings, job, True, None)


def _mixed_tree(around: Surroundings, change: Change) -> str:
    """Return the tree of the base with the test files of the target."""
    index = {"GIT_INDEX_FILE": str(around.scratch / "mixed-index")}
    around.git.run("read-tree", change.bases[0].tree, extra_env=index)
    before, target = change.before[0], change.target
    records = [
        f"0 {'0' * len(file.old_blob or '')}\t{file.old_path}\0"
        for file in change.files
        if file.old_path and is_test_side(file.old_path, before)
    ]
    records += [
        f"{file.new_mode} {file.new_blob}\t{file.path}\0"
        for file in change.files
        if file.status != "deleted" and is_test_side(file.path, target)
    ]
    around.git.run(
        "update-index", "-z", "--index-info", stdin=os.fsencode("".join(records)), extra_env=index
    )
    return os.fsdecode(around.git.run("write-tree", extra_env=index)).strip()


def _known_coverage(around: Surroundings, change: Change, tested: Tested) -> ProjectCoverage | None:
    history = History(history_file(around.repo), tested.environment["python"])
    tree = change.bases[0].tree
    return history.load_all([tree]).get(tree)


def _raised(again: Tested, known: ProjectCoverage | None) -> bool | None:
    """Return whether the run covers what the base's tests missed, None when that is not known."""
    project = again.result.measurement.project
    if known is None or project is None or isinstance(project, str):
        return None
    files: dict[str, FileNumbers] = {path: from_json(raw) for path, raw in project.items()}
    return any(
        numbers.missing - files[path].missing
        for path, numbers in known.files.items()
        if path in files
    )


def gone_tests(
    around: Surroundings, change: Change, settings: Settings, selection: Selection, tested: Tested
) -> tuple[str, ...]:
    """Return the ids of tests that the base collects and the target, unaltered, does not."""
    if change.mode == "all" or len(change.bases) != 1 or change.bases[0].commit is None:
        return ()
    found: Suspects = suspects(change, selection, tested.result)
    if not found.places:
        return ()
    job = whole_suite(settings)._replace(
        files=tuple(sorted({place.path for place in found.places})),
        pytest_args=(*settings.pytest_args, *settings.test_paths, "--collect-only"),
    )
    try:
        before = _run(around, change, settings, change.before[0], job, "collected").result
    except CovgateError:
        return ()
    return tuple(_missing(before.collected or (), found))


def _missing(collected: Iterable[str], found: Suspects) -> list[str]:
    return [
        test for test in collected if test not in found.present and place_of(test) in found.places
    ]
