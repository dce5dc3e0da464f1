"""`untracked-dependency`: the tests need a file that is not part of the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.rules.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from covgate.run.plan import Note

RULE = "untracked-dependency"


def find(notes: Iterable[Note], outside: Iterable[str], severity: Severity) -> list[Finding]:
    """Return a finding for each file that tests missed and that lies in the working tree only.

    `outside` are files and folders (with a slash at the end) that differ from the commit.
    """
    places = tuple(outside)
    missing = {note.path: note.test for note in notes if note.kind == "missing"}
    return [
        Finding(
            RULE,
            f"the tests need {path}, which is not part of the commit",
            path=path,
            help=f"git add '{path}'",
            severity=severity,
        )
        for path in sorted(missing)
        if any(
            path == place or (place.endswith("/") and path.startswith(place)) for place in places
        )
    ]
