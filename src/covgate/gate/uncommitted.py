"""Name the tests that may cover a line but are not part of the commit: the usual forgotten add."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from covgate.source.imports import python_facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from covgate.rules.finding import Finding

_MOST_FILES = 500
_SHOWN = 3


def name_forgotten_tests(
    findings: Iterable[Finding], top: Path, untracked: Iterable[str], edited: Iterable[str]
) -> tuple[Finding, ...]:
    """Return the findings; those in a module that uncommitted files import say so in their help.

    `untracked` are files and folders (with a slash at the end) that git does not track, `edited`
    files that differ from what is staged. They are read as they lie below `top`.
    """
    findings = tuple(findings)
    modules = {path: _names(path) for finding in findings if (path := finding.path)}
    if not modules:
        return findings
    texts = [(path, "untracked") for path in _python_files(top, untracked)]
    texts += [(path, "unstaged changes of") for path in edited if path.endswith(".py")]
    imports = [(path, what, _imported(top, path)) for path, what in texts[:_MOST_FILES]]
    hints = {
        module: _hint(
            [(path, what) for path, what, names in imports if path != module and names & own]
        )
        for module, own in modules.items()
    }
    return tuple(
        finding._replace(help=f"{hint}; otherwise {finding.help}")
        if finding.path and (hint := hints[finding.path])
        else finding
        for finding in findings
    )


def _hint(importers: list[tuple[str, str]]) -> str:
    if not importers:
        return ""
    shown = ", ".join(f"{what} {path}" for path, what in importers[:_SHOWN])
    more = f" and {len(importers) - _SHOWN} more" if len(importers) > _SHOWN else ""
    paths = " ".join(f"'{path}'" for path, _ in importers[:_SHOWN])
    return f"maybe covered by {shown}{more}, which the commit lacks: git add {paths}"


def _names(path: str) -> frozenset[str]:
    """Return the names by which a module may be imported, whatever folder is on the path."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return frozenset(".".join(parts[start:]) for start in range(len(parts)))


def _imported(top: Path, path: str) -> frozenset[str]:
    try:
        facts = python_facts((top / path).read_bytes())
    except OSError:
        return frozenset()
    return facts.modules | {name.lstrip(".") for name in facts.relative}


def _python_files(top: Path, places: Iterable[str]) -> Iterator[str]:
    for place in places:
        if place.endswith(".py"):
            yield place
        elif place.endswith("/"):
            for folder, folders, names in os.walk(top / place):
                folders.sort()
                start = os.path.relpath(folder, top).replace(os.sep, "/")
                yield from (f"{start}/{name}" for name in sorted(names) if name.endswith(".py"))
