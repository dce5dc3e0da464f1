"""Changes of documents and pictures alone, of which the rules about tests have nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from covgate.change.model import Change

_SUFFIXES = (
    ".adoc", ".gif", ".ico", ".jpeg", ".jpg", ".md", ".pdf", ".png", ".rst", ".svg", ".webp",
)  # fmt: skip
# A document can skip its doctest examples, and allow findings by a comment.
_WORDS = (b"+SKIP", b"covgate:")


def is_prose(change: Change) -> bool:
    """Return whether nothing that changed can silence a test; asks no parser, reads little."""
    files = [*change.files, *change.since_first]
    return all(
        file.path.endswith(_SUFFIXES) and (file.old_path or file.path).endswith(_SUFFIXES)
        for file in files
    ) and not any(_speaks(change, file.path) for file in files)


def _speaks(change: Change, path: str) -> bool:
    text = change.target.read(path) or b""
    return any(word in text for word in _WORDS)
