"""Settings from the sections of an ini file: `[covgate]`, `[covgate:diff-coverage]`, ...

Values come out as `Text`, sub-sections as tables in tables, each with the line it stands on.
"""

from __future__ import annotations

from configparser import (
    DuplicateOptionError,
    DuplicateSectionError,
    Error,
    MissingSectionHeaderError,
    ParsingError,
    RawConfigParser,
)
from typing import TYPE_CHECKING, NamedTuple

from covgate.config.text import Sections, Text
from covgate.config.wording import quote
from covgate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.config.keys import KeyPath


class Ini(NamedTuple):
    """The settings in an ini file, with line and written name of each section and key."""

    table: Sections
    lines: dict[KeyPath, int]
    names: dict[KeyPath, str]


class _Parser(RawConfigParser):
    """Keeps keys as written, and notes the line on which each stands."""

    def __init__(self) -> None:
        # No section of defaults: it would put its keys into ours.
        super().__init__(default_section="\0", interpolation=None)
        self.line = 0
        self.lines: dict[tuple[str, str], int] = {}
        self.headers: dict[str, int] = {}

    def optionxform(self, optionstr: str) -> str:
        section = self.sections()[-1]
        self.lines.setdefault((section, optionstr), self.line)
        return optionstr

    def numbered(self, text: str) -> Iterator[str]:
        known = 0
        for self.line, line in enumerate(text.split("\n"), 1):
            yield line
            if len(sections := self.sections()) > known:
                known = len(sections)
                self.headers[sections[-1]] = self.line


def read_ini(file: str, text: str, root: str) -> Ini | None:
    """Return the settings in `[root]` and `[root:...]`, None when there is no such section.

    Raises UsageError when the text is no ini file, with file and line.
    """
    parser = _Parser()
    try:
        parser.read_file(parser.numbered(text), source=file)
    except Error as error:
        line, reason = _reason(error, text)
        raise UsageError(f"{file}:{line}: not a valid ini file: {reason}") from None
    table = Sections()
    lines: dict[KeyPath, int] = {}
    names: dict[KeyPath, str] = {}
    depth = root.count(":") + 1
    for section in parser.sections():
        parts = tuple(part.strip() for part in section.split(":"))
        if ":".join(parts[:depth]) != root:
            continue
        path = parts[depth:]
        line = parser.headers[section]
        target = _table_at(table, path, file, line)
        lines[path], names[path] = line, f"[{section}]"
        for key, value in parser.items(section):
            line = parser.lines[section, key]
            if key in target:
                raise _both(file, line, key)
            target[key] = Text(value.strip())
            lines[*path, key], names[*path, key] = line, f"[{section}] {key}"
    return Ini(table, lines, names) if lines else None


def _table_at(table: Sections, path: tuple[str, ...], file: str, line: int) -> Sections:
    for part in path:
        inner = table.setdefault(part, Sections())
        if not isinstance(inner, Sections):
            raise _both(file, line, part)
        table = inner
    return table


def _both(file: str, line: int, name: str) -> UsageError:
    return UsageError(f'{file}:{line}: "{name}" is both a key and a section')


def _reason(error: Error, text: str) -> tuple[int, str]:
    if isinstance(error, DuplicateOptionError):
        return error.lineno or 1, f'the key "{error.option}" stands twice in [{error.section}]'
    if isinstance(error, DuplicateSectionError):
        return error.lineno or 1, f"the section [{error.section}] stands twice"
    if isinstance(error, MissingSectionHeaderError):
        return error.lineno, "a line before the first section"
    line = error.errors[0][0] if isinstance(error, ParsingError) else 1
    shown = quote(text.split("\n")[line - 1].strip())
    return line, f"neither a section, a key with a value nor a comment: {shown}"
