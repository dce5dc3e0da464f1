"""`covgate explain`: what a test depends on, which tests run some code, what a rule means."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import PASS, UsageError
from covgate.gate.inspecting import archive_at, inputs_of, tests_at
from covgate.rules.catalogue import CATALOGUE, text

if TYPE_CHECKING:
    import argparse

    from covgate.gate.evidence import Archive

_WORDS = {
    "body": "runs",
    "shared": "relies on",
    "whole": "depends on all of",
    "file": "reads",
    "list": "lists",
    "exists": "asks for",
    "env": "reads the variable",
    "package": "uses the package",
    "distribution": "asks for the distribution",
    "fixture": "uses the fixture",
    "opaque": "cannot be followed:",
    "module": "imports",
}


def run(options: argparse.Namespace) -> int:
    """Print what is known; raises `UsageError` for something that nothing is known of."""
    if options.thing in CATALOGUE:
        print(text(options.thing), end="")
        return PASS
    with archive_at(Path.cwd(), os.environ, options.python) as archive:
        if "::" in options.thing:
            _explain_test(archive, options.thing)
        else:
            _explain_place(archive, options.thing)
    return PASS


def _explain_test(archive: Archive, test: str) -> None:
    chosen = archive.choose()
    evidence = archive.store.evidence(archive.environment)
    trace = next((trace for trace in evidence.traces if trace.test == test), None)
    if trace is None:
        raise UsageError(f"nothing is recorded of {test}", "run `covgate record`")
    if test in chosen.reuse:
        print(f"{test} need not run: all that it depended on is as it was ({trace.outcome})")
    else:
        print(f"{test} would run: {chosen.run.get(test, 'it is gone')}")
    for kind, path, key in inputs_of(evidence, trace, tuple(_WORDS)):
        print(f"  {_WORDS[kind]} {key}{' of ' if key and path else ''}{path}")


def _explain_place(archive: Archive, place: str) -> None:
    path, _, number = place.partition(":")
    if path not in archive.snapshot.entries:
        raise UsageError(
            f"{path} is not a file of the commit", "name a file, FILE:LINE, a test or a rule"
        )
    if number and not number.isdigit():
        raise UsageError(f"{number!r} is not a line", "write FILE:LINE, e.g. src/app.py:12")
    tests = tests_at(archive, path, int(number) if number else None)
    print(f"{len(tests)} tests {'run' if number else 'depend on'} {place}")
    for test in tests:
        print(f"  {test}")
