"""A configured value that still knows the file and the lines it was written on."""

from __future__ import annotations

from typing import NamedTuple

_TRUE = {"1", "yes", "true", "on"}


class Word(NamedTuple):
    """A piece of text and the line it stands on, counted from 1."""

    text: str
    line: int


class Option(NamedTuple):
    """The value of one option: its lines (INI), its items (a list) or its only word."""

    path: str
    line: int
    words: tuple[Word, ...]
    is_list: bool = False

    @property
    def text(self) -> str:
        return "\n".join(word.text for word in self.words).strip()

    @property
    def is_true(self) -> bool:
        return self.text.lower() in _TRUE

    @property
    def number(self) -> float | None:
        """The value as a number, None when it is not one."""
        try:
            return float(self.text.rstrip("%"))
        except ValueError:
            return None

    def items(self, separators: str = "") -> tuple[Word, ...]:
        """Return the parts: list items, or lines, split further at any of `separators`."""
        if self.is_list:
            return tuple(word for word in self.words if word.text.strip() or not separators)
        found: list[Word] = []
        for word in self.words:
            text = word.text
            for separator in separators:
                text = text.replace(separator, "\n")
            found += [Word(part.strip(), word.line) for part in text.split("\n") if part.strip()]
        return tuple(found)
