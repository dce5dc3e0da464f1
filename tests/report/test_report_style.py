"""Colour, width and characters by stream, environment and option."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

import pytest

from covgate.report.style import ColorChoice, style_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Terminal(io.StringIO):
    """A stream that calls itself a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "env", "on_terminal", "on_file"),
    [
        pytest.param("auto", {}, True, False, id="default"),
        pytest.param("always", {}, True, True, id="always"),
        pytest.param("never", {}, False, False, id="never"),
        pytest.param("always", {"NO_COLOR": "1", "TERM": "dumb"}, True, True, id="option first"),
        pytest.param("never", {"FORCE_COLOR": "1"}, False, False, id="option over force"),
        pytest.param("auto", {"NO_COLOR": "1"}, False, False, id="NO_COLOR"),
        pytest.param("auto", {"NO_COLOR": ""}, True, False, id="empty NO_COLOR"),
        pytest.param("auto", {"FORCE_COLOR": "1"}, True, True, id="FORCE_COLOR"),
        pytest.param("auto", {"FORCE_COLOR": "0"}, False, False, id="FORCE_COLOR=0"),
        pytest.param("auto", {"FORCE_COLOR": ""}, True, False, id="empty FORCE_COLOR"),
        pytest.param("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False, id="both"),
        pytest.param("auto", {"TERM": "dumb"}, False, False, id="dumb"),
        pytest.param("auto", {"TERM": "dumb", "FORCE_COLOR": "3"}, True, True, id="forced dumb"),
        pytest.param("auto", {"TERM": "xterm-256color"}, True, False, id="xterm"),
    ],
)
def test_color(choice: ColorChoice, env: dict[str, str], on_terminal: bool, on_file: bool) -> None:
    assert style_for(Terminal(), env, choice).color is on_terminal
    assert style_for(io.StringIO(), env, choice).color is on_file


def test_a_closed_stream_has_no_color() -> None:
    stream = io.StringIO()
    stream.close()
    assert style_for(stream, {}).color is False


@contextmanager
def pseudo_terminal(columns: int) -> Iterator[TextIO]:
    import fcntl
    import pty
    import struct
    import termios

    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    try:
        with os.fdopen(child, "w", encoding="utf-8") as stream:
            yield stream
    finally:
        os.close(parent)


@pytest.mark.parametrize(("columns", "width"), [(0, 80), (80, 80), (120, 120)])
def test_width_of_a_terminal(
    columns: int, width: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("covgate.report.style.TERMINAL", str(tmp_path / "none"))
    with pseudo_terminal(columns) as stream:
        style = style_for(stream, {})
    assert style.width == width
    assert style.color
    assert style.fitted


def test_a_terminal_without_columns_asks_the_one_it_was_started_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pseudo_terminal(120) as real, pseudo_terminal(0) as of_the_runner:
        monkeypatch.setattr("covgate.report.style.TERMINAL", os.ttyname(real.fileno()))
        assert style_for(of_the_runner, {}).width == 120
        assert style_for(of_the_runner, {"COLUMNS": "100"}).width == 100
        monkeypatch.setattr("covgate.report.style.TERMINAL", str(tmp_path))
        assert style_for(of_the_runner, {}).width == 80


def test_what_is_captured_is_not_fitted() -> None:
    assert not style_for(io.StringIO(), {"COLUMNS": "60"}).fitted


@pytest.mark.parametrize(
    ("columns", "width"),
    [("120", 120), ("0", 80), ("", 80), ("wide", 80), ("-3", 80), ("²", 80), ("9" * 99, 999999)],
)
def test_width_from_the_environment(columns: str, width: int) -> None:
    assert style_for(io.StringIO(), {"COLUMNS": columns}).width == width


@pytest.mark.parametrize(
    ("encoding", "is_unicode"),
    [("utf-8", True), ("UTF8", True), ("utf_8", True), ("ascii", False), ("cp1252", False)],
)
def test_unicode(encoding: str, is_unicode: bool) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert style_for(stream, {}).unicode is is_unicode


def test_verbose_is_passed_on() -> None:
    assert style_for(io.StringIO(), {}, verbose=True).verbose
