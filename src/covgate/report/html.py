"""diff-cover's own HTML report of the changed lines."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covgate.report.answer import Answer
    from covgate.report.style import Style


def render(answer: Answer, style: Style) -> str:
    """Return the page; without changed lines to judge it is diff-cover's empty one."""
    del style  # a page has its own
    from covgate.coverage.changed import ChangedStatements
    from covgate.coverage.diff_cover import render as render_page

    judged = answer.diff_coverage.files if answer.diff_coverage else {}
    files = {
        _name(path): ChangedStatements(lines.covered, lines.uncovered)
        for path, lines in judged.items()
    }
    with tempfile.TemporaryDirectory(prefix="covgate-") as folder:
        _write_sources(Path(folder), answer)
        return render_page("html", files, answer.base or "nothing", Path(folder)).decode()


def _name(path: str) -> str:
    """Return a path as a page can show it, and as a file can be called."""
    text = path.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def _write_sources(folder: Path, answer: Answer) -> None:
    """Lay out the text of the commit: diff-cover reads its snippets from files."""
    for path, lines in answer.sources.items():
        place = folder / _name(path)
        if ".." in place.parts or folder not in place.parents:
            continue
        text = "".join(f"{lines.get(n, '')}\n" for n in range(1, max(lines, default=0) + 1))
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", errors="replace")
        except OSError:
            continue  # a name that this file system does not take: shown without its text
