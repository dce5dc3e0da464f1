"""The values of long options on a command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from covgate.policy.option import Word

if TYPE_CHECKING:
    from collections.abc import Sequence


def values_of(words: Sequence[Word], option: str) -> list[Word]:
    """Return the values of a long option, given with `=` or as the next word."""
    found = []
    for at, word in enumerate(words):
        if word.text.startswith(f"{option}="):
            found.append(Word(word.text.partition("=")[2], word.line))
        elif word.text == option and at + 1 < len(words):
            found.append(words[at + 1])
    return found


def value_of(words: Sequence[Word], option: str) -> Word | None:
    """Return the last value of a long option: it is the one that counts."""
    found = values_of(words, option)
    return found[-1] if found else None


def list_of(words: Sequence[Word], option: str) -> list[Word]:
    """Return the values of an option that takes all words up to the next option."""
    found = values_of(words, option)
    for at, word in enumerate(words):
        if word.text == option:
            following = [w.text.startswith("-") for w in words[at + 1 :]]
            end = following.index(True) if True in following else len(following)
            found += words[at + 2 : at + 1 + end]
    return found
