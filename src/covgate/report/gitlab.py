"""The findings as a GitLab code quality report: an array of issues.

GitLab shows an issue only with a path and a first line, so a finding about the whole project is
put at line 1 of `.`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from covgate.report.answer import OPEN_RULES
from covgate.report.escaping import well_formed
from covgate.report.fingerprint import fingerprinted
from covgate.report.places import Span, span
from covgate.report.wording import reported

if TYPE_CHECKING:
    from covgate.report.answer import Answer
    from covgate.report.style import Style
    from covgate.rules.finding import Finding

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(answer: Answer, _style: Style) -> str:
    """Return the findings as a JSON array in ASCII."""
    issues = [_issue(*item) for item in fingerprinted(reported(answer), answer)]
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    where = span(finding) or Span(1, 1)
    text = finding.message + (f" (help: {finding.help})" if finding.help else "")
    is_open = finding.rule in OPEN_RULES
    return {
        "type": "issue",
        "check_name": well_formed(finding.rule),
        "description": well_formed(text),
        "categories": ["Bug Risk"],
        "severity": "blocker" if is_open else _SEVERITIES[finding.severity],
        "fingerprint": fingerprint,
        "location": {
            "path": well_formed(finding.path or "."),
            "lines": {"begin": where.start, "end": where.end},
        },
    }
