"""Texts of unknown origin made fit to be shown.

File names, source lines and test output may hold anything: bytes that are no text (as lone
surrogates), line ends, terminal commands, characters that reorder a line or that XML forbids.
"""

from __future__ import annotations

TAB = "    "
# Invisible, but needed to write Persian and to draw an emoji.
_JOINERS = "\u200c\u200d"


def well_formed(text: str) -> str:
    r"""Return `text` without lone surrogates: bytes that were no text become `\xNN`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_escape(char) if _is_surrogate(char) else char for char in text)
    return text


def one_line(text: str, *, unicode: bool = True) -> str:
    r"""Return `text` as one line that moves no cursor: control characters become `\n`, `\x1b`.

    Without `unicode` the result is ASCII.
    """
    if not text.isprintable():
        text = "".join(char if _is_harmless(char) else _escape(char) for char in text)
    return text if unicode else _ascii(text)


def source_line(text: str, *, unicode: bool = True) -> str:
    """Return a line of source as `one_line` does, with tabs as four blanks."""
    return one_line(text.rstrip("\r\n").replace("\t", TAB), unicode=unicode)


def lines(text: str, *, unicode: bool = True) -> list[str]:
    """Return the lines of a text that may have several, each as `one_line` does."""
    parts = text.replace("\r\n", "\n").strip("\n").split("\n")
    return [source_line(part.rstrip(), unicode=unicode) for part in parts]


def terminal_output(text: str, *, color: bool, unicode: bool = True) -> str:
    """Return what another program printed, in full; its colours only with `color`.

    Other terminal commands (moving, erasing, titles) never pass.
    """
    text = well_formed(text.replace("\r\n", "\n"))
    if not color and "\x1b" in text:
        text = _without_colors(text)
    kept = "\n\t\x1b" if color else "\n\t"
    if color:
        text = _without_commands(text)
    text = "".join(char if char in kept or _is_harmless(char) else _escape(char) for char in text)
    return text if unicode else _ascii(text)


def xml_text(text: str) -> str:
    """Return `text` with the characters that XML 1.0 cannot hold escaped."""
    if text.isprintable():
        return text
    return "".join(char if _is_xml(char) else _escape(char) for char in text)


def _without_colors(text: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;:]*m", "", text)


def _without_commands(text: str) -> str:
    """Escape every ESC that does not begin a colour."""
    import re

    return re.sub(r"\x1b(?!\[[0-9;:]*m)", r"\\x1b", text)


def _is_harmless(char: str) -> bool:
    # Blanks of any kind count as not printable in Python; line ends of any kind are control
    # characters or U+2028 and U+2029.
    if char.isprintable() or char in _JOINERS:
        return True
    return char.isspace() and char > "\x85" and char not in "\u2028\u2029"


def _is_surrogate(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"


def _is_xml(char: str) -> bool:
    if char < " ":
        return char in "\t\n"
    return not _is_surrogate(char) and char not in "\ufffe\uffff"


def _escape(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte, by the error handler surrogateescape
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def _ascii(text: str) -> str:
    return text if text.isascii() else text.encode("ascii", "backslashreplace").decode("ascii")
