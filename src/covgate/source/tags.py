"""What programs can be looked up by: one tag for each thing that a file names or can do."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from covgate.source.facts import Trait

if TYPE_CHECKING:
    from collections.abc import Iterator

    from covgate.source.facts import ImportFacts

PACKAGES, GLOBS, PLUGINS, DYNAMIC = "packages", "globs", "plugins", "dynamic"


def module(name: str) -> str:
    """Files that import the absolute name."""
    return f"m {name}"


def word(text: str) -> str:
    """Files that have the word among their strings."""
    return f"w {text}"


def hook(name: str) -> str:
    """Files that define the hook of pytest."""
    return f"h {name}"


def dots(count: int) -> str:
    """Files that import from the package so many dots above them, without a name."""
    return "r " + "." * count


def relative(last: str) -> str:
    """Files with a relative import whose name ends with the part `last`."""
    return f"r {last}"


def trait(one: Trait) -> str:
    """Files that are able to do it."""
    return f"t {int(one)}"


def last_part(name: str) -> str:
    """Return the last part of a relative name, or its dots when it has nothing else."""
    rest = name.lstrip(".")
    return rest.replace(".", "/").rpartition("/")[2] if rest else name


def tags_of(facts: ImportFacts) -> Iterator[str]:
    """Yield all tags of a file, some of them more than once."""
    yield from map(module, facts.modules)
    yield from map(word, facts.words)
    yield from map(hook, facts.hooks)
    for name in facts.relative:
        yield relative(last_part(name))
    for one in Trait:
        if one in facts.traits:
            yield trait(one)
    lists = {PACKAGES: facts.packages, GLOBS: facts.globs, PLUGINS: facts.plugins}
    yield from (name for name, values in lists.items() if values)
    if facts.dynamic:
        yield DYNAMIC


def number_of(tag: str) -> int:
    """Return a tag as a number of 64 bits; two that meet only make a selection wider."""
    data = blake2b(tag.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(data, "little", signed=True)
