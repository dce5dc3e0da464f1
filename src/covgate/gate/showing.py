"""The lines of source that an answer shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from covgate.change.model import Change
    from covgate.rules.finding import Finding

_CONTEXT = 2


def shown_sources(
    change: Change, findings: Iterable[Finding], whole: Iterable[str]
) -> Mapping[str, Mapping[int, str]]:
    """Return the lines that findings point at, with some around; all of the `whole` files."""
    wanted: dict[str, set[int]] = {path: set() for path in whole}
    everything = frozenset(wanted)
    for finding in findings:
        if finding.path and finding.line:
            last = finding.end_line or finding.line
            around = range(max(1, finding.line - _CONTEXT), last + _CONTEXT + 1)
            wanted.setdefault(finding.path, set()).update(around)
    sources: dict[str, Mapping[int, str]] = {}
    for path, lines in wanted.items():
        data = change.target.read(path)
        if data is None:
            continue
        # Python's lines end at these alone; `splitlines` would see more.
        text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode("utf-8", "replace")
        texts = text.split("\n")
        shown = range(1, len(texts) + 1) if path in everything else sorted(lines)
        sources[path] = {n: texts[n - 1] for n in shown if n <= len(texts)}
    return sources
