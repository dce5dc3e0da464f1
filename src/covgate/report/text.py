"""The answer for a terminal.

The first line is the verdict; then each finding with its place, its source and what to do; then
notes, and the output of the tests when one failed. A pass without anything to say is one line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.report.answer import USAGE_RULE
from covgate.report.escaping import lines as safe_lines
from covgate.report.escaping import one_line, source_line, terminal_output
from covgate.report.places import place, span, worst_first
from covgate.report.wording import (
    MISCONFIGURED,
    Headline,
    found,
    headline,
    open_question,
    output_matters,
    project_line,
    reported,
    seconds,
    verified_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from covgate.report.answer import Answer
    from covgate.report.style import Style
    from covgate.rules.finding import Finding

MAX_FINDINGS = 20
MAX_SOURCE_LINES = 10
CONTEXT = 2
MIN_WIDTH = 40
_HANGING = "  "

# The bright blue: the other one can't be read on black.
_BOLD, _BLUE, _CYAN, _GREEN, _RED, _YELLOW = "1", "1;94", "1;36", "1;32", "1;31", "1;33"
_VERDICT_COLORS = {"passed": _GREEN, "blocked": _RED, "undecided": _YELLOW, MISCONFIGURED: _RED}
_SEVERITY_COLORS = {"error": _RED, "warning": _YELLOW, "note": _CYAN}


def render(answer: Answer, style: Style) -> str:
    """Return the answer as text that ends with a line end."""
    style = style._replace(width=max(style.width, MIN_WIDTH))
    findings = reported(answer)
    question = open_question(findings) if answer.verdict == "undecided" else None
    blocks = [
        *(_finding(finding, answer, style) for finding in _listed(findings, question)),
        _left_out(len(findings), style),
        _notes(answer, style),
        _details(answer, style) if style.verbose else [],
        _test_output(answer, findings, style),
        [_paint(style, _BOLD, found(findings))] if answer.verdict != "pass" else [],
    ]
    first = _first_lines(headline(answer), question, style)
    # A pass that only has notes keeps them close: there is nothing to set apart.
    gap = "\n" if answer.verdict == "pass" and not findings else "\n\n"
    return gap.join("\n".join(block) for block in [first, *blocks] if block) + "\n"


def _listed(findings: Sequence[Finding], question: Finding | None) -> Sequence[Finding]:
    """The findings to show, in order; errors are the last to be left out.

    A question without a place is told in full by the first lines of the answer.
    """
    kept = set(worst_first(findings)[:MAX_FINDINGS])
    if question is not None and question.path is None:
        kept.discard(question)
    return [finding for finding in findings if finding in kept]


def _left_out(number: int, style: Style) -> list[str]:
    if number <= MAX_FINDINGS:
        return []
    rest = number - MAX_FINDINGS
    text = f"... and {rest:,} more: `covgate check --format json` lists them all"
    return [_paint(style, _BOLD, text)]


def _first_lines(first: Headline, question: Finding | None, style: Style) -> list[str]:
    if question is None or question.path is not None:
        return [_headline(first, style)]
    reason, *more = safe_lines(question.message, unicode=style.unicode)
    return [
        _headline(Headline(first.verdict, reason), style),
        *("  " + line for line in more),
        *_labelled("help", _CYAN, question.help, style, indent="  "),
    ]


def _headline(first: Headline, style: Style) -> str:
    text = one_line(str(first), unicode=style.unicode)
    verdict = f"covgate: {first.verdict}"
    head, *more = _fitted(verdict, text[len(verdict) :], style)
    colored = _paint(style, _VERDICT_COLORS[first.verdict], verdict)
    colored += _paint(style, _BOLD, head[len(verdict) :])
    return "\n".join((colored, *(_paint(style, _BOLD, line) for line in more)))


def _finding(finding: Finding, answer: Answer, style: Style) -> list[str]:
    message, *more = safe_lines(finding.message, unicode=style.unicode)
    where = one_line(place(finding), unicode=style.unicode)
    rule = one_line(finding.rule, unicode=style.unicode)
    rule += "" if finding.severity == "error" else f" ({finding.severity})"
    if where and finding.rule == USAGE_RULE:  # of no rule: all that matters is the place
        rule, where = where, ""
    where += ": " if where else ""
    first, *rest = _fitted(f"{where}{rule}:", f" {message}", style)
    head = _paint(style, _BOLD, where) + _paint(style, _SEVERITY_COLORS[finding.severity], rule)
    return [
        head + first[len(where) + len(rule) :],
        *rest,
        *("  " + line for line in more),
        *_source(finding, answer.sources.get(finding.path or "", {}), style),
        *_labelled("help", _CYAN, finding.help, style, indent="  "),
    ]


def _fitted(head: str, text: str, style: Style) -> list[str]:
    """`head` and `text` on one line, or on several that fit where somebody looks at them."""
    if not style.fitted or len(head) + len(text) <= style.width:
        return [head + text]
    first, *more = wrapped(head + text, style.width - len(_HANGING), kept=head)
    return [first, *(_HANGING + line for line in more)]


def _source(finding: Finding, source: Mapping[int, str], style: Style) -> Iterator[str]:
    """The lines that the finding points at, marked, with the lines around them."""
    where = span(finding)
    if where is None or where.start not in source:
        return
    last = min(where.end, where.start + MAX_SOURCE_LINES - 1)
    start = _context(source, where.start, -1)
    end = _context(source, last, 1) if last == where.end else last
    digits = len(str(end))
    for number in range(start, end + 1):
        if number not in source:
            continue
        is_meant = where.start <= number <= where.end
        marker = _paint(style, _SEVERITY_COLORS[finding.severity], ">") if is_meant else " "
        gutter = _paint(style, _BLUE, f"{number:>{digits}} |")
        code = source_line(source[number], unicode=style.unicode)
        code = _clipped(code, style.width - digits - len("  >  | "))
        yield f"  {marker} {gutter} {code}".rstrip()
    if where.end > last:
        rest = where.end - last
        yield f"    {'':>{digits}} ... {rest:,} more {'line' if rest == 1 else 'lines'}"


def _context(source: Mapping[int, str], line: int, step: int) -> int:
    """The last line worth showing around `line` in one direction: blank ones tell nothing."""
    last = line
    for number in range(line + step, line + step * (CONTEXT + 1), step):
        if number not in source:
            break
        if source[number].strip():
            last = number
    return last


def _notes(answer: Answer, style: Style) -> list[str]:
    """What the reader must know about the verdict; the ordinary way to a pass is left unsaid."""
    notes = list(answer.notes)
    if answer.verified is not None:
        notes.append(verified_line(answer.verified))
    project = answer.project_coverage
    if project and (answer.verdict != "pass" or answer.mode != "staged" or style.verbose):
        notes.append(project_line(project))
    is_told = not answer.why_mode or answer.why_mode in notes
    if not is_told and (answer.verdict != "pass" or answer.mode != "staged"):
        notes.append(f"mode {answer.mode}: {answer.why_mode}")
    if answer.verdict != "pass" and answer.tests.selected and "python" in answer.environment:
        how = answer.environment.get("found", "")
        notes.append(
            f"the tests ran with {answer.environment['python']}" + (f" ({how})" if how else "")
        )
    result: list[str] = []
    for note in notes:
        result += _labelled("note", _BOLD, note, style, indent="")
    return result


def _details(answer: Answer, style: Style) -> list[str]:
    facts = [
        ("base", answer.base),
        ("tree id", answer.tree),
        *sorted(answer.environment.items()),
        *((f"time of {name}", seconds(took)) for name, took in sorted(answer.timing.items())),
    ]
    result: list[str] = []
    for name, value in facts:
        label = one_line(name, unicode=style.unicode)
        result += _labelled(label, _BOLD, value, style, indent="")
    for test in sorted(answer.tests.selected):
        text = f"{test.outcome} in {seconds(test.seconds)}: {test.id} ({test.why})"
        result += _labelled("test", _BOLD, text, style, indent="")
    return result


def _test_output(answer: Answer, findings: Sequence[Finding], style: Style) -> list[str]:
    if not answer.output.strip() or not output_matters(answer, findings):
        return []
    title = "-- test output "
    output = terminal_output(answer.output, color=style.color, unicode=style.unicode)
    reset = "\x1b[0m" if style.color else ""
    rule = _paint(style, _BLUE, title + "-" * (style.width - len(title)))
    return [rule, output.strip("\n") + reset]


def _labelled(label: str, color: str, text: str, style: Style, *, indent: str) -> list[str]:
    """`label: text`, wrapped to the width with the following lines set in."""
    if not text.strip():
        return []
    head = f"{indent}{label}: "
    room = style.width - len(head)
    parts = [
        part
        for line in safe_lines(text, unicode=style.unicode)
        for part in (wrapped(line, room) if len(line) > room else [line])
    ]
    first = indent + _paint(style, color, f"{label}:") + f" {parts[0]}"
    return [first.rstrip(), *((" " * len(head) + part).rstrip() for part in parts[1:])]


def wrapped(line: str, room: int, kept: str = "") -> list[str]:
    """Break a line between words, never inside `code`, so that commands can be pasted.

    `kept` is its beginning, which stays in one piece.
    """
    result = [kept]
    for word in _words(line[len(kept) :]):
        joined = f"{result[-1]} {word}" if result[-1] else word
        if len(joined) <= room or not result[-1]:
            result[-1] = joined
        else:
            result.append(word)
    return result


def _words(line: str) -> list[str]:
    words: list[str] = []
    is_open = False
    for word in line.split():
        if is_open:
            words[-1] += f" {word}"
        else:
            words.append(word)
        is_open ^= word.count("`") % 2 == 1
    return words


def _clipped(text: str, room: int) -> str:
    """Cut a line that is wider than `room` columns, so that the gutter stays readable."""
    if text.isascii():
        return text if len(text) <= room else text[: room - 4] + " ..."
    import unicodedata

    used = 0
    for index, char in enumerate(text):
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > room:
            return text[: max(0, index - 4)] + " ..."
    return text


def _paint(style: Style, color: str, text: str) -> str:
    return f"\x1b[{color}m{text}\x1b[0m" if style.color and text else text
