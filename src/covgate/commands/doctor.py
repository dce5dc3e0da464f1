"""`covgate doctor`: everything that can be wrong with the setup, with the remedy for each."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate import __version__
from covgate.commands.check import here
from covgate.config.model import Settings
from covgate.errors import BLOCK, PASS, USAGE, CovgateError, UsageError
from covgate.git.repository import discover
from covgate.report.style import style_for
from covgate.report.text import MIN_WIDTH, wrapped
from covgate.run.interpreter import installing
from covgate.setup.check import Check
from covgate.setup.layout import read_layout
from covgate.setup.project_checks import check_interpreter, check_settings, tracked_files
from covgate.setup.repository_checks import (
    check_git,
    check_hooks,
    check_repository,
    check_state,
)

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from covgate.report.style import Style

_COLORS = {"ok": "32", "warning": "33", "wrong": "31"}
_OWN = ("diff-cover", "coverage")


def run(options: argparse.Namespace) -> int:
    """Look at everything, tell it, and return 1 when something is wrong (2: the settings are)."""
    checks = list(_examine(options.python, os.environ))
    wrong = any(check.status == "wrong" for check in checks)
    if options.format == "json":
        told = {"ok": not wrong, "checks": [check._asdict() for check in checks]}
        print(json.dumps(told, indent=2))
    else:
        style = style_for(sys.stdout, os.environ, options.color)
        _print(checks, style)
    misconfigured = any(one.name == "settings" and one.status == "wrong" for one in checks)
    return USAGE if misconfigured else BLOCK if wrong else PASS


def _examine(python: str | None, env: Mapping[str, str]) -> Iterator[Check]:
    yield _check_covgate()
    if shutil.which("git", path=env.get("PATH")) is None:
        yield Check("git", "wrong", "not found on PATH", "install git, or put it on PATH")
        return
    asked = subprocess.run(["git", "--version"], capture_output=True, check=False, env=dict(env))
    yield check_git(os.fsdecode(asked.stdout))
    try:
        repo = discover(here(), env)
    except UsageError as error:
        yield Check("repository", "wrong", error.message, error.help)
        return
    try:
        yield from check_repository(repo)
        yield from check_hooks(repo, env)
        files = tracked_files(repo)
        settings, found = check_settings(repo, files)
        yield from found
        layout = read_layout(files)
        yield Check("layout", "ok" if layout.has_tests else "warning", layout.describe())
        if python:
            settings = replace(settings or Settings(), python=python)
            env = {key: value for key, value in env.items() if key != "COVGATE_PYTHON"}
        yield from check_interpreter(repo, settings or Settings(), layout, env)
        yield from check_state(repo, env)
    except CovgateError as error:
        yield Check("repository", "wrong", error.message, error.help)


def _check_covgate() -> Check:
    from importlib.metadata import PackageNotFoundError, version

    parts = [f"{__version__} on Python {platform.python_version()} ({sys.executable})"]
    missing = []
    for name in _OWN:
        try:
            parts.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        remedy = f"{installing(sys.executable)} {' '.join(missing)}"
        return Check("covgate", "wrong", f"its environment lacks {', '.join(missing)}", remedy)
    return Check("covgate", "ok", ", ".join(parts))


def _print(checks: list[Check], style: Style) -> None:
    width = max(len(check.name) for check in checks)
    indent = " " * (width + len("warning") + 4)
    room = max(style.width, MIN_WIDTH) - len(indent)

    def fitted(text: str) -> list[str]:
        lines = [line for line in text.split("\n") if line]
        return [part for line in lines for part in wrapped(line, room)] if style.fitted else lines

    for check in checks:
        first, *more = fitted(check.message) or [""]
        status = f"{check.status:7}"
        if style.color:
            status = f"\x1b[{_COLORS[check.status]}m{status}\x1b[0m"
        print(_safe(f"{status}  {check.name:{width}}  {first}"))
        help = fitted(f"help: {check.help}") if check.help else []
        more += help[:1] + [f"      {line}" for line in help[1:]]
        for line in more:
            print(_safe(indent + line))
    wrong, warnings = (
        sum(check.status == status for check in checks) for status in ("wrong", "warning")
    )
    counts = f"{_plural(wrong, 'thing is', 'things are')} wrong, {_plural(warnings, 'warning')}"
    print(f"covgate: {counts}" if wrong or warnings else "covgate: all is fine")


def _safe(text: str) -> str:
    """Names of files may hold bytes that are no text."""
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _plural(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
