"""Cases written as text: files under lines `--- path`, and edits as pieces of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from impact_case import Case, Content

if TYPE_CHECKING:
    from collections.abc import Mapping

Edit = Content | tuple[str, str] | None

T = "test_a.py::"
OTHER = "def test_t():\n    assert True\n"


def tree(text: str) -> dict[str, str]:
    """Return the files that a text shows; each begins with a line `--- path`."""
    files: dict[str, str] = {}
    for part in text.split("\n--- ")[1:]:
        name, _, content = part.partition("\n")
        files[name.strip()] = content.strip("\n") + "\n" if content.strip() else ""
    return files


def told(name: str, text: str, edits: Mapping[str, Edit], *must: str, **more: Any) -> Case:
    """Make a case; an edit is a file's new content, None, or what to replace and by what.

    A name in `must` without a file is a test of test_a.py; test_b.py holds one that is not
    affected, unless the text has a test_b.py.
    """
    files: dict[str, Content] = {"test_b.py": OTHER, **tree(text), **more.pop("files", {})}
    change: dict[str, Content | None] = {}
    for path, edit in edits.items():
        if isinstance(edit, tuple):
            old = files[path]
            assert isinstance(old, str)
            assert edit[0] in old, f"{name}: {edit[0]!r} is not in {path}"
            change[path] = old.replace(*edit)
        else:
            change[path] = edit
    tests = tuple(test if "::" in test else T + test for test in must)
    return Case(name, files, change, tests, **more)
