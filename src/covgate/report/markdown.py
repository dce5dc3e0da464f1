"""The answer as GitHub-flavoured Markdown, for step summaries and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.report.escaping import lines, one_line, terminal_output
from covgate.report.places import place, shown, spans, worst_first
from covgate.report.wording import (
    cut_percent,
    found,
    headline,
    line_counts,
    output_matters,
    percent,
    reported,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.report.answer import Answer, DiffCoverageResult, ProjectCoverageResult
    from covgate.report.style import Style
    from covgate.rules.finding import Finding

# A step summary may have 1 MiB: what is longer is not shown at all.
MAX_FINDINGS = 50
MAX_FILES = 200
MAX_OUTPUT = 60_000

_IN_HTML = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("|"): "&#124;"}
_IN_TEXT = _IN_HTML | {ord(char): f"\\{char}" for char in "\\`*_[]#~$"}
# Backslashes inside <code> escape nothing for sure; entities do.
_IN_CODE = _IN_HTML | {ord(char): f"&#{ord(char)};" for char in "\\`*_[]~$@"}


def render(answer: Answer, style: Style) -> str:
    """Return the answer as Markdown with the verdict as its heading."""
    findings = reported(answer)
    blocks = [
        [f"### {_text(str(headline(answer)), style)}"],
        _findings(findings, style),
        [f"{found(findings)}."] if answer.verdict != "pass" else [],
        _diff_coverage(answer.diff_coverage, style) if answer.diff_coverage else [],
        [_project(answer.project_coverage)] if answer.project_coverage else [],
        _notes(answer, style),
        _test_output(answer, findings, style),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _findings(findings: Sequence[Finding], style: Style) -> list[str]:
    if not findings:
        return []
    kept = set(worst_first(findings)[:MAX_FINDINGS])
    result = ["| Place | Rule | What | Help |", "| --- | --- | --- | --- |"]
    for finding in findings:
        if finding in kept:
            rule = _code(finding.rule, style)
            rule += "" if finding.severity == "error" else f" ({finding.severity})"
            cells = [
                _code(place(finding), style),
                rule,
                _text(finding.message, style),
                _text(finding.help, style),
            ]
            result.append(f"| {' | '.join(cells)} |")
    if len(findings) > MAX_FINDINGS:
        more = f"... and {len(findings) - MAX_FINDINGS:,} more."
        result += ["", more]
    return result


def _diff_coverage(result: DiffCoverageResult, style: Style) -> list[str]:
    covered, uncovered = line_counts(result)
    if result.percent is None or covered + uncovered == 0:
        return []
    total = covered + uncovered
    counts = f"{covered:,} of {total:,} changed lines, target {percent(result.target)}"
    rows = [
        f"**Diff coverage: {percent(result.percent)}** ({counts})",
        "",
        "| File | Covered | Not covered |",
        "| --- | ---: | --- |",
    ]
    paths = sorted(result.files)
    for path in paths[:MAX_FILES]:
        lines_of = result.files[path]
        number = len(lines_of.covered) + len(lines_of.uncovered)
        missing = shown(spans(lines_of.uncovered))
        rows.append(
            f"| {_code(path, style)} | {len(lines_of.covered):,} of {number:,} | {missing} |"
        )
    if len(paths) > MAX_FILES:
        rows += ["", f"... and {len(paths) - MAX_FILES:,} more files."]
    return rows


def _project(result: ProjectCoverageResult) -> str:
    if result.exact and result.percent is not None:
        return f"**Project coverage: {cut_percent(result.percent)}**"
    return f"Project coverage is {result.why}."


def _notes(answer: Answer, style: Style) -> list[str]:
    notes = list(answer.notes)
    if answer.why_mode:
        notes.append(f"mode {answer.mode}: {answer.why_mode}")
    return [f"- {_text(note, style)}" for note in notes if note.strip()]


def _test_output(answer: Answer, findings: Sequence[Finding], style: Style) -> list[str]:
    output = terminal_output(answer.output, color=False, unicode=style.unicode).strip("\n")
    if not output.strip() or not output_matters(answer, findings):
        return []
    title = "Test output"
    if len(output) > MAX_OUTPUT:
        title += f" (the last {MAX_OUTPUT:,} of {len(output):,} characters)"
        output = output[-MAX_OUTPUT:]
    safe = output.translate(_IN_HTML)
    return [f"<details><summary>{title}</summary>", "", f"<pre>{safe}</pre>", "", "</details>"]


def _text(text: str, style: Style) -> str:
    """Text in a line of Markdown or a cell of a table; of its Markdown only `code` is kept."""
    parts = [line.strip() for line in lines(text, unicode=style.unicode)]
    return "<br>".join(_inline(part, style) for part in parts if part)


def _inline(line: str, style: Style) -> str:
    parts = line.split("`")
    if len(parts) % 2 == 0:  # a backtick without a partner
        return line.translate(_IN_TEXT)
    return "".join(
        _code(part, style) if index % 2 else part.translate(_IN_TEXT)
        for index, part in enumerate(parts)
    )


def _code(text: str, style: Style) -> str:
    """A name set as code."""
    safe = one_line(text, unicode=style.unicode).translate(_IN_CODE)
    return f"<code>{safe}</code>" if safe else ""
