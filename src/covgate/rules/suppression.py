"""Allow-comments: `# covgate: allow[rule] why` at the place of a finding, checked themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from covgate.rules.finding import Finding
from covgate.source.modules import Module
from covgate.source.skips.reasons import judge_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from covgate.change.model import Change
    from covgate.change.snapshot import Snapshot

RULE = "waiver-invalid"
_ALLOW = re.compile(r"\bcovgate:\s*allow\s*(\[(?P<rules>[^\]]*)\])?\s*[:,;-]*\s*(?P<why>.*)$")
_LINE_COMMENT = re.compile(r"^(?P<code>.*?)(#|;|//|<!--)\s*(?P<text>covgate:\s*allow.*?)(-->)?\s*$")


class Allowance(NamedTuple):
    """One allow-comment: its line, the rules that it names, its reason, and what it covers."""

    line: int
    rules: frozenset[str]
    why: str
    covers: frozenset[int]


def apply(
    findings: Sequence[Finding], change: Change, known_rules: Iterable[str] = ()
) -> list[Finding]:
    """Return the findings that no valid allow-comment covers, and what is wrong with comments.

    A comment needs a reason and a rule; one that lacks either allows nothing. Comments that the
    change adds or whose files it touches are checked; `known_rules`, when given, are the rules
    that a comment may name.
    """
    known = frozenset(known_rules)
    paths = {f.path for f in findings if f.path is not None}
    changed = {file.path for file in change.files if file.status != "deleted"}
    allowances = {path: _allowances(path, change.target) for path in sorted(paths | changed)}
    kept = [f for f in findings if not _is_allowed(f, allowances.get(f.path or "", ()))]
    for path in sorted(changed):
        old = [_texts(path, before) for before in change.before]
        for allowance in allowances[path]:
            problem = _problem(allowance, known)
            text = (allowance.rules, allowance.why)
            if problem and not any(text in texts for texts in old):
                kept.append(_invalid(path, allowance, problem))
    return kept


def _is_allowed(finding: Finding, allowances: Sequence[Allowance]) -> bool:
    if finding.line is None:
        return False
    lines = range(finding.line, max(finding.end_line or 0, finding.line) + 1)
    return any(
        finding.rule in allowance.rules
        and judge_text(allowance.why).state == "stated"
        and not allowance.covers.isdisjoint(lines)
        for allowance in allowances
    )


def _problem(allowance: Allowance, known: frozenset[str]) -> str:
    if not allowance.rules:
        return "names no rule"
    unknown = sorted(allowance.rules - known) if known else []
    if unknown:
        return f"names a rule that does not exist: {', '.join(unknown)}"
    return "" if judge_text(allowance.why).state == "stated" else "gives no reason"


def _invalid(path: str, allowance: Allowance, problem: str) -> Finding:
    return Finding(
        RULE,
        f"the allow-comment {problem}, so it allows nothing",
        path,
        allowance.line,
        allowance.line,
        "write it as `# covgate: allow[rule] why`, with a reason that a reader can act on",
    )


def _texts(path: str, snapshot: Snapshot) -> set[tuple[frozenset[str], str]]:
    return {(a.rules, a.why) for a in _allowances(path, snapshot)}


def _allowances(path: str, snapshot: Snapshot) -> list[Allowance]:
    data = snapshot.read(path) if path in snapshot.entries else None
    if data is None or b"covgate:" not in data or b"\0" in data:
        return []
    lines = data.decode("utf-8", "replace").splitlines()
    found: list[Allowance] = []
    for line, text, alone in _comments(path, data, lines):
        match = _ALLOW.search(text)
        if match is None:
            continue
        rules = frozenset(filter(None, (r.strip() for r in (match["rules"] or "").split(","))))
        found.append(Allowance(line, rules, match["why"].strip(), _covered(line, alone, lines)))
    return found


def _comments(path: str, data: bytes, lines: list[str]) -> list[tuple[int, str, bool]]:
    if path.endswith((".py", ".pyi")):
        try:
            comments = Module(path, data).comments
            return [(c.line, c.text, c.alone) for c in comments.values()]
        except SyntaxError:
            pass
    matches = [(number, _LINE_COMMENT.match(text)) for number, text in enumerate(lines, 1)]
    return [(n, m["text"], not m["code"].strip()) for n, m in matches if m is not None]


def _covered(line: int, alone: bool, lines: list[str]) -> frozenset[int]:
    """Return the lines that a comment speaks for: its own, or the statement below it.

    Below means past further comments, and with decorators down to the `def` or `class`.
    """
    if not alone:
        return frozenset({line})
    current = line
    while current < len(lines) and lines[current].strip().startswith(("#", ";")):
        current += 1
    covered = {line, current + 1}
    while current < len(lines) and _goes_on(lines[current], lines[line]):
        current += 1
        covered.add(current + 1)
        if re.match(r"\s*(async\s+def|def|class)\b", lines[min(current, len(lines) - 1)]):
            break
    return frozenset(covered)


def _goes_on(text: str, first: str) -> bool:
    """Return whether a line belongs to the decorators above a definition."""
    indent = len(first) - len(first.lstrip())
    own = len(text) - len(text.lstrip())
    return first.lstrip().startswith("@") and (
        text.lstrip().startswith(("@", ")", "#")) or own > indent
    )
