"""The answer as Markdown, read back through a CommonMark parser with tables."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt
from report_answers import BLOCKED, CART, ODD_NAMES, PASSED, UNDECIDED, odd, uncovered

from covgate.report.answer import DiffCoverageResult, FileLines
from covgate.report.escaping import one_line
from covgate.report.formats import render
from covgate.report.markdown import MAX_FILES, MAX_FINDINGS, MAX_OUTPUT

if TYPE_CHECKING:
    from covgate.report.answer import Answer


def html_of(answer: Answer) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(render("markdown", answer)))


def rows(html: str) -> list[list[str]]:
    """The cells of all rows but the headings, as text."""
    return [
        [
            unescape(re.sub("<[^>]*>", "", cell.replace("<br>", " / ")))
            for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
        if "<td" in row
    ]


def test_a_block() -> None:
    html = html_of(BLOCKED)
    assert "<h3>covgate: blocked - 2 of 41 impacted tests failed, 3 of 13 changed lines" in html
    assert rows(html) == [
        [
            f"{CART}:41-43",
            "diff-coverage",
            "changed lines are not run by any test",
            "add a test, or mark them with # pragma: no cover - why",
        ],
        [
            "src/shop/new.py",
            "untracked-dependency (warning)",
            "the tests import src/shop/new.py, which is not part of the commit",
            "git add src/shop/new.py",
        ],
        [
            "tests/test_cart.py:30",
            "tests-fail",
            "test_001 failed: assert 2 == 3",
            "run it alone: python -m pytest tests/test_cart.py::test_001",
        ],
        [CART, "10 of 13", "41-43"],
    ]
    assert "<code># pragma: no cover - why</code>" in html
    assert "<strong>Diff coverage: 76.92%</strong> (10 of 13 changed lines, target 80%)" in html
    assert "<pre>FAILED tests/test_cart.py::test_001\n1 failed</pre>" in html


def test_a_pass() -> None:
    html = html_of(PASSED)
    assert html.startswith("<h3>covgate: passed - 42 of 3,120 tests ran in 2.1 s; 37/38 changed")
    assert "Found" not in html


def test_undecided_says_what_to_do() -> None:
    html = html_of(UNDECIDED)
    assert "<h3>covgate: undecided - the tests did not end within 600 s</h3>" in html
    assert rows(html)[0][-1] == "raise timeout in [tool.covgate]"


@pytest.mark.parametrize("name", ODD_NAMES.values(), ids=ODD_NAMES)
def test_odd_names_stay_in_their_cells(name: str) -> None:
    first, second, *_ = rows(html_of(odd(name)))
    assert first[0] == f"{one_line(name)}:1"
    assert second[0] == f"{one_line(name)}:1-2"


@pytest.mark.parametrize(
    "text",
    [
        "a | b \\| c",
        "<script>x</script>",
        "*bold* _it_ ~~no~~ [link](x) ![i](y) # h $m$",
        "one ` backtick",
        "&lt;",
        "\\`",
    ],
)
def test_text_is_shown_as_it_is(text: str) -> None:
    answer = replace(BLOCKED, findings=(uncovered(CART, 1)._replace(message=text),), output="")
    html = html_of(answer)
    assert rows(html)[0][2] == text
    assert "<script" not in html


def test_code_in_text_is_shown_as_it_is() -> None:
    finding = uncovered(CART, 1)._replace(message="use `a|b*c*<d>\\`, not `x`", help="a\n\nb")
    assert rows(html_of(replace(BLOCKED, findings=(finding,))))[0][2:] == [
        "use a|b*c*<d>\\, not x",
        "a / b",
    ]


def test_output_cannot_leave_its_box() -> None:
    answer = replace(BLOCKED, output="a\n\n</pre></details>\n# heading\n")
    assert "<pre>a\n\n&lt;/pre&gt;&lt;/details&gt;\n# heading</pre>" in html_of(answer)


def test_findings_are_capped() -> None:
    findings = tuple(uncovered(CART, 2 * n) for n in range(1, MAX_FINDINGS + 8))
    html = html_of(replace(BLOCKED, findings=findings, diff_coverage=None))
    assert len(rows(html)) == MAX_FINDINGS
    assert "... and 7 more." in html


def test_files_are_capped() -> None:
    files = {f"src/m{n:03}.py": FileLines((1,), (2,)) for n in range(MAX_FILES + 2)}
    result = DiffCoverageResult(50.0, 80.0, files)
    html = html_of(replace(PASSED, diff_coverage=result))
    assert len(rows(html)) == MAX_FILES
    assert "... and 2 more files." in html


def test_long_output_is_cut_at_its_beginning_and_says_so() -> None:
    text = render("markdown", replace(BLOCKED, output="x" * MAX_OUTPUT + "the end"))
    assert f"Test output (the last 60,000 of {MAX_OUTPUT + 7:,} characters)" in text
    assert "the end</pre>" in text
    assert len(text) < MAX_OUTPUT + 5_000
