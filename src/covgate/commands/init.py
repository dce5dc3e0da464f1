"""`covgate init`: set a project up, and say what to do next."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from covgate.commands.check import here
from covgate.config.model import Settings
from covgate.errors import PASS, UsageError
from covgate.git.repository import discover
from covgate.setup.initial import Edit, differing, hook_edit, settings_edit
from covgate.setup.layout import Layout, read_layout
from covgate.setup.present import Present, read_present
from covgate.setup.probe import probe
from covgate.setup.project_checks import tracked_files

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping
    from pathlib import Path

    from covgate.git.repository import Repository
    from covgate.run.interpreter import Interpreter


def run(options: argparse.Namespace) -> int:
    """Write what is missing (or show it), and say what to do next."""
    repo = discover(here(), os.environ)
    files = _project_files(repo)
    layout, present = read_layout(files), read_present(repo.top, files)
    interpreter, problem = _interpreter(repo, options.python, os.environ)
    hooks, hook_notes, todo = hook_edit(repo.top)
    roots = _source_roots(layout, present, interpreter, os.environ)
    settings, setting_notes = settings_edit(repo.top, present, roots)
    edits = tuple(edit for edit in (hooks, settings) if edit is not None)
    if options.dry_run:
        sys.stdout.writelines(map(_printable, differing(edits)))
    else:
        for edit in edits:
            _write(repo.top, edit)
    done = "would write" if options.dry_run else "wrote"
    said = [f"covgate: {done} {edit.file}" for edit in edits] or ["covgate: nothing to write"]
    said.append(f"found: {layout.describe()}")
    if interpreter is not None:
        said.append(f"found: tests run with {interpreter.python} ({interpreter.found})")
    said += [f"note: {note}" for note in (*hook_notes, *setting_notes)]
    said += _next(edits, todo, problem)
    print("\n".join(map(_printable, said)), file=sys.stderr if options.dry_run else sys.stdout)
    return PASS


def _project_files(repo: Repository) -> list[str]:
    """Return tracked files, and those that could be: a new project has nothing staged yet."""
    others = repo.git.run("ls-files", "--others", "--exclude-standard", "-z", "--", ":/")
    return sorted({*tracked_files(repo), *filter(None, os.fsdecode(others).split("\0"))})


def _interpreter(
    repo: Repository, python: str | None, env: Mapping[str, str]
) -> tuple[Interpreter | None, str]:
    from covgate.run.interpreter import find_interpreter

    if python:
        env = {key: value for key, value in env.items() if key != "COVGATE_PYTHON"}
    setting = replace(Settings(), python=python or "").python
    try:
        return find_interpreter(repo.top, repo.main_top, setting, env), ""
    except UsageError as error:
        return None, error.help.partition("\n")[0]


def _source_roots(
    layout: Layout, present: Present, interpreter: Interpreter | None, env: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the roots that the tests would not find by themselves."""
    if interpreter is None or present.pythonpath or not layout.source_roots:
        return ()
    found = probe(interpreter.python, layout.names, env)
    if isinstance(found, str) or any(found.origins.values()):
        return ()
    return layout.source_roots


def _write(top: Path, edit: Edit) -> None:
    place = top / edit.file
    try:
        # "x" never replaces a file that came into being meanwhile.
        with open(place, "x" if edit.old is None else "w", encoding="utf-8", newline="") as stream:
            stream.write(edit.new)
    except OSError as error:
        raise UsageError(
            f"{place} cannot be written: {error.strerror or error}", "make it writable, run again"
        ) from None


def _next(edits: tuple[Edit, ...], todo: tuple[str, ...], problem: str) -> list[str]:
    steps = [*([problem] if problem else []), *(step for one in todo for step in _installable(one))]
    if edits:
        steps.append(f"git add {' '.join(edit.file for edit in edits)}")
    steps.append("covgate doctor")
    if edits:
        steps.append("in CI: covgate ci (docs/howto.md has the jobs)")
    return ["next:", *(f"  {number}. {step}" for number, step in enumerate(steps, 1))]


def _installable(step: str) -> list[str]:
    """A step that calls a hook runner, with what it needs when that runner is not there."""
    program, _, words = step.partition(" ")
    if program not in ("pre-commit", "prek") or shutil.which(program):
        return [step]
    # Either of them reads the file of pre-commit.
    if program == "pre-commit" and shutil.which("prek"):
        return [f"prek {words}"]
    return [f"pipx install {program}", step]


def _printable(text: str) -> str:
    encoding = sys.stdout.encoding or "ascii"
    return text.encode(encoding, "backslashreplace").decode(encoding)
