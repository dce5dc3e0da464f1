"""The findings as SARIF 2.1.0, for code scanning.

Every result has a region with a first line, because GitHub refuses the others; a finding about
the whole project is put at line 1 of `.`. An undecided answer is an invocation that failed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import covgate
from covgate.report.escaping import well_formed
from covgate.report.fingerprint import fingerprinted
from covgate.report.places import Span, span
from covgate.report.wording import headline, reported, wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from covgate.report.answer import Answer
    from covgate.report.style import Style
    from covgate.rules.finding import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(answer: Answer, _style: Style) -> str:
    """Return a SARIF log with one run, as JSON in ASCII."""
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(answer)]}
    return json.dumps(log, indent=2) + "\n"


def _run(answer: Answer) -> dict[str, object]:
    findings = reported(answer)
    rules = sorted({finding.rule for finding in findings})
    return {
        "tool": {
            "driver": {
                "name": "covgate",
                "version": covgate.__version__,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [_invocation(answer)],
        "results": [
            _result(finding, rules, name) for finding, name in fingerprinted(findings, answer)
        ],
        "properties": {
            "verdict": answer.verdict,
            "mode": well_formed(answer.mode),
            "base": well_formed(answer.base),
            "tree": well_formed(answer.tree),
        },
    }


def _rule(rule: str) -> dict[str, object]:
    title = {"text": well_formed(wording(rule).title)}
    return {"id": well_formed(rule), "shortDescription": title, "fullDescription": title}


def _invocation(answer: Answer) -> dict[str, object]:
    if answer.verdict != "undecided":
        return {"executionSuccessful": True}
    text = well_formed(str(headline(answer)))
    return {
        "executionSuccessful": False,
        "toolExecutionNotifications": [{"level": "error", "message": {"text": text}}],
    }


def _result(finding: Finding, rules: Sequence[str], fingerprint: str) -> dict[str, object]:
    where = span(finding) or Span(1, 1)
    text = finding.message + (f"\nhelp: {finding.help}" if finding.help else "")
    return {
        "ruleId": well_formed(finding.rule),
        "ruleIndex": rules.index(finding.rule),
        "level": finding.severity,
        "message": {"text": well_formed(text)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": _uri(finding.path or "."),
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": where.start, "endLine": where.end},
                }
            }
        ],
        "partialFingerprints": {"covgate/v1": fingerprint},
    }


def _uri(path: str) -> str:
    """The path as a relative URI; bytes that are no text stay the bytes that they are."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(well_formed(path))
