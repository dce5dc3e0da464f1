"""Where findings are: sorted, neighbours merged into ranges, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from covgate.rules.finding import Finding

# The rules that speak of lines, so that neighbours are one thing to look at. Two skips on adjacent
# lines are two skips.
LINE_RULES = frozenset({"diff-coverage"})

_SEVERITIES = ("error", "warning", "note")


class Span(NamedTuple):
    """Lines `start` to `end`, counted from 1, both included."""

    start: int
    end: int

    def __str__(self) -> str:
        return str(self.start) if self.start == self.end else f"{self.start}-{self.end}"


def span(finding: Finding) -> Span | None:
    """Return the lines of a finding, None when it has no line."""
    if finding.line is None:
        return None
    start = max(1, finding.line)
    return Span(start, max(start, finding.end_line or start))


def place(finding: Finding) -> str:
    """Return `path`, `path:line` or `path:line-end`; empty when the finding has no path."""
    where = span(finding)
    if finding.path is None:
        return ""
    return finding.path if where is None else f"{finding.path}:{where}"


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings by path and line; those without a path come first."""
    return tuple(sorted(findings, key=_order))


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings in order, each once, adjacent lines of a line rule as one range."""
    result: list[Finding] = []
    last: dict[tuple[object, ...], int] = {}
    for finding in ordered(dict.fromkeys(findings)):
        what = (finding.rule, finding.path, finding.message, finding.help, finding.severity)
        index = last.get(what)
        if index is not None and _are_one(result[index], finding):
            result[index] = _joined(result[index], finding)
            continue
        last[what] = len(result)
        result.append(finding)
    return tuple(result)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings errors first, then warnings, then notes, otherwise in order."""
    return tuple(sorted(ordered(findings), key=lambda f: _SEVERITIES.index(f.severity)))


def spans(numbers: Iterable[int]) -> tuple[Span, ...]:
    """Return line numbers as ranges: 3, 4, 5, 9 are 3-5 and 9."""
    result: list[Span] = []
    for number in sorted(set(numbers)):
        if result and number == result[-1].end + 1:
            result[-1] = Span(result[-1].start, number)
        else:
            result.append(Span(number, number))
    return tuple(result)


def shown(items: Sequence[object]) -> str:
    """Return items as `1, 2, 3`."""
    return ", ".join(map(str, items))


def _order(finding: Finding) -> tuple[object, ...]:
    where = span(finding) or Span(0, 0)
    return (
        finding.path is not None,
        finding.path or "",
        *where,
        finding.rule,
        finding.message,
        finding.help,
        _SEVERITIES.index(finding.severity),
        # What covers the same lines may still be written in two ways.
        finding.line or 0,
        finding.end_line or 0,
        finding.end_line is None,
    )


def _are_one(before: Finding, after: Finding) -> bool:
    """Whether two findings that say the same, in order, are one.

    A message with a number counts something in its own lines: it would be wrong of a range.
    """
    first, second = span(before), span(after)
    counts = any(char.isdigit() for char in before.message)
    if first is None or second is None or before.rule not in LINE_RULES or counts:
        return first == second
    return second.start <= first.end + 1


def _joined(before: Finding, after: Finding) -> Finding:
    first, second = span(before), span(after)
    if first is None or second is None:
        return before
    return before._replace(line=first.start, end_line=max(first.end, second.end))
