"""What the evidence says of the tree at hand: for `covgate status` and `covgate explain`."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from covgate.change.occasion import observe
from covgate.change.reading import Request, read_change
from covgate.coverage.today import today
from covgate.gate.company import WHY, deserted
from covgate.gate.evidence import Archive, open_archive
from covgate.gate.surroundings import Surroundings
from covgate.gate.whole import read_agreed
from covgate.git.opening import opened
from covgate.run.interpreter import find_interpreter
from covgate.traces.store import WHOLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from covgate.impact.chosen import Selection as Chosen
    from covgate.traces.model import Evidence, Trace


class Standing(NamedTuple):
    """How much of the suite has evidence; `opaque` gives the reason of each opaque test."""

    known: int
    held: int
    stale: Mapping[str, str]
    opaque: Mapping[str, str]
    flaky: tuple[str, ...]
    whole: bool
    newest: float | None
    size: int
    place: str
    problem: str | None


@contextmanager
def archive_at(
    folder: Path, env: Mapping[str, str], python: str | None = None
) -> Iterator[Archive]:
    """Open the evidence for the tree of the index."""
    with opened(folder, env) as (repo, git, scratch, reader):
        occasion = observe(repo.top, repo.git_dir, env)
        change = read_change(repo, git, reader, scratch, Request(everything=True), occasion)
        settings, _ = read_agreed(change, today(env))
        around = Surroundings(repo, git, scratch, env, False)
        found = find_interpreter(repo.top, repo.main_top, python or settings.python, env).python
        archive = open_archive(around, change.target, settings, found)
        with archive.store:
            yield archive


def standing(archive: Archive) -> Standing:
    """Return how much of the suite has evidence that holds on the tree."""
    chosen = archive.choose()
    left = deserted(archive, chosen.reuse, {})
    evidence = archive.store.evidence(archive.environment)
    path = archive.store.path
    newest = max((trace.at for trace in evidence.traces), default=None)
    return Standing(
        known=len(chosen.run) + len(chosen.reuse),
        held=len(chosen.reuse) - len(left),
        stale={**chosen.run, **dict.fromkeys(sorted(left), WHY)},
        opaque=_opaque(evidence, chosen),
        flaky=tuple(sorted(chosen.flaky)),
        whole=WHOLE in archive.suite,
        newest=newest,
        size=path.stat().st_size if path is not None and path.exists() else 0,
        place=str(path),
        problem=archive.store.problem,
    )


def _opaque(evidence: Evidence, chosen: Chosen) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for trace in reversed(evidence.traces):
        if trace.test in chosen.gone:
            continue
        found.pop(trace.test, None)
        for one in inputs_of(evidence, trace, ("opaque",)):
            found[trace.test] = one[2]
    return found


def inputs_of(
    evidence: Evidence, trace: Trace, kinds: tuple[str, ...]
) -> list[tuple[str, str, str]]:
    """Return the inputs of a trace of some kinds: (kind, path, key), sorted."""
    return sorted(
        {
            (one.kind, one.path, one.key)
            for number in trace.sets
            for identity in evidence.sets.get(number, ())
            if (one := evidence.inputs[identity]).kind in kinds
        }
    )


def tests_at(archive: Archive, path: str, line: int | None) -> list[str]:
    """Return the tests whose last trace ran a file, or one line of it, wherever that was then."""
    from covgate.impact.carried import Versions, carry

    evidence = archive.store.evidence(archive.environment)
    newest: dict[str, Trace] = {}
    for trace in evidence.traces:
        newest.setdefault(trace.test, trace)
    if line is None:
        return sorted(
            test
            for test, trace in newest.items()
            if any(place == path for _, place, _ in inputs_of(evidence, trace, _OF_FILES))
        )
    text = archive.snapshot.read(path)
    if text is None:
        return []
    test_of = {trace.id: test for test, trace in newest.items()}
    ran = {
        trace: lines
        for trace, lines in archive.store.lines_of_path(path).items()
        if trace in test_of
    }
    versions = Versions(archive.source_of, archive.old_facts, archive.store.alignments.align)
    carried = carry(text, archive.facts_of(path), ran, {}, versions)
    return sorted(test_of[trace] for trace, lines in carried.by_test.items() if line in lines)


_OF_FILES = ("body", "shared", "whole", "file", "module")


def age(moment: float | None) -> str:
    """Return how long ago something was, for people."""
    if moment is None:
        return "never"
    seconds = time.time() - moment
    for unit, size in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{int(seconds / size)} {unit} ago"
    return "just now"
