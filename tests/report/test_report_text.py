"""The answer on a terminal."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace

import pytest
from report_answers import BLOCKED, CART, PASSED, SILENT, TEST_CART, UNDECIDED, uncovered

from covgate.report.answer import UNDECIDED_RULE, USAGE_RULE, Answer
from covgate.report.style import PLAIN, Style
from covgate.report.text import render
from covgate.rules.finding import Finding


def lines_of(answer: Answer, style: Style = PLAIN) -> list[str]:
    return render(answer, style).splitlines()


def test_a_pass_is_one_line() -> None:
    assert lines_of(PASSED) == [
        "covgate: passed - 42 of 3,120 tests ran in 2.1 s; 37/38 changed lines covered"
    ]


def test_a_block_reads_as_a_whole() -> None:
    assert lines_of(BLOCKED) == [
        (
            "covgate: blocked - 2 of 41 impacted tests failed, "
            "3 of 13 changed lines not covered (target 80%)"
        ),
        "",
        "src/shop/cart.py:41-43: diff-coverage: changed lines are not run by any test",
        "    40 |     total = sum(self.prices)",
        "  > 41 |     if coupon is None:",
        "  > 42 |         return total",
        "  > 43 |     return total - coupon",
        "  help: add a test, or mark them with `# pragma: no cover - why`",
        "",
        (
            "src/shop/new.py: untracked-dependency (warning): "
            "the tests import src/shop/new.py, which is not part of the commit"
        ),
        "  help: `git add src/shop/new.py`",
        "",
        "tests/test_cart.py:30: tests-fail: test_001 failed: assert 2 == 3",
        "  help: run it alone: `python -m pytest tests/test_cart.py::test_001`",
        "",
        "note: no evidence yet: tests were selected by their imports",
        "note: mode staged: files are staged",
        "note: the tests ran with /home/me/shop/.venv/bin/python (.venv of the project)",
        "",
        "-- test output " + "-" * 65,
        "FAILED tests/test_cart.py::test_001",
        "1 failed",
        "",
        "Found 2 problems and 1 warning",
    ]


def test_undecided_says_what_is_open_and_what_to_do() -> None:
    assert lines_of(UNDECIDED) == [
        "covgate: undecided - the tests did not end within 600 s",
        "  help: raise `timeout` in `[tool.covgate]`",
        "",
        "note: mode range: PRE_COMMIT_FROM_REF is set",
        "",
        "Found 1 problem",
    ]


def test_undecided_without_a_question_still_says_what_to_do() -> None:
    first, help_line, *_ = lines_of(SILENT)
    assert first == "covgate: undecided - the verdict could not be established"
    assert help_line.startswith("  help: ")


def test_an_open_question_with_a_place_is_shown_there() -> None:
    question = Finding(UNDECIDED_RULE, "cannot be parsed", CART, 41, help="repair it")
    shown = lines_of(replace(BLOCKED, verdict="undecided", findings=(question,)))
    assert shown[0] == "covgate: undecided - cannot be parsed"
    assert shown[2] == "src/shop/cart.py:41: undecided: cannot be parsed"
    assert "  > 41 |     if coupon is None:" in shown


def test_a_second_open_question_is_listed() -> None:
    more = Finding(UNDECIDED_RULE, "the worker died", help="look at its log")
    shown = lines_of(replace(UNDECIDED, findings=(*UNDECIDED.findings, more)))
    assert shown[0] == "covgate: undecided - the tests did not end within 600 s"
    assert "undecided: the worker died" in shown
    assert shown[-1] == "Found 2 problems"


def test_notes_of_a_pass_follow_at_once() -> None:
    answer = replace(PASSED, mode="range", why_mode="refs were given", notes=("ran all",))
    assert lines_of(answer)[1:] == ["note: ran all", "note: mode range: refs were given"]


def test_what_a_note_says_already_is_not_said_again() -> None:
    answer = replace(PASSED, mode="all", why_mode="nothing is staged", notes=("nothing is staged",))
    assert lines_of(answer)[1:] == ["note: nothing is staged"]


def test_warnings_of_a_pass_are_shown_without_a_closing_line() -> None:
    warning = uncovered(CART, 3)._replace(severity="warning")
    shown = lines_of(replace(PASSED, findings=(warning,)))
    assert shown[0].endswith("; 1 warning")
    assert "src/shop/cart.py:3: diff-coverage (warning): changed lines" in "\n".join(shown)
    assert not any(line.startswith("Found") for line in shown)


def test_the_output_of_an_undecided_run_is_shown() -> None:
    shown = lines_of(replace(UNDECIDED, output="Fatal Python error\n"))
    assert shown[-3:] == ["Fatal Python error", "", "Found 1 problem"]


def test_a_mistake_in_the_usage_is_told_as_the_headline() -> None:
    mistake = Finding(USAGE_RULE, "there is no pytest", help="install it: `pip install pytest`")
    assert lines_of(Answer("undecided", "", "", "", "", (mistake,))) == [
        "covgate: undecided - there is no pytest",
        "  help: install it: `pip install pytest`",
        "",
        "Found 1 problem",
    ]


def test_test_output_is_not_shown_for_other_findings() -> None:
    answer = replace(BLOCKED, findings=(uncovered(CART, 41),))
    assert "FAILED" not in render(answer, PLAIN)


def test_colours_of_the_test_output_follow_the_style() -> None:
    assert "\x1b" not in render(BLOCKED, PLAIN)
    assert "\x1b[31mFAILED\x1b[0m" in render(BLOCKED, Style(color=True))


def test_colours_change_nothing_but_colours() -> None:
    colored = render(BLOCKED, Style(color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render(BLOCKED, PLAIN)


@pytest.mark.parametrize("number", [20, 21, 51])
def test_findings_are_capped_at_twenty(number: int) -> None:
    # Each two lines apart, so that none can be merged.
    findings = tuple(uncovered(CART, 2 * n) for n in range(1, number + 1))
    text = render(replace(BLOCKED, findings=findings, output=""), PLAIN)
    assert text.count(": diff-coverage: ") == 20
    assert (f"... and {number - 20} more: `covgate check --format json`" in text) == (number > 20)
    assert text.endswith(f"\nFound {number} problems\n")


def test_errors_are_the_last_to_be_cut() -> None:
    warnings = [uncovered("a.py", 2 * n)._replace(severity="warning") for n in range(1, 40)]
    text = render(replace(BLOCKED, findings=(*warnings, uncovered("z.py", 7))), PLAIN)
    assert "z.py:7: diff-coverage: " in text


@pytest.mark.parametrize(
    ("length", "more"), [(10, None), (11, "... 1 more line"), (400, "... 390 more lines")]
)
def test_long_ranges_are_cut(length: int, more: str | None) -> None:
    source = {CART: {n: f"x = {n}" for n in range(1, 500)}}
    answer = replace(BLOCKED, findings=(uncovered(CART, 5, 4 + length),), sources=source)
    shown = lines_of(answer)
    assert sum(line.lstrip().startswith(">") for line in shown) == 10
    assert [line.strip() for line in shown if " more line" in line] == ([more] if more else [])


def test_the_gutter_holds_numbers_of_different_length() -> None:
    source = {CART: {n: f"x = {n}" for n in range(90, 110)}}
    shown = lines_of(replace(BLOCKED, findings=(uncovered(CART, 99, 100),), sources=source))
    assert shown[3:9] == [
        "     97 | x = 97",
        "     98 | x = 98",
        "  >  99 | x = 99",
        "  > 100 | x = 100",
        "    101 | x = 101",
        "    102 | x = 102",
    ]


def test_blank_lines_around_are_not_shown() -> None:
    texts = ["", "x = 1", "  ", "y = 2", "", "z = 3", ""]
    source = {CART: dict(enumerate(texts, 1))}
    shown = lines_of(replace(BLOCKED, findings=(uncovered(CART, 6),), sources=source))
    assert shown[3:6] == ["    4 | y = 2", "    5 |", "  > 6 | z = 3"]
    shown = lines_of(replace(BLOCKED, findings=(uncovered(CART, 2),), sources=source))
    assert shown[3:6] == ["  > 2 | x = 1", "    3 |", "    4 | y = 2"]


@pytest.mark.parametrize("width", [0, 1, 40, 80, 120])
@pytest.mark.parametrize("code", ["x" * 500, "日本語" * 100], ids=["narrow", "wide"])
def test_source_notes_and_help_keep_to_the_width(width: int, code: str) -> None:
    from unicodedata import east_asian_width

    answer = replace(
        BLOCKED,
        findings=(uncovered(CART, 41)._replace(help="word " * 60),),
        sources={CART: {41: code}},
        notes=("word " * 60,),
    )
    shown = [
        line
        for line in lines_of(answer, Style(width=width))
        if re.match(r"  > |  help:|note:|      ", line)
    ]
    assert shown
    for line in shown:
        columns = sum(2 if east_asian_width(char) in "WF" else 1 for char in line)
        assert columns <= max(width, 40)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_on_a_terminal_every_line_of_covgate_fits(width: int) -> None:
    style = Style(width=width, fitted=True)
    shown = lines_of(replace(BLOCKED, output=""), style)
    assert " ".join(shown[0].split()) == shown[0]
    assert shown[0].startswith("covgate: blocked - 2 of 41")
    heads = [line for line in shown if line.startswith(("src/", "tests/"))]
    # The place and the rule stay in one piece, so that they can be clicked and searched.
    assert all(re.match(r"\S+: [\w-]+( \(warning\))?:", line) for line in heads)
    free = [line for line in shown if "`" not in line and line not in heads and "/" not in line]
    assert max(map(len, free)) <= width
    # Nothing but the breaks differs.
    plain = render(replace(BLOCKED, output=""), Style(width=width))
    assert " ".join("\n".join(shown).split()) == " ".join(plain.split())


def test_a_command_is_never_broken_over_lines() -> None:
    command = "`python -m pytest tests/test_cart.py::TestCart::test_total -x --durations=5 -vv`"
    answer = replace(BLOCKED, findings=(uncovered(CART, 41)._replace(help=f"try {command} now"),))
    assert command in render(answer, Style(width=60))


def test_a_file_name_cannot_forge_lines_or_move_the_cursor() -> None:
    name = "src/a\nFound 0 problems\x1b[2J.py"
    text = render(replace(BLOCKED, findings=(uncovered(name, 1),)), Style(color=True))
    assert "src/a\\nFound 0 problems\\x1b[2J.py:1: " in text


def test_ascii_where_the_stream_knows_nothing_else() -> None:
    answer = replace(BLOCKED, sources={CART: {41: "größe = '日'"}}, output="ü\n")
    text = render(answer, Style(unicode=False))
    assert text.isascii()
    assert "gr\\xf6\\xdfe = '\\u65e5'" in text


def test_verbose_tells_environment_times_and_why_each_test_ran() -> None:
    shown = lines_of(PASSED, Style(width=120, verbose=True))
    assert "python: /home/me/shop/.venv/bin/python" in shown
    assert "time of tests: 2.1 s" in shown
    assert f"test: passed in 0.50 s: {TEST_CART}::test_000 (imports {CART})" in shown


def test_a_pass_imports_nothing_heavy() -> None:
    code = (
        "import sys; from covgate.report.answer import Answer"
        "; before = set(sys.modules)"
        "; from covgate.report.formats import emit, parse_specs"
        "; from covgate.report.style import style_for"
        "; answer = Answer('pass', 'staged', '', '', '')"
        "; emit(answer, parse_specs([]), sys.stdout, style_for(sys.stdout, {}))"
        "; print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    headline, imported = done.stdout.splitlines()
    assert headline == "covgate: passed - no tests were needed"
    ours = {f"covgate.report.{name}" for name in ("escaping", "formats", "places", "style")}
    ours |= {"covgate.errors", "covgate.report.text", "covgate.report.wording"}
    assert set(imported.split()) <= ours | {"covgate.rules", "covgate.rules.finding"}
