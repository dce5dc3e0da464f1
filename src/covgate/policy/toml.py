"""TOML tables as options that know their lines."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from covgate.policy.option import Option, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACE = re.compile(r"at line (\d+)")

KeyPath = tuple[str | int, ...]


class TomlError(ValueError):
    """A document that tomllib refuses, with the line."""

    def __init__(self, error: tomllib.TOMLDecodeError, text: str) -> None:
        super().__init__(str(error))
        found = _PLACE.search(str(error))
        self.line = int(found[1]) if found else len(text.splitlines())


class Document:
    """A parsed TOML document; the places of its keys are looked up only when asked for."""

    def __init__(self, path: str, text: str) -> None:
        """Raises TomlError."""
        try:
            self.data: Mapping[str, Any] = _loaded(text)
        except tomllib.TOMLDecodeError as error:
            raise TomlError(error, text) from error
        self.path = path
        self.placed = True  # without, every line is 1: finding them costs more than parsing
        self._text = text

    def table(self, *keys: str) -> Mapping[str, Any] | None:
        """Return the table at `keys`, None when there is none."""
        found: Any = self.data
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else None

    def line(self, *keys: str | int) -> int:
        """Return the line of a key, or of the nearest thing around it."""
        if not self.placed:
            return 1
        lines = _placed(self._text)
        while keys and keys not in lines:
            keys = keys[:-1]
        return lines.get(keys, 1)

    def option(self, *keys: str) -> Option | None:
        """Return the value at `keys` as an option, None when there is none or it is a table."""
        *above, name = keys
        value = (self.table(*above) or {}).get(name)
        if value is None or isinstance(value, dict):
            return None
        line = self.line(*keys)
        if isinstance(value, list):
            words = [Word(_text(item), self.line(*keys, i)) for i, item in enumerate(value)]
            return Option(self.path, line, tuple(words), is_list=True)
        return Option(self.path, line, self._scalar(_text(value), line))

    def options(self, *keys: str) -> dict[str, Option]:
        """Return the options of the table at `keys` (sub-tables left out)."""
        found = {name: self.option(*keys, name) for name in self.table(*keys) or {}}
        return {name: option for name, option in found.items() if option is not None}

    def _scalar(self, value: str, line: int) -> tuple[Word, ...]:
        """Place every line of a string: a long one usually begins below its key."""
        if "\n" not in value:
            return (Word(value, line),)
        source = self._text.splitlines()
        words, at = [], line
        for part in value.split("\n"):
            found = next((n for n in range(at, len(source) + 1) if part in source[n - 1]), at)
            words.append(Word(part, found))
            at = found
        return tuple(words)


@lru_cache(maxsize=16)  # base and target often have the same; nobody writes into it
def _loaded(text: str) -> Mapping[str, Any]:
    return tomllib.loads(text)


@lru_cache(maxsize=16)
def _placed(text: str) -> Mapping[KeyPath, int]:
    from covgate.config.positions import find_positions

    return {key: at.line for key, at in find_positions(text).items()}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
