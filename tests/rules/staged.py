"""Build changes from texts: the tables of the static rules are written with these."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from covgate.change.model import Base, Change, FileChange
from covgate.change.snapshot import MemorySnapshot
from covgate.config.model import HollowTest, SkipWithoutReason
from covgate.rules import hollow_test, skip_without_reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.rules.finding import Finding

MARK = "#!"
PROJECT = {
    "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['.']\ntestpaths = ['tests']\n",
    "shop/__init__.py": "",
    "shop/cart.py": "class Cart:\n    def total(self):\n        return 0\n",
    "shop/client.py": (
        "HAVE_NETWORK = False\n\n\nclass Client:\n    def skip(self, n=0):\n        return n\n"
    ),
}
Files = dict[str, str]


def clean(text: str) -> str:
    """Return the source of a form: dedented, without the marks of expected findings."""
    lines = textwrap.dedent(text).lstrip("\n").split("\n")
    return "\n".join(line.removesuffix(MARK).rstrip(" ") for line in lines)


def marked(path: str, text: str) -> list[tuple[str, int]]:
    """Return the places that a form marks as findings."""
    lines = textwrap.dedent(text).lstrip("\n").split("\n")
    return [(path, n) for n, line in enumerate(lines, 1) if line.endswith(MARK)]


def change(
    before: Files, after: Files, renames: Mapping[str, str] | None = None, *, bases: int = 1
) -> Change:
    """Return the change from `before` to `after`; `renames` maps new paths to old ones."""
    renamed = renames or {}
    files = []
    for path in sorted({*before, *after}):
        if path in renamed:
            files.append(FileChange(path, renamed[path], "renamed", None, None))
        elif path not in before:
            files.append(FileChange(path, None, "added", None, None))
        elif path not in after:
            if path not in renamed.values():
                files.append(FileChange(path, path, "deleted", None, None))
        elif before[path] != after[path]:
            files.append(FileChange(path, path, "modified", None, None))
    base = MemorySnapshot(before)
    return Change(
        mode="staged",
        why="staged files",
        bases=(Base("HEAD", "c", "t"),) * bases,
        before=(base,) * bases,
        target=MemorySnapshot(after),
        files=tuple(files),
    )


def staged(before: Files, after: Files, renames: Mapping[str, str] | None = None) -> Change:
    """Return a change of the sample project; texts may carry marks of expected findings."""
    old = {**PROJECT, **{path: clean(text) for path, text in before.items()}}
    gone = {path for path in before if path not in after}
    new = {path: text for path, text in old.items() if path not in gone}
    new.update({path: clean(text) for path, text in after.items()})
    return change(old, new, renames)


def skips(judged: Change, issue_pattern: str = "") -> list[Finding]:
    return skip_without_reason.find(judged, SkipWithoutReason(issue_pattern=issue_pattern))


def hollows(judged: Change, helpers: tuple[str, ...] = ()) -> list[Finding]:
    return hollow_test.find(judged, HollowTest(assert_helpers=helpers))


def expected(after: Files) -> list[tuple[str, int]]:
    return sorted(place for path, text in after.items() for place in marked(path, text))


def places(findings: list[Finding], wanted: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Return where findings are: the marked line that one spans, else its own first line."""
    found = []
    for finding in findings:
        first, last = finding.line or 0, finding.end_line or finding.line or 0
        spanned = [w for w in wanted if w[0] == finding.path and first <= w[1] <= last]
        found.append(spanned[0] if spanned else (finding.path or "", first))
    return sorted(found)
