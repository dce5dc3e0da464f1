"""How an answer may look where it goes: colour, width, characters, amount."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

ColorChoice = Literal["auto", "always", "never"]

DEFAULT_WIDTH = 80


class Style(NamedTuple):
    """What a format may use: `width` in columns, `unicode` when non-ASCII can be printed.

    `verbose` also tells what a reader asks for only now and then: every test that ran and why,
    the environment, the time of each stage.
    """

    color: bool = False
    width: int = DEFAULT_WIDTH
    unicode: bool = True
    verbose: bool = False


PLAIN = Style()


def style_for(
    stream: TextIO,
    env: Mapping[str, str],
    choice: ColorChoice = "auto",
    *,
    verbose: bool = False,
) -> Style:
    """Return the style for `stream` under the environment `env` and the option --color."""
    return Style(
        color=_wants_color(stream, env, choice),
        width=_width(stream, env),
        unicode=_is_unicode(stream),
        verbose=verbose,
    )


def _wants_color(stream: TextIO, env: Mapping[str, str], choice: ColorChoice) -> bool:
    """The option decides, then NO_COLOR, FORCE_COLOR, TERM, and last what the stream is."""
    if choice != "auto":
        return choice == "always"
    if env.get("NO_COLOR"):
        return False
    force = env.get("FORCE_COLOR", "")
    if force:
        return force.lower() not in {"0", "false", "no"}
    return env.get("TERM") != "dumb" and _is_terminal(stream)


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # a closed stream
        return False


def _width(stream: TextIO, env: Mapping[str, str]) -> int:
    """Hook runners hand over a terminal of 0 columns; that counts as not known."""
    columns = env.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns[:6]) > 0:
        return int(columns[:6])
    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
    except (OSError, ValueError, AttributeError):
        return DEFAULT_WIDTH


def _is_unicode(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None) or ""
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")
