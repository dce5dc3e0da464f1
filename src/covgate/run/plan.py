"""What a test run is told, and what it tells back: plain values that cross as JSON."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Job(NamedTuple):
    """What to run and what to measure.

    `files` are the Python files that may be collected and `ids` the tests that may run (None:
    all), `skip` those that need not. `measure` are the files whose numbers are wanted; with
    `measure_all` the counts of all files that coverage reports as well. `trace`: write down what
    each test depends on. `earlier` is what reused tests executed, as JSON (see `gate.assembly`).
    `order` are files whose tests go first, unless somebody else orders them; `until` are tests
    before which nothing that is collected is left out. Paths are relative to the tree.
    """

    files: tuple[str, ...] | None
    ids: tuple[str, ...] | None
    measure: tuple[str, ...]
    pytest_args: tuple[str, ...] = ()
    source_roots: tuple[str, ...] = ()
    measure_all: bool = False
    earlier: str = ""
    skip: tuple[str, ...] = ()
    trace: bool = False
    order: tuple[str, ...] = ()
    until: tuple[str, ...] = ()


class TestRun(NamedTuple):
    """One test of a run: outcome (pytest's words, and "error" outside the call) and seconds.

    `path` and `line` are where the test is defined, `crash` where it failed and with what words;
    `reason` is why it was skipped or expected to fail, `skipped_at` where that was said.
    """

    id: str
    outcome: str
    seconds: float
    path: str
    line: int | None
    crash: tuple[str | None, int | None, str] | None = None
    reason: str | None = None
    skipped_at: tuple[str, int] | None = None


class MeasuredFile(NamedTuple):
    """Coverage's facts of one file, by first line of each statement.

    `partial` maps a line to (exits taken, exits not taken); `statement_of` maps continuation
    lines to the first line of their statement. `measured` is False when the project's settings
    leave the file out, or when Python can't read it: `broken` says why.
    """

    measured: bool
    imported: bool
    executed: frozenset[int] = frozenset()
    missing: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
    partial: Mapping[int, tuple[int, int]] = {}
    statement_of: Mapping[int, int] = {}
    broken: str | None = None


class Note(NamedTuple):
    """Something that a test did to the tree, or looked for: see `_covgate_guard`."""

    kind: str
    path: str
    copy: str
    test: str | None


class Measurement(NamedTuple):
    """Coverage's numbers of a run: by path; `problem` says why there are none.

    `copies` are modules imported from elsewhere than the tree under test: (path, file). `project`
    has the counts of all files, where they were asked for, as plain values by path, or is the
    sentence that says why coverage gave none.
    """

    files: Mapping[str, MeasuredFile] = {}
    problem: str | None = None
    branch: bool = False
    copies: tuple[tuple[str, str], ...] = ()
    project: Mapping[str, list[Any]] | str | None = None


class RunResult(NamedTuple):
    """What came back of a run; `status` is None when the interpreter did not come to its end.

    `collected` is None when collection did not, `unfinished` the test that was running last.
    `is_suite` tells that it was the whole suite in its own order, as far as pytest collected it.
    """

    status: int | None
    collected: tuple[str, ...] | None
    tests: tuple[TestRun, ...]
    collect_errors: tuple[tuple[str, str], ...]
    unfinished: str | None
    measurement: Measurement
    notes: tuple[Note, ...]
    output: str
    timed_out: bool = False
    is_suite: bool = True


_SEVERITY = ("passed", "skipped", "xfailed", "xpassed", "failed", "error")
_OUTPUT_KEPT = 500_000


class Events(NamedTuple):
    """The event file of a run, as far as it was written.

    `collected` is None when collection did not come to its end, `unfinished` the test that was
    running last, `internal` the words of an error of pytest itself.
    """

    status: int | None
    collected: tuple[str, ...] | None
    tests: tuple[TestRun, ...]
    collect_errors: tuple[tuple[str, str], ...]
    unfinished: str | None
    internal: str
    is_suite: bool = True


def read_events(path: Path) -> Events:
    """Read what the plugin wrote down; a test without the end of its teardown did not finish."""
    collected: tuple[str, ...] | None = None
    errors: list[tuple[str, str]] = []
    reports: dict[str, list[dict[str, Any]]] = {}
    running: dict[str, None] = {}
    status: int | None = None
    internal = ""
    is_suite = True
    for event in _lines(path):
        kind = event["event"]
        if kind == "collected":
            collected, is_suite = tuple(event["ids"]), event.get("is_suite", True)
        elif kind == "collect-error":
            errors.append((event["id"], event["text"]))
        elif kind == "start":
            running[event["id"]] = None
        elif kind == "report":
            _add_report(reports, event)
            if event["phase"] == "teardown":
                running.pop(event["id"], None)
        elif kind == "internal-error":
            internal = event["text"]
        elif kind == "finish":
            status = event["status"]
    return Events(
        status=status,
        collected=collected,
        tests=tuple(_test(test, phases) for test, phases in reports.items() if test not in running),
        collect_errors=tuple(errors),
        unfinished=next(reversed(running), None),
        internal=internal,
        is_suite=is_suite,
    )


def _add_report(reports: dict[str, list[dict[str, Any]]], event: dict[str, Any]) -> None:
    """Book a phase of a test; plugins that run it again ("rerun") make the earlier ones void."""
    phases = reports.setdefault(event["id"], [])
    if event["outcome"] == "rerun":
        phases.clear()
    else:
        phases.append(event)


def _rank(phase: Mapping[str, Any]) -> int:
    # A word that only a plugin knows is read as a failure.
    outcome = phase["outcome"]
    return _SEVERITY.index(outcome) if outcome in _SEVERITY else _SEVERITY.index("failed")


def _test(test: str, phases: Iterable[Mapping[str, Any]]) -> TestRun:
    phases = list(phases)
    worst = max(phases, key=_rank)
    crash = worst["crash"]
    return TestRun(
        id=test,
        outcome=_SEVERITY[_rank(worst)],
        seconds=round(sum(phase["seconds"] for phase in phases), 6),
        path=worst["path"],
        line=worst["line"],
        crash=tuple(crash) if crash else None,
        reason=worst["reason"],
        skipped_at=tuple(at) if (at := worst.get("skipped_at")) else None,
    )


def read_output(path: Path) -> str:
    """Read what the tests printed: all of it, or both ends when it is very long."""
    if not path.exists():
        return ""
    with path.open("rb") as stream:
        data = stream.read(_OUTPUT_KEPT)
        size = os.fstat(stream.fileno()).st_size
        if size > 2 * _OUTPUT_KEPT:
            stream.seek(size - _OUTPUT_KEPT)
            data += b"\n[... %d bytes left out ...]\n" % (size - 2 * _OUTPUT_KEPT)
        data += stream.read(_OUTPUT_KEPT)
    return data.decode("utf-8", "replace")


def read_measured(path: Path) -> Measurement:
    """Read the numbers of a run."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Measurement(problem="the run left no coverage numbers")
    return Measurement(
        files={name: _measured(facts) for name, facts in raw["files"].items()},
        problem=raw["problem"],
        branch=raw["branch"],
        copies=tuple((path, file) for path, file in raw["copies"]),
        project=_project(raw["project"]),
    )


def _project(raw: Mapping[str, Any] | None) -> Mapping[str, list[Any]] | str | None:
    if raw is None:
        return None
    problem: str | None = raw.get("problem")
    return problem or raw["files"]


def _measured(facts: Mapping[str, Any]) -> MeasuredFile:
    if not facts["measured"]:
        return MeasuredFile(False, facts["imported"], broken=facts["broken"])
    return MeasuredFile(
        measured=True,
        imported=facts["imported"],
        executed=frozenset(facts["executed"]),
        missing=frozenset(facts["missing"]),
        excluded=frozenset(facts["excluded"]),
        partial={line: (taken, missed) for line, taken, missed in facts["partial"]},
        statement_of=dict(facts["statement_of"]),
    )


def read_notes(path: Path) -> tuple[Note, ...]:
    """Read what the guard wrote down."""
    return tuple(Note(*note) for note in _lines(path))


def _lines(path: Path) -> Iterable[Any]:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return
    for line in text.split("\n"):
        try:
            if line:
                yield json.loads(line)
        except ValueError:
            return  # the last line of a run that was killed
