"""`covgate record`: learn what every test depends on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from covgate.errors import PASS, UndecidedError
from covgate.gate.recording import record

if TYPE_CHECKING:
    import argparse

    from covgate.config.model import Settings


# What pytest says of tests that all ran: they passed, some failed, there were none.
_NORMAL = (0, 1, 5)


def run(options: argparse.Namespace) -> int:
    """Record, say what was done, and return 0; raises `UndecidedError` when it is not all there."""
    if options.background:
        return _in_background(options)

    def adjust(settings: Settings) -> Settings:
        return replace(settings, python=options.python) if options.python else settings

    done = record(Path.cwd(), os.environ, adjust, afresh=options.afresh)
    print(f"recorded {_tests(done.ran)}; {_others(done.held)}")
    for test in done.failed:
        print(f"  failed: {test}")
    if done.problem:
        if done.status not in _NORMAL:
            print(done.output, end="")
        raise UndecidedError(done.problem, done.help)
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
