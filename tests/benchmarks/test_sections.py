"""A script replaces its own section of one project, and leaves all else as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sections import file_name, publish, with_section

if TYPE_CHECKING:
    from pathlib import Path

PAGE = """\
# Page

<!-- other: begin -->
## Other

### a: replay

kept
<!-- other: end -->
after
"""


def _put(page: str, title: str, text: str, head: str = "## Head\n") -> str:
    return with_section(page, "replay", head, title, f"### {title}\n\n{text}\n")


def test_sections_come_in_order_of_their_titles() -> None:
    page = _put(_put(PAGE, "b: replay", "two"), "a: replay", "one")
    assert page.index("## Head") < page.index("one") < page.index("two")
    assert page.startswith(PAGE)


@pytest.mark.parametrize("page", ["", PAGE], ids=["an empty page", "a page of others"])
def test_putting_twice_is_putting_once(page: str) -> None:
    once = _put(page, "a: replay", "one")
    assert _put(once, "a: replay", "one") == once


def test_only_its_own_section_is_replaced() -> None:
    page = _put(_put(PAGE, "a: replay", "old"), "a: replays", "of another")
    page = _put(page, "a: replay", "new\n\n#### deeper\n\n| ### |", head="## Other words\n")
    assert "old" not in page
    assert "## Head" not in page
    assert "of another" in page
    again = _put(page, "a: replay", "newer")
    assert "deeper" not in again
    assert again.startswith(PAGE)


def test_text_after_the_part_is_kept() -> None:
    page = _put(PAGE, "a: replay", "one") + "\nby hand\n"
    assert _put(page, "a: replay", "two").endswith("\nby hand\n")


def test_pictures_lie_beside_the_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    name = file_name("history", "click with a policy")
    assert name == "history-click-with-a-policy.svg"
    publish(page, "m", "## H\n", "t", "### t\n\ntext\n", {name: "<svg/>"})
    assert "### t\n\ntext" in page.read_text()
    assert (tmp_path / "pictures" / name).read_text() == "<svg/>"
