"""Names for findings that stay the same while lines above them come and go."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from covgate.report.places import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from covgate.report.answer import Answer
    from covgate.rules.finding import Finding


def fingerprinted(findings: Iterable[Finding], answer: Answer) -> Iterator[tuple[Finding, str]]:
    """Yield each finding with a name that no other one of this answer has.

    Made of the rule, the path, the message and the text of the first line; the second finding
    with the same of all these gets a number, and so on.
    """
    seen: dict[tuple[str, ...], int] = {}
    for finding in findings:
        where = span(finding)
        source = answer.sources.get(finding.path or "", {})
        code = source.get(where.start, "").strip() if where else ""
        parts = (finding.rule, finding.path or "", finding.message, code)
        seen[parts] = seen.get(parts, 0) + 1
        text = "\0".join((*parts, str(seen[parts])))
        yield finding, sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
