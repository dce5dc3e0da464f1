"""How an answer may look where it goes: colour, width, characters, amount."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

ColorChoice = Literal["auto", "always", "never"]

DEFAULT_WIDTH = 80
# The terminal that the process was started from, whatever its streams are.
TERMINAL = "/dev/tty"


class Style(NamedTuple):
    """What a format may use: `width` in columns, `unicode` when non-ASCII can be printed.

    `verbose` also tells what a reader asks for only now and then: every test that ran and why,
    the environment, the time of each stage. `fitted` breaks every line of covgate's own between
    words to fit the width: for a terminal, where nobody searches lines by their beginning.
    """

    color: bool = False
    width: int = DEFAULT_WIDTH
    unicode: bool = True
    verbose: bool = False
    fitted: bool = False


PLAIN = Style()


def style_for(
    stream: TextIO,
    env: Mapping[str, str],
    choice: ColorChoice = "auto",
    *,
    verbose: bool = False,
) -> Style:
    """Return the style for `stream` under the environment `env` and the option --color."""
    columns = _columns(stream, env)
    return Style(
        color=_wants_color(stream, env, choice),
        width=columns or DEFAULT_WIDTH,
        unicode=_is_unicode(stream),
        verbose=verbose,
        fitted=_is_terminal(stream),
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


def _columns(stream: TextIO, env: Mapping[str, str]) -> int:
    """Return the width, 0 when it is not known.

    Hook runners hand over a terminal of 0 columns; the one that they were started from is asked.
    """
    columns = env.get("COLUMNS", "")
    if columns.isascii() and columns.isdigit() and int(columns[:6]) > 0:
        return int(columns[:6])
    try:
        width = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError, AttributeError):
        return 0
    return width or _columns_of_the_terminal()


def _columns_of_the_terminal() -> int:
    try:
        terminal = os.open(TERMINAL, os.O_RDONLY | getattr(os, "O_NOCTTY", 0))
    except OSError:
        return 0
    try:
        return os.get_terminal_size(terminal).columns
    except OSError:
        return 0
    finally:
        os.close(terminal)


def _is_unicode(stream: TextIO) -> bool:
    encoding = getattr(stream, "encoding", None) or ""
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")
