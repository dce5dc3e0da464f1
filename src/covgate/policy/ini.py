"""INI files with the line of every value, as configparser and iniconfig agree on them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from covgate.policy.option import Option, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

Sections = dict[str, dict[str, Option]]

_HEADER = re.compile(r"\[(?P<name>[^\]]+)\]")
_PAIR = re.compile(r"(?P<key>[^=:\s][^=:]*?)\s*[=:]\s*(?P<value>.*)")


class IniError(ValueError):
    """A line that is neither header, option, continuation nor comment."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is neither a section, an option nor a comment")
        self.line = line


def parse_ini(path: str, text: str) -> Sections:
    """Return the options by section and lower-cased key; raises IniError."""
    raw: dict[str, dict[str, list[Word]]] = {}
    lines: dict[tuple[str, str], int] = {}
    section: str | None = None
    values: list[Word] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if line[0].isspace() and values is not None:
            values.append(Word(stripped, number))
        elif header := _HEADER.match(stripped):
            section, values = header["name"].strip(), None
            raw.setdefault(section, {})
        elif section is not None and (pair := _PAIR.match(stripped)):
            key = pair["key"].strip().lower()
            values = [Word(pair["value"], number)] if pair["value"] else []
            raw[section][key] = values
            lines[section, key] = number
        else:
            raise IniError(number)
    return {
        name: {key: Option(path, lines[name, key], tuple(words)) for key, words in options.items()}
        for name, options in raw.items()
    }


def flatten(sections: Mapping[str, Mapping[str, Option]], prefix: str) -> dict[str, Option]:
    """Return `section:key` of the sections whose names start with `prefix`."""
    return {
        f"{name.removeprefix(prefix)}:{key}": option
        for name, options in sections.items()
        if name.startswith(prefix)
        for key, option in options.items()
    }
