"""Put the tables and the pictures of a project into the part of a page that a script keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def publish(
    docs: Path, mark: str, head: str, title: str, section: str, pictures: Mapping[str, str]
) -> None:
    """Write a section into the page `docs`, and its pictures, by name, into pictures/ beside it."""
    page = docs.read_text() if docs.exists() else ""
    docs.write_text(with_section(page, mark, head, title, section))
    draw(docs, pictures)


def draw(docs: Path, pictures: Mapping[str, str]) -> None:
    """Write the pictures of a page, by name, into pictures/ beside it."""
    folder = docs.parent / "pictures"
    folder.mkdir(exist_ok=True)
    for name, text in pictures.items():
        (folder / name).write_text(text)


def file_name(kind: str, project: str) -> str:
    """Return the name of the picture of a project."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in project)
    return f"{kind}-{plain}.svg"


def with_section(page: str, mark: str, head: str, title: str, section: str) -> str:
    """Return a page with a section put in, in place of its earlier one with that title.

    The sections of one script stand between two comments that carry its `mark`, in the order of
    their titles below its `head`; `section` begins with `### ` and the title.
    """
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    if begin not in page:
        page = f"{page.rstrip()}\n\n{begin}\n{end}\n"
    before, _, rest = page.partition(begin)
    inner, _, after = rest.partition(end)
    parts = f"\n{inner}".split("\n### ")[1:]
    kept = [part for part in parts if part.partition("\n")[0] != title]
    found = sorted([*kept, section.removeprefix("### ")])
    body = "".join(f"### {part.rstrip()}\n\n" for part in found)
    return f"{before}{begin}\n{head}\n{body}{end}{after}"
