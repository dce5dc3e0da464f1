"""The findings as workflow commands, which GitHub shows as annotations of a pull request.

GitHub keeps ten annotations of each level per step and drops the rest without a word, so the
tenth one says what was cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.report.escaping import lines, one_line
from covgate.report.places import place, span
from covgate.report.wording import count, headline, reported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from covgate.report.answer import Answer
    from covgate.report.style import Style
    from covgate.rules.finding import Finding

LIMIT = 10
MAX_CUT_PLACES = 20
COMMANDS: Mapping[str, str] = {"error": "error", "warning": "warning", "note": "notice"}


def render(answer: Answer, style: Style) -> str:
    """Return the verdict as a plain line, then one command per annotation."""
    # The runner reads `##[` as a command wherever it stands.
    first = one_line(str(headline(answer)), unicode=style.unicode).replace("##[", "## [")
    findings = reported(answer)
    result = [first]
    for severity in COMMANDS:
        result += _level([f for f in findings if f.severity == severity], severity, style)
    return "\n".join(result) + "\n"


def _level(findings: Sequence[Finding], severity: str, style: Style) -> Iterator[str]:
    cut = len(findings) > LIMIT
    kept = findings[: LIMIT - 1] if cut else findings
    for finding in kept:
        yield _annotation(finding, style)
    if cut:
        yield _rest(findings[LIMIT - 1 :], severity, style)


def _annotation(finding: Finding, style: Style) -> str:
    properties: dict[str, object] = {}
    if finding.path is not None:
        properties["file"] = one_line(finding.path, unicode=style.unicode)
        where = span(finding)
        if where is not None:
            properties |= {"line": where.start, "endLine": where.end}
    properties["title"] = f"covgate {one_line(finding.rule, unicode=style.unicode)}"
    text = lines(finding.message, unicode=style.unicode)
    if finding.help:
        text += lines(f"help: {finding.help}", unicode=style.unicode)
    return _command(COMMANDS[finding.severity], properties, text)


def _rest(findings: Sequence[Finding], severity: str, style: Style) -> str:
    number = count(len(findings), f"more {severity}", f"more {severity}s")
    text = [f"{number} without an annotation: GitHub shows {LIMIT} of a kind per step"]
    text += [
        one_line(f"{place(finding)} {finding.rule}".strip(), unicode=style.unicode)
        for finding in findings[:MAX_CUT_PLACES]
    ]
    if len(findings) > MAX_CUT_PLACES:
        text.append(f"... and {len(findings) - MAX_CUT_PLACES:,} more")
    return _command(COMMANDS[severity], {"title": f"covgate {number}"}, text)


def _command(name: str, properties: Mapping[str, object], text: Sequence[str]) -> str:
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(chr(10).join(text))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
