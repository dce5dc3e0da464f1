"""The bridge to diff-cover: our changed and measured lines through its two base classes.

Numbers and reports are diff-cover's own; it reads neither a diff nor a coverage file here. The
module is imported only where there are changed lines to judge: diff-cover costs 0.1 s to load.
"""

from __future__ import annotations

import io
import json
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from diff_cover.diff_reporter import BaseDiffReporter
from diff_cover.report_generator import (
    GitHubAnnotationsReportGenerator,
    HtmlReportGenerator,
    JsonReportGenerator,
    MarkdownReportGenerator,
    StringReportGenerator,
)
from diff_cover.violationsreporters.base import BaseViolationReporter, Violation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from covgate.coverage.changed import ChangedStatements

_GENERATORS = {
    "github": partial(GitHubAnnotationsReportGenerator, annotations_type="warning"),
    "html": HtmlReportGenerator,
    "json": JsonReportGenerator,
    "markdown": MarkdownReportGenerator,
    "text": StringReportGenerator,
}


class Numbers(NamedTuple):
    """diff-cover's totals: measured changed lines, and those of them that are not covered."""

    lines: int
    missing: int


class ChangedLines(BaseDiffReporter):  # type: ignore[misc]
    """The changed statements, as diff-cover asks for them."""

    def __init__(self, files: Mapping[str, ChangedStatements], name: str) -> None:
        super().__init__(name)
        self._files = files

    def src_paths_changed(self) -> list[str]:
        return sorted(self._files)

    def lines_changed(self, src_path: str) -> list[int]:
        file = self._files[src_path]
        return sorted((*file.covered, *file.uncovered))


class MeasuredLines(BaseViolationReporter):  # type: ignore[misc]
    """Which of them tests ran, as diff-cover asks for it."""

    def __init__(self, files: Mapping[str, ChangedStatements]) -> None:
        super().__init__("covgate")
        self._files = files

    def violations(self, src_path: str) -> set[Any]:
        file = self._files.get(src_path)
        if file is None:
            return set()
        return {Violation(line, _exits(file, line)) for line in file.uncovered}

    def measured_lines(self, src_path: str) -> list[int]:
        file = self._files.get(src_path)
        return sorted((*file.covered, *file.uncovered)) if file else []


def _exits(file: ChangedStatements, line: int) -> str | None:
    taken = file.partial.get(line)
    return f"{taken[0]} of {taken[1]} exits" if taken else None


def count(files: Mapping[str, ChangedStatements], base: str) -> Numbers:
    """Return diff-cover's totals for the changed statements of all files."""
    out = io.BytesIO()
    report = JsonReportGenerator(MeasuredLines(files), ChangedLines(files, base))
    report.generate_report(out)
    totals = json.loads(out.getvalue())
    return Numbers(totals["total_num_lines"], totals["total_num_violations"])


def render(
    format_name: str, files: Mapping[str, ChangedStatements], base: str, sources: Path
) -> bytes:
    """Return diff-cover's own report; `sources` is a folder with the files of the commit."""
    out = io.BytesIO()
    generator = _GENERATORS[format_name](MeasuredLines(files), ChangedLines(files, base))
    before = Path.cwd()
    os.chdir(sources)  # diff-cover reads the snippets of its reports relative to the folder
    try:
        generator.generate_report(out)
    finally:
        os.chdir(before)
    return out.getvalue()
