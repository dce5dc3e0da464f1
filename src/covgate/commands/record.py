"""`covgate record`: learn what every test depends on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import PASS, UNDECIDED
from covgate.gate.recording import record

if TYPE_CHECKING:
    import argparse

    from covgate.config.model import Settings


def run(options: argparse.Namespace) -> int:
    """Record, say what was done, and return the exit code (0 unless nothing could be kept)."""
    if options.background:
        return _in_background(options)

    def adjust(settings: Settings) -> Settings:
        return replace(settings, python=options.python) if options.python else settings

    done = record(Path.cwd(), os.environ, adjust, afresh=options.afresh)
    print(f"recorded {_tests(done.ran)}; {_others(done.held)}")
    for test in done.failed:
        print(f"  failed: {test}")
    if done.status is None or (done.status > 1 and done.status != 5):
        print(done.output, end="")
        print("covgate: the run did not come to its end; what it completed is kept")
        return UNDECIDED
    if done.problem:
        print(f"covgate: {done.problem}")
        return UNDECIDED
    return PASS


def _tests(number: int) -> str:
    return f"{number:,} {'test' if number == 1 else 'tests'}"


def _others(number: int) -> str:
    return "the trace of 1 other holds" if number == 1 else f"the traces of {number:,} others hold"


def _in_background(options: argparse.Namespace) -> int:
    """Start the same command in a session of its own and return at once."""
    words = [sys.executable, "-m", "covgate", "record"]
    words += ["--afresh"] if options.afresh else []
    words += ["--python", options.python] if options.python else []
    subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    print("recording in the background")
    return PASS
