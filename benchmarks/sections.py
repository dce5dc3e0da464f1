"""Put the table of a project into the part of a page that a script keeps up to date."""

from __future__ import annotations


def with_section(page: str, mark: str, head: str, title: str, section: str) -> str:
    """Return a page with a section put in, in place of its earlier one with that title.

    The sections of one script stand between two comments that carry its `mark`, in the order of
    their titles below a `head` that is written once; `section` begins with `### ` and the title.
    """
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    if begin not in page:
        page = f"{page.rstrip()}\n\n{begin}\n{head}\n{end}\n"
    before, _, rest = page.partition(begin)
    inner, _, after = rest.partition(end)
    first, *parts = inner.split("### ")
    kept = [part for part in parts if not part.startswith(title)]
    body = "".join(f"### {part.rstrip()}\n\n" for part in sorted([*kept, section[4:]]))
    return f"{before}{begin}{first}{body}{end}{after}"
