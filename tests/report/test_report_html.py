"""diff-cover's own page, made from the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conftest import Project


def test_page_shows_the_changed_lines(project: Project) -> None:
    """The whole file is at hand, so that diff-cover can show the lines around."""
    text = (project.root / "m.py").read_text()
    project.stage({"m.py": text.replace("return 2", "return 3")})

    answer = project.covgate("check", "--target=100", "--format", "html:out.html")

    page = (project.root / "out.html").read_text()
    assert answer.code == 1
    assert "m.py" in page
    assert "0.0%" in page
    assert "return 3" in page.replace(
        '</span><span class="w"> </span><span class="mi">', " "
    ).replace('</span> <span class="mi">', " ")


def test_page_of_a_change_without_code(project: Project) -> None:
    project.stage({"README.md": "words"})

    answer = project.covgate("check", "--format=html")

    assert answer.code == 0
    assert answer.out.lstrip().startswith("<!DOCTYPE")
