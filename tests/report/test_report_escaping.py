"""Texts of unknown origin."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from covgate.report.escaping import (
    lines,
    one_line,
    source_line,
    terminal_output,
    well_formed,
    xml_text,
)

anything = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("größe 日本 🎉", "größe 日本 🎉"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("\u202egpj", "\\u202egpj"),
        ("a\u2028b\x85", "a\\u2028b\\x85"),
        ("a\u00a0b\u3000c", "a\u00a0b\u3000c"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
    ids=ascii,
)
def test_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(anything)
def test_well_formed_keeps_all_that_is_text(text: str) -> None:
    result = well_formed(text)
    result.encode()
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert result == text


@given(anything)
def test_without_unicode_all_is_ascii(text: str) -> None:
    assert one_line(text, unicode=False).isascii()
    assert source_line(text, unicode=False).isascii()
    assert terminal_output(text, color=False, unicode=False).isascii()


@given(anything)
def test_lines_are_one_line_each(text: str) -> None:
    result = lines(text)
    assert result
    assert all(len(line.splitlines()) <= 1 for line in result)


@given(anything)
def test_xml_takes_it(text: str) -> None:
    element = ET.Element("e", a=xml_text(text))
    element.text = xml_text(text)
    back = ET.fromstring(ET.tostring(element, encoding="us-ascii"))
    assert (back.text or "") == back.attrib["a"] == xml_text(text)


def test_source_keeps_its_indentation() -> None:
    assert source_line("\tif x:  \r\n") == "    if x:  "


@pytest.mark.parametrize(
    ("color", "shown"),
    [(True, "\x1b[1;31mE\x1b[0m\ttwo\n\\x1b[2Jthree"), (False, "E\ttwo\n\\x1b[2Jthree")],
    ids=["colour", "no colour"],
)
def test_output_keeps_colours_at_most(color: bool, shown: str) -> None:
    text = "\x1b[1;31mE\x1b[0m\ttwo\r\n\x1b[2Jthree"
    assert terminal_output(text, color=color) == shown
