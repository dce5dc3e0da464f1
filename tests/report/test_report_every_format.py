"""Whatever the answer holds, every format renders it, and what comes out can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_answers import BLOCKED, KINDS, ODD_NAMES, answers, odd
from report_validators import (
    valid_cobertura,
    valid_github,
    valid_gitlab,
    valid_json,
    valid_junit,
    valid_sarif,
)

from covgate.report.answer import Answer
from covgate.report.formats import FORMATS, render
from covgate.report.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable


def shows_safely(text: str) -> str:
    """What goes to people: encodable, and no terminal command but colours."""
    text.encode()
    assert text.endswith("\n")
    assert not text.startswith("\n")
    assert all(char.isprintable() or char in "\n\u200c\u200d" or char.isspace() for char in text)
    assert not set(text) & set("\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")
    return text


def is_page(text: str) -> None:
    """Check that diff-cover made a page of it."""
    assert text.lstrip().startswith("<!DOCTYPE")
    assert "</html>" in text


VALIDATORS: dict[str, Callable[[str], Any]] = {
    "text": shows_safely,
    "json": valid_json,
    "markdown": shows_safely,
    "github": valid_github,
    "gitlab": valid_gitlab,
    "cobertura": valid_cobertura,
    "sarif": valid_sarif,
    "junit": valid_junit,
    "html": is_page,
}

styles = st.builds(
    Style,
    st.just(False),
    st.integers(0, 200),
    unicode=st.booleans(),
    verbose=st.booleans(),
    fitted=st.booleans(),
)


def test_every_format_has_a_validator() -> None:
    assert set(VALIDATORS) == set(FORMATS)


# The page is diff-cover's own, of answers whose lines exist (test_report_html.py).
@pytest.mark.parametrize("name", [name for name in FORMATS if name != "html"])
@settings(max_examples=40, deadline=None)
@given(answer=answers, style=styles)
def test_any_answer_renders_and_parses(name: str, answer: Answer, style: Style) -> None:
    text = render(name, answer, style)
    VALIDATORS[name](text)
    if not style.unicode:
        assert text.isascii()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_answer(name: str, kind: str) -> None:
    VALIDATORS[name](render(name, KINDS[kind]))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("path", ODD_NAMES.values(), ids=ODD_NAMES)
def test_odd_file_names(name: str, path: str) -> None:
    VALIDATORS[name](render(name, odd(path)))


@pytest.mark.parametrize("name", FORMATS)
def test_the_order_of_what_is_reported_does_not_matter(name: str) -> None:
    turned = Answer(
        **{
            **BLOCKED.__dict__,
            "findings": BLOCKED.findings[::-1],
            "timing": dict(reversed(list(BLOCKED.timing.items()))),
        }
    )
    assert render(name, turned) == render(name, BLOCKED)


@pytest.mark.parametrize("name", ["json", "gitlab", "sarif", "junit"])
@given(answer=answers)
@settings(max_examples=10, deadline=None)
def test_documents_are_ascii_so_that_any_stream_takes_them(name: str, answer: Answer) -> None:
    assert render(name, answer).isascii()


@given(answer=answers)
@settings(max_examples=20, deadline=None)
def test_colours_are_the_only_terminal_commands(answer: Answer) -> None:
    import re

    colored = render("text", answer, Style(color=True))
    shows_safely(re.sub(r"\x1b\[[0-9;:]*m", "", colored))
